/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/json/field.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ProtobufCMessage *field_message_new(const ProtobufCMessageDescriptor *descriptor)
{
	ProtobufCMessage *message = malloc(descriptor->sizeof_message);

	if (message)
		protobuf_c_message_init(descriptor, message);
	return message;
}

const ProtobufCFieldDescriptor *field_find(const ProtobufCMessageDescriptor *descriptor, const char *name)
{
	return protobuf_c_message_descriptor_get_field_by_name(descriptor, name);
}

bool field_in_oneof(const ProtobufCFieldDescriptor *field)
{
	return field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
}

static void *member(const ProtobufCMessage *message, size_t offset)
{
	return (char *)message + offset;
}

/* The number of elements of a repeated field; of a oneof, the number of the field that is set. */
static size_t *element_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	return member(message, field->quantifier_offset);
}

static uint32_t *oneof_case(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	return member(message, field->quantifier_offset);
}

static size_t value_size(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_ENUM:
		return 4;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return 8;
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		break;
	}
	return sizeof(ProtobufCBinaryData);
}

const ProtobufCFieldDescriptor *field_oneof_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	uint32_t number = *oneof_case(message, field);

	return number ? protobuf_c_message_descriptor_get_field(message->descriptor, number) : NULL;
}

size_t field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return *element_count(message, field);
	if (field_in_oneof(field) && *oneof_case(message, field) != field->id)
		return 0;
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return *(ProtobufCMessage **)member(message, field->offset) ? 1 : 0;
	return 1;
}

bool field_is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	const void *value = member(message, field->offset);
	static const char zero[sizeof(ProtobufCBinaryData)];

	if (field->label == PROTOBUF_C_LABEL_REPEATED || field->type == PROTOBUF_C_TYPE_MESSAGE)
		return field_count(message, field) > 0;
	if (field_in_oneof(field))
		return *oneof_case(message, field) == field->id;
	if (field->type == PROTOBUF_C_TYPE_STRING)
		return *(char *const *)value && **(char *const *)value;
	return memcmp(value, zero, value_size(field->type)) != 0;
}

const void *field_value(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t index)
{
	void *value = member(message, field->offset);

	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return *(char **)value + index * value_size(field->type);
	return value;
}

const ProtobufCMessage *field_message(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
				      size_t index)
{
	return *(ProtobufCMessage *const *)field_value(message, field, index);
}

void *field_add(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	void *place = member(message, field->offset);
	size_t size = value_size(field->type);

	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		size_t *count = element_count(message, field);

		/* The message keeps no capacity: it is the next power of two. */
		if ((*count & (*count - 1)) == 0) {
			void *grown = realloc(*(void **)place, (*count ? *count * 2 : 1) * size);

			if (!grown)
				return NULL;
			*(void **)place = grown;
		}
		place = *(char **)place + (*count)++ * size;
	} else if (field_in_oneof(field)) {
		*oneof_case(message, field) = field->id;
	}
	memset(place, 0, size);
	return place;
}

/* "TunnelKind" prefixes its values with "TUNNEL_KIND_". */
static const char *enum_short(const ProtobufCEnumDescriptor *descriptor, const char *name)
{
	const char *rest = name;

	for (const char *c = descriptor->short_name; *c; c++) {
		if (c > descriptor->short_name && isupper((unsigned char)*c) && *rest++ != '_')
			return name;
		if (*rest++ != toupper((unsigned char)*c))
			return name;
	}
	return *rest == '_' && rest[1] ? rest + 1 : name;
}

const char *enum_text(const ProtobufCEnumDescriptor *descriptor, int value, char text[ENUM_TEXT])
{
	const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(descriptor, value);
	size_t i = 0;

	if (!known) {
		snprintf(text, ENUM_TEXT, "%d", value);
		return text;
	}
	for (const char *name = enum_short(descriptor, known->name); name[i] && i < ENUM_TEXT - 1; i++)
		text[i] = (char)tolower((unsigned char)name[i]);
	text[i] = '\0';
	return text;
}
