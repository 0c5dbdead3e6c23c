/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every kind of packet cut at every length: as it is, and with the lengths of its outer header made to agree, so that
 * the cut is found further in. A named reason each time (rig_run() insists on one), the right one, nothing passed up
 * or on that should not be, and no byte of it changed.
 */
#include "tests/bpf/router/rig.h"
#include "tests/wants_long.h"

#include <stdlib.h>
#include <string.h>

#define TO_ROUTER    .dst = MAC_ROUTER, .src = MAC_HOST
#define UNDERLAY     TO_ROUTER, .vlan = PORT_VLAN(PORT_UNDERLAY), .inner_dst = MAC_VTEP, .vni = VNI_TENANT
#define OUTER4(port) .outer = {.src = REMOTE4, .dst = LOCAL4, .dst_port = port}
#define OUTER6(port) .outer = {.src = REMOTE6, .dst = LOCAL6, .dst_port = port}
#define IPV4	     .src = "172.16.0.1", .dst = "10.1.0.1", .payload = 8
#define IPV6	     .src = "2001:db8:abcd::1", .dst = "2001:db8:1::1", .payload = 8

#define SHORTEST 14 /* an Ethernet header */

static const struct frame_spec kinds[] = {
	{TO_ROUTER, .ip = {IPV4}},
	{TO_ROUTER, .ip = {IPV4, .protocol = 6}},
	{TO_ROUTER, .ip = {IPV4, .protocol = 1}},
	{TO_ROUTER, .ip = {IPV4, .options = 40}},
	{TO_ROUTER, .ip = {IPV6}},
	{TO_ROUTER, .ip = {IPV6, .protocol = 58}},
	{TO_ROUTER, .ip = {IPV6, .options = 16}},
	{TO_ROUTER, .ip = {IPV6, .destination_options = 16, .fragment = 1}},
	{TO_ROUTER, .vlan = PORT_VLAN(PORT_TENANT_QINQ), .inner_vlan = INNER_VLAN, .ip = {IPV4}},
	{UNDERLAY, .tunnel = VXLAN, OUTER4(4789), .ip = {IPV4}},
	{UNDERLAY, .tunnel = VXLAN, OUTER4(4789), .ip = {IPV6, .protocol = 6}},
	{UNDERLAY, .tunnel = VXLAN, OUTER6(4789), .ip = {IPV4, .protocol = 6}},
	{UNDERLAY, .tunnel = GENEVE, OUTER4(6081), .geneve_options = 0, .ip = {IPV4}},
	{UNDERLAY, .tunnel = GENEVE, OUTER4(6081), .geneve_options = 252, .ip = {IPV6}},
	{UNDERLAY, .tunnel = GENEVE, OUTER6(6081), .geneve_options = 16, .ip = {IPV6, .destination_options = 8}},
};

static struct outcome run_unchanged(const struct frame *frame)
{
	struct outcome outcome = rig_run(frame);

	assert_int_not_equal(outcome.reason, DP_REASON_inconsistent);
	assert_int_not_equal(outcome.reason, DP_REASON_no_headroom);
	if (outcome.verdict != DP_VERDICT_FORWARDED) {
		assert_int_equal(outcome.frame.length, frame->length);
		assert_memory_equal(outcome.frame.byte, frame->byte, frame->length);
	}
	return outcome;
}

static bool starts(enum dp_reason reason, const char *with)
{
	return !strncmp(reason_names[reason], with, strlen(with));
}

static void cut(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
		struct frame frame = frame_build(&kinds[kind]);
		size_t ip = frame_outer_ip(&kinds[kind]);

		while (--frame.length >= SHORTEST) {
			enum dp_reason reason;

			if (!rig_takes(&frame))
				continue;
			reason = run_unchanged(&frame).reason;
			/* Cut between tags, a frame may look like one of another VLAN's with an unknown EtherType. */
			if (frame.length >= ip)
				assert_true(starts(reason, "malformed_ip"));
			else
				assert_int_equal(reason, DP_REASON_malformed_ethernet);
		}
	}
}

static void cut_and_made_to_agree(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
		const struct frame_spec *spec = &kinds[kind];
		struct frame frame = frame_build(spec);
		size_t ip = frame_outer_ip(spec), header = frame.byte[ip] >> 4 == 6 ? 40 : (frame.byte[ip] & 15) * 4U;

		while (--frame.length >= ip + header) {
			enum dp_reason reason;

			frame_fix_lengths(&frame, ip);
			if (!rig_takes(&frame))
				continue;
			reason = run_unchanged(&frame).reason;
			if (!spec->tunnel) {
				assert_true(reason == DP_REASON_malformed_ipv6 || reason == DP_REASON_forwarded);
				continue;
			}
			/* UDP length is set right as soon as there is a UDP header. */
			if (frame.length < frame_tunnel(spec))
				assert_int_equal(reason, DP_REASON_local);
			else if (frame.length < frame_inner_ethernet(spec))
				assert_true(starts(reason, "malformed_vxlan") || starts(reason, "malformed_geneve"));
			else
				assert_int_equal(reason, DP_REASON_inner_malformed);
		}
	}
}

/* Any byte of any header set to anything: again one reason, and never the kernel for what came in a tunnel. */
static void any_byte(void **state)
{
	const uint32_t usual = rig_explain_one_in(wants_long(0, NULL) ? 1 : 17);
	const int step = 255 / rig_draws(15);

	(void)state;
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
		struct frame good = frame_build(&kinds[kind]);

		for (size_t i = 0; i < good.length; i++) {
			for (int value = 0; value < 256; value += step) {
				struct frame frame = good;

				frame.byte[i] ^= value;
				run_unchanged(&frame);
			}
		}
	}
	rig_explain_one_in(usual);
}

int truncate_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut),
		cmocka_unit_test(cut_and_made_to_agree),
		cmocka_unit_test(any_byte),
	};

	return cmocka_run_group_tests_name("truncate", tests, NULL, NULL);
}
