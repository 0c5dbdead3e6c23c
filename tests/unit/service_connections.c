/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of services: how they are read, aged, forgotten with members and listeners, and counted. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "api/dp/hash.h"
#include "vnf/dataplane/connections/member_counts.h"
#include "vnf/dataplane/connections/vips.h"

#define SETS4	64U
#define SETS6	32U
#define MEMBERS 8
#define VRF	3

/* Member 2 of pool 1, member 3 of pool 2; listener 5. */
enum { A = 2, B = 3, LISTENER = 5, INCARNATION = 0x80000000U };

static struct dp_connection_set4 set4[SETS4];
static struct dp_connection_set6 set6[SETS6];
static struct dp_connection_head head;
static struct dp_conntrack rows[4];
static struct dp_member members[MEMBERS];
static struct dp_pool pools[4];
static struct dp_listener listeners[8];
static struct dp_member_load loads[MEMBERS];
static const struct connection_tables tables = {set4, set6, SETS4, SETS6, &head, loads, MEMBERS};
static struct dp_load_balancer balancers[4];
static struct dp_listener_port ports[32];
static const struct conntracks how = {rows, 4, members, pools, listeners, balancers, ports, MEMBERS, 4, 8, 4, 32};
static const struct connection_filter everything;
static unsigned int next_set;

static int reset(void **state)
{
	(void)state;
	memset(set4, 0, sizeof(set4));
	memset(members, 0, sizeof(members));
	memset(pools, 0, sizeof(pools));
	memset(listeners, 0, sizeof(listeners));
	memset(loads, 0, sizeof(loads));
	memset(balancers, 0, sizeof(balancers));
	memset(ports, 0, sizeof(ports));
	next_set = 0;
	members[A] = (struct dp_member){.incarnation = INCARNATION + A, .pool = 1, .state = DP_MEMBER_ACTIVE};
	members[B] = (struct dp_member){.incarnation = INCARNATION + B, .pool = 2, .state = DP_MEMBER_DRAINING};
	pools[2].affinity = DP_CONNECTION_TICKS(60);
	listeners[LISTENER] = (struct dp_listener){.load_balancer = 1, .incarnation = INCARNATION + LISTENER};
	return 0;
}

/* A client 10.0.0.1:1000 of 192.0.2.1:443, or with ANSWER of a member there. */
static struct dp_connection *put(enum dp_connection_kind kind, uint32_t id, uint64_t more,
				 enum dp_connection_state state, uint32_t age)
{
	struct dp_connection4 *way = set4[next_set++].way;
	uint32_t seen = (conntrack_now() - (age ? DP_CONNECTION_TICKS(age) : 0)) & DP_CONNECTION_TIME;
	const bool affinity = kind == DP_CONNECTION_AFFINITY;
	uint32_t low = htonl(0x0a000001), high = htonl(0xc0000201);

	way->ends = (uint64_t)low << 32 | high;
	way->connection.rest = (affinity ? LISTENER : 1000 | 443U << 16) | (uint64_t)VRF << 32 |
			       (uint64_t)IPPROTO_TCP << 48 | (uint64_t)kind << DP_CONNECTION_KIND_SHIFT;
	way->connection.note = id | more << 20;
	way->connection.life = dp_connection_life(seen, state, 0, INCARNATION + id);
	return &way->connection;
}

static unsigned int count(const struct connection_filter *filter)
{
	struct connection connection;
	uint64_t place = 0;
	unsigned int found = 0;

	while (conntrack_next(&tables, &how, filter, &place, &connection))
		found++;
	return found;
}

static void sweep_all(struct member_counts *counts)
{
	uint64_t place = 0;

	do
		conntrack_sweep(&tables, &how, &place, 37, counts);
	while (place);
}

static struct connection read_first(void)
{
	struct connection connection;
	uint64_t place = 0;

	assert_true(conntrack_next(&tables, &how, &everything, &place, &connection));
	reset(NULL);
	return connection;
}

