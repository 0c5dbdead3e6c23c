/* SPDX-License-Identifier: Apache-2.0 */
/* A bank from the daemon's side: where each of its tables is. api/dp/bank.h lists them. */
#ifndef SLUICE_DATAPLANE_BANK_H
#define SLUICE_DATAPLANE_BANK_H

#include <stddef.h>
#include <stdint.h>

#include "api/dp/bank.h"

struct bank {
#define BANK_POINTER(name, row) row *name;
	DP_TABLES(BANK_POINTER)
#undef BANK_POINTER
};

/* The DP_MAX_*: the largest router. */
extern const struct dp_limits bank_limits_most;

/* Bytes of one row, and rows of the table in a bank of a router with these limits. Hash tables have a power of two. */
size_t bank_row_size(enum dp_table table);
uint32_t bank_rows(const struct dp_limits *limits, enum dp_table table);

/* The table's first row. */
void *bank_table(const struct bank *bank, enum dp_table table);
/* Row `row`, which the table must have. */
void *bank_row(const struct bank *bank, enum dp_table table, uint32_t row);

/* The same tables inside a struct dp_bank. */
struct bank bank_of(struct dp_bank *memory);

/* A bank in ordinary memory, all zeros; its pages are touched only where rows are written. NULL: out of memory. */
struct bank *bank_new(const struct dp_limits *limits);
void bank_free(struct bank *bank); /* NULL is fine */

#endif
