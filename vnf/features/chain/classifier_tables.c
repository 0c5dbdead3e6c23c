/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classifiers[]: of each VRF a block of its own with, in match order, the flow classifiers that lead into its chains. A
 * block that grows takes the rows behind it or moves; only where no gap is large enough do all blocks close up.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/error.h"
#include "vnf/features/base/vrf_tables.h"
#include "vnf/features/chain/chain_facts.h"
#include "vnf/features/chain/classifier_rows.h"
#include "vnf/features/base/base.h"
#include "vnf/features/chain/chain.h"

struct classifiers {
	struct id_array taken; /* uint64_t: bit per row of classifiers[] */
};

static void open(void *state)
{
	((struct classifiers *)state)->taken = id_array_of(sizeof(uint64_t));
}

static void close(void *state)
{
	id_array_free(&((struct classifiers *)state)->taken);
}

static struct classifiers *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_classifiers);
}

static bool is_taken(const struct tables *tables, uint32_t row)
{
	return *(const uint64_t *)id_array_get(&state_of(tables)->taken, row / 64) >> (row % 64) & 1;
}

static void take(struct tables *tables, uint32_t first, uint32_t count, bool taken)
{
	for (uint32_t row = first; row < first + count;) {
		uint64_t word = *(const uint64_t *)id_array_get(&state_of(tables)->taken, row / 64);
		uint32_t at = row / 64;

		for (; row < first + count && row / 64 == at; row++)
			word = taken ? word | 1ULL << (row % 64) : word & ~(1ULL << (row % 64));
		id_array_set(&state_of(tables)->taken, tables_log(tables), at, &word);
	}
}

/* Gives up the VRF's rows from the `keep`-th on. */
static void shrink(struct tables *tables, uint32_t vrf, uint32_t keep)
{
	struct vrf_classifiers block = vrf_classifiers(tables, vrf);

	if (keep >= block.count)
		return;
	take(tables, block.first + keep, block.count - keep, false);
	for (uint32_t i = keep; i < block.count; i++)
		bank_clear(tables_writer(tables), DP_TABLE_classifiers, block.first + i);
	block.count = keep;
	block.first = keep ? block.first : 0;
	vrf_set_classifiers(tables, vrf, &block);
}

static bool is_gap(const struct tables *tables, uint32_t first, uint32_t count, uint32_t rows)
{
	if (first + count > rows)
		return false;
	for (uint32_t row = first; row < first + count; row++)
		if (is_taken(tables, row))
			return false;
	return true;
}

/* The first of so many free rows next to each other; the number of rows: there are none. */
static uint32_t find_gap(const struct tables *tables, uint32_t count, uint32_t rows)
{
	uint32_t length = 0;

	for (uint32_t row = 0; row < rows; row++) {
		if (row % 64 == 0 &&
		    *(const uint64_t *)id_array_get(&state_of(tables)->taken, row / 64) == UINT64_MAX) {
			row += 63;
			length = 0;
			continue;
		}
		length = is_taken(tables, row) ? 0 : length + 1;
		if (length == count)
			return row + 1 - count;
	}
	return rows;
}

struct block {
	uint32_t vrf;
	struct vrf_classifiers rows;
};

static int by_first(const void *left, const void *right)
{
	const struct block *a = left, *b = right;

	return a->rows.first < b->rows.first ? -1 : a->rows.first > b->rows.first;
}

static void move_down(struct tables *tables, const struct block *block, uint32_t to)
{
	struct bank_writer *writer = tables_writer(tables);
	const struct vrf_classifiers moved = {.first = to, .count = block->rows.count};

	for (uint32_t i = 0; i < block->rows.count; i++)
		bank_write(writer, DP_TABLE_classifiers, to + i,
			   bank_writer_row(writer, DP_TABLE_classifiers, block->rows.first + i));
	for (uint32_t i = 0; i < block->rows.count; i++)
		if (block->rows.first + i >= to + block->rows.count)
			bank_clear(writer, DP_TABLE_classifiers, block->rows.first + i);
	take(tables, block->rows.first, block->rows.count, false);
	take(tables, to, block->rows.count, true);
	vrf_set_classifiers(tables, block->vrf, &moved);
}

