/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fragments of one packet belong to one flow (RFC 8200 4.5), but only the first says which: it leaves its ports and the
 * upper-layer protocol here, and the later ones find them. Where a later one comes before the first, or its first has
 * been pushed out by others, its ports are not known.
 */
#ifndef SLUICE_BPF_FRAGMENTS_H
#define SLUICE_BPF_FRAGMENTS_H

#include "api/dp/fragment.h"
#include "bpf/mix.h"

#define FRAGMENT_TIME_SHIFT 26 /* of nanoseconds: 67 ms */
#define FRAGMENT_TIME_MASK  0xffffff
#define FRAGMENT_LIFE	    224 /* 15 s, the least that RFC 791 3.2 has a receiver wait for the rest */

struct dp_fragment_set fragment_rows[1] SEC(".data.fragments");

struct fragment_key {
	const struct dp_address *src, *dst;
	__u32 id;
	__u16 vrf;
	__u8 protocol; /* as all fragments say it */
};

/* Instead of the key itself: 64 bits of a salted hash do not meet by chance, and nobody can make them meet. */
static __always_inline __u64 fragment_hash(const struct fragment_key *key)
{
	__u64 salt = flow_salt;
	__u64 ends = flow_end(key->src, 1, salt) * 3 + flow_end(key->dst, 2, salt);

	return flow_mix(ends ^ ((__u64)key->id << 32 | (__u32)key->vrf << 8 | key->protocol)) | 1;
}

static __always_inline struct dp_fragment_set *fragment_set(__u64 hash)
{
	struct dp_fragment_set *rows = fragment_rows;
	__u64 set = hash >> 32 & (DP_FRAGMENT_SETS - 1);

	asm("" : "+r"(rows)); /* the map is longer than the variable */
	barrier_var(set);
	return rows + set;
}

static __always_inline __u64 fragment_now(void)
{
	return bpf_ktime_get_coarse_ns() >> FRAGMENT_TIME_SHIFT & FRAGMENT_TIME_MASK;
}

static __always_inline __u64 fragment_age(__u64 value, __u64 now)
{
	return (now - (value >> 40)) & FRAGMENT_TIME_MASK;
}

/* In the place of the packet's own entry, else of the oldest. */
static __always_inline void fragment_remember(const struct fragment_key *key, __u64 value)
{
	__u64 hash = fragment_hash(key), now = fragment_now(), oldest = 0;
	struct dp_fragment_set *set = fragment_set(hash);
	__u32 place = 0;

	if (explains)
		return;
	for (__u32 i = 0; i < DP_FRAGMENT_WAYS; i++) {
		__u64 before = set->way[i].value, age = fragment_age(before, now);

		if ((set->way[i].check ^ before) == hash)
			age = FRAGMENT_TIME_MASK + 1;
		if (age > oldest) {
			oldest = age;
			place = i;
		}
	}
	value |= now << 40;
	barrier_var(place);
	place &= DP_FRAGMENT_WAYS - 1;
	set->way[place].check = hash ^ value;
	set->way[place].value = value;
}

/* The value that the first fragment has left, with the time; 0: there is none. */
static __always_inline __u64 fragment_recall(const struct fragment_key *key)
{
	__u64 hash = fragment_hash(key), now = fragment_now();
	const struct dp_fragment_set *set = fragment_set(hash);

	for (__u32 i = 0; i < DP_FRAGMENT_WAYS; i++) {
		__u64 value = *(const volatile __u64 *)&set->way[i].value;

		if ((set->way[i].check ^ value) == hash && fragment_age(value, now) < FRAGMENT_LIFE)
			return value;
	}
	return 0;
}

#endif
