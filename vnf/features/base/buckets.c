/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pairs are not sorted: there are tens of thousands in a large group. Each bucket asks the member first that bids
 * most for it, and a member that has its share keeps the buckets for which it bids most and sends the least away, which
 * asks the next. That ends where going through the pairs in order ends (Gale, Shapley 1962: both sides rank by bid).
 */
#include <math.h>
#include <stdbool.h>

#include "vnf/features/base/buckets.h"
#include "vnf/core/hash.h"

uint64_t buckets_name_hash(const char *name)
{
	return hash_text(HASH_SEED, name);
}

/* A finaliser with full avalanche (David Stafford's mix 13): neighbouring buckets must not have related hashes. */
static uint32_t bid_hash(uint64_t member, unsigned int bucket, unsigned int salt)
{
	uint64_t h = member + 0x9e3779b97f4a7c15ULL * (bucket + 1 + salt * DP_GROUP_BUCKETS);

	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
	return (uint32_t)((h ^ (h >> 31)) >> 32);
}

struct auction {
	const struct bucket_members *members;
	int share[DP_MAX_GROUP_MEMBERS];
	int held[DP_MAX_GROUP_MEMBERS];	 /* buckets that the member has now: a heap, the least bid at its top, */
	int first[DP_MAX_GROUP_MEMBERS]; /* from here on in */
	uint16_t bucket[DP_GROUP_BUCKETS];
};

/* What member m bids for the bucket: no two bids are equal. */
static uint64_t bid(const struct auction *auction, int m, unsigned int bucket)
{
	return (uint64_t)bid_hash(auction->members->hash[m], bucket, 0) << 32 |
	       (uint32_t)(DP_GROUP_BUCKETS - bucket) << 8 | (uint32_t)(DP_MAX_GROUP_MEMBERS - m);
}

void buckets_add_member(struct bucket_members *members, const char *name, uint8_t weight, bool live)
{
	members->hash[members->count] = buckets_name_hash(name);
	members->weight[members->count] = weight;
	members->live |= (uint64_t)live << members->count;
	members->count++;
}

/* Buckets by weight, largest remainders first; nobody is left without. */
static void shares(const struct bucket_members *members, int buckets, int share[DP_MAX_GROUP_MEMBERS])
{
	int total = 0, remainder[DP_MAX_GROUP_MEMBERS], left = buckets;

	for (size_t i = 0; i < members->count; i++)
		total += members->weight[i];
	for (size_t i = 0; i < members->count; i++) {
		share[i] = members->weight[i] * buckets / total;
		remainder[i] = members->weight[i] * buckets % total;
		if (!share[i]) {
			share[i] = 1;
			remainder[i] = 0;
		}
		left -= share[i];
	}
	while (left != 0) {
		size_t best = members->count;

		for (size_t i = 0; i < members->count; i++) {
			if (left < 0 && share[i] == 1)
				continue;
			if (best == members->count ||
			    (left > 0 ? remainder[i] > remainder[best] : share[i] > share[best]) ||
			    ((left > 0 ? remainder[i] == remainder[best] : share[i] == share[best]) &&
			     members->hash[i] < members->hash[best]))
				best = i;
		}
		share[best] += left > 0 ? 1 : -1;
		remainder[best] = 0;
		left += left > 0 ? -1 : 1;
	}
}

/* Of the bids for the bucket that are below `limit` the highest: its member. */
static int next_bidder(const struct auction *auction, unsigned int bucket, uint64_t limit)
{
	uint64_t best = 0;
	int member = 0;

	for (size_t m = 0; m < auction->members->count; m++) {
		uint64_t one = bid(auction, (int)m, bucket);

		if (one < limit && one > best) {
			best = one;
			member = (int)m;
		}
	}
	return member;
}

static void swap(uint16_t *a, uint16_t *b)
{
	uint16_t c = *a;

	*a = *b;
	*b = c;
}

static void hold(struct auction *auction, int m, unsigned int bucket)
{
	uint16_t *heap = auction->bucket + auction->first[m];
	int at = auction->held[m]++;

	heap[at] = (uint16_t)bucket;
	while (at && bid(auction, m, heap[at]) < bid(auction, m, heap[(at - 1) / 2])) {
		swap(&heap[at], &heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
}

/* Takes the bucket for the one with the least bid, which is given back. */
static unsigned int exchange(struct auction *auction, int m, unsigned int bucket)
{
	uint16_t *heap = auction->bucket + auction->first[m];
	unsigned int least = heap[0];
	int at = 0;

	heap[0] = (uint16_t)bucket;
	for (;;) {
		int child = 2 * at + 1;

		if (child + 1 < auction->held[m] && bid(auction, m, heap[child + 1]) < bid(auction, m, heap[child]))
			child++;
		if (child >= auction->held[m] || bid(auction, m, heap[at]) < bid(auction, m, heap[child]))
			return least;
		swap(&heap[at], &heap[child]);
		at = child;
	}
}

static void place(struct auction *auction, unsigned int bucket)
{
	uint64_t limit = UINT64_MAX;

	for (;;) {
		int m = next_bidder(auction, bucket, limit);

		if (auction->held[m] < auction->share[m]) {
			hold(auction, m, bucket);
			return;
		}
		if (bid(auction, m, bucket) > bid(auction, m, auction->bucket[auction->first[m]]))
			bucket = exchange(auction, m, bucket);
		limit = bid(auction, m, bucket);
	}
}

static uint8_t preferred(const struct bucket_members *members, unsigned int bucket)
{
	double best_score = 0;
	int best = -1;

	for (size_t i = 0; i < members->count; i++) {
		/* Uniform in (0, 1); -w / ln(u) makes the chance to win proportional to w. */
		double u = (bid_hash(members->hash[i], bucket, 1) + 0.5) / 4294967296.0;
		double score = -(double)members->weight[i] / log(u);

		if (members->live >> i & 1 && (best < 0 || score > best_score)) {
			best = (int)i;
			best_score = score;
		}
	}
	return (uint8_t)best;
}

bool buckets_share(const struct bucket_members *members, uint8_t *bucket, unsigned int buckets)
{
	struct auction auction = {.members = members};

	if (!members->live)
		return false;
	shares(members, (int)buckets, auction.share);
	for (size_t m = 1; m < members->count; m++)
		auction.first[m] = auction.first[m - 1] + auction.share[m - 1];
	for (unsigned int i = 0; i < buckets; i++)
		place(&auction, i);
	for (size_t m = 0; m < members->count; m++)
		for (int i = 0; i < auction.share[m]; i++)
			bucket[auction.bucket[auction.first[m] + i]] = (uint8_t)m;
	for (unsigned int i = 0; i < buckets; i++)
		if (!(members->live >> bucket[i] & 1))
			bucket[i] = preferred(members, i);
	return true;
}