static void test_reads(void **state)
{
	struct connection read;

	(void)state;
	put(DP_CONNECTION_SERVICE, A, 0xfedcba98, DP_CONNECTION_ESTABLISHED, 0);
	read = read_first();
	assert_int_equal(read.kind, DP_CONNECTION_SERVICE);
	assert_int_equal(read.member, A);
	assert_int_equal(read.generation, 0xfedcba98);
	assert_int_equal(read.rule + read.listener, 0);
	assert_int_equal(read.vrf, VRF);
	assert_int_equal(read.protocol, IPPROTO_TCP);
	assert_int_equal(read.destination_port, 443);
	put(DP_CONNECTION_ANSWER, LISTENER, 8443, DP_CONNECTION_ESTABLISHED, 0);
	read = read_first();
	assert_int_equal(read.listener, LISTENER);
	assert_int_equal(read.seen_port, 8443);
	assert_int_equal(read.rule + read.member, 0);
	put(DP_CONNECTION_AFFINITY, B, 7, DP_CONNECTION_ESTABLISHED, 0);
	read = read_first();
	assert_int_equal(read.member, B);
	assert_int_equal(read.listener, LISTENER);
	assert_int_equal(read.generation, 7);
	assert_int_equal(read.source_port + read.destination_port, 0);
	put(DP_CONNECTION_POLICY, A, 7, DP_CONNECTION_ESTABLISHED, 0);
	read = read_first();
	assert_int_equal(read.rule, A);
	assert_int_equal(read.member, 0);
}

static void test_filters(void **state)
{
	struct connection_filter filter = {.member = A};

	(void)state;
	put(DP_CONNECTION_SERVICE, A, 1, DP_CONNECTION_ESTABLISHED, 0);
	put(DP_CONNECTION_SERVICE, B, 1, DP_CONNECTION_ESTABLISHED, 0);
	put(DP_CONNECTION_AFFINITY, B, 1, DP_CONNECTION_ESTABLISHED, 0);
	put(DP_CONNECTION_ANSWER, LISTENER, 443, DP_CONNECTION_ESTABLISHED, 0);
	put(DP_CONNECTION_POLICY, A, 1, DP_CONNECTION_ESTABLISHED, 0);
	assert_int_equal(count(&everything), 5);
	assert_int_equal(count(&filter), 1);
	filter.member = B;
	assert_int_equal(count(&filter), 2);
	filter = (struct connection_filter){.rule = A};
	assert_int_equal(count(&filter), 1); /* no member's id is taken for a rule's */
}

static void test_ages(void **state)
{
	static const struct {
		enum dp_connection_kind kind;
		uint32_t id;
		enum dp_connection_state state;
		uint32_t seconds;
	} cases[] = {
		{DP_CONNECTION_SERVICE, A, DP_CONNECTION_ESTABLISHED, 7440},
		{DP_CONNECTION_SERVICE, A, DP_CONNECTION_FIN_BY_INITIATOR, 240},
		{DP_CONNECTION_ANSWER, LISTENER, DP_CONNECTION_ESTABLISHED, 7440},
		{DP_CONNECTION_AFFINITY, B, DP_CONNECTION_ESTABLISHED, 60},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		reset(NULL);
		put(cases[i].kind, cases[i].id, 1, cases[i].state, cases[i].seconds - 2);
		sweep_all(NULL);
		assert_int_equal(count(&everything), 1);
		reset(NULL);
		put(cases[i].kind, cases[i].id, 1, cases[i].state, cases[i].seconds + 1);
		assert_int_equal(count(&everything), 0);
		loads[cases[i].id].connections = 5;
		sweep_all(NULL);
		assert_int_equal(set4[0].way[0].connection.life, 0);
		assert_int_equal(loads[cases[i].id].connections, cases[i].kind == DP_CONNECTION_SERVICE ? 4 : 5);
	}
}

