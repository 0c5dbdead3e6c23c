/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of pools: bench_service_table [--quick]
 *
 * How long one takes to be made and to be written into both banks, how even it is, what moves when a member leaves; the
 * memory of 10,000 services of ten members; and commits of one member beside these against commits of one route, in the
 * same process, by turns. Prints a line of JSON a figure.
 */
#include "service_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vnf/dataplane/bank/bank.h"
#include "vnf/dataplane/bank/limits.h"
#include "vnf/dataplane/service/maglev.h"

#define MEMBERS_MOST 100
#define SERVICES     10000
#define WORDS	     ((SHARE_ROWS_MOST + 3) / 4)

static struct share_member members[MEMBERS_MOST];
static char names[MEMBERS_MOST][24];
static uint64_t table[WORDS], other[WORDS], bank[2][WORDS];

void print_row(const char *name, double value, const char *unit)
{
	printf("{\"bench\": \"service_table\", \"case\": \"%s\", \"subject\": \"sluice\", \"value\": %.4g, \"unit\": "
	       "\"%s\"}\n",
	       name, value, unit);
	fflush(stdout);
}

static double microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Another name each turn, so that no two tables are the same. */
static void name_members(size_t count, unsigned int turn)
{
	for (size_t i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "%u-%zu", turn, i);
		members[i] = (struct share_member){
			.name = names[i], .hash = share_name_hash(names[i]), .id = (uint32_t)i, .weight = 1000};
	}
}

static void make(size_t count, uint32_t rows, uint64_t *into)
{
	memset(into, 0, share_words(rows) * sizeof(*into));
	share_members_sort(members, count);
	if (maglev_fill(members, count, into, rows))
		abort();
}

static int compare(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double build_time(size_t count, unsigned int turns)
{
	double *time = calloc(turns, sizeof(*time)), median;
	uint32_t rows = share_rows(count);

	for (unsigned int turn = 0; turn < turns; turn++) {
		double before;

		name_members(count, turn);
		before = microseconds();
		make(count, rows, table);
		memcpy(bank[0], table, share_words(rows) * sizeof(*table));
		memcpy(bank[1], table, share_words(rows) * sizeof(*table));
		time[turn] = microseconds() - before;
	}
	qsort(time, turns, sizeof(*time), compare);
	median = time[turns / 2];
	free(time);
	return median;
}

static double imbalance(size_t count, uint32_t rows)
{
	uint32_t held[MEMBERS_MOST] = {0};
	double worst = 0, ideal = (double)rows / (double)count;

	for (uint32_t row = 0; row < rows; row++)
		held[share_get(table, row)]++;
	for (size_t i = 0; i < count; i++)
		worst = fmax(worst, fabs(held[i] - ideal) / ideal);
	return worst * 100;
}

/* Of the others' rows that have another member once the first one has left, in percent. */
static double disruption(size_t count, uint32_t rows)
{
	uint32_t moved = 0, others = 0;

	memmove(members, members + 1, (count - 1) * sizeof(*members));
	make(count - 1, rows, other);
	for (uint32_t row = 0; row < rows; row++) {
		if (share_get(table, row) == 0)
			continue;
		others++;
		moved += share_get(table, row) != share_get(other, row) + 1; /* numbers have moved up by one */
	}
	return 100.0 * moved / others;
}

static void measure_tables(unsigned int turns)
{
	static const size_t counts[] = {10, 100};
	char name[64];

	for (size_t i = 0; i < 2; i++) {
		uint32_t rows = share_rows(counts[i]);
		double uneven = 0, moves = 0;

		snprintf(name, sizeof(name), "table of %zu members (%u rows), in both banks", counts[i], rows);
		print_row(name, build_time(counts[i], turns), "us");
		for (unsigned int turn = 0; turn < 20; turn++) {
			name_members(counts[i], turn);
			make(counts[i], rows, table);
			uneven = fmax(uneven, imbalance(counts[i], rows));
			moves = fmax(moves, disruption(counts[i], rows));
		}
		snprintf(name, sizeof(name), "imbalance of %zu members, worst", counts[i]);
		print_row(name, uneven, "%");
		snprintf(name, sizeof(name), "one of %zu leaves: others' rows moved, worst", counts[i]);
		print_row(name, moves, "%");
	}
}

/* Of the tables of services in both banks; maps are allocated whole. */
static void measure_memory(void)
{
	static const enum dp_table tables[] = {
		DP_TABLE_load_balancers, DP_TABLE_listener_ports, DP_TABLE_listeners,	 DP_TABLE_pools,
		DP_TABLE_members,	 DP_TABLE_answerers,	  DP_TABLE_quic_members, DP_TABLE_service_words,
	};
	struct dp_limits limits;
	double bytes = 0;

	if (limits_profile("internet", &limits))
		abort();
	limits.load_balancers = limits.listeners = limits.pools = SERVICES;
	limits.members = SERVICES * 10;
	limits_complete(&limits);
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		bytes += (double)bank_map_bytes(&limits, tables[i]);
	print_row("memory of 10,000 services of 10 members, both banks", bytes / (1 << 20), "MiB");
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;

	measure_tables(quick ? 20 : 400);
	measure_memory();
	measure_commits(quick ? 200 : SERVICES, quick ? 40 : 1000);
	return EXIT_SUCCESS;
}
