/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/json/json_write.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "vnf/core/text.h"
#include "vnf/json/field.h"

/* All of them, two hexadecimal digits each: field_text() has room for the first ones only. */
static struct json_object *json_bytes(const ProtobufCBinaryData *bytes)
{
	char *text = malloc(bytes->len * 2 + 1);
	struct json_object *value;

	if (!text)
		return NULL;
	for (size_t i = 0; i < bytes->len; i++)
		snprintf(text + i * 2, 3, "%02x", bytes->data[i]);
	value = json_object_new_string_len(text, (int)(bytes->len * 2));
	free(text);
	return value;
}

static struct json_object *json_value(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
				      size_t index)
{
	const void *value = field_value(message, field, index);
	char text[ENUM_TEXT];

	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		return json_message(field_message(message, field, index));
	case PROTOBUF_C_TYPE_BOOL:
		return json_object_new_boolean(*(const protobuf_c_boolean *)value);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return json_object_new_uint64(*(const uint32_t *)value);
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return json_object_new_uint64(*(const uint64_t *)value);
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return json_object_new_int64(*(const int32_t *)value);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return json_object_new_int64(*(const int64_t *)value);
	case PROTOBUF_C_TYPE_FLOAT:
		return json_object_new_double((double)*(const float *)value);
	case PROTOBUF_C_TYPE_DOUBLE:
		return json_object_new_double(*(const double *)value);
	case PROTOBUF_C_TYPE_BYTES:
		return json_bytes(value);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_ENUM:
		break;
	}
	return json_object_new_string(field_text(field, value, text));
}

static struct json_object *json_array(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	struct json_object *array = json_object_new_array();
	size_t count = field_count(message, field);

	for (size_t i = 0; array && i < count; i++) {
		struct json_object *element = json_value(message, field, i);

		if (!element || json_object_array_add(array, element)) {
			json_object_put(element);
			json_object_put(array);
			return NULL;
		}
	}
	return array;
}

int json_add(struct json_object *object, const char *name, struct json_object *value)
{
	if (value && object && json_object_object_add(object, name, value) == 0)
		return 0;
	json_object_put(value);
	return -1;
}

struct json_object *json_message(const ProtobufCMessage *message)
{
	struct json_object *object = json_object_new_object();

	for (unsigned int i = 0; object && i < message->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
		struct json_object *value;

		if (field->label != PROTOBUF_C_LABEL_REPEATED && field_count(message, field) == 0)
			continue;
		if (field->label == PROTOBUF_C_LABEL_REPEATED)
			value = json_array(message, field);
		else
			value = json_value(message, field, 0);
		if (json_add(object, field->name, value)) {
			json_object_put(object);
			return NULL;
		}
	}
	return object;
}

/* Beyond ASCII, json-c writes characters as they are. Those that may not be shown are escaped (RFC 8259, section 7):
 * the reader of the JSON has them, a terminal has not. */
static int print_shown(const char *text)
{
	const char *from = text; /* of what is to be written as it is */

	while (*text) {
		uint32_t code;
		size_t bytes = text_next(text, &code);

		if (!bytes || (*text != '\n' && !text_may_be_shown(code))) {
			fwrite(from, 1, (size_t)(text - from), stdout);
			printf("\\u%04" PRIx32, bytes ? code : 0xfffd);
			from = text + (bytes ? bytes : 1);
		}
		text += bytes ? bytes : 1;
	}
	return puts(from) == EOF || ferror(stdout) ? -1 : 0;
}

int json_print(struct json_object *object)
{
	const char *text =
		object ? json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
									JSON_C_TO_STRING_NOSLASHESCAPE)
		       : NULL;
	int rc = text ? print_shown(text) : -1;

	json_object_put(object);
	return rc;
}
