/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long the look-up of a packet's rule takes inside BPF, with ClassBench's ten thousand rules and packets, next to
 * DPDK's rte_acl (dpdk-test-acl, one packet at a time, scalar) on the same files, turn by turn; medians of the rounds.
 * The empty loop's time is taken off. Then packets that look into the most tuples, and what changes cost.
 *
 *   bench_policy_lookup [--quick]	a JSON object a line on stdout, progress on stderr
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tests/bench/policy_lookup.h"
#include "tests/unit/classbench.h"
#include "tests/unit/internet.h"
#include "vnf/dataplane/bank/limits.h"

#include "bench_policy_lookup.skel.h"

#define ROUNDS 5
#define WORST  64 /* packets that look into the most tuples */
#define CLIMB  4000

static struct bench_policy_lookup *bench;
static struct classbench classbench;
static struct bank bank;
static struct policy *policy;
static struct dp_limits limits = {.vrfs = BENCH_VRF, .policy_rules = BENCH_RULES};
static uint64_t randomness = 20240229;
static uint32_t repeats = 20;

static void fail(const char *what)
{
	fprintf(stderr, "bench policy_lookup: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Of the processor, which others use as well. */
static double microseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *value, size_t count)
{
	qsort(value, count, sizeof(*value), ascending);
	return value[count / 2];
}

static void row(const char *set, const char *what, const char *subject, double value, const char *unit)
{
	printf("{\"bench\":\"policy_lookup\",\"case\":\"%s %s\",\"subject\":\"%s\",\"value\":%.2f,\"unit\":\"%s\"}\n",
	       set, what, subject, value, unit);
	fflush(stdout);
}

/* While it is measured nothing else takes its turn: a peer in user space would have its time counted in. */
static void alone(bool on)
{
	struct sched_param param = {.sched_priority = on};

	if (sched_setscheduler(0, on ? SCHED_FIFO : SCHED_OTHER, &param))
		fail("real-time scheduling");
}

/* Nanoseconds a packet. */
static double run(const struct bpf_program *program)
{
	char frame[64] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame), .repeat = repeats);

	alone(true);
	if (bpf_prog_test_run_opts(bpf_program__fd(program), &options))
		fail("test run");
	alone(false);
	if (options.retval != 1) /* XDP_DROP */
		fail("the look-up says that the tables are inconsistent");
	return (double)options.duration / bench->bss->keys;
}

static void put(uint32_t i, const struct classbench_key *key)
{
	bench->bss->key[i] = (struct bench_key){
		{key->address[0], key->address[1]}, {key->port[0], key->port[1]}, key->protocol, {0}};
}

static void put_trace(void)
{
	for (uint32_t i = 0; i < classbench.keys; i++)
		put(i, &classbench.key[i]);
	bench->bss->keys = classbench.keys;
}

/* All are looked up once more, for what they find: as the list of rules says. */
static void check(const char *set)
{
	uint64_t expected = 0;

	put_trace();
	for (uint32_t i = 0; i < classbench.keys; i++)
		expected += classbench_first(&classbench, &classbench.key[i], NULL);
	repeats = 1;
	bench->bss->sum = 0;
	run(bench->progs.run_find);
	if (bench->bss->sum == expected)
		return;
	fprintf(stderr, "%s: packets find other rules than the list has\n", set);
	exit(1);
}

static const char *command(const char *set)
{
	static char text[4096];

	snprintf(text, sizeof(text),
		 "d=$(mktemp -d) && trap 'rm -rf \"$d\"' EXIT && for f in rules trace; do"
		 " gzip -dc '%s/classbench-%s-10k.'$f.gz >\"$d/$f\"; done &&"
		 " dpdk-test-acl --no-huge --no-pci --no-telemetry --no-shconf -l 0 -m 512 --log-level=4 --"
		 " --rulesf=\"$d/rules\" --tracef=\"$d/trace\" --rulenum=16384 --tracenum=%u --tracestep=1"
		 " --alg=scalar --verbose=0 --iter=%u 2>&1",
		 SLUICE_DATA, set, classbench.keys, repeats);
	return text;
}

/* Nanoseconds a packet of DPDK's; 0: it is not here. */
static double run_acl(const char *set)
{
	char line[512];
	double rate = 0, cycles;
	FILE *file;

	alone(true);
	file = popen(command(set), "r");
	alone(false);
	if (!file)
		fail("popen");
	while (fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, " sec), ");

		if (at)
			sscanf(at, " sec), %lf cycles/pkt, %lf pkt/sec", &cycles, &rate);
	}
	pclose(file);
	return rate ? 1e9 / rate : 0;
}

static uint32_t probes_for(const struct classbench_key *key)
{
	struct policy_tables tables = {
		.policy = &bank.policies[BENCH_VRF],
		.source = &bank.policy_trees[2 * BENCH_VRF],
		.destination = &bank.policy_trees[2 * BENCH_VRF + 1],
		.pool = bank.policy_words,
		.mask = BENCH_WORDS - 1,
	};
	struct policy_classes classes;
	struct policy_query query;
	uint32_t probes = 0;

	classbench_query(key, BENCH_VRF, &query);
	policy_classify(&tables, &query, &classes);
	for (unsigned int word = 0; word < DP_POLICY_TUPLES / 64; word++)
		probes += (uint32_t)__builtin_popcountll(policy_candidates(&tables, &classes, word));
	return probes;
}

/* Climbs from a packet of the trace: one field after the other becomes another packet's where that is no better. */
static struct classbench_key climb(uint32_t *probes)
{
	struct classbench_key key = classbench.key[random_below(&randomness, classbench.keys)];

