/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tables of connections (api/dp/connection.h), as packets find entries there and change them. Several CPUs do so at
 * once, and the daemon.
 */
#ifndef SLUICE_BPF_CONNECTION_TABLE_H
#define SLUICE_BPF_CONNECTION_TABLE_H

#include "bpf/flow_indirect.h"

struct dp_connection_set4 connection4_rows[1] SEC(".data.connections4");
struct dp_connection_set6 connection6_rows[1] SEC(".data.connections6");
struct dp_connection_head connection_head_row SEC(".data.connection_head");

/* From now on the connections of VRFs without stateful rules, too, are looked for: some of them may be kept. */
static __always_inline void connections_keep(void)
{
	if (!explains && !connection_head_row.keeps)
		connection_head_row.keeps = 1;
}

/* What is known of a packet's connection. */
struct tracked {
	__u64 hash;		  /* of its key */
	__u64 life;		  /* of its entry, as this packet has left it, */
	__u64 note;		  /* and that, in which `rule` counts for a new one */
	__u32 place;		  /* of its entry: set and way; CONNECTION_NOWHERE: it has none */
	__u32 epoch;		  /* of the rules that it was judged by last */
	__u32 rule;		  /* that let it in */
	__u16 src_port, dst_port; /* of the key */
	__u8 found;		  /* it is known, and the packet belongs to it */
	__u8 state;		  /* number of sluice.v1.ConnectionState */
	__u8 reply;		  /* from the responder */
	__u8 pinned;		  /* by a rule with KEEP */
	__u8 begins;		  /* enum dp_connection_state in which it may begin; 0: this packet can begin none */
	__u8 high;		  /* the packet's source is the higher end of the key */
	__u8 kind;		  /* of the key: enum dp_connection_kind */
	__u8 pad;
};

#define CONNECTION_NOWHERE 0xffffffffU

enum connection_state { /* sluice.v1.ConnectionState */
			CONNECTION_NEW = 1,
			CONNECTION_ESTABLISHED,
			CONNECTION_RELATED,
			CONNECTION_INVALID,
};

/* The time in ticks. The clock is asked once in a tick of the kernel, whose number costs nothing. */
static __always_inline __u32 connection_now(void)
{
	struct dp_connection_head *head = &connection_head_row;
	__u64 tick = bpf_jiffies64() << 32, clock = *(volatile __u64 *)&head->clock;

	if ((clock ^ tick) >> 32) {
		clock = tick | (bpf_ktime_get_coarse_ns() >> DP_CONNECTION_SHIFT & DP_CONNECTION_TIME);
		if (!explains)
			*(volatile __u64 *)&head->clock = clock;
	}
	return (__u32)clock;
}

/* `address`, but known only when `value` has been read: what is read there is no older than that. */
static __always_inline const void *read_behind(const void *address, __u64 value)
{
	asm volatile("%1 &= 0\n\t%0 += %1" : "+r"(address), "+r"(value));
	return address;
}

static __always_inline __u64 life_of(const struct dp_connection *connection)
{
	return *(const volatile __u64 *)&connection->life;
}

static __always_inline __u64 note_of(const struct dp_connection *connection)
{
	return *(const volatile __u64 *)&connection->note;
}

static __always_inline bool life_is_there(__u64 life)
{
	return dp_connection_state(life) - 1 < DP_CONNECTION_BUSY - 1;
}

static __always_inline bool life_change(struct dp_connection *connection, __u64 from, __u64 to)
{
	return explains || __sync_val_compare_and_swap(&connection->life, from, to) == from;
}

static __always_inline __u64 connection_index4(__u64 hash)
{
	hash &= SHAPE(connections4_last);
	barrier_var(hash);
	return hash;
}

static __always_inline __u64 connection_index6(__u64 hash)
{
	hash &= SHAPE(connections6_last);
	barrier_var(hash);
	return hash;
}

static __always_inline struct dp_connection_set4 *connection_set4(__u64 hash)
{
	struct dp_connection_set4 *rows = connection4_rows;

	asm("" : "+r"(rows)); /* the map is longer than the variable */
	return rows + connection_index4(hash);
}

static __always_inline struct dp_connection_set6 *connection_set6(__u64 hash)
{
	struct dp_connection_set6 *rows = connection6_rows;

	asm("" : "+r"(rows));
	return rows + connection_index6(hash);
}

/* The two sets that a hash names. */
static __always_inline __u32 connection_set(__u64 hash, int which)
{
	return which ? hash >> 32 : hash;
}

/* The entry at a place. */
static __always_inline struct dp_connection4 *connection4_at(__u64 place)
{
	__u64 way = place & (DP_CONNECTION_WAYS - 1);

	barrier_var(way);
	return &connection_set4(place / DP_CONNECTION_WAYS)->way[way];
}

static __always_inline struct dp_connection6 *connection6_at(__u64 place)
{
	__u64 way = place & (DP_CONNECTION_WAYS - 1);

	barrier_var(way);
	return &connection_set6(place / DP_CONNECTION_WAYS)->way[way];
}

static __always_inline struct dp_connection *connection_at(__u8 family, __u64 place)
{
	return family == 4 ? &connection4_at(place)->connection : &connection6_at(place)->connection;
}

