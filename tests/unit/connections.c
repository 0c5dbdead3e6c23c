/* SPDX-License-Identifier: Apache-2.0 */
#include <event2/event.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vnf/core/loop.h"
#include "vnf/dataplane/connections/sweeper.h"

#define SETS4 64U
#define SETS6 32U
#define VRFS  4

static struct dp_connection_set4 set4[SETS4];
static struct dp_connection_set6 set6[SETS6];
static struct dp_connection_head head;
static struct dp_conntrack rows[VRFS];
static const struct connection_tables tables = {set4, set6, SETS4, SETS6, &head};
static const struct conntracks how = {rows, VRFS};
static const struct connection_filter everything;

static int reset(void **state)
{
	(void)state;
	memset(set4, 0, sizeof(set4));
	memset(set6, 0, sizeof(set6));
	memset(rows, 0, sizeof(rows));
	head.secret[0] = 11;
	head.secret[1] = 22;
	return 0;
}

/* A connection as packets write it. */
struct made {
	const char *source, *destination;
	uint16_t source_port, destination_port, vrf, rule;
	uint8_t protocol;
	enum dp_connection_state state;
	uint32_t age; /* seconds */
	uint32_t epoch;
	bool second; /* in the second of its sets */
};

static uint32_t seen(uint32_t age)
{
	return (conntrack_now() - (age ? DP_CONNECTION_TICKS(age) : 0)) & DP_CONNECTION_TIME;
}

static uint64_t life_of(const struct made *made, bool high)
{
	return dp_connection_life(seen(made->age), made->state, high ? DP_CONNECTION_BY_HIGH : 0, made->epoch);
}

static struct dp_connection *put4(const struct made *made, const struct ip_address *source,
				  const struct ip_address *destination)
{
	uint32_t src, dst;
	bool high;
	uint64_t ends, rest, hash;
	struct dp_connection4 *way;

	memcpy(&src, source->byte, 4);
	memcpy(&dst, destination->byte, 4);
	high = src > dst || (src == dst && made->source_port > made->destination_port);
	ends = high ? (uint64_t)dst << 32 | src : (uint64_t)src << 32 | dst;
	rest = (high ? (uint64_t)made->source_port << 16 | made->destination_port
		     : (uint64_t)made->destination_port << 16 | made->source_port) |
	       (uint64_t)made->vrf << 32 | (uint64_t)made->protocol << 48;
	hash = dp_connection_hash4(head.secret, ends, rest);
	way = set4[(made->second ? hash >> 32 : hash) & (SETS4 - 1)].way;
	while (way->connection.life)
		way++;
	*way = (struct dp_connection4){ends, {rest, life_of(made, high), made->rule}};
	return &way->connection;
}

static struct dp_connection *put6(const struct made *made, const struct ip_address *source,
				  const struct ip_address *destination)
{
	uint64_t src[2], dst[2], rest, hash, *low, *high;
	struct dp_connection6 *way;
	bool is_high;

	memcpy(src, source->byte, 16);
	memcpy(dst, destination->byte, 16);
	is_high = src[0] != dst[0] ? src[0] > dst[0] : src[1] > dst[1];
	low = is_high ? dst : src;
	high = is_high ? src : dst;
	rest = (is_high ? (uint64_t)made->source_port << 16 | made->destination_port
			: (uint64_t)made->destination_port << 16 | made->source_port) |
	       (uint64_t)made->vrf << 32 | (uint64_t)made->protocol << 48;
	hash = dp_connection_hash6(head.secret, (__u64 *)low, (__u64 *)high, rest);
	way = set6[(made->second ? hash >> 32 : hash) & (SETS6 - 1)].way;
	while (way->connection.life)
		way++;
	*way = (struct dp_connection6){
		{low[0], low[1]}, {high[0], high[1]}, {rest, life_of(made, is_high), made->rule}, 0};
	return &way->connection;
}

static struct dp_connection *put(const struct made *made)
{
	struct ip_address source, destination;

