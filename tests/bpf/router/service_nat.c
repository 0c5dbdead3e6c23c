/* SPDX-License-Identifier: Apache-2.0 */
/* What members answer that have the VIP put into it, and what is said about flows to them; byte for byte. */
#include "tests/bpf/router/service.h"

#include <arpa/inet.h>
#include <string.h>

#define MEMBER4 "10.1.0.10"
#define MEMBER6 "2001:db8:1::10"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static void add_answerer(const char *address)
{
	struct dp_answerer entry = {.address = rig_address(address), .vrf = VRF_TENANT, .members = 1};

	rig_put(rig_bank(0), DP_TABLE_answerers, &entry, 3);
	rig_use_feature(rig_bank(0), VRF_TENANT, DP_FEATURE_SERVICE);
}

static uint32_t add(uint32_t balancer, uint8_t protocol, uint16_t port, uint16_t member_port)
{
	struct service_spec spec = {balancer, protocol, port};

	spec.members[0] = (struct member_spec){balancer == BALANCER6 ? MEMBER6 : MEMBER4, member_port, 0};
	return service_add(&spec);
}

static struct frame datagram(const char *from, uint16_t from_port, const char *to, uint16_t to_port, uint8_t protocol,
			     uint8_t ttl)
{
	struct frame_spec spec = {TO_ROUTER, .ip = {.src = from,
						    .dst = to,
						    .src_port = from_port,
						    .dst_port = to_port,
						    .payload = 33,
						    .protocol = protocol,
						    .ttl = ttl}};
	struct frame frame;

	if (ttl) {
		spec.dst = WAY_MAC(WAY_PLAIN);
		spec.src = MAC_OUT;
	}
	frame = frame_build(&spec);
	service_fix(&frame, &spec);
	return frame;
}

static void goes(const char *name, const struct frame *in, const struct frame *want)
{
	struct outcome outcome = rig_run(in);

	if (outcome.reason != DP_REASON_forwarded)
		fail_msg("%s: %s", name, reason_names[outcome.reason]);
	answer_same(name, &outcome.frame, want);
}

/* There and back: the client sees the VIP, the member itself. */
static void there_and_back(const char *client, const char *vip, const char *member, uint8_t protocol)
{
	struct frame in = datagram(client, 5555, vip, 80, protocol, 0),
		     want = datagram(client, 5555, member, 8080, protocol, 63);

	goes("there", &in, &want);
	in = datagram(member, 8080, client, 5555, protocol, 0);
	want = datagram(vip, 80, client, 5555, protocol, 63);
	goes("back", &in, &want);
	in = datagram(member, 8081, client, 5555, protocol, 0);
	want = datagram(member, 8081, client, 5555, protocol, 63);
	goes("of another port", &in, &want);
	in = datagram(member, 8080, client, 5556, protocol, 0);
	want = datagram(member, 8080, client, 5556, protocol, 63);
	goes("to another client", &in, &want);
}

static void answers(void **state)
{
	(void)state;
	add_answerer(MEMBER4);
	add_answerer(MEMBER6);
	add(BALANCER4, UDP, 80, 8080);
	add(BALANCER4, TCP, 80, 8080);
	add(BALANCER6, UDP, 80, 8080);
	add(BALANCER6, TCP, 80, 8080);
	there_and_back("172.16.21.1", VIP4, MEMBER4, UDP);
	there_and_back("172.16.21.1", VIP4, MEMBER4, TCP);
	there_and_back("2001:db8:abcd::21", VIP6, MEMBER6, UDP);
	there_and_back("2001:db8:abcd::21", VIP6, MEMBER6, TCP);
}

static uint32_t state_of(enum dp_connection_kind kind, const char *client, uint16_t port)
{
	bool service = kind == DP_CONNECTION_SERVICE;

	return dp_connection_state(
		service_entry(kind, TCP, client, port, service ? VIP4 : MEMBER4, service ? 80 : 8080));
}

static struct frame segment(bool reply, uint16_t port, uint8_t flags)
{
	struct frame frame = reply ? datagram(MEMBER4, 8080, "172.16.22.1", port, TCP, 0)
				   : datagram("172.16.22.1", port, VIP4, 80, TCP, 0);

