/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy and connections: what answers one passes, and what becomes of it when the rules are others. Connections
 * outlast a test, so each has a server of its own. Rule ALLOW lets queries in, rule REST denies all else; what is put
 * in front of them has a lower id.
 */
#include "tests/bpf/router/policy.h"
#include "tests/bpf/router/stacks.h"

#include <string.h>

#define RULES(...)                                                                                                     \
	(const uint32_t[])                                                                                             \
	{                                                                                                              \
		__VA_ARGS__, 0                                                                                         \
	}

enum { ALLOW = 20, REST = 30, CLIENT_PORT = 5555, SERVER_PORT = 53, SYN = 2, RST = 4, ACK = 16 };

static uint32_t epoch;

/* Other rules than before, as far as connections are concerned. */
static void change_rules(void)
{
	policy_set_epoch(rig_policy(0), VRF_TENANT, ++epoch);
}

static void allow(uint8_t flags)
{
	const struct rule_spec rules[] = {
		{ALLOW, DP_POLICY_ALLOW, .flags = flags, .source = "172.16.0.0/12", .port = SERVER_PORT},
		{REST, DP_POLICY_DENY},
	};

	policy_add(VRF_TENANT, &rules[0]);
	policy_add(VRF_TENANT, &rules[1]);
	change_rules();
}

static struct frame query(const char *server)
{
	struct frame_spec spec = {
		TENANT,
		.ip = {.src = HOST4, .dst = server, .src_port = CLIENT_PORT, .dst_port = SERVER_PORT, .payload = 20}};

	return frame_build(&spec);
}

static struct frame answer(const char *server)
{
	struct frame_spec spec = {
		TENANT,
		.ip = {.src = server, .dst = HOST4, .src_port = SERVER_PORT, .dst_port = CLIENT_PORT, .payload = 20}};

	return frame_build(&spec);
}

static void asks(const char *server, enum dp_reason reason, const uint32_t *rules)
{
	struct frame in = query(server);

	policy_meets("query", &in, reason, rules);
}

static void answers(const char *server, enum dp_reason reason, const uint32_t *rules)
{
	struct frame in = answer(server);

	policy_meets("answer", &in, reason, rules);
}

static void what_answers_passes(void **state)
{
	struct frame other = answer("10.1.1.1");

	(void)state;
	allow(DP_POLICY_STATEFUL);
	answers("10.1.1.1", DP_REASON_denied, RULES(REST));
	asks("10.1.1.1", DP_REASON_forwarded, RULES(ALLOW));
	answers("10.1.1.1", DP_REASON_forwarded, RULES(ALLOW));
	asks("10.1.1.1", DP_REASON_forwarded, RULES(ALLOW));
	answers("10.1.1.2", DP_REASON_denied, RULES(REST));
	frame_put16(&other, ETHERNET + 22, CLIENT_PORT + 1);
	policy_meets("of another flow", &other, DP_REASON_denied, RULES(REST));
}

static void without_connections(void **state)
{
	(void)state;
	allow(0);
	asks("10.1.2.1", DP_REASON_forwarded, RULES(ALLOW));
	answers("10.1.2.1", DP_REASON_denied, RULES(REST));
}

/* By IPv6, and the receiver's and the sender's rules besides: one that is stateful is enough. */
static void of_security_groups(void **state)
{
	static const struct rule_spec rules[] = {
		{1, DP_POLICY_ALLOW, DP_POLICY_EGRESS, DP_POLICY_STATEFUL, .source = "2001:db8:abcd::/48"},
		{2, DP_POLICY_ALLOW, DP_POLICY_INGRESS, .destination = "2001:db8:1::/48"},
		{3, DP_POLICY_DENY, DP_POLICY_EGRESS, .source = "2001:db8:1::/48"},
		{4, DP_POLICY_DENY, DP_POLICY_INGRESS, .destination = "2001:db8:abcd::/48"},
	};
	struct frame_spec there = {TENANT, .ip = {.src = HOST6, .dst = "2001:db8:1::31", .src_port = 7, .dst_port = 8}};
	struct frame_spec back = {TENANT, .ip = {.src = "2001:db8:1::31", .dst = HOST6, .src_port = 8, .dst_port = 7}};
	struct frame out = frame_build(&there), in = frame_build(&back);

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		policy_add(VRF_TENANT, &rules[i]);
	change_rules();
	policy_meets("before", &in, DP_REASON_denied, RULES(3, 4));
	policy_meets("there", &out, DP_REASON_forwarded, RULES(1, 2));
	policy_meets("back", &in, DP_REASON_forwarded, RULES(1));
}