	assert_int_equal(ip_address_parse(made->source, &source), 0);
	assert_int_equal(ip_address_parse(made->destination, &destination), 0);
	return source.family == 4 ? put4(made, &source, &destination) : put6(made, &source, &destination);
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

static void sweep_all(void)
{
	uint64_t place = 0;

	do
		conntrack_sweep(&tables, &how, &place, 37, NULL);
	while (place);
}

static void expect_read(const struct made *made, const char *source, uint16_t source_port, const char *destination,
			uint16_t destination_port)
{
	struct connection connection;
	char text[IP_ADDRESS_TEXT];
	uint64_t place = 0;

	reset(NULL);
	put(made);
	assert_true(conntrack_next(&tables, &how, &everything, &place, &connection));
	assert_string_equal(ip_address_format(&connection.source, text), source);
	assert_string_equal(ip_address_format(&connection.destination, text), destination);
	assert_int_equal(connection.source_port, source_port);
	assert_int_equal(connection.destination_port, destination_port);
	assert_int_equal(connection.vrf, made->vrf);
	assert_int_equal(connection.protocol, made->protocol);
	assert_int_equal(connection.state, made->state);
	assert_int_equal(connection.rule, made->rule);
	assert_int_equal(connection.epoch, made->epoch);
	assert_in_range(connection.idle_ms, made->age * 1000ULL, made->age * 1000ULL + 400);
	assert_false(conntrack_next(&tables, &how, &everything, &place, &connection));
}

/* Who began it is the source, whichever end is the higher one. */
static void test_reads(void **state)
{
	struct made tcp4 = {"10.0.0.1", "10.0.0.2", 40000, 443, 3, 65535, IPPROTO_TCP, DP_CONNECTION_ESTABLISHED,
			    5,		0xfffffffe};
	struct made tcp6 = {"2001:db8::1", "2001:db8::2", 40000, 443, 1, 7, IPPROTO_TCP, DP_CONNECTION_SYN_SENT, 0, 1};
	struct made echo = {"10.0.0.9", "10.0.0.2", 77, 0, 1, 7, IPPROTO_ICMP, DP_CONNECTION_NEW, 0, 1};

	(void)state;
	expect_read(&tcp4, "10.0.0.1", 40000, "10.0.0.2", 443);
	expect_read(&tcp6, "2001:db8::1", 40000, "2001:db8::2", 443);
	tcp4.source = "10.0.0.3";
	tcp6.source = "2001:db8::3";
	expect_read(&tcp4, "10.0.0.3", 40000, "10.0.0.2", 443);
	expect_read(&tcp6, "2001:db8::3", 40000, "2001:db8::2", 443);
	tcp4.source = tcp4.destination;
	expect_read(&tcp4, "10.0.0.2", 40000, "10.0.0.2", 443);
	expect_read(&echo, "10.0.0.9", 0, "10.0.0.2", 77);
	echo.source = "10.0.0.1";
	expect_read(&echo, "10.0.0.1", 0, "10.0.0.2", 77);
}

static void put_some(void)
{
	static const struct made some[] = {
		{"10.0.0.1", "10.0.1.1", 1000, 80, 1, 5, IPPROTO_TCP, DP_CONNECTION_ESTABLISHED},
		{"10.0.0.2", "10.0.1.1", 1000, 80, 1, 6, IPPROTO_TCP, DP_CONNECTION_ESTABLISHED},
		{"10.0.0.1", "10.0.1.1", 1000, 53, 2, 5, IPPROTO_UDP, DP_CONNECTION_NEW},
		{"2001:db8::1", "2001:db8:1::1", 1000, 53, 2, 5, IPPROTO_UDP, DP_CONNECTION_ESTABLISHED},
		{"10.0.0.3", "10.0.1.1", 9, 0, 2, 5, IPPROTO_ICMP, DP_CONNECTION_CLOSED},
	};

	for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++)
		put(&some[i]);
}

static struct connection_filter of_prefix(const char *text)
{
	struct connection_filter filter = {0};

	assert_int_equal(ip_prefix_parse(text, &filter.prefix), 0);
	return filter;
}

static void test_filters(void **state)
{
	static const struct {
		struct connection_filter filter;
		unsigned int found;
	} cases[] = {
		{{0}, 5},
		{{.vrf = 1}, 2},
		{{.vrf = 3}, 0},
		{{.protocol = IPPROTO_UDP}, 2},
		{{.port = 80}, 2},
		{{.port = 1000}, 4},
		{{.port = 9}, 1},
		{{.rule = 6}, 1},
		{{.vrf = 2, .rule = 5}, 3},
	};
	struct connection_filter filter;

	(void)state;
	put_some();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(count(&cases[i].filter), cases[i].found);
	filter = of_prefix("10.0.0.0/31");
	assert_int_equal(count(&filter), 2);
	filter = of_prefix("10.0.1.0/24");
	assert_int_equal(count(&filter), 4);
	filter = of_prefix("2001:db8:1::/48");
	assert_int_equal(count(&filter), 1);
}

static void test_deletes_what_the_filter_selects(void **state)
{
	struct connection_filter filter = of_prefix("10.0.0.1/32");
	struct connection_counts counts;

	(void)state;
	put_some();
	counts = conntrack_count(&tables);
	assert_int_equal(counts.embryonic, 1);
	assert_int_equal(counts.established, 3);
	assert_int_equal(counts.over, 1);
	assert_int_equal(conntrack_delete(&tables, &how, &filter), 2);
	assert_int_equal(count(&everything), 3);
	assert_int_equal(conntrack_delete(&tables, &how, &everything), 3);
	assert_int_equal(count(&everything), 0);
}

