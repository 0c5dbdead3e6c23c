/* SPDX-License-Identifier: Apache-2.0 */
/* Observed packets between the observer's thread, which puts copies of them in, and the one that takes them out. */
#ifndef SLUICE_CONTROL_SEEN_QUEUE_H
#define SLUICE_CONTROL_SEEN_QUEUE_H

#include <pthread.h>
#include <stdbool.h>

#include "vnf/observe/observer.h"

#define SEEN_QUEUE_BYTES (4UL << 20)

/* One packet; the parts lie behind it. */
struct seen_packet {
	struct seen_packet *next;
	size_t size;
	struct dp_observation head;
	const uint8_t *in, *out; /* NULL: not wanted, or not there */
	const struct dp_step *steps;
	/* struct dp_step of its steps, and the bytes */
};

struct seen_queue {
	pthread_mutex_t lock; /* guards the rest */
	struct seen_packet *first, **last;
	size_t bytes;
	uint64_t wanted; /* packets, */
	uint64_t told;	 /* those that the observer has told of */
	uint64_t lost,
		refused; /* those that it has not, which are still owed; and those for which there was no room here */
	uint64_t known;	 /* lost and refused ones that who takes them out knows of */
	uint64_t ends;	 /* CLOCK_MONOTONIC, ns: then nothing comes any more */
	bool ended;
	bool awake; /* who takes them out knows that there is something */
};

void seen_queue_init(struct seen_queue *queue, uint64_t wanted, uint64_t ends);
void seen_queue_clear(struct seen_queue *queue);

/* Copies it, or counts it as lost. True: who takes them out is to be woken up. */
bool seen_queue_put(struct seen_queue *queue, const struct observed *observed, uint64_t lost);
/* Time has passed, without a packet perhaps. True as of put: its end has come, or more are lost. */
bool seen_queue_tick(struct seen_queue *queue, uint64_t now, uint64_t lost);

struct seen_taken {
	struct seen_packet *first; /* linked by `next`, each to be freed; NULL: none, and put is to wake up */
	uint64_t lost;		   /* of all so far, */
	bool more_lost;		   /* which are more than at the last take */
	bool over;		   /* nothing comes any more behind these */
};

/* Up to `most`. */
struct seen_taken seen_queue_take(struct seen_queue *queue, size_t most);
/* One that was taken could not be told of: it is lost, too. Returns how many: 1. */
uint64_t seen_queue_refuse(struct seen_queue *queue);

#endif
