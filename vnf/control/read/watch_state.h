/* SPDX-License-Identifier: Apache-2.0 */
/* A watcher's place; for watch*.c. */
#ifndef SLUICE_CONTROL_WATCH_STATE_H
#define SLUICE_CONTROL_WATCH_STATE_H

#include "vnf/control/kinds/key.h"
#include "vnf/control/read/scope.h"
#include "vnf/control/read/watch.h"
#include "vnf/control/store/journal_index.h"
#include "vnf/control/store/revisions.h"

#define WATCH_NOTES 512 /* names whose programmed state has changed and was not told of yet */
#define WATCH_NAME  64

enum watch_phase {
	WATCH_HISTORY, /* it had a revision that is known: what has changed since then is told, by key */
	WATCH_WALK,    /* it has nothing: all resources are told, kind by kind, key by key */
	WATCH_FOLLOW,  /* it has all up to `at` */
};

/* Something was programmed, or is not any more. */
struct watch_note {
	enum resource_kind kind;
	char name[WATCH_NAME];
};

struct watch {
	struct watches *watches;
	struct watch *next;
	void (*changed)(void *context);
	void *context;

	/* The request. */
	bool kind[RESOURCE_KINDS];
	char vrf[WATCH_NAME]; /* "": all */
	bool programmed;

	struct access_view view; /* guarded by the lock */

	pthread_mutex_t lock; /* guards what follows; the control thread never waits for it */
	enum watch_phase phase;
	const struct snapshot *at; /* pinned; NULL: it begins anew */
	size_t entry;		   /* of at's delta: those before it were told */
	uint64_t told;		   /* revision */
	uint64_t lost;		   /* events that it is not told of */

	/* HISTORY: what has changed since its revision, and how far that was told. */
	struct revision_list list;
	struct journal_index since;
	size_t place;

	/* WALK: the last resource that was told; kinds before it are done. */
	enum resource_kind walk_kind;
	bool walk_begun; /* the kind */
	struct parsed_key walked;

	pthread_mutex_t note_lock; /* guards these, for moments */
	struct watch_note *note;   /* a ring; NULL: programmed states are not wanted */
	size_t note_first, notes;
	bool notes_lost;
};

/* A message that is being filled. */
struct watch_filling {
	struct watch *watch;
	Sluice__V1__WatchResponse *response;
	size_t bytes;
	bool failed; /* no memory */
};

bool filling_has_room(const struct watch_filling *filling);
/* Each adds an event. */
void filling_add_resource(struct watch_filling *filling, const struct snapshot *snapshot,
			  const struct resource *resource);
void filling_add_gone(struct watch_filling *filling, enum resource_kind kind, const char *key);
void filling_add_revision(struct watch_filling *filling, uint64_t revision);
void filling_add_synced(struct watch_filling *filling, uint64_t revision, bool snapshot);
void filling_add_lost(struct watch_filling *filling, uint64_t lost);

/* Is the snapshot's resource among what is watched, and seen? */
bool watch_wants(const struct watch *watch, const struct snapshot *snapshot, const struct resource *resource);

/* Goes on from the revision, where it is known; false: it is not, or that would be as much as all. */
bool watch_begin_history(struct watch *watch, uint64_t revision);
void watch_tell_history(struct watch_filling *filling);
void watch_end_history(struct watch *watch);

/* Lets go of what it has been told: it begins anew. With the lock. */
void watch_void(struct watch *watch);

#endif
