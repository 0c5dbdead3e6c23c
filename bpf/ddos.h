/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Floods, in a VRF with a DDoS profile: of TCP connections, and of responses that nobody asked for.
 *
 * Beyond the profile's rate a destination's SYNs must come from sources that have proved themselves. Who has not is
 * sent a SYN-ACK with a wrong acknowledgement number (answer_challenge.h), which a host answers with a reset that says
 * that number (RFC 9293 3.10.7.3); then it tries again. The number is a keyed hash of the connection and the time, so
 * nothing is remembered of sources that do not exist, and it works where answers take another way.
 *
 * UDP from the profile's ports is limited by destination, unless that has sent a datagram there in the last seconds.
 */
#ifndef SLUICE_BPF_DDOS_H
#define SLUICE_BPF_DDOS_H

#include "api/dp/siphash.h"
#include "bpf/classify.h"
#include "bpf/qos.h"

#define DDOS_PERIOD_SHIFT 36 /* a number is good for 69 to 137 seconds */
#define DDOS_PROVED	  ((300ULL * 1000000000) << DP_LIMITER_UNIT)
#define DDOS_ASKED	  ((10ULL * 1000000000) << DP_LIMITER_UNIT)

enum { DDOS_FIN = 1, DDOS_SYN = 2, DDOS_RST = 4, DDOS_ACK = 16 };

enum ddos_what { DDOS_IS_SYN = 1, DDOS_IS_RESPONSE, DDOS_IS_SOURCE, DDOS_IS_REQUEST, DDOS_IS_NUMBER };

struct dp_limiter_set ddos_set_rows[1] SEC(".data.ddos_sets");

static __always_inline const struct dp_ddos *ddos_row(__u32 bank, __u64 vrf)
{
	barrier_var(vrf);
	if (vrf > SHAPE(ddos_profiles_last))
		return NULL;
	barrier_var(vrf);
	return (const struct dp_ddos *)rows_of(ddos_profile_rows, SHAPE(ddos_profiles_half), bank) + vrf;
}

static __always_inline struct dp_limiter_set *ddos_set(__u64 key, bool is_belief)
{
	struct dp_limiter_set *rows = ddos_set_rows;
	__u64 half = SHAPE(limiter_sets_last) >> 1, set = (key >> 32 & half) + (is_belief ? half + 1 : 0);

	barrier_var(set);
	set &= SHAPE(limiter_sets_last);
	barrier_var(set);
	asm("" : "+r"(rows)); /* the map is longer than the variable */
	return rows + set;
}

/* Of both addresses, what it is for, and the rest that it is about; never 0. */
__noinline __u64 ddos_hash(const struct dp_address *one, const struct dp_address *other, __u64 what, __u64 rest)
{
	const __u64 secret[2] = {flow_salt, flow_salt ^ 0x9e3779b97f4a7c15ULL};
	struct dp_siphash hash = dp_siphash_begin(secret);

	if (!one || !other)
		return 1;
	dp_siphash_word(&hash, one->half[0]);
	dp_siphash_word(&hash, one->half[1]);
	dp_siphash_word(&hash, other->half[0]);
	dp_siphash_word(&hash, other->half[1]);
	dp_siphash_word(&hash, what);
	dp_siphash_word(&hash, rest);
	return dp_siphash_end(&hash) | 1;
}

static __always_inline __u64 ddos_what(const struct packet *packet, enum ddos_what what)
{
	return (__u32)packet->vrf << 8 | what;
}

/* Of the packet's destination. */
static __always_inline __u64 ddos_destination_key(const struct packet *packet, enum ddos_what what)
{
	return ddos_hash(&packet->dst, &packet->dst, ddos_what(packet, what), 0);
}

/* Of its source; of IPv6 its /64: a host there has as many addresses as it likes. */
static __always_inline __u64 ddos_source_key(const struct packet *packet)
{
	struct dp_address source = packet->src;

	if (packet->family == 6)
		source.half[1] = 0;
	return ddos_hash(&source, &source, ddos_what(packet, DDOS_IS_SOURCE), 0);
}

/* The acknowledgement number with which the SYN is answered, in the period. */
static __always_inline __u32 ddos_number(const struct packet *packet, __u32 period)
{
	__u64 ports = (__u32)packet->src_port << 16 | packet->dst_port;

	return ddos_hash(&packet->src, &packet->dst, ddos_what(packet, DDOS_IS_NUMBER), ports << 32 | period) >> 16;
}

static __always_inline __u32 ddos_period(void)
{
	return bpf_ktime_get_coarse_ns() >> DDOS_PERIOD_SHIFT;
}

/* Is there room for one more in the destination's bucket? */
static __always_inline bool ddos_take(__u64 key, const struct dp_rate *rate, __u64 now)
{
	struct dp_limiter_set *set = ddos_set(key, false);
	__u64 way = limiter_way(set, key, now);

	barrier_var(way);
	way &= DP_LIMITER_WAYS - 1;
	return limiter_take(&set->way[way].time, now, rate->cost >> DP_LIMITER_PACKETS, rate->burst);
}

