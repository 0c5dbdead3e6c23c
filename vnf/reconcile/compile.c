/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/dataplane/kernel/netlink.h"

struct compile *compile_new(const struct dp_limits *limits)
{
	struct compile *compile = calloc(1, sizeof(*compile));

	if (!compile)
		return NULL;
	compile->limits = limits;
	compile->scratch = bank_new(limits); /* only the hash tables' pages are ever touched */
	if (!compile->scratch) {
		free(compile);
		return NULL;
	}
	return compile;
}

void compile_free(struct compile *compile)
{
	if (!compile)
		return;
	bank_free(compile->scratch);
	free(compile->changes.range);
	free(compile->updates);
	free(compile);
}

static void note_change(struct bank_changes *changes, enum dp_table table, uint32_t offset, uint32_t size)
{
	struct bank_range *last = changes->count ? &changes->range[changes->count - 1] : NULL;
	struct bank_range *range;
	size_t capacity;

	if (changes->whole)
		return;
	if (last && last->table == table && last->offset + last->size == offset) {
		last->size += size;
		return;
	}
	if (changes->count == changes->capacity) {
		capacity = changes->capacity ? changes->capacity * 2 : 256;
		range = realloc(changes->range, capacity * sizeof(*range));
		if (!range) {
			changes->whole = true;
			return;
		}
		changes->range = range;
		changes->capacity = capacity;
	}
	changes->range[changes->count++] = (struct bank_range){.table = table, .offset = offset, .size = size};
}

void bank_changes_clear(struct bank_changes *changes)
{
	changes->count = 0;
	changes->whole = false;
}

void bank_changes_copy(const struct bank_changes *changes, const struct dp_limits *limits, const struct bank *to,
		       const struct bank *from)
{
	if (!changes->whole) {
		for (size_t i = 0; i < changes->count; i++) {
			const struct bank_range *range = &changes->range[i];

			memcpy((char *)bank_table(to, range->table) + range->offset,
			       (const char *)bank_table(from, range->table) + range->offset, range->size);
		}
		return;
	}
	for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++)
		if (table != DP_TABLE_trees && table != DP_TABLE_fib)
			memcpy(bank_table(to, table), bank_table(from, table),
			       bank_rows(limits, table) * bank_row_size(table));
}

/* The table that `to` is in. */
static enum dp_table table_of(const struct compile *compile, const char *to)
{
	enum dp_table table = 0;

	for (; table < DP_TABLE_COUNT; table++) {
		const char *first = bank_table(compile->bank, table);

		if (to >= first && to < first + bank_rows(compile->limits, table) * bank_row_size(table))
			break;
	}
	return table;
}

void compile_write(struct compile *compile, void *to, const void *from, size_t size)
{
	enum dp_table table;

	if (memcmp(to, from, size) == 0)
		return;
	memcpy(to, from, size);
	table = table_of(compile, to);
	note_change(&compile->changes, table, (uint32_t)((char *)to - (char *)bank_table(compile->bank, table)),
		    (uint32_t)size);
}

void compile_pending(struct compile *compile, struct handle *handle, enum pending_reason pending)
{
	struct pending_update *updates;
	size_t capacity;

	if (atomic_load_explicit(&handle->pending, memory_order_relaxed) == pending)
		return;
	if (compile->update_count == compile->update_capacity) {
		capacity = compile->update_capacity ? compile->update_capacity * 2 : 64;
		updates = realloc(compile->updates, capacity * sizeof(*updates));
		if (!updates) {
			compile->no_memory = true;
			return;
		}
		compile->updates = updates;
		compile->update_capacity = capacity;
	}
	compile->updates[compile->update_count++] = (struct pending_update){.handle = handle, .pending = pending};
}

void compile_publish_pending(struct compile *compile)
{
	for (size_t i = 0; i < compile->update_count; i++)
		atomic_store(&compile->updates[i].handle->pending, compile->updates[i].pending);
}

void compile_done(struct compile *compile, bool undone)
{
	compile->update_count = 0;
	compile->no_memory = false;
	compile->error = NULL;
	for (int i = 0; i < HASH_TABLES; i++)
		compile_hash_done(&compile->hash[i], undone);
	if (!undone)
		return;
	memset(compile->group, 0, sizeof(compile->group));
	compile->end = compile->end_before;
}

void compile_use(struct compile *compile, uint32_t id, uint32_t *end)
{
	compile->used[id] = 1;
	if (*end <= id)
		*end = id + 1;
}

void compile_clear_unused(struct compile *compile, void *table, size_t stride, size_t size, uint32_t *end)
{
	static const char zeros[1024];
	_Static_assert(sizeof(struct dp_group) <= sizeof(zeros) && sizeof(struct dp_stage) <= sizeof(zeros), "zeros");

	for (uint32_t id = 1; id < *end; id++)
		if (!compile->used[id])
			compile_write(compile, (char *)table + id * stride, zeros, size);
	while (*end > 1 && !compile->used[*end - 1])
		--*end;
	memset(compile->used, 0, *end);
}

int compile_end(struct compile *compile, int error)
{
	if (!error && compile->no_memory)
		error = -ENOMEM;
	if (error == -ENOMEM)
		error_no_memory(compile->error, NULL);
	return error;
}

int compile_run(struct compile *compile, unsigned int tables)
{
	int error = 0;

	compile->end_before = compile->end;
	memset(compile->used, 0, sizeof(compile->used)); /* a failed run leaves marks, and so do rows */
	if (tables & COMPILE_PORTS) {
		error = compile_interfaces(compile);
		if (!error)
			error = compile_chains(compile);
	}
	if (!error && tables & (COMPILE_PORTS | COMPILE_VRFS))
		error = compile_vrfs(compile);
	if (!error && tables & COMPILE_PORTS)
		error = compile_ports(compile);
	if (!error && tables & COMPILE_TUNNELS)
		error = compile_tunnels(compile);
	if (!error)
		error = compile_next_hops(compile);
	if (!error)
		error = compile_groups(compile);
	error = compile_end(compile, error);
	if (!error)
		netlink_want_sweep(compile->netlink);
	return error;
}
