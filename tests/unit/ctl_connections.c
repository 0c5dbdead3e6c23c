/* SPDX-License-Identifier: Apache-2.0 */
/* show connections, delete connections: output and exit codes, over a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/ctl_fixture.h"

static void tables_have_all_pages(void **state)
{
	(void)state;
	expect("show connections", 0,
	       "VRF  STATE            SOURCE               DESTINATION       IDLE-S  EXPIRES-S  RULE\n"
	       "red  tcp established  10.0.0.1:40000       10.0.0.2:443           1        118  web\n"
	       "red  udp new          [2001:db8::1]:40000  [2001:db8::2]:53       1        118  web\n");
	assert_non_null(strstr(output, "2 of 2 connections; there is room for 16384 of IPv4\n"));
	expect("show connections --port 443 -o wide", 0, "RULE  REVISION\n");
	assert_non_null(strstr(output, "1 of 2 connections"));
	assert_null(strstr(output, "udp"));
}

static void json_has_what_the_api_has(void **state)
{
	(void)state;
	expect("show connections -o json", 0, "\"idle_milliseconds\": 1500");
	assert_non_null(strstr(output, "\"source\": \"10.0.0.1\", \"source_port\": 40000"));
	assert_non_null(strstr(output, "], \"count\": 2, \"capacity\": 16384}\n"));
	expect("show connections -o yaml", 2, "only resources are shown as YAML");
}

static void sources_are_shown(void **state)
{
	(void)state;
	expect("show connections --by source", 0,
	       "VRF  SOURCE             CONNECTIONS  UNANSWERED\n"
	       "red  2001:db8:0:1::/64           20           7\n");
	assert_non_null(strstr(output, "of 16000 connections; there is room for 16384 of IPv4\n"));
	expect("show connections --by source -o json | jq -c '[.sources[0].source, .sources[0].entries, .count]'", 0,
	       "[\"2001:db8:0:1::/64\",20,16000]\n");
	expect("show connections --by rule", 2, "--by rule: source is expected");
	expect("show routes --by source", 2, "--by source is for show connections");
}

static void filters_are_checked(void **state)
{
	(void)state;
	expect("show connections --protocol xyz", 2, "--protocol xyz: a number from 1 to 255 is expected, or one of");
	expect("show connections --protocol 256", 2, "--protocol 256: ");
	expect("show connections --port 65536", 2, "--port 65536: a number from 1 to 65535");
	expect("show connections --member none", 2, "there is no member \"none\"");
	expect("show connections --listener none", 2, "there is no listener \"none\"");
	expect("show connections --load-balancer none", 2, "there is no load balancer \"none\"");
	expect("show connections --load-balancer shop --listener https --member api-1", 0, "LISTENER  MEMBER");
	assert_non_null(strstr(output, "https     api-1"));
	expect("show routes --listener a", 2, "select connections, and nothing else");
	expect("show routes --port 80", 2, "select connections, and nothing else");
	expect("delete route a/10.0.0.0/8 --port 80", 2, "select connections, and nothing else");
	expect("delete vrf", 2, "which vrf?");
}

static void deletes_what_the_filter_selects(void **state)
{
	(void)state;
	expect("delete connections --protocol tcp", 0, "deleted 6 connections\n");
	expect("delete connections --protocol 47", 0, "deleted 47 connections\n");
	expect("delete connections -a", 0, "deleted 2 connections\n");
	expect("delete connections", 2, "selects every connection");
}

static void drains_are_shown(void **state)
{
	(void)state;
	expect("drain pool web", 1,
	       "MEMBER  DRAINING  SINCE  CONNECTIONS  YOUNGER  YOUNGEST  LAST-S\n"
	       "web-1   yes          17            3        0        16     118\n"
	       "web-2   no                         4        0        16     118\n");
	expect("drain member web-1 -o json", 1, "\"since_generation\": 17");
	assert_non_null(strstr(output, "\"generation\": 20"));
	expect("drain member none", 2, "there is no member \"none\"");
	expect("drain vrf web", 2, "drain vrf: member or pool is expected");
	expect("drain member web-1 -o yaml", 2, "only resources are shown as YAML");
	expect("drain member", 2, "drain");
}

static void drains_are_waited_for(void **state)
{
	(void)state;
	expect("drain member web-9 --wait 60 --interval 0.1", 0,
	       "web-9: 2 connections left, none younger than the drain; the last ends in 118 s if nothing more comes\n"
	       "web-9: 1 connection left, none younger than the drain; the last ends in 118 s if nothing more comes\n"
	       "web-9: drained\n");
	/* What is there at the end is what is printed. */
	expect("drain member web-9 --wait 1m -o json", 0, "\"connections\": 0");
	assert_non_null(strstr(output, "web-9: drained\n"));
	expect("drain member web-1 --wait 1s --interval 0.1", 1, "error: web-1 is not drained behind 1 s\n");
	assert_non_null(strstr(output, "web-1   yes          17            3        0        16     118\n"));
	expect("drain pool web --wait 60", 1,
	       "error: new flows come to web-2: set its admin_state to draining first\n");
	expect("drain member web-1 --wait 0", 2, "--wait 0: a time from 1 to 86400 seconds is expected");
}

static void top_shows_rates_until_it_ends(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	expect("apply -y -f lab.yaml", 0, "revision");
	expect("top --interval 0.1 --count 2", 0, "\nINTERFACES ");
	assert_non_null(strstr(output, "not programmed"));
	assert_non_null(strstr(output, "\n\nSluice ")); /* the second one */
	assert_null(strchr(output, '\033'));
	expect("top --interval 0.1 -o json", 0, "\"received_packets_per_second\": 0.0");
	expect("top -o yaml", 2, "top prints -o table or -o json");
	expect("top --interval 0", 2, "--interval 0: a number of seconds from 0.1 to 3600");
	expect("top --count 0", 2, "--count 0: a number from 1");
}

/* On a terminal: its second screen, and the first one again at the end. */
static void top_gives_the_terminal_back(void **state)
{
	(void)state;
	assert_int_equal(shell("TERM=xterm timeout 30 script -qfec \"" SLUICECTL
			       " top --interval 0.1 --count 2\" /dev/null </dev/null"),
			 0);
	assert_non_null(strstr(output, "\033[?1049h\033[?25l"));
	assert_non_null(strstr(output, "\033[H"));
	assert_non_null(strstr(output, "\033[?25h\033[?1049l"));
	assert_int_equal(shell("{ sleep 0.5; printf q; } | TERM=xterm timeout 30 script -qfec \"" SLUICECTL
			       " top --interval 60\" /dev/null"),
			 0);
	assert_non_null(strstr(output, "\033[?25h\033[?1049l"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tables_have_all_pages, start, stop),
		cmocka_unit_test_setup_teardown(json_has_what_the_api_has, start, stop),
		cmocka_unit_test_setup_teardown(sources_are_shown, start, stop),
		cmocka_unit_test_setup_teardown(filters_are_checked, start, stop),
		cmocka_unit_test_setup_teardown(deletes_what_the_filter_selects, start, stop),
		cmocka_unit_test_setup_teardown(drains_are_shown, start, stop),
		cmocka_unit_test_setup_teardown(drains_are_waited_for, start, stop),
		cmocka_unit_test_setup_teardown(top_shows_rates_until_it_ends, start, stop),
		cmocka_unit_test_setup_teardown(top_gives_the_terminal_back, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
