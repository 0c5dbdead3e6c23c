/* SPDX-License-Identifier: Apache-2.0 */
/* Two banks: the generation's low bit says which one a packet meets, and it meets nothing of the other. */
#include <string.h>

#include "tests/bpf/router/rig.h"

enum { NEW_MAC = 0xd0, NEW_VNI = 7777 };

/* Bank 1: the same world with another gateway, another VNI and no IPv6 route. */
static void change(const struct bank *bank)
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

	(void)state;
	change(rig_bank(1));
	for (uint64_t generation = 0; generation < 6; generation++) {
		bool changed = generation & 1;
		struct outcome outcome;

		rig_set_generation(generation);
		outcome = rig_run(&in[0]);
		assert_int_equal(outcome.reason, DP_REASON_forwarded);
		assert_int_equal(outcome.frame.byte[5], changed ? NEW_MAC : WAY_MAC(WAY_PLAIN));
		outcome = rig_run(&in[1]);
		assert_int_equal(outcome.reason, DP_REASON_encapsulated);
		assert_int_equal(frame_get16(&outcome.frame, 47), changed ? NEW_VNI : WAY_VNI(WAY_VXLAN4));
		outcome = rig_run(&in[2]);
		assert_int_equal(outcome.reason, changed ? DP_REASON_no_route : DP_REASON_forwarded);
	}
	rig_set_generation(0);
}

static size_t table_bytes(enum dp_table table)
{
	return bank_rows(rig_limits(), table) * bank_row_size(table);
}

/* What the other bank holds is of no concern, not even nonsense. */
static void the_idle_bank_is_not_read(void **state)
{
	static const struct frame_spec spec = {.dst = MAC_ROUTER, .ip = {.src = "172.16.0.1", .dst = "10.1.0.1"}};
	struct frame in = frame_build(&spec);

	(void)state;
	for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++)
		memset(bank_table(rig_bank(1), table), 0xa5, table_bytes(table));
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
	uint64_t random = 88172645463325252ULL;

	(void)state;
	rig_set_generation(1);
	for (int round = 0; round < 8; round++) {
		const struct bank *bank = rig_bank(1);
		/* The ports stay, so that packets get in; behind them one table after the other is garbage. */
		enum dp_table first = round < 4 ? DP_TABLE_vrfs : DP_TABLE_next_hops;

		rig_fill(bank);
		for (enum dp_table table = first; table < DP_TABLE_classifiers; table++) {
			uint8_t *start = bank_table(bank, table), *end = start + table_bytes(table);

			for (uint8_t *p = start; p + 8 <= end; p += 8) {
				random ^= random << 13;
				random ^= random >> 7;
				random ^= random << 17;
				memcpy(p, &random, 8);
			}
		}
		for (int i = 0; i < 64; i++)
			rig_run(&in[i & 1]);
	}
	rig_set_generation(0);
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
