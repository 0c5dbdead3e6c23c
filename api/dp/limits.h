/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How many of each resource a router holds. The DP_MAX_* are what ids, counters and results have room for; what a
 * router is configured for, struct dp_limits, is at most that, and sizes its tables (bank_rows in
 * vnf/dataplane/bank/bank.h). Ids run from 1; 0 means "none" in every table.
 */
#ifndef SLUICE_DP_LIMITS_H
#define SLUICE_DP_LIMITS_H

#include <linux/types.h>

#define DP_MAX_VRFS		  4096
#define DP_MAX_INTERFACES	  20480 /* the ports of all stages of all chains, and 4096 more */
#define DP_MAX_TUNNEL_ENDPOINTS	  4096
#define DP_MAX_VNI_BINDINGS	  16384 /* over all tunnel endpoints */
#define DP_MAX_NEXT_HOPS	  65536
#define DP_MAX_GROUPS		  16384
#define DP_MAX_GROUP_MEMBERS	  64
#define DP_MAX_ROUTES		  (1U << 21)
#define DP_INTERNET_ROUTES	  1310720 /* 1,062,046, and a fifth to grow */
#define DP_MAX_PORT_PAIRS	  8192	  /* one for each stage of all chains */
#define DP_MAX_PORT_PAIR_GROUPS	  8192
#define DP_MAX_CLASSIFIERS	  8192
#define DP_MAX_CHAINS		  1024
#define DP_MAX_CHAIN_STAGES	  8
#define DP_MAX_POLICY_RULES	  49151 /* policy rules, and rules of security groups */
#define DP_MAX_ADDRESS_GROUPS	  16384
#define DP_MAX_SECURITY_GROUPS	  8192
#define DP_MAX_RATE_LIMITERS	  16384
#define DP_MAX_QOS_POLICIES	  16384
#define DP_MAX_DDOS_PROFILES	  4096
#define DP_MAX_CONNTRACK_PROFILES 4096
#define DP_MAX_LOAD_BALANCERS	  16384
#define DP_MAX_LISTENERS	  32768
#define DP_MAX_POOLS		  32768
#define DP_MAX_MEMBERS		  (1U << 17)
#define DP_MAX_HEALTH_MONITORS	  32768
#define DP_MAX_POLICY_IDS	  (DP_MAX_POLICY_RULES + 2 * DP_MAX_SECURITY_GROUPS) /* policy_ids() */
#define DP_MAX_CONNECTIONS	  (1U << 22) /* an entry is less than 2^29 bytes into its map (BPF_MAX_VAR_OFF) */

/* What belongs to them, and is the same in every router. */
#define DP_GROUP_BUCKETS     1024 /* flow-hash buckets of a group: its weights are met to 0.1% */
#define DP_STAGE_BUCKETS     128  /* of a stage, whose members weigh the same */
#define DP_STAGE_MEMBERS     16	  /* port pairs of one stage */
#define DP_VRF_CLASSIFIERS   256  /* that one VRF may have, both directions counted */
#define DP_HASH_PROBES	     16	  /* slots that a lookup in a hash table visits at most */
#define DP_TUNNEL_PORT_WORDS (65536 / 64)
#define DP_SERVICE_WORDS     (1U << 24) /* at most, of a bank's services: 128 MiB */
#define DP_FIB_WORDS	     (1U << 23) /* the largest pool of a bank's FIB: 64 MiB */
#define DP_FIB_SLACK	     4096	/* bytes behind the pool: what a masked index refers to may run over its end */

/*
 * What a router is configured for. Whoever changes one of these changes the size of tables, which is fixed when the
 * program is loaded.
 */
struct dp_limits {
	__u32 vrfs;
	__u32 interfaces;
	__u32 tunnel_endpoints;
	__u32 vni_bindings;
	__u32 next_hops;
	__u32 next_hop_groups;
	__u32 routes;
	__u32 port_pairs;
	__u32 port_pair_groups;
	__u32 flow_classifiers;
	__u32 port_chains;
	__u32 policy_rules; /* and rules of security groups */
	__u32 address_groups;
	__u32 security_groups;
	__u32 rate_limiters;
	__u32 qos_policies;
	__u32 ddos_profiles;
	__u32 conntrack_profiles;
	__u32 load_balancers;
	__u32 listeners;
	__u32 pools;
	__u32 members;
	__u32 health_monitors;
	__u32 connections; /* of IPv4, a power of two; and half as many of IPv6 */
	__u32 fib_words;   /* of one bank's pool, a power of two */
};

/* The ids of a policy's rules, in the tables and counters: policy rules and rules of security groups have those up to
 * `policy_rules`, each its own, and behind them each security group has two for what its rules don't allow, EGRESS and
 * INGRESS. */
static inline __u32 policy_ids(const struct dp_limits *limits)
{
	return limits->policy_rules + 2 * limits->security_groups;
}

#endif
