/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long the look-up of a packet's connection takes, and making one: Sluice's table next to BPF_MAP_TYPE_LRU_HASH, in
 * turns inside BPF; the median of the rounds counts, and the empty loop is taken off. Then what a flood of flows of two
 * packets each leaves of the connections that were there before it.
 *
 *   bench_connection [--quick]	a JSON object a line on stdout
 */
#include <stdbool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "api/dp/bank.h"
#include "tests/bench/connection.h"
#include "tests/bpf/own_program.h"

#include "bench_connection.skel.h" /* of the types above */

#define ROUNDS 3
#define CHUNK  4096U

static struct own_program own;
static struct bench_order *order;
static struct dp_connection_set4 *sets;
static uint32_t entries; /* of the LRU hash, and of Sluice's table */
static uint32_t base;	 /* of the flows' numbers */

/* ns a packet, of the processor: what else it does in between does not count. */
static double run(const char *function, uint32_t first, uint32_t count, uint32_t mask)
{
	static const uint8_t frame[64];
	int fd = own_program_fd(&own, function);
	struct timespec begin, end;

	*order = (struct bench_order){.first = first, .count = count, .mask = mask, .base = base};
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
	own_program_run(fd, frame, sizeof(frame), 1);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	return ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) / count;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

static void print(const char *name, const char *subject, double value, const char *unit)
{
	printf("{\"bench\": \"connection\", \"case\": \"%s\", \"subject\": \"%s\", \"value\": %.2f, \"unit\": "
	       "\"%s\"}\n",
	       name, subject, value, unit);
	fflush(stdout);
}

static void empty(void)
{
	int fd = bpf_object__find_map_fd_by_name(own.object, "lru");
	struct bench_key key, next;
	bool more = !bpf_map_get_next_key(fd, NULL, &next);

	memset(sets, 0, sizeof(*sets) * entries / DP_CONNECTION_WAYS);
	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		bpf_map_delete_elem(fd, &key);
	}
}

/* What was begun is answered. */
static void establish(void)
{
	for (uint32_t i = 0; i < entries; i++) {
		__u64 *life = &sets[i / DP_CONNECTION_WAYS].way[i % DP_CONNECTION_WAYS].connection.life;

		if (dp_connection_state(*life) == DP_CONNECTION_NEW)
			*life = dp_connection_life((uint32_t)(*life >> 40), DP_CONNECTION_ESTABLISHED,
						   dp_connection_flags(*life), (uint32_t)*life);
	}
}

static void fill(uint32_t flows)
{
	for (uint32_t i = 0; i < flows; i += CHUNK) {
		run("bench_sluice", i, flows < CHUNK ? flows : CHUNK, flows - 1);
		if (i % (CHUNK * 16) == 0)
			establish(); /* else they push each other out */
	}
	establish();
	run("bench_lru", 0, flows, flows - 1);
}

static void measure(uint32_t flows, uint32_t packets)
{
	double nothing[ROUNDS], hit[2][ROUNDS], insert[2][ROUNDS], loop;
	char name[40];

	for (int round = 0; round < ROUNDS; round++) {
		empty();
		insert[0][round] = run("bench_sluice", 0, flows / 2, flows - 1); /* half of them: none is pushed out */
		insert[1][round] = run("bench_lru", 0, flows / 2, flows - 1);
		fill(flows);
		nothing[round] = run("bench_nothing", 0, packets, flows - 1);
		hit[0][round] = run("bench_sluice", 0, packets, flows - 1);
		if (order->found < packets - packets / 100)
			fprintf(stderr, "%u of %u packets found their connection\n", order->found, packets);
		hit[1][round] = run("bench_lru", 0, packets, flows - 1);
	}
	loop = median(nothing);
	for (int which = 0; which < 2; which++) {
		snprintf(name, sizeof(name), "hit, %u flows", flows);
		print(name, which ? "lru_hash" : "sluice", median(hit[which]) - loop, "ns");
		snprintf(name, sizeof(name), "new, %u flows", flows);
		if (flows >= CHUNK) /* else a run's own time counts */
			print(name, which ? "lru_hash" : "sluice", median(insert[which]) - loop, "ns");
	}
}

/* Connections, then four times as many flows of two packets each: how many are still there? */
static void flood(uint32_t flows)
{
	static const char *const function[] = {"bench_sluice", "bench_lru"};
	char name[40];

	empty();
	fill(flows);
	for (int which = 0; which < 2; which++) {
		uint32_t there;
		double time = 0;

		run(function[which], 0, flows, flows - 1);
		there = order->found;
		base = flows; /* others */
		for (uint32_t i = 0; i < flows * 4; i += CHUNK)
			for (int packet = 0; packet < 2; packet++)
				time += run(function[which], i, CHUNK, flows * 4 - 1) / 2;
		base = 0;
		snprintf(name, sizeof(name), "flood's packet, %u flows", flows);
		print(name, which ? "lru_hash" : "sluice", time / (flows * 4.0 / CHUNK), "ns");
		run(function[which], 0, flows, flows - 1);
		snprintf(name, sizeof(name), "left by the flood, of %u", flows);
		print(name, which ? "lru_hash" : "sluice", 100.0 * order->found / there, "%");
	}
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && !strcmp(argv[1], "--quick");
	uint32_t most = quick ? 1U << 16 : 1U << 20;
	struct dp_limits limits = {.connections = most};
	size_t size;
	const void *bytes = bench_connection__elf_bytes(&size);
	int error;

	entries = most * 2;
	own_program_resize = "lru";
	own_program_entries = entries;
	error = own_program_load(&own, bytes, size, &limits);
	if (error) {
		fprintf(stderr, "bench connection: cannot load the program: %s\n", strerror(-error));
		return 1;
	}
	order = own_program_map(&own, ".bss");
	sets = own_program_map(&own, "connections4");
	((struct dp_connection_head *)own_program_map(&own, "connection_head"))->secret[0] = 0x0123456789abcdef;
	measure(1U << 10, 1U << 20);
	measure(1U << 16, 1U << 20);
	if (!quick)
		measure(1U << 20, 1U << 20);
	flood(most);
	return 0;
}
