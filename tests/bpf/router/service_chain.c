/* SPDX-License-Identifier: Apache-2.0 */
/* Services, chains and policy: these see client and VIP, whichever way a packet goes; and a rule may say the pool. */
#include "tests/bpf/router/service.h"

#define CLIENT	"172.16.41.1"
#define MEMBER4 "10.1.0.10"
#define BACK	TO_ROUTER, .vlan = PORT_VLAN(PORT_BACK_SECOND)
#define STAGE	.dst = STAGE_MAC(4, 0), .src = MAC_OUT

/* A translated service of VRF_CHAINED, and rules that lead both directions of it into a chain. */
static void chained(void)
{
	static const struct rule_spec rules[] = {
		{1, DP_POLICY_STAGE, .target = STAGE_NARROW, .destination = VIP4 "/32", .protocol = UDP, .port = 53},
		{2, DP_POLICY_STAGE, .target = STAGE_NARROW, .source = VIP4 "/32", .protocol = UDP},
	};
	static const struct service_spec spec = {BALANCER4, UDP, 53, .members = {{MEMBER4, 5353}}};
	struct dp_answerer answerer = {.address = rig_address(MEMBER4), .vrf = VRF_CHAINED, .members = 1};

	service_add(&spec);
	rig_bank(0)->load_balancers[BALANCER4].vrf = VRF_CHAINED;
	assert_int_equal(
		rig_add_route(rig_bank(0), VRF_CHAINED, VIP4 "/32", (struct dp_fib_leaf){DP_GROUP_VIP, BALANCER4}), 0);
	rig_put(rig_bank(0), DP_TABLE_answerers, &answerer, 3);
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		policy_add(VRF_CHAINED, &rules[i]);
	rig_use_feature(rig_bank(0), VRF_CHAINED, DP_FEATURE_SERVICE | DP_FEATURE_POLICY);
}

/* Into the chain with the VIP, balanced when it comes back; the answer the same way, with the VIP for its source. */
static void through_a_chain(void **state)
{
	static const struct rig_case tests[] = {
		{"a request enters the chain",
		 {CHAINED, .ip = {.src = CLIENT, .dst = VIP4, .src_port = 5555, .dst_port = 53, .payload = 20}},
		 DP_REASON_steered,
		 {STAGE, .ip = {.src = CLIENT, .dst = VIP4, .src_port = 5555, .dst_port = 53, .payload = 20}},
		 service_fix,
		 service_fix},
		{"and is balanced behind it",
		 {BACK, .ip = {.src = CLIENT, .dst = VIP4, .src_port = 5555, .dst_port = 53, .payload = 20}},
		 DP_REASON_forwarded,
		 {SENT,
		  .ip = {.src = CLIENT, .dst = MEMBER4, .src_port = 5555, .dst_port = 5353, .payload = 20, .ttl = 63}},
		 service_fix,
		 service_fix},
		{"the answer enters the chain as the VIP's",
		 {CHAINED, .ip = {.src = MEMBER4, .dst = CLIENT, .src_port = 5353, .dst_port = 5555, .payload = 20}},
		 DP_REASON_steered,
		 {STAGE, .ip = {.src = VIP4, .dst = CLIENT, .src_port = 53, .dst_port = 5555, .payload = 20}},
		 service_fix,
		 service_fix},
		{"and stays that behind it",
		 {BACK, .ip = {.src = VIP4, .dst = CLIENT, .src_port = 53, .dst_port = 5555, .payload = 20}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {.src = VIP4, .dst = CLIENT, .src_port = 53, .dst_port = 5555, .payload = 20, .ttl = 63}},
		 service_fix,
		 service_fix},
	};

	(void)state;
	chained();
	RIG_CHECK_ALL(tests);
}

/* A rule's share of new flows goes to its pool; who has a flow already keeps its member. */
static void pool_by_rule(void **state)
{
	static const struct service_spec spec = {BALANCER4, UDP, 80, .flags = DP_POOL_DIRECT,
						 .members = {{"10.1.0.10", 0, WAY_PLAIN}}};
	static const struct service_spec canary = {BALANCER4, UDP, 81, .flags = DP_POOL_DIRECT,
						   .members = {{"10.1.0.20", 0, WAY_JUMBO}}};
	uint32_t other;
	struct rule_spec rule = {1, DP_POLICY_POOL, .source = "172.16.42.0/24", .destination = VIP4 "/32"};
	struct frame known = service_datagram("172.16.42.9", 999, 80), in;
	int canaries = 0;

	(void)state;
	service_add(&spec);
	other = service_add(&canary);
	assert_int_equal(service_lands(&known), 0);
	rule.target = 100U << 16 | other;
	policy_add(VRF_TENANT, &rule);
	rig_use_feature(rig_bank(0), VRF_TENANT, DP_FEATURE_POLICY);
	for (int i = 0; i < 1000; i++) {
		in = service_datagram("172.16.42.1", (uint16_t)(1000 + i), 80);
		canaries += service_lands(&in) == 2;
		if (i < 100) {
			in = service_datagram("172.16.43.1", (uint16_t)(1000 + i), 80); /* no flow of the rule */
			assert_int_equal(service_lands(&in), 0);
		}
	}
	assert_in_range(canaries, 70, 130);
	assert_int_equal(service_lands(&known), 0);
	assert_true(policy_counted(1) >= 1000);
}

/* A rule that denies the VIP meets requests, and one that denies its answers these. */
static void policy_sees_the_vip(void **state)
{
	static const struct rule_spec rule = {1, DP_POLICY_DENY, .source = VIP4 "/32"};
	static const struct service_spec spec = {BALANCER4, UDP, 80, .members = {{MEMBER4, 8080}}};
	struct frame_spec answer = {
		TO_ROUTER,
		.ip = {.src = MEMBER4, .dst = "172.16.44.1", .src_port = 8080, .dst_port = 1000, .payload = 20}};
	struct dp_answerer answerer = {.address = rig_address(MEMBER4), .vrf = VRF_TENANT, .members = 1};
	struct frame request = service_datagram("172.16.44.1", 1000, 80), in = frame_build(&answer);

	(void)state;
	service_fix(&in, &answer);
	service_add(&spec);
	rig_put(rig_bank(0), DP_TABLE_answerers, &answerer, 3);
	rig_use_feature(rig_bank(0), VRF_TENANT, DP_FEATURE_SERVICE | DP_FEATURE_POLICY);
	policy_add(VRF_TENANT, &rule);
	assert_int_equal(service_lands(&request), 0);
	assert_int_equal(rig_run(&in).reason, DP_REASON_denied);
}

int service_chain_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(through_a_chain, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(pool_by_rule, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(policy_sees_the_vip, service_set_up, service_tear_down),
	};

	return cmocka_run_group_tests_name("services, chains and policy", tests, NULL, NULL);
}
