/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/observe/latency.h"

#include <stdlib.h>

#include "api/dp/reason.h"
#include "vnf/core/hash.h"

#define MARKS	   65536		/* a power of two: packets that are waited for */
#define TRIED	   4			/* places for each */
#define FORGOTTEN  (60ULL * 1000000000) /* ns after which nothing is waited for any more, */
#define GIVES_WAY  (1ULL * 1000000000)	/* and after which a mark gives way to another */
#define ROW_PLACES (2 * LATENCY_ROWS)

/* A packet that has gone out. */
struct mark {
	uint64_t key; /* 0: free */
	uint64_t time;
	uint32_t row;
	bool twice; /* the same has gone out again: which of them is answered nobody can tell (RFC 6298 3) */
};

struct latency {
	struct latency_row row[LATENCY_ROWS];
	size_t rows;
	uint16_t place[ROW_PLACES]; /* hash table of the rows: number + 1; 0: free */
	struct mark mark[MARKS];
};

struct latency *latency_new(void)
{
	return calloc(1, sizeof(struct latency));
}

void latency_free(struct latency *latency)
{
	free(latency);
}

size_t latency_rows(const struct latency *latency, const struct latency_row **rows)
{
	*rows = latency->row;
	return latency->rows;
}

/* NULL: there are too many. */
static struct latency_row *find_row(struct latency *latency, enum latency_of of, uint16_t id, uint16_t interface)
{
	uint64_t at = hash_word(HASH_SEED, (uint64_t)of << 32 | (uint32_t)id << 16 | interface);
	struct latency_row *row;
	uint16_t *place;

	for (;; at++) {
		place = &latency->place[at % ROW_PLACES];
		if (!*place)
			break;
		row = &latency->row[*place - 1];
		if (row->of == of && row->id == id && row->interface == interface)
			return row;
	}
	if (latency->rows == LATENCY_ROWS)
		return NULL;
	row = &latency->row[latency->rows++];
	*place = (uint16_t)latency->rows;
	row->of = (uint16_t)of;
	row->id = id;
	row->interface = interface;
	return row;
}

static struct mark *find_mark(struct latency *latency, uint64_t key, uint64_t now)
{
	for (uint32_t i = 0; i < TRIED; i++) {
		struct mark *mark = &latency->mark[(key + i) % MARKS];

		if (mark->key == key && now - mark->time < FORGOTTEN)
			return mark;
	}
	return NULL;
}

static struct mark *free_mark(struct latency *latency, uint64_t key, uint64_t now)
{
	for (uint32_t i = 0; i < TRIED; i++) {
		struct mark *mark = &latency->mark[(key + i) % MARKS];

		if (!mark->key || now - mark->time >= GIVES_WAY)
			return mark;
	}
	return NULL;
}

static void note(struct latency *latency, struct latency_row *row, uint64_t key, uint64_t now)
{
	struct mark *mark;

	if (!row)
		return;
	mark = find_mark(latency, key, now);
	if (mark) {
		mark->twice = true;
		return;
	}
	mark = free_mark(latency, key, now);
	if (!mark)
		return;
	*mark = (struct mark){.key = key, .time = now, .row = (uint32_t)(row - latency->row)};
	row->sent++;
}

static void add(struct latency_row *row, uint64_t ns)
{
	const unsigned int bucket = ns ? 63 - (unsigned int)__builtin_clzll(ns) : 0;

	row->bucket[bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1]++;
	row->returned++;
	if (ns > row->longest)
		row->longest = ns;
}

/* What has come back, if it was noted. */
static void match(struct latency *latency, uint64_t key, uint64_t now)
{
	struct mark *mark = find_mark(latency, key, now);
	struct latency_row *row;

	if (!mark || now < mark->time)
		return;
	row = &latency->row[mark->row];
	if (mark->twice)
		row->sent--;
	else
		add(row, now - mark->time);
	mark->key = 0;
}

void latency_take(struct latency *latency, const struct observed *observed)
{
	const struct dp_observation *head = observed->head;
	const struct dp_step *last = &head->last;
	struct latency_packet packet;

	if (!latency_packet(observed, &packet))
		return;
	if (last->from_stage)
		match(latency, packet.same, head->time);
	else if (packet.answers)
		match(latency, packet.acknowledged, head->time);
	if (head->reason == DP_REASON_steered)
		note(latency, find_row(latency, LATENCY_STAGE, last->port_pair_group, head->out_interface), packet.same,
		     head->time);
	else if (packet.asks && head->out_ifindex && last->encapsulated)
		note(latency, find_row(latency, LATENCY_TUNNEL, last->encapsulated, 0), packet.asked, head->time);
	else if (packet.asks && head->out_ifindex && last->next_hop)
		note(latency, find_row(latency, LATENCY_NEXT_HOP, last->next_hop, 0), packet.asked, head->time);
}

uint64_t latency_quantile(const struct latency_row *row, unsigned int permille)
{
	const double wanted = (double)row->returned * permille / 1000;
	double below = 0;

	for (unsigned int i = 0; i < LATENCY_BUCKETS && row->returned; i++) {
		const double here = (double)row->bucket[i], first = (double)(1ULL << i);

		if (here > 0 && below + here >= wanted) {
			const uint64_t ns = (uint64_t)(first + first * (wanted - below) / here);

			return ns < row->longest ? ns : row->longest;
		}
		below += here;
	}
	return row->longest;
}
