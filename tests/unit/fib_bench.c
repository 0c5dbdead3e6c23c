/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/fib_bench.h"
#include "tests/wants_long.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

uint32_t bench_scale = 1;
uint64_t bench_seed = 20240229;

void bench_arguments(int argc, char **argv)
{
	const char *number = getenv("SLUICE_SEED");

	if (wants_long(argc, argv))
		bench_scale = 10;
	if (number)
		bench_seed = strtoull(number, NULL, 0);
	print_message("SLUICE_SEED=%llu\n", (unsigned long long)bench_seed);
}

void bench_start(struct bench *bench, uint32_t words)
{
	bench->words = calloc(words, sizeof(*bench->words));
	bench->trees = calloc(DP_MAX_VRFS + 1, sizeof(*bench->trees));
	assert_true(bench->words && bench->trees);
	bench->fib = fib_new(bench->words, words, bench->trees, DP_MAX_VRFS);
	assert_non_null(bench->fib);
	bench->random = bench_seed;
}

void bench_stop(struct bench *bench)
{
	fib_free(bench->fib);
	free(bench->words);
	free(bench->trees);
}

struct fib_usage usage_of(const struct bench *bench)
{
	struct fib_usage usage;

	fib_usage(bench->fib, &usage);
	return usage;
}

double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

struct dp_fib_leaf some_leaf(uint64_t *random)
{
	return (struct dp_fib_leaf){1 + random_below(random, DP_MAX_GROUPS), random_below(random, DP_MAX_ROUTES)};
}

struct ip_prefix parse(const char *text)
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
		    ip_address_format(address, text), a.group, a.route, b.group, b.route,
		    (unsigned long long)bench_seed);
	fail();
}

struct ip_prefix near_prefix(uint64_t *random, uint32_t places)
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

void compare_lookup(const struct bench *bench, const struct naive *naive, uint16_t vrf,
		    const struct ip_address *address)
{
	assert_same_leaf(fib_lookup(bench->fib, vrf, address), naive_lookup(naive, vrf, address), address, vrf);
}

void compare_edges(const struct bench *bench, const struct naive *naive, uint16_t vrf, const struct ip_prefix *prefix)
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

void update(struct bench *bench, struct naive *naive, uint16_t vrf, const struct ip_prefix *prefix, bool set)
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