static struct frame segment(const char *from, const char *to, uint16_t src_port, uint16_t dst_port, uint8_t flags)
{
	struct frame_spec spec = {
		TENANT, .ip = {.src = from, .dst = to, .protocol = TCP, .src_port = src_port, .dst_port = dst_port}};
	struct frame frame = frame_build(&spec);

	frame.byte[ETHERNET + 33] = flags;
	return frame;
}

/* A segment that neither belongs to a connection nor can begin one is as good as the rules say. */
static void states(void **state)
{
	static const struct rule_spec invalid = {1, DP_POLICY_DENY, .guard = {DP_GUARD_STATE, .states = 1 << 4}};
	static const struct rule_spec established = {2, DP_POLICY_COUNT, .guard = {DP_GUARD_STATE, .states = 1 << 2}};
	static const struct rule_spec begins = {3, DP_POLICY_COUNT, .guard = {DP_GUARD_STATE, .states = 1 << 1}};
	static const char server[] = "10.1.3.1";
	struct frame in = segment(HOST4, server, 700, SERVER_PORT, ACK);

	(void)state;
	allow(DP_POLICY_STATEFUL);
	policy_meets("invalid, but allowed", &in, DP_REASON_forwarded, RULES(ALLOW));
	policy_add(VRF_TENANT, &invalid);
	policy_add(VRF_TENANT, &established);
	policy_add(VRF_TENANT, &begins);
	policy_meets("invalid", &in, DP_REASON_denied, RULES(1));
	in = segment(HOST4, server, 701, SERVER_PORT, SYN);
	policy_meets("new", &in, DP_REASON_forwarded, RULES(ALLOW, 3));
	in = segment(server, HOST4, SERVER_PORT, 701, SYN | ACK);
	in.byte[ETHERNET + 31] = 1; /* it acknowledges the SYN, of sequence number 0x01020304 */
	memcpy(in.byte + ETHERNET + 28, "\1\2\3\5", 4);
	policy_meets("established", &in, DP_REASON_forwarded, RULES(ALLOW, 2));
}

/* An ICMP error about a packet of a connection passes. */
static void related(void **state)
{
	static const char server[] = "10.1.4.1";
	struct frame about = query(server), in;

	(void)state;
	allow(DP_POLICY_STATEFUL);
	in = stack_error(&about, ETHERNET, "10.1.4.9", 3, 100);
	policy_meets("of no connection", &in, DP_REASON_denied, RULES(REST));
	asks(server, DP_REASON_forwarded, RULES(ALLOW));
	policy_meets("of a connection", &in, DP_REASON_forwarded, RULES(ALLOW));
	frame_put16(&about, ETHERNET + 20, CLIENT_PORT + 9);
	in = stack_error(&about, ETHERNET, "10.1.4.9", 3, 100);
	policy_meets("of another flow", &in, DP_REASON_denied, RULES(REST));
}

/* The default: judged again in the initiator's direction, whichever end the next packet comes from. */
static void judged_again(void **state)
{
	static const struct rule_spec deny = {1, DP_POLICY_DENY, .source = "172.16.0.0/12", .port = SERVER_PORT};

	(void)state;
	allow(DP_POLICY_STATEFUL);
	asks("10.1.5.1", DP_REASON_forwarded, RULES(ALLOW));
	asks("10.1.5.2", DP_REASON_forwarded, RULES(ALLOW));
	change_rules();
	answers("10.1.5.1", DP_REASON_forwarded, RULES(ALLOW)); /* the same rules under another epoch */
	answers("10.1.5.1", DP_REASON_forwarded, RULES(ALLOW));
	policy_add(VRF_TENANT, &deny);
	asks("10.1.5.1", DP_REASON_forwarded, RULES(ALLOW)); /* the epoch is what says that rules have changed */
	change_rules();
	answers("10.1.5.1", DP_REASON_connection_reset, RULES(1));
	answers("10.1.5.1", DP_REASON_denied, RULES(REST));
	asks("10.1.5.2", DP_REASON_connection_reset, RULES(1));
	asks("10.1.5.2", DP_REASON_denied, RULES(1));
}

