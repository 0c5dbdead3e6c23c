/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts on the links of interfaces are reached without configured routes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile_fixture.h"
#include "vnf/reconcile/shown_links.h"

/* VRF red has 192.0.2.254/24 on eth0 and 198.51.100.1/24 on VLAN 9 of eth1. */
static int setup(void **state)
{
	fake_run_setup(state);
	fake_link(3, "eth0", true);
	fake_link(4, "eth1", true);
	fake_vlan(8, "eth1.9", 4, 9);
	fake_address(3, "192.0.2.254/24");
	fake_address(8, "198.51.100.1/24");
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_vrf("blue", NULL));
	fake_put(&snapshot, fake_interface("a", "eth0", "red", 0));
	fake_put(&snapshot, fake_interface("b", "eth1", "red", 9));
	return 0;
}

static struct dp_fib_leaf leaf_to(const char *vrf, const char *text)
{
	struct ip_address address;

	if (fake_run(fake, &snapshot))
		fail_msg("%s", fake->error.fault[0].message);
	assert_int_equal(ip_address_parse(text, &address), 0);
	return fib_lookup(fake->fib, (uint16_t)fake_id(RESOURCE_VRF, vrf), &address);
}

static uint32_t group_to(const char *vrf, const char *text)
{
	return leaf_to(vrf, text).group;
}

/* The way to a host of which the MAC is known. */
static const struct dp_egress *host(const char *text)
{
	const struct dp_fib_leaf leaf = leaf_to("red", text);

	assert_int_equal(leaf.group, DP_GROUP_HOST);
	assert_int_not_equal(leaf.route, 0);
	return &fake->bank->hosts[leaf.route];
}

static void prefixes_lead_onto_links(void **state)
{
	const struct dp_egress *link = fake->bank->links;

	(void)state;
	assert_int_equal(group_to("red", "192.0.2.1"), DP_GROUP_CONNECTED);
	assert_int_equal(leaf_to("red", "192.0.2.1").route, fake_id(RESOURCE_INTERFACE, "a"));
	assert_int_equal(leaf_to("red", "198.51.100.9").route, fake_id(RESOURCE_INTERFACE, "b"));
	assert_int_equal(group_to("red", "192.0.2.255"), DP_GROUP_BROADCAST);
	assert_int_equal(group_to("red", "192.0.3.1"), DP_GROUP_NONE);
	assert_int_equal(group_to("blue", "192.0.2.1"), DP_GROUP_NONE);
	assert_int_equal(group_to("red", "192.0.2.254"), DP_GROUP_LOCAL);
	link += fake_id(RESOURCE_INTERFACE, "b");
	assert_int_equal(link->ifindex, 8); /* the kernel's VLAN device, which puts the tag in */
	assert_int_equal(link->vlan_id, 0);
	assert_true(link->resolve && link->tc_only);
	assert_int_equal(link->mtu, 1500);
	assert_int_equal(link->interface, fake_id(RESOURCE_INTERFACE, "b"));

	fake_link(3, "eth0", false);
	assert_int_equal(group_to("red", "192.0.2.1"), DP_GROUP_NONE);
	fake_link(3, "eth0", true);
	assert_int_equal(group_to("red", "192.0.2.1"), DP_GROUP_CONNECTED);
	fake_put(&snapshot, fake_interface("a", "eth0", "blue", 0));
	assert_int_equal(group_to("red", "192.0.2.1"), DP_GROUP_NONE);
	assert_int_equal(group_to("blue", "192.0.2.1"), DP_GROUP_CONNECTED);
	fake_address_gone(3, "192.0.2.254");
	assert_int_equal(group_to("blue", "192.0.2.1"), DP_GROUP_NONE);
	fake_address(3, "fe80::1/64");
	fake_address(3, "203.0.113.1/32");
	assert_int_equal(group_to("blue", "fe80::2"), DP_GROUP_NONE);
	fake_remove(&snapshot, RESOURCE_INTERFACE, "b");
	assert_int_equal(group_to("red", "198.51.100.9"), DP_GROUP_NONE);
	assert_int_equal(link->ifindex, 0);
}

