/* SPDX-License-Identifier: Apache-2.0 */
/* A mirror that hands out what tests say (vnf/sources/mirror.h). */
#ifndef SLUICE_TESTS_CONTROL_FIXTURE_MIRROR_H
#define SLUICE_TESTS_CONTROL_FIXTURE_MIRROR_H

#include "vnf/sources/mirror.h"

extern struct fake_mirror {
	struct source_config config[8]; /* what is followed */
	size_t configs;
	unsigned int follows;	  /* calls of mirror_follow */
	struct source_batch *out; /* handed out, not done; one at a time */
	unsigned int taken, refused;
	struct ip_prefix again; /* of the last mirror_again */
} fake_mirror;
/* What mirror_wait_first is to hand out for the first source; NULL: nothing. */
extern const struct source_batch *fake_mirror_at_start;

/* Hands out a copy. The one before must be done. */
void fake_mirror_hand_out(const struct source_batch *batch);

#endif
