/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packets of UDP flows, without their frames, through Sluice's table of connections and through the kernel's LRU hash.
 * Both look the flow up, note the time of a connection that is there, and make one that is not. Run by connection.c.
 */
#include "bpf/ctx_xdp.h"
#include "bpf/connection.h"
#include "tests/bench/connection.h"

struct bench_order order;

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct bench_key);
	__type(value, struct bench_entry);
} lru SEC(".maps");

struct state {
	__u32 first, mask, base, found, made;
	__u64 sum;
	struct packet packet;
};

static __always_inline __u32 flow_number(const struct state *state, __u32 i)
{
	return (((i + state->first) * 0x9e3779b1U) & state->mask) + state->base;
}

static __always_inline void flow_of(struct flow *flow, __u32 number)
{
	flow->family = 4;
	flow->protocol = IPPROTO_UDP;
	flow->known = FLOW_PROTOCOL | FLOW_PORTS;
	flow->src_port = 1000 + (number & 1023);
	flow->dst_port = 53;
	address_from_ipv4(&flow->src, bpf_htonl(0x0a000000 + number));
	address_from_ipv4(&flow->dst, bpf_htonl(0xc0a80001));
}

static long by_nothing(__u32 i, void *context)
{
	struct state *state = context;
	struct flow flow = {};

	flow_of(&flow, flow_number(state, i));
	barrier_var(flow.src_port);
	state->sum += flow.src_port;
	return 0;
}

static long by_sluice(__u32 i, void *context)
{
	struct state *state = context;
	struct tracked tracked = {.place = CONNECTION_NOWHERE};
	struct flow flow = {};

	flow_of(&flow, flow_number(state, i));
	tracked.src_port = flow.src_port;
	tracked.dst_port = flow.dst_port;
	connection_find(&state->packet, &flow, &tracked);
	if (tracked.place != CONNECTION_NOWHERE) {
		connection_follow(&flow, &tracked, NULL);
		state->found++;
		return 0;
	}
	tracked.begins = DP_CONNECTION_NEW;
	tracked.rule = 1;
	if (connection_open(&state->packet, &flow, &tracked) == NEXT)
		state->made++;
	return 0;
}

static long by_lru(__u32 i, void *context)
{
	struct state *state = context;
	struct flow flow = {};
	struct bench_key key;
	struct bench_entry *entry;
	__u32 now = connection_now();

	flow_of(&flow, flow_number(state, i));
	key = (struct bench_key){flow.src.word[3], flow.dst.word[3], flow.src_port, flow.dst_port, 1, IPPROTO_UDP, 0};
	if (key.low > key.high)
		key = (struct bench_key){key.high, key.low, key.high_port, key.low_port, 1, IPPROTO_UDP, 0};
	entry = bpf_map_lookup_elem(&lru, &key);
	if (entry) {
		if (dp_connection_age(entry->life, now))
			entry->life = dp_connection_life(now, dp_connection_state(entry->life), 0, 0);
		state->found++;
	} else {
		struct bench_entry made = {dp_connection_life(now, DP_CONNECTION_NEW, 0, 0), 1};

		if (!bpf_map_update_elem(&lru, &key, &made, BPF_ANY))
			state->made++;
	}
	return 0;
}

#define RUN(name)                                                                                                      \
	SEC("xdp.frags")                                                                                               \
	int bench_##name(struct xdp_md *ctx)                                                                           \
	{                                                                                                              \
		struct state state = {.first = order.first, .mask = order.mask, .base = order.base};                   \
                                                                                                                       \
		state.packet.vrf = 1;                                                                                  \
		(void)ctx;                                                                                             \
		bpf_loop(order.count, by_##name, &state, 0);                                                           \
		order.found = state.found;                                                                             \
		order.made = state.made;                                                                               \
		return 1 + (state.sum == 1);                                                                           \
	}
RUN(nothing)
RUN(sluice)
RUN(lru)

char LICENSE[] SEC("license") = "Dual BSD/GPL";
