/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The observer: who looks at packets. It has the twins of the packet programs loaded when somebody looks for the first
 * time (api/dp/observe.h), switches them on and off, hands what they see to sessions, and explains packets. A thread of
 * its own reads the ring buffer from then on.
 */
#ifndef SLUICE_OBSERVE_OBSERVER_H
#define SLUICE_OBSERVE_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/observe.h"
#include "vnf/core/error.h"

struct dataplane;
struct observer;
struct observer_session;

/* Loads nothing yet. Borrows the dataplane. NULL: out of memory. */
struct observer *observer_new(struct dataplane *dataplane);
void observer_free(struct observer *observer); /* every session is closed before; NULL is fine */

/* What it takes to explain packets, and to look at those on their way: twins of its own each. */
enum observer_use { OBSERVER_EXPLAINS, OBSERVER_LOOKS, OBSERVER_USES };

/* Loads that, unless it is there, which takes a second or two: for a thread that may wait so long, as the control
 * thread may not. What has failed is tried again after 10 s. 0, or -1 and *error, UNAVAILABLE. */
int observer_prepare(struct observer *observer, enum observer_use use, struct error *error);
/* What needs it does not wait any more. Any thread. */
bool observer_is_prepared(const struct observer *observer, enum observer_use use);
/* Loads what it takes to look on a thread of its own: control thread, which asks again whether it is there. */
void observer_prepare_behind(struct observer *observer);

/* An entry of the ring, whole and checked: parts may be NULL where they were not wanted or are not there. */
struct observed {
	const struct dp_observation *head;
	const uint8_t *in, *out; /* head->in_kept and out_kept bytes */
	const struct dp_step *steps;
};

/* What a session is told, on the observer's thread: it must not block, and everything is borrowed until it returns.
 * `lost` counts packets that fitted and were not told of, in all. */
typedef void observer_take(void *context, const struct observed *observed, uint64_t lost);

struct observer_wish {
	struct dp_observe_filter filter;
	uint64_t packets;	    /* then it is told of no more; it stays open */
	uint16_t in_snap, out_snap; /* bytes, to DP_OBSERVED_FRAME */
	bool steps;
	observer_take *take;
	void (*tick)(void *context, uint64_t lost); /* on the same thread, ten times a second and more; NULL: not
						     * wanted; `lost` as of take */
	void *context;
};

/* Any thread; prepares (above) where nobody has. NULL and *error: RESOURCE_EXHAUSTED (eight are open), UNAVAILABLE (the
 * twins cannot be loaded). */
struct observer_session *observer_open(struct observer *observer, const struct observer_wish *wish,
				       struct error *error);
/* On return `take` is called no more. Any thread but the observer's. */
void observer_close(struct observer_session *session);

/* Samples: one packet in `every` (1 to 1,000,000), at random, with `snap` bytes of its frame as it came, for all takers
 * together; 0: no more. `take` gets them until observer_stop_samples. At most four takers. Any thread; prepares where
 * nobody has. */
int observer_sample(struct observer *observer, uint32_t every, uint16_t snap, struct error *error);
int observer_take_samples(struct observer *observer, observer_take *take, void *context, struct error *error);
void observer_stop_samples(struct observer *observer, observer_take *take, void *context);
/* The newest samples that are remembered, at most `most`, the newest first: calls `see` for each. A sample's frame is
 * what was kept of it. Any thread. */
size_t observer_recent(struct observer *observer, size_t most, observer_take *see, void *context);

/* Since the observer was made. */
struct observer_counts {
	uint64_t sessions;   /* that are open */
	uint64_t told, lost; /* packets that sessions were told of, and not */
	uint64_t samples, samples_lost;
};

/* Up to 0.1 s old. Any thread; waits for nobody. */
void observer_counts(const struct observer *observer, struct observer_counts *counts);

/* A packet to be explained. */
struct observer_packet {
	uint32_t ifindex; /* by which it comes: there must be such a device in the dataplane's namespace; 0: by none */
	uint16_t vrf;	  /* with ifindex 0: the id of the VRF in which it is taken to be, past its port and tunnel: the
			   * frame's MACs and tags are not looked at */
	const uint8_t *frame;
	uint32_t length;   /* 14 to OBSERVER_FRAME bytes */
	unsigned int bank; /* 0 or 1: the tables to be used */
};

#define OBSERVER_FRAME 9216 /* bytes of a frame that is explained at most, and of one that leaves */

struct explained {
	struct dp_observation head;
	struct dp_step step[DP_OBSERVED_STEPS]; /* head.steps of them */
	uint8_t out[OBSERVER_FRAME];		/* the frame that would leave, head.out_length bytes */
};

/* Runs it through both programs as a packet goes through them, by XDP first (if the device's port has it) and else by
 * the clsact qdisc's. Control thread only: the banks must not change meanwhile. 0, or -1 and *error. `steps` false:
 * none are told, which is faster. Prepares where nobody has. */
int observer_explain(struct observer *observer, const struct observer_packet *packet, bool steps,
		     struct explained *explained, struct error *error);

#endif
