/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets: bpf/limiter.h as packets run it, by a clock of ours; and by two threads at once, by the true one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <time.h>

#include <cmocka.h>

#include "bpf/limiter.h"

#define MILLISECOND (1000000ULL << DP_LIMITER_UNIT)
#define SECOND	    (1000 * MILLISECOND)
#define LATE	    (UINT64_MAX - SECOND) /* the clock turns over a second later */

/* Of so many bits a second. */
static uint64_t byte_cost(uint64_t rate)
{
	return (uint64_t)(8.0 * SECOND * (1 << DP_LIMITER_COST) / (double)rate);
}

static uint64_t charge(uint64_t cost, uint64_t bytes)
{
	return cost * bytes >> DP_LIMITER_COST;
}

/* Offers four times the rate for a second, every `step`: bytes that pass. */
static uint64_t offered(__u64 *bucket, uint64_t start, uint64_t rate, uint64_t burst, uint32_t size)
{
	uint64_t cost = byte_cost(rate), passed = 0, packets = rate / 8 / size * 4;

	for (uint64_t i = 0; i < packets; i++)
		if (limiter_take(bucket, start + SECOND / packets * i, charge(cost, size), burst))
			passed += size;
	return passed;
}

static void rates(void **state)
{
	static const uint64_t rate[] = {1000000, 10000000, 100000000, 1000000000};
	static const uint32_t sizes[] = {64, 576, 1500};
	static const uint64_t starts[] = {MILLISECOND, LATE};

	(void)state;
	for (size_t i = 0; i < 4 * 3 * 2; i++) {
		__u64 time = starts[i / 12] - SECOND;
		uint64_t bits = rate[i % 4], bytes = bits / 8 + bits / 8 / 100; /* a burst of 10 ms more */
		uint64_t passed = offered(&time, starts[i / 12], bits, 10 * MILLISECOND, sizes[i / 4 % 3]);

		assert_in_range(passed, bytes - bytes / 500 - 1500, bytes + bytes / 500 + 1500);
	}
}

/* As many bytes at once as the burst has, then no more until there is room. */
static void bursts(void **state)
{
	__u64 time = 0;
	uint64_t cost = byte_cost(8000000), one = charge(cost, 1000), now = 5 * SECOND; /* 1 ms a packet */

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_true(limiter_take(&time, now, one, 10 * one));
	assert_false(limiter_take(&time, now, one, 10 * one));
	assert_false(limiter_take(&time, now + one - 1, one, 10 * one));
	assert_true(limiter_take(&time, now + one, one, 10 * one));
	/* What would take the bucket's room twice passes when that is empty, and is paid for. */
	assert_false(limiter_take(&time, now + 10 * one, 20 * one, 10 * one));
	assert_true(limiter_take(&time, now + 11 * one, 20 * one, 10 * one));
	assert_false(limiter_take(&time, now + 22 * one - 1, one, 10 * one));
	assert_true(limiter_take(&time, now + 22 * one, one, 10 * one));
}

/* A bucket that is full by half is so by another rate, too. */
static void rate_changes(void **state)
{
	__u64 time = 0;
	uint64_t now = SECOND, slow = MILLISECOND, fast = MILLISECOND / 10;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(limiter_take(&time, now, slow, 10 * MILLISECOND));
	for (int i = 0; i < 50; i++)
		assert_true(limiter_take(&time, now, fast, 10 * MILLISECOND));
	assert_false(limiter_take(&time, now, fast, 10 * MILLISECOND));
}

/* Nothing passed for years: the difference of times has turned over. */
static void idle_for_long(void **state)
{
	static const uint64_t later[] = {SECOND, LIMITER_PASSED, 62 * LIMITER_PASSED, 63 * LIMITER_PASSED - 1};

	(void)state;
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++) {
		__u64 time = LATE;

		assert_true(limiter_take(&time, LATE + later[i], MILLISECOND, MILLISECOND));
		assert_false(limiter_take(&time, LATE + later[i], MILLISECOND, MILLISECOND));
	}
}

static void ways(void **state)
{
	struct dp_limiter_set set = {};
	uint64_t now = SECOND;
	uint32_t way;

	(void)state;
	for (uint64_t key = 100; key < 104; key++) {
		way = limiter_way(&set, key, now);
		assert_int_equal(set.way[way].key, key);
		assert_true(limiter_take(key & 1 ? &set.way[way].time : &set.excess_time[way], now, MILLISECOND,
					 MILLISECOND));
	}
	for (uint64_t key = 100; key < 104; key++)
		assert_int_equal(set.way[limiter_way(&set, key, now)].key, key);
	/* All are in use: a fifth shares one, and takes none away. */
	way = limiter_way(&set, 105, now);
	assert_in_range(set.way[way].key, 100, 103);
	way = limiter_way(&set, 105, now + MILLISECOND);
	assert_int_equal(set.way[way].key, 105);
}

#define RATE  1000000000ULL
#define BURST (10 * MILLISECOND)

struct filler {
	__u64 *bucket;
	uint64_t end, passed;
	uint32_t size;
};

static uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec) << DP_LIMITER_UNIT;
}

static void *fill(void *context)
{
	struct filler *filler = context;
	uint64_t one = charge(byte_cost(RATE), filler->size), now;

	while ((now = clock_now()) < filler->end)
		if (limiter_take(filler->bucket, now, one, BURST))
			filler->passed += filler->size;
	return NULL;
}

/* No charge is lost, however often two meet: small packets, as fast as they go. */
static void two_at_once(void **state)
{
	__u64 bucket = 0;
	uint64_t start = clock_now(), end = start + 200 * MILLISECOND, most, passed;
	struct filler filler[2] = {{&bucket, end, 0, 64}, {&bucket, end, 0, 100}};
	pthread_t thread[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, fill, &filler[i]), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	passed = filler[0].passed + filler[1].passed;
	most = RATE / 8 / 1000 * 210;	   /* and a burst */
	assert_true(passed <= most + 200); /* each may find the last room */
	assert_true(passed > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates),	 cmocka_unit_test(bursts), cmocka_unit_test(rate_changes),
		cmocka_unit_test(idle_for_long), cmocka_unit_test(ways),   cmocka_unit_test(two_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
