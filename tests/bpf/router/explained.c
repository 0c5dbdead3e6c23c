/* SPDX-License-Identifier: Apache-2.0 */
/* Packets that are only explained, beside those that every other group has explained before it runs them. */
#include "tests/bpf/router/explain.h"
#include "tests/wants_long.h"

#include <stdlib.h>

#include "vnf/observe/observer.h"

#define PLAIN  .dst = MAC_ROUTER, .src = MAC_HOST
#define TO(to) .ip = {.src = "172.16.0.1", .dst = to, .src_port = 4000, .dst_port = 53, .payload = 150}

/* One of which only the VRF is known: whatever its MACs say. */
static void in_a_vrf(void **state)
{
	static struct explained explained;
	const struct frame_spec spec = {.dst = MAC_HOST,
					.src = MAC_HOST,
					.ip = {.src = "172.16.0.1",
					       .dst = "10.1.0.1",
					       .protocol = 6,
					       .src_port = 4000,
					       .dst_port = 80,
					       .payload = 150}};
	struct observer_packet packet = {.vrf = VRF_TENANT};
	struct error error = {0};
	struct frame frame;

	(void)state;
	frame = frame_build(&spec);
	packet.frame = frame.byte;
	packet.length = (uint32_t)frame.length;
	assert_int_equal(observer_explain(explain_observer(), &packet, true, &explained, &error), 0);
	assert_int_equal(explained.head.reason, DP_REASON_forwarded);
	assert_int_equal(explained.head.last.vrf, VRF_TENANT);
	assert_int_equal(explained.head.interface, 0);
	packet.vrf = VRF_CHAINED;
	assert_int_equal(observer_explain(explain_observer(), &packet, false, &explained, &error), 0);
	assert_int_equal(explained.head.reason, DP_REASON_steered);
	assert_int_equal(explained.head.last.flow_classifier, CLASSIFIER_FORWARD);
	assert_int_equal(explained.head.steps, 0);
	packet.vrf = 0;
	assert_int_equal(observer_explain(explain_observer(), &packet, true, &explained, &error), -1);
	assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
}

/* Frames of any kind with some bytes of any value: what is explained comes true. */
static void random_packets(void **state)
{
	static const struct frame_spec kinds[] = {
		{PLAIN, TO("10.1.0.1")},
		{PLAIN, TO("10.5.0.1")},
		{PLAIN, TO("10.18.0.1")},
		{PLAIN, .ip = {.src = "2001:db8:abcd::1", .dst = "2001:db8:1::1", .protocol = 6, .payload = 40}},
		{PLAIN, .ip = {.src = "2001:db8:abcd::1", .dst = "2001:db8:4::1", .payload = 90}},
		{PLAIN, .vlan = PORT_VLAN(PORT_CHAINED),
		 .ip = {.src = "2001:db8:abcd::1",
			.dst = "2001:db8:1::1",
			.protocol = 6,
			.dst_port = 80,
			.payload = 8}},
		{PLAIN, .vlan = PORT_VLAN(PORT_UNDERLAY), .inner_dst = MAC_VTEP, .tunnel = GENEVE,
		 .outer = {.src = REMOTE6, .dst = LOCAL6, .src_port = 50000, .dst_port = 6081}, .vni = VNI_CHAINED,
		 .ip = {.src = "172.16.0.1", .dst = "10.1.0.1", .protocol = 6, .dst_port = 80, .payload = 8}},
	};
	const int count = wants_long(0, NULL) ? 250000 : rig_draws(1500);

	(void)state;
	srandom(16);
	for (int i = 0; i < count; i++) {
		struct frame frame = frame_build(&kinds[(size_t)random() % (sizeof(kinds) / sizeof(*kinds))]);

		for (long changes = random() % 4; changes > 0; changes--)
			frame.byte[12 + (size_t)random() % (frame.length - 12)] = (uint8_t)random();
		if (rig_takes(&frame))
			rig_run_explained(&frame);
	}
}

int explain_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_a_vrf),
		cmocka_unit_test(random_packets),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
