/* SPDX-License-Identifier: Apache-2.0 */
/* Flows of services: they stay where they are, whatever becomes of the pool's table, unless their member says else.
 * Connections outlast a test, so each has clients of its own. */
#include "tests/bpf/router/service.h"

#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, FLOWS = 64 };

static const uint16_t first_only[] = {16, 0, 0, 0}, second_only[] = {0, 16, 0, 0}, none[] = {0, 0, 0, 0};

static uint32_t add(uint8_t protocol, uint8_t flags, uint8_t on_down)
{
	static const uint8_t groups[] = SERVICE_GROUPS;
	struct service_spec spec = {BALANCER4, protocol, 80, .flags = flags, .on_down = on_down};

	spec.members[0] = (struct member_spec){"10.1.0.10", 0, groups[0]};
	spec.members[1] = (struct member_spec){"10.1.0.11", 0, groups[1]};
	return service_add(&spec);
}

static void a_flow_stays(void **state)
{
	uint32_t pool = add(UDP, DP_POOL_DIRECT, 0);
	int before[FLOWS], moved = 0, used[2] = {0};
	struct frame in;

	(void)state;
	for (int i = 0; i < FLOWS; i++) {
		in = service_datagram("172.16.1.1", 1000 + i, 80);
		before[i] = service_lands(&in);
		used[before[i]]++;
	}
	assert_true(used[0] > FLOWS / 4 && used[1] > FLOWS / 4);
	service_table(pool, second_only);
	for (int i = 0; i < FLOWS; i++) {
		in = service_datagram("172.16.1.1", 1000 + i, 80);
		assert_int_equal(service_lands(&in), before[i]);
		in = service_datagram("172.16.1.2", 1000 + i, 80);
		moved += service_lands(&in);
	}
	assert_int_equal(moved, FLOWS);
	assert_true(rig_member_load(service_member(pool, 0))->opened >= (uint64_t)used[0]);
}

static void no_flow_is_remembered(void **state)
{
	uint32_t pool = add(UDP, DP_POOL_DIRECT | DP_POOL_STATELESS, 0);
	struct frame in = service_datagram("172.16.2.1", 1000, 80);

	(void)state;
	service_table(pool, first_only);
	assert_int_equal(service_lands(&in), 0);
	service_table(pool, second_only);
	assert_int_equal(service_lands(&in), 1);
	assert_int_equal(service_entry(DP_CONNECTION_SERVICE, UDP, "172.16.2.1", 1000, VIP4, 80), 0);
}

/* A drained member keeps its flows and gets no others. */
static void drained(void **state)
{
	uint32_t pool = add(TCP, DP_POOL_DIRECT, 0);
	struct frame syn = service_segment("172.16.3.1", 1000, 80, SYN),
		     ack = service_segment("172.16.3.1", 1000, 80, ACK);

	(void)state;
	service_table(pool, first_only);
	assert_int_equal(service_lands(&syn), 0);
	service_row(pool, 0)->state = DP_MEMBER_DRAINING;
	service_table(pool, second_only);
	assert_int_equal(service_lands(&ack), 0);
	syn = service_segment("172.16.3.2", 1000, 80, SYN);
	assert_int_equal(service_lands(&syn), 1);
}

