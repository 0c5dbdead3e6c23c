/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of u, uniform in (0, 1), weight / -log(u) makes the chance to be the highest of all proportional to the weight. Among
 * members of one weight that is the one with the highest u, so that logarithms are needed of one a weight only. They
 * are reckoned in integers: all processors and libraries have the same.
 */
#include "vnf/dataplane/service/rendezvous.h"

#include <errno.h>
#include <stdlib.h>

#define LOG_STEPS 256
#define LOG_UNIT  24 /* bits behind the point */

/* -log2 of 1/2 to 1, in equal steps. */
static void make_logs(uint32_t logs[LOG_STEPS + 1])
{
	for (uint32_t i = 0; i <= LOG_STEPS; i++) {
		uint64_t x = (uint64_t)(LOG_STEPS + i) << 22; /* 1 to 2, of 2^30 */
		uint32_t log = 0;

		for (int bit = 0; bit < LOG_UNIT; bit++) {
			x = x * x >> 30;
			log = log << 1 | (uint32_t)(x >> 31 & 1);
			x >>= x >> 31 & 1;
		}
		logs[i] = i < LOG_STEPS ? (1U << LOG_UNIT) - log : 0;
	}
}

/* -log2(bid / 2^32), of a bid that is not 0. It never rises with the bid. */
static uint64_t cost(const uint32_t logs[LOG_STEPS + 1], uint32_t bid)
{
	unsigned int zeros = (unsigned int)__builtin_clz(bid);
	uint32_t fraction = bid << zeros << 1; /* of 2^32 */
	uint32_t step = fraction >> 24, within = fraction & 0xffffff;
	uint64_t between = (uint64_t)(logs[step] - logs[step + 1]) * within >> 24;

	return ((uint64_t)zeros << LOG_UNIT) + logs[step] - between;
}

/* Members of one weight next to each other. */
struct bidder {
	uint64_t hash;
	uint32_t number, weight;
};

static int compare(const void *left, const void *right)
{
	const struct bidder *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight < b->weight ? -1 : 1;
	return a->number < b->number ? -1 : 1;
}

static uint32_t bid_of(const struct bidder *bidder, uint64_t row_hash)
{
	uint64_t hash = (row_hash ^ bidder->hash) * 0xbf58476d1ce4e5b9ULL;

	return (uint32_t)((hash ^ hash >> 32) * 0x94d049bb133111ebULL >> 32) | 1;
}

/* Of those of one weight from *at on the number of who bids most, and how much; *at is put behind them. */
static uint32_t highest(const struct bidder *bidder, size_t count, size_t *at, uint64_t row_hash, uint32_t *bid)
{
	uint32_t weight = bidder[*at].weight, number = 0;

	for (*bid = 0; *at < count && bidder[*at].weight == weight; ++*at) {
		uint32_t one = bid_of(&bidder[*at], row_hash);

		if (one > *bid) {
			*bid = one;
			number = bidder[*at].number;
		}
	}
	return number;
}

static uint32_t winner(const struct bidder *bidder, size_t count, const uint32_t *logs, uint64_t row_hash)
{
	uint64_t best_cost = 0;
	uint32_t best = 0, best_weight = 0;

	for (size_t at = 0; at < count;) {
		uint32_t weight = bidder[at].weight, bid, number = highest(bidder, count, &at, row_hash, &bid);
		uint64_t one = cost(logs, bid);

		/* one / weight < best_cost / best_weight */
		if (!best_weight || one * best_weight < best_cost * weight) {
			best = number;
			best_cost = one;
			best_weight = weight;
		}
	}
	return best;
}

int rendezvous_fill(const struct share_member *member, size_t count, uint64_t *word, uint32_t rows)
{
	struct bidder *bidder = malloc(count * sizeof(*bidder));
	uint32_t logs[LOG_STEPS + 1];

	if (!bidder)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		bidder[i] = (struct bidder){.hash = member[i].hash, .number = i, .weight = member[i].weight};
	qsort(bidder, count, sizeof(*bidder), compare);
	make_logs(logs);
	for (uint32_t row = 0; row < rows; row++)
		share_put(word, row, winner(bidder, count, logs, share_mix(row + 1)));
	free(bidder);
	return 0;
}