/* Which end of a flow is the higher one: the source? */
static __always_inline bool source_is_high(const struct flow *flow, const struct tracked *tracked)
{
	__u64 src = flow->src.half[0], dst = flow->dst.half[0];

	if (src == dst) {
		src = flow->src.half[1];
		dst = flow->dst.half[1];
	}
	return src == dst ? tracked->src_port > tracked->dst_port : src > dst;
}

static __always_inline __u64 connection_rest(const struct flow *flow, const struct tracked *tracked, __u16 vrf)
{
	__u64 src = tracked->src_port, dst = tracked->dst_port;
	__u64 ports = tracked->high ? src << 16 | dst : dst << 16 | src;

	return ports | (__u64)vrf << 32 | (__u64)flow->protocol << 48 |
	       (__u64)tracked->kind << DP_CONNECTION_KIND_SHIFT;
}

static __always_inline __u64 connection_ends4(const struct flow *flow, const struct tracked *tracked)
{
	__u64 src = flow->src.word[3], dst = flow->dst.word[3];

	return tracked->high ? dst << 32 | src : src << 32 | dst;
}

static __always_inline bool is_connection4(const struct dp_connection4 *entry, __u64 ends, __u64 rest)
{
	return *(const volatile __u64 *)&entry->ends == ends &&
	       *(const volatile __u64 *)&entry->connection.rest == rest;
}

/* The way with this key that is alive; its life is in *life. DP_CONNECTION_WAYS: there is none. */
static __always_inline __u32 find_in_set4(const struct dp_connection_set4 *set, __u64 ends, __u64 rest, __u64 *life)
{
#pragma unroll
	for (__u32 way = 0; way < DP_CONNECTION_WAYS; way++) {
		const struct dp_connection4 *entry = &set->way[way];

		if (!is_connection4(entry, ends, rest))
			continue;
		*life = life_of(&entry->connection);
		if (life_is_there(*life) && is_connection4(read_behind(entry, *life), ends, rest))
			return way;
	}
	return DP_CONNECTION_WAYS;
}

static __always_inline void find4(const struct flow *flow, struct tracked *tracked, __u16 vrf)
{
	__u64 rest = connection_rest(flow, tracked, vrf), ends = connection_ends4(flow, tracked), life = 0;
	__u32 way, set;

	tracked->hash = dp_connection_hash4(connection_head_row.secret, ends, rest);
	set = connection_index4(connection_set(tracked->hash, 0));
	way = find_in_set4(connection_set4(set), ends, rest, &life);
	if (way == DP_CONNECTION_WAYS) {
		set = connection_index4(connection_set(tracked->hash, 1));
		way = find_in_set4(connection_set4(set), ends, rest, &life);
	}
	if (way == DP_CONNECTION_WAYS)
		return;
	tracked->life = life;
	tracked->place = set * DP_CONNECTION_WAYS + way;
	tracked->note = note_of(connection_at(4, tracked->place));
}

/* A key of IPv6: which address of a flow is the lower one. */
struct key6 {
	const struct dp_address *low, *high;
	__u64 rest;
};

static __always_inline bool is_connection6(const struct dp_connection6 *entry, const struct key6 *key)
{
	return *(const volatile __u64 *)&entry->connection.rest == key->rest &&
	       *(const volatile __u64 *)&entry->low[1] == key->low->half[1] &&
	       *(const volatile __u64 *)&entry->high[1] == key->high->half[1] &&
	       *(const volatile __u64 *)&entry->low[0] == key->low->half[0] &&
	       *(const volatile __u64 *)&entry->high[0] == key->high->half[0];
}

static __always_inline __u32 find_in_set6(const struct dp_connection_set6 *set, const struct key6 *key, __u64 *life)
{
#pragma unroll
	for (__u32 way = 0; way < DP_CONNECTION_WAYS; way++) {
		const struct dp_connection6 *entry = &set->way[way];

		if (!is_connection6(entry, key))
			continue;
		*life = life_of(&entry->connection);
		if (life_is_there(*life) && is_connection6(read_behind(entry, *life), key))
			return way;
	}
	return DP_CONNECTION_WAYS;
}

static __always_inline void key6_of(struct key6 *key, const struct flow *flow, const struct tracked *tracked, __u16 vrf)
{
	bool high = tracked->high;

	key->low = high ? &flow->dst : &flow->src;
	key->high = high ? &flow->src : &flow->dst;
	key->rest = connection_rest(flow, tracked, vrf);
}

static __always_inline void find6(const struct flow *flow, struct tracked *tracked, __u16 vrf)
{
	struct key6 key;
	__u64 life = 0;
	__u32 way, set;

	key6_of(&key, flow, tracked, vrf);
	tracked->hash = dp_connection_hash6(connection_head_row.secret, key.low->half, key.high->half, key.rest);
	set = connection_index6(connection_set(tracked->hash, 0));
	way = find_in_set6(connection_set6(set), &key, &life);
	if (way == DP_CONNECTION_WAYS) {
		set = connection_index6(connection_set(tracked->hash, 1));
		way = find_in_set6(connection_set6(set), &key, &life);
	}
	if (way == DP_CONNECTION_WAYS)
		return;
	tracked->life = life;
	tracked->place = set * DP_CONNECTION_WAYS + way;
	tracked->note = note_of(connection_at(6, tracked->place));
}

#endif