/* What becomes of the flows of a member that is down, or another than it was. */
static void down(void **state)
{
	static const uint8_t how[] = {DP_ON_DOWN_REHASH, DP_ON_DOWN_KEEP, DP_ON_DOWN_RESET};
	char client[] = "172.16.4.1";

	(void)state;
	for (int i = 0; i < 3; i++, client[9]++) {
		uint32_t pool;
		struct frame syn, ack;

		service_tear_down(NULL);
		service_set_up(NULL);
		pool = add(TCP, DP_POOL_DIRECT, how[i]);
		syn = service_segment(client, 1000, 80, SYN);
		ack = service_segment(client, 1000, 80, ACK);
		service_table(pool, first_only);
		assert_int_equal(service_lands(&syn), 0);
		assert_int_equal(service_lands(&ack), 0);
		service_row(pool, 0)->state = DP_MEMBER_DOWN;
		service_table(pool, second_only);
		if (how[i] != DP_ON_DOWN_RESET)
			assert_int_equal(service_lands(&ack), how[i] == DP_ON_DOWN_REHASH);
		else
			assert_int_equal(rig_run_answered(&ack).reason, DP_REASON_member_down);
		syn = service_segment(client, 1001, 80, SYN);
		assert_int_equal(service_lands(&syn), 1);
		service_row(pool, 0)->state = DP_MEMBER_ACTIVE;
		service_row(pool, 0)->incarnation++;
		if (how[i] == DP_ON_DOWN_RESET) /* it has ended, and begins anew */
			syn = service_segment(client, 1000, 80, SYN);
		else
			syn = ack;
		assert_int_equal(service_lands(&syn), 1);
	}
}

static uint32_t state_of(const char *client)
{
	return dp_connection_state(service_entry(DP_CONNECTION_SERVICE, TCP, client, 1000, VIP4, 80));
}

/* Only the client's side is seen. */
static void tcp_states(void **state)
{
	static const struct {
		uint8_t flags;
		uint32_t state, connections;
	} steps[] = {
		{SYN, DP_CONNECTION_SYN_SENT, 1},
		{SYN, DP_CONNECTION_SYN_SENT, 1},
		{ACK, DP_CONNECTION_ESTABLISHED, 1},
		{ACK, DP_CONNECTION_ESTABLISHED, 1},
		{RST, DP_CONNECTION_CLOSED, 0},
		{ACK, DP_CONNECTION_ESTABLISHED, 1},
		{FIN | ACK, DP_CONNECTION_FIN_BY_INITIATOR, 1},
		{ACK, DP_CONNECTION_FIN_BY_INITIATOR, 1},
		{RST, DP_CONNECTION_CLOSED, 0},
		{SYN, DP_CONNECTION_SYN_SENT, 1},
	};
	uint32_t pool = add(TCP, DP_POOL_DIRECT, 0);
	const struct dp_member_load *load = rig_member_load(service_member(pool, 0));
	uint64_t before = load->connections, opened = load->opened;

	(void)state;
	service_table(pool, first_only);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct frame in = service_segment("172.16.5.1", 1000, 80, steps[i].flags);

		assert_int_equal(service_lands(&in), 0);
		assert_int_equal(state_of("172.16.5.1"), steps[i].state);
		assert_int_equal(load->connections - before, steps[i].connections);
	}
	assert_int_equal(load->opened - opened, 2);
}

/* A SYN on a flow that is over goes where new ones go. */
static void begins_anew(void **state)
{
	uint32_t pool = add(TCP, DP_POOL_DIRECT, 0);
	struct frame syn = service_segment("172.16.6.1", 1000, 80, SYN),
		     rst = service_segment("172.16.6.1", 1000, 80, RST);

	(void)state;
	service_table(pool, first_only);
	assert_int_equal(service_lands(&syn), 0);
	service_table(pool, second_only);
	assert_int_equal(service_lands(&syn), 0);
	assert_int_equal(service_lands(&rst), 0);
	assert_int_equal(service_lands(&syn), 1);
}

