/* SPDX-License-Identifier: Apache-2.0 */
/* From what a session of the observer is told of to copies. */
#ifndef SLUICE_COPIES_FLOW_H
#define SLUICE_COPIES_FLOW_H

#include <stdatomic.h>

#include "vnf/copies/destination.h"

struct observed;

/* Of all sessions of a tap flow. Any thread. */
struct copy_counts {
	_Atomic uint64_t packets, bytes; /* that were sent */
	_Atomic uint64_t lost;		 /* that the socket did not take */
	_Atomic uint64_t missed;	 /* that the observer had no room for */
};

enum { COPY_IN = 1, COPY_OUT = 2 };

/* One session's. */
struct copy_flow {
	struct copy_destination *destination; /* borrowed, as what follows */
	const struct copy_target *target;     /* of all destinations: copies to any of them are not copied */
	size_t targets;
	struct copy_counts *counts;
	uint8_t frames; /* COPY_IN: as they came, COPY_OUT: as they leave; or both */
	uint16_t snap_length;
	uint32_t one_in;  /* 1: each */
	uint32_t skipped; /* packets since the last copy */
	uint64_t missed;  /* as the observer said last */
};

/* An observer_take; its context is the flow. */
void copy_flow_take(void *context, const struct observed *observed, uint64_t lost);

/* Bytes that the observer is to keep of a frame. */
static inline uint16_t copy_flow_snap(const struct copy_flow *flow)
{
	return flow->snap_length < COPY_SEEN ? COPY_SEEN : flow->snap_length;
}

#endif
