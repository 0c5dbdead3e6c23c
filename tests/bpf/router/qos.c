/* SPDX-License-Identifier: Apache-2.0 */
/* QoS policies: marks byte for byte, and what is charged to which bucket, in the units of api/dp/limiter.h. Rule and
 * policy 1 are about UDP to port 1001, and so on. */
#include "tests/bpf/router/policy.h"

#include <string.h>

#define PORTS(n)      .src_port = 5555, .dst_port = 1000 + (n)
#define PORT(n)	      PORTS(n), .payload = 100
#define FROM(address) .src = address, .dst = "10.1.0.1"
#define DATAGRAM      128 /* bytes of these */
#define HOUR	      (3600000000000ULL << DP_LIMITER_UNIT)
#define COST	      400000000ULL /* units a byte: the test is faster than its packets are worth */
#define DAY	      (24 * HOUR)

enum { MARK = 1, BYTES, PACKETS, COLOURS, BY_SOURCE, BY_INTERFACE, CHAIN, POLICIES };

static struct dp_qos_policy limit(uint32_t id, uint64_t cost, uint64_t burst)
{
	return (struct dp_qos_policy){.rate = {.cost = cost, .burst = burst},
				      .limiter = id,
				      .tag = id,
				      .precise = 1,
				      .dscp = DP_DSCP_KEEP,
				      .excess_dscp = DP_DSCP_KEEP};
}

static int qos_set_up(void **state)
{
	int status = policy_set_up(state);

	for (uint32_t id = 1; id < POLICIES; id++) {
		struct rule_spec rule = {id, DP_POLICY_QOS_TO, .target = id, .protocol = UDP,
					 .port = (uint16_t)(1000 + id)};
		struct dp_qos_policy *policy = &rig_bank(0)->qos_policies[id];

		policy_add(id == CHAIN ? VRF_CHAINED : VRF_TENANT, &rule);
		*policy = limit(id, HOUR << DP_LIMITER_PACKETS, HOUR);
		policy->packets = 1;
		*rig_limiter(id) = (struct dp_limiter){0};
	}
	rig_bank(0)->qos_policies[MARK] = limit(0, 0, 0);
	rig_bank(0)->qos_policies[MARK].dscp = 46;
	rig_bank(0)->qos_policies[BYTES] = limit(BYTES, COST << DP_LIMITER_COST, DAY);
	rig_bank(0)->qos_policies[CHAIN] = limit(CHAIN, COST << DP_LIMITER_COST, DAY);
	rig_empty_limiter_sets();
	return status;
}

static int qos_tear_down(void **state)
{
	memset(rig_bank(0)->qos_policies, 0, POLICIES * sizeof(struct dp_qos_policy));
	rig_bank(0)->next_hops[WAY_PLAIN].egress.tc_only = 0;
	return policy_tear_down(state);
}

static enum dp_reason meets(const struct frame_spec *spec)
{
	struct frame in = frame_build(spec);

	return rig_run(&in).reason;
}

static void must_meet(enum dp_reason reason, const struct frame_spec *spec)
{
	assert_string_equal(reason_names[meets(spec)], reason_names[reason]);
}

