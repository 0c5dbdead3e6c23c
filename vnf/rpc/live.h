/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the calls that live, so that the server knows when it may go down. */
#ifndef SLUICE_RPC_LIVE_H
#define SLUICE_RPC_LIVE_H

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct live_calls {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t count; /* calls, accepts that wait for one, and shutdowns that core has not finished */
};

void live_calls_init(struct live_calls *live);
void live_calls_destroy(struct live_calls *live);

void live_calls_begin(struct live_calls *live);
void live_calls_end(struct live_calls *live);

/* Waits until none lives, or for that time; true: none does. */
bool live_calls_wait(struct live_calls *live, unsigned int milliseconds);
#define LIVE_CALLS_EVER UINT_MAX

#endif
