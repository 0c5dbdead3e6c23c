/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What protobuf-c does not check, checked on the bytes before they are unpacked: strings are UTF-8 without NUL,
 * messages nest no deeper than WIRE_DEPTH, and unpacking needs no more than a given amount of memory.
 */
#ifndef SLUICE_RPC_WIRE_H
#define SLUICE_RPC_WIRE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

#include "vnf/core/error.h"

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

/* Memory that unpacked messages share: all those of one server. */
struct wire_budget {
	_Atomic size_t left;
};

/* An allocator that gives out `limit` bytes over its life and takes them from a budget (NULL: none). It refuses where
 * either is used up: the second line of defence, should wire_check have estimated too low. */
struct wire_memory {
	ProtobufCAllocator allocator;
	struct wire_budget *budget;
	size_t limit, used;
};

/* What an allocation of `size` bytes takes up, the heap's own words included. */
size_t wire_memory_cost(size_t size);
void wire_memory_init(struct wire_memory *memory, size_t limit, struct wire_budget *budget);

/* The checked and unpacked message, or NULL and *error. `memory` is freshly initialised and outlives the message. */
ProtobufCMessage *wire_unpack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t size,
			      struct wire_memory *memory, struct error *error);
/* Frees the message (NULL is fine) and returns its bytes to the budget. */
void wire_free(ProtobufCMessage *message, struct wire_memory *memory);

#endif
