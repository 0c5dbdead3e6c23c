/* SPDX-License-Identifier: Apache-2.0 */
/* vnf/sources/mirror.h with EVPN, against the kernel: routes by a bridge with a vxlan device become ones into tunnels,
 * and hosts behind VTEPs routes of their own. */
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sources_fixture.h"
#include "vnf/core/clock.h"

#define MAIN 254

static int setup(void **state)
{
	(void)state;
	return sources_namespace();
}

static void follow(bool evpn)
{
	const struct source_config config = {
		.source = SOURCE, .table = MAIN, .max_routes = 1000, .allow_bogons = true, .evpn = evpn};

	receiver_follow(&config, 1);
}

static void add_segment(const char *vni)
{
	run("ip link add br%s type bridge && ip link set br%s up && "
	    "ip link add vx%s type vxlan id %s local 172.16.0.1 dstport 4789 nolearning && "
	    "ip link set vx%s master br%s && ip link set vx%s up",
	    vni, vni, vni, vni, vni, vni, vni);
}

static void add_router(const char *vtep, const char *mac)
{
	run("ip neigh replace %s lladdr %s dev br5000 nud noarp extern_learn", vtep, mac);
	run("bridge fdb replace %s dev vx5000 dst %s self extern_learn", mac, vtep);
}

static int start(void **state)
{
	(void)state;
	add_segment("5000");
	add_segment("100");
	receiver_start(0, MAIN);
	follow(true);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	receiver_stop();
	run("ip link del vx5000 && ip link del vx100 && ip link del br5000 && ip link del br100");
	run("ip route flush proto 186; ip -6 route flush proto 186; ip nexthop flush >/dev/null; true");
	return 0;
}

/* What the prefix leads to, such as "172.16.0.2 vni 5000 02:00:00:00:50:02", its hops joined by commas; "": no hop;
 * "none": no such route. A hop that is no tunnel is "gateway". */
static const char *way(const char *prefix)
{
	static char text[512];
	const struct source_change *route = received(prefix);
	const struct source_group *group;
	size_t length = 0;

	if (!route)
		return "none";
	group = received_group(prefix);
	text[0] = '\0';
	for (size_t i = 0; i < group->hops; i++) {
		const struct source_hop *hop = &group->hop[i];
		char remote[IP_ADDRESS_TEXT], mac[MAC_TEXT];

		if (hop->kind != SOURCE_HOP_TUNNEL)
			return "gateway";
		length +=
			(size_t)snprintf(text + length, sizeof(text) - length, "%s%s vni %u %s", i ? "," : "",
					 ip_address_format(&hop->remote, remote), hop->vni, mac_format(hop->mac, mac));
	}
	return text;
}
#define leads(prefix, to) wait_for(strcmp(way(prefix), to) == 0)

#define ROUTER_2 "172.16.0.2 vni 5000 02:00:00:00:50:02"
#define ROUTER_3 "172.16.0.3 vni 5000 02:00:00:00:50:03"

static void follows_prefixes(void **state)
{
	(void)state;
	add_router("172.16.0.2", "02:00:00:00:50:02");
	run("ip route add 10.0.2.0/24 via 172.16.0.2 dev br5000 onlink proto 186");
	leads("10.0.2.0/24", ROUTER_2);
	run("ip neigh add ::ffff:172.16.0.2 lladdr 02:00:00:00:50:02 dev br5000 nud noarp extern_learn");
	run("ip -6 route add fd02::/64 via ::ffff:172.16.0.2 dev br5000 onlink proto 186");
	leads("fd02::/64", ROUTER_2);
	/* Two of them, by a nexthop object; the second one's neighbour comes last. */
	run("ip nexthop add id 1 via 172.16.0.2 dev br5000 onlink && ip nexthop add id 2 via 172.16.0.3 dev br5000 "
	    "onlink "
	    "&& ip nexthop add id 3 group 1/2");
	run("ip route add 10.0.3.0/24 nhid 3 proto 186");
	leads("10.0.3.0/24", ROUTER_2);
	add_router("172.16.0.3", "02:00:00:00:50:03");
	leads("10.0.3.0/24", ROUTER_2 "," ROUTER_3);
	/* The MAC moves; the neighbour goes; both without a message about a route. */
	run("bridge fdb replace 02:00:00:00:50:02 dev vx5000 dst 172.16.0.9 self extern_learn");
	leads("10.0.2.0/24", "172.16.0.9 vni 5000 02:00:00:00:50:02");
	run("ip neigh del 172.16.0.2 dev br5000");
	leads("10.0.2.0/24", "");
	leads("10.0.3.0/24", ROUTER_3);
	add_router("172.16.0.2", "02:00:00:00:50:02");
	leads("10.0.2.0/24", ROUTER_2);
	/* Other links' routes are what they were, and all are without EVPN. */
	run("ip route add 10.0.4.0/24 via 10.0.0.2 proto 186");
	leads("10.0.4.0/24", "gateway");
	follow(false);
	leads("10.0.2.0/24", "gateway");
	follow(true);
	leads("10.0.2.0/24", ROUTER_2);
	run("ip route del 10.0.2.0/24 && ip -6 route del fd02::/64");
	wait_for(!received("10.0.2.0/24") && !received("fd02::/64"));
}

