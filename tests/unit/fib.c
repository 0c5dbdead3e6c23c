/* SPDX-License-Identifier: Apache-2.0 */
/* The FIB engine against a naive oracle. `test_fib --long` or SLUICE_LONG=1: ten times as much. */
#include "tests/unit/fib_bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Random changes of five VRFs of different sizes, each change followed by lookups around it and elsewhere. */
static void test_random(void **state)
{
	uint32_t updates = 100000 * bench_scale, live = 0;
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
		widths |= 1U << bench.trees[1].ipv4.width;
		if (i % step)
			continue;
		for (unsigned int k = 0; k < 500; k++) {
			struct ip_prefix from = prefix[random_below(&bench.random, i < count ? i + 1 : count)];

			compare_edges(&bench, naive, 1, &from);
			address_randomise(&from.address, 0, &bench.random);
			compare_lookup(&bench, naive, 1, &from.address);
		}
	}
	assert_int_equal(widths, 1U << 0 | 1U << 2 | 1U << 10 | 1U << 18);
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
	assert_int_equal(fib_set(bench.fib, 1, &prefix, (struct dp_fib_leaf){DP_GROUP_NONE, 1}), -EINVAL);
	assert_int_equal(fib_set(bench.fib, 1, &prefix, (struct dp_fib_leaf){DP_GROUP_LOCAL + 1, 1}), -EINVAL);
	assert_int_equal(fib_set(bench.fib, 1, &prefix, (struct dp_fib_leaf){1, DP_MAX_ROUTES + 1}), -EINVAL);
	/* Other VRFs and the other family see nothing of it. */
	assert_int_equal(fib_set(bench.fib, DP_MAX_VRFS, &prefix, leaf), 0);
	assert_int_equal(fib_lookup(bench.fib, DP_MAX_VRFS, &address).group, 7);
	assert_int_equal(fib_lookup(bench.fib, DP_MAX_VRFS - 1, &address).group, DP_GROUP_NONE);
	address.family = 6;
	assert_int_equal(fib_lookup(bench.fib, DP_MAX_VRFS, &address).group, DP_GROUP_NONE);
	assert_true(fib_unset(bench.fib, DP_MAX_VRFS, &prefix));
	assert_int_equal(bench.trees[DP_MAX_VRFS].ipv4.root, 0);
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

/* Of IPv6, from 32 bits on: they come, lead to what is there, fall back to what is above, and go. */
static void test_shortcuts(void **state)
{
	static const char *const around[] = {"2001:db8:1::/48",
					     "2001:db8:2::/47",
					     "2001:db8:2::/64",
					     "2001:db9::/33",
					     "2001:db9::/96",
					     "2001:d00::/24",
					     "::/0",
					     "2001:db8::/32"};
	const size_t count = sizeof(around) / sizeof(*around);
	struct naive *naive = naive_new();
	struct ip_prefix prefix;
	struct bench bench;

	(void)state;
	bench_start(&bench, 1U << 15);
	for (size_t i = 0; i < 2 * count; i++) {
		prefix = parse(around[i % count]);
		update(&bench, naive, 1, &prefix, i < count);
		/* The first five are longer than 32 bits. */
		assert_int_equal(bench.trees[1].ipv6.shortcuts != 0, i < count || i % count < 4);
		for (size_t k = 0; k < count; k++) {
			prefix = parse(around[k]);
			compare_edges(&bench, naive, 1, &prefix);
		}
	}
	for (uint32_t i = 0; i < 2000; i++) {
		prefix.address.byte[2] = i >> 8;
		prefix.address.byte[3] = i;
		prefix.length = 48;
		update(&bench, naive, 1, &prefix, true);
		compare_edges(&bench, naive, 1, &prefix);
	}
	assert_int_equal(bench.trees[1].ipv6.shortcuts >> DP_FIB_SHORTCUT_SHIFT, 10);
	assert_int_equal(bench.trees[1].ipv4.root, 0);
	naive_free(naive);
	bench_stop(&bench);
}

/* A change of the leaf alone moves nothing: of a single address, which has one slot, only its result is another one. */
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
	prefix.length = prefix.address.family == 4 ? 32 : 128;
	assert_int_equal(fib_set(bench.fib, 1, &prefix, (struct dp_fib_leaf){1, 200}), 0);
	before = malloc(words * sizeof(*before));
	memcpy(before, bench.words, words * sizeof(*before));
	assert_int_equal(fib_set(bench.fib, 1, &prefix, (struct dp_fib_leaf){2, 999}), 0);
	for (uint32_t i = 0; i < words; i++)
		differing += before[i] != bench.words[i];
	assert_in_range(differing, 1, 2); /* a result may lie in two words */
	free(before);
	bench_stop(&bench);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),  cmocka_unit_test(test_shortcuts), cmocka_unit_test(test_change_in_place),
		cmocka_unit_test(test_random), cmocka_unit_test(test_widths),
	};

	bench_arguments(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