/* The sender may be told. */
static void rejected(void **state)
{
	static const struct rule_spec reject = {1, DP_POLICY_REJECT, .source = "172.16.0.0/12", .port = SERVER_PORT};
	struct frame in = query("10.1.6.1");

	(void)state;
	allow(DP_POLICY_STATEFUL);
	asks("10.1.6.1", DP_REASON_forwarded, RULES(ALLOW));
	policy_add(VRF_TENANT, &reject);
	change_rules();
	assert_int_equal(rig_run_answered(&in).reason, DP_REASON_rejected);
	answers("10.1.6.1", DP_REASON_denied, RULES(REST));
}

static void kept(void **state)
{
	static const struct rule_spec deny = {1, DP_POLICY_DENY};

	(void)state;
	allow(DP_POLICY_STATEFUL | DP_POLICY_KEEP);
	asks("10.1.7.1", DP_REASON_forwarded, RULES(ALLOW));
	policy_add(VRF_TENANT, &deny);
	change_rules();
	answers("10.1.7.1", DP_REASON_forwarded, RULES(ALLOW));
	asks("10.1.7.1", DP_REASON_forwarded, RULES(ALLOW));
	asks("10.1.7.2", DP_REASON_denied, RULES(1));
	policy_drop(VRF_TENANT, ALLOW); /* the last one that is stateful */
	change_rules();
	asks("10.1.7.1", DP_REASON_forwarded, RULES(ALLOW));
	answers("10.1.7.1", DP_REASON_forwarded, RULES(ALLOW));
	answers("10.1.7.2", DP_REASON_denied, RULES(1));
}

/* Another rule lets it in now, and wants it to begin anew. */
static void reset_by_another(void **state)
{
	static const struct rule_spec other = {1, DP_POLICY_ALLOW, .flags = DP_POLICY_STATEFUL | DP_POLICY_RESET,
					       .source = "172.16.0.0/12"};

	(void)state;
	allow(DP_POLICY_STATEFUL | DP_POLICY_RESET);
	asks("10.1.8.1", DP_REASON_forwarded, RULES(ALLOW));
	change_rules();
	asks("10.1.8.1", DP_REASON_forwarded, RULES(ALLOW)); /* the same one */
	policy_add(VRF_TENANT, &other);
	change_rules();
	asks("10.1.8.1", DP_REASON_connection_reset, RULES(1));
	answers("10.1.8.1", DP_REASON_denied, RULES(REST));
	asks("10.1.8.1", DP_REASON_forwarded, RULES(1));
	answers("10.1.8.1", DP_REASON_forwarded, RULES(1));
}

/* A rule that follows no connections lets its packets in, but not what answers them. */
static void followed_no_more(void **state)
{
	(void)state;
	allow(DP_POLICY_STATEFUL);
	asks("10.1.9.1", DP_REASON_forwarded, RULES(ALLOW));
	asks("10.1.9.2", DP_REASON_forwarded, RULES(ALLOW));
	allow(0);
	asks("10.1.9.1", DP_REASON_forwarded, RULES(ALLOW));
	answers("10.1.9.1", DP_REASON_denied, RULES(REST));
	answers("10.1.9.2", DP_REASON_denied, RULES(REST));
}

