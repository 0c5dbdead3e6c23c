/* SPDX-License-Identifier: Apache-2.0 */
/* Two banks: the generation's low bit says which one a packet meets, and it meets nothing of the other. */
#include <string.h>

#include "tests/bpf/router/rig.h"

enum { NEW_MAC = 0xd0, NEW_VNI = 7777 };

/* Bank 1: the same world with another gateway, another VNI and no IPv6 route. */
static void change(struct dp_bank *bank)
{
	rig_fill(bank);
	bank->next_hops[WAY_PLAIN].egress.dst_mac[5] = NEW_MAC;
	bank->next_hops[WAY_VXLAN4].vni = NEW_VNI;
	bank->trees[VRF_TENANT].ipv6 = (struct dp_fib_tree6){0};
}

static void a_packet_meets_one_bank(void **state)
{
	static const struct frame_spec plain = {.dst = MAC_ROUTER, .ip = {.src = "172.16.0.1", .dst = "10.1.0.1"}};
	static const struct frame_spec tunnelled = {.dst = MAC_ROUTER, .ip = {.src = "172.16.0.1", .dst = "10.4.0.1"}};
	static const struct frame_spec ipv6 = {.dst = MAC_ROUTER,
					       .ip = {.src = "2001:db8:abcd::1", .dst = "2001:db8:1::1"}};
	struct frame in[] = {frame_build(&plain), frame_build(&tunnelled), frame_build(&ipv6)};
	struct dp_state *dp = rig_state();

	(void)state;
	change(&dp->bank[1]);
	for (uint64_t generation = 0; generation < 6; generation++) {
		bool changed = generation & 1;
		struct outcome outcome;

		dp->generation = generation;
		outcome = rig_run(&in[0]);
		assert_int_equal(outcome.reason, DP_REASON_forwarded);
		assert_int_equal(outcome.frame.byte[5], changed ? NEW_MAC : WAY_MAC(WAY_PLAIN));
		outcome = rig_run(&in[1]);
		assert_int_equal(outcome.reason, DP_REASON_encapsulated);
		assert_int_equal(frame_get16(&outcome.frame, 47), changed ? NEW_VNI : WAY_VNI(WAY_VXLAN4));
		outcome = rig_run(&in[2]);
		assert_int_equal(outcome.reason, changed ? DP_REASON_no_route : DP_REASON_forwarded);
	}
	dp->generation = 0;
}

/* What the other bank holds is of no concern, not even nonsense. */
static void the_idle_bank_is_not_read(void **state)
{
	static const struct frame_spec spec = {.dst = MAC_ROUTER, .ip = {.src = "172.16.0.1", .dst = "10.1.0.1"}};
	struct dp_state *dp = rig_state();
	struct frame in = frame_build(&spec);

	(void)state;
	memset(&dp->bank[1], 0xa5, sizeof(dp->bank[1]));
	assert_int_equal(rig_run(&in).reason, DP_REASON_forwarded);
}

/* A bank of nonsense may drop every packet, but reads stay inside it and each packet has its reason. */
static void nonsense_is_survived(void **state)
{
	static const struct frame_spec spec = {.dst = MAC_ROUTER, .ip = {.src = "172.16.0.1", .dst = "10.1.0.1"}};
	static const struct frame_spec tunnel = {.dst = MAC_ROUTER,
						 .vlan = PORT_VLAN(PORT_UNDERLAY),
						 .tunnel = VXLAN,
						 .vni = VNI_TENANT,
						 .inner_dst = MAC_VTEP,
						 .ip = {.src = "172.16.0.1", .dst = "10.1.0.1"},
						 .outer = {.src = REMOTE4, .dst = LOCAL4, .dst_port = 4789}};
	struct frame in[] = {frame_build(&spec), frame_build(&tunnel)};
	struct dp_state *dp = rig_state();
	uint64_t random = 88172645463325252ULL;

	(void)state;
	dp->generation = 1;
	for (int round = 0; round < 8; round++) {
		struct dp_bank *bank = &dp->bank[1];
		uint8_t *start = (uint8_t *)bank->vrfs, *end = (uint8_t *)bank->classifiers;

		rig_fill(bank);
		/* The ports stay, so that packets get in; behind them one table after the other is garbage. */
		if (round >= 4)
			start = (uint8_t *)bank->next_hops;
		for (uint8_t *p = start; p + 8 <= end; p += 8) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			memcpy(p, &random, 8);
		}
		for (int i = 0; i < 64; i++)
			rig_run(&in[i & 1]);
	}
	dp->generation = 0;
}

int commit_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_meets_one_bank),
		cmocka_unit_test(the_idle_bank_is_not_read),
		cmocka_unit_test(nonsense_is_survived),
	};

	return cmocka_run_group_tests_name("commit", tests, NULL, NULL);
}
