/* SPDX-License-Identifier: Apache-2.0 */
/* The FIB engine at its limits: a full pool, no memory, many VRFs, the whole Internet; and what these cost. */
#include "tests/unit/fib_bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* When the pool is full: -ENOSPC, and lookups and sizes are as before; after removals there is room again. */
static void test_full(void **state)
{
	struct naive *naive = naive_new();
	uint32_t refused = 0, tries = 40000, words = 64 * 1024;
	struct ip_prefix *prefix = calloc(tries, sizeof(*prefix));
	struct bench bench;

	(void)state;
	bench_start(&bench, words);
	for (uint32_t i = 0; i < tries; i++) {
		struct dp_fib_leaf leaf = some_leaf(&bench.random);
		struct fib_usage before = usage_of(&bench), after;
		uint16_t vrf = 1 + i % 3;
		int status;

		prefix[i] = near_prefix(&bench.random, 500);
		status = fib_set(bench.fib, vrf, &prefix[i], leaf);
		if (!status) {
			naive_set(naive, vrf, &prefix[i], leaf);
		} else {
			assert_int_equal(status, -ENOSPC);
			after = usage_of(&bench);
			assert_memory_equal(&before, &after, sizeof(before));
			refused++;
		}
		compare_edges(&bench, naive, vrf, &prefix[i]);
		/* Removals while it is full, where smaller blocks and narrower roots may not be had. */
		if (refused && i % 3 == 0) {
			uint32_t n = random_below(&bench.random, i);

			assert_int_equal(fib_unset(bench.fib, 1 + n % 3, &prefix[n]),
					 naive_unset(naive, 1 + n % 3, &prefix[n]));
			compare_edges(&bench, naive, 1 + n % 3, &prefix[n]);
		}
	}
	assert_true(refused > 1000);
	for (uint32_t i = 0; i < tries; i++)
		compare_edges(&bench, naive, 1 + i % 3, &prefix[i]);
	print_message("pool of %u words: %u of %u prefixes refused, %llu words in use\n", words, refused, tries,
		      (unsigned long long)usage_of(&bench).words_used);
	for (uint32_t i = 0; i < tries; i++)
		assert_int_equal(fib_unset(bench.fib, 1 + i % 3, &prefix[i]),
				 naive_unset(naive, 1 + i % 3, &prefix[i]));
	assert_int_equal(usage_of(&bench).words_used, 0);
	/* Not even a root's first words: the empty tree stays one. */
	bench_stop(&bench);
	bench_start(&bench, 1024);
	assert_int_equal(fib_set(bench.fib, 1, &prefix[0], (struct dp_fib_leaf){1, 1}), -ENOSPC);
	assert_int_equal(bench.trees[1].ipv4.root + bench.trees[1].ipv6.tree.root, 0);
	naive_free(naive);
	free(prefix);
	bench_stop(&bench);
}

/* calloc as the engine calls it: the linker puts this in its place. */
static uint32_t failing; /* one in this many fails; 0: none */
static uint64_t failures = 1;
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	return failing && !random_below(&failures, failing) ? NULL : __real_calloc(count, size);
}

