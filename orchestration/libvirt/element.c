/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/libvirt/element.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct element_writer {
	xmlBufferPtr buffer;
	xmlTextWriterPtr writer;
	bool failed;
};

static void note(struct element_writer *writer, int result)
{
	if (result < 0)
		writer->failed = true;
}

struct element_writer *element_writer_new(void)
{
	struct element_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	writer->buffer = xmlBufferCreate();
	writer->writer = writer->buffer ? xmlNewTextWriterMemory(writer->buffer, 0) : NULL;
	if (!writer->writer) {
		if (writer->buffer)
			xmlBufferFree(writer->buffer);
		free(writer);
		return NULL;
	}
	note(writer, xmlTextWriterSetIndent(writer->writer, 1));
	note(writer, xmlTextWriterSetIndentString(writer->writer, (const xmlChar *)"  "));
	return writer;
}

char *element_writer_finish(struct element_writer *writer)
{
	char *text = NULL;

	note(writer, xmlTextWriterFlush(writer->writer));
	if (!writer->failed)
		text = strdup((const char *)xmlBufferContent(writer->buffer));
	xmlFreeTextWriter(writer->writer);
	xmlBufferFree(writer->buffer);
	free(writer);
	return text;
}

void element_open(struct element_writer *writer, const char *name)
{
	note(writer, xmlTextWriterStartElement(writer->writer, (const xmlChar *)name));
}

void element_close(struct element_writer *writer)
{
	note(writer, xmlTextWriterEndElement(writer->writer));
}

void element_attribute(struct element_writer *writer, const char *name, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	note(writer, xmlTextWriterWriteVFormatAttribute(writer->writer, (const xmlChar *)name, format, arguments));
	va_end(arguments);
}

void element_text(struct element_writer *writer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	note(writer, xmlTextWriterWriteVFormatString(writer->writer, format, arguments));
	va_end(arguments);
}

void element_metadata(struct element_writer *writer, const struct metadata *metadata)
{
	note(writer, metadata_write(writer->writer, metadata));
}

void element_empty(struct element_writer *writer, const char *name)
{
	element_open(writer, name);
	element_close(writer);
}

void element_with_text(struct element_writer *writer, const char *name, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	note(writer, xmlTextWriterWriteVFormatElement(writer->writer, (const xmlChar *)name, format, arguments));
	va_end(arguments);
}

void element_leaf(struct element_writer *writer, const char *name, const char *attribute, const char *format, ...)
{
	va_list arguments;

	element_open(writer, name);
	va_start(arguments, format);
	note(writer, xmlTextWriterWriteVFormatAttribute(writer->writer, (const xmlChar *)attribute, format, arguments));
	va_end(arguments);
	element_close(writer);
}