/* A reply comes by another way than what the rule asks for: that does not end the connection. */
static void by_its_way(void **state)
{
	static const struct rule_spec by_port = {1, DP_POLICY_ALLOW, .flags = DP_POLICY_STATEFUL,
						 .source = "172.16.0.0/12",
						 .guard = {DP_GUARD_INTERFACE, .interface = PORT_TENANT}};
	static const struct rule_spec another = {2, DP_POLICY_ALLOW, .flags = DP_POLICY_STATEFUL,
						 .source = "192.0.2.0/24"};
	static const struct rule_spec rest = {REST, DP_POLICY_DENY};
	struct frame_spec back = {
		TENANT, .vlan = PORT_VLAN(PORT_TENANT_TAGGED),
		.ip = {.src = "10.1.10.1", .dst = HOST4, .src_port = SERVER_PORT, .dst_port = CLIENT_PORT}};
	struct frame in = frame_build(&back);

	(void)state;
	policy_add(VRF_TENANT, &by_port);
	policy_add(VRF_TENANT, &another);
	policy_add(VRF_TENANT, &rest);
	change_rules();
	asks("10.1.10.1", DP_REASON_forwarded, RULES(1));
	change_rules();
	policy_meets("reply by another port", &in, DP_REASON_forwarded, RULES(1));
	asks("10.1.10.1", DP_REASON_forwarded, RULES(1));
	policy_drop(VRF_TENANT, 1);
	change_rules();
	policy_meets("the rule is gone", &in, DP_REASON_connection_reset, RULES(REST));
}

/* Where a packet goes is looked for in its own direction, also when its connection is known. */
static void steered_all_the_same(void **state)
{
	static const struct rule_spec group = {1, DP_POLICY_GROUP, .target = WAY_VLAN, .source = "172.16.0.0/12"};

	(void)state;
	allow(DP_POLICY_STATEFUL);
	policy_add(VRF_TENANT, &group);
	asks("10.1.11.1", DP_REASON_forwarded, RULES(1, ALLOW));
	asks("10.1.11.1", DP_REASON_forwarded, RULES(1, ALLOW));
	answers("10.1.11.1", DP_REASON_forwarded, RULES(ALLOW));
	change_rules();
	asks("10.1.11.1", DP_REASON_forwarded, RULES(1, ALLOW));
}

/* With the router itself nobody has a connection here. */
static void not_with_the_router(void **state)
{
	(void)state;
	allow(DP_POLICY_STATEFUL);
	rig_bank(0)->vrf_answers[VRF_TENANT].kernel = 1;
	asks(OWN4, DP_REASON_local, NULL);
	answers(OWN4, DP_REASON_denied, RULES(REST));
}

#define ANY_LIFE 1 /* no entry's: its state would be 0 */

/* Entries of IPv4 that have one life get another. */
static void change_lives(uint64_t from, uint64_t to)
{
	const struct connection_tables *tables = rig_connections();
	struct dp_connection4 *entry = tables->set4[0].way;

	for (size_t i = 0; i < (size_t)tables->sets4 * DP_CONNECTION_WAYS; i++)
		if (from == ANY_LIFE || entry[i].connection.life == from)
			entry[i].connection.life = to;
}

/* Nobody else's connection has to go for a new one; what becomes of that the profile says. */
static void no_room(void **state)
{
	struct dp_conntrack *how = &rig_bank(0)->conntracks[VRF_TENANT];
	const uint64_t taken = dp_connection_life(conntrack_now(), DP_CONNECTION_ESTABLISHED, 0, UINT32_MAX);

	(void)state;
	change_lives(ANY_LIFE, 0);	      /* what other tests left would have to go, once it is old */
	how->udp = DP_CONNECTION_TICKS(3600); /* an emulated machine takes minutes to fill a large table */
	allow(DP_POLICY_STATEFUL);
	asks("10.1.12.1", DP_REASON_forwarded, RULES(ALLOW));
	answers("10.1.12.1", DP_REASON_forwarded, RULES(ALLOW));
	change_lives(0, taken);
	asks("10.1.12.2", DP_REASON_connection_table_full, RULES(ALLOW));
	answers("10.1.12.1", DP_REASON_forwarded, RULES(ALLOW));
	how->pass_untracked = 1;
	asks("10.1.12.2", DP_REASON_forwarded, RULES(ALLOW));
	answers("10.1.12.2", DP_REASON_denied, RULES(REST));
	how->pass_untracked = 0;
	change_lives(taken, 0);
	asks("10.1.12.2", DP_REASON_forwarded, RULES(ALLOW));
}

int policy_connection_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_answers_passes, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(without_connections, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(of_security_groups, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(states, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(related, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(judged_again, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(rejected, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(kept, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(reset_by_another, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(followed_no_more, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(by_its_way, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(steered_all_the_same, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(not_with_the_router, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(no_room, policy_set_up, policy_tear_down),
	};

	return cmocka_run_group_tests_name("policy and connections", tests, NULL, NULL);
}
