/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes rows of the idle bank and notes which, so that the same rows can be copied between the banks: to the other one
 * when that is idle, which brings it up to date, or back from it, which undoes them. The tables of the FIB's and the
 * policy's engines are not written here. Internal to vnf/reconcile and the tables of vnf/features.
 */
#ifndef SLUICE_RECONCILE_BANK_WRITER_H
#define SLUICE_RECONCILE_BANK_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/dataplane/bank/bank.h"

/* Rows next to each other. */
struct bank_range {
	enum dp_table table;
	uint32_t row, count;
};

struct bank_writer {
	const struct dp_limits *limits; /* borrowed; they size the tables */
	const struct bank *bank;	/* the idle one, borrowed */
	struct bank_range *range;
	size_t count, capacity;
	bool whole; /* there was no memory to note every row: any may have changed */
};

void bank_writer_free(struct bank_writer *writer); /* frees what it points to */

/* The row of the idle bank. */
void *bank_writer_row(const struct bank_writer *writer, enum dp_table table, uint32_t row);
/* How many rows the table has. */
uint32_t bank_writer_rows(const struct bank_writer *writer, enum dp_table table);

/* Makes the row what `value` is; an equal row is neither written nor noted. */
void bank_write(struct bank_writer *writer, enum dp_table table, uint32_t row, const void *value);
/* The same for `count` rows next to each other. */
void bank_write_rows(struct bank_writer *writer, enum dp_table table, uint32_t row, uint32_t count, const void *values);
/* Makes it all zeros. */
void bank_clear(struct bank_writer *writer, enum dp_table table, uint32_t row);

bool bank_writer_has_written(const struct bank_writer *writer);
void bank_writer_forget(struct bank_writer *writer); /* the rows that are noted */
/* Makes `to` what `from` is in every row that is noted. */
void bank_writer_copy(const struct bank_writer *writer, const struct bank *to, const struct bank *from);

/*
 * Hash tables by the rules of api/dp/hash.h: a key is in one of the DP_HASH_PROBES slots from its hash on, and a free
 * slot among them ends no search, so that an entry can be taken out alone. An entry starts with its key. These tables
 * are the ports, VTEPs, VNIs, neighbors, ports of listeners, answerers and QUIC members.
 */
/* Row of the entry with the key; -ENOENT. */
int64_t bank_hash_find(const struct bank_writer *writer, enum dp_table table, const void *key);
/* Writes the entry to the row that has its key, else to the first free one, and returns the row; -ENOSPC: all are
 * taken. */
int64_t bank_hash_put(struct bank_writer *writer, enum dp_table table, const void *entry);

#endif
