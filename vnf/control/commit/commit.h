/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of changes from candidate to packets: check, program, publish, answer. Commits that wait at the same time are
 * done together: each is checked against the state that those before it lead to, all go into the idle bank, one flip
 * shows them to packets, and each is published as a revision of its own. One that cannot go along is tried by itself
 * once the others are done. One that is to be confirmed, or undoes what was, goes by itself. Control thread only.
 */
#ifndef SLUICE_CONTROL_COMMIT_H
#define SLUICE_CONTROL_COMMIT_H

#include <stdbool.h>

#include "sluice/v1/change.pb-c.h"
#include "vnf/control/commit/changes.h"
#include "vnf/control/commit/candidate.h"
#include "vnf/control/commit/idempotency_cache.h"
#include "vnf/control/commit/revision_note.h"
#include "vnf/core/error.h"

#define COMMIT_TOGETHER 64   /* commits */
#define COMMIT_CHANGES	1024 /* and changes of theirs; a commit of more goes by itself */

struct access_caller;
struct committer;

struct differences {
	size_t count;
	Sluice__V1__Difference **difference;
};

struct commit {
	struct changes *changes;
	uint64_t expected_revision; /* 0: any */
	bool durable;		    /* when it is answered */
	const bool *stopped;	    /* NULL, or set by now: one that it is to follow was refused, and so is it */
	const char *owner;	    /* borrowed; NULL: it takes no part in elections */
	uint64_t election_id;	    /* 0: none */
	struct commit_origin origin;
	struct idempotency_entry *entry; /* for its answer; NULL: it has no request_id */
	struct access_caller *caller;	 /* who wants it; NULL: the router itself */
	uint64_t taken_us;		 /* monotonic: when it was added */
	struct error *error;
	Sluice__V1__WriteResult *result; /* NULL: refused, with the faults in *error */
	void (*done)(struct commit *commit);
	struct candidate candidate;
	uint64_t revision; /* that it leads to */
	struct revision_note note;
};

/* Those that wait for the flip. */
struct commits {
	struct commit *commit[COMMIT_TOGETHER];
	size_t count, changes;
	struct delta merged; /* of those that went together last; empty where one went by itself */
};

/* Takes the commit on; done() is called before this returns, or by commit_flush, which the loop calls soon. */
void commit_add(struct committer *committer, struct commit *commit);
/* Does those that wait. */
void commit_flush(struct committer *committer);
/* Is one that waits to be durable? */
bool commit_is_durable(const struct committer *committer);
/* Does one that waits have the key? */
bool commit_waits(const struct committer *committer, const struct idempotency_key *key);

/* Looks at what a dry run leads to: `next` is in the bank that packets do not read, until this returns. `next` NULL: it
 * changes nothing, and the bank that they read is what it leads to. May add to the result. 0, or -1 with *error: so
 * fails the dry run. */
struct commit_look {
	int (*look)(void *context, const struct snapshot *next, Sluice__V1__WriteResult *result, struct error *error);
	void *context;
};

/* What a commit would do, on top of those that wait. The answer, or NULL with the faults. `expected_revision` 0: any;
 * `look` may be NULL. */
Sluice__V1__WriteResult *commit_dry_run(struct committer *committer, struct changes *changes,
					uint64_t expected_revision, const struct commit_look *look,
					struct differences *differences, struct error *error);

/* Brings both banks to the newest revision; to be called soon after a revision was published. */
void commit_sync_banks(struct committer *committer);

#endif
