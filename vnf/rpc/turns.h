/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns on the control thread. Calls wait in a queue for each caller, and the callers take turns: one call of each,
 * then the next of each. So a client with hundreds of calls in flight delays another's by one of them at a time. Up to
 * 64 calls, of those that begin within 2 ms, run before the loop goes on: commits of many clients still share a flip,
 * and no answer waits for the flip of a crowd of large ones.
 */
#ifndef SLUICE_RPC_TURNS_H
#define SLUICE_RPC_TURNS_H

#include <pthread.h>
#include <stdbool.h>

#include "vnf/core/loop.h"

#define TURNS_TOGETHER 64
#define TURNS_US       2000

/* Embedded in a call; the queue's while it waits. */
struct turn {
	const void *caller; /* whose turn it is; NULL is one, too */
	void (*run)(struct turn *turn);
	struct turn *next;    /* of the same caller */
	struct turn *last;    /* of its queue; the first one's only */
	struct turn *another; /* the next caller's first one; the first one's only */
};

struct turns {
	struct loop *loop;
	struct loop_work work;
	pthread_mutex_t lock; /* guards the rest */
	struct turn *first;   /* whose turn is next */
	struct turn **end;
	bool posted;
};

void turns_init(struct turns *turns, struct loop *loop); /* loop NULL: it is never used */
void turns_destroy(struct turns *turns);

/* Has turn->run called on the control thread, once; `run` and `caller` are set. Any thread. */
void turns_post(struct turns *turns, struct turn *turn);

#endif
