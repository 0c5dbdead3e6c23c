/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What protobuf-c does not check, checked on the bytes before they are unpacked: strings are UTF-8 without NUL,
 * messages nest no deeper than WIRE_DEPTH, each that is not repeated arrives in one piece, and unpacking needs no more
 * than a given amount of memory.
 */
#ifndef SLUICE_RPC_WIRE_H
#define SLUICE_RPC_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

#include "vnf/core/error.h"
#include "vnf/rpc/wire_memory.h"

#define WIRE_DEPTH 16

/* 0, or -1 with the path of the field in *error. `memory`: bytes that the unpacked message may take. */
int wire_check(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t size, size_t memory,
	       struct error *error);

/* --- the bytes themselves: https://protobuf.dev/programming-guides/encoding/ --- */

struct wire_cursor {
	const uint8_t *next, *end;
};

struct wire_field {
	uint32_t number;
	uint8_t type;	     /* PROTOBUF_C_WIRE_TYPE_... */
	uint64_t value;	     /* varint, 64-bit, 32-bit */
	const uint8_t *data; /* length-prefixed */
	size_t size;
};

/* 1 and the next field, 0 at the end, -1: malformed (groups are, too). */
int wire_next(struct wire_cursor *cursor, struct wire_field *field);

/* --- unpacking within bounds --- */

/* The checked and unpacked message, or NULL and *error. `memory` is freshly initialised and outlives the message. */
ProtobufCMessage *wire_unpack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t size,
			      struct wire_memory *memory, struct error *error);
/* Frees the message (NULL is fine) and returns its bytes to the budget. */
void wire_free(ProtobufCMessage *message, struct wire_memory *memory);

#endif