/* A flow is closed, and known for a while, so that its packets meet what the pool says; the rest is forgotten. */
static void test_members_and_listeners_go(void **state)
{
	struct dp_connection *flow, *source, *answer, *other;
	struct conntracks unsure = how;
	uint64_t place;

	unsure.incomplete = true;
	(void)state;
	for (int how_gone = 0; how_gone < 2; how_gone++) {
		reset(NULL);
		flow = put(DP_CONNECTION_SERVICE, A, 1, DP_CONNECTION_ESTABLISHED, 100);
		source = put(DP_CONNECTION_AFFINITY, B, 1, DP_CONNECTION_ESTABLISHED, 10);
		answer = put(DP_CONNECTION_ANSWER, LISTENER, 443, DP_CONNECTION_ESTABLISHED, 100);
		other = put(DP_CONNECTION_SERVICE, B, 1, DP_CONNECTION_ESTABLISHED, 100);
		sweep_all(NULL);
		assert_int_equal(count(&everything), 4);
		members[A].incarnation = how_gone ? 0 : 77;
		listeners[LISTENER].incarnation = how_gone ? 0 : 77;
		listeners[LISTENER].load_balancer = !how_gone;
		loads[A].connections = 9;
		place = 0;
		conntrack_sweep(&tables, &unsure, &place, 1000000, NULL);
		assert_int_equal(count(&everything), 4);
		assert_int_equal(dp_connection_state(flow->life), DP_CONNECTION_ESTABLISHED);
		sweep_all(NULL);
		assert_int_equal(dp_connection_state(flow->life), DP_CONNECTION_CLOSED);
		assert_int_equal((uint32_t)flow->life, INCARNATION + A);
		assert_in_range(dp_connection_age(flow->life, conntrack_now()), 0, 2);
		assert_int_equal(loads[A].connections, 9); /* another's by now */
		assert_int_equal(answer->life, 0);
		assert_int_equal(source->life != 0, !how_gone);
		assert_int_equal(dp_connection_state(other->life), DP_CONNECTION_ESTABLISHED);
		sweep_all(NULL);
		assert_int_not_equal(flow->life, 0);
	}
	members[B].incarnation = 0; /* a member is drained or down: its flows are the packets' to judge */
	source = put(DP_CONNECTION_AFFINITY, B, 1, DP_CONNECTION_ESTABLISHED, 0);
	sweep_all(NULL);
	assert_int_equal(source->life, 0);
}

static void test_deleting_counts(void **state)
{
	struct connection_filter filter = {.member = A};

	(void)state;
	put(DP_CONNECTION_SERVICE, A, 1, DP_CONNECTION_ESTABLISHED, 0);
	put(DP_CONNECTION_SERVICE, A, 1, DP_CONNECTION_ESTABLISHED, 0);
	put(DP_CONNECTION_SERVICE, A, 1, DP_CONNECTION_TIME_WAIT, 0);
	put(DP_CONNECTION_SERVICE, B, 1, DP_CONNECTION_ESTABLISHED, 0);
	loads[A].connections = 5;
	assert_int_equal(conntrack_delete(&tables, &how, &filter), 3);
	assert_int_equal(loads[A].connections, 3); /* what is over was taken off before */
	assert_int_equal(conntrack_delete(&tables, &how, &everything), 1);
	assert_int_equal(loads[B].connections, 0); /* it was there already */
}

static void test_a_sweep_corrects(void **state)
{
	struct member_counts *counts = member_counts_new(MEMBERS);

	(void)state;
	assert_non_null(counts);
	for (int i = 0; i < 3; i++)
		put(DP_CONNECTION_SERVICE, A, 1, DP_CONNECTION_ESTABLISHED, 0);
	put(DP_CONNECTION_SERVICE, A, 1, DP_CONNECTION_TIME_WAIT, 0);
	put(DP_CONNECTION_AFFINITY, B, 1, DP_CONNECTION_ESTABLISHED, 0);
	loads[A] = (struct dp_member_load){.connections = 10, .opened = 99};
	loads[B].connections = (uint64_t)-2;
	loads[7].connections = 4; /* a member that is gone */
	sweep_all(counts);
	assert_int_equal(loads[A].connections, 3);
	assert_int_equal(loads[A].opened, 99);
	assert_int_equal(loads[B].connections, 0);
	assert_int_equal(loads[7].connections, 0);
	loads[A].connections = 1;
	sweep_all(counts);
	assert_int_equal(loads[A].connections, 3);
	member_counts_free(counts);
	member_counts_free(NULL);
}

