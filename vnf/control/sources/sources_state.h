/* SPDX-License-Identifier: Apache-2.0 */
/* Internal to vnf/control/sources. */
#ifndef SLUICE_CONTROL_SOURCES_STATE_H
#define SLUICE_CONTROL_SOURCES_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "vnf/control/commit/learn.h"
#include "vnf/control/sources/sources.h"
#include "vnf/core/loop.h"
#include "vnf/features/source/source.h"
#include "vnf/sources/mirror.h"

#define PIECE 16384 /* changes that are committed at once, so that clients' commits come in between */

/* One of the mirror's groups. */
struct known_group {
	struct source_group group; /* a copy; number 0: there is none */
	struct handle *handle;	   /* with a reference; NULL: none of its hops can be used */
	uint64_t signature;	   /* of what its hops were made into */
	uint64_t piece;		   /* in which it was last made sure of */
};

/* A route source that is followed. */
struct followed {
	struct followed *next;
	struct handle *source;		     /* with a reference */
	const struct route_source *resource; /* as it is followed */
	uint64_t revision;		     /* of that */
	uint32_t number;		     /* the mirror's */
	struct known_group *group;	     /* by number */
	size_t groups;
	struct source_batch *batch; /* at hand; NULL: none */
	size_t done;		    /* changes of it */
	bool seen;		    /* by the update at hand */
};

/* What readers see of a source, by the id of its resource. */
struct shown_source {
	_Atomic uint32_t number;
	_Atomic uint64_t unusable;
	_Atomic uint64_t lag_us, lag_most_us, earlier_most_us, minute;
	char refused[160]; /* why the last batch was; "": it was not. Under the lock */
};

struct sources {
	struct committer *committer;
	struct learner learner;
	struct subscriber subscriber;
	struct event *update; /* configuration or interfaces have changed */
	struct event *go_on;  /* a batch has pieces left */
	_Atomic(struct mirror *) mirror;
	struct followed *first;
	pthread_mutex_t lock; /* of what follows, and of texts that are shown; for a few instructions */
	struct source_batch *arrived;
	struct loop_work arrival;
	bool announced;		    /* the work is posted */
	struct shown_source *shown; /* up to shown_count ids */
	uint32_t shown_count;
	uint32_t numbers; /* given so far */
	bool untold;	  /* the mirror does not know yet what is followed */
	uint64_t pieces;
};

static inline struct mirror *mirror_of(const struct sources *sources)
{
	return atomic_load_explicit(&sources->mirror, memory_order_acquire);
}

static inline struct shown_source *shown_of(const struct sources *sources, const struct followed *followed)
{
	return &sources->shown[followed->source->id < sources->shown_count ? followed->source->id : 0];
}

/* Is this its resource, as it is followed? Another may be where that was. */
static inline bool followed_is(const struct followed *followed, const struct resource *resource)
{
	return resource && resource == (const struct resource *)followed->resource &&
	       resource->revision == followed->revision;
}

/* Is the mirror's mirror_ops->ready. */
void sources_hand_over(void *context, struct source_batch *batch);

/* Brings the list up to the snapshot. *changed: the mirror is to know. 0 or -ENOMEM. */
int followed_bring_up(struct sources *sources, const struct snapshot *next, bool *changed);
/* Has the mirror follow all that are in the list. 0 or -1 with *error. */
int followed_tell(struct sources *sources, struct error *error);
void followed_end(struct sources *sources, struct followed **at);

/* Makes sure that the changes make, or the state has, the group's resources. Its handle, borrowed; NULL: none of its
 * hops can be used, or *error is -ENOMEM. */
struct handle *known_group_ensure(struct sources *sources, struct followed *followed, const struct snapshot *next,
				  uint32_t number, struct changes *changes, int *error);
/* Takes in new groups of a batch. 0 or -ENOMEM. */
int known_groups_add(struct sources *sources, struct followed *followed, const struct source_batch *batch);
void known_groups_drop(struct sources *sources, struct followed *followed, const struct source_batch *batch);
void known_groups_clear(struct sources *sources, struct followed *followed);
/* Would any of its groups' hops be made into something else now? */
bool known_groups_differ(struct sources *sources, struct followed *followed, const struct snapshot *next);

/* Changes of the batch from `from` on, `count` at most, as resources. 0 or -ENOMEM. */
int batch_changes(struct sources *sources, struct followed *followed, const struct snapshot *next, size_t from,
		  size_t count, struct changes *changes);
/* What the source has learned and a first batch does not have any more. 0 or -ENOMEM. */
int batch_sweep(const struct followed *followed, const struct snapshot *next, struct changes *changes);
/* Marks changes of the batch, which packets meet, that are suppressed or lead nowhere: they are not acknowledged. */
void batch_withhold(const struct followed *followed, const struct snapshot *next);
/* Groups, next hops and tunnel endpoints of its that nobody uses. 0 or -ENOMEM. */
int unused_changes(const struct followed *followed, const struct snapshot *next, struct changes *changes);

/* A new resource of the source's; NULL: out of memory. */
struct resource *learned_new(struct sources *sources, const struct followed *followed, enum resource_kind kind,
			     size_t size, const char *name);

#endif
