/* SPDX-License-Identifier: Apache-2.0 */
/* An observer that says what tests want (vnf/observe/observer.h), and remembers what it was asked. */
#ifndef SLUICE_TESTS_CONTROL_FIXTURE_OBSERVER_H
#define SLUICE_TESTS_CONTROL_FIXTURE_OBSERVER_H

#include "vnf/observe/observer.h"

struct control;

extern struct fake_observer {
	/* observer_explain: */
	uint8_t frame[OBSERVER_FRAME]; /* that was asked for last */
	uint32_t length, ifindex;
	unsigned int bank, asked;
	bool refuses;		       /* as UNAVAILABLE */
	struct explained explained;    /* its answer, */
	struct dp_observation head[2]; /* and by the bank, where no steps are wanted */
	const struct observed *recent; /* what observer_recent shows */
	size_t recents;

	/* what it takes: */
	bool loads; /* it is not there yet */
	unsigned int prepared, behind;

	/* sessions: */
	struct observer_wish wish; /* of the one that is open */
	bool open;
	uint64_t lost;
} fake_observer;

void fake_observer_give(struct control *control); /* and resets it */
/* Hands the observation to the session, as the observer's thread does. */
void fake_observer_see(const struct observed *observed);

#endif
