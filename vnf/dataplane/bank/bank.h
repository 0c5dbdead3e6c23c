/* SPDX-License-Identifier: Apache-2.0 */
/* A bank from the daemon's side: where each of its tables is. api/dp/bank.h lists them. */
#ifndef SLUICE_DATAPLANE_BANK_H
#define SLUICE_DATAPLANE_BANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/bank.h"

struct bank {
#define BANK_POINTER(name, row) row *name;
	DP_TABLES(BANK_POINTER)
#undef BANK_POINTER
};

const char *bank_table_name(enum dp_table table);

/* Bytes of one row, and rows of the table in a bank of a router with these limits. Hash tables have a power of two. */
size_t bank_row_size(enum dp_table table);
uint32_t bank_rows(const struct dp_limits *limits, enum dp_table table);

/* Where the table of bank 1 begins behind that of bank 0, in their map, and the map's size. */
size_t bank_half(const struct dp_limits *limits, enum dp_table table);
size_t bank_map_bytes(const struct dp_limits *limits, enum dp_table table);
/* All maps of tables together. */
uint64_t bank_bytes(const struct dp_limits *limits);

/* Is it written by an engine (FIB, policy), which keeps the same meaning in both banks, but not the same bytes? */
bool bank_table_is_engines(enum dp_table table);

/* The table's first row. */
void *bank_table(const struct bank *bank, enum dp_table table);
/* Row `row`, which the table must have. */
void *bank_row(const struct bank *bank, enum dp_table table, uint32_t row);

void bank_set_table(struct bank *bank, enum dp_table table, void *first);

/* A bank in ordinary memory, all zeros; its pages are touched only where rows are written. NULL: out of memory. */
struct bank *bank_new(const struct dp_limits *limits);
void bank_free(struct bank *bank); /* NULL is fine */

#endif
