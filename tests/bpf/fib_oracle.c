/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The FIB as packets meet it, in BPF, against the kernel's LPM_TRIE with the same prefixes: no disagreement, and how
 * long each takes. SLUICE_LONG=1 or --long: the whole Internet instead of a sample.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
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

#include "tests/bpf/fib_oracle.h"
#include "fib_oracle.skel.h"
#include "tests/unit/internet.h"
#include "tests/wants_long.h"
#include "vnf/dataplane/fib/fib.h"

#define SAMPLE	20000 /* prefixes a family */
#define BATCHES 34    /* of ORACLE_ADDRESSES, a family: more than a million addresses */
#define SKIPPED 77    /* tells ctest */

static bool whole;
static struct fib_oracle *oracle;
static struct internet internet;
static struct fib *fib;
static uint64_t randomness = 20240229;

static struct dp_address mapped(const struct ip_address *address)
{
	struct dp_address out;

	ip_address_map(address, out.byte);
	return out;
}

static void trie_set(const struct ip_prefix *prefix, struct dp_fib_leaf leaf)
{
	struct dp_address address = mapped(&prefix->address);
	struct oracle_key4 key4 = {prefix->length, address.word[3]};
	struct oracle_key6 key6 = {prefix->length, address};
	int status;

	if (prefix->address.family == 4)
		status = bpf_map_update_elem(bpf_map__fd(oracle->maps.trie4), &key4, &leaf, BPF_ANY);
	else
		status = bpf_map_update_elem(bpf_map__fd(oracle->maps.trie6), &key6, &leaf, BPF_ANY);
	assert_int_equal(status, 0);
}

/* Keeps a random sample of each family: first in the array, IPv4 before IPv6. */
static void keep_sample(void)
{
	size_t ipv6 = internet.count - internet.ipv4;

	for (size_t i = 0; i < 2 * SAMPLE; i++) {
		size_t first = i < SAMPLE ? i : internet.ipv4 + i - SAMPLE;
		size_t left = i < SAMPLE ? internet.ipv4 - i : ipv6 - (i - SAMPLE);
		size_t other = first + random_below(&randomness, left);
		struct ip_prefix swapped = internet.prefix[first];

		internet.prefix[first] = internet.prefix[other];
		internet.prefix[other] = swapped;
	}
	memmove(&internet.prefix[SAMPLE], &internet.prefix[internet.ipv4], SAMPLE * sizeof(*internet.prefix));
	internet.ipv4 = SAMPLE;
	internet.count = 2 * SAMPLE;
}

/* Mostly inside some prefix, some just outside one, some anywhere. */
static void fill_addresses(uint8_t family, bool inside)
{
	size_t first = family == 4 ? 0 : internet.ipv4;
	size_t count = family == 4 ? internet.ipv4 : internet.count - internet.ipv4;

	for (uint32_t i = 0; i < ORACLE_ADDRESSES; i++) {
		struct ip_prefix prefix = internet.prefix[first + random_below(&randomness, count)];
		unsigned int kept = prefix.length, kind = inside ? 0 : i % 4;

		if (kind == 2 && kept)
			prefix.address.byte[(kept - 1) / 8] ^= 0x80 >> (kept - 1) % 8;
		address_randomise(&prefix.address, kind == 3 ? random_below(&randomness, 17) : kept, &randomness);
		oracle->bss->address[i] = mapped(&prefix.address);
	}
}

/* Nanoseconds that one run took. */
static double run(const struct bpf_program *program, uint32_t repeat)
{
	char frame[64] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame), .repeat = repeat);

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(program), &options), 0);
	return options.duration;
}

static void compare(const struct bpf_program *program, uint8_t family)
{
	char text[IP_ADDRESS_TEXT];
	struct ip_address address = {.family = 6};

	for (unsigned int batch = 0; batch < BATCHES; batch++) {
		fill_addresses(family, false);
		oracle->bss->disagreements = 0;
		run(program, 1);
		if (!oracle->bss->disagreements)
			continue;
		memcpy(address.byte, &oracle->bss->address[oracle->bss->first_disagreement], 16);
		print_error("%llu disagreements, the first at %s\n", (unsigned long long)oracle->bss->disagreements,
			    ip_address_format(&address, text));
		fail();
	}
	print_message("IPv%u: %u addresses, no disagreement\n", family, BATCHES * ORACLE_ADDRESSES);
}