/* Believes it until then: in its own way, else in a free one, else in the place of another. */
__noinline int ddos_believe(__u64 key, __u64 now, __u64 until)
{
	struct dp_limiter_set *set = ddos_set(key, true);
	__u64 way = limiter_way(set, key, now);

	barrier_var(way);
	way &= DP_LIMITER_WAYS - 1;
	if (explains)
		return 0;
	*(volatile __u64 *)&set->way[way].key = key;
	*(volatile __u64 *)&set->way[way].time = until;
	return 0;
}

__noinline int ddos_is_believed(__u64 key, __u64 now)
{
	const struct dp_limiter_set *set = ddos_set(key, true);

	for (__u32 way = 0; way < DP_LIMITER_WAYS; way++)
		if (limiter_read(&set->way[way].key) == key)
			return limiter_ahead(limiter_read(&set->way[way].time), now) != 0;
	return 0;
}

static __always_inline int ddos_syn(const struct packet *packet, const struct dp_ddos *row, __u64 now)
{
	if (ddos_take(ddos_destination_key(packet, DDOS_IS_SYN), &row->syn, now) ||
	    ddos_is_believed(ddos_source_key(packet), now))
		return NEXT;
	return ends(DP_REASON_syn_challenged);
}

/* A reset that says the number is from where the SYN was from. It goes on: a host ignores it. */
static __always_inline int ddos_reset(const struct packet *packet, __u32 sequence, __u64 now)
{
	__u32 period = ddos_period();

	if (sequence == ddos_number(packet, period) || sequence == ddos_number(packet, period - 1))
		ddos_believe(ddos_source_key(packet), now, now + DDOS_PROVED);
	return NEXT;
}

static __always_inline int ddos_tcp(struct ctx_buff *ctx, const struct packet *packet, const struct dp_ddos *row)
{
	const struct tcp *tcp = packet_at(ctx, packet->l4, sizeof(*tcp));
	__u8 flags;

	if (!row->syn.cost || packet->fragment == FRAGMENT_LATER || packet->indirect & INDIRECT_HIDDEN || !tcp)
		return NEXT;
	flags = tcp->flags & (DDOS_FIN | DDOS_SYN | DDOS_RST | DDOS_ACK);
	if (flags == DDOS_SYN)
		return ddos_syn(packet, row, limiter_tick_time());
	if (flags == DDOS_RST)
		return ddos_reset(packet, bpf_ntohl(((const __be32 *)tcp)[1]), limiter_tick_time());
	return NEXT;
}

static __always_inline bool ddos_has_port(const struct dp_ddos *row, __u16 port)
{
	if (!(row->filter & dp_ddos_bit(port)))
		return false;
	for (__u32 i = 0; i < DP_DDOS_PORTS; i++)
		if (row->port[i] == port)
			return true;
	return false;
}

static __always_inline int ddos_udp(struct ctx_buff *ctx, struct packet *packet, const struct dp_ddos *row)
{
	__u16 from = packet->src_port, to = packet->dst_port;
	struct flow flow;
	__u64 now;

	if (packet->fragment) { /* the later ones have their ports from the first */
		flow_find(ctx, packet, &flow);
		from = flow.src_port;
		to = flow.dst_port;
	}
	if (ddos_has_port(row, to)) {
		now = limiter_tick_time();
		ddos_believe(ddos_hash(&packet->src, &packet->dst, ddos_what(packet, DDOS_IS_REQUEST),
				       (__u32)from << 16 | to),
			     now, now + DDOS_ASKED);
	}
	if (!ddos_has_port(row, from))
		return NEXT;
	now = limiter_tick_time();
	if (ddos_is_believed(
		    ddos_hash(&packet->dst, &packet->src, ddos_what(packet, DDOS_IS_REQUEST), (__u32)to << 16 | from),
		    now) ||
	    ddos_take(ddos_destination_key(packet, DDOS_IS_RESPONSE), &row->amplification, now))
		return NEXT;
	return ends(DP_REASON_unsolicited_response);
}

__noinline int ddos_by_profile(struct ctx_buff *ctx, struct packet *packet)
{
	const struct dp_ddos *row;

	if (!packet)
		return ends(DP_REASON_inconsistent);
	row = ddos_row(packet->bank, packet->vrf);
	if (!row)
		return ends(DP_REASON_inconsistent);
	if (packet->protocol == IPPROTO_TCP)
		return ddos_tcp(ctx, packet, row);
	if (packet->protocol == IPPROTO_UDP && row->amplification.cost)
		return ddos_udp(ctx, packet, row);
	return NEXT;
}

/* What is for the router itself is delivered, as always. That is asked here: 6.1 has no stack for it further down. */
static __always_inline int ddos(struct ctx_buff *ctx, struct packet *packet)
{
	int reason;

	if (!(packet->features & DP_FEATURE_DDOS) || packet->from_stage)
		return NEXT;
	reason = ddos_by_profile(ctx, packet);
	return reason == NEXT || classified_is_local(packet) ? NEXT : reason;
}

#endif
