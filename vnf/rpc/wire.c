/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/wire.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SCANNED_MEMBER 40 /* at least protobuf-c's own record of a member */

/* The position of the walk: the field at `field` of a message that began at `start`. Its index among the repetitions
 * is counted again only when an error needs its path. */
struct frame {
	const struct frame *parent; /* NULL: the request */
	const ProtobufCFieldDescriptor *field;
	const uint8_t *start, *position;
};

struct walk {
	size_t left; /* bytes that the unpacked message may still take */
	size_t memory;
	struct error *error;
};

static bool take_varint(struct wire_cursor *cursor, unsigned int longest, uint64_t *value)
{
	*value = 0;
	for (unsigned int n = 0; n < longest && cursor->next < cursor->end; n++) {
		uint8_t byte = *cursor->next++;

		*value |= (uint64_t)(byte & 0x7f) << (7 * n);
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool take_fixed(struct wire_cursor *cursor, unsigned int size, uint64_t *value)
{
	if ((size_t)(cursor->end - cursor->next) < size)
		return false;
	*value = 0;
	for (unsigned int n = 0; n < size; n++)
		*value |= (uint64_t)*cursor->next++ << (8 * n);
	return true;
}

int wire_next(struct wire_cursor *cursor, struct wire_field *field)
{
	uint64_t tag, length;

	if (cursor->next >= cursor->end)
		return 0;
	*field = (struct wire_field){0};
	if (!take_varint(cursor, 5, &tag) || tag > UINT32_MAX || tag >> 3 == 0)
		return -1;
	field->number = (uint32_t)(tag >> 3);
	field->type = tag & 7;
	switch (field->type) {
	case PROTOBUF_C_WIRE_TYPE_VARINT:
		return take_varint(cursor, 10, &field->value) ? 1 : -1;
	case PROTOBUF_C_WIRE_TYPE_64BIT:
		return take_fixed(cursor, 8, &field->value) ? 1 : -1;
	case PROTOBUF_C_WIRE_TYPE_32BIT:
		return take_fixed(cursor, 4, &field->value) ? 1 : -1;
	case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
		if (!take_varint(cursor, 5, &length) || length > (size_t)(cursor->end - cursor->next))
			return -1;
		field->data = cursor->next;
		field->size = length;
		cursor->next += length;
		return 1;
	default: /* groups: gone since proto3 */
		return -1;
	}
}

/* Counts which repetition of its field a frame stands at. */
static size_t occurrence(const struct frame *frame)
{
	struct wire_cursor cursor = {frame->start, frame->position};
	struct wire_field field;
	size_t count = 0;

	while (wire_next(&cursor, &field) > 0)
		count += field.number == frame->field->id;
	return count;
}

static size_t path(const struct frame *frame, char *text, size_t size)
{
	size_t used = frame->parent ? path(frame->parent, text, size) : 0;
	int n;

	if (!frame->field || used >= size)
		return used;
	if (frame->field->label == PROTOBUF_C_LABEL_REPEATED)
		n = snprintf(text + used, size - used, "%s%s[%zu]", used ? "." : "", frame->field->name,
			     occurrence(frame));
	else
		n = snprintf(text + used, size - used, "%s%s", used ? "." : "", frame->field->name);
	return n > 0 ? used + (size_t)n : used;
}

static int refuse(const struct walk *walk, const struct frame *frame, enum error_code code, const char *why)
{
	char field[sizeof(walk->error->fault[0].field)] = "";

	path(frame, field, sizeof(field));
	error_add(walk->error, code, field, "%s", why);
	return -1;
}

static int charge(struct walk *walk, const struct frame *frame, size_t bytes)
{
	char why[128];

	if (bytes <= walk->left) {
		walk->left -= bytes;
		return 0;
	}
	snprintf(why, sizeof(why), "the message needs more than %zu bytes of memory: send it in smaller parts",
		 walk->memory);
	return refuse(walk, frame, ERROR_RESOURCE_EXHAUSTED, why);
}

/* Is the text well-formed UTF-8 as in RFC 3629: shortest forms only, no surrogates, nothing beyond U+10FFFF? */
static bool is_utf8(const uint8_t *text, size_t size)
{
	for (size_t i = 0; i < size;) {
		uint8_t lead = text[i++], low = 0x80, high = 0xbf;
		unsigned int more;

		if (lead < 0x80)
			continue;
		if (lead < 0xc2 || lead > 0xf4)
			return false;
		more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
		if (lead == 0xe0)
			low = 0xa0;
		else if (lead == 0xed)
			high = 0x9f;
		else if (lead == 0xf0)
			low = 0x90;
		else if (lead == 0xf4)
			high = 0x8f;
		for (; more; more--, low = 0x80, high = 0xbf)
			if (i >= size || text[i] < low || text[i++] > high)
				return false;
	}
	return true;
}

static uint8_t wire_type(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		return PROTOBUF_C_WIRE_TYPE_32BIT;
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return PROTOBUF_C_WIRE_TYPE_64BIT;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
	default:
		return PROTOBUF_C_WIRE_TYPE_VARINT;
	}
}

/* Elements of a packed repeated scalar, or -1. */
static int64_t packed_count(uint8_t type, const struct wire_field *field)
{
	struct wire_cursor cursor = {field->data, field->data + field->size};
	uint64_t value;
	int64_t count = 0;

	if (type == PROTOBUF_C_WIRE_TYPE_32BIT)
		return field->size % 4 ? -1 : (int64_t)(field->size / 4);
	if (type == PROTOBUF_C_WIRE_TYPE_64BIT)
		return field->size % 8 ? -1 : (int64_t)(field->size / 8);
	for (; cursor.next < cursor.end; count++)
		if (!take_varint(&cursor, 10, &value))
			return -1;
	return count;
}

static int walk_message(struct walk *walk, const ProtobufCMessageDescriptor *descriptor, const uint8_t *data,
			size_t size, const struct frame *parent, unsigned int depth);

static int walk_field(struct walk *walk, const struct wire_field *wire, const struct frame *frame, unsigned int depth)
{
	const ProtobufCFieldDescriptor *field = frame->field;
	uint8_t expected = wire_type(field->type);

	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		int64_t count = 1;

		if (expected != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED &&
		    wire->type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
			count = packed_count(expected, wire);
			if (count < 0)
				return refuse(walk, frame, ERROR_INVALID_ARGUMENT, "malformed packed values");
			expected = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
		}
		if (charge(walk, frame, (size_t)count * sizeof(void *)))
			return -1;
	}
	if (wire->type != expected)
		return refuse(walk, frame, ERROR_INVALID_ARGUMENT, "the wire type is not this field's");
	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		/* The encoding allows several pieces, to be merged; protobuf-c 1.4 loses scalars of the earlier ones.
		 */
		if (field->label != PROTOBUF_C_LABEL_REPEATED && occurrence(frame))
			return refuse(walk, frame, ERROR_INVALID_ARGUMENT,
				      "arrives in more than one piece: send the message whole");
		return walk_message(walk, field->descriptor, wire->data, wire->size, frame, depth + 1);
	case PROTOBUF_C_TYPE_STRING:
		if (memchr(wire->data, 0, wire->size))
			return refuse(walk, frame, ERROR_INVALID_ARGUMENT, "contains a NUL character");
		if (!is_utf8(wire->data, wire->size))
			return refuse(walk, frame, ERROR_INVALID_ARGUMENT, "is not valid UTF-8");
		return charge(walk, frame, wire_memory_cost(wire->size + 1));
	case PROTOBUF_C_TYPE_BYTES:
		return wire->size ? charge(walk, frame, wire_memory_cost(wire->size)) : 0;
	default:
		return 0;
	}
}