/* TCP in mid-flow that nobody knows goes where it went before the last change, for as long as that counts. */
static void in_midflow(void **state)
{
	uint32_t pool = add(TCP, DP_POOL_DIRECT, 0);
	struct dp_pool *row = &rig_bank(0)->pools[pool];
	struct frame in;

	(void)state;
	service_table(pool, first_only);
	row->previous = row->table;
	row->previous_rows = row->rows;
	row->previous_list = row->list;
	row->previous_members = row->members;
	service_table(pool, second_only);
	in = service_segment("172.16.7.1", 1000, 80, ACK);
	assert_int_equal(service_lands(&in), 0);
	assert_int_equal(state_of("172.16.7.1"), DP_CONNECTION_NEW);
	in = service_segment("172.16.7.2", 1000, 80, SYN);
	assert_int_equal(service_lands(&in), 1);
	service_row(pool, 0)->state = DP_MEMBER_DOWN;
	in = service_segment("172.16.7.3", 1000, 80, ACK);
	assert_int_equal(service_lands(&in), 1);
	row->previous_rows = 0;
	service_row(pool, 0)->state = DP_MEMBER_ACTIVE;
	in = service_segment("172.16.7.4", 1000, 80, ACK);
	assert_int_equal(service_lands(&in), 1);
	in = service_segment("172.16.7.5", 1000, 80, RST);
	assert_int_equal(service_lands(&in), 1);
	assert_int_equal(state_of("172.16.7.5"), DP_CONNECTION_EMPTY);
}

static void empty_pools(void **state)
{
	uint32_t pool = add(UDP, DP_POOL_DIRECT, 0);
	struct frame in = service_datagram("172.16.8.1", 1000, 80);

	(void)state;
	service_table(pool, none);
	assert_int_equal(rig_run_answered(&in).reason, DP_REASON_no_member);
}

/* Members that have as many connections as they may: another one of the pool, the overflow pool, nobody. */
static void limits(void **state)
{
	struct service_spec spare = {BALANCER4, UDP, 81, .flags = DP_POOL_DIRECT,
				     .members = {{"10.1.0.20", 0, WAY_JUMBO}}};
	uint32_t pool = add(UDP, DP_POOL_DIRECT, 0), overflow = service_add(&spare);
	struct dp_member_load *first = rig_member_load(service_member(pool, 0)),
			      *second = rig_member_load(service_member(pool, 1));
	struct frame in;
	int to[4] = {0};

	(void)state;
	rig_bank(0)->pools[pool].limit = 10;
	*first = (struct dp_member_load){.connections = 10};
	*second = (struct dp_member_load){0};
	for (int i = 0; i < 20; i++) {
		in = service_datagram("172.16.9.1", 1000 + i, 80);
		if (second->connections >= 10)
			break;
		if (rig_run(&in).reason == DP_REASON_forwarded)
			to[service_lands(&in)]++;
	}
	assert_int_equal(to[0], 0);
	assert_int_equal(to[1], 10);
	in = service_datagram("172.16.9.2", 1000, 80);
	assert_int_equal(service_reason(&in), DP_REASON_pool_full);
	rig_bank(0)->pools[pool].overflow = overflow;
	assert_int_equal(service_lands(&in), 2);
	rig_bank(0)->pools[pool].overflow = 0;
	assert_int_equal(service_lands(&in), 2);
	*first = *second = (struct dp_member_load){0};
}

/* New flows by shares, and by a rule of the policy in their place; known ones stay. */
static void shares(void **state)
{
	struct service_spec canary = {BALANCER4, UDP, 81, .flags = DP_POOL_DIRECT,
				      .members = {{"10.1.0.20", 0, WAY_JUMBO}}};
	uint32_t pool = add(UDP, DP_POOL_DIRECT, 0), other = service_add(&canary);
	struct dp_listener *listener = &rig_bank(0)->listeners[pool];
	int canaries = 0;

	(void)state;
	*listener = (struct dp_listener){.load_balancer = BALANCER4,
					 .incarnation = listener->incarnation,
					 .pool = {pool, other},
					 .until = {900, DP_SHARE_ALL},
					 .pools = 2};
	for (int i = 0; i < 1000; i++) {
		struct frame in = service_datagram("172.16.10.1", 1000 + i, 80);

		canaries += service_lands(&in) == 2;
	}
	assert_in_range(canaries, 70, 130);
}

