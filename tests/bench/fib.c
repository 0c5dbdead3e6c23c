/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a longest-prefix match takes: Sluice's FIB and the kernel's LPM_TRIE inside BPF, DPDK's rte_fib in user
 * space where it was there to build with. All have the same prefixes and look up the same addresses, turn by turn; the
 * median of the rounds counts. The BPF subjects' times have the empty loop's taken off, which is a row of its own. So
 * is `read`, one word of as much memory as Sluice's tree takes: no lookup that goes to memory at all can be faster.
 *
 *   bench_fib [--quick]	a JSON object a line on stdout, progress on stderr
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tests/bench/fib.h"
#include "tests/bench/fib_peer.h"
#include "tests/bench/zipf.h"
#include "tests/unit/internet.h"
#include "vnf/dataplane/fib/fib.h"

#include "bench_fib.skel.h"

#define ROUNDS	   5
#define TRIE_SHARE 8	     /* LPM_TRIE gets the first part of the addresses: it would take minutes otherwise */
#define ZIPF_RANKS (1 << 17) /* distinct addresses, of exponent 1 */

enum subject { LOOP, READ, SLUICE, LPM_TRIE, RTE_FIB, SUBJECTS };

static const char *const subject_names[SUBJECTS] = {"loop", "read", "sluice", "lpm_trie", "rte_fib"};
static struct bench_fib *bench;
static struct internet internet;
static struct fib *fib;
static bool peer;
static uint32_t lookups = BENCH_ADDRESSES;
static uint64_t randomness = 20240229;

static void fail(const char *what)
{
	fprintf(stderr, "bench fib: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct dp_address mapped(const struct ip_address *address)
{
	struct dp_address out;

	ip_address_map(address, out.byte);
	return out;
}

static void shuffle(struct ip_prefix *prefix, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++) {
		size_t other = i + random_below(&randomness, count - i);
		struct ip_prefix swapped = prefix[i];

		prefix[i] = prefix[other];
		prefix[other] = swapped;
	}
}

static void set(const struct ip_prefix *prefix, uint32_t number)
{
	struct dp_fib_leaf leaf = {1 + number % DP_MAX_GROUPS, number};
	struct dp_address address = mapped(&prefix->address);
	struct bench_key4 key4 = {prefix->length, address.word[3]};
	struct bench_key6 key6 = {prefix->length, address};
	bool ipv4 = prefix->address.family == 4;

	if (fib_set(fib, 1, prefix, leaf))
		fail("the FIB is full");
	if (bpf_map_update_elem(bpf_map__fd(ipv4 ? bench->maps.trie4 : bench->maps.trie6),
				ipv4 ? (void *)&key4 : (void *)&key6, &leaf, BPF_ANY))
		fail("LPM_TRIE");
	if (peer && !peer_set(prefix, leaf.group))
		fail("rte_fib takes no more prefixes");
}

static void put(uint32_t i, const struct ip_address *address)
{
	const uint8_t *byte = address->byte;

	if (address->family == 4)
		bench->bss->address4[i] = (uint32_t)byte[0] << 24 | byte[1] << 16 | byte[2] << 8 | byte[3];
	else
		bench->bss->address6[i] = mapped(address);
}

static struct ip_address from_table(const struct ip_prefix *prefix, size_t count)
{
	const struct ip_prefix *one = &prefix[random_below(&randomness, count)];
	struct ip_address address = one->address;

	address_randomise(&address, one->length, &randomness);
	return address;
}

/* IPv6: uniform in 2000::/3, all that is given out. */
static void fill_uniform(const struct ip_prefix *prefix, size_t count)
{
	(void)count;
	for (uint32_t i = 0; i < BENCH_ADDRESSES; i++) {
		struct ip_address address = {.family = prefix->address.family};

		address_randomise(&address, 0, &randomness);
		if (address.family == 6)
			address.byte[0] = 0x20 | (address.byte[0] & 0x1f);
		put(i, &address);
	}
}

static void fill_table(const struct ip_prefix *prefix, size_t count)
{
	for (uint32_t i = 0; i < BENCH_ADDRESSES; i++) {
		struct ip_address address = from_table(prefix, count);

		put(i, &address);
	}
}

/* Addresses from the table, the one of rank k as often as 1/k says. */
static void fill_zipf(const struct ip_prefix *prefix, size_t count)
{
	struct ip_address *address = calloc(ZIPF_RANKS, sizeof(*address));

	if (!address)
		fail("memory");
	for (uint32_t i = 0; i < ZIPF_RANKS; i++)
		address[i] = from_table(prefix, count);
	for (uint32_t i = 0; i < BENCH_ADDRESSES; i++)
		put(i, &address[zipf_rank(&randomness, ZIPF_RANKS)]);
	free(address);
}

static double run_bpf(const struct bpf_program *program, uint32_t count)
{
	char frame[64] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame), .repeat = 1);

	bench->bss->lookups = count;
	if (bpf_prog_test_run_opts(bpf_program__fd(program), &options))
		fail("test run");
	return (double)options.duration / count;
}