/* Without memory: -ENOMEM and nothing changed, or a root that stays narrow; never a wrong answer. */
static void test_out_of_memory(void **state)
{
	struct naive *naive = naive_new();
	uint32_t refused = 0, count = 20000;
	struct ip_prefix *prefix = calloc(count, sizeof(*prefix));
	struct bench bench;

	(void)state;
	failing = 1;
	assert_null(fib_new(NULL, DP_FIB_WORDS, NULL, DP_MAX_VRFS));
	failing = 0;
	bench_start(&bench, 1U << 21);
	for (uint32_t i = 0; i < count; i++) {
		struct dp_fib_leaf leaf = some_leaf(&bench.random);
		uint16_t vrf = 1 + i % 3;
		int status;

		prefix[i] = near_prefix(&bench.random, 50);
		failing = 2;
		status = fib_set(bench.fib, vrf, &prefix[i], leaf);
		if (i % 4 == 0 && !status)
			fib_unset(bench.fib, vrf, &prefix[i]);
		failing = 0;
		assert_true(!status || status == -ENOMEM);
		refused += status != 0;
		if (!status && i % 4)
			naive_set(naive, vrf, &prefix[i], leaf);
		else if (!status)
			naive_unset(naive, vrf, &prefix[i]);
		compare_edges(&bench, naive, vrf, &prefix[i]);
	}
	assert_true(refused > 0);
	failing = 1;
	for (uint32_t i = 0; i < count; i++)
		fib_unset(bench.fib, 1 + i % 3, &prefix[i]);
	failing = 0;
	assert_int_equal(usage_of(&bench).words_used, 0);
	naive_free(naive);
	free(prefix);
	bench_stop(&bench);
}

/* 4,096 VRFs of 100 routes each in one bank; VRFs that have only a default route cost next to nothing. */
static void test_many_vrfs(void **state)
{
	struct ip_prefix prefix = parse("0.0.0.0/0");
	struct bench bench;

	(void)state;
	bench_start(&bench, DP_FIB_WORDS);
	for (uint16_t vrf = 1; vrf <= DP_MAX_VRFS; vrf++)
		assert_int_equal(fib_set(bench.fib, vrf, &prefix, (struct dp_fib_leaf){vrf, vrf}), 0);
	print_message("VRF with a default route: %llu bytes\n",
		      (unsigned long long)usage_of(&bench).words_used * 8 / DP_MAX_VRFS);
	assert_true(usage_of(&bench).words_used * 8 / DP_MAX_VRFS <= 4096);
	for (uint16_t vrf = 1; vrf <= DP_MAX_VRFS; vrf++) {
		for (unsigned int i = 1; i < 100; i++) {
			struct ip_prefix route = {.address.family = i % 4 ? 4 : 6};

			address_randomise(&route.address, 0, &bench.random);
			route.length =
				i % 4 ? 16 + random_below(&bench.random, 17) : 32 + random_below(&bench.random, 33);
			prefix_trim(&route);
			assert_int_equal(fib_set(bench.fib, vrf, &route, (struct dp_fib_leaf){vrf, i}), 0);
		}
	}
	print_message("%u VRFs of 100 routes: %.1f MiB of %u\n", DP_MAX_VRFS, usage_of(&bench).words_used / 131072.0,
		      DP_FIB_WORDS / 131072);
	for (uint16_t vrf = 1; vrf <= DP_MAX_VRFS; vrf++) {
		struct ip_address address = {.family = 4, .byte = {127, 0, 0, 1}};

		assert_int_equal(fib_lookup(bench.fib, vrf, &address).group, vrf);
	}
	bench_stop(&bench);
}

static void load(struct bench *bench, const struct internet *internet)
{
	for (size_t i = 0; i < internet->count; i++) {
		struct dp_fib_leaf leaf = {1 + i % DP_MAX_GROUPS, i};

		assert_int_equal(fib_set(bench->fib, 1, &internet->prefix[i], leaf), 0);
	}
}

static double lookups_ns(const struct bench *bench, const struct internet *internet, uint8_t family, bool uniform)
{
	size_t first = family == 4 ? 0 : internet->ipv4,
	       count = family == 4 ? internet->ipv4 : internet->count - internet->ipv4;
	struct ip_address *address = calloc(1U << 16, sizeof(*address));
	uint64_t random = bench_seed;
	uint32_t sum = 0, rounds = 16;
	double start;

	for (uint32_t i = 0; i < 1U << 16; i++) {
		const struct ip_prefix *prefix = &internet->prefix[first + random_below(&random, count)];

		address[i] = prefix->address;
		address_randomise(&address[i], uniform ? 0 : prefix->length, &random);
	}
	start = seconds();
	for (uint32_t i = 0; i < rounds << 16; i++)
		sum += fib_lookup(bench->fib, 1, &address[i & 0xffff]).group;
	start = seconds() - start;
	free(address);
	assert_true(sum != 1);
	return start * 1e9 / (rounds << 16);
}

