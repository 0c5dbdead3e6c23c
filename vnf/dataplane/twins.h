/* SPDX-License-Identifier: Apache-2.0 */
/* The twins of the packet programs (api/dp/observe.h): loaded beside them when somebody wants to look at packets. */
#ifndef SLUICE_DATAPLANE_TWINS_H
#define SLUICE_DATAPLANE_TWINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/bank.h"
#include "api/dp/observe.h"

struct dataplane;

enum { TWIN_XDP, TWIN_TC, TWIN_ANSWERS, TWINS };

struct twins {
	int program[TWINS];	      /* descriptors; -1: none */
	int ring;		      /* the ring buffer's; -1: these only explain */
	struct dp_observed *observed; /* mapped: of each possible CPU */
	struct dp_observing *observing;
	struct dp_now *now; /* of these that explain: their own */
	uint32_t cpus;
};

#define TWINS_NONE ((struct twins){.program = {-1, -1, -1}, .ring = -1})

/* Loads them: for packets on their way, or `explains`: such that change nothing. Takes a second. 0, or -errno and has
 * logged why. */
int twins_load(struct dataplane *dataplane, bool explains, struct twins *twins);
void twins_close(struct twins *twins); /* those that are handed packets are taken away before; TWINS_NONE is fine */
size_t twins_ring_bytes(const struct twins *twins);

/* Packets go to them from now on, as far as dataplane_look says; NULL: to none any more. 0 or -errno. */
int dataplane_hand_to(struct dataplane *dataplane, const struct twins *twins);

/* Which packets go to the twins: DP_FEATURE_OBSERVE, DP_FEATURE_SAMPLE. Any thread. */
void dataplane_look(struct dataplane *dataplane, uint64_t features);
/* Every CPU's next packet is a sample, and from there on they have the distance that is asked for now. */
void dataplane_sample_anew(struct dataplane *dataplane);

/* One frame through one program of those that explain. */
struct twin_run {
	uint32_t ifindex;
	const uint8_t *in;
	uint32_t in_length;
	uint8_t *out; /* room for out_length bytes, of which it says how many there are */
	uint32_t out_length;
	int verdict; /* of the hook */
};

/* 0 or -errno. */
int twins_run(const struct twins *twins, int which, struct twin_run *run);

/* Whether the next packet is looked for in bank 0 or 1. */
void twins_choose_bank(struct twins *twins, unsigned int bank);

#endif
