/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacking with a capped allocator. What is freed while it unpacks is not given back: only the total counts. */
#include <stdbool.h>
#include <stdlib.h>

#include "vnf/rpc/wire.h"

size_t wire_memory_cost(size_t size)
{
	return size <= 24 ? 32 : (size + 8 + 15) / 16 * 16; /* glibc's malloc */
}

static bool budget_take(struct wire_budget *budget, size_t bytes)
{
	size_t left = atomic_load(&budget->left);

	do {
		if (left < bytes)
			return false;
	} while (!atomic_compare_exchange_weak(&budget->left, &left, left - bytes));
	return true;
}

static void *memory_alloc(void *data, size_t size)
{
	struct wire_memory *memory = data;
	size_t cost;
	void *block;

	if (size > memory->limit)
		return NULL;
	cost = wire_memory_cost(size);
	if (cost > memory->limit - memory->used || (memory->budget && !budget_take(memory->budget, cost)))
		return NULL;
	block = malloc(size);
	if (block)
		memory->used += cost;
	else if (memory->budget)
		atomic_fetch_add(&memory->budget->left, cost);
	return block;
}

static void memory_free(void *data, void *block)
{
	(void)data;
	free(block);
}

void wire_memory_init(struct wire_memory *memory, size_t limit, struct wire_budget *budget)
{
	*memory = (struct wire_memory){
		.allocator = {memory_alloc, memory_free, memory},
		.budget = budget,
		.limit = limit,
	};
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
	if (memory->budget)
		atomic_fetch_add(&memory->budget->left, memory->used);
	memory->used = 0;
}
