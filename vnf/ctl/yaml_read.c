/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/yaml_read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/json/field.h"
#include "vnf/ctl/kind.h"
#include "vnf/ctl/suggest.h"
#include "vnf/core/yaml_events.h"

#define MAX_FIELDS 256 /* of a message */

struct step {
	const char *name;
	uint32_t element;
};

struct reader {
	struct yaml_events events;
	struct change_list *list;
	Sluice__V1__Operation op;
	struct step path[YAML_DEPTH + 1]; /* the kind, then fields */
	unsigned int depth;		  /* steps of it */
};

static int no_memory(struct reader *reader)
{
	error_no_memory(reader->events.error, NULL);
	return -1;
}

/* Writes the path of the current field, such as "route.members[2].weight". */
static const char *path_text(const struct reader *reader, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < reader->depth && length < size; i++) {
		const struct step *step = &reader->path[i];

		length += (size_t)snprintf(text + length, size - length, "%s%s", i ? "." : "", step->name);
		if (step->element != MARK_NO_ELEMENT && length < size)
			length += (size_t)snprintf(text + length, size - length, "[%u]", step->element);
	}
	return text;
}

/* Reports a mistake in the node that starts here and steps over the node. */
static int refuse(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int refuse(struct reader *reader, const char *format, ...)
{
	char message[sizeof(((struct fault *)NULL)->message)], path[160];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (yaml_events_fault(&reader->events, path_text(reader, path, sizeof(path)), "%s", message))
		return -1;
	return yaml_events_skip(&reader->events);
}

static int refuse_value(struct reader *reader, const ProtobufCFieldDescriptor *field, int reason)
{
	const char *text = yaml_events_text(&reader->events);
	char names[200];

	switch (field->type) {
	case PROTOBUF_C_TYPE_BOOL:
		return refuse(reader, "\"%.40s\" is not true or false", text);
	case PROTOBUF_C_TYPE_ENUM:
		return refuse(reader, "\"%.40s\" is none of %s", text,
			      suggest_enum(field->descriptor, names, sizeof(names)));
	case PROTOBUF_C_TYPE_BYTES:
		return refuse(reader, "\"%.40s\" is not bytes, two hexadecimal digits each", text);
	default:
		return refuse(reader, "\"%.40s\" is %s", text,
			      reason == -ERANGE ? "out of range" : "not a number in decimal");
	}
}

static int read_message(struct reader *reader, ProtobufCMessage *message);

/* One value of a field; the events are at its first, and afterwards at its last. */
static int read_value(struct reader *reader, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	struct step *step = &reader->path[reader->depth - 1];
	const char *text = yaml_events_text(&reader->events);
	struct mark mark = {
		.line = yaml_events_line(&reader->events),
		.element = step->element,
		.field = (uint16_t)field->id,
		.depth = (uint16_t)(reader->depth - 2),
	};
	ProtobufCMessage *child;
	int rc;

	if (change_list_mark(reader->list, &mark))
		return no_memory(reader);
	if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		void *place;

		if (reader->events.event.type != YAML_MAPPING_START_EVENT)
			return refuse(reader, "not a mapping of fields%s",
				      yaml_events_null(&reader->events) ? ": write {} for one without any" : "");
		child = field_message_new(field->descriptor);
		place = child ? field_add(message, field) : NULL;
		if (!place) {
			free(child);
			return no_memory(reader);
		}
		*(ProtobufCMessage **)place = child;
		return read_message(reader, child);
	}
	if (!text)
		return refuse(reader, "a single value is expected here");
	if (field->label == PROTOBUF_C_LABEL_REPEATED && yaml_events_null(&reader->events))
		return refuse(reader, "an element without a value");
	if (strlen(text) != reader->events.event.data.scalar.length)
		return refuse(reader, "a NUL character cannot be part of a value");
	rc = field_add_text(message, field, text);
	if (rc == -ENOMEM)
		return no_memory(reader);
	return rc ? refuse_value(reader, field, rc) : 0;
}

