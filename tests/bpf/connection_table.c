/* SPDX-License-Identifier: Apache-2.0 */
/* The table of connections under pressure: who gives way to whom, what a flood leaves, and two CPUs at once. */
#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bpf/connection_rig.h"

#define TABLE_FULL DP_REASON_connection_table_full
#define CHUNK	   4096U

static void many(uint32_t first, uint32_t count, bool answers)
{
	static const uint8_t frame[64];

	trial->flows = first;
	trial->count = count;
	trial->way = answers;
	own_program_run(own_program_fd(&own, "connection_many"), frame, sizeof(frame), 1);
}

static uint32_t sets(void)
{
	return own.limits.connections * 2 / DP_CONNECTION_WAYS;
}

static uint32_t count_state(uint32_t state)
{
	uint32_t count = 0;

	for (uint32_t set = 0; set < sets(); set++)
		for (int way = 0; way < DP_CONNECTION_WAYS; way++)
			count += dp_connection_state(sets4[set].way[way].connection.life) == state;
	return count;
}

/* Each way of each set belongs to others, in these states. */
static void fill(uint32_t first, uint32_t rest)
{
	uint32_t now = connection_now_ticks();

	for (uint32_t set = 0; set < sets(); set++)
		for (uint32_t way = 0; way < DP_CONNECTION_WAYS; way++) {
			struct dp_connection4 *entry = &sets4[set].way[way];

			entry->ends = (uint64_t)set << 32 | way;
			entry->connection.rest = 1ULL << 48;
			entry->connection.life = dp_connection_life(now, way ? rest : first, 0, 1);
		}
}

void test_embryonic_ones_have_half_the_ways(void **state)
{
	uint32_t flows = own.limits.connections * 8;

	(void)state;
	connection_rig_reset();
	for (uint32_t i = 0; i < flows; i += CHUNK)
		many(i, CHUNK, false);
	assert_int_equal(trial->opened, flows);
	assert_int_equal(trial->refused, 0);
	for (uint32_t set = 0; set < sets(); set++) {
		uint32_t embryonic = 0;

		for (int way = 0; way < DP_CONNECTION_WAYS; way++)
			embryonic += sets4[set].way[way].connection.life != 0;
		assert_int_equal(embryonic, DP_CONNECTION_EMBRYONIC); /* after so many, each set has its two */
	}
	assert_int_equal(connection_head->evicted, flows - sets() * DP_CONNECTION_EMBRYONIC);
}

void test_what_is_over_gives_way(void **state)
{
	uint32_t gives[] = {DP_CONNECTION_TIME_WAIT, DP_CONNECTION_CLOSED, DP_CONNECTION_NEW, DP_CONNECTION_SYN_SENT,
			    DP_CONNECTION_SYN_RECEIVED};

	(void)state;
	for (size_t i = 0; i < sizeof(gives) / sizeof(*gives); i++) {
		connection_rig_reset();
		fill(gives[i], DP_CONNECTION_ESTABLISHED);
		many(0, 1, false);
		assert_int_equal(trial->opened, 1);
		assert_int_equal(connection_head->evicted, 1);
		assert_int_equal(count_state(DP_CONNECTION_ESTABLISHED), sets() * 3);
		many(0, 1, true); /* it is there */
		assert_int_equal(trial->opened, 1);
		assert_int_equal(count_state(DP_CONNECTION_ESTABLISHED), sets() * 3 + 1);
	}
}

