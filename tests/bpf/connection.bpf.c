/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connections alone, without the router around them: what the stage of the rules would do, tests/bpf/connection.c says.
 */
#include "bpf/ctx_xdp.h"
#include "bpf/connection.h"
#include "bpf/parse.h"
#include "tests/bpf/connection.h"

struct trial trial;

static __always_inline void act(struct packet *packet, struct flow *flow, struct tracked *tracked)
{
	if (trial.act == ACT_OPEN && !tracked->found) {
		tracked->rule = trial.rule;
		tracked->epoch = trial.epoch;
		tracked->pinned = trial.pinned;
		trial.reason = connection_open(packet, flow, tracked);
	}
	if (trial.act == ACT_RELABEL) {
		tracked->rule = trial.rule;
		tracked->epoch = trial.epoch;
		tracked->pinned = trial.pinned;
		connection_relabel(packet, tracked);
	}
	if (trial.act == ACT_END)
		connection_end(packet, tracked);
}

/* One frame. */
SEC("xdp.frags")
int connection_try(struct xdp_md *ctx)
{
	struct tracked tracked = {};
	struct flow flow = {};
	struct packet packet;
	int reason;

	packet_begin(ctx, &packet);
	reason = parse_link(ctx, &packet);
	if (reason == NEXT)
		reason = parse_ip(ctx, &packet);
	trial.reason = reason;
	if (reason != NEXT)
		return 0;
	packet.vrf = trial.vrf;
	flow_find(ctx, &packet, &flow);
	trial.reason = connection_track(ctx, &packet, &flow, &tracked);
	trial.found = tracked.found;
	trial.state = tracked.state;
	trial.reply = tracked.reply;
	trial.was_pinned = tracked.pinned;
	trial.was_epoch = tracked.epoch;
	trial.was_rule = tracked.rule;
	trial.begins = tracked.begins;
	act(&packet, &flow, &tracked);
	return 1;
}

struct many {
	__u32 opened, refused, first;
	__u32 answers;
};

/* Packet i of UDP flow i, or what answers it, without a frame. */
static long one_of_many(__u32 i, void *context)
{
	struct many *many = context;
	struct packet packet = {.family = 4, .vrf = 1, .protocol = IPPROTO_UDP};
	struct tracked tracked = {.place = CONNECTION_NOWHERE};
	struct flow flow = {.family = 4, .protocol = IPPROTO_UDP, .known = FLOW_PROTOCOL | FLOW_PORTS};

	i += many->first;
	flow.src_port = tracked.src_port = 1000;
	flow.dst_port = tracked.dst_port = 53;
	address_from_ipv4(&flow.src, bpf_htonl(MANY_NET + i));
	address_from_ipv4(&flow.dst, bpf_htonl(MANY_NET + 0xffffff));
	if (many->answers)
		exchange_ends(&flow);
	packet.src = flow.src;
	packet.dst = flow.dst;
	tracked.src_port = flow.src_port;
	tracked.dst_port = flow.dst_port;
	connection_find(&packet, &flow, &tracked);
	if (tracked.place != CONNECTION_NOWHERE) {
		connection_follow(&flow, &tracked, NULL);
		return 0;
	}
	tracked.begins = DP_CONNECTION_NEW;
	if (connection_open(&packet, &flow, &tracked) == NEXT)
		many->opened++;
	else
		many->refused++;
	return 0;
}

SEC("xdp.frags")
int connection_many(struct xdp_md *ctx)
{
	struct many many = {.first = trial.flows, .answers = trial.way};

	(void)ctx;
	bpf_loop(trial.count, one_of_many, &many, 0);
	__sync_fetch_and_add(&trial.opened, many.opened);
	__sync_fetch_and_add(&trial.refused, many.refused);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
