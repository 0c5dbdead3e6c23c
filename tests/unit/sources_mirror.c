/* SPDX-License-Identifier: Apache-2.0 */
/* vnf/sources/mirror.h against the kernel: what the receiver has is what the kernel's table has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sources_fixture.h"
#include "vnf/core/clock.h"

#define TABLE 7

static int setup(void **state)
{
	(void)state;
	return sources_namespace();
}

static void flush(void)
{
	run("ip route flush table 7 2>/dev/null; ip -6 route flush table 7 2>/dev/null; ip nexthop flush >/dev/null; "
	    "true");
}

/* With each test a mirror of its own, on an empty table. */
static int start(void **state)
{
	(void)state;
	flush();
	receiver_start(0, TABLE);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	receiver_stop();
	return 0;
}

static void hands_out_an_empty_table(void **state)
{
	(void)state;
	wait_for(batches == 1);
	wait_equal(TABLE);
	wait_for(facts().state == SOURCE_FOLLOWING);
	assert_int_equal(facts().routes, 0);
}

static void follows_every_form_of_hop(void **state)
{
	(void)state;
	run("ip route add 203.0.113.0/24 via 10.0.0.2 table 7 proto 186 metric 20");
	run("ip route add table 7 203.0.114.0/24 via inet6 fd00::2 dev va");
	run("ip route add table 7 203.0.115.0/24 via inet6 fe80::2 dev va");
	run("ip route add table 7 203.0.116.0/24 nexthop via inet6 fd00::2 dev va weight 256 "
	    "nexthop via 192.0.2.9 onlink dev vb");
	run("ip route add table 7 203.0.117.0/24 dev va scope link");
	run("ip route add blackhole 203.0.118.0/24 table 7 && ip route add unreachable 203.0.119.0/24 table 7");
	run("ip route add prohibit default table 7");
	run("ip -6 route add table 7 2001:db8:1::/48 via fd00::2");
	run("ip -6 route add table 7 2001:db8:2::/48 via fe80::2 dev vb");
	run("ip -6 route add table 7 2001:db8:3::/48 nexthop via fd00::2 weight 3 nexthop via fd01::2");
	run("ip -6 route add table 7 2001:db8:4::/48 dev va");
	run("ip -6 route add unreachable default table 7 && ip -6 route add blackhole 2001:db8:5::1 table 7");
	/* These are none of the table's routes to other places. */
	run("ip route add local 203.0.120.1 dev va table 7 && ip route add multicast 239.0.0.0/8 dev va table 7");
	run("ip route add 203.0.121.0/24 via 10.0.0.2 table 8 && ip route add 203.0.121.0/24 via 10.0.0.2 tos 8 table "
	    "7");
	wait_equal(TABLE);
	assert_int_equal(received("203.0.113.0/24")->metric, 20);
	assert_int_equal(received("203.0.113.0/24")->protocol, 186);
	assert_null(received("203.0.121.0/24"));
	assert_null(received("203.0.120.1/32"));
	assert_int_equal(received_group("203.0.116.0/24")->hops, 2);
	assert_int_equal(received_group("203.0.116.0/24")->hop[0].weight +
				 received_group("203.0.116.0/24")->hop[1].weight,
			 100 + 1); /* 256 and 1 */
	assert_int_equal(received_group("0.0.0.0/0")->hop[0].kind, SOURCE_HOP_PROHIBIT);
	assert_int_equal(received_group("::/0")->hop[0].kind, SOURCE_HOP_UNREACHABLE);
	flush();
	wait_equal(TABLE);
	wait_for(received_groups() == 0);
}

static void lets_the_lowest_metric_count(void **state)
{
	(void)state;
	run("ip route add 203.0.113.0/24 via 10.0.0.2 table 7 metric 20");
	run("ip route add 203.0.113.0/24 via 10.0.0.3 table 7 metric 10");
	run("ip route add 203.0.113.0/24 via 10.0.0.4 table 7 metric 30");
	wait_equal(TABLE);
	run("ip route del 203.0.113.0/24 table 7 metric 10");
	wait_equal(TABLE);
	assert_int_equal(received("203.0.113.0/24")->metric, 20);
	run("ip route del 203.0.113.0/24 table 7 metric 20");
	wait_equal(TABLE);
	/* Behind and before one of the same metric. */
	run("ip route append 203.0.113.0/24 via 10.0.0.5 table 7 metric 30");
	run("ip route prepend 203.0.113.0/24 via 10.0.0.6 table 7 metric 30");
	wait_equal(TABLE);
	run("ip route del 203.0.113.0/24 via 10.0.0.6 table 7 metric 30");
	wait_equal(TABLE);
	run("ip route replace 203.0.113.0/24 via 10.0.0.7 table 7 metric 30");
	wait_equal(TABLE);
	run("ip route del 203.0.113.0/24 via 10.0.0.7 table 7 metric 30");
	wait_equal(TABLE);
	assert_non_null(received("203.0.113.0/24"));
}