/* Moves all blocks to the start of the table. */
static void close_up(struct tables *tables)
{
	uint32_t end = tables_end(tables, RESOURCE_VRF), next = 0;
	struct block *block = calloc(end + 1, sizeof(*block));
	size_t count = 0;

	if (!block) {
		tables_log(tables)->no_memory = true;
		return;
	}
	for (uint32_t vrf = 1; vrf < end; vrf++) {
		const struct vrf_classifiers rows = vrf_classifiers(tables, vrf);

		if (rows.count)
			block[count++] = (struct block){vrf, rows};
	}
	qsort(block, count, sizeof(*block), by_first);
	for (size_t i = 0; i < count; i++) {
		if (block[i].rows.first != next)
			move_down(tables, &block[i], next);
		next += block[i].rows.count;
	}
	free(block);
}

/* So many rows for the VRF, which has fewer. 0 or -ENOSPC. */
static int grow(struct tables *tables, uint32_t vrf, uint32_t count)
{
	uint32_t rows = bank_writer_rows(tables_writer(tables), DP_TABLE_classifiers);
	struct vrf_classifiers block = vrf_classifiers(tables, vrf);
	uint32_t end = block.first + block.count;

	if (!block.count || !is_gap(tables, end, count - block.count, rows)) {
		shrink(tables, vrf, 0);
		block.first = find_gap(tables, count, rows);
		if (block.first == rows) {
			close_up(tables);
			block.first = find_gap(tables, count, rows);
		}
		if (block.first == rows)
			return -ENOSPC;
	}
	block.count = count;
	take(tables, block.first, count, true);
	vrf_set_classifiers(tables, vrf, &block);
	return 0;
}

/* First the blocks that need less give it up: what is freed may be needed by another. */
static void clear(struct tables *tables, const struct table_row *row)
{
	struct classifier_rows rows;

	classifier_rows_collect(tables, row->after ? row->id : 0, &rows);
	shrink(tables, row->id, rows.count);
}

static int row(struct tables *tables, struct table_row *row)
{
	struct classifier_rows rows;
	uint32_t first;

	classifier_rows_collect(tables, row->after ? row->id : 0, &rows);
	if (rows.count > DP_VRF_CLASSIFIERS) {
		error_add(tables_error(tables), ERROR_RESOURCE_EXHAUSTED, NULL,
			  "VRF \"%s\": more than %u flow classifiers in chains, both directions counted",
			  row->after->self->text, DP_VRF_CLASSIFIERS);
		return -ENOSPC;
	}
	if (rows.count > vrf_classifiers(tables, row->id).count && grow(tables, row->id, rows.count)) {
		error_add(tables_error(tables), ERROR_RESOURCE_EXHAUSTED, NULL,
			  "flow classifiers in chains, both directions counted: the dataplane holds %u",
			  bank_writer_rows(tables_writer(tables), DP_TABLE_classifiers));
		return -ENOSPC;
	}
	first = vrf_classifiers(tables, row->id).first;
	for (uint32_t i = 0; i < rows.count; i++) {
		const struct dp_classifier classifier = classifier_row(&rows.row[i]);

		bank_write(tables_writer(tables), DP_TABLE_classifiers, first + i, &classifier);
	}
	return 0;
}

static void mark_vrf(struct tables *tables, const struct resource *classifier)
{
	if (classifier)
		tables_mark(tables, TABLE_classifiers, ((const struct flow_classifier *)classifier)->vrf->id);
}

static void follow_classifier(struct tables *tables, const struct resource *before, const struct resource *after)
{
	mark_vrf(tables, before);
	mark_vrf(tables, after);
}

const struct table classifiers_table = {
	.name = "classifiers",
	.kind = RESOURCE_VRF,
	.tables = {{TABLE_flow_classifiers, follow_classifier}},
	.state_size = sizeof(struct classifiers),
	.open = open,
	.close = close,
	.clear = clear,
	.row = row,
};
