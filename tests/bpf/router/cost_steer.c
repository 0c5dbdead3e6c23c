/* SPDX-License-Identifier: Apache-2.0 */
/* What it costs a packet to be led into a chain by the last of so many flow classifiers, and by the last of as many
 * policy rules that ask for the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "tests/bpf/router/cost.h"
#include "tests/bpf/router/rig.h"
#include "vnf/dataplane/policy/policy.h"

#define LOOPBACK 1
#define FIRST	 1 /* row of the first classifier */
#define MOST	 256

enum { TCP = 6, HTTP = 80 };

/* The last one's prefix is that of the packet. */
static void destination(uint32_t left, char *text, size_t size)
{
	snprintf(text, size, "10.%u.0.0", left ? left % 200 + 32 : 1);
}

static void fill_classifiers(uint32_t count)
{
	const struct bank *bank = rig_bank(0);

	for (uint32_t i = 0; i < count; i++) {
		struct dp_classifier *row = &bank->classifiers[FIRST + i];
		char text[16];

		destination(count - 1 - i, text, sizeof(text));
		*row = (struct dp_classifier){.family = 4,
					      .protocol = TCP,
					      .stage = STAGE_FIRST,
					      .id = (uint16_t)(i + 1),
					      .dst = rig_address(text),
					      .dst_port_first = HTTP,
					      .dst_port_last = (uint16_t)(HTTP + (count - 1 - i) / 200),
					      .src_port_last = UINT16_MAX};
		memset(row->dst_mask.byte, 0xff, 14);
	}
	bank->vrfs[VRF_CHAINED].classifier_first = FIRST;
	bank->vrfs[VRF_CHAINED].classifier_count = (uint16_t)count;
}

static void fill_rules(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct policy_pattern pattern = {{.port_last = UINT16_MAX}, {.port_first = HTTP}, TCP, 4};
		struct dp_policy_rule rule = {.action = DP_POLICY_STAGE,
					      .category = DP_POLICY_STEER,
					      .target = STAGE_FIRST,
					      .id = i + 1,
					      .order = i + 1};
		char text[20];

		destination(count - 1 - i, text, sizeof(text) - 3);
		strcat(text, "/16");
		ip_prefix_parse(text, &pattern.destination.prefix);
		pattern.destination.port_last = (uint16_t)(HTTP + (count - 1 - i) / 200);
		if (policy_set(rig_policy(0), VRF_CHAINED, &pattern, &rule, NULL)) {
			fprintf(stderr, "policy rule %u is refused\n", i + 1);
			exit(1);
		}
	}
	for (uint32_t i = 0; i < bank_rows(rig_limits(), DP_TABLE_ports); i++)
		rig_bank(0)->ports[i].features &= (uint8_t)~DP_FEATURE_CLASSIFY;
	rig_use_feature(rig_bank(0), VRF_CHAINED, DP_FEATURE_POLICY);
}

/* Ends the program unless the packet goes to the chain's first stage. */
static void check_steered(const struct frame *frame)
{
	static uint8_t out[FRAME_SIZE];
	struct xdp_md context = {.data_end = frame->length, .ingress_ifindex = LOOPBACK};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->byte, .data_size_in = frame->length, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &context, .ctx_size_in = sizeof(context));
	int error = bpf_prog_test_run_opts(rig_program(), &options);
	uint8_t first = STAGE_MAC(1, 0);

	if (error || options.retval != XDP_REDIRECT || out[5] < first || out[5] >= first + GROUP_FIRST_MEMBERS) {
		fprintf(stderr, "not steered: error %d, action %u, to MAC ...:%02x\n", error, options.retval, out[5]);
		exit(1);
	}
}

void cost_steer(double (*measure)(const struct frame *frame, __u32 vary, double *bare))
{
	static const uint32_t counts[] = {1, 8, MOST};
	static void (*const fill[])(uint32_t count) = {fill_classifiers, fill_rules};
	static const char *const names[] = {"classifier", "policy rule"};
	const struct frame_spec spec = {
		.dst = MAC_ROUTER,
		.src = MAC_HOST,
		.vlan = PORT_VLAN(PORT_CHAINED),
		.ip = {.src = "172.16.0.1", .dst = "10.1.0.1", .protocol = TCP, .dst_port = HTTP, .payload = 150}};
	struct frame frame = frame_build(&spec);

	for (size_t way = 0; way < sizeof(fill) / sizeof(*fill); way++)
		for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
			char name[40];
			double bare, ns;

			rig_fill(rig_bank(0));
			fill[way](counts[i]);
			check_steered(&frame);
			ns = measure(&frame, 0, &bare);
			snprintf(name, sizeof(name), "IPv4, steered, %u %s%s", counts[i], names[way],
				 counts[i] > 1 ? "s" : "");
			printf("%-36s %8.0f %8.1f\n", name, ns, ns / bare);
		}
}
