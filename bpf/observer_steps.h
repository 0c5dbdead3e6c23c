/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The beginning of a packet in a twin of the router, what is noted behind each stage, and the frame as it came. */
#ifndef SLUICE_BPF_OBSERVER_STEPS_H
#define SLUICE_BPF_OBSERVER_STEPS_H

#include "bpf/nexthop.h"
#include "bpf/observer.h"
#include "bpf/policy_memory.h"
#include "bpf/service_memory.h"

/* Draws the distance to the CPU's next sample, if this packet is one: 1 to twice the mean. */
static __always_inline void sample_take(struct dp_observed *observed)
{
	struct dp_pending *pending = pending_of(bpf_get_smp_processor_id());
	__u32 every = observing.sample_every;

	if (!pending || pending->until_sample || !every)
		return;
	observed->wanted |= DP_OBSERVED_SAMPLE;
	observed->head.sampled = pending->sample_distance;
	pending->sample_distance = pending->until_sample = 1 + bpf_get_prandom_u32() % (2 * every - 1);
}

/* Who may want the packet that begins now. */
__noinline int observe_begin(void)
{
	__u64 features = *(const volatile __u64 *)&now_row.features;
	struct dp_observed *observed = observed_row();

	if (!observed)
		return 0;
	observed->packets++;
	observed->wanted = explains ? DP_OBSERVED_EXPLAIN : 0;
	observed->kept = 0;
	observed->steps = 0;
	__builtin_memset(&observed->head, 0, offsetof(struct dp_observation, last));
	observed->src = observed->dst = (struct dp_address){};
	observed->src_port = observed->dst_port = 0;
	observed->head.last.out_ifindex = observed->head.last.out_interface = 0;
	__builtin_memset(observed->head.last.out_mac, 0, sizeof(observed->head.last.out_mac));
	if (explains) {
		observed->steps = observing.session[0].steps;
		return 0;
	}
	for (__u32 i = 0; i < DP_OBSERVERS && features & DP_FEATURE_OBSERVE; i++) {
		if ((__s64)observing.session[i].left <= 0)
			continue;
		observed->wanted |= 1U << i;
		observed->steps |= observing.session[i].steps;
	}
	if (features & DP_FEATURE_SAMPLE)
		sample_take(observed);
	return 0;
}

/* The next hop that the packet's group has for it; 0: it goes by none. */
static __always_inline __u16 step_next_hop(const struct packet *packet)
{
	const struct dp_group *row = packet->group ? group_row(packet->bank, packet->group) : NULL;
	__u64 bucket;

	if (!row)
		return 0;
	if (row->only)
		return row->only;
	bucket = row->bucket[packet->hash >> FLOW_BITS_GROUP & (DP_GROUP_BUCKETS - 1)];
	barrier_var(bucket);
	return row->member[bucket & (DP_MAX_GROUP_MEMBERS - 1)];
}

/* Rules that count the packet, and the state of its connection. */
static __always_inline void step_policy(struct dp_step *step, const struct packet *packet)
{
	const struct policy_memory *policy = policy_memory();
	const struct service_memory *service = service_memory();

	for (int i = 0; i < DP_POLICY_CATEGORIES; i++)
		step->rule[i] = packet->policy && policy ? policy->counted[i] : 0;
	step->connection = 0;
	if (packet->policy & POLICY_TRACKS && policy && policy->tracked.found)
		step->connection = dp_connection_state(policy->tracked.life) + 1;
	else if (packet->listener && service && service->entry.place != CONNECTION_NOWHERE)
		step->connection = dp_connection_state(service->entry.life) + 1;
}

static __always_inline void step_numbers(struct dp_step *step, const struct packet *packet)
{
	step->src = packet->src;
	step->dst = packet->dst;
	step->route = packet->route;
	step->underlay_route = packet->underlay_route;
	step->vni = packet->vni;
	step->length = packet->length;
	step->sent = packet->sent;
	step->member = packet->route > SHAPE(counters_members) ? packet->route - SHAPE(counters_members) : 0;
	step->eth_proto = packet->eth_proto;
	step->src_port = packet->src_port;
	step->dst_port = packet->dst_port;
	step->vrf = packet->vrf;
	step->interface = packet->interface;
	step->group = packet->group;
	step->decapsulated = packet->decapsulated;
	step->encapsulated = packet->encapsulated;
	step->flow_classifier = packet->flow_classifier;
	step->port_pair_group = packet->port_pair_group;
	step->stage = packet->stage;
	step->listener = packet->listener;
	step->qos = packet->qos;
	step->service = packet->service;
	step->mtu = packet->mtu;
	step->features = packet->features;
}

