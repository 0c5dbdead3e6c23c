/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How exact rates are where all CPUs send by one limiter at once: each runs the router on a packet of its own again and
 * again for a second, which is many times the rate, and what passes is compared
 * with the rate: until the first CPU stops at least, and at most until the last does.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tests/bpf/router/cost.h"
#include "tests/bpf/router/rig.h"
#include "vnf/dataplane/policy/policy.h"
#include "vnf/features/qos/qos.h"

#include "cost.skel.h"

#define LOOPBACK 1
#define REPEAT	 2000
#define CPUS	 16
#define NS	 1000000000ULL
#define LIMITER	 1

static struct cost_bpf *cost;
static struct frame frame;

struct runner {
	int cpu;
	uint64_t start, end, runs; /* monotonic */
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * NS + (uint64_t)time.tv_nsec;
}

static void *run(void *context)
{
	struct runner *runner = context;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(runner->cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	while (now() < runner->end) {
		struct xdp_md md = {.data_end = frame.length, .ingress_ifindex = LOOPBACK};
		LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame.byte, .data_size_in = frame.length,
			    .ctx_in = &md, .ctx_size_in = sizeof(md), .repeat = REPEAT);

		if (bpf_prog_test_run_opts(bpf_program__fd(cost->progs.cost_restore), &options)) {
			perror("test run");
			exit(1);
		}
		runner->runs += REPEAT;
	}
	runner->end = now();
	return NULL;
}

/* A second at so many bit/s by all CPUs. The error in percent. The bucket is full before and after, so that all that
 * passes is the rate; it is so large that CPUs which others take for a while lose nothing. */
static double measure(uint64_t rate, int cpus)
{
	uint64_t dropped, start, first = 0, last = 0, runs = 0;
	struct dp_qos_policy *policy = &rig_bank(0)->qos_policies[LIMITER];
	struct runner runner[CPUS];
	pthread_t thread[CPUS];
	double passed, least, most, off;

	policy->rate = rate_times(rate, rate / 8 / 2, false);
	dropped = rig_counter(DP_COUNTER_LIMITERS + LIMITER).packets;
	start = now();
	*rig_limiter(LIMITER) = (struct dp_limiter){.time = (start << DP_LIMITER_UNIT) + policy->rate.burst};
	for (int i = 0; i < cpus; i++) {
		runner[i] = (struct runner){.cpu = i, .end = start + NS};
		pthread_create(&thread[i], NULL, run, &runner[i]);
	}
	for (int i = 0; i < cpus; i++) {
		pthread_join(thread[i], NULL);
		runs += runner[i].runs;
		first = !i || runner[i].end < first ? runner[i].end : first;
		last = runner[i].end > last ? runner[i].end : last;
	}
	dropped = rig_counter(DP_COUNTER_LIMITERS + LIMITER).packets - dropped;
	passed = (double)(runs - dropped) * (double)(frame.length - 14) * 8;
	least = (double)rate * (double)(first - start) / (double)NS;
	most = (double)rate * (double)(last - start) / (double)NS;
	off = passed < least ? 100 * (passed / least - 1) : passed > most ? 100 * (passed / most - 1) : 0;
	printf("%10llu %10llu %12.0f %12.0f %12.0f %7.2f%%\n", (unsigned long long)rate, (unsigned long long)runs,
	       least, most, passed, off);
	return off;
}

/* All that comes by the tenant's ports has the limiter. */
static void use_policy(const struct bank *bank)
{
	const struct dp_policy_rule rule = {
		.order = 1, .id = 1, .target = LIMITER, .action = DP_POLICY_QOS_TO, .category = DP_POLICY_QOS};
	const struct policy_end any = {.port_last = 0xffff};
	const struct policy_pattern all = {any, any, DP_POLICY_NO_PROTOCOL, 0};

	for (uint32_t i = 0; i < bank_rows(rig_limits(), DP_TABLE_ports); i++)
		if (bank->ports[i].ifindex && bank->ports[i].vrf == VRF_TENANT)
			bank->ports[i].features |= DP_FEATURE_POLICY;
	if (policy_set(rig_policy(0), VRF_TENANT, &all, &rule, NULL)) {
		fprintf(stderr, "the engine takes no rule\n");
		exit(1);
	}
}

int main(void)
{
	static const struct frame_spec spec = {
		.dst = MAC_ROUTER, .src = MAC_HOST, .ip = {.src = "172.16.0.1", .dst = "10.1.0.1", .payload = 1000}};
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN), error = rig_open("small", RIG_XDP), program;
	uint32_t zero = 0;
	double worst = 0;

	if (!error) {
		cost = cost_bpf__open_and_load();
		error = cost ? 0 : -errno;
	}
	if (error) {
		fprintf(stderr, "%s\n", error == -EPERM ? "this needs root" : strerror(-error));
		return 1;
	}
	rig_fill(rig_bank(0));
	use_policy(rig_bank(0));
	rig_bank(0)->qos_policies[LIMITER] =
		(struct dp_qos_policy){.limiter = LIMITER, .dscp = DP_DSCP_KEEP, .excess_dscp = DP_DSCP_KEEP};
	frame = frame_build(&spec);
	cost->bss->original.length = frame.length;
	memcpy(cost->bss->original.word, frame.byte, sizeof(cost->bss->original.word));
	program = rig_program();
	if (bpf_map_update_elem(bpf_map__fd(cost->maps.measured), &zero, &program, BPF_ANY)) {
		perror("program array");
		return 1;
	}
	cpus = cpus < CPUS ? cpus : CPUS;
	printf("%d CPUs\n%10s %10s %12s %12s %12s %8s\n", cpus, "bit/s", "packets", "due at least", "at most", "passed",
	       "error");
	for (uint64_t rate = 1000000; rate <= 1000000000; rate *= 10) {
		double off = measure(rate, cpus);

		worst = off > worst ? off : -off > worst ? -off : worst;
	}
	printf("worst error %.2f%%, bar 2%%: %s\n", worst, worst <= 2 ? "met" : "missed");
	cost_bpf__destroy(cost);
	rig_close();
	return worst > 2;
}