/* RFC 4291 2.6.1: all routers on a link share the address of its prefix. */
static void links_have_an_anycast_address(void **state)
{
	(void)state;
	fake_address(3, "2001:db8:1::1/64");
	fake_address(3, "2001:db8:2::2/127"); /* RFC 6164 */
	fake_address(3, "fe80::1/64");
	assert_int_equal(group_to("red", "2001:db8:1::1"), DP_GROUP_LOCAL);
	assert_int_equal(group_to("red", "2001:db8:1::"), DP_GROUP_ANYCAST);
	assert_int_equal(group_to("red", "2001:db8:1::2"), DP_GROUP_CONNECTED);
	assert_int_equal(group_to("red", "2001:db8:2::3"), DP_GROUP_CONNECTED);
	assert_int_equal(group_to("red", "fe80::"), DP_GROUP_NONE);
	fake_address(8, "2001:db8:1::/48"); /* one of our own has it to itself */
	assert_int_equal(group_to("red", "2001:db8:1::"), DP_GROUP_LOCAL);
	fake_address_gone(8, "2001:db8:1::");
	assert_int_equal(group_to("red", "2001:db8:1::"), DP_GROUP_ANYCAST);
	fake_address_gone(3, "2001:db8:1::1");
	assert_int_equal(group_to("red", "2001:db8:1::"), DP_GROUP_NONE);
}

static void known_neighbours_are_hosts(void **state)
{
	(void)state;
	fake_neighbour(3, "192.0.2.1", "02:00:00:00:00:aa");
	fake_neighbour(3, "203.0.113.9", "02:00:00:00:00:bb"); /* on no prefix of the link */
	fake_neighbour(8, "198.51.100.9", "02:00:00:00:00:cc");
	assert_int_equal(host("192.0.2.1")->ifindex, 3);
	assert_memory_equal(host("192.0.2.1")->dst_mac, "\x02\0\0\0\0\xaa", 6);
	assert_memory_equal(host("192.0.2.1")->src_mac, "\x02\0\0\0\0\x03", 6);
	assert_int_equal(host("198.51.100.9")->ifindex, 4); /* Sluice puts the tag in itself */
	assert_int_equal(host("198.51.100.9")->vlan_id, 9);
	assert_int_equal(group_to("red", "203.0.113.9"), DP_GROUP_NONE);
	assert_int_equal(group_to("blue", "192.0.2.1"), DP_GROUP_NONE);
	assert_true(fake_is_wanted(3, "192.0.2.1"));
	assert_false(fake_is_wanted(3, "203.0.113.9"));

	fake_neighbour(3, "192.0.2.1", "02:00:00:00:00:ab");
	assert_memory_equal(host("192.0.2.1")->dst_mac, "\x02\0\0\0\0\xab", 6);
	fake_neighbour_fails(3, "192.0.2.1");
	assert_int_equal(group_to("red", "192.0.2.1"), DP_GROUP_HOST);
	assert_int_equal(leaf_to("red", "192.0.2.1").route, 0); /* which says that it does not answer */
	assert_false(fake_is_wanted(3, "192.0.2.1"));
	fake_neighbour(3, "192.0.2.1", NULL);
	assert_int_equal(group_to("red", "192.0.2.1"), DP_GROUP_CONNECTED);
	fake_neighbour(3, "192.0.2.1", "02:00:00:00:00:aa");
	host("192.0.2.1");
	fake_link(3, "eth0", false);
	assert_int_equal(group_to("red", "192.0.2.1"), DP_GROUP_NONE);
	assert_false(fake_is_wanted(3, "192.0.2.1"));
}

