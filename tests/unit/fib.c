// SPDX-License-Identifier: Apache-2.0
/*
 * The FIB engine against a naive oracle, and what it costs. `test_fib --long` or SLUICE_LONG=1: ten times as much;
 * SLUICE_SEED=n: other random numbers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/fib_naive.h"
#include "tests/unit/internet.h"
#include "vnf/dataplane/fib.h"

static uint32_t scale = 1;
static uint64_t seed = 20240229;

struct bench {
	__u64 *words;
	struct dp_vrf *vrfs;
	struct fib *fib;
	uint64_t random;
};

static void bench_start(struct bench *bench, uint32_t words)
{
	bench->words = calloc(words, sizeof(*bench->words));
	bench->vrfs = calloc(DP_MAX_VRFS + 1, sizeof(*bench->vrfs));
	assert_true(bench->words && bench->vrfs);
	bench->fib = fib_new(bench->words, words, bench->vrfs);
	assert_non_null(bench->fib);
	bench->random = seed;
}

static void bench_stop(struct bench *bench)
{
	fib_free(bench->fib);
	free(bench->words);
	free(bench->vrfs);
}

static struct fib_usage usage_of(const struct bench *bench)
{
	struct fib_usage usage;

	fib_usage(bench->fib, &usage);
	return usage;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static struct dp_fib_leaf some_leaf(uint64_t *random)
{
	return (struct dp_fib_leaf){1 + random_below(random, DP_MAX_GROUPS), random_below(random, DP_MAX_ROUTES)};
}

static struct ip_prefix parse(const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return prefix;
}

static void assert_same_leaf(struct dp_fib_leaf a, struct dp_fib_leaf b, const struct ip_address *address, uint16_t vrf)
{
	char text[IP_ADDRESS_TEXT];

	if (a.group == b.group && a.route == b.route)
		return;
	print_error("vrf %u, %s: group %u route %u, the oracle says group %u route %u (SLUICE_SEED=%llu)\n", vrf,
		    ip_address_format(address, text), a.group, a.route, b.group, b.route, (unsigned long long)seed);
	fail();
}

/* Dense around a few places, so that prefixes nest, share nodes and meet the same slots; every length occurs. */
static struct ip_prefix near_prefix(uint64_t *random, uint32_t places)
{
	struct ip_prefix prefix = {.address.family = random_below(random, 2) ? 4 : 6};
	unsigned int bits = prefix.address.family == 4 ? 32 : 128;
	uint64_t place = 77 + random_below(random, places) * 1000003ULL;

	address_randomise(&prefix.address, 0, &place);
	address_randomise(&prefix.address, random_below(random, bits + 1), random);
	prefix.length = random_below(random, bits + 1);
	prefix_trim(&prefix);
	return prefix;
}

static void compare_lookup(const struct bench *bench, const struct naive *naive, uint16_t vrf,
			   const struct ip_address *address)
{
	assert_same_leaf(fib_lookup(bench->fib, vrf, address), naive_lookup(naive, vrf, address), address, vrf);
}

/* The prefix's first and last address and those just outside. */
static void compare_edges(const struct bench *bench, const struct naive *naive, uint16_t vrf,
			  const struct ip_prefix *prefix)
{
	unsigned int bits = prefix->address.family == 4 ? 32 : 128;
	struct ip_address address = prefix->address;

	compare_lookup(bench, naive, vrf, &address);
	for (unsigned int i = prefix->length; i < bits; i++)
		address.byte[i / 8] |= 0x80 >> i % 8;
	compare_lookup(bench, naive, vrf, &address);
	for (unsigned int i = bits; i-- && !(++address.byte[i / 8]);)
		i -= i % 8;
	compare_lookup(bench, naive, vrf, &address);
}

static void update(struct bench *bench, struct naive *naive, uint16_t vrf, const struct ip_prefix *prefix, bool set)
{
	struct dp_fib_leaf leaf = some_leaf(&bench->random), got, expected;
	bool there = naive_get(naive, vrf, prefix, &expected);

	assert_int_equal(fib_get(bench->fib, vrf, prefix, &got), there);
	if (there)
		assert_same_leaf(got, expected, &prefix->address, vrf);
	if (set) {
		assert_int_equal(fib_set(bench->fib, vrf, prefix, leaf), 0);
		naive_set(naive, vrf, prefix, leaf);
	} else {
		assert_int_equal(fib_unset(bench->fib, vrf, prefix), there);
		naive_unset(naive, vrf, prefix);
	}
}

