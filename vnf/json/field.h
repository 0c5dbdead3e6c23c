/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads and writes messages by their descriptors, for YAML, JSON and tables. Nothing here knows a message of the
 * API, so a new resource or field needs no code. Values that are set here come from malloc;
 * protobuf_c_message_free_unpacked frees them.
 */
#ifndef SLUICE_JSON_FIELD_H
#define SLUICE_JSON_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

#define ENUM_TEXT 64

/* NULL: out of memory. */
ProtobufCMessage *field_message_new(const ProtobufCMessageDescriptor *descriptor);

/* NULL: no such field. */
const ProtobufCFieldDescriptor *field_find(const ProtobufCMessageDescriptor *descriptor, const char *name);

bool field_in_oneof(const ProtobufCFieldDescriptor *field);

/* Does it carry a value? proto3 cannot distinguish a zero from nothing, except inside a oneof. */
bool field_is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* Values: of a repeated field its elements, otherwise 1, or 0 for an absent message or oneof member. */
size_t field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
/* The place of the value: char **, ProtobufCMessage **, int * for an enum, uint32_t * ... */
const void *field_value(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t index);
const ProtobufCMessage *field_message(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
				      size_t index);

/* The member of the field's oneof that is set, or NULL. */
const ProtobufCFieldDescriptor *field_oneof_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* Makes room for a value, zeroed: a new element of a repeated field, or the field itself, with its oneof switched to
 * it. NULL: out of memory. Neither the field nor another member of its oneof may be set. */
void *field_add(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* Adds a value by its text: numbers in decimal, true or false, enums by short name or known number, bytes
 * as two hexadecimal digits each. 0, -EINVAL: not a value of the type, -ERANGE, -ENOTSUP: a message, -ENOMEM. */
int field_add_text(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, const char *text);

/* The value as field_add_text reads it, of bytes the first 31. Returns a string of the message's, or `text`. */
const char *field_text(const ProtobufCFieldDescriptor *field, const void *value, char text[ENUM_TEXT]);

/* The name without the enum's prefix, in small letters: TUNNEL_KIND_VXLAN is "vxlan". Unknown numbers: in decimal. */
const char *enum_text(const ProtobufCEnumDescriptor *descriptor, int value, char text[ENUM_TEXT]);

#endif
