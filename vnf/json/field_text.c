/* SPDX-License-Identifier: Apache-2.0 */
/* Converts single values between text and fields. */
#include "vnf/json/field.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Parses a decimal without sign or leading zeros: YAML 1.1 and 1.2 read 010 differently, so it is refused. */
static int parse_unsigned(const char *text, uint64_t maximum, uint64_t *number)
{
	size_t length = strspn(text, "0123456789");

	if (length == 0 || text[length] || (text[0] == '0' && length > 1))
		return -EINVAL;
	errno = 0;
	*number = strtoull(text, NULL, 10);
	return errno == ERANGE || *number > maximum ? -ERANGE : 0;
}

static int parse_signed(const char *text, uint64_t maximum, int64_t *number)
{
	bool negative = text[0] == '-';
	uint64_t magnitude;
	int rc = parse_unsigned(text + negative, maximum + negative, &magnitude);

	if (rc == 0)
		*number = (int64_t)(negative ? 0 - magnitude : magnitude);
	return rc;
}

static int parse_bool(const char *text, protobuf_c_boolean *value)
{
	if (strcasecmp(text, "true") == 0)
		*value = 1;
	else if (strcasecmp(text, "false") == 0)
		*value = 0;
	else
		return -EINVAL;
	return 0;
}

static int parse_enum(const ProtobufCEnumDescriptor *descriptor, const char *text, int *value)
{
	char name[ENUM_TEXT];
	int64_t number;

	if (parse_signed(text, INT32_MAX, &number) == 0) {
		*value = (int)number;
		return protobuf_c_enum_descriptor_get_value(descriptor, *value) ? 0 : -ERANGE;
	}
	for (unsigned int i = 0; i < descriptor->n_values; i++) {
		enum_text(descriptor, descriptor->values[i].value, name);
		if (strcasecmp(text, name) == 0 || strcasecmp(text, descriptor->values[i].name) == 0) {
			*value = descriptor->values[i].value;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_double(const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end == text || *end || !isfinite(*value) ? -EINVAL : 0;
}

/* A parsed value of any type but string, as it is stored. */
union scalar {
	uint32_t u32;
	uint64_t u64;
	int32_t s32;
	int64_t s64;
	float real;
	double real64;
	protobuf_c_boolean boolean;
	int enumerator;
};

static int parse_scalar(const ProtobufCFieldDescriptor *field, const char *text, union scalar *value, size_t *size)
{
	uint64_t number = 0;
	int64_t integer = 0;
	double real = 0;
	int rc;

	switch (field->type) {
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		rc = parse_unsigned(text, UINT32_MAX, &number);
		value->u32 = (uint32_t)number;
		*size = sizeof(value->u32);
		return rc;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		rc = parse_unsigned(text, UINT64_MAX, &number);
		value->u64 = number;
		*size = sizeof(value->u64);
		return rc;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		rc = parse_signed(text, INT32_MAX, &integer);
		value->s32 = (int32_t)integer;
		*size = sizeof(value->s32);
		return rc;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		rc = parse_signed(text, INT64_MAX, &integer);
		value->s64 = integer;
		*size = sizeof(value->s64);
		return rc;
	case PROTOBUF_C_TYPE_FLOAT:
		rc = parse_double(text, &real);
		value->real = (float)real;
		*size = sizeof(value->real);
		return rc;
	case PROTOBUF_C_TYPE_DOUBLE:
		rc = parse_double(text, &real);
		value->real64 = real;
		*size = sizeof(value->real64);
		return rc;
	case PROTOBUF_C_TYPE_BOOL:
		*size = sizeof(value->boolean);
		return parse_bool(text, &value->boolean);
	case PROTOBUF_C_TYPE_ENUM:
		*size = sizeof(value->enumerator);
		return parse_enum(field->descriptor, text, &value->enumerator);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		break;
	}
	return -ENOTSUP;
}

static int add_string(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, const char *text)
{
	char *copy = strdup(text);
	void *place = copy ? field_add(message, field) : NULL;

	if (!place) {
		free(copy);
		return -ENOMEM;
	}
	*(char **)place = copy;
	return 0;
}

/* Two hexadecimal digits a byte. */
static int add_bytes(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, const char *text)
{
	ProtobufCBinaryData bytes = {.len = strlen(text) / 2}, *place;

	if (!bytes.len || strlen(text) % 2 || strspn(text, "0123456789abcdefABCDEF") != strlen(text))
		return -EINVAL;
	bytes.data = malloc(bytes.len);
	place = bytes.data ? field_add(message, field) : NULL;
	if (!place) {
		free(bytes.data);
		return -ENOMEM;
	}
	for (size_t i = 0; i < bytes.len; i++)
		sscanf(text + 2 * i, "%2hhx", &bytes.data[i]);
	*place = bytes;
	return 0;
}

int field_add_text(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, const char *text)
{
	union scalar value;
	size_t size;
	void *place;
	int rc;

	if (field->type == PROTOBUF_C_TYPE_STRING)
		return add_string(message, field, text);
	if (field->type == PROTOBUF_C_TYPE_BYTES)
		return add_bytes(message, field, text);
	rc = parse_scalar(field, text, &value, &size);
	if (rc)
		return rc;
	place = field_add(message, field);
	if (!place)
		return -ENOMEM;
	memcpy(place, &value, size);
	return 0;
}

/* What there is no room for is left out: no field of ours is so long. */
static const char *bytes_text(const ProtobufCBinaryData *bytes, char text[ENUM_TEXT])
{
	*text = '\0';
	for (size_t i = 0; i < bytes->len && 2 * i + 2 < ENUM_TEXT; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes->data[i]);
	return text;
}

const char *field_text(const ProtobufCFieldDescriptor *field, const void *value, char text[ENUM_TEXT])
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return *(char *const *)value ? *(char *const *)value : "";
	case PROTOBUF_C_TYPE_ENUM:
		return enum_text(field->descriptor, *(const int *)value, text);
	case PROTOBUF_C_TYPE_BOOL:
		return *(const protobuf_c_boolean *)value ? "true" : "false";
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		snprintf(text, ENUM_TEXT, "%" PRIu32, *(const uint32_t *)value);
		break;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		snprintf(text, ENUM_TEXT, "%" PRIu64, *(const uint64_t *)value);
		break;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		snprintf(text, ENUM_TEXT, "%" PRId32, *(const int32_t *)value);
		break;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		snprintf(text, ENUM_TEXT, "%" PRId64, *(const int64_t *)value);
		break;
	case PROTOBUF_C_TYPE_FLOAT:
		snprintf(text, ENUM_TEXT, "%.9g", (double)*(const float *)value);
		break;
	case PROTOBUF_C_TYPE_DOUBLE:
		snprintf(text, ENUM_TEXT, "%.17g", *(const double *)value);
		break;
	case PROTOBUF_C_TYPE_BYTES:
		return bytes_text(value, text);
	case PROTOBUF_C_TYPE_MESSAGE:
		return "";
	}
	return text;
}