/* Random changes of five VRFs of different sizes, each change followed by lookups around it and elsewhere. */
static void test_random(void **state)
{
	uint32_t updates = 100000 * scale, live = 0;
	struct naive *naive = naive_new();
	struct ip_prefix *changed = calloc(updates, sizeof(*changed));
	struct bench bench;

	(void)state;
	assert_true(naive && changed);
	bench_start(&bench, 1U << 22);
	for (uint32_t i = 0; i < updates; i++) {
		uint16_t vrf = 1 + random_below(&bench.random, 5);
		/* Waves: mostly additions, then mostly removals, so that roots widen and narrow again. */
		uint32_t removals = i / (updates / 8) % 2 ? 65 : 20;
		bool set = random_below(&bench.random, 100) >= removals;
		struct ip_prefix *prefix = &changed[i];

		*prefix = !live || (set && random_below(&bench.random, 4))
				  ? near_prefix(&bench.random, vrf == 5 ? 5000 : vrf * 8)
				  : changed[random_below(&bench.random, i)];
		live++;
		update(&bench, naive, vrf, prefix, set);
		compare_edges(&bench, naive, vrf, prefix);
		for (unsigned int n = 0; n < 7; n++) {
			struct ip_prefix from = changed[random_below(&bench.random, i + 1)];

			address_randomise(&from.address, n % 2 ? from.length : random_below(&bench.random, 128),
					  &bench.random);
			compare_lookup(&bench, naive, 1 + random_below(&bench.random, 5), &from.address);
		}
	}
	print_message("%u changes, %u lookups compared, %llu prefixes at the end\n", updates, updates * 10,
		      (unsigned long long)usage_of(&bench).prefixes);
	for (uint32_t i = 0; i < updates; i++) {
		for (uint16_t vrf = 1; vrf <= 5; vrf++)
			assert_int_equal(fib_unset(bench.fib, vrf, &changed[i]), naive_unset(naive, vrf, &changed[i]));
	}
	assert_int_equal(usage_of(&bench).words_used, 0);
	assert_int_equal(usage_of(&bench).words_held, 0);
	assert_int_equal(usage_of(&bench).prefixes, 0);
	naive_free(naive);
	free(changed);
	bench_stop(&bench);
}

/* One VRF up through every width of root and down again. */
static void test_widths(void **state)
{
	uint32_t count = 100000, step = 500, widths = 0;
	struct ip_prefix *prefix = calloc(count, sizeof(*prefix));
	struct naive *naive = naive_new();
	struct bench bench;

	(void)state;
	bench_start(&bench, 1U << 23);
	for (uint32_t i = 0; i < count * 2; i++) {
		uint32_t n = i < count ? i : 2 * count - 1 - i;

		if (i < count) {
			prefix[n].address.family = 4;
			address_randomise(&prefix[n].address, 0, &bench.random);
			/* Few are short: one of them in a wide root costs as many stores as it covers entries. */
			prefix[n].length =
				n % 64 ? 16 + random_below(&bench.random, 17) : random_below(&bench.random, 20);
			prefix_trim(&prefix[n]);
		}
		update(&bench, naive, 1, &prefix[n], i < count);
		widths |= 1U << bench.vrfs[1].ipv4.width;
		if (i % step)
			continue;
		for (unsigned int k = 0; k < 500; k++) {
			struct ip_prefix from = prefix[random_below(&bench.random, i < count ? i + 1 : count)];

			compare_edges(&bench, naive, 1, &from);
			address_randomise(&from.address, 0, &bench.random);
			compare_lookup(&bench, naive, 1, &from.address);
		}
	}
	assert_int_equal(widths, 1U << 0 | 1U << 1 | 1U << 7 | 1U << 13 | 1U << 19);
	assert_int_equal(usage_of(&bench).words_used, 0);
	naive_free(naive);
	free(prefix);
	bench_stop(&bench);
}

