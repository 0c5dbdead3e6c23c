/* SPDX-License-Identifier: Apache-2.0 */
/* Routes that packets meet are acknowledged to the kernel, and stay what their daemon has made them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sources_fixture.h"

#define TABLE 7

static int setup(void **state)
{
	(void)state;
	return sources_namespace();
}

static void start(int compat)
{
	const struct source_config config = {
		.source = SOURCE, .table = TABLE, .max_routes = 1000, .allow_bogons = true, .acknowledge = true};

	run("ip route flush table 7 2>/dev/null; ip nexthop flush >/dev/null; sysctl -qw "
	    "net.ipv4.nexthop_compat_mode=%d",
	    compat);
	receiver_start(0, TABLE);
	receiver_follow(&config, 1);
}

static bool marked(const char *prefix)
{
	char command[256];

	snprintf(command, sizeof(command), "ip -details route show %s table 7 | grep -q rt_offload", prefix);
	return system(command) == 0;
}

static void marks_routes_of_several_hops(void **state)
{
	char *before, *after;

	(void)state;
	start(1);
	run("ip route add 203.0.113.0/24 table 7 proto 186 metric 20 nexthop via 10.0.0.2 weight 3 "
	    "nexthop via 192.0.2.9 onlink dev vb nexthop via inet6 fe80::2 dev va");
	wait_for(marked("203.0.113.0/24"));
	wait_for(facts().acknowledged == 1);
	wait_equal(TABLE);
	assert_int_equal(batches, 2); /* its own announcement is no change */
	/* What can't be written as it is, or loses the mark, is left alone. */
	before = kernel_text(TABLE);
	run("ip route add 203.0.114.0/24 table 7 metric 20 via 10.0.0.2");
	run("ip route add 203.0.115.0/24 table 7 metric 20 src 10.0.0.1 nexthop via 10.0.0.2 nexthop via 10.1.0.2");
	run("ip route add 203.0.116.0/24 table 7 nexthop via 10.0.0.2 nexthop via 10.1.0.2");
	run("ip route add blackhole 203.0.117.0/24 table 7 metric 20");
	run("ip route add 203.0.118.0/24 table 7 metric 20 nexthop via 10.0.0.2 nexthop via 10.1.0.2");
	wait_equal(TABLE);
	wait_for(marked("203.0.118.0/24"));
	run("ip route show table 7 203.0.115.0/24 | grep -q 'src 10.0.0.1'");
	assert_false(marked("203.0.114.0/24") || marked("203.0.115.0/24") || marked("203.0.116.0/24"));
	after = kernel_text(TABLE);
	assert_true(strncmp(after, before, strlen(before)) == 0);
	free(before);
	free(after);
	/* Removed, it is not written again. */
	run("ip route del 203.0.113.0/24 table 7 metric 20");
	wait_equal(TABLE);
	assert_null(received("203.0.113.0/24"));
	receiver_stop();
}

static void marks_routes_by_nexthop_objects(void **state)
{
	(void)state;
	start(0);
	run("ip nexthop add id 1 via 10.0.0.2 dev va && ip nexthop add id 2 via 10.1.0.2 dev vb");
	run("ip nexthop add id 3 group 1,5/2");
	run("ip route add 203.0.113.0/24 nhid 1 table 7 proto 186 metric 20");
	run("ip route add 203.0.114.0/24 nhid 3 table 7 proto 186 metric 20");
	wait_for(marked("203.0.113.0/24") && marked("203.0.114.0/24"));
	wait_for(facts().acknowledged == 2);
	run("ip route show table 7 203.0.114.0/24 | grep -q 'nhid 3'");
	run("ip nexthop replace id 1 via 10.0.0.3 dev va");
	wait_equal(TABLE);
	receiver_stop();
}

/* A daemon that changes its routes all the time has them as it wants in the end. */
static void leaves_the_daemon_its_routes(void **state)
{
	(void)state;
	start(1);
	for (unsigned int round = 0; round < 3; round++) {
		FILE *batch = popen("ip -batch -", "w"), *shown;
		char line[256];
		unsigned int right = 0;

		assert_non_null(batch);
		for (unsigned int i = 0; i < 2000; i++)
			fprintf(batch,
				"route replace 203.0.%u.0/24 table 7 proto 186 metric 20 nexthop via 10.0.0.%u nexthop "
				"via 10.1.0.%u\n",
				i % 20, 2 + (i + round) % 99, 2 + i / 20);
		assert_int_equal(pclose(batch), 0);
		wait_equal(TABLE);
		wait_for(system("test $(ip -details route show table 7 | grep -c rt_offload) = 20") == 0);
		/* The last of the batch. */
		shown = popen("ip route show table 7", "r");
		while (fgets(line, sizeof(line), shown))
			right += strstr(line, "via 10.1.0.101 ") != NULL;
		pclose(shown);
		assert_int_equal(right, 20);
	}
	receiver_stop();
}

static void again(const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	mirror_again(mirror, &prefix);
}

/* What is at or below a prefix that is asked for is handed out as it is; nothing else is. */
static void hands_out_again(void **state)
{
	unsigned int before;

	(void)state;
	start(1);
	for (unsigned int i = 112; i < 115; i++)
		run("ip route add 203.0.%u.0/24 table 7 metric 20 nexthop via 10.0.0.2 nexthop via 10.1.0.2", i);
	wait_equal(TABLE);
	wait_for(facts().acknowledged == 3);
	before = batches;
	again("203.0.112.0/24");
	wait_for(batches == before + 1);
	again("203.0.113.0/25");
	again("2001:db8::/32");
	again("203.0.112.0/23");
	wait_for(batches > before + 1);
	usleep(100000);
	assert_int_equal(batches, before + 2);
	assert_int_equal(removals, 0);
	wait_equal(TABLE);
	receiver_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_routes_of_several_hops),
		cmocka_unit_test(marks_routes_by_nexthop_objects),
		cmocka_unit_test(leaves_the_daemon_its_routes),
		cmocka_unit_test(hands_out_again),
	};

	if (geteuid() != 0) {
		fprintf(stderr, "skipped: a network namespace needs root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, setup, NULL);
}
