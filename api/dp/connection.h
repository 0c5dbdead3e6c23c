/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The connections that stateful rules follow. Packets write them, so they lie outside the banks and outlive the daemon:
 * a table for each family, of sets of four ways; a connection is in one of the two sets that its key's hash names. One
 * entry is for both directions, so its key has the ends in an order of their own: the lower address (as a number in the
 * host's order of what is on the wire) first, of equal ones the lower port.
 *
 * An entry is taken by exchanging its `life`, which is compared, for BUSY, and given by exchanging that for the new
 * `life`. Whoever changes the life of an entry compares it: so nobody changes one that has become another's.
 */
#ifndef SLUICE_DP_CONNECTION_H
#define SLUICE_DP_CONNECTION_H

#include <linux/types.h>

#include "api/dp/limits.h"
#include "api/dp/siphash.h"

#define DP_CONNECTION_WAYS	4
#define DP_CONNECTION_EMBRYONIC 2	  /* ways of a set that connections without an answer may have */
#define DP_CONNECTION_SHIFT	27	  /* of nanoseconds of the monotonic clock: times count in ticks of 134 ms, */
#define DP_CONNECTION_TIME	0xffffffU /* and begin again after 26 days */

/* Up to SYN_RECEIVED_BOTH they are embryonic: the responder, or of TCP one of both, has yet to answer. */
enum dp_connection_state {
	DP_CONNECTION_EMPTY,
	DP_CONNECTION_NEW,		 /* no answer yet: not TCP, or TCP that was taken up without a SYN */
	DP_CONNECTION_SYN_SENT,		 /* by the initiator, */
	DP_CONNECTION_SYN_SENT_BOTH,	 /* by both (RFC 9293 3.5, simultaneous open) */
	DP_CONNECTION_SYN_RECEIVED,	 /* the responder has acknowledged it, the initiator has yet to do so, */
	DP_CONNECTION_SYN_RECEIVED_BOTH, /* or the other way round */
	DP_CONNECTION_ESTABLISHED,
	DP_CONNECTION_RESET_SEEN,	/* a reset in the window has come that need not be right (RFC 5961 3.2) */
	DP_CONNECTION_FIN_BY_INITIATOR, /* it has said that it sends no more, */
	DP_CONNECTION_FIN_BY_RESPONDER,
	DP_CONNECTION_TIME_WAIT, /* both have */
	DP_CONNECTION_CLOSED,	 /* by a reset */
	DP_CONNECTION_BUSY = 15, /* being written */
};

enum { DP_CONNECTION_BY_HIGH = 1 /* the higher end began it */, DP_CONNECTION_PINNED = 2 /* by a rule with KEEP */ };

/*
 * life: bits 0 to 31 the epoch of the rules that it was let in or judged by last, 32 to 35 flags, 36 to 39 the state,
 * 40 to 63 when the last packet of it came. 0: the entry is empty. note: bits 0 to 15 the rule that let it in; 16 to 39
 * and 40 to 63 of TCP the sequence number that the lower and the higher end will send next, in units of 256; 0: not
 * known. rest: bits 0 to 15 the lower end's port, 16 to 31 the higher one's, 32 to 47 the VRF, 48 to 55 the protocol.
 * Of an ICMP echo the port of who asks is the identifier, and the other one 0. Addresses are in network order.
 */
struct dp_connection {
	__u64 rest;
	__u64 life;
	__u64 note;
};

struct dp_connection4 {
	__u64 ends; /* the lower address in the upper half */
	struct dp_connection connection;
};

struct dp_connection6 {
	__u64 low[2];
	__u64 high[2];
	struct dp_connection connection;
	__u64 spare;
};

struct dp_connection_set4 {
	struct dp_connection4 way[DP_CONNECTION_WAYS];
};

struct dp_connection_set6 {
	struct dp_connection6 way[DP_CONNECTION_WAYS];
};

_Static_assert(sizeof(struct dp_connection_set4) == 128, "dp_connection_set4");
_Static_assert(sizeof(struct dp_connection_set6) == 256, "dp_connection_set6");
_Static_assert(DP_MAX_POLICY_RULES <= 0xffff, "a rule fits in a note");
_Static_assert(DP_MAX_VRFS <= 0xffff, "a VRF fits in a key");

/*
 * Whose an entry is: of the policy's stateful rules, or of a service (service.h). Of a service there is one from client
 * to VIP and, where the member's address is put into packets, another from client to member, by which answers are
 * known; and one from a source (ports 0, low 32 bits of `rest` the listener's id) to the VIP, where sources stay with a
 * member. They have no rule and no sequence numbers: note has bits 0 to 19 the member's id, 20 to 51 the low half of
 * the generation in which it began; or of ANSWER bits 0 to 19 the listener's id and 20 to 35 the port that the client
 * sees. life's epoch is the member's or the listener's incarnation.
 */
enum dp_connection_kind {
	DP_CONNECTION_POLICY,
	DP_CONNECTION_SERVICE,
	DP_CONNECTION_ANSWER,
	DP_CONNECTION_AFFINITY,
};
#define DP_CONNECTION_KIND_SHIFT 60 /* in `rest` */

/* Beside both tables, and kept with them. */
struct dp_connection_head {
	__u64 secret[2];
	__u64 clock; /* low half: the time of the tick of the kernel whose number's low half is in the high one */
	__u64 keeps; /* 1: a rule with KEEP has let some in: they are followed also where no rule does so any more */
	__u64 pad[4];
	__u64 evicted; /* connections without an answer, and closed ones, whose place a new one took */
	__u64 padding[7];
};

/* How connections of a VRF are followed; index: VRF id. Times in ticks; 0: the default. */
struct dp_conntrack {
	__u32 established; /* of TCP, */
	__u32 transitory;  /* before and behind that */
	__u32 udp;	   /* and of every other protocol but ICMP */
	__u32 icmp;
	__u8 pickup;	     /* TCP may begin without SYN */
	__u8 pass_untracked; /* where the table is full */
	__u8 pad[14];
};

_Static_assert(sizeof(struct dp_conntrack) == 32, "dp_conntrack");

/* Seconds, rounded up. */
#define DP_CONNECTION_TICKS(seconds)                                                                                   \
	((__u32)(((seconds)*1000000000ULL + (1ULL << DP_CONNECTION_SHIFT) - 1) >> DP_CONNECTION_SHIFT))
#define DP_CONNECTION_ESTABLISHED_SECONDS 7440 /* RFC 5382 REQ-5 */
#define DP_CONNECTION_TRANSITORY_SECONDS  240  /* likewise */
#define DP_CONNECTION_UDP_SECONDS	  120  /* RFC 4787 REQ-5 */
#define DP_CONNECTION_ICMP_SECONDS	  30
#define DP_CONNECTION_CLOSED_SECONDS	  10 /* packets that were on their way when a reset came */

static inline __attribute__((always_inline)) __u32 dp_connection_state(__u64 life)
{
	return life >> 36 & 15;
}

static inline __attribute__((always_inline)) __u32 dp_connection_flags(__u64 life)
{
	return life >> 32 & 15;
}

static inline __attribute__((always_inline)) __u64 dp_connection_life(__u32 seen, __u32 state, __u32 flags, __u32 epoch)
{
	return (__u64)seen << 40 | (__u64)state << 36 | (__u64)flags << 32 | epoch;
}

static inline __attribute__((always_inline)) __u32 dp_connection_age(__u64 life, __u32 now)
{
	return (now - (__u32)(life >> 40)) & DP_CONNECTION_TIME;
}

static inline __attribute__((always_inline)) _Bool dp_connection_embryonic(__u32 state)
{
	return state - 1 < DP_CONNECTION_SYN_RECEIVED_BOTH;
}

/* Nothing more is to come of it. */
static inline __attribute__((always_inline)) _Bool dp_connection_over(__u32 state)
{
	return state == DP_CONNECTION_TIME_WAIT || state == DP_CONNECTION_CLOSED;
}

/* Ticks without a packet behind which it is forgotten. */
static inline __attribute__((always_inline)) __u32 dp_connection_timeout(const struct dp_conntrack *how, __u32 state,
									 __u8 protocol)
{
	if (state == DP_CONNECTION_CLOSED)
		return DP_CONNECTION_TICKS(DP_CONNECTION_CLOSED_SECONDS);
	if (protocol == 1 || protocol == 58)
		return how->icmp ? how->icmp : DP_CONNECTION_TICKS(DP_CONNECTION_ICMP_SECONDS);
	if (protocol != 6)
		return how->udp ? how->udp : DP_CONNECTION_TICKS(DP_CONNECTION_UDP_SECONDS);
	if (state == DP_CONNECTION_ESTABLISHED)
		return how->established ? how->established : DP_CONNECTION_TICKS(DP_CONNECTION_ESTABLISHED_SECONDS);
	return how->transitory ? how->transitory : DP_CONNECTION_TICKS(DP_CONNECTION_TRANSITORY_SECONDS);
}

/* The message of 15 bytes, or of 39. */
static inline __attribute__((always_inline)) __u64 dp_connection_hash4(const __u64 secret[2], __u64 ends, __u64 rest)
{
	struct dp_siphash s = dp_siphash_begin(secret);

	dp_siphash_word(&s, ends);
	dp_siphash_word(&s, rest | 15ULL << 56);
	return dp_siphash_end(&s);
}

static inline __attribute__((always_inline)) __u64 dp_connection_hash6(const __u64 secret[2], const __u64 *low,
								       const __u64 *high, __u64 rest)
{
	struct dp_siphash s = dp_siphash_begin(secret);

	dp_siphash_word(&s, low[0]);
	dp_siphash_word(&s, low[1]);
	dp_siphash_word(&s, high[0]);
	dp_siphash_word(&s, high[1]);
	dp_siphash_word(&s, rest | 39ULL << 56);
	return dp_siphash_end(&s);
}

#endif
