/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which member of a group has which bucket of flows.
 *
 * First all members, live or not, share the buckets exactly by weight, each at least one: of all pairs of bucket and
 * member the one with the highest hash goes first, as long as the bucket is free and the member has not had its share.
 * Then the buckets of members that are not live go, each by itself, to the live member that weighted rendezvous hashing
 * prefers for it (Thaler, Ravishankar 1998). So a member that fails moves its own buckets and no others, and gets the
 * same ones back. One that is taken out of the group or added to it moves its share and, because the shares stay exact,
 * a few in a hundred buckets more. Names decide, not ids or order: two routers with one configuration agree.
 */
#ifndef SLUICE_FEATURES_BASE_BUCKETS_H
#define SLUICE_FEATURES_BASE_BUCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/limits.h"

struct bucket_members {
	size_t count;			     /* 1 to DP_MAX_GROUP_MEMBERS */
	uint64_t live;			     /* a bit each */
	uint64_t hash[DP_MAX_GROUP_MEMBERS]; /* of its name */
	uint8_t weight[DP_MAX_GROUP_MEMBERS];
};

void buckets_add_member(struct bucket_members *members, const char *name, uint8_t weight, bool live);

/* Writes to each of `buckets` buckets, at most DP_GROUP_BUCKETS, the number of its member. False: none is live. */
bool buckets_share(const struct bucket_members *members, uint8_t *bucket, unsigned int buckets);

uint64_t buckets_name_hash(const char *name);

#endif