static double run(enum subject subject, uint8_t family)
{
	static uint64_t sum;

	switch (subject) {
	case LOOP:
		return run_bpf(family == 4 ? bench->progs.run_loop4 : bench->progs.run_loop6, lookups);
	case READ:
		return run_bpf(family == 4 ? bench->progs.run_read4 : bench->progs.run_read6, lookups);
	case SLUICE:
		return run_bpf(family == 4 ? bench->progs.run_sluice4 : bench->progs.run_sluice6, lookups);
	case LPM_TRIE:
		return run_bpf(family == 4 ? bench->progs.run_lpm_trie4 : bench->progs.run_lpm_trie6,
			       lookups / TRIE_SHARE);
	default:
		return (family == 4 ? peer_run4(bench->bss->address4, lookups, &sum)
				    : peer_run6(bench->bss->address6, lookups, &sum)) /
		       lookups;
	}
}

/* All addresses are looked up once before time counts: whose turn was before has emptied the caches. */
static double steady(enum subject subject, uint8_t family)
{
	if (subject == RTE_FIB && !peer)
		return 0;
	run(subject, family);
	return run(subject, family);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void row(const char *name, const char *subject, double value, const char *unit)
{
	printf("{\"bench\":\"fib\",\"case\":\"%s\",\"subject\":\"%s\",\"value\":%.2f,\"unit\":\"%s\"}\n", name, subject,
	       value, unit);
	fflush(stdout);
}

static void measure(const char *name, uint8_t family)
{
	double took[SUBJECTS][ROUNDS], median[SUBJECTS];

	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (enum subject subject = 0; subject < SUBJECTS; subject++)
			took[subject][round] = steady(subject, family);
	}
	for (enum subject subject = 0; subject < SUBJECTS; subject++) {
		qsort(took[subject], ROUNDS, sizeof(**took), ascending);
		median[subject] = took[subject][ROUNDS / 2];
		if (subject != LOOP && subject != RTE_FIB)
			median[subject] -= median[LOOP];
		if (subject != RTE_FIB || peer)
			row(name, subject_names[subject], median[subject], "ns");
	}
	fprintf(stderr, "%-28s sluice %7.1f  lpm_trie %7.1f (%.1f x)", name, median[SLUICE], median[LPM_TRIE],
		median[LPM_TRIE] / median[SLUICE]);
	if (peer)
		fprintf(stderr, "  rte_fib %7.1f (%.2f x)", median[RTE_FIB], median[RTE_FIB] / median[SLUICE]);
	fprintf(stderr, "  read %.1f  loop %.1f\n", median[READ], median[LOOP]);
}

static void measure_family(const struct ip_prefix *prefix, size_t count)
{
	static const struct {
		const char *name;
		void (*fill)(const struct ip_prefix *prefix, size_t count);
	} draws[] = {{"uniform", fill_uniform}, {"table", fill_table}, {"zipf", fill_zipf}};
	const size_t sizes[] = {1000, 100000, count};
	static const char *const size_names[] = {"1k", "100k", "full"};
	uint8_t family = prefix->address.family;
	struct fib_usage before, usage;
	size_t have = 0;
	char name[64];

	fib_usage(fib, &before);
	for (size_t size = 0; size < 3; size++) {
		for (; have < sizes[size]; have++)
			set(&prefix[have], have);
		fib_usage(fib, &usage);
		bench->bss->words = usage.words_held - before.words_held;
		for (size_t draw = 0; draw < 3; draw++) {
			draws[draw].fill(prefix, have);
			snprintf(name, sizeof(name), "ipv%u %s %s", family, size_names[size], draws[draw].name);
			measure(name, family);
		}
		snprintf(name, sizeof(name), "ipv%u %s", family, size_names[size]);
		row(name, "sluice", (usage.words_held - before.words_held) / 131072.0, "MiB");
		fprintf(stderr, "%-28s %.2f MiB\n", name, (usage.words_held - before.words_held) / 131072.0);
	}
}

int main(int argc, char **argv)
{
	const char *absent;

	if (argc > 1 && !strcmp(argv[1], "--quick"))
		lookups /= 16;
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	bench = bench_fib__open_and_load();
	if (!bench)
		fail("loading the BPF programs");
	fib = fib_new(bench->bss->bank.fib, DP_FIB_WORDS, bench->bss->bank.trees, 1);
	if (!fib || !internet_load(&internet))
		fail("memory");
	absent = peer_open();
	peer = !absent;
	if (absent)
		fprintf(stderr, "rte_fib takes no part: %s\n", absent);
	fprintf(stderr, "nanoseconds a lookup; in brackets: how many times sluice's\n");
	shuffle(internet.prefix, internet.ipv4);
	shuffle(internet.prefix + internet.ipv4, internet.count - internet.ipv4);
	measure_family(internet.prefix, internet.ipv4);
	measure_family(internet.prefix + internet.ipv4, internet.count - internet.ipv4);
	fib_free(fib);
	internet_free(&internet);
	bench_fib__destroy(bench);
	return 0;
}
