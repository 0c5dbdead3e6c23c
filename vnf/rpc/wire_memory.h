/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of unpacked messages: an allocator with a cap, which takes from a budget that messages share. */
#ifndef SLUICE_RPC_WIRE_MEMORY_H
#define SLUICE_RPC_WIRE_MEMORY_H

#include <stdatomic.h>
#include <stddef.h>
#include <protobuf-c/protobuf-c.h>

/* The memory that the unpacked messages of one server share. */
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

/* The heap's cost of an allocation of `size` bytes, with the heap's own words. */
size_t wire_memory_cost(size_t size);
void wire_memory_init(struct wire_memory *memory, size_t limit, struct wire_budget *budget);
/* Gives all that it has taken back to the budget. */
void wire_memory_release(struct wire_memory *memory);

#endif
