/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Policy: the rules of a VRF, found by pruned layered tuples.
 *
 * Each distinct prefix, set of addresses or range of ports that rules name is a *value* with an id. Values of a field
 * are put into layers, so that no packet has two values of one layer. The rules whose values lie in the same layers are
 * a *tuple*. A *class* stands for all addresses (or ports, or protocols) that have the same values: it says which
 * tuples have a rule with one of them, and the values' ids by layer. So the classes of a packet's five fields, taken
 * together, leave few tuples, and of each of these the ids are the key of an exact look-up.
 *
 * All of it but the rules lies in one pool of 64-bit words a bank. References are word indices into the pool; 0 is
 * "none".
 */
#ifndef SLUICE_DP_POLICY_H
#define SLUICE_DP_POLICY_H

#include <linux/types.h>

#include "api/dp/limits.h"

/* The best rule of each counts. Of EGRESS and INGRESS, those of the sender's and the receiver's security groups, as of
 * ACCESS, all must allow a packet. */
enum dp_policy_category {
	DP_POLICY_ACCESS,
	DP_POLICY_EGRESS,
	DP_POLICY_INGRESS,
	DP_POLICY_STEER,
	DP_POLICY_QOS,
	DP_POLICY_OBSERVE,
	DP_POLICY_CATEGORIES
};

#define DP_POLICY_TUPLES  256 /* of a VRF */
#define DP_POLICY_LAYERS  16  /* of a field; layer 0 has the value "any", id 0, alone */
#define DP_POLICY_PROBES  24  /* tuples that any packet may have to look into */
#define DP_POLICY_CHAIN	  8   /* rules of one key, which differ in their guards */
#define DP_POLICY_OPTIONS 4   /* Geneve options (class and type) that one VRF's rules ask for */

#define DP_POLICY_NO_PROTOCOL 0xffff

enum dp_policy_action {
	DP_POLICY_ALLOW = 1,
	DP_POLICY_DENY,
	DP_POLICY_REJECT,
	DP_POLICY_GROUP,  /* target: next-hop group */
	DP_POLICY_STAGE,  /* target: first stage of a port chain */
	DP_POLICY_QOS_TO, /* target: row of a QoS policy */
	DP_POLICY_COUNT,
	DP_POLICY_POOL, /* target: per mille of new flows << 16 | pool; 0 per mille: all */
};

enum { DP_POLICY_KEEP = 1, DP_POLICY_RESET = 2, DP_POLICY_STATEFUL = 4 }; /* dp_policy_rule.flags */

/* Row 0: none. */
struct dp_policy_rule {
	__u64 order;  /* the lowest of a category wins: priority, then action, then id */
	__u32 next;   /* where it has a guard: row of the next rule of the same key, of a higher order; 0: none */
	__u32 guard;  /* row of policy_guards; 0: none */
	__u32 target; /* by action */
	__u32 id;     /* counter: DP_COUNTER_POLICY + id; connections remember it, too */
	__u8 action;  /* enum dp_policy_action */
	__u8 category;
	__u8 flags;
	__u8 pad[5];
};

/* What a rule asks besides addresses, ports and protocol. A field counts where its bit is set in `asks`. */
enum {
	DP_GUARD_TCP_FLAGS = 1,
	DP_GUARD_DSCP = 2,
	DP_GUARD_FRAGMENT = 4,
	DP_GUARD_STATE = 8,
	DP_GUARD_INTERFACE = 16,
	DP_GUARD_TUNNEL = 32,
	DP_GUARD_VNI = 64,
	DP_GUARD_OPTION = 128,
};
struct dp_policy_guard {
	__u16 asks;
	__u8 tcp_flags, tcp_mask;
	__u8 dscp;
	__u8 fragments;	 /* bit per enum fragment of bpf/packet.h */
	__u8 states;	 /* bit per sluice.v1.ConnectionState */
	__u8 option;	 /* index in dp_policy.option */
	__u16 interface; /* by which it came */
	__u16 tunnel;	 /* by which it came; 0: any that is one */
	__u32 vni;
	__u64 option_value, option_mask; /* the option's first 8 bytes as a big-endian number, zeros behind its end */
};