/* DSCP 46, ECN as it was; the outer header has the same. */
static void marks(void **state)
{
	static const struct rig_case tests[] = {
		{"IPv4",
		 {TENANT, .ip = {FROM(HOST4), PORT(MARK), .tos = 3}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {FROM(HOST4), PORT(MARK), .tos = 46 << 2 | 3, .ttl = 63}}},
		{"IPv4 with options",
		 {TENANT, .ip = {FROM(HOST4), PORT(MARK), .tos = 10 << 2, .options = 4}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {FROM(HOST4), PORT(MARK), .tos = 46 << 2, .ttl = 63, .options = 4}}},
		{"IPv6",
		 {TENANT, .ip = {.src = HOST6, .dst = "2001:db8:1::1", PORT(MARK), .tos = 2}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {.src = HOST6, .dst = "2001:db8:1::1", PORT(MARK), .tos = 46 << 2 | 2, .ttl = 63}}},
		{"into VXLAN",
		 {TENANT, .ip = {.src = HOST4, .dst = "10.4.0.1", PORT(MARK), .tos = 1}},
		 DP_REASON_encapsulated,
		 {.dst = WAY_MAC(WAY_UNDERLAY),
		  .src = MAC_OUT,
		  .tunnel = VXLAN,
		  .vni = WAY_VNI(WAY_VXLAN4),
		  .inner_dst = WAY_MAC(WAY_VXLAN4),
		  .inner_src = MAC_OUT,
		  .outer = {.src = LOCAL4,
			    .dst = REMOTE4,
			    .dst_port = 4789,
			    .tos = 46 << 2 | 1,
			    .fragment = DONT_FRAGMENT},
		  .ip = {.src = HOST4, .dst = "10.4.0.1", PORT(MARK), .tos = 46 << 2 | 1, .ttl = 63}}},
		{"out of VXLAN",
		 {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP, .ip = {FROM(HOST4), PORT(MARK), .tos = 1}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {FROM(HOST4), PORT(MARK), .tos = 46 << 2 | 1, .ttl = 63}}},
		{"no rule",
		 {TENANT, .ip = {FROM(HOST4), PORT(99), .tos = 3}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {FROM(HOST4), PORT(99), .tos = 3, .ttl = 63}}},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

/* What the packets between the two calls were charged. */
static uint64_t charged(uint32_t id)
{
	static uint64_t before;
	uint64_t now = rig_limiter(id)->time, since = now - before;

	before = now;
	return since;
}

/* Each packet that is sent is charged once, whichever program sends it, and no other is. */
static void charges(void **state)
{
	static const struct frame_spec first = {TENANT, .ip = {FROM(HOST4), PORT(BYTES)}};
	static const struct frame_spec expired = {TENANT, .ip = {FROM(HOST4), PORT(BYTES), .ttl = 1}};
	static const struct frame_spec too_big = {
		TENANT,
		.ip = {.src = HOST4, .dst = "10.12.0.1", PORTS(BYTES), .payload = 700, .fragment = DONT_FRAGMENT}};
	static const struct frame_spec in_two = {
		TENANT, .ip = {.src = HOST4, .dst = "10.12.0.1", PORTS(BYTES), .payload = 700}};

	(void)state;
	must_meet(DP_REASON_forwarded, &first);
	charged(BYTES);
	must_meet(DP_REASON_forwarded, &first);
	assert_int_equal(charged(BYTES), COST * DATAGRAM);
	rig_bank(0)->next_hops[WAY_PLAIN].egress.tc_only = 1;
	must_meet(DP_REASON_forwarded, &first);
	assert_int_equal(charged(BYTES), COST * DATAGRAM);
	rig_bank(0)->vrf_answers[VRF_TENANT].error_interval = 0; /* silently */
	must_meet(DP_REASON_ttl_expired, &expired);
	must_meet(DP_REASON_too_big, &too_big);
	assert_int_equal(charged(BYTES), 0);
	if (rig_context() != RIG_TC)
		return;
	{
		struct frame in = frame_build(&in_two);

		assert_string_equal(reason_names[rig_run_answered(&in).reason], "fragmented");
		assert_int_equal(charged(BYTES), COST * (20 + 8 + 700));
		rig_limiter(BYTES)->time += DAY;
		assert_string_equal(reason_names[rig_run(&in).reason], "rate_limited");
	}
}

/* Of what the kernel cuts later, all that it will send. */
static void segments(void **state)
{
	static const struct frame_spec spec = {TENANT, .ip = {FROM(HOST4), PORTS(BYTES), .payload = 1000}};
	struct frame in = frame_build(&spec);

	(void)state;
	if (rig_context() != RIG_TC)
		return;
	rig_run_segmented(&in, 300);
	charged(BYTES);
	rig_run_segmented(&in, 300);
	assert_int_equal(charged(BYTES), COST * (1000 + 4 * 28));
	rig_bank(0)->qos_policies[BYTES].packets = 1;
	rig_run_segmented(&in, 300);
	assert_int_equal(charged(BYTES), (COST << DP_LIMITER_COST >> DP_LIMITER_PACKETS) * 4);
}

/* One an hour: the clock of the test is the bucket, which is set back. */
static void rate(void **state)
{
	static const struct frame_spec spec = {TENANT, .ip = {FROM(HOST4), PORT(PACKETS)}};
	uint64_t dropped = rig_counter(DP_COUNTER_LIMITERS + PACKETS).packets;

	(void)state;
	must_meet(DP_REASON_forwarded, &spec);
	must_meet(DP_REASON_rate_limited, &spec);
	rig_limiter(PACKETS)->time -= HOUR / 2;
	must_meet(DP_REASON_rate_limited, &spec);
	rig_limiter(PACKETS)->time -= HOUR / 2;
	must_meet(DP_REASON_forwarded, &spec);
	/* Two at once from the next packet on, and the bucket is as full as it was. */
	rig_bank(0)->qos_policies[PACKETS].rate.burst *= 2;
	must_meet(DP_REASON_forwarded, &spec);
	must_meet(DP_REASON_rate_limited, &spec);
	assert_int_equal(rig_counter(DP_COUNTER_LIMITERS + PACKETS).packets - dropped, 3);
	/* By the clock of ticks, too. */
	rig_bank(0)->qos_policies[PACKETS].precise = 0;
	must_meet(DP_REASON_rate_limited, &spec);
	rig_limiter(PACKETS)->time -= HOUR;
	must_meet(DP_REASON_forwarded, &spec);
	must_meet(DP_REASON_rate_limited, &spec);
}

static void colours(void **state)
{
#define COLOUR(name, reason, mark)                                                                                     \
	{                                                                                                              \
		name, {TENANT, .ip = {FROM(HOST4), PORT(COLOURS), .tos = 1}}, reason,                                  \
		{                                                                                                      \
			SENT, .ip = { FROM(HOST4), PORT(COLOURS), .tos = mark, .ttl = 63 }                             \
		}                                                                                                      \
	}
	static const struct rig_case tests[] = {
		COLOUR("green", DP_REASON_forwarded, 10 << 2 | 1),
		COLOUR("yellow", DP_REASON_forwarded, 12 << 2 | 1),
		COLOUR("red", DP_REASON_rate_limited, 0),
	};
	struct dp_qos_policy *policy = &rig_bank(0)->qos_policies[COLOURS];

	(void)state;
	policy->excess = policy->rate;
	policy->dscp = 10;
	policy->excess_dscp = 12;
	RIG_CHECK_ALL(tests);
}

static void by_source(void **state)
{
	static const struct {
		const char *src, *dst;
		enum dp_reason reason;
	} tests[] = {
		{"172.16.0.1", "10.1.0.1", DP_REASON_forwarded},
		{"172.16.0.200", "10.2.0.1", DP_REASON_rate_limited}, /* of the same /24 */
		{"172.16.1.1", "10.1.0.1", DP_REASON_forwarded},
		{"172.16.1.2", "10.1.0.1", DP_REASON_rate_limited},
		{"2001:db8:abcd::1", "2001:db8:1::1", DP_REASON_forwarded},
		{"2001:db8:abcd:ff::1", "2001:db8:1::1", DP_REASON_rate_limited}, /* of the same /56 */
		{"2001:db8:abcd:100::1", "2001:db8:1::1", DP_REASON_forwarded},
	};

	(void)state;
	rig_bank(0)->qos_policies[BY_SOURCE].scope = DP_LIMITER_SOURCE;
	rig_bank(0)->qos_policies[BY_SOURCE].source_length4 = 24;
	rig_bank(0)->qos_policies[BY_SOURCE].source_length6 = 56;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		struct frame_spec spec = {TENANT, .ip = {.src = tests[i].src, .dst = tests[i].dst, PORT(BY_SOURCE)}};

		must_meet(tests[i].reason, &spec);
	}
	assert_int_equal(rig_limiter(BY_SOURCE)->time, 0);
}

static void by_interface(void **state)
{
	static const struct frame_spec one = {TENANT, .ip = {FROM(HOST4), PORT(BY_INTERFACE)}};
	static const struct frame_spec other = {TENANT, .vlan = PORT_VLAN(PORT_TENANT_TAGGED),
						.ip = {FROM(HOST4), PORT(BY_INTERFACE)}};

	(void)state;
	rig_bank(0)->qos_policies[BY_INTERFACE].scope = DP_LIMITER_INTERFACE;
	must_meet(DP_REASON_forwarded, &one);
	must_meet(DP_REASON_rate_limited, &one);
	must_meet(DP_REASON_forwarded, &other);
	must_meet(DP_REASON_rate_limited, &other);
}

/* A packet for a chain pays when it enters it, and not when it comes back. */
static void into_a_chain(void **state)
{
	static const struct rule_spec steer = {POLICIES, DP_POLICY_STAGE, .target = STAGE_FIRST, .protocol = UDP,
					       .port = 1000 + CHAIN};
	static const struct frame_spec in = {CHAINED, .ip = {FROM(HOST4), PORT(CHAIN)}};
	static const struct frame_spec between = {TO_ROUTER, .vlan = PORT_VLAN(PORT_BACK_FIRST),
						  .ip = {FROM(HOST4), PORT(CHAIN)}};
	static const struct frame_spec back = {TO_ROUTER, .vlan = PORT_VLAN(PORT_BACK_SECOND),
					       .ip = {FROM(HOST4), PORT(CHAIN)}};

	(void)state;
	policy_add(VRF_CHAINED, &steer);
	must_meet(DP_REASON_steered, &in);
	charged(CHAIN);
	must_meet(DP_REASON_steered, &in);
	assert_int_equal(charged(CHAIN), COST * DATAGRAM);
	must_meet(DP_REASON_steered, &between);
	must_meet(DP_REASON_forwarded, &back);
	assert_int_equal(charged(CHAIN), 0);
	rig_limiter(CHAIN)->time += DAY;
	must_meet(DP_REASON_rate_limited, &in);
	must_meet(DP_REASON_forwarded, &back);
}

int qos_tests(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, qos_set_up, qos_tear_down)
	static const struct CMUnitTest tests[] = {CASE(marks),	      CASE(charges),	 CASE(segments),
						  CASE(rate),	      CASE(colours),	 CASE(by_source),
						  CASE(by_interface), CASE(into_a_chain)};

	return cmocka_run_group_tests_name("qos", tests, NULL, NULL);
}
