/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many of each resource this router is to hold, struct dp_limits: the profiles to start from, and what each limit
 * may be. The tables are sized by them when the program is loaded (bank.h), so that a small router is small.
 */
#ifndef SLUICE_DATAPLANE_LIMITS_H
#define SLUICE_DATAPLANE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/limits.h"

/* X(name, small, internet, most): the profiles' values. `fib_words` has 0 there: it follows from the routes. */
#define LIMITS(X)                                                                                                      \
	X(vrfs, 256, 1024, DP_MAX_VRFS)                                                                                \
	X(interfaces, 1024, 4096, DP_MAX_INTERFACES)                                                                   \
	X(tunnel_endpoints, 512, 2048, DP_MAX_TUNNEL_ENDPOINTS)                                                        \
	X(vni_bindings, 2048, 8192, DP_MAX_VNI_BINDINGS)                                                               \
	X(next_hops, 4096, 16384, DP_MAX_NEXT_HOPS)                                                                    \
	X(next_hop_groups, 1024, 4096, DP_MAX_GROUPS)                                                                  \
	X(routes, 131072, DP_INTERNET_ROUTES, DP_MAX_ROUTES - 1)                                                       \
	X(port_pairs, 512, 1024, DP_MAX_PORT_PAIRS)                                                                    \
	X(port_pair_groups, 512, 1024, DP_MAX_PORT_PAIR_GROUPS)                                                        \
	X(flow_classifiers, 1024, 2048, DP_MAX_CLASSIFIERS)                                                            \
	X(port_chains, 64, 128, DP_MAX_CHAINS)                                                                         \
	X(policy_rules, 1024, 16384, DP_MAX_POLICY_RULES)                                                              \
	X(address_groups, 256, 1024, DP_MAX_ADDRESS_GROUPS)                                                            \
	X(security_groups, 256, 1024, DP_MAX_SECURITY_GROUPS)                                                          \
	X(rate_limiters, 256, 1024, DP_MAX_RATE_LIMITERS)                                                              \
	X(qos_policies, 256, 1024, DP_MAX_QOS_POLICIES)                                                                \
	X(ddos_profiles, 256, 1024, DP_MAX_DDOS_PROFILES)                                                              \
	X(conntrack_profiles, 256, 1024, DP_MAX_CONNTRACK_PROFILES)                                                    \
	X(load_balancers, 64, 256, DP_MAX_LOAD_BALANCERS)                                                              \
	X(listeners, 64, 512, DP_MAX_LISTENERS)                                                                        \
	X(pools, 64, 512, DP_MAX_POOLS)                                                                                \
	X(members, 512, 4096, DP_MAX_MEMBERS)                                                                          \
	X(health_monitors, 64, 512, DP_MAX_HEALTH_MONITORS)                                                            \
	X(connections, 16384, 262144, DP_MAX_CONNECTIONS)                                                              \
	X(fib_words, 0, 0, DP_FIB_WORDS)

enum limit {
#define LIMIT_ENUM(name, small, internet, most) LIMIT_##name,
	LIMITS(LIMIT_ENUM)
#undef LIMIT_ENUM
		LIMIT_COUNT
};

/* "vrfs" and so on, as ListLimits has them; in the file they are limits.max_vrfs and so on. */
const char *limit_name(enum limit limit);
uint32_t limit_most(enum limit limit);
uint32_t limit_get(const struct dp_limits *limits, enum limit limit);
void limit_set(struct dp_limits *limits, enum limit limit, uint32_t value);

/* "small", "internet" and "most": 0, or -EINVAL and *limits is left alone. */
int limits_profile(const char *name, struct dp_limits *limits);
#define LIMITS_DEFAULT_PROFILE "small"
#define LIMITS_PROFILES	       "small internet most"

/* Where a limit is 0, takes the default profile's, and of the FIB's words what the routes need, three a route: the
 * Internet's take less than two. Rounds the FIB's words and the connections up to powers of two. */
void limits_complete(struct dp_limits *limits);

/* May a router have these? Each from 1 to its most, and the FIB's words and the connections a power of two. */
bool limits_valid(const struct dp_limits *limits);

#endif
