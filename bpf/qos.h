/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * QoS policies: packet->qos, which the VRF's policy has set, says how much may pass and how it is marked.
 *
 * A packet is charged where it is certain that this program sends it: behind all checks, and not before XDP knows that
 * it does not leave the packet to the program of the clsact qdisc. It is charged once: a packet for a chain when it
 * enters the chain, since the policy does not look at it when it comes back; one that leaves in pieces as a whole.
 * Marked packets keep their ECN bits (RFC 2474, RFC 3168); the outer header of a tunnel has the same DSCP (encap.h).
 */
#ifndef SLUICE_BPF_QOS_H
#define SLUICE_BPF_QOS_H

#include "bpf/counters.h"
#include "bpf/limiter.h"
#include "bpf/mix.h"
#include "bpf/rewrite.h"
#include "bpf/translate.h"

struct dp_limiter limiter_rows[1] SEC(".data.limiters");
struct dp_limiter_set limiter_set_rows[1] SEC(".data.limiter_sets");

static __always_inline struct dp_limiter *limiter_row(__u64 id)
{
	struct dp_limiter *rows = limiter_rows;

	barrier_var(id);
	if (id > SHAPE(limiters_last))
		return NULL;
	barrier_var(id);
	asm("" : "+r"(rows)); /* the map is longer than the variable */
	return rows + id;
}

static __always_inline struct dp_limiter_set *limiter_set(__u64 number)
{
	struct dp_limiter_set *rows = limiter_set_rows;

	barrier_var(number);
	number &= SHAPE(limiter_sets_last);
	barrier_var(number);
	asm("" : "+r"(rows));
	return rows + number;
}

/* Of the key's set: the lower half is for interfaces, the upper for sources. */
static __always_inline __u64 limiter_set_number(__u64 key, __u8 scope)
{
	__u64 half = SHAPE(limiter_sets_last) >> 1;

	return (key >> 32 & half) + (scope == DP_LIMITER_SOURCE ? half + 1 : 0);
}

/*
 * The time of the tick, in units: read from the clock once a tick, by whoever notices it first, and noted in row 0. The
 * time is stored before the tick's number and read behind it, by an address that depends on the number.
 */
static __always_inline __u64 limiter_tick_time(void)
{
	struct dp_limiter *clock = limiter_row(0);
	__u64 tick = bpf_jiffies64(), other, now;

	if (!clock)
		return 0;
	other = limiter_read(&clock->excess_time) ^ tick;
	if (!other) {
		barrier_var(other);
		return limiter_read(&clock->time + (other & 1));
	}
	now = bpf_ktime_get_ns() << DP_LIMITER_UNIT;
	if (explains)
		return now;
	*(volatile __u64 *)&clock->time = now;
	__sync_lock_test_and_set(&clock->excess_time, tick);
	return now;
}

static __always_inline __u64 limiter_now(const struct dp_qos_policy *policy)
{
	return policy->precise ? bpf_ktime_get_ns() << DP_LIMITER_UNIT : limiter_tick_time();
}

/* Of the bucket by interface, or by source prefix. */
static __always_inline __u64 limiter_key(const struct packet *packet, const struct dp_qos_policy *policy)
{
	__u64 high = packet->src.half[0], low = packet->src.half[1], salt = flow_salt;

	if (policy->scope == DP_LIMITER_INTERFACE) {
		high = 0;
		low = packet->interface;
	} else if (packet->family == 4) {
		low = bpf_ntohl(packet->src.word[3]) >> ((32 - policy->source_length4) & 31);
	} else {
		high = bpf_be64_to_cpu(high) >> ((64 - policy->source_length6) & 63);
		low = 6;
	}
	return flow_mix(((high ^ policy->tag) * (salt | 1) + low) ^ salt);
}

/* Where the bucket is: the number of its way, and above it that of the set. */
__noinline int limiter_find(const struct packet *packet, const struct dp_qos_policy *policy, __u64 now)
{
	__u64 key, number;

	if (!packet || !policy)
		return 0;
	key = limiter_key(packet, policy);
	number = limiter_set_number(key, policy->scope);
	return number * DP_LIMITER_WAYS + limiter_way(limiter_set(number), key, now);
}

/* Bytes or packets that the datagram is, once it is cut into segments. */
static __always_inline __u64 charged(const struct packet *packet, const struct dp_qos_policy *policy)
{
	__u64 bytes = packet->ip_length, packets = 1;
	__u32 headers;

	if (CTX_SEGMENTS && packet->segment) {
		headers = packet->l4 - packet->l3 + packet->l4_header;
		packets = ((__u32)bytes - headers + packet->segment - 1) / packet->segment;
		bytes += (packets - 1) * headers;
	}
	return policy->packets ? packets : bytes;
}

