/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long packets take, out of what a session sees of them: both passes through the router have to be seen, that out
 * and that back. Of a stage of a chain they are the same packet: when it is sent to a member, and when it comes back.
 * Of a tunnel or next hop they are a TCP segment and the one that acknowledges just its last byte: the round trip to
 * who answers behind it, his own delay included. Times are those at which packets reach the router's program.
 */
#ifndef SLUICE_OBSERVE_LATENCY_H
#define SLUICE_OBSERVE_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/observe/observer.h"

#define LATENCY_BUCKETS 36  /* bucket n has what took 2^n to 2^(n + 1) - 1 ns; the last, a minute, what took longer */
#define LATENCY_ROWS	512 /* that are told apart; the packets of more are not measured */
#define LATENCY_SNAP	224 /* bytes of a frame as it came: the longest headers that are routed, and TCP's */

enum latency_of { LATENCY_STAGE, LATENCY_TUNNEL, LATENCY_NEXT_HOP };

struct latency_row {
	uint16_t of;	    /* enum latency_of */
	uint16_t id;	    /* port pair group, tunnel or next hop; 0: the row is free */
	uint16_t interface; /* of a stage: by which packets go to its member; else 0 */
	uint64_t sent;	    /* packets whose way back is waited for, or was, */
	uint64_t returned;  /* and those of them that were seen to come back: the sum of the buckets */
	uint64_t longest;   /* ns */
	uint64_t bucket[LATENCY_BUCKETS];
};

struct latency;

/* NULL: out of memory. */
struct latency *latency_new(void);
void latency_free(struct latency *latency); /* NULL is fine */

/* A packet of a session that has LATENCY_SNAP bytes of each, and sees both directions. One thread at a time. */
void latency_take(struct latency *latency, const struct observed *observed);

/* The rows, in the order in which they were met first. */
size_t latency_rows(const struct latency *latency, const struct latency_row **rows);

/* Below which `permille` of the row's packets came back, in ns: as far as its buckets tell. 0: none came. */
uint64_t latency_quantile(const struct latency_row *row, unsigned int permille);

/* What is in a frame as it came, for whoever pairs packets. */
struct latency_packet {
	uint64_t same;	       /* a hash of what stays when it visits a stage */
	bool segment;	       /* TCP, not a fragment, and all that follows is known */
	bool asks, answers;    /* it has data, SYN or FIN; it acknowledges */
	uint64_t asked;	       /* a hash of its ends as it leaves and of the byte behind its last one, */
	uint64_t acknowledged; /* and of its ends as they came, turned round, and of the byte that it acknowledges */
};

/* False: it is no IP packet, or its headers are not all there. */
bool latency_packet(const struct observed *observed, struct latency_packet *packet);

#endif
