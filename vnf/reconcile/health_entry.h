/* SPDX-License-Identifier: Apache-2.0 */
/* How targets are kept; for health.c and the files beside it. */
#ifndef SLUICE_RECONCILE_HEALTH_ENTRY_H
#define SLUICE_RECONCILE_HEALTH_ENTRY_H

#include <pthread.h>
#include <stdatomic.h>

#include "vnf/reconcile/health.h"

#define HEALTH_KEY_BYTES 600 /* the number of the kind and two names, which have no '/' */

struct health_entry {
	struct health_entry *next; /* of its bucket */
	char *key;		   /* "kind/group/name"; owned */
	uint64_t id;		   /* 0: in no slot yet */
	bool queued;		   /* to be taken */
	bool gone;		   /* of a staged one: it is no target any more */
	bool reported;
	struct health_target target; /* owned names; monitor NULL: read from the file, and no target yet */
	struct health_verdict verdict;
};

struct health_targets {
	pthread_mutex_t lock; /* for health_facts: held while entries change */
	struct health_entry **bucket;
	uint32_t buckets, count;
	struct health_entry **slot; /* from 1; NULL: free */
	uint32_t *round;	    /* by slot: how many targets have had it; the upper half of ids */
	uint32_t slots, slot_capacity, first_free;
	struct health_entry **staged; /* by the run: each takes the place of the entry with its key */
	size_t staged_count, staged_capacity;
	uint64_t *queue; /* ids to be taken, while somebody listens */
	size_t queue_first, queue_end, queue_capacity;
	void (*changed)(void *context); /* NULL: nobody does */
	void *context;
	atomic_bool listened_to;
	bool taken_up; /* from the file, and no run has been since */
};

char *health_key_text(const struct health_key *key, char text[HEALTH_KEY_BYTES]);
struct health_entry *health_find(const struct health_targets *health, const char *key); /* NULL: there is none */
struct health_entry *health_entry_new(const char *key);					/* NULL: out of memory */
void health_entry_free(struct health_entry *entry);					/* NULL is fine */
bool health_reserve(struct health_targets *health, size_t count); /* room for so many more; false: out of memory */
void health_add(struct health_targets *health, struct health_entry *entry); /* that there is room for */
void health_remove(struct health_targets *health, struct health_entry *entry);

#endif