/* A list of values, or a single one in its place. */
static int read_repeated(struct reader *reader, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	struct step *step = &reader->path[reader->depth - 1];

	step->element = 0;
	if (reader->events.event.type != YAML_SEQUENCE_START_EVENT)
		return read_value(reader, message, field);
	for (;; step->element++) {
		if (yaml_events_next(&reader->events))
			return -1;
		if (reader->events.event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (read_value(reader, message, field))
			return -1;
	}
}

/* The field that the current key names. *field NULL: refused, with its value. */
static int read_key(struct reader *reader, const ProtobufCMessage *message, uint8_t seen[MAX_FIELDS / 8],
		    const ProtobufCFieldDescriptor **field)
{
	const char *name = yaml_events_text(&reader->events);
	const ProtobufCFieldDescriptor *other;
	char fields[220];
	unsigned int index;
	int rc;

	*field = name ? field_find(message->descriptor, name) : NULL;
	index = *field ? (unsigned int)(*field - message->descriptor->fields) : 0;
	other = *field && field_in_oneof(*field) ? field_oneof_set(message, *field) : NULL;
	if (*field && index < MAX_FIELDS && !(seen[index / 8] & 1 << index % 8) && (!other || other == *field)) {
		seen[index / 8] |= (uint8_t)(1 << index % 8);
		return yaml_events_next(&reader->events);
	}
	if (!name)
		rc = refuse(reader, "the name of a field is expected here");
	else if (!*field)
		rc = refuse(reader, "unknown field \"%.40s\"; %s", name,
			    suggest_field(message->descriptor, name, fields, sizeof(fields)));
	else if (other && other != *field)
		rc = refuse(reader, "%s and %s exclude each other", other->name, name);
	else
		rc = refuse(reader, "%s is here twice", name);
	*field = NULL;
	if (rc || yaml_events_next(&reader->events))
		return -1;
	return yaml_events_skip(&reader->events);
}

static int read_message(struct reader *reader, ProtobufCMessage *message)
{
	uint8_t seen[MAX_FIELDS / 8] = {0};
	const ProtobufCFieldDescriptor *field;
	int rc = 0;

	if (reader->depth > YAML_DEPTH)
		return refuse(reader, "nested too deeply");
	while (rc == 0) {
		if (yaml_events_next(&reader->events))
			return -1;
		if (reader->events.event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (read_key(reader, message, seen, &field))
			return -1;
		if (!field)
			continue;
		reader->path[reader->depth++] = (struct step){field->name, MARK_NO_ELEMENT};
		/* A field without a value counts as absent. */
		if (yaml_events_null(&reader->events) && field->type != PROTOBUF_C_TYPE_MESSAGE)
			rc = 0;
		else if (field->label == PROTOBUF_C_LABEL_REPEATED)
			rc = read_repeated(reader, message, field);
		else
			rc = read_value(reader, message, field);
		reader->depth--;
	}
	return rc;
}

static int read_resource(struct reader *reader, const ProtobufCFieldDescriptor *kind)
{
	uint32_t line = yaml_events_line(&reader->events);
	ProtobufCMessage *resource, *body;

	if (reader->events.event.type != YAML_MAPPING_START_EVENT)
		return refuse(reader, "not a mapping of fields");
	resource = field_message_new(&sluice__v1__resource__descriptor);
	body = field_message_new(kind->descriptor);
	if (!resource || !body) {
		free(resource);
		free(body);
		return no_memory(reader);
	}
	*(ProtobufCMessage **)field_add(resource, kind) = body;
	if (read_message(reader, body)) {
		protobuf_c_message_free_unpacked(resource, NULL);
		return -1;
	}
	if (change_list_add(reader->list, reader->op, (Sluice__V1__Resource *)resource, line))
		return no_memory(reader);
	return 0;
}

/* All resources of a kind: a list of mappings, or one mapping. */
static int read_kind(struct reader *reader, const ProtobufCFieldDescriptor *kind)
{
	int rc = 0;

	if (yaml_events_null(&reader->events))
		return 0;
	reader->path[0] = (struct step){kind->name, MARK_NO_ELEMENT};
	reader->depth = 1;
	if (reader->events.event.type != YAML_SEQUENCE_START_EVENT) {
		rc = read_resource(reader, kind);
	} else {
		while ((rc = yaml_events_next(&reader->events)) == 0 &&
		       reader->events.event.type != YAML_SEQUENCE_END_EVENT) {
			rc = read_resource(reader, kind);
			if (rc)
				break;
		}
	}
	reader->depth = 0;
	return rc;
}

/* Reads a mapping from kinds to resources: the document, and inside it the one below "delete". */
static int read_section(struct reader *reader, Sluice__V1__Operation op)
{
	bool outermost = op != SLUICE__V1__OPERATION__OPERATION_DELETE, deleted = false;
	uint64_t seen = 0;
	char kinds[220];

	if (yaml_events_null(&reader->events))
		return 0;
	if (reader->events.event.type != YAML_MAPPING_START_EVENT)
		return refuse(reader, "a mapping from kinds to lists of resources is expected here");
	for (;;) {
		const ProtobufCFieldDescriptor *kind;
		const char *name;
		bool twice = false;

		if (yaml_events_next(&reader->events))
			return -1;
		if (reader->events.event.type == YAML_MAPPING_END_EVENT)
			return 0;
		name = yaml_events_text(&reader->events);
		kind = name ? kind_find(name) : NULL;
		if (kind) {
			twice = seen >> (kind->id % 64) & 1;
			seen |= (uint64_t)1 << (kind->id % 64);
		}
		if (outermost && name && strcmp(name, "delete") == 0) {
			twice = deleted;
			deleted = true;
		} else if (!kind) {
			if (refuse(reader, "unknown kind \"%.40s\"; %s", name ? name : "",
				   suggest_field(&sluice__v1__resource__descriptor, name ? name : "", kinds,
						 sizeof(kinds))) ||
			    yaml_events_next(&reader->events) || yaml_events_skip(&reader->events))
				return -1;
			continue;
		}
		if (twice) {
			if (refuse(reader, "%s is here twice", name) || yaml_events_next(&reader->events) ||
			    yaml_events_skip(&reader->events))
				return -1;
			continue;
		}
		if (yaml_events_next(&reader->events))
			return -1;
		reader->op = kind ? op : SLUICE__V1__OPERATION__OPERATION_DELETE;
		if (kind ? read_kind(reader, kind) : read_section(reader, reader->op))
			return -1;
	}
}

int yaml_read(struct change_list *list, FILE *stream, const char *name, struct error *error)
{
	struct reader reader = {.list = list};
	size_t faults = error->count;
	int rc;

	if (change_list_file(list, name)) {
		error_no_memory(error, NULL);
		return -1;
	}
	rc = yaml_events_begin(&reader.events, stream, name, YAML_BYTES, error);
	while (rc == 0 && reader.events.event.type != YAML_STREAM_END_EVENT) {
		rc = yaml_events_next(&reader.events);
		if (rc == 0 && reader.events.event.type == YAML_DOCUMENT_START_EVENT) {
			rc = yaml_events_next(&reader.events);
			if (rc == 0)
				rc = read_section(&reader, SLUICE__V1__OPERATION__OPERATION_UPSERT);
			if (rc == 0 && list->on_document)
				rc = error->count > faults ? -1 : list->on_document(list, list->context);
		}
	}
	yaml_events_end(&reader.events);
	return error->count > faults ? -1 : rc;
}