static void routes_and_links(void **state)
{
	(void)state;
	fake_neighbour(3, "192.0.2.1", "02:00:00:00:00:aa");
	fake_put(&snapshot, fake_gateway("hop", "a", "192.0.2.7", "02:00:00:00:00:bb"));
	fake_put(&snapshot, fake_group("group", "hop", NULL));
	fake_put(&snapshot, fake_route("red", "192.0.2.0/24", "group", 1)); /* a link's prefix wins over it */
	assert_int_equal(group_to("red", "192.0.2.9"), DP_GROUP_CONNECTED);
	host("192.0.2.1");
	fake_put(&snapshot, fake_route("red", "192.0.2.1/32", "group", 2)); /* wins over the host */
	assert_int_equal(leaf_to("red", "192.0.2.1").route, 2);
	fake_remove_route(&snapshot, "red", "192.0.2.1/32");
	host("192.0.2.1");
	fake_put(&snapshot, fake_route("red", "192.0.2.0/25", "group", 3)); /* more specific than the prefix */
	assert_int_equal(leaf_to("red", "192.0.2.9").route, 3);
	host("192.0.2.1");
	fake_remove_route(&snapshot, "red", "192.0.2.0/25");
	fake_address_gone(3, "192.0.2.254");
	assert_int_equal(leaf_to("red", "192.0.2.9").route, 1);
	fake_remove_route(&snapshot, "red", "192.0.2.0/24");
	assert_int_equal(group_to("red", "192.0.2.1"), DP_GROUP_NONE);
}

static void an_interface_may_have_none(void **state)
{
	struct resource *interface = fake_interface("a", "eth0", "red", 0);

	(void)state;
	((struct interface *)interface)->connected = false;
	fake_neighbour(3, "192.0.2.1", "02:00:00:00:00:aa");
	host("192.0.2.1");
	fake_put(&snapshot, interface);
	assert_int_equal(group_to("red", "192.0.2.1"), DP_GROUP_NONE);
	assert_int_equal(group_to("red", "192.0.2.254"), DP_GROUP_LOCAL);
	fake_link_gone(8);
	assert_int_equal(group_to("red", "198.51.100.9"), DP_GROUP_NONE);
}

/* No more are known than there are rows, and the last ones are. */
static void hosts_are_bounded(void **state)
{
	unsigned int known = 0;
	struct link_facts facts;

	(void)state;
	fake_address(3, "10.0.0.1/16");
	leaf_to("red", "10.0.0.1");
	for (unsigned int i = 0; i < 200; i++) {
		char text[32];

		snprintf(text, sizeof(text), "10.0.1.%u", 1 + i);
		fake_neighbour(3, text, "02:00:00:00:00:aa");
	}
	leaf_to("red", "10.0.0.1");
	for (size_t i = 1; i < bank_rows(&fake_limits, DP_TABLE_hosts); i++)
		known += fake->bank->hosts[i].ifindex != 0;
	assert_in_range(known, 1, fake_limits.next_hops);
	assert_true(known == 200 || known == fake_limits.next_hops);
	shown_link_read(fake->tables->shown_links, fake_id(RESOURCE_INTERFACE, "a"), &facts);
	assert_int_equal(facts.hosts, known);
	assert_int_equal(facts.refused, 200 - known);
	assert_int_equal(leaf_to("red", "10.0.1.200").group, DP_GROUP_HOST);
}

static enum link_lack lack_of(const char *interface)
{
	struct link_facts facts;

	leaf_to("red", "192.0.2.1");
	shown_link_read(fake->tables->shown_links, fake_id(RESOURCE_INTERFACE, interface), &facts);
	return facts.lack;
}

/* Why there are no connected routes. */
static void what_is_lacking(void **state)
{
	struct interface *interface = (struct interface *)fake_interface("b", "eth1", "red", 9);

	(void)state;
	assert_int_equal(lack_of("a"), LINK_LACKS_NOTHING);
	assert_int_equal(lack_of("b"), LINK_LACKS_NOTHING);
	fake_link_gone(8);
	assert_int_equal(lack_of("b"), LINK_LACKS_VLAN_DEVICE);
	interface->connected = false; /* it wants none */
	fake_put(&snapshot, &interface->resource);
	assert_int_equal(lack_of("b"), LINK_LACKS_NOTHING);
	fake_address_gone(3, "192.0.2.254");
	assert_int_equal(lack_of("a"), LINK_LACKS_NOTHING);
	interface = (struct interface *)fake_interface("a", "eth0", "red", 0);
	interface->gateway[0] = (struct gateway_address){.length = 24};
	assert_int_equal(ip_address_parse("203.0.113.1", &interface->gateway[0].address), 0);
	interface->gateways = 1;
	fake_put(&snapshot, &interface->resource);
	assert_int_equal(lack_of("a"), LINK_LACKS_ADDRESS);
	fake_address(3, "192.0.2.254/24");
	assert_int_equal(lack_of("a"), LINK_LACKS_NOTHING);
}

