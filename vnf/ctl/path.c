/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vnf/json/field.h"

static const ProtobufCFieldDescriptor *set_member(const ProtobufCMessage *message)
{
	for (unsigned int i = 0; i < message->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];

		if (field_in_oneof(field))
			return field_oneof_set(message, field);
	}
	return NULL;
}

/* "2026-11-30 01:16:53", in the terminal's time zone; nothing for 0. */
static void write_time(FILE *cell, int64_t unix_ms)
{
	const time_t seconds = (time_t)(unix_ms / 1000);
	struct tm parts;
	char text[32];

	if (unix_ms && localtime_r(&seconds, &parts) && strftime(text, sizeof(text), "%F %T", &parts))
		fputs(text, cell);
}

static bool is_time(const ProtobufCFieldDescriptor *field)
{
	static const char suffix[] = "_unix_ms";
	size_t length = strlen(field->name);

	return field->type == PROTOBUF_C_TYPE_INT64 && length >= sizeof(suffix) &&
	       strcmp(field->name + length + 1 - sizeof(suffix), suffix) == 0;
}

/* Writes out only the last level of a message: our messages nest no deeper in cells. */
static void write_value(FILE *cell, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
			size_t index)
{
	char text[ENUM_TEXT];
	const ProtobufCMessage *child;
	bool first = true;

	if (field->type == PROTOBUF_C_TYPE_ENUM && *(const int *)field_value(message, field, index) == 0)
		return;
	if (is_time(field)) {
		write_time(cell, *(const int64_t *)field_value(message, field, index));
		return;
	}
	if (field->type == PROTOBUF_C_TYPE_BOOL) {
		fputs(*(const protobuf_c_boolean *)field_value(message, field, index) ? "yes" : "no", cell);
		return;
	}
	if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
		fputs(field_text(field, field_value(message, field, index), text), cell);
		return;
	}
	child = field_message(message, field, index);
	for (unsigned int i = 0; i < child->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *part = &child->descriptor->fields[i];

		if (part->label == PROTOBUF_C_LABEL_REPEATED || part->type == PROTOBUF_C_TYPE_MESSAGE ||
		    !field_is_set(child, part))
			continue;
		fprintf(cell, "%s%s", first ? "" : ":", field_text(part, field_value(child, part, 0), text));
		first = false;
	}
}

static void write_path(FILE *cell, const ProtobufCMessage *message, const char *path, size_t length,
		       const char *separator)
{
	const char *end = path + length;

	while (message) {
		const char *dot = memchr(path, '.', (size_t)(end - path));
		const char *stop = dot ? dot : end;
		const ProtobufCFieldDescriptor *field;
		char name[64];
		size_t count;

		snprintf(name, sizeof(name), "%.*s", (int)(stop - path), path);
		field = strcmp(name, "*") == 0 ? set_member(message) : field_find(message->descriptor, name);
		if (!field)
			return;
		count = field_count(message, field);
		if (!dot && *name == '*') {
			fputs(field->name, cell);
			return;
		}
		if (!dot) {
			for (size_t i = 0; i < count; i++) {
				fputs(i ? separator : "", cell);
				write_value(cell, message, field, i);
			}
			return;
		}
		if (field->type != PROTOBUF_C_TYPE_MESSAGE || count == 0)
			return;
		message = field_message(message, field, 0);
		path = dot + 1;
	}
}

char *path_cell(const ProtobufCMessage *message, const char *path, const char *separator)
{
	char *text = NULL;
	size_t size = 0;
	FILE *cell = open_memstream(&text, &size);

	if (!cell)
		return NULL;
	for (;;) {
		size_t length = strcspn(path, "|");

		write_path(cell, message, path, length, separator);
		if (fflush(cell) || size || !path[length])
			break;
		path += length + 1;
	}
	if (fclose(cell)) {
		free(text);
		return NULL;
	}
	return text;
}