	*probes = probes_for(&key);
	for (uint32_t step = 0; step < CLIMB; step++) {
		const struct classbench_key *other = &classbench.key[random_below(&randomness, classbench.keys)];
		struct classbench_key next = key;
		uint32_t field = random_below(&randomness, 5), more;

		if (field < 2)
			next.address[field] = other->address[field];
		else if (field < 4)
			next.port[field - 2] = other->port[field - 2];
		else
			next.protocol = other->protocol;
		more = probes_for(&next);
		if (more < *probes)
			continue;
		key = next;
		*probes = more;
	}
	return key;
}

static void find_worst(const char *set, struct classbench_key worst[WORST])
{
	double sum = 0;

	for (uint32_t i = 0; i < WORST; i++) {
		uint32_t probes;

		worst[i] = climb(&probes);
		sum += probes;
	}
	row(set, "worst packets", "sluice", sum / WORST, "tuples");
}

static void measure(const char *set)
{
	double ours[ROUNDS], classes[ROUNDS], worst[ROUNDS], acl[ROUNDS], loop, scalar;
	struct classbench_key worst_key[WORST];

	find_worst(set, worst_key);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		put_trace();
		run(bench->progs.run_find);
		loop = run(bench->progs.run_loop);
		ours[round] = run(bench->progs.run_find) - loop;
		classes[round] = run(bench->progs.run_classes) - loop;
		for (uint32_t i = 0; i < classbench.keys; i++)
			put(i, &worst_key[i % WORST]);
		run(bench->progs.run_find);
		worst[round] = run(bench->progs.run_find) - loop;
		acl[round] = run_acl(set);
	}
	scalar = median(acl, ROUNDS);
	row(set, "packet", "sluice", median(ours, ROUNDS), "ns");
	row(set, "packet, its classes", "sluice", median(classes, ROUNDS), "ns");
	row(set, "worst packets", "sluice", median(worst, ROUNDS), "ns");
	if (!scalar) {
		fprintf(stderr,
			"rte_acl takes no part: dpdk-test-acl is not here (tests/setup.sh --bench installs it)\n");
		return;
	}
	row(set, "packet", "rte_acl", scalar, "ns");
	row(set, "packet", "ratio", median(ours, ROUNDS) / scalar, "x");
	row(set, "worst packets", "ratio", median(worst, ROUNDS) / scalar, "x");
	fprintf(stderr, "%s: sluice %.0f ns, worst packets %.0f, rte_acl %.0f: %.2f x, %.2f x\n", set,
		median(ours, ROUNDS), median(worst, ROUNDS), scalar, median(ours, ROUNDS) / scalar,
		median(worst, ROUNDS) / scalar);
}

static void set_all(void)
{
	for (uint32_t i = 0; i < classbench.rules; i++)
		if (classbench_set(policy, BENCH_VRF, &classbench, i))
			fail("a rule is refused");
}

static void unset_all(void)
{
	for (uint32_t i = 0; i < classbench.rules; i++)
		policy_unset(policy, BENCH_VRF, i + 1);
}

static void measure_changes(const char *set)
{
	double *in = calloc(classbench.rules, sizeof(*in)), *out = calloc(classbench.rules, sizeof(*out)), start, whole;
	struct policy_cost cost;

	if (!in || !out)
		fail("memory");
	for (uint32_t i = 0; i < classbench.rules; i++) {
		uint32_t index = random_below(&randomness, classbench.rules);

		start = microseconds();
		policy_unset(policy, BENCH_VRF, index + 1);
		out[i] = microseconds() - start;
		start = microseconds();
		if (classbench_set(policy, BENCH_VRF, &classbench, index))
			fail("a rule is refused");
		in[i] = microseconds() - start;
	}
	row(set, "rule set", "sluice", median(in, classbench.rules), "us");
	row(set, "rule unset", "sluice", median(out, classbench.rules), "us");
	start = microseconds();
	unset_all();
	set_all();
	whole = (microseconds() - start) / 1e3;
	row(set, "all rules replaced", "sluice", whole, "ms");
	start = microseconds();
	cost = policy_cost(policy, BENCH_VRF);
	row(set, "worst case found", "sluice", (microseconds() - start) / 1e3, "ms");
	row(set, "worst case", "sluice", cost.probes, "tuples");
	row(set, "memory a rule", "sluice", (double)cost.bytes / cost.rules, "bytes");
	free(in);
	free(out);
}

static void bench_set(const char *set, bool quick)
{
	if (!classbench_load(&classbench, set)) {
		fprintf(stderr, "not measured: ClassBench's %s is not in %s\n", set, SLUICE_DATA);
		return;
	}
	set_all();
	check(set);
	repeats = quick ? 1 : 20;
	measure(set);
	measure_changes(set);
	check(set);
	unset_all();
	classbench_free(&classbench);
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && !strcmp(argv[1], "--quick");

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	limits_complete(&limits);
	bench = bench_policy_lookup__open_and_load();
	if (!bench)
		fail("loading the BPF programs");
	if (bank_rows(&limits, DP_TABLE_policy_words) != BENCH_WORDS)
		fail("the pool has another size");
	bank = (struct bank){.policies = bench->bss->bank.policies,
			     .policy_rules = bench->bss->bank.rules,
			     .policy_guards = bench->bss->bank.guards,
			     .policy_trees = bench->bss->bank.trees,
			     .policy_words = bench->bss->bank.words};
	policy = policy_new(&bank, &limits);
	if (!policy)
		fail("memory");
	bench_set("acl1", quick);
	bench_set("fw1", quick);
	policy_free(policy);
	bench_policy_lookup__destroy(bench);
	return 0;
}
