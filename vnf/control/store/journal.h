/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal: a file of commits in a directory of the router's own, from which the next daemon learns what this one
 * had acknowledged. It knows nothing of what is inside (record.h has the layout).
 *
 * A group is begun, filled and committed; committed and durable, it outlives the machine's crash, and everything that
 * was committed before it does, too. Committed and not durable, it outlives the daemon. What fails leaves nothing of
 * its group behind.
 *
 * The file has zeros behind its last group, on the disk like the rest: a commit that overwrites them is durable without
 * the file system having to write a new size and where the blocks are.
 *
 * Control thread only, but for journal_rewrite_put and journal_rewrite_end.
 */
#ifndef SLUICE_STORE_JOURNAL_H
#define SLUICE_STORE_JOURNAL_H

#include <limits.h>

#include "vnf/control/store/journal_index.h"
#include "vnf/control/store/record_writer.h"
#include "vnf/control/store/revisions.h"
#include "vnf/core/error.h"

#define JOURNAL_FILE "journal"
#define JOURNAL_NEW  "journal.new" /* while it is being rewritten */

struct journal {
	struct record_writer writer;
	int directory; /* descriptor, with the lock on it */
	uint64_t end;  /* of the last whole group */
	uint64_t room; /* the file's size: zeros from `end` up to it */
	uint64_t snapshot_end;
	uint64_t sequence; /* of the last whole group */
	uint32_t layout;   /* of the file: an older one is rewritten soon */
	/* -errno: what is in the file is not known to be on the disk (a sync failed), or it cannot be written at all.
	 * Nothing is committed until it was rewritten. */
	int broken;
	char path[PATH_MAX]; /* of the file, for texts */
};

/* What the file holds, while the daemon starts. */
struct journal_content {
	uint64_t revision, generation;
	struct journal_index index;
	struct revisions *revisions; /* that led there */
	uint64_t cut; /* bytes behind the last whole group that are of none, up to the last that is not zero */
	void *bytes;  /* the index points into them */
	size_t size;
};

/*
 * Opens the journal in the directory, both made where they are not there (the directory's parent is), and keeps every
 * other process from doing so. NULL and *error, with the remedy: another has it, the file is damaged or not of this
 * version, it cannot be read or made. One that can be read and not written is opened, and broken.
 */
struct journal *journal_open(const char *directory, struct journal_content *content, struct error *error);
/* The same where another process has it, and has sent the descriptor of the directory with its lock, which is this
 * one's from now on also where opening fails. That process writes no more; until it is sure not to go on, this one may
 * not. */
struct journal *journal_open_locked(const char *directory, int lock, struct journal_content *content,
				    struct error *error);
/* Reads what it leads to and changes nothing, also while another process has it; `cut` may then be a write under way.
 * 0, or -1 and *error, as there. -1 without a fault: there is no journal. */
int journal_inspect(const char *directory, struct journal_content *content, struct error *error);
void journal_content_free(struct journal_content *content); /* frees what it points to */
void journal_close(struct journal *journal);		    /* NULL is fine */

/* A group: begin, entries, commit. 0, or -errno and the journal is as it was before begin. */
void journal_begin(struct journal *journal, uint64_t revision, uint64_t generation);
void journal_put(struct journal *journal, const struct entry *entry);
int journal_commit(struct journal *journal, bool durable);

/* Is there something that was committed and is not durable? */
bool journal_has_unsynced(const struct journal *journal);
/* Makes durable all that was committed. 0 or -errno. */
int journal_sync(struct journal *journal);

/* Is there room for more than a commit or two, and does a sync succeed? 0 or -errno. */
int journal_probe(struct journal *journal);

/* Has it grown so much that it should be rewritten, or is it of an older layout? */
bool journal_is_long(const struct journal *journal);

/* A new file in place of the old one: the state at a revision as its snapshot, then what was committed since. */
struct journal_rewrite {
	struct record_writer writer; /* fd -1: none is under way */
	uint64_t from;		     /* the old file's end when it began */
	uint64_t sequence;
};

/* With the newest revision. 0 or -errno and nothing to be done. */
int journal_rewrite_begin(struct journal *journal, struct journal_rewrite *rewrite, uint64_t revision,
			  uint64_t generation);
/* Any one thread. */
void journal_rewrite_put(struct journal_rewrite *rewrite, const struct entry *entry);
/* The same; writes all of it to the disk. 0 or -errno. */
int journal_rewrite_end(struct journal_rewrite *rewrite);
/* Puts the new file in the old one's place, and mends a broken journal. 0, or -errno and the old file is still in use
 * (broken, if that is not known). Ends the rewrite in any case. */
int journal_rewrite_switch(struct journal *journal, struct journal_rewrite *rewrite);
void journal_rewrite_cancel(struct journal *journal, struct journal_rewrite *rewrite);

#endif