#define HOST "172.16.0.2 vni 100 02:00:00:00:00:aa"

static void follows_hosts(void **state)
{
	(void)state;
	add_router("172.16.0.2", "02:00:00:00:50:02");
	run("ip neigh add 10.0.2.10 lladdr 02:00:00:00:00:aa dev br100 nud noarp extern_learn");
	run("ip neigh add fd02::10 lladdr 02:00:00:00:00:aa dev br100 nud noarp extern_learn");
	run("bridge fdb add 02:00:00:00:00:aa dev vx100 dst 172.16.0.2 self extern_learn");
	leads("10.0.2.10/32", HOST);
	leads("fd02::10/128", HOST);
	assert_null(received("172.16.0.2/32")); /* the VTEP itself is none */
	assert_int_equal(received("10.0.2.10/32")->protocol, 186);
	/* A route of the kernel's counts before it. */
	run("ip route add 10.0.2.10/32 via 172.16.0.2 dev br5000 onlink proto 186 metric 20");
	leads("10.0.2.10/32", ROUTER_2);
	run("ip route del 10.0.2.10/32");
	leads("10.0.2.10/32", HOST);
	/* The host moves. */
	run("bridge fdb replace 02:00:00:00:00:aa dev vx100 dst 172.16.0.3 self extern_learn");
	leads("10.0.2.10/32", "172.16.0.3 vni 100 02:00:00:00:00:aa");
	/* Whole readings keep what is there: a link that goes down leads to one. */
	run("ip link set va down && ip link set va up && ip addr add fd00::1/64 dev va nodad");
	wait_for(facts().resyncs >= 3 && facts().state == SOURCE_FOLLOWING);
	leads("10.0.2.10/32", "172.16.0.3 vni 100 02:00:00:00:00:aa");
	leads("fd02::10/128", "172.16.0.3 vni 100 02:00:00:00:00:aa");
	follow(false);
	wait_for(!received("10.0.2.10/32") && !received("fd02::10/128"));
	follow(true);
	leads("10.0.2.10/32", "172.16.0.3 vni 100 02:00:00:00:00:aa");
	leads("fd02::10/128", "172.16.0.3 vni 100 02:00:00:00:00:aa");
	run("ip neigh del 10.0.2.10 dev br100 && bridge fdb del 02:00:00:00:00:aa dev vx100 dst 172.16.0.3 self");
	wait_for(!received("10.0.2.10/32") && !received("fd02::10/128"));
}

/* With a small receive buffer announcements are lost while many hosts come: in the end all are there. */
static void survives_an_overrun(void **state)
{
	FILE *batch;

	(void)state;
	receiver_stop();
	receiver_start(4096, MAIN);
	follow(true);
	wait_for(facts().state == SOURCE_FOLLOWING);
	run("bridge fdb add 02:00:00:00:00:aa dev vx100 dst 172.16.0.2 self extern_learn");
	batch = popen("ip -batch -", "w");
	assert_non_null(batch);
	for (int i = 0; i < 500; i++) {
		fprintf(batch, "neigh replace 10.0.%d.%d dev br100 lladdr 02:00:00:00:00:aa nud noarp extern_learn\n",
			i / 250 + 2, i % 250 + 1);
		if (i % 3 == 0)
			fprintf(batch, "neigh del 10.0.%d.%d dev br100\n", i / 250 + 2, i % 250 + 1);
	}
	assert_int_equal(pclose(batch), 0);
	for (int i = 0; i < 500; i++) {
		char prefix[IP_PREFIX_TEXT];

		snprintf(prefix, sizeof(prefix), "10.0.%d.%d/32", i / 250 + 2, i % 250 + 1);
		if (i % 3 == 0)
			wait_for(!received(prefix));
		else
			leads(prefix, HOST);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(follows_prefixes, start, stop),
		cmocka_unit_test_setup_teardown(follows_hosts, start, stop),
		cmocka_unit_test_setup_teardown(survives_an_overrun, start, stop),
	};

	if (geteuid() != 0) {
		fprintf(stderr, "skipped: a network namespace needs root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, setup, NULL);
}
