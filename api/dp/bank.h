/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the daemon writes and the packet programs read: the tables of a bank. Every table exists twice, in bank 0 and
 * bank 1; the low bit of the generation says which bank packets read. The daemon writes only the idle one.
 *
 * Numbers are in host byte order unless a field says "network order"; addresses are 16 bytes, IPv4 as ::ffff:a.b.c.d.
 */
#ifndef SLUICE_DP_BANK_H
#define SLUICE_DP_BANK_H

#include <linux/types.h>

#include "api/dp/answer.h"
#include "api/dp/chain.h"
#include "api/dp/classifier.h"
#include "api/dp/connection.h"
#include "api/dp/counters.h"
#include "api/dp/ddos.h"
#include "api/dp/fib.h"
#include "api/dp/fragment.h"
#include "api/dp/limiter.h"
#include "api/dp/limits.h"
#include "api/dp/next_hop.h"
#include "api/dp/datagram.h"
#include "api/dp/owed.h"
#include "api/dp/policy.h"
#include "api/dp/port.h"
#include "api/dp/service.h"
#include "api/dp/tunnel.h"
#include "api/dp/vrf.h"

/* The map "generation": what packets read first. */
struct dp_now {
	__u64 generation;
	__u64 features; /* DP_FEATURE_SEEN: of all packets, beside those of their ports */
};

/* X(name, row type): every table, once. */
#define DP_TABLES(X)                                                                                                   \
	X(ports, struct dp_port)                                                                                       \
	X(vrfs, struct dp_vrf)                                                                                         \
	X(trees, struct dp_fib_trees)                                                                                  \
	X(vteps, struct dp_vtep)                                                                                       \
	X(vnis, struct dp_vni)                                                                                         \
	X(tunnels, struct dp_tunnel)                                                                                   \
	X(next_hops, struct dp_next_hop)                                                                               \
	X(groups, struct dp_group)                                                                                     \
	X(links, struct dp_egress) /* index: interface id; onto its link */                                            \
	X(hosts, struct dp_egress) /* index: number of a host on a link */                                             \
	X(stages, struct dp_stage)                                                                                     \
	X(classifiers, struct dp_classifier)                                                                           \
	X(vrf_answers, struct dp_vrf_answer)                                                                           \
	X(port_answers, struct dp_port_answer)                                                                         \
	X(neighbors, struct dp_neighbor)                                                                               \
	X(qos_policies, struct dp_qos_policy)                                                                          \
	X(conntracks, struct dp_conntrack)                                                                             \
	X(ddos_profiles, struct dp_ddos)                                                                               \
	X(tunnel_ports, __u64) /* bit per UDP port (host order): a VTEP listens there; 0: at an IP protocol */         \
	X(fib, __u64)                                                                                                  \
	X(policies, struct dp_policy)                                                                                  \
	X(policy_rules, struct dp_policy_rule)                                                                         \
	X(policy_guards, struct dp_policy_guard) /* index: that of its rule */                                         \
	X(policy_trees, struct dp_fib_trees)	 /* index: VRF id * 2 of source addresses, + 1 of destinations */      \
	X(policy_words, __u64)                                                                                         \
	X(load_balancers, struct dp_load_balancer)                                                                     \
	X(listener_ports, struct dp_listener_port)                                                                     \
	X(listeners, struct dp_listener)                                                                               \
	X(pools, struct dp_pool)                                                                                       \
	X(members, struct dp_member)                                                                                   \
	X(answerers, struct dp_answerer)                                                                               \
	X(quic_members, struct dp_quic_member)                                                                         \
	X(service_words, __u64)

enum dp_table {
#define DP_TABLE_ENUM(name, row) DP_TABLE_##name,
	DP_TABLES(DP_TABLE_ENUM)
#undef DP_TABLE_ENUM
		DP_TABLE_COUNT
};

/*
 * Of each table, for the programs: the bytes from bank 0's first row to bank 1's, and the highest row, which in a hash
 * table and in the FIB is also the mask of an index. The loader makes them constants of the programs; what the compiler
 * sees here are only names.
 */
enum dp_shape {
#define DP_SHAPE_ENUM(name, row) DP_SHAPE_##name##_half, DP_SHAPE_##name##_last,
	DP_TABLES(DP_SHAPE_ENUM)
#undef DP_SHAPE_ENUM
		DP_SHAPE_pending_last, /* the highest CPU */
	DP_SHAPE_counters_last,	       /* the highest counter of a CPU */
	DP_SHAPE_limiters_last,
	DP_SHAPE_limiter_sets_last, /* also the mask of their numbers */
	DP_SHAPE_connections4_last, /* the highest set of the tables of connections */
	DP_SHAPE_connections6_last,
	DP_SHAPE_member_loads_last,  /* the highest member */
	DP_SHAPE_counters_members,   /* of the first member, counted from DP_COUNTER_ROUTES (counters.h), */
	DP_SHAPE_counters_listeners, /* and of the first listener */
};

_Static_assert(DP_MAX_GROUPS < DP_GROUP_KERNEL, "a group fits in a result of the FIB");
_Static_assert(DP_MAX_INTERFACES < DP_MAX_ROUTES && DP_MAX_NEXT_HOPS < DP_MAX_ROUTES, "a link, and a host, too");
_Static_assert(DP_MAX_ROUTES >> (DP_FIB_ROUTE_LOW + DP_FIB_ROUTE_HIGH) == 0, "a route, too");

#endif