/* A tunnel whose remote is on a link is programmed once that answers, and the kernel is asked until then. */
static void tunnels_over_links(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_tunnel("t", DP_TUNNEL_VXLAN, "192.0.2.254", "192.0.2.1", 4789, "red", 100, "blue"));
	leaf_to("red", "192.0.2.1");
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t"), PENDING_UNDERLAY_HOST);
	assert_true(fake_is_wanted(3, "192.0.2.1"));
	fake_neighbour(3, "192.0.2.1", "02:00:00:00:00:aa");
	host("192.0.2.1");
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t"), PENDING_NONE);
	fake_neighbour_fails(3, "192.0.2.1");
	leaf_to("red", "192.0.2.1");
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t"), PENDING_UNDERLAY_HOST);
	fake_neighbour(3, "192.0.2.1", NULL);
	leaf_to("red", "192.0.2.1");
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t"), PENDING_UNDERLAY_HOST);
	assert_true(fake_is_wanted(3, "192.0.2.1"));
	fake_remove(&snapshot, RESOURCE_TUNNEL_ENDPOINT, "t");
	leaf_to("red", "192.0.2.1");
	assert_false(fake_is_wanted(3, "192.0.2.1"));
}

static struct gateway_address gateway(const char *text)
{
	struct gateway_address gateway = {.length = 24};

	assert_int_equal(ip_address_parse(text, &gateway.address), 0);
	return gateway;
}

/* Addresses of the router's own that the kernel knows nothing of. */
static void interfaces_and_vnis_have_addresses(void **state)
{
	struct resource *interface = fake_interface("a", "eth0", "red", 0), *tunnel;
	const struct dp_answer_source *source;

	(void)state;
	((struct interface *)interface)->gateway[0] = gateway("203.0.113.1");
	((struct interface *)interface)->gateways = 1;
	fake_put(&snapshot, interface);
	tunnel = fake_tunnel("t", DP_TUNNEL_VXLAN, "192.0.2.254", "192.0.2.1", 4789, "red", 100, "blue");
	tunnel_endpoint_gateways((struct tunnel_endpoint *)tunnel)[0] = gateway("203.0.113.2");
	((struct tunnel_endpoint *)tunnel)->binding[0].count = 1;
	fake_put(&snapshot, tunnel);
	assert_int_equal(group_to("red", "203.0.113.1"), DP_GROUP_LOCAL);
	assert_int_equal(group_to("red", "203.0.113.9"), DP_GROUP_NONE); /* the kernel could not ask for it */
	assert_int_equal(group_to("blue", "203.0.113.2"), DP_GROUP_LOCAL);
	assert_int_equal(group_to("red", "203.0.113.2"), DP_GROUP_NONE);
	source = &fake->bank->port_answers[fake_id(RESOURCE_INTERFACE, "a")].source;
	assert_memory_equal(&source->ipv4, "\xcb\0\x71\x01", 4); /* before the kernel's */

	fake_put(&snapshot, fake_interface("a", "eth0", "red", 0));
	fake_put(&snapshot, fake_tunnel("t", DP_TUNNEL_VXLAN, "192.0.2.254", "192.0.2.1", 4789, "red", 100, "blue"));
	assert_int_equal(group_to("red", "203.0.113.1"), DP_GROUP_NONE);
	assert_int_equal(group_to("blue", "203.0.113.2"), DP_GROUP_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(prefixes_lead_onto_links, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(links_have_an_anycast_address, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(known_neighbours_are_hosts, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(routes_and_links, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(an_interface_may_have_none, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(hosts_are_bounded, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(what_is_lacking, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(tunnels_over_links, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(interfaces_and_vnis_have_addresses, setup, fake_run_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