void test_full(void **state)
{
	static const uint32_t stay[] = {DP_CONNECTION_ESTABLISHED, DP_CONNECTION_RESET_SEEN,
					DP_CONNECTION_FIN_BY_INITIATOR, DP_CONNECTION_FIN_BY_RESPONDER,
					DP_CONNECTION_BUSY};
	struct frame_spec spec = {
		.dst = 1, .src = 2, .ip = {.src = "10.1.0.1", .dst = "10.2.0.2", .src_port = 7, .dst_port = 8}};
	struct frame frame = frame_build(&spec);

	(void)state;
	for (size_t i = 0; i < sizeof(stay) / sizeof(*stay); i++) {
		connection_rig_reset();
		fill(stay[i], stay[i]);
		send_frame(&frame);
		assert_int_equal(trial->reason, TABLE_FULL);
		conntracks[VRF].pass_untracked = 1;
		send_frame(&frame);
		assert_int_equal(trial->reason, -1);
		assert_int_equal(trial->found, 0);
		assert_int_equal(count_state(stay[i]), sets() * DP_CONNECTION_WAYS);
		assert_int_equal(connection_head->evicted, 0);
	}
}

/* As many as the table is made for, and then four times as many flows of two packets each. */
void test_a_flood_loses_nothing_established(void **state)
{
	uint32_t connections = own.limits.connections, established;

	(void)state;
	connection_rig_reset();
	for (uint32_t i = 0; i < connections; i += CHUNK) {
		many(i, CHUNK, false);
		many(i, CHUNK, true);
	}
	established = count_state(DP_CONNECTION_ESTABLISHED);
	assert_true(established >= connections - connections / 10000);
	for (uint32_t i = connections; i < connections * 5; i += CHUNK) {
		many(i, CHUNK, false);
		many(i, CHUNK, false);
	}
	assert_int_equal(count_state(DP_CONNECTION_ESTABLISHED), established);
	assert_true(count_state(DP_CONNECTION_NEW) <= sets() * DP_CONNECTION_EMBRYONIC);
	trial->opened = trial->refused = 0;
	for (uint32_t i = 0; i < connections; i += CHUNK) /* and each is found */
		many(i, CHUNK, true);
	assert_in_range(trial->opened + trial->refused, 0, connections - established);
}

static pthread_barrier_t start;

static void *run_on(void *cpu)
{
	static const uint8_t frame[64];
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)(uintptr_t)cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set); /* else they share one */
	pthread_barrier_wait(&start);
	own_program_run(own_program_fd(&own, "connection_many"), frame, sizeof(frame), 1);
	return NULL;
}

/* How many entries are there, how many of them of a key that another has, too? */
static uint32_t count_twice(uint32_t flows, uint32_t *there)
{
	uint8_t *seen = calloc(flows, 1);
	uint32_t twice = 0;

	assert_non_null(seen);
	*there = 0;
	for (uint32_t i = 0; i < sets() * DP_CONNECTION_WAYS; i++) {
		const struct dp_connection4 *entry = &sets4[i / DP_CONNECTION_WAYS].way[i % DP_CONNECTION_WAYS];
		uint32_t state = dp_connection_state(entry->connection.life), flow;

		if (!state)
			continue;
		assert_int_not_equal(state, DP_CONNECTION_BUSY);
		flow = ntohl((uint32_t)(entry->ends >> 32)) & 0xffffff;
		if (flow == 0xffffff)
			flow = ntohl((uint32_t)entry->ends) & 0xffffff;
		assert_true(flow < flows);
		++*there;
		twice += seen[flow];
		seen[flow] = 1;
	}
	free(seen);
	return twice;
}

/* Both begin the same connections in the same order. */
void test_two_cpus(void **state)
{
	uint32_t flows = own.limits.connections / 4, there, twice;

	(void)state;
	pthread_barrier_init(&start, NULL, 2);
	for (int round = 0; round < 20; round++) {
		pthread_t other;

		connection_rig_reset();
		trial->count = flows;
		trial->way = 0;
		assert_int_equal(pthread_create(&other, NULL, run_on, (void *)1), 0);
		run_on((void *)0);
		pthread_join(other, NULL);
		twice = count_twice(flows, &there);
		assert_in_range(there, flows - connection_head->evicted, trial->opened);
		assert_true(there - twice + connection_head->evicted >= flows);
		assert_in_range(twice, 0, flows / 2);
		assert_int_equal(trial->refused, 0);
	}
	pthread_barrier_destroy(&start);
}