	frame.byte[ETHERNET + 33] = flags;
	return frame;
}

/* Both sides are seen: both entries follow. */
static void tcp_states(void **state)
{
	static const struct {
		bool reply;
		uint8_t flags;
		uint32_t state, connections;
	} steps[] = {
		{false, SYN, DP_CONNECTION_SYN_SENT, 1},	  {false, ACK, DP_CONNECTION_SYN_SENT, 1},
		{true, SYN | ACK, DP_CONNECTION_SYN_RECEIVED, 1}, {false, ACK, DP_CONNECTION_ESTABLISHED, 1},
		{true, ACK, DP_CONNECTION_ESTABLISHED, 1},	  {true, FIN | ACK, DP_CONNECTION_FIN_BY_RESPONDER, 1},
		{false, FIN | ACK, DP_CONNECTION_TIME_WAIT, 0},	  {true, ACK, DP_CONNECTION_TIME_WAIT, 0},
		{false, SYN, DP_CONNECTION_SYN_SENT, 1},	  {true, RST | ACK, DP_CONNECTION_CLOSED, 0},
	};
	uint32_t pool = add(BALANCER4, TCP, 80, 8080);
	const struct dp_member_load *load = rig_member_load(service_member(pool, 0));
	uint64_t before = load->connections;

	(void)state;
	add_answerer(MEMBER4);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct frame in = segment(steps[i].reply, 1000, steps[i].flags);

		assert_int_equal(rig_run(&in).reason, DP_REASON_forwarded);
		assert_int_equal(state_of(DP_CONNECTION_SERVICE, "172.16.22.1", 1000), steps[i].state);
		assert_int_equal(state_of(DP_CONNECTION_ANSWER, "172.16.22.1", 1000), steps[i].state);
		assert_int_equal(load->connections - before, steps[i].connections);
	}
}

/* One client's port reaches a member's by one VIP at a time: else nobody could tell the answers apart. */
static void clash(void **state)
{
	uint32_t first = add(BALANCER4, UDP, 80, 8080);
	struct frame in = datagram("172.16.23.1", 1000, VIP4, 80, UDP, 0);
	struct frame other = datagram("172.16.23.1", 1000, VIP4, 81, UDP, 0);

	(void)state;
	add(BALANCER4, UDP, 81, 8080);
	assert_int_equal(rig_run(&in).reason, DP_REASON_forwarded);
	assert_int_equal(rig_run(&other).reason, DP_REASON_service_clash);
	assert_int_equal(rig_run(&in).reason, DP_REASON_forwarded);
	rig_bank(0)->listeners[first].incarnation++; /* it is another one now */
	assert_int_equal(rig_run(&other).reason, DP_REASON_forwarded);
}

/* An ICMP error about `quoted`, which is put in without its Ethernet header. */
static struct frame error_about(const char *from, const char *to, const struct frame *quoted, uint8_t ttl)
{
	bool ipv6 = strchr(from, ':');
	struct frame_spec spec = {TO_ROUTER, .ip = {.src = from,
						    .dst = to,
						    .protocol = ipv6 ? ICMPV6 : ICMP,
						    .icmp_type = ipv6 ? 2 : 3,
						    .payload = quoted->length - ETHERNET,
						    .ttl = ttl}};
	size_t icmp = ETHERNET + (ipv6 ? 40 : 20);
	struct frame frame;

	if (ttl) {
		spec.dst = WAY_MAC(WAY_PLAIN);
		spec.src = MAC_OUT;
	}
	frame = frame_build(&spec);
	if (!ipv6)
		frame.byte[icmp + 1] = 4;
	memcpy(frame.byte + icmp + 8, quoted->byte + ETHERNET, quoted->length - ETHERNET);
	service_fix(&frame, &spec);
	return frame;
}

