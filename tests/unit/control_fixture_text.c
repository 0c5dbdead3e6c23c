/* SPDX-License-Identifier: Apache-2.0 */
/* control_fixture.h's messages from text. */
#include "control_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"

static void *make(const ProtobufCMessageDescriptor *descriptor)
{
	void *message = message_new(descriptor);

	assert_non_null(message);
	return message;
}

static void set_field(ProtobufCMessage *message, const char *path, const char *value);

static void set_value(const ProtobufCFieldDescriptor *field, void *at, const char *rest, const char *value)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		if (!*value)
			break;
		*(char **)at = strdup(value);
		for (char *c = *(char **)at; *c; c++)
			*c = *c == '~' ? ' ' : *c;
		break;
	case PROTOBUF_C_TYPE_BYTES:
		*(ProtobufCBinaryData *)at = (ProtobufCBinaryData){strlen(value), (uint8_t *)strdup(value)};
		break;
	case PROTOBUF_C_TYPE_BOOL:
		*(protobuf_c_boolean *)at = atoi(value);
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		if (!*(void **)at)
			*(void **)at = make(field->descriptor);
		if (*rest)
			set_field(*(void **)at, rest, value);
		break;
	default:
		*(uint32_t *)at = (uint32_t)strtoul(value, NULL, 10);
	}
}

static void set_field(ProtobufCMessage *message, const char *path, const char *value)
{
	size_t length = strcspn(path, ".["), index = 0;
	const ProtobufCFieldDescriptor *field;
	const char *rest = path + length;
	char name[64];
	void *at;

	snprintf(name, sizeof(name), "%.*s", (int)length, path);
	if (*rest == '[') {
		index = strtoul(rest + 1, NULL, 10);
		rest = strchr(rest, ']') + 1;
	}
	rest += *rest == '.';
	field = protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
	assert_non_null(field);
	at = (char *)message + field->offset;
	if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		*(uint32_t *)((char *)message + field->quantifier_offset) = field->id;
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		size_t *count = (size_t *)((char *)message + field->quantifier_offset);
		size_t size = field->type == PROTOBUF_C_TYPE_ENUM ? sizeof(int) : sizeof(void *);

		if (index >= *count) {
			assert_int_equal(index, *count);
			*(char **)at = realloc(*(char **)at, (index + 1) * size);
			memset(*(char **)at + index * size, 0, size);
			++*count;
		}
		at = *(char **)at + index * size;
	}
	if (field->type == PROTOBUF_C_TYPE_STRING && !*value &&
	    (field->label == PROTOBUF_C_LABEL_REPEATED || field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
		*(char **)at = strdup("");
	set_value(field, at, rest, value);
}

void *message_of(const ProtobufCMessageDescriptor *descriptor, const char *line)
{
	ProtobufCMessage *message = make(descriptor);
	char *copy = strdup(line), *save, *word = strtok_r(copy, " ", &save);

	for (; word; word = strtok_r(NULL, " ", &save)) {
		char *value = strchr(word, '=');

		assert_non_null(value);
		*value++ = '\0';
		set_field(message, word, value);
	}
	free(copy);
	return message;
}

static Sluice__V1__Change *change_of(const char *line)
{
	static const char *const ops[] = {"none", "upsert", "create", "replace", "delete"};
	Sluice__V1__Change *change = make(&sluice__v1__change__descriptor);
	char *copy = strdup(line), *save, *word = strtok_r(copy, " ", &save), path[256];
	const char *kind;

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(word, ops[i]) == 0)
			change->op = (Sluice__V1__Operation)i;
	kind = strtok_r(NULL, " ", &save);
	if (!kind)
		goto out;
	snprintf(path, sizeof(path), "resource.%s", kind);
	set_field(&change->base, path, "");
	while ((word = strtok_r(NULL, " ", &save))) {
		char *value = strchr(word, '=');

		assert_non_null(value);
		*value++ = '\0';
		if (*word == '@') /* of the change itself */
			snprintf(path, sizeof(path), "%s", word + 1);
		else
			snprintf(path, sizeof(path), "resource.%s.%s", kind, word);
		set_field(&change->base, path, value);
	}
out:
	free(copy);
	return change;
}

static size_t fill(Sluice__V1__Change ***changes, const char *const *lines)
{
	size_t count = 0;

	while (lines[count])
		count++;
	*changes = calloc(count ? count : 1, sizeof(**changes));
	for (size_t i = 0; i < count; i++)
		(*changes)[i] = change_of(lines[i]);
	return count;
}

Sluice__V1__ApplyChangesRequest *changes_of(const char *owner, const char *const *lines)
{
	Sluice__V1__ApplyChangesRequest *request = make(&sluice__v1__apply_changes_request__descriptor);

	request->options = make(&sluice__v1__write_options__descriptor);
	encode_text(&request->options->owner, owner);
	request->n_changes = fill(&request->changes, lines);
	return request;
}

Sluice__V1__StageChangesRequest *stage_of(const char *transaction, const char *const *lines)
{
	Sluice__V1__StageChangesRequest *request = make(&sluice__v1__stage_changes_request__descriptor);

	encode_text(&request->transaction_id, transaction);
	request->n_changes = fill(&request->changes, lines);
	return request;
}