static __always_inline __u64 charge_of(const struct dp_rate *rate, __u64 size, bool packets)
{
	return rate->cost * size >> (packets ? DP_LIMITER_PACKETS : DP_LIMITER_COST);
}

enum qos_colour { QOS_GREEN, QOS_YELLOW, QOS_RED };

/* RFC 4115 3, of packets without a colour. */
static __always_inline enum qos_colour colour(const struct dp_qos_policy *policy, __u64 *time, __u64 *excess_time,
					      __u64 now, __u64 size)
{
	if (limiter_take(time, now, charge_of(&policy->rate, size, policy->packets), policy->rate.burst))
		return QOS_GREEN;
	if (policy->excess.cost &&
	    limiter_take(excess_time, now, charge_of(&policy->excess, size, policy->packets), policy->excess.burst))
		return QOS_YELLOW;
	return QOS_RED;
}

static __always_inline enum qos_colour limit(const struct packet *packet, const struct dp_qos_policy *policy)
{
	__u64 now = limiter_now(policy), size = charged(packet, policy), way;
	struct dp_limiter_set *set;
	struct dp_limiter *row;

	if (policy->scope == DP_LIMITER_ONE) {
		row = limiter_row(policy->limiter);
		return row ? colour(policy, &row->time, &row->excess_time, now, size) : QOS_RED;
	}
	way = (__u32)limiter_find(packet, policy, now);
	set = limiter_set(way / DP_LIMITER_WAYS);
	way &= DP_LIMITER_WAYS - 1;
	barrier_var(way);
	way &= DP_LIMITER_WAYS - 1;
	return colour(policy, &set->way[way].time, &set->excess_time[way], now, size);
}

/* IPv6 headers are written when the packet leaves, IPv4's at once: else each packet's way out would look for marks. */
static __always_inline int remark(struct ctx_buff *ctx, struct packet *packet, __u8 dscp)
{
	__be16 *word;

	packet->traffic_class = dscp << 2 | (packet->traffic_class & 3);
	if (packet->family != 4)
		return NEXT;
	word = packet_at(ctx, packet->l3, sizeof(struct iphdr));
	if (!word)
		return ends(DP_REASON_malformed_ipv4);
	rewrite_traffic_class(word, packet->traffic_class);
	return NEXT;
}

/* Does what the packet's QoS policy says. */
static __always_inline int police_by_policy(struct ctx_buff *ctx, struct packet *packet)
{
	const struct dp_qos_policy *policy = qos_policy_row(packet->bank, packet->qos);
	enum qos_colour is = QOS_GREEN;
	__u8 dscp;

	if (!policy)
		return ends(DP_REASON_inconsistent);
	if (policy->limiter)
		is = limit(packet, policy);
	if (is == QOS_RED) {
		counter_add(bpf_get_smp_processor_id(), DP_COUNTER_LIMITERS, policy->limiter, 1, packet->length);
		return ends(DP_REASON_rate_limited);
	}
	dscp = is == QOS_YELLOW && policy->excess_dscp != DP_DSCP_KEEP ? policy->excess_dscp : policy->dscp;
	return dscp == DP_DSCP_KEEP ? NEXT : remark(ctx, packet, dscp);
}

/* Is it this program that sends the packet? */
static __always_inline bool sends(struct ctx_buff *ctx, const struct packet *packet, const struct way *way)
{
	const struct dp_tunnel *tunnel;

	if (CTX_COMPLETE)
		return true;
	if (left_to_tc(way->egress))
		return false;
	if (!way->next_hop)
		return true;
	tunnel = tunnel_row(packet->bank, way->next_hop->tunnel);
	return tunnel && (!tunnel->checksum || has_checksum(ctx, packet));
}

/* What services say of the packet goes into the frame, if that is another than it has. */
static __always_inline int service_rewrite(struct ctx_buff *ctx, struct packet *packet)
{
	return packet->service & TRANSLATES ? translate(ctx, packet) : NEXT;
}

/* What is to be seen to before it leaves: NEXT, or a reason. */
CTX_FUNCTION int police_dues(struct ctx_buff *ctx, struct packet *packet)
{
	int reason = NEXT;

	if (!packet)
		return ends(DP_REASON_inconsistent);
	if (packet->qos)
		reason = police_by_policy(ctx, packet);
	return reason == NEXT ? service_rewrite(ctx, packet) : reason;
}

/* A packet whose way is known, and which passes every check. */
static __always_inline int police(struct ctx_buff *ctx, struct packet *packet, const struct way *way)
{
	if (!packet->dues)
		return NEXT;
	if (!sends(ctx, packet, way))
		return HAND_OVER;
	observe_frame(ctx, packet);
	return police_dues(ctx, packet);
}

#endif