static void test_edges(void **state)
{
	static const char *const chain[] = {"0.0.0.0/0",
					    "128.0.0.0/1",
					    "192.0.0.0/2",
					    "255.255.255.255/32",
					    "255.255.255.254/31",
					    "255.255.255.0/24",
					    "::/0",
					    "8000::/1",
					    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
					    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127",
					    "::/128",
					    "0.0.0.0/32"};
	struct ip_address address = {.family = 4, .byte = {10, 0, 0, 1}};
	struct dp_fib_leaf leaf = {7, 8}, got;
	struct naive *naive = naive_new();
	struct ip_prefix prefix;
	struct bench bench;

	(void)state;
	bench_start(&bench, 1U << 15);
	prefix = parse("0.0.0.0/0");
	assert_int_equal(fib_lookup(bench.fib, 1, &address).group, DP_GROUP_NONE);
	assert_false(fib_unset(bench.fib, 1, &prefix));
	assert_false(fib_get(bench.fib, 1, &prefix, &got));
	assert_int_equal(fib_set(bench.fib, DP_MAX_VRFS + 1, &prefix, leaf), -EINVAL);
	/* Other VRFs and the other family see nothing of it. */
	assert_int_equal(fib_set(bench.fib, DP_MAX_VRFS, &prefix, leaf), 0);
	assert_int_equal(fib_lookup(bench.fib, DP_MAX_VRFS, &address).group, 7);
	assert_int_equal(fib_lookup(bench.fib, DP_MAX_VRFS - 1, &address).group, DP_GROUP_NONE);
	address.family = 6;
	assert_int_equal(fib_lookup(bench.fib, DP_MAX_VRFS, &address).group, DP_GROUP_NONE);
	assert_true(fib_unset(bench.fib, DP_MAX_VRFS, &prefix));
	assert_int_equal(bench.vrfs[DP_MAX_VRFS].ipv4.root, 0);
	for (size_t i = 0; i < 2 * sizeof(chain) / sizeof(*chain); i++) {
		prefix = parse(chain[i % (sizeof(chain) / sizeof(*chain))]);
		update(&bench, naive, 1, &prefix, i < sizeof(chain) / sizeof(*chain));
		for (size_t k = 0; k < sizeof(chain) / sizeof(*chain); k++) {
			prefix = parse(chain[k]);
			compare_edges(&bench, naive, 1, &prefix);
		}
	}
	assert_int_equal(usage_of(&bench).words_used, 0);
	naive_free(naive);
	bench_stop(&bench);
}

/* A change of the leaf alone moves nothing. */
static void test_change_in_place(void **state)
{
	uint32_t words = 1U << 15, differing = 0;
	struct ip_prefix prefix;
	struct bench bench;
	__u64 *before;

	(void)state;
	bench_start(&bench, words);
	for (unsigned int i = 0; i < 200; i++) {
		prefix = near_prefix(&bench.random, 4);
		assert_int_equal(fib_set(bench.fib, 1, &prefix, (struct dp_fib_leaf){1, i}), 0);
	}
	before = malloc(words * sizeof(*before));
	memcpy(before, bench.words, words * sizeof(*before));
	assert_int_equal(fib_set(bench.fib, 1, &prefix, (struct dp_fib_leaf){2, 999}), 0);
	for (uint32_t i = 0; i < words; i++)
		differing += before[i] != bench.words[i];
	assert_int_equal(differing, 1);
	free(before);
	bench_stop(&bench);
}

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
	assert_int_equal(bench.vrfs[1].ipv4.root + bench.vrfs[1].ipv6.root, 0);
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
	assert_null(fib_new(NULL, DP_FIB_WORDS, NULL));
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
	uint64_t random = seed;
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
	uint32_t lookups = 100000 * scale, churn = scale > 1 ? 10000000 : 200000;
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
		struct dp_fib_leaf leaf;

		if (fib_get(bench.fib, 1, prefix, &leaf) && random_below(&bench.random, 8)) {
			fib_unset(bench.fib, 1, prefix);
			naive_unset(naive, 1, prefix);
		} else {
			assert_int_equal(fib_set(bench.fib, 1, prefix, (struct dp_fib_leaf){9, i}), 0);
			naive_set(naive, 1, prefix, (struct dp_fib_leaf){9, i});
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),	  cmocka_unit_test(test_change_in_place),
		cmocka_unit_test(test_random),	  cmocka_unit_test(test_widths),
		cmocka_unit_test(test_full),	  cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_many_vrfs), cmocka_unit_test(test_internet),
	};
	const char *wanted = getenv("SLUICE_LONG"), *number = getenv("SLUICE_SEED");

	if ((argc > 1 && !strcmp(argv[1], "--long")) || (wanted && !strcmp(wanted, "1")))
		scale = 10;
	if (number)
		seed = strtoull(number, NULL, 0);
	print_message("SLUICE_SEED=%llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
