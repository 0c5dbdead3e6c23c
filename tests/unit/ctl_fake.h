/* SPDX-License-Identifier: Apache-2.0 */
/* A control plane for sluicectl to talk to: keeps what it is told, checks next to nothing, has made-up counters. */
#ifndef TESTS_UNIT_CTL_FAKE_H
#define TESTS_UNIT_CTL_FAKE_H

#include <pthread.h>
#include <stdbool.h>

#include "vnf/control/control.h"

/* A VRF named "bad" is refused; interfaces are never programmed; pages hold at most 700 resources. */
struct control *fake_control_new(void);
extern Sluice__V1__Durability fake_durability; /* that the last commit asked for */
extern bool fake_is_old;		       /* it has no ReplaceOwned */
void fake_control_free(struct control *control);

/* --- between its two files: ctl_fake.c writes, ctl_fake_state.c reads --- */

struct control {
	pthread_mutex_t lock; /* reads come on the RPC threads */
	Sluice__V1__ResourceState **state;
	size_t count;
	uint64_t revision;
	uint32_t confirm_seconds; /* of the last write; 0: nothing waits */
	bool open;		  /* the one transaction, "tx-1" */
	char *owner;
	Sluice__V1__Change **staged;
	size_t staged_count;
};

void *fake_copy(const void *message);

/* Kinds in the order of their numbers, keys in theirs. Returns whether the place is taken. */
bool fake_find(const struct control *control, unsigned int kind, const char *key, size_t *place);

/* Adds what a server says of the resource. */
void fake_describe(Sluice__V1__ResourceState *state);

#endif