/* The defaults, and a profile's times, which count at once. */
static void test_ages(void **state)
{
	static const struct {
		uint8_t protocol;
		enum dp_connection_state state;
		uint32_t seconds;
	} cases[] = {
		{IPPROTO_TCP, DP_CONNECTION_ESTABLISHED, 7440},
		{IPPROTO_TCP, DP_CONNECTION_SYN_SENT, 240},
		{IPPROTO_TCP, DP_CONNECTION_FIN_BY_INITIATOR, 240},
		{IPPROTO_TCP, DP_CONNECTION_TIME_WAIT, 240},
		{IPPROTO_TCP, DP_CONNECTION_RESET_SEEN, 240},
		{IPPROTO_TCP, DP_CONNECTION_CLOSED, 10},
		{IPPROTO_UDP, DP_CONNECTION_NEW, 120},
		{IPPROTO_UDP, DP_CONNECTION_ESTABLISHED, 120},
		{IPPROTO_GRE, DP_CONNECTION_ESTABLISHED, 120},
		{IPPROTO_ICMP, DP_CONNECTION_ESTABLISHED, 30},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct made made = {"10.0.0.1",	    "10.0.0.2",		 1, 2, 1, 1, cases[i].protocol,
				    cases[i].state, cases[i].seconds - 2};

		reset(NULL);
		put(&made);
		sweep_all();
		assert_int_equal(count(&everything), 1);
		rows[1] = (struct dp_conntrack){DP_CONNECTION_TICKS(1),
						DP_CONNECTION_TICKS(1),
						DP_CONNECTION_TICKS(1),
						DP_CONNECTION_TICKS(1),
						0,
						0,
						{0}};
		assert_int_equal(count(&everything), cases[i].state == DP_CONNECTION_CLOSED);
		reset(NULL);
		made.age = cases[i].seconds + 1;
		put(&made);
		assert_int_equal(count(&everything), 0); /* it counts as forgotten */
		sweep_all();
		assert_int_equal(conntrack_delete(&tables, &how, &everything), 0);
	}
}

/* A packet that another CPU has seen a moment ahead of our clock does not make it old. */
static void test_of_the_future(void **state)
{
	struct made made = {"10.0.0.1", "10.0.0.2", 1, 2, 1, 1, IPPROTO_ICMP, DP_CONNECTION_NEW};
	struct dp_connection *connection = put(&made);

	(void)state;
	connection->life = dp_connection_life((conntrack_now() + 2) & DP_CONNECTION_TIME, DP_CONNECTION_NEW, 0, 1);
	sweep_all();
	assert_int_equal(count(&everything), 1);
}

/* Of two entries of one key the one goes that look-ups do not find; established ones are let alone. */
static void test_twice(void **state)
{
	struct made made = {"10.0.0.1", "10.0.0.2", 1, 2, 1, 1, IPPROTO_UDP, DP_CONNECTION_NEW};
	struct dp_connection *first, *second, *third;

	(void)state;
	for (int family = 0; family < 2; family++) {
		reset(NULL);
		if (family) {
			made.source = "2001:db8::1";
			made.destination = "2001:db8::2";
		}
		made.second = true;
		third = put(&made);
		made.second = false;
		first = put(&made);
		second = put(&made);
		sweep_all();
		assert_int_not_equal(first->life, 0);
		assert_int_equal(second->life, 0);
		assert_int_equal(third->life, 0);
		sweep_all();
		assert_int_not_equal(first->life, 0);
	}
}

/* What is being written is neither read nor forgotten. */
static void test_busy(void **state)
{
	struct made made = {"10.0.0.1", "10.0.0.2", 1, 2, 1, 1, IPPROTO_UDP, DP_CONNECTION_BUSY, 5000};
	struct dp_connection *connection = put(&made);

	(void)state;
	sweep_all();
	assert_int_equal(count(&everything), 0);
	assert_int_equal(conntrack_delete(&tables, &how, &everything), 0);
	assert_int_equal(dp_connection_state(connection->life), DP_CONNECTION_BUSY);
}

static struct conntracks the_rows(void *context)
{
	*(unsigned int *)context += 1;
	return how;
}

static void stop_loop(evutil_socket_t fd, short events, void *loop)
{
	(void)fd, (void)events;
	if (conntrack_count(&tables).embryonic == 0)
		loop_stop(loop);
}

static void test_sweeper(void **state)
{
	struct made made = {"10.0.0.1", "10.0.0.2", 1, 2, 1, 1, IPPROTO_UDP, DP_CONNECTION_NEW, 500};
	const struct timeval often = {.tv_usec = 20000};
	struct loop *loop = loop_new();
	unsigned int slices = 0;
	struct sweeper *sweeper;
	struct event *look;

	(void)state;
	for (uint16_t port = 1; port < 100; port++) {
		made.source_port = port;
		if (conntrack_count(&tables).embryonic < 90)
			put(&made);
	}
	sweeper = sweeper_new(loop, &tables, the_rows, &slices);
	assert_non_null(sweeper);
	look = event_new(loop_base(loop), -1, EV_PERSIST, stop_loop, loop);
	event_add(look, &often);
	assert_int_equal(loop_run(loop), 0);
	assert_in_range(slices, 2, 130); /* a hundred make a pass */
	event_free(look);
	sweeper_free(sweeper);
	sweeper_free(NULL);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_reads, reset),
		cmocka_unit_test_setup(test_filters, reset),
		cmocka_unit_test_setup(test_deletes_what_the_filter_selects, reset),
		cmocka_unit_test_setup(test_ages, reset),
		cmocka_unit_test_setup(test_of_the_future, reset),
		cmocka_unit_test_setup(test_twice, reset),
		cmocka_unit_test_setup(test_busy, reset),
		cmocka_unit_test_setup(test_sweeper, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