/* The whole Internet in one VRF: size, speed, exact lookups, and the size after a long churn. */
static void test_internet(void **state)
{
	uint32_t lookups = 100000 * bench_scale, churn = bench_scale > 1 ? 10000000 : 200000;
	struct naive *naive = naive_new();
	struct fib_usage fresh, churned;
	struct internet internet;
	struct bench bench;
	double start;

	(void)state;
	assert_true(internet_load(&internet));
	bench_start(&bench, DP_FIB_WORDS);
	start = seconds();
	load(&bench, &internet);
	start = seconds() - start;
	fresh = usage_of(&bench);
	assert_int_equal(fresh.prefixes, internet.count);
	print_message("%zu IPv4 and %zu IPv6 prefixes: %.1f MiB (%.1f in pages), loaded in %.2f s\n", internet.ipv4,
		      internet.count - internet.ipv4, fresh.words_used / 131072.0, fresh.words_held / 131072.0, start);
	print_message("lookup: IPv4 %.0f ns routed, %.0f ns uniform; IPv6 %.0f ns routed, %.0f ns uniform\n",
		      lookups_ns(&bench, &internet, 4, false), lookups_ns(&bench, &internet, 4, true),
		      lookups_ns(&bench, &internet, 6, false), lookups_ns(&bench, &internet, 6, true));
	assert_true(fresh.words_held * 8 <= 48U << 20);
	for (size_t i = 0; i < internet.count; i++)
		naive_set(naive, 1, &internet.prefix[i], (struct dp_fib_leaf){1 + i % DP_MAX_GROUPS, i});
	for (uint32_t i = 0; i < lookups; i++) {
		struct ip_prefix from = internet.prefix[random_below(&bench.random, internet.count)];

		address_randomise(&from.address, i % 4 ? from.length : 8, &bench.random);
		compare_lookup(&bench, naive, 1, &from.address);
	}
	/* Each change takes a prefix out or puts it back. */
	for (uint32_t i = 0; i < churn; i++) {
		const struct ip_prefix *prefix = &internet.prefix[random_below(&bench.random, internet.count)];
		struct dp_fib_leaf leaf, changed = {9, i % DP_MAX_ROUTES};

		if (fib_get(bench.fib, 1, prefix, &leaf) && random_below(&bench.random, 8)) {
			fib_unset(bench.fib, 1, prefix);
			naive_unset(naive, 1, prefix);
		} else {
			assert_int_equal(fib_set(bench.fib, 1, prefix, changed), 0);
			naive_set(naive, 1, prefix, changed);
		}
	}
	for (uint32_t i = 0; i < lookups; i++) {
		struct ip_prefix from = internet.prefix[random_below(&bench.random, internet.count)];

		address_randomise(&from.address, i % 4 ? from.length : 8, &bench.random);
		compare_lookup(&bench, naive, 1, &from.address);
	}
	load(&bench, &internet);
	churned = usage_of(&bench);
	print_message("after %u random changes and all set again: %.1f MiB (%.1f in pages)\n", churn,
		      churned.words_used / 131072.0, churned.words_held / 131072.0);
	assert_int_equal(churned.prefixes, fresh.prefixes);
	assert_int_equal(churned.words_used, fresh.words_used);
	assert_true(churned.words_held <= fresh.words_held * 11 / 10);
	for (size_t i = 0; i < internet.count; i++)
		assert_true(fib_unset(bench.fib, 1, &internet.prefix[i]));
	assert_int_equal(usage_of(&bench).words_held, 0);
	naive_free(naive);
	internet_free(&internet);
	bench_stop(&bench);
}

static struct ip_prefix scattered(uint64_t *random, uint8_t length)
{
	struct ip_prefix prefix = {.address.family = length > 32 ? 6 : 4, .length = length};