/* About what went to the client, for the member; and about what went to the member, for the client. */
static void errors_both_ways(const char *client, const char *vip, const char *member, uint8_t protocol)
{
	struct frame sent = datagram(client, 5555, vip, 80, protocol, 0), quoted, in, want;

	assert_int_equal(rig_run(&sent).reason, DP_REASON_forwarded);
	quoted = datagram(vip, 80, client, 5555, protocol, 0);
	in = error_about(client, vip, &quoted, 0);
	quoted = datagram(member, 8080, client, 5555, protocol, 0);
	want = error_about(client, member, &quoted, 63);
	goes("to the member", &in, &want);
	quoted = datagram(client, 5555, member, 8080, protocol, 0);
	in = error_about(member, client, &quoted, 0);
	quoted = datagram(client, 5555, vip, 80, protocol, 0);
	want = error_about(vip, client, &quoted, 63);
	goes("to the client", &in, &want);
	quoted = datagram(client, 5555, member, 8081, protocol, 0);
	in = error_about(member, client, &quoted, 0);
	want = error_about(member, client, &quoted, 63);
	goes("about another flow", &in, &want);
}

static void errors(void **state)
{
	(void)state;
	add_answerer(MEMBER4);
	add_answerer(MEMBER6);
	add(BALANCER4, UDP, 80, 8080);
	add(BALANCER4, TCP, 80, 8080);
	add(BALANCER6, UDP, 80, 8080);
	add(BALANCER6, TCP, 80, 8080);
	errors_both_ways("172.16.24.1", VIP4, MEMBER4, UDP);
	errors_both_ways("172.16.24.1", VIP4, MEMBER4, TCP);
	errors_both_ways("2001:db8:abcd::24", VIP6, MEMBER6, UDP);
	errors_both_ways("2001:db8:abcd::24", VIP6, MEMBER6, TCP);
}

/* A direct member gets the error as it is (RFC 7690). */
static void errors_direct(void **state)
{
	static const struct service_spec spec = {BALANCER4, UDP, 80, .flags = DP_POOL_DIRECT,
						 .members = {{"10.1.0.10", 0, WAY_PLAIN}, {"10.1.0.11", 0, WAY_PLAIN}}};
	struct frame sent = datagram("172.16.25.1", 5555, VIP4, 80, UDP, 0), quoted, in, want;

	(void)state;
	service_add(&spec);
	assert_int_equal(rig_run(&sent).reason, DP_REASON_forwarded);
	quoted = datagram(VIP4, 80, "172.16.25.1", 5555, UDP, 0);
	in = error_about("172.16.25.1", VIP4, &quoted, 0);
	want = error_about("172.16.25.1", VIP4, &quoted, 63);
	goes("to the member", &in, &want);
}

/* Answers in fragments: the first says the port, the later ones have the VIP, too. */
static void answers_in_fragments(void **state)
{
	struct frame sent = datagram("172.16.26.1", 5555, VIP4, 80, UDP, 0);
	struct frame_spec first = {TO_ROUTER, .ip = {.src = MEMBER4,
						     .dst = "172.16.26.1",
						     .src_port = 8080,
						     .dst_port = 5555,
						     .fragment = MORE_FRAGMENTS,
						     .id = 9,
						     .payload = 24}};
	struct frame_spec later = {TO_ROUTER,
				   .ip = {.src = MEMBER4, .dst = "172.16.26.1", .fragment = 4, .id = 9, .payload = 24}};
	struct rig_case second = {"the second", later, DP_REASON_forwarded, {SENT, .ip = later.ip}};
	struct frame in = frame_build(&first), want;

	(void)state;
	add_answerer(MEMBER4);
	add(BALANCER4, UDP, 80, 8080);
	assert_int_equal(rig_run(&sent).reason, DP_REASON_forwarded);
	service_fix(&in, &first);
	first.dst = WAY_MAC(WAY_PLAIN);
	first.src = MAC_OUT;
	first.ip.src = VIP4;
	first.ip.src_port = 80;
	first.ip.ttl = 63;
	want = frame_build(&first);
	service_fix(&want, &first);
	goes("the first", &in, &want);
	second.out.ip.src = VIP4;
	second.out.ip.ttl = 63;
	rig_check(&second);
}

