/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits on their way into the journal, before packets meet them. A journal that cannot be written refuses commits,
 * says why, and is tried again every second; one that has grown long is rewritten by a thread beside the commits.
 * Control thread only, but for recorder_status.
 */
#ifndef SLUICE_CONTROL_RECORDER_H
#define SLUICE_CONTROL_RECORDER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "sluice/v1/change.pb-c.h"
#include "vnf/control/commit/elections.h"
#include "vnf/control/state/history.h"
#include "vnf/control/store/journal.h"
#include "vnf/core/error.h"
#include "vnf/core/loop.h"

struct event;
struct idempotency_cache;

/* Memory for a packed message, kept from one to the next. Empty when zeroed. */
struct packing {
	uint8_t *bytes;
	size_t room;
};

struct recorder {
	struct loop *loop; /* borrowed, as are the history and the revisions */
	struct history *history;
	struct revisions *revisions;
	struct elections elections;
	struct journal *journal;		  /* NULL: there is no state directory */
	const struct idempotency_cache *requests; /* borrowed, for a new file; NULL: none */
	struct event *probe;			  /* while it fails */
	uint64_t generation;			  /* of the newest commit */
	uint64_t mend_ms;			  /* monotonic: not to be mended before */
	uint64_t sync_us;			  /* what a durable commit takes to be written, of late */
	struct packing packing;
	void (*changed)(void *context, bool writable); /* NULL: nobody wants to know */
	void *changed_context;

	struct {
		struct journal_rewrite job;
		const struct snapshot *snapshot; /* pinned; NULL: none is under way */
		struct elections elections;	 /* at that revision */
		struct revision_list revisions;	 /* that led to it */
		atomic_bool stop;
		bool posted; /* `done` is on its way */
		int error;
		pthread_t thread;
		struct loop_work done;
	} rewrite;

	/* For other threads. */
	_Atomic int failure; /* errno; 0: it can be written */
	_Atomic uint64_t bytes, durable_revision;
};

/* Without a journal. 0 or -ENOMEM. */
int recorder_init(struct recorder *recorder, struct loop *loop, struct history *history, struct revisions *revisions);
void recorder_clear(struct recorder *recorder); /* a zeroed one is fine */
/* Takes the journal over, which leads to the newest revision, shown by that generation. */
void recorder_use(struct recorder *recorder, struct journal *journal, uint64_t generation);

/* Is a write with this choice to be durable when it is answered? 0, or -1 and a fault at options.durability. */
int recorder_durability(const struct recorder *recorder, Sluice__V1__Durability choice, bool *durable,
			struct error *error);

/* A group of entries that leads to a revision. `fill` puts them, 0 or -errno. */
struct recorder_group {
	uint64_t revision, generation;
	bool durable;
	int (*fill)(void *context, struct packing *packing, struct record_writer *writer);
	void *context;
};
/* 0, or -1 with a fault and nothing of it in the journal. */
int recorder_write(struct recorder *recorder, const struct recorder_group *group, struct error *error);
/* What commits have written and not waited for is durable now. 0 or -1 with a fault. */
int recorder_sync(struct recorder *recorder, struct error *error);
/* Nothing is under way, and all is durable: the file is another process's until this one writes again. 0, or -1 with a
 * fault. */
int recorder_freeze(struct recorder *recorder, struct error *error);
/* Rewrites the journal if it has grown long; after a commit. */
void recorder_tidy(struct recorder *recorder);

/* Any thread. */
struct recorder_status {
	const char *path; /* NULL: there is no journal */
	int failure;	  /* errno; 0: none */
	uint64_t bytes, durable_revision;
};
void recorder_status(const struct recorder *recorder, struct recorder_status *status);
/* What to do about an errno of the journal's. */
const char *recorder_remedy(int failure);

#endif