/* Index: VRF id. `epoch` is of its rules, and no other rules ever had it. */
struct dp_policy {
	__u32 epoch;
	__u16 categories; /* bit per category that has a rule */
	__u8 flags;	  /* DP_POLICY_HAS_* */
	__u8 option_count;
	__u32 option[DP_POLICY_OPTIONS]; /* class << 8 | type */
	__u32 tuples;			 /* of struct dp_policy_tuple */
	__u32 source_ports, destination_ports, protocols;
	__u32 buckets, bucket_mask;
	__u32 classes; /* of struct dp_policy_class: of packets with no value but "any" of source, destination, their
			  ports */
	__u32 spare[3];
};
enum {
	DP_POLICY_HAS_STATEFUL = 1, /* a rule follows connections */
	DP_POLICY_HAS_STATES = 2,   /* a rule asks for their state */
	DP_POLICY_HAS_PORTS = 4,    /* a rule about access, or one that leads into a chain, asks for ports */
	DP_POLICY_HAS_FLAGS = 8,    /* a rule asks for TCP flags */
};

/*
 * How a packet finds its classes. Those of addresses are leaves of the tries: `route` is their word index / 8, 0 or no
 * leaf stands for the one in dp_policy.classes. Ports have 256 entries of 32 bits, by their upper byte: the word index
 * of a class, or, with DP_POLICY_PAGE, of 256 entries by the lower byte; 0 stands for the one in dp_policy.classes. A
 * protocol has its number among dp_policy.protocols' first 256 bytes, 0 that of all others, and behind them are by
 * twice the number, and one more for IPv6, the tuples that have a rule with it.
 */
struct dp_policy_class {
	__u64 tuples[DP_POLICY_TUPLES / 64];
	__u16 value[DP_POLICY_LAYERS]; /* ids of the values by layer; 0: none */
};
#define DP_POLICY_PAGE		 (1U << 31)
#define DP_POLICY_PROTOCOL_WORDS (256 / 8)

/* The rules of one category whose values lie in these layers, and which ask for a family and a protocol or do not. */
struct dp_policy_tuple {
	__u64 best;    /* no rule of it, or of a tuple of its category with a higher number, has a lower order */
	__u8 layer[4]; /* of the source, the destination, their ports */
	__u8 flags;    /* category, and DP_TUPLE_* */
	__u8 pad[3];
};
enum { DP_TUPLE_CATEGORY = 7, DP_TUPLE_IPV4 = 8, DP_TUPLE_IPV6 = 16, DP_TUPLE_PROTOCOL = 32 };

/* The rules by key: the ids of their four values, 16 bits each, the source's lowest. They are in the bucket that the
 * key's hash says or, where that was full, in the next. */
#define DP_POLICY_SLOTS 5
struct dp_policy_bucket {
	__u64 key[DP_POLICY_SLOTS];
	__u32 rule[DP_POLICY_SLOTS]; /* row << 16 | the tuple's flags << 8 | protocol; 0: free */
	__u32 spilled;		     /* rules in the next bucket that belong into this one */
};

static inline __u32 dp_policy_hash(__u64 key, __u32 flags_protocol)
{
	__u64 hash = (key + flags_protocol * 0x9e3779b97f4a7c15ULL) * 0xd6e8feb86659fd93ULL;

	hash ^= hash >> 32;
	return hash * 0xd6e8feb86659fd93ULL >> 32;
}

_Static_assert(sizeof(struct dp_policy_rule) == 32, "dp_policy_rule");
_Static_assert(sizeof(struct dp_policy_guard) == 32, "dp_policy_guard");
_Static_assert(sizeof(struct dp_policy) == 64, "dp_policy");
_Static_assert(sizeof(struct dp_policy_class) == 64, "a line of the cache");
_Static_assert(sizeof(struct dp_policy_bucket) == 64, "another");
_Static_assert(DP_MAX_POLICY_IDS <= 0xffff, "a row fits in a bucket's 16 bits");
_Static_assert(sizeof(struct dp_policy_tuple) == 16, "dp_policy_tuple");

#endif