static int walk_message(struct walk *walk, const ProtobufCMessageDescriptor *descriptor, const uint8_t *data,
			size_t size, const struct frame *parent, unsigned int depth)
{
	struct wire_cursor cursor = {data, data + size};
	struct frame frame = {.parent = parent, .start = data, .position = data};
	struct wire_field wire;
	size_t members = 0, slabs = 16, arrays = 0;
	int more;

	if (depth > WIRE_DEPTH)
		return refuse(walk, &frame, ERROR_INVALID_ARGUMENT, "messages nest too deep");
	for (unsigned int n = 0; n < descriptor->n_fields; n++)
		arrays += descriptor->fields[n].label == PROTOBUF_C_LABEL_REPEATED;
	if (charge(walk, &frame, wire_memory_cost(descriptor->sizeof_message) + arrays * wire_memory_cost(0)))
		return -1;
	while ((more = wire_next(&cursor, &wire)) > 0) {
		frame.field = protobuf_c_message_descriptor_get_field(descriptor, wire.number);
		/* protobuf-c notes every member before it parses any: 16 on its stack, more in slabs that double. */
		if (members++ == slabs) {
			slabs = 2 * slabs + 16;
			if (charge(walk, &frame, wire_memory_cost((slabs - members + 1) * SCANNED_MEMBER)))
				return -1;
		}
		if (frame.field ? walk_field(walk, &wire, &frame, depth)
				: charge(walk, &frame,
					 sizeof(ProtobufCMessageUnknownField) +
						 wire_memory_cost((size_t)(cursor.next - frame.position))))
			return -1;
		frame.position = cursor.next;
	}
	frame.field = NULL;
	return more ? refuse(walk, &frame, ERROR_INVALID_ARGUMENT, "malformed protobuf message") : 0;
}

int wire_check(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t size, size_t memory,
	       struct error *error)
{
	struct walk walk = {.left = memory, .memory = memory, .error = error};

	return walk_message(&walk, descriptor, data, size, NULL, 0);
}

ProtobufCMessage *wire_unpack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t size,
			      struct wire_memory *memory, struct error *error)
{
	ProtobufCMessage *message;

	if (wire_check(descriptor, data, size, memory->limit, error))
		return NULL;
	message = protobuf_c_message_unpack(descriptor, &memory->allocator, size, data);
	if (!message) {
		wire_free(NULL, memory);
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "no memory for the message now: send it in smaller parts, or later");
	}
	return message;
}

void wire_free(ProtobufCMessage *message, struct wire_memory *memory)
{
	if (message)
		protobuf_c_message_free_unpacked(message, &memory->allocator);
	wire_memory_release(memory);
}