static void hands_out_again_what_was_refused(void **state)
{
	uint64_t before;

	(void)state;
	wait_for(batches == 1);
	before = monotonic_ms();
	refuse = 1;
	run("ip route add 203.0.113.0/24 via 10.0.0.2 table 7");
	wait_for(refuse == 0);
	run("ip route add 203.0.114.0/24 via 10.0.0.3 table 7");
	wait_equal(TABLE);
	assert_true(monotonic_ms() - before >= 900);
	assert_int_equal(batches, 2); /* both in one */
}

/* A removal and an addition right after it are one change. A busy machine may let more than 2 ms pass between them, so
 * that this mirror has more patience. */
static void sees_no_gap_in_a_replacement(void **state)
{
	FILE *batch;

	(void)state;
	receiver_stop();
	gather_ms = 300;
	receiver_start(0, TABLE);
	gather_ms = 0;
	run("ip -6 route add 2001:db8::/32 via fd00::2 table 7");
	wait_equal(TABLE);
	batch = popen("ip -batch -", "w");
	assert_non_null(batch);
	for (int i = 0; i < 2000; i++)
		fprintf(batch, "route del 2001:db8::/32 table 7\nroute add 2001:db8::/32 via fd00::%x table 7\n",
			3 + i % 100);
	assert_int_equal(pclose(batch), 0);
	wait_equal(TABLE);
	assert_int_equal(removals, 0);
	assert_true(batches >= 2);
	run("ip -6 route del 2001:db8::/32 table 7");
	wait_equal(TABLE);
	assert_int_equal(removals, 1);
}

static void reads_what_is_there_at_the_start(void **state)
{
	(void)state;
	receiver_stop();
	run("ip route add 203.0.113.0/24 via 10.0.0.2 table 7 && ip -6 route add 2001:db8::/32 via fd00::2 table 7");
	receiver_start(0, TABLE);
	wait_equal(TABLE);
	assert_int_equal(batches, 1);
}

/* The kernel says nothing of the IPv4 routes and nexthop objects that it takes away then. */
static void finds_out_what_a_link_took(void **state)
{
	(void)state;
	run("ip nexthop add id 9 via 10.0.0.9 dev va && ip route add 203.0.112.0/24 nhid 9 table 7");
	run("ip route add 203.0.113.0/24 via 10.0.0.2 table 7 && ip route add 203.0.114.0/24 via 10.1.0.2 table 7");
	run("ip -6 route add table 7 2001:db8:3::/48 nexthop via fd00::2 weight 3 nexthop via fd01::2");
	wait_equal(TABLE);
	run("ip link set va down");
	wait_for(!received("203.0.113.0/24") && !received("203.0.112.0/24"));
	wait_equal(TABLE);
	assert_string_equal(facts().last_resync, "a link went down");
	run("ip link set va up");
	run("ip addr add fd00::1/64 dev va nodad && ip route add 203.0.113.0/24 via 10.0.0.2 table 7");
	wait_equal(TABLE);
	assert_non_null(received("203.0.113.0/24"));
	run("ip addr del 10.0.0.1/24 dev va");
	wait_equal(TABLE);
	run("ip addr add 10.0.0.1/24 dev va");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(hands_out_an_empty_table, start, stop),
		cmocka_unit_test_setup_teardown(follows_every_form_of_hop, start, stop),
		cmocka_unit_test_setup_teardown(lets_the_lowest_metric_count, start, stop),
		cmocka_unit_test_setup_teardown(hands_out_again_what_was_refused, start, stop),
		cmocka_unit_test_setup_teardown(sees_no_gap_in_a_replacement, start, stop),
		cmocka_unit_test_setup_teardown(reads_what_is_there_at_the_start, start, stop),
		cmocka_unit_test_setup_teardown(finds_out_what_a_link_took, start, stop),
	};

	if (geteuid() != 0) {
		fprintf(stderr, "skipped: a network namespace needs root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, setup, NULL);
}
