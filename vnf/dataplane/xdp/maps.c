/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/maps.h"

#include "api/dp/datagram.h"
#include "vnf/dataplane/bank/bank.h"

static void add(struct map_size *size, const char *name, size_t value_size, size_t entries)
{
	*size = (struct map_size){.name = name, .value_size = (uint32_t)value_size, .entries = (uint32_t)entries};
}

uint32_t maps_counters(const struct dp_limits *limits)
{
	return dp_counter_listeners(limits->routes, limits->members) + limits->listeners + 1;
}

uint32_t maps_limiter_sets(const struct dp_limits *limits)
{
	uint32_t sets = 8192; /* for 16,384 sources at once, and as many interfaces */

	while (sets < limits->rate_limiters * 32)
		sets *= 2;
	return sets;
}

/* Two entries a connection of IPv4: half full, the sets refuse 13 in a million. */
uint32_t maps_sets4(const struct dp_limits *limits)
{
	return limits->connections * 2 / DP_CONNECTION_WAYS;
}

uint32_t maps_sets6(const struct dp_limits *limits)
{
	return limits->connections / DP_CONNECTION_WAYS;
}

void maps_sizes(const struct dp_limits *limits, uint32_t cpus, struct map_size size[MAPS])
{
	for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++)
		add(&size[table], bank_table_name(table), bank_map_bytes(limits, table), 1);
	add(&size[DP_TABLE_COUNT], "generation", sizeof(struct dp_now), 1);
	add(&size[DP_TABLE_COUNT + 1], "flow_salt", sizeof(__u64), 1);
	add(&size[DP_TABLE_COUNT + 4], "fragments", sizeof(struct dp_fragment_set) * DP_FRAGMENT_SETS, 1);
	add(&size[DP_TABLE_COUNT + 2], "counters", sizeof(struct dp_counter), (size_t)maps_counters(limits) * cpus);
	add(&size[DP_TABLE_COUNT + 3], "pending", sizeof(struct dp_pending) * cpus, 1);
	add(&size[DP_TABLE_COUNT + 5], "owed", sizeof(struct dp_owed) * cpus, 1);
	add(&size[DP_TABLE_COUNT + 6], "tunnel_paths", sizeof(struct dp_tunnel_path) * (limits->tunnel_endpoints + 1),
	    1);
	add(&size[DP_TABLE_COUNT + 7], "datagrams", sizeof(struct dp_datagram) * cpus, 1);
	add(&size[DP_TABLE_COUNT + 8], "limiters", sizeof(struct dp_limiter) * (limits->rate_limiters + 1), 1);
	add(&size[DP_TABLE_COUNT + 9], "limiter_sets", sizeof(struct dp_limiter_set) * maps_limiter_sets(limits), 1);
	add(&size[DP_TABLE_COUNT + 10], "connections4", sizeof(struct dp_connection_set4) * maps_sets4(limits), 1);
	add(&size[DP_TABLE_COUNT + 11], "connections6", sizeof(struct dp_connection_set6) * maps_sets6(limits), 1);
	add(&size[DP_TABLE_COUNT + 12], "connection_head", sizeof(struct dp_connection_head), 1);
	add(&size[DP_TABLE_COUNT + 13], "ddos_sets", sizeof(struct dp_limiter_set) * maps_limiter_sets(limits), 1);
	add(&size[DP_TABLE_COUNT + 14], "member_loads", sizeof(struct dp_member_load) * (limits->members + 1), 1);
	add(&size[DP_TABLE_COUNT + 15], "error_times", sizeof(__u64), DP_MAX_VRFS + 1);
}
