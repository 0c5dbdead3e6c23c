/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The undo log of a run: what the tables know besides the bank (facts, indexes) is written through it, so that a run
 * that fails leaves all of it as it was. Once there is no memory to note a write, nothing is written any more and the
 * run is to fail.
 */
#ifndef SLUICE_RECONCILE_UNDO_LOG_H
#define SLUICE_RECONCILE_UNDO_LOG_H

#include <stdbool.h>
#include <stddef.h>

struct undo_log {
	char *bytes;
	size_t used, capacity;
	bool no_memory; /* something was not written, here or by whom else the run depends on */
};

/* Makes the `size` bytes at `at`, which stay where they are, what `value` is. false: they were that already, or there
 * is no memory. Without a log (NULL) the write is not undone. */
bool undo_log_set(struct undo_log *log, void *at, const void *value, size_t size);

void undo_log_roll_back(struct undo_log *log); /* undoes all writes, the last one first; the log is then empty */
void undo_log_clear(struct undo_log *log);     /* keeps the writes */
void undo_log_free(struct undo_log *log);      /* frees what it points to */

#endif
