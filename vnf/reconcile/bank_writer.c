/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/bank_writer.h"

#include <stdlib.h>
#include <string.h>

static const char zeros[2048];

_Static_assert(sizeof(struct dp_group) <= sizeof(zeros) && sizeof(struct dp_stage) <= sizeof(zeros), "the widest rows");

void bank_writer_free(struct bank_writer *writer)
{
	free(writer->range);
}

void *bank_writer_row(const struct bank_writer *writer, enum dp_table table, uint32_t row)
{
	return bank_row(writer->bank, table, row);
}

uint32_t bank_writer_rows(const struct bank_writer *writer, enum dp_table table)
{
	return bank_rows(writer->limits, table);
}

static void note(struct bank_writer *writer, enum dp_table table, uint32_t row, uint32_t count)
{
	struct bank_range *last = writer->count ? &writer->range[writer->count - 1] : NULL;
	struct bank_range *range;
	size_t capacity;

	if (writer->whole)
		return;
	if (last && last->table == table && last->row + last->count == row) {
		last->count += count;
		return;
	}
	if (writer->count == writer->capacity) {
		capacity = writer->capacity ? writer->capacity * 2 : 64;
		range = realloc(writer->range, capacity * sizeof(*range));
		if (!range) {
			writer->whole = true;
			return;
		}
		writer->range = range;
		writer->capacity = capacity;
	}
	writer->range[writer->count++] = (struct bank_range){.table = table, .row = row, .count = count};
}

void bank_write_rows(struct bank_writer *writer, enum dp_table table, uint32_t row, uint32_t count, const void *values)
{
	size_t size = bank_row_size(table) * count;
	void *to = bank_writer_row(writer, table, row);

	if (memcmp(to, values, size) == 0)
		return;
	memcpy(to, values, size);
	note(writer, table, row, count);
}

void bank_write(struct bank_writer *writer, enum dp_table table, uint32_t row, const void *value)
{
	bank_write_rows(writer, table, row, 1, value);
}

void bank_clear(struct bank_writer *writer, enum dp_table table, uint32_t row)
{
	bank_write(writer, table, row, zeros);
}

bool bank_writer_has_written(const struct bank_writer *writer)
{
	return writer->count || writer->whole;
}

void bank_writer_forget(struct bank_writer *writer)
{
	writer->count = 0;
	writer->whole = false;
}

static void copy(const struct bank *to, const struct bank *from, const struct bank_range *range)
{
	memcpy(bank_row(to, range->table, range->row), bank_row(from, range->table, range->row),
	       range->count * bank_row_size(range->table));
}

void bank_writer_copy(const struct bank_writer *writer, const struct bank *to, const struct bank *from)
{
	for (size_t i = 0; i < writer->count && !writer->whole; i++)
		copy(to, from, &writer->range[i]);
	for (int table = 0; table < DP_TABLE_COUNT && writer->whole; table++)
		if (!bank_table_is_engines((enum dp_table)table))
			copy(to, from,
			     &(struct bank_range){.table = (enum dp_table)table,
						  .count = bank_writer_rows(writer, (enum dp_table)table)});
}
