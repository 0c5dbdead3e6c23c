/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/yaml_write.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <yaml.h>

#include "vnf/core/text.h"
#include "vnf/json/field.h"
#include "vnf/ctl/kind.h"

struct yaml_writer {
	yaml_emitter_t emitter;
	FILE *stream;
	unsigned int kind; /* whose list is open; 0: none */
	bool shown;	   /* to people: what may not be shown is replaced, as in tables. Files have it as it is */
	bool failed;
};

static void emit(struct yaml_writer *writer, yaml_event_t *event, int made)
{
	if (!made || !yaml_emitter_emit(&writer->emitter, event))
		writer->failed = true;
}

static void emit_mapping(struct yaml_writer *writer, bool flow)
{
	yaml_event_t event;

	emit(writer, &event,
	     yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
						 flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE));
}

static void emit_mapping_end(struct yaml_writer *writer)
{
	yaml_event_t event;

	emit(writer, &event, yaml_mapping_end_event_initialize(&event));
}

static void emit_sequence(struct yaml_writer *writer, bool flow)
{
	yaml_event_t event;

	emit(writer, &event,
	     yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
						  flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE));
}

static void emit_sequence_end(struct yaml_writer *writer)
{
	yaml_event_t event;

	emit(writer, &event, yaml_sequence_end_event_initialize(&event));
}

/* Would a reader that does not know the field take this plain text for something else than a string? */
static bool looks_other(const char *text)
{
	static const char *const words[] = {"", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return true;
	}
	text += *text == '-' || *text == '+';
	return text[strspn(text, "0123456789abcdefxABCDEFX._")] == '\0' &&
	       (isdigit((unsigned char)*text) || *text == '.') &&
	       !(strchr(text, '.') && strchr(strchr(text, '.') + 1, '.'));
}

static void emit_text(struct yaml_writer *writer, const char *text, bool quoted)
{
	char *clean = writer->shown && !text_is_clean(text) ? strdup(text) : NULL;
	yaml_event_t event;

	if (clean) {
		text_clean(clean);
		text = clean;
	}
	emit(writer, &event,
	     yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1, 1,
					  quoted ? YAML_SINGLE_QUOTED_SCALAR_STYLE : YAML_ANY_SCALAR_STYLE));
	free(clean);
}

static void emit_message(struct yaml_writer *writer, const ProtobufCMessage *message, bool flow);

static void emit_value(struct yaml_writer *writer, const ProtobufCMessage *message,
		       const ProtobufCFieldDescriptor *field, size_t index)
{
	const char *value;
	char text[ENUM_TEXT];

	if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		emit_message(writer, field_message(message, field, index), true);
		return;
	}
	value = field_text(field, field_value(message, field, index), text);
	emit_text(writer, value,
		  (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES) &&
			  looks_other(value));
}

/* Holds only single values: short enough for one line. */
static bool is_flat(const ProtobufCMessage *message)
{
	for (unsigned int i = 0; i < message->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];

		if ((field->type == PROTOBUF_C_TYPE_MESSAGE || field->label == PROTOBUF_C_LABEL_REPEATED) &&
		    field_is_set(message, field))
			return false;
	}
	return true;
}

/* Zeros are not written: they say the same as nothing. */
static void emit_message(struct yaml_writer *writer, const ProtobufCMessage *message, bool flow)
{
	emit_mapping(writer, flow && is_flat(message));
	for (unsigned int i = 0; i < message->descriptor->n_fields && !writer->failed; i++) {
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
		size_t count = field_count(message, field);

		if (!field_is_set(message, field))
			continue;
		emit_text(writer, field->name, false);
		if (field->label != PROTOBUF_C_LABEL_REPEATED) {
			emit_value(writer, message, field, 0);
			continue;
		}
		emit_sequence(writer, field->type != PROTOBUF_C_TYPE_MESSAGE);
		for (size_t j = 0; j < count && !writer->failed; j++)
			emit_value(writer, message, field, j);
		emit_sequence_end(writer);
	}
	emit_mapping_end(writer);
}

static int write_bytes(void *context, unsigned char *buffer, size_t size)
{
	return fwrite(buffer, 1, size, context) == size;
}

/* Writes everything up to the start of the document. */
static struct yaml_writer *writer_new(FILE *stream)
{
	struct yaml_writer *writer = calloc(1, sizeof(*writer));
	yaml_event_t event;

	if (!writer || !yaml_emitter_initialize(&writer->emitter)) {
		free(writer);
		return NULL;
	}
	writer->stream = stream;
	writer->shown = fileno(stream) < 0 || isatty(fileno(stream)); /* in memory: a difference, for people */
	yaml_emitter_set_output(&writer->emitter, write_bytes, stream);
	yaml_emitter_set_unicode(&writer->emitter, 1);
	yaml_emitter_set_width(&writer->emitter, -1);
	emit(writer, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	emit(writer, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
	return writer;
}

static int writer_end(struct yaml_writer *writer)
{
	yaml_event_t event;
	bool failed;

	emit(writer, &event, yaml_document_end_event_initialize(&event, 1));
	emit(writer, &event, yaml_stream_end_event_initialize(&event));
	failed = writer->failed || !yaml_emitter_flush(&writer->emitter);
	yaml_emitter_delete(&writer->emitter);
	free(writer);
	return failed ? -1 : 0;
}

struct yaml_writer *yaml_writer_new(FILE *stream)
{
	struct yaml_writer *writer = writer_new(stream);

	if (writer)
		emit_mapping(writer, false);
	return writer;
}

int yaml_writer_add(struct yaml_writer *writer, const Sluice__V1__Resource *resource)
{
	const ProtobufCMessage *body = resource_body(resource);

	if (!body)
		return 0;
	if (writer->kind != resource->kind_case) {
		if (writer->kind)
			emit_sequence_end(writer);
		writer->kind = resource->kind_case;
		emit_text(writer, kind_by_number(writer->kind)->name, false);
		emit_sequence(writer, false);
	}
	emit_message(writer, body, true);
	return writer->failed ? -1 : 0;
}

int yaml_writer_finish(struct yaml_writer *writer)
{
	if (writer->kind)
		emit_sequence_end(writer);
	emit_mapping_end(writer);
	return writer_end(writer);
}

void yaml_writer_abandon(struct yaml_writer *writer)
{
	if (!writer)
		return;
	yaml_emitter_flush(&writer->emitter);
	fputs("\n} incomplete\n", writer->stream);
	yaml_emitter_delete(&writer->emitter);
	free(writer);
}

char *yaml_message_text(const ProtobufCMessage *message)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	struct yaml_writer *writer = stream ? writer_new(stream) : NULL;
	int rc = -1;

	if (writer) {
		emit_message(writer, message, false);
		rc = writer_end(writer);
	}
	if (stream && fclose(stream))
		rc = -1;
	if (rc) {
		free(text);
		text = NULL;
	}
	return text;
}
