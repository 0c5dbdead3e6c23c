/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the router costs a packet, next to a program that only redirects. One flow, so all it reads is in the cache: the
 * price of the instructions, not of the tables' memory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tests/bpf/router/cost.h"
#include "tests/bpf/router/rig.h"
#include "vnf/dataplane/policy/policy.h"

#include "cost.skel.h"

#define LOOPBACK 1
#define RUNS	 1000000
#define ROUNDS	 5 /* the fastest counts: the others met an interrupt */

static int rounds = ROUNDS;

#define PLAIN	    .dst = MAC_ROUTER, .src = MAC_HOST
#define TUNNELLED   .dst = MAC_ROUTER, .src = MAC_HOST, .vlan = PORT_VLAN(PORT_UNDERLAY), .inner_dst = MAC_VTEP
#define OUTER(port) .outer = {.src = REMOTE4, .dst = LOCAL4, .src_port = 50000, .dst_port = port}
#define IPV4(to)                                                                                                       \
	{                                                                                                              \
		.src = "172.16.0.1", .dst = to, .payload = 150                                                         \
	}

enum { STATEFUL = 1001 }; /* the last rule follows connections and stands in front of the others */

static const struct {
	const char *name;
	struct frame_spec spec;
	uint32_t rules; /* of the policy of its VRF; rows with more of them stand further down; STATEFUL: see there */
} packets[] = {
	{"IPv4, forward", {PLAIN, .ip = IPV4("10.1.0.1")}},
	{"IPv6, forward", {PLAIN, .ip = {.src = "2001:db8:abcd::1", .dst = "2001:db8:1::1", .payload = 150}}},
	{"VXLAN, decapsulate and forward",
	 {TUNNELLED, .tunnel = VXLAN, OUTER(4789), .vni = VNI_TENANT, .ip = IPV4("10.1.0.1")}},
	{"Geneve, decapsulate and forward",
	 {TUNNELLED, .tunnel = GENEVE, OUTER(6081), .vni = VNI_TENANT, .ip = IPV4("10.1.0.1")}},
	{"IPv4, encapsulate in VXLAN", {PLAIN, .ip = IPV4("10.4.0.1")}},
	{"TCP, in VXLAN over IPv6",
	 {PLAIN, .ip = {.src = "172.16.0.1", .dst = "10.5.0.1", .protocol = 6, .payload = 150}}},
	{"TCP, in Geneve with UDP checksum",
	 {PLAIN, .ip = {.src = "172.16.0.1", .dst = "10.7.0.1", .protocol = 6, .payload = 150}}},
	{"IPv4, classify and steer",
	 {PLAIN, .vlan = PORT_VLAN(PORT_CHAINED),
	  .ip = {.src = "172.16.0.1", .dst = "10.1.0.1", .protocol = 6, .dst_port = 80, .payload = 150}}},
	{"IPv4, a policy of 1 rule", {PLAIN, .ip = IPV4("10.1.0.1")}, 1},
	{"IPv4, of 8 rules", {PLAIN, .ip = IPV4("10.1.0.1")}, 8},
	{"IPv4, of 1,000 rules", {PLAIN, .ip = IPV4("10.1.0.1")}, 1000},
	{"IPv6, of 1,000 rules",
	 {PLAIN, .ip = {.src = "2001:db8:abcd::1", .dst = "2001:db8:1::1", .payload = 150}},
	 1000},
	{"IPv4, of a connection", {PLAIN, .ip = IPV4("10.1.0.1")}, STATEFUL},
};