/* An answer that is too large for its way: who is told is the member, about what it sent. */
static void answer_too_large(void **state)
{
	struct frame sent = datagram("172.16.27.1", 5555, VIP4, 80, UDP, 0);
	struct frame_spec spec = {TO_ROUTER, .ip = {.src = MEMBER4,
						    .dst = "172.16.27.1",
						    .src_port = 8080,
						    .dst_port = 5555,
						    .payload = 1400,
						    .fragment = DONT_FRAGMENT}};
	struct frame in = frame_build(&spec);
	struct outcome outcome;

	(void)state;
	add_answerer(MEMBER4);
	add(BALANCER4, UDP, 80, 8080);
	assert_int_equal(rig_run(&sent).reason, DP_REASON_forwarded);
	service_fix(&in, &spec);
	rig_bank(0)->next_hops[WAY_PLAIN].egress.mtu = 600;
	outcome = rig_run_answered(&in);
	assert_int_equal(outcome.reason, DP_REASON_too_big);
	assert_memory_equal(outcome.frame.byte + ETHERNET + 16, rig_address(MEMBER4).byte + 12, 4);
	assert_memory_equal(outcome.frame.byte + ETHERNET + 28, in.byte + ETHERNET, 500);
}

/* What is cut into fragments on its way to the client has the VIP in all of them. */
static void answer_is_fragmented(void **state)
{
	struct frame sent = datagram("172.16.28.1", 5555, VIP4, 80, UDP, 0);
	struct frame_spec spec = {
		TO_ROUTER,
		.ip = {.src = MEMBER4, .dst = "172.16.28.1", .src_port = 8080, .dst_port = 5555, .payload = 900}};
	struct frame in = frame_build(&spec);
	struct outcome outcome;

	(void)state;
	add_answerer(MEMBER4);
	add(BALANCER4, UDP, 80, 8080);
	assert_int_equal(rig_run(&sent).reason, DP_REASON_forwarded);
	service_fix(&in, &spec);
	rig_bank(0)->next_hops[WAY_PLAIN].egress.mtu = 600;
	outcome = rig_run(&in);
	assert_int_equal(outcome.reason, DP_REASON_fragmented);
	assert_memory_equal(outcome.frame.byte + ETHERNET + 12, rig_address(VIP4).byte + 12, 4);
}

/* Who has no room for an answer's entry drops the packet; a flow's own entry is not as dear. */
static void full_table(void **state)
{
	const struct connection_tables *tables = rig_connections();
	size_t size = tables->sets4 * sizeof(*tables->set4);
	static const struct service_spec direct = {BALANCER4, UDP, 81, .flags = DP_POOL_DIRECT,
						   .members = {{"10.1.0.10", 0, WAY_PLAIN}}};
	struct frame in = datagram("172.16.29.1", 5555, VIP4, 80, UDP, 0),
		     other = datagram("172.16.29.1", 5555, VIP4, 81, UDP, 0);

	(void)state;
	add(BALANCER4, UDP, 80, 8080);
	service_add(&direct);
	for (uint32_t i = 0; i < tables->sets4; i++)
		for (int way = 0; way < DP_CONNECTION_WAYS; way++)
			tables->set4[i].way[way].connection =
				(struct dp_connection){.life = dp_connection_life(0, DP_CONNECTION_ESTABLISHED, 0, 1)};
	assert_int_equal(rig_run(&in).reason, DP_REASON_connection_table_full);
	assert_int_equal(rig_run(&other).reason, DP_REASON_connection_table_full);
	rig_bank(0)->conntracks[VRF_TENANT].pass_untracked = 1;
	assert_int_equal(rig_run(&in).reason, DP_REASON_connection_table_full);
	assert_int_equal(rig_run(&other).reason, DP_REASON_forwarded);
	memset(tables->set4, 0, size);
}

int service_nat_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(tcp_states, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(clash, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(errors, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(errors_direct, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(answers_in_fragments, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(answer_too_large, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(answer_is_fragmented, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(full_table, service_set_up, service_tear_down),
	};

	return cmocka_run_group_tests_name("services with translation", tests, NULL, NULL);
}
