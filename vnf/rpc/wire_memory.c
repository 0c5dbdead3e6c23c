/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks that are freed while a message unpacks are not given back one by one: only the total counts. */
#include "vnf/rpc/wire_memory.h"

#include <stdbool.h>
#include <stdlib.h>

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

void wire_memory_release(struct wire_memory *memory)
{
	if (memory->budget)
		atomic_fetch_add(&memory->budget->left, memory->used);
	memory->used = 0;
}