static __always_inline void step_bytes(struct dp_step *step, const struct packet *packet)
{
	step->family = packet->family;
	step->protocol = packet->protocol;
	step->traffic_class = packet->traffic_class;
	step->ttl = packet->ttl;
	step->fragment = packet->fragment;
	step->icmp_type = packet->icmp_type;
	step->icmp_code = packet->icmp_code;
	step->policy = packet->policy;
	step->from_stage = packet->from_stage;
	step->tunnelled = packet->tunnelled;
	step->prefix_length = 255;
}

static __always_inline void step_way_out(struct dp_step *step, const struct dp_egress *egress)
{
	step->out_ifindex = egress ? egress->ifindex : 0;
	step->out_interface = egress ? egress->interface : 0;
	__builtin_memset(step->out_mac, 0, sizeof(step->out_mac));
	if (egress)
		__builtin_memcpy(step->out_mac, egress->dst_mac, sizeof(step->out_mac));
}

/* Fills in all but what is known of its way out. */
static __always_inline void step_fill(struct dp_step *step, const struct packet *packet)
{
	step_numbers(step, packet);
	step_bytes(step, packet);
	step_policy(step, packet);
	step->next_hop = step_next_hop(packet);
	step->l3 = packet->l3;
	step->l4 = packet->l4;
}

/* Addresses as no service has changed them yet. */
static __always_inline void observe_ends(struct dp_observed *observed, const struct packet *packet)
{
	observed->src = packet->src;
	observed->dst = packet->dst;
	observed->src_port = packet->src_port;
	observed->dst_port = packet->dst_port;
}

/* Behind a stage, which has answered `reason`. */
__noinline int observe_step(const struct packet *packet, const struct dp_egress *egress, __u32 kind, int reason)
{
	struct dp_observed *observed = observed_row();
	struct dp_step *step;
	__u64 number;

	if (!packet || !observed)
		return 0;
	if (kind == DP_STEP_parse_ip || kind == DP_STEP_decap)
		observe_ends(observed, packet);
	if (kind >= DP_STEP_steer)
		step_way_out(&observed->head.last, egress);
	if (!observed->steps)
		return 0;
	number = observed->head.steps;
	barrier_var(number);
	if (number >= DP_OBSERVED_STEPS)
		return 0;
	barrier_var(number);
	step = &observed->step[number];
	step_fill(step, packet);
	step_way_out(step, egress);
	step->kind = kind;
	step->reason = reason;
	if (observed->kept) { /* the frame has changed */
		step->l3 = observed->head.last.l3;
		step->l4 = observed->head.last.l4;
	}
	observed->head.steps = number + 1;
	return 0;
}

/* The observers that still may want it. */
__noinline int observed_candidates(void)
{
	struct dp_observed *observed = observed_row();
	__u32 candidates = 0;

	if (!observed)
		return 0;
	for (__u32 i = 0; i < DP_OBSERVERS; i++)
		if (observed->wanted >> i & 1 && filter_fits(i, 0))
			candidates |= 1U << i;
	return candidates | (observed->wanted & (DP_OBSERVED_SAMPLE | DP_OBSERVED_EXPLAIN));
}

static __always_inline void head_begin(struct ctx_buff *ctx, const struct packet *packet, struct dp_observation *head)
{
	__u64 now = *(const volatile __u64 *)&now_row.generation;

	head->time = bpf_ktime_get_ns();
	head->generation = now - ((now ^ packet->bank) & 1);
	head->cpu = bpf_get_smp_processor_id();
	head->ifindex = ctx_ingress(ctx);
	head->in_length = ctx_length(ctx) + (ctx_tag(ctx) ? OBSERVED_TAG_SIZE : 0);
	head->interface = packet->interface;
}

/* So that the flows which a session looks at are not those that share a member, or a next hop. */
static __always_inline __u32 observed_flow(const struct dp_observed *observed, __u8 protocol)
{
	const __u64 salt = ~flow_salt;

	return flow_mix(flow_end(&observed->src, observed->src_port, salt) +
			flow_end(&observed->dst, observed->dst_port, salt) + protocol);
}

__noinline int observe_frame(struct ctx_buff *ctx, const struct packet *packet)
{
	struct dp_observed *observed = observed_row();

	if (!packet || !observed || observed->kept || !observed->wanted)
		return 0;
	observed->kept = 1;
	observed->head.packet = observed->packets;
	step_fill(&observed->head.last, packet);
	head_begin(ctx, packet, &observed->head);
	if (explains)
		return 0;
	observed->flow = observed_flow(observed, packet->protocol);
	observed->wanted = observed_candidates();
	observed->head.in_kept = observe_copy(ctx, 0, observed_snap(observed->wanted, false));
	return 0;
}

#endif
