/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Room for a new connection: the emptier of its two sets. It has not been answered yet, and of these at most half the
 * ways of a set are let in, so that no flood of them fills the table; where there is no room for it, it takes the place
 * of a connection that is over, or else of the oldest that has not been answered either, and never of another.
 *
 * Branches on each of eight ways would be hundreds of paths to the verifier: so sums and greatest numbers choose.
 */
#ifndef SLUICE_BPF_CONNECTION_ROOM_H
#define SLUICE_BPF_CONNECTION_ROOM_H

#include "bpf/connection_table.h"

/* Bit per state. */
#define STATES_EMPTY	 (1U << DP_CONNECTION_EMPTY)
#define STATES_OVER	 (1U << DP_CONNECTION_TIME_WAIT | 1U << DP_CONNECTION_CLOSED)
#define STATES_EMBRYONIC ((2U << DP_CONNECTION_SYN_RECEIVED_BOTH) - (1U << DP_CONNECTION_NEW))

static __always_inline __u64 state_in(__u64 life, __u32 states)
{
	return states >> dp_connection_state(life) & 1;
}

static __always_inline __u64 greater(__u64 a, __u64 b)
{
	return a > b ? a : b;
}

/* One set. The greatest ways of each kind: 4, more for an empty one than for one that is over, or the age, and the way.
 */
struct room {
	__u64 empties, embryonic; /* how many */
	__u64 free, oldest;	  /* 0: none */
};

static __always_inline void room_look(struct room *room, const struct dp_connection *connection, __u64 way, __u32 now)
{
	__u64 life = life_of(connection), empty = state_in(life, STATES_EMPTY), over = state_in(life, STATES_OVER),
	      embryonic = state_in(life, STATES_EMBRYONIC);
	__u64 age = dp_connection_age(life, now) + 1;

	room->empties += empty;
	room->embryonic += embryonic;
	room->free = greater(room->free, (empty * 2 + over) * 4 + (empty | over) * way);
	room->oldest = greater(room->oldest, (age * 4 + way) * embryonic);
	barrier(); /* one way after the other: it saves stack */
}

#define ROOM_FREE (1ULL << 40)

/* What a set has to offer to a new connection: the greatest offer is to be taken, which has the way in its lowest bits.
 * 0: no way. */
__noinline __u64 room_offer(__u32 family, __u64 set, __u32 now)
{
	struct room room = {};

	if (family == 4) {
		const struct dp_connection_set4 *entries = connection_set4(set);

#pragma unroll
		for (__u32 way = 0; way < DP_CONNECTION_WAYS; way++)
			room_look(&room, &entries->way[way].connection, way, now);
	} else {
		const struct dp_connection_set6 *entries = connection_set6(set);

#pragma unroll
		for (__u32 way = 0; way < DP_CONNECTION_WAYS; way++)
			room_look(&room, &entries->way[way].connection, way, now);
	}
	if (room.embryonic < DP_CONNECTION_EMBRYONIC && room.free)
		return ROOM_FREE | room.empties << 32 | (room.free & (DP_CONNECTION_WAYS - 1));
	return room.oldest;
}

/* The place for a new connection; CONNECTION_NOWHERE: there is none. */
static __always_inline __u32 room_choose(__u8 family, __u64 hash, __u32 now)
{
	__u64 one = room_offer(family, connection_set(hash, 0), now);
	__u64 other = room_offer(family, connection_set(hash, 1), now);
	__u32 set = connection_set(hash, other > one);

	one = greater(one, other);
	if (!one)
		return CONNECTION_NOWHERE;
	return (family == 4 ? connection_index4(set) : connection_index6(set)) * DP_CONNECTION_WAYS +
	       (one & (DP_CONNECTION_WAYS - 1));
}

/* Makes an entry BUSY, if it still may be taken. */
static __always_inline bool room_take(struct dp_connection *connection, __u32 now)
{
	__u64 life = life_of(connection);

	if (!state_in(life, STATES_EMPTY | STATES_OVER | STATES_EMBRYONIC))
		return false;
	if (!life_change(connection, life, dp_connection_life(now, DP_CONNECTION_BUSY, 0, 0)))
		return false;
	if (life && !explains)
		__sync_fetch_and_add(&connection_head_row.evicted, 1);
	return true;
}

#endif
