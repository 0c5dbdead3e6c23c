/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the calls that live, so that the server knows when it may go down. */
#ifndef SLUICE_RPC_LIVE_H
#define SLUICE_RPC_LIVE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct live_calls {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t count; /* calls, and accepts that wait for one */
	bool down;    /* core has shut down */
};

void live_calls_init(struct live_calls *live);
void live_calls_destroy(struct live_calls *live);

void live_calls_begin(struct live_calls *live);
void live_calls_end(struct live_calls *live);
void live_calls_set_down(struct live_calls *live);

/* Waits until none lives, or for that time. */
void live_calls_wait(struct live_calls *live, unsigned int milliseconds);
/* Waits until none lives and core has shut down. */
void live_calls_wait_down(struct live_calls *live);
/* The same, for that time at most; false: it is not so yet. */
bool live_calls_wait_down_for(struct live_calls *live, unsigned int milliseconds);

#endif