static void test_agreement(void **state)
{
	(void)state;
	compare(oracle->progs.compare4, 4);
	compare(oracle->progs.compare6, 6);
}

/* The same after a third of the prefixes have gone and a third have changed. */
static void test_agreement_after_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < internet.count; i++) {
		const struct ip_prefix *prefix = &internet.prefix[i];
		struct dp_address address = mapped(&prefix->address);
		struct oracle_key4 key4 = {prefix->length, address.word[3]};
		struct oracle_key6 key6 = {prefix->length, address};
		struct dp_fib_leaf leaf = {5, i};

		if (i % 3 == 0) {
			assert_true(fib_unset(fib, 1, prefix));
			assert_int_equal(prefix->address.family == 4
						 ? bpf_map_delete_elem(bpf_map__fd(oracle->maps.trie4), &key4)
						 : bpf_map_delete_elem(bpf_map__fd(oracle->maps.trie6), &key6),
					 0);
		} else if (i % 3 == 1) {
			assert_int_equal(fib_set(fib, 1, prefix, leaf), 0);
			trie_set(prefix, leaf);
		}
	}
	compare(oracle->progs.compare4, 4);
	compare(oracle->progs.compare6, 6);
}

/* The best of some runs: the machine's other work only ever adds. */
static double best(const struct bpf_program *program)
{
	double least = 1e18;

	for (unsigned int i = 0; i < 9; i++) {
		double took = run(program, 1) / ORACLE_ADDRESSES;

		least = took < least ? took : least;
	}
	return least;
}

static void test_time(void **state)
{
	(void)state;
	for (uint8_t family = 4; family <= 6; family += 2) {
		double loop, ours, trie;

		fill_addresses(family, true);
		loop = best(oracle->progs.time_none);
		ours = best(family == 4 ? oracle->progs.time_fib4 : oracle->progs.time_fib6) - loop;
		trie = best(family == 4 ? oracle->progs.time_trie4 : oracle->progs.time_trie6) - loop;
		print_message("IPv%u: FIB %.1f ns, LPM_TRIE %.1f ns a lookup: %.1f times (loop of %.1f ns taken off)\n",
			      family, ours, trie, trie / ours, loop);
	}
}

static int setup(void **state)
{
	struct timespec start, end;
	struct fib_usage usage;

	(void)state;
	if (!internet_load(&internet))
		return -1;
	if (!whole)
		keep_sample();
	fib = fib_new(oracle->bss->bank.fib, DP_FIB_WORDS, oracle->bss->bank.trees, 1);
	if (!fib)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (size_t i = 0; i < internet.count; i++) {
		if (fib_set(fib, 1, &internet.prefix[i], (struct dp_fib_leaf){1 + i % DP_MAX_GROUPS, i}))
			return -1;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	for (size_t i = 0; i < internet.count; i++)
		trie_set(&internet.prefix[i], (struct dp_fib_leaf){1 + i % DP_MAX_GROUPS, i});
	fib_usage(fib, &usage);
	print_message("%zu IPv4 and %zu IPv6 prefixes: %.2f MiB, loaded in %.0f ms\n", internet.ipv4,
		      internet.count - internet.ipv4, usage.words_held / 131072.0,
		      (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) / 1e6);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fib_free(fib);
	internet_free(&internet);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agreement),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_agreement_after_changes),
	};
	int failed;

	whole = wants_long(argc, argv);
	oracle = fib_oracle__open_and_load();
	if (!oracle && errno == EPERM) {
		printf("SKIP: loading a BPF program needs root (CAP_BPF, CAP_NET_ADMIN)\n");
		return SKIPPED;
	}
	if (!oracle) {
		fprintf(stderr, "the program does not load: %s\n", strerror(errno));
		return 1;
	}
	failed = cmocka_run_group_tests(tests, setup, teardown);
	fib_oracle__destroy(oracle);
	return failed != 0;
}