static void put_port(uint32_t balancer, uint8_t protocol, uint16_t port, uint32_t listener)
{
	struct dp_listener_port entry = {
		.load_balancer = balancer, .port = port, .protocol = protocol, .listener = listener};
	__u64 key;

	memcpy(&key, &entry, sizeof(key));
	ports[dp_hash(&key, 1) % 32] = entry;
}

static void put_balancer(uint32_t id, uint16_t vrf, const char *vip)
{
	struct ip_address address;

	assert_int_equal(ip_address_parse(vip, &address), 0);
	balancers[id].vrf = vrf;
	ip_address_map(&address, balancers[id].vip.byte);
}

/* By the VIP, and a port or a range. */
static void test_listeners(void **state)
{
	struct connection read;
	struct vips vips = {0};

	(void)state;
	put(DP_CONNECTION_SERVICE, A, 1, DP_CONNECTION_ESTABLISHED, 0);
	read = read_first();
	assert_int_equal(vips_make(&vips, &how), 0);
	assert_int_equal(vips_listener(&vips, &how, &read), 0);
	put_balancer(1, VRF, "192.0.2.2");
	put_balancer(2, VRF + 1, "192.0.2.1");
	put_balancer(3, VRF, "192.0.2.1");
	put_port(2, IPPROTO_TCP, 443, 6);
	put_port(3, IPPROTO_UDP, 443, 7);
	assert_int_equal(vips_make(&vips, &how), 0);
	assert_int_equal(vips_listener(&vips, &how, &read), 0);
	put_port(3, IPPROTO_TCP, 443, LISTENER);
	assert_int_equal(vips_listener(&vips, &how, &read), LISTENER);
	memset(ports, 0, sizeof(ports));
	balancers[3].ranges = 2;
	balancers[3].range[0] = (struct dp_listener_range){1, 443, 443, IPPROTO_UDP, {0}};
	balancers[3].range[1] = (struct dp_listener_range){2, 400, 443, 0, {0}};
	assert_int_equal(vips_listener(&vips, &how, &read), 2);
	balancers[3].range[1].last = 442;
	assert_int_equal(vips_listener(&vips, &how, &read), 0);
	vips_free(&vips);
}

/* A flow to a VIP that is gone, or whose listener is: it is closed, and counts no more. */
static void test_nobody_listens(void **state)
{
	struct conntracks heard = how;
	struct dp_connection *flow;
	struct vips vips = {0};
	uint64_t place = 0;

	(void)state;
	heard.vips = &vips;
	put_balancer(3, VRF, "192.0.2.1");
	put_port(3, IPPROTO_TCP, 443, LISTENER);
	assert_int_equal(vips_make(&vips, &how), 0);
	flow = put(DP_CONNECTION_SERVICE, A, 1, DP_CONNECTION_ESTABLISHED, 50);
	loads[A].connections = 1;
	conntrack_sweep(&tables, &heard, &place, 1000000, NULL);
	assert_int_equal(dp_connection_state(flow->life), DP_CONNECTION_ESTABLISHED);
	memset(ports, 0, sizeof(ports));
	conntrack_sweep(&tables, &heard, &place, 1000000, NULL);
	assert_int_equal(dp_connection_state(flow->life), DP_CONNECTION_CLOSED);
	assert_int_equal(loads[A].connections, 0);
	vips_free(&vips);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_reads, reset),
		cmocka_unit_test_setup(test_filters, reset),
		cmocka_unit_test_setup(test_ages, reset),
		cmocka_unit_test_setup(test_members_and_listeners_go, reset),
		cmocka_unit_test_setup(test_deleting_counts, reset),
		cmocka_unit_test_setup(test_a_sweep_corrects, reset),
		cmocka_unit_test_setup(test_listeners, reset),
		cmocka_unit_test_setup(test_nobody_listens, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