/* Sources stay with their member while the pool says so, also when their ports are others; so do prefixes. */
static void sources(void **state)
{
	uint32_t pool = add(UDP, DP_POOL_DIRECT | DP_POOL_SOURCE, 0);
	struct frame in = service_datagram("172.16.11.1", 1000, 80);
	int member;

	(void)state;
	rig_bank(0)->pools[pool].prefix4 = 24;
	member = service_lands(&in);
	for (int i = 0; i < 20; i++) {
		in = service_datagram(i & 1 ? "172.16.11.77" : "172.16.11.1", 2000 + i, 80);
		assert_int_equal(service_lands(&in), member);
	}
	service_table(pool, member ? first_only : second_only);
	in = service_datagram("172.16.11.1", 3000, 80);
	assert_int_equal(service_lands(&in), !member);
	rig_bank(0)->pools[pool].affinity = 1000;
	in = service_datagram("172.16.11.2", 3001, 80);
	assert_int_equal(service_lands(&in), !member);
	service_table(pool, member ? second_only : first_only);
	in = service_datagram("172.16.11.3", 3002, 80);
	assert_int_equal(service_lands(&in), !member);
	in = service_datagram("172.16.12.3", 3003, 80); /* another prefix */
	assert_int_equal(service_lands(&in), member);
	service_row(pool, !member)->state = DP_MEMBER_DRAINING;
	in = service_datagram("172.16.11.4", 3004, 80);
	assert_int_equal(service_lands(&in), member);
}

static struct frame quic(const char *client, uint16_t port, uint8_t first, uint16_t server_id)
{
	struct frame frame = service_datagram(client, port, 80);
	uint8_t *payload = frame.byte + ETHERNET + 28;

	memset(payload, 0x55, 30);
	payload[0] = first;
	if (first & 0x80) {
		payload[5] = 8;
		payload += 5;
	}
	payload[2] = server_id >> 8;
	payload[3] = server_id & 0xff;
	frame_put16(&frame, ETHERNET + 26, 0);
	return frame;
}

/* The connection ID says the member, also from another address; one that says none is hashed. */
static void connection_ids(void **state)
{
	uint32_t pool = add(UDP, DP_POOL_DIRECT | DP_POOL_QUIC, 0);
	const struct dp_quic_member id = {.pool = pool, .server_id = 0x1234, .member = service_member(pool, 1)};
	struct frame in;

	(void)state;
	rig_put(rig_bank(0), DP_TABLE_quic_members, &id, 1);
	service_table(pool, first_only);
	in = quic("172.16.13.1", 1000, 0x40, 0x4321);
	assert_int_equal(service_lands(&in), 0);
	in = quic("172.16.13.1", 1001, 0x40, 0x1234);
	assert_int_equal(service_lands(&in), 1);
	in = quic("172.16.13.2", 1001, 0x40, 0x1234);
	assert_int_equal(service_lands(&in), 1);
	in = quic("172.16.13.1", 1000, 0x40, 0x1234); /* of whose flow the member is known */
	assert_int_equal(service_lands(&in), 1);
	in = quic("172.16.13.1", 1002, 0xe0, 0x1234);
	assert_int_equal(service_lands(&in), 1);
	service_row(pool, 1)->state = DP_MEMBER_DRAINING;
	in = quic("172.16.13.3", 1002, 0xc0, 0x1234);
	assert_int_equal(service_lands(&in), 0);
	in = quic("172.16.13.4", 1002, 0x40, 0x1234);
	assert_int_equal(service_lands(&in), 1);
	service_row(pool, 1)->state = DP_MEMBER_DOWN;
	in = quic("172.16.13.4", 1002, 0x40, 0x1234);
	assert_int_equal(service_lands(&in), 0);
}

int service_flow_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_flow_stays, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(no_flow_is_remembered, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(drained, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(down, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(tcp_states, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(begins_anew, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(in_midflow, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(empty_pools, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(limits, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(shares, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(sources, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(connection_ids, service_set_up, service_tear_down),
	};

	return cmocka_run_group_tests_name("flows of services", tests, NULL, NULL);
}
