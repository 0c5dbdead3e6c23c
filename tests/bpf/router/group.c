/* SPDX-License-Identifier: Apache-2.0 */
/* Next-hop groups: weights, flows that stay together, spread. */
#include "tests/bpf/router/rig.h"

enum { FLOWS = 2000 };

/* The MAC's last byte that the flow leaves to. */
static uint8_t leaves_to(const struct ip_spec *ip)
{
	struct frame_spec spec = {.dst = MAC_ROUTER, .src = MAC_HOST, .ip = *ip};
	struct frame frame = frame_build(&spec);
	struct outcome outcome = rig_run(&frame);

	assert_int_equal(outcome.reason, DP_REASON_forwarded);
	return outcome.frame.byte[5];
}

static void weights(void **state)
{
	struct ip_spec flows[] = {{.src = "172.16.0.1", .dst = "10.14.0.1", .protocol = 6, .dst_port = 80},
				  {.src = "2001:db8:abcd::1", .dst = "2001:db8:14::1", .dst_port = 53}};

	(void)state;
	for (int i = 0; i < 2; i++) {
		int plain = 0;

		for (int port = 0; port < FLOWS; port++) {
			flows[i].src_port = 1024 + port;
			plain += leaves_to(&flows[i]) == WAY_MAC(WAY_PLAIN);
		}
		/* 3:1; six standard deviations of the binomial distribution */
		assert_in_range(plain, FLOWS * 3 / 4 - 116, FLOWS * 3 / 4 + 116);
	}
}

static void a_flow_stays_together(void **state)
{
	struct ip_spec ip = {.src = "172.16.0.1", .dst = "10.14.0.1", .protocol = 6, .dst_port = 80};

	(void)state;
	for (int port = 0; port < 64; port++) {
		struct ip_spec fragment = ip;
		uint8_t mac;

		ip.src_port = fragment.src_port = 1024 + port;
		mac = leaves_to(&ip);
		ip.payload = 100 + port;
		ip.ttl = 2 + port;
		ip.id = port;
		ip.tos = port << 2;
		assert_int_equal(leaves_to(&ip), mac);
		fragment.fragment = 0x2000;
		mac = leaves_to(&fragment);
		fragment.fragment = 0x2000 | port << 3 | 1;
		assert_int_equal(leaves_to(&fragment), mac);
	}
}

/* A router behind another one shares out what that one leaves to it, since the two are salted differently. */
static void two_tiers(void **state)
{
	struct ip_spec ip = {.src = "172.16.0.1", .dst = "10.14.0.1", .dst_port = 7};
	int reach[2] = {0, 0};

	(void)state;
	for (int port = 0; port < 4 * FLOWS; port++) {
		ip.src_port = 1024 + port;
		rig_set_flow_salt(1);
		if (leaves_to(&ip) != WAY_MAC(WAY_VLAN))
			continue;
		rig_set_flow_salt(2);
		reach[leaves_to(&ip) == WAY_MAC(WAY_VLAN)]++;
	}
	/* of a quarter again a quarter; six standard deviations */
	assert_in_range(reach[0] + reach[1], FLOWS - 232, FLOWS + 232);
	assert_in_range(reach[1], (reach[0] + reach[1]) / 4 - 116, (reach[0] + reach[1]) / 4 + 116);
}

/* Flows that went into one of several tunnels by their hash still differ in the outer UDP source port. */
static void entropy(void **state)
{
	struct frame_spec spec = {.dst = MAC_ROUTER, .src = MAC_HOST, .ip = {.src = "172.16.0.1", .dst = "10.20.0.1"}};
	bool seen[2][128] = {{false}};
	int different[2] = {0, 0};

	(void)state;
	for (int port = 0; port < FLOWS; port++) {
		struct frame frame;
		struct outcome outcome;
		uint16_t source;

		spec.ip.src_port = 1024 + port;
		frame = frame_build(&spec);
		outcome = rig_run(&frame);
		assert_int_equal(outcome.reason, DP_REASON_encapsulated);
		if (frame_get16(&outcome.frame, 14 + 22) != 4789)
			continue;
		source = frame_get16(&outcome.frame, 14 + 20);
		for (int half = 0; half < 2; half++) {
			different[half] += !seen[half][source >> half * 7 & 127];
			seen[half][source >> half * 7 & 127] = true;
		}
	}
	assert_in_range(different[0], 120, 128); /* a thousand flows leave none of 128 values out but one in 2000 */
	assert_in_range(different[1], 120, 128);
}

int group_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(weights),
		cmocka_unit_test(a_flow_stays_together),
		cmocka_unit_test(two_tiers),
		cmocka_unit_test(entropy),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
