/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a journal's bytes: what is whole, where it ends, and whether what follows is a torn write or damage. */
#ifndef SLUICE_STORE_SCAN_H
#define SLUICE_STORE_SCAN_H

#include "vnf/control/store/record.h"

struct scan {
	/* Called for each entry of whole groups, in order. 0, or -errno that ends the scan. */
	int (*visit)(void *context, const struct entry *entry);
	/* Called before those of a group, with its first record. NULL: not wanted. */
	void (*group)(void *context, const struct record_header *first);
	void *context;

	/* Results. Of the last whole group: */
	uint64_t end; /* its end in the file */
	uint64_t sequence, revision, generation, time;
	uint64_t snapshot_end; /* end of the snapshot */
	uint32_t layout;       /* the file's */
	uint64_t at;	       /* where the scan stopped, for faults */
};

enum scan_result {
	SCAN_OK,      /* bytes behind `end`, if there are any, are a write that was never completed */
	SCAN_STOPPED, /* `visit` said so */
	SCAN_FOREIGN, /* the file is none of ours */
	SCAN_LAYOUT,  /* of another version of Sluice */
	SCAN_DAMAGED, /* something at `at` that had been on the disk is not whole */
};

/* `bytes`, aligned to 8 bytes, are the whole file. *error: visit's, where that ended it. */
enum scan_result scan_journal(const void *bytes, uint64_t size, struct scan *scan, int *error);

#endif