	address_randomise(&prefix.address, 0, random);
	prefix_trim(&prefix);
	return prefix;
}

/* Adds as many; the number that was taken. */
static uint32_t add_scattered(struct bench *bench, uint16_t vrf, struct ip_prefix *prefix, uint32_t count, int length)
{
	uint32_t taken = 0;

	for (uint32_t i = 0; i < count; i++) {
		int status;

		prefix[i] = length ? scattered(&bench->random, (uint8_t)length) : near_prefix(&bench->random, count);
		status = fib_set(bench->fib, vrf, &prefix[i], (struct dp_fib_leaf){1 + i % 1000, i});
		assert_true(!status || status == -ENOSPC);
		taken += !status;
	}
	return taken;
}

/* No prefix takes more than a reserve keeps for it, the first of a VRF or one among many, near or far from others. */
static void test_worst_prefix(void **state)
{
	static const int lengths[] = {0, 24, 32, 33, 64, 65, 127, 128};
	struct ip_prefix prefix[4096];
	double worst = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		for (uint32_t count = 1; count <= 4096; count *= count < 16 ? 2 : 4) {
			struct bench bench;
			double words;

			bench_start(&bench, DP_FIB_WORDS);
			fib_reserve(bench.fib, 1, count * 2);
			words = (double)fib_words_kept(bench.fib);
			assert_int_equal(add_scattered(&bench, 1, prefix, count, lengths[i]), count);
			words = (words - (double)fib_words_kept(bench.fib)) / count;
			worst = words > worst ? words : worst;
			assert_true(words <= FIB_PREFIX_WORDS);
			bench_stop(&bench);
		}
	print_message("a prefix takes %.1f words at most, a reserve keeps %d\n", worst, FIB_PREFIX_WORDS);
}

/* What VRF 1 has reserved is there for any prefixes of its, when others have taken all else; and again when its
 * prefixes went. */
static void test_reserve(void **state)
{
	enum { RESERVED = 2000, MANY = 60000 };
	struct ip_prefix *own = calloc(RESERVED, sizeof(*own)), *others = calloc(MANY, sizeof(*others));
	struct bench bench;
	uint32_t taken;

	(void)state;
	bench_start(&bench, 1U << 20);
	fib_guard(bench.fib, true);
	taken = add_scattered(&bench, 2, others, MANY, 128);
	assert_true(taken < MANY);
	fib_reserve(bench.fib, 1, RESERVED);
	assert_false(fib_reserves_fit(bench.fib)); /* too late */
	fib_reserve(bench.fib, 1, 0);
	assert_int_equal(fib_words_kept(bench.fib), 0);
	for (uint32_t i = 0; i < MANY; i++)
		fib_unset(bench.fib, 2, &others[i]);
	fib_reserve(bench.fib, 1, RESERVED);
	assert_true(fib_reserves_fit(bench.fib));
	assert_int_equal(fib_words_kept(bench.fib), RESERVED * FIB_PREFIX_WORDS);
	for (int length = 128; length >= 0; length = length == 128 ? 24 : length == 24 ? 0 : -1) {
		uint32_t less = add_scattered(&bench, 2, others, MANY, 128);

		assert_true(less < taken);
		assert_true(add_scattered(&bench, 3, others, 1000, 24) < 1000);
		assert_int_equal(add_scattered(&bench, 1, own, RESERVED, length), RESERVED);
		for (uint32_t i = 0; i < RESERVED; i++)
			fib_unset(bench.fib, 1, &own[i]);
		assert_int_equal(fib_words_kept(bench.fib), RESERVED * FIB_PREFIX_WORDS);
	}
	print_message("%u prefixes of another VRF without the reserve\n", taken);
	bench_stop(&bench);
	free(own);
	free(others);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),	  cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_many_vrfs), cmocka_unit_test(test_worst_prefix),
		cmocka_unit_test(test_reserve),	  cmocka_unit_test(test_internet),
	};

	bench_arguments(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