/* Rules about access as firewalls have them, of both families, all of which allow. */
static int use_rules(uint32_t count)
{
	static uint32_t used;
	struct dp_policy_rule rule = {.action = DP_POLICY_ALLOW, .category = DP_POLICY_ACCESS};

	rig_use_feature(rig_bank(0), VRF_TENANT, DP_FEATURE_POLICY);
	for (; used < count; used++) {
		struct policy_pattern pattern = {{.port_last = 65535}, {.port_last = 65535}, DP_POLICY_NO_PROTOCOL, 0};
		char text[48];
		int error;

		rule.id = rule.order = used + 1;
		if (rule.id == STATEFUL) {
			rule.order = 0;
			rule.flags = DP_POLICY_STATEFUL;
			policy_set_epoch(rig_policy(0), VRF_TENANT, 1);
			return policy_set(rig_policy(0), VRF_TENANT, &pattern, &rule, NULL);
		}
		if (used & 1) {
			pattern.protocol = used & 2 ? 6 : 17;
			pattern.destination.port_first = pattern.destination.port_last = (uint16_t)(used % 61);
		}
		snprintf(text, sizeof(text), used % 5 == 4 ? "2001:db8:%x::/48" : "10.%u.0.0/16", used % 251);
		ip_prefix_parse(text, &pattern.destination.prefix);
		snprintf(text, sizeof(text), used % 5 == 4 ? "2001:db8:abcd::/%u" : "172.16.0.0/%u",
			 used % 5 == 4 ? 48 + used % 7 * 2 : 12 + used % 3 * 4);
		ip_prefix_parse(text, &pattern.source.prefix);
		error = policy_set(rig_policy(0), VRF_TENANT, &pattern, &rule, NULL);
		if (error)
			return error;
	}
	return 0;
}

/* Nanoseconds a run; stops the program unless the action is XDP_REDIRECT. */
static double measure(int program, const struct frame *frame)
{
	double best = 0;

	for (int round = 0; round < rounds; round++) {
		struct xdp_md context = {.data_end = frame->length, .ingress_ifindex = LOOPBACK};
		LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->byte, .data_size_in = frame->length,
			    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = RUNS);
		int error = bpf_prog_test_run_opts(program, &options);

		if (error || options.retval != XDP_REDIRECT) {
			fprintf(stderr, "test run: error %d, action %u\n", error, options.retval);
			exit(1);
		}
		if (!round || options.duration < best)
			best = options.duration;
	}
	return best;
}

static double measure_restored(struct cost_bpf *cost, int program, const struct frame *frame, uint32_t vary)
{
	uint32_t zero = 0;

	cost->bss->original.length = frame->length;
	cost->bss->original.vary = vary;
	memcpy(cost->bss->original.word, frame->byte, sizeof(cost->bss->original.word));
	if (bpf_map_update_elem(bpf_map__fd(cost->maps.measured), &zero, &program, BPF_ANY)) {
		perror("program array");
		exit(1);
	}
	return measure(bpf_program__fd(cost->progs.cost_restore), frame);
}

static struct cost_bpf *cost;

/* What the router costs the frame, without putting it back. */
static double measure_router(const struct frame *frame, __u32 vary, double *bare)
{
	int yardstick = bpf_program__fd(cost->progs.cost_redirect);
	double restoring;

	*bare = measure(yardstick, frame);
	restoring = measure_restored(cost, yardstick, frame, vary) - *bare;
	return measure_restored(cost, rig_program(), frame, vary) - restoring;
}

/* --turn: faster, for who takes turns with another build (tests/bench/cost.sh). */
int main(int argc, char **argv)
{
	int error = rig_open("small", RIG_XDP);
	double bare;

	if (argc > 1 && !strcmp(argv[1], "--turn"))
		rounds = 2;
	if (!error) {
		cost = cost_bpf__open_and_load();
		error = cost ? 0 : -errno;
	}
	if (error) {
		fprintf(stderr, "%s\n", error == -EPERM ? "this needs root" : strerror(-error));
		rig_close();
		return 1;
	}
	rig_fill(rig_bank(0));
	rig_bank(0)->tunnels[WAY_GENEVE6].checksum = dp_tunnel_checksum(&rig_bank(0)->tunnels[WAY_GENEVE6]);
	printf("%-36s %8s %8s\n", "a packet", "ns", "ratio");
	for (size_t i = 0; i < sizeof(packets) / sizeof(*packets); i++) {
		struct frame frame = frame_build(&packets[i].spec);
		int refused = packets[i].rules ? use_rules(packets[i].rules) : 0;
		double ns;

		if (refused) {
			fprintf(stderr, "%s: %s\n", packets[i].name, strerror(-refused));
			return 1;
		}
		ns = measure_router(&frame, 0, &bare);
		if (!i)
			printf("%-36s %8.0f %8.1f\n", "bare redirect", bare, 1.0);
		printf("%-36s %8.0f %8.1f\n", packets[i].name, ns, ns / bare);
	}
	cost_services(measure_router);
	cost_steer(measure_router);
	cost_bpf__destroy(cost);
	rig_close();
	return 0;
}
