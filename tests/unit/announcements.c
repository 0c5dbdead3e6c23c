/* SPDX-License-Identifier: Apache-2.0 */
/* When the router's own addresses are announced, on which ports, and how often: vnf/reconcile/announcer.h and the
 * tables in vnf/features/base/announcement_tables.c, over a packet socket that only notes what is sent. */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "failing.h"
#include "reconciler_fixture.h"
#include "vnf/core/loop.h"
#include "vnf/reconcile/announcer.h"

#define SOON 200 /* ms: what is due at once has been sent by then */

static void run_for(unsigned int ms)
{
	const struct timeval most = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

	event_base_loopexit(loop_base(loop), &most);
	event_base_dispatch(loop_base(loop));
}

/* On the link and VLAN, "" is any address. */
static size_t count(uint32_t ifindex, uint16_t vlan_id, const char *address)
{
	size_t found = 0;

	for (size_t i = 0; i < fake_announced_count; i++) {
		const struct announcement *sent = &fake_announced[i].announcement;
		char text[IP_ADDRESS_TEXT];

		ip_address_format(&sent->address, text);
		if (sent->ifindex == ifindex && sent->vlan_id == vlan_id && (!*address || strcmp(text, address) == 0))
			found++;
	}
	return found;
}

static struct resource *interface_with_gateway(const char *name, const char *device, const char *vrf, uint16_t vlan_id,
					       const char *address)
{
	struct interface *interface = (struct interface *)fake_interface(name, device, vrf, vlan_id);

	interface->gateways = 1;
	assert_int_equal(ip_address_parse(address, &interface->gateway[0].address), 0);
	interface->gateway[0].length = 24;
	return &interface->resource;
}

/* Commits that have nothing to do with it come between. */
static void test_three_times_a_second_apart(void **state)
{
	(void)state;
	run_for(SOON);
	assert_int_equal(fake_announced_count, 0); /* the kernel's address is the kernel's affair */
	change(fake_vrf_with_gateway("red", "10.0.0.1", false));
	assert_int_equal(commit(), 0);
	assert_int_equal(fake_announced_count, 0); /* who commits doesn't wait for it */
	run_for(SOON);
	assert_int_equal(fake_announced_count, 1);
	assert_memory_equal(fake_announced[0].announcement.mac, "\x02\0\0\0\0\x03", 6);
	change(fake_route("red", "10.5.0.0/16", "group", 2));
	assert_int_equal(commit(), 0);
	run_for(2000);
	assert_int_equal(fake_announced_count, 3);
	run_for(1200);
	assert_int_equal(fake_announced_count, 3);
	assert_int_equal(count(3, 0, "10.0.0.1"), 3);
	for (size_t i = 1; i < 3; i++)
		assert_in_range(fake_announced[i].ms - fake_announced[i - 1].ms, ANNOUNCER_INTERVAL_MS,
				ANNOUNCER_INTERVAL_MS + SOON);
}

/* And an address that comes back is announced anew. */
static void test_withdrawn_stops(void **state)
{
	(void)state;
	change(fake_vrf_with_gateway("red", "10.0.0.1", false));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	change(fake_vrf_with_gateway("red", "2001:db8::1", false));
	assert_int_equal(commit(), 0);
	run_for(1000 + SOON);
	assert_int_equal(count(3, 0, "10.0.0.1"), 1);
	assert_int_equal(count(3, 0, "2001:db8::1"), 2);
	change(fake_vrf_with_gateway("red", "10.0.0.1", false));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count(3, 0, "10.0.0.1"), 2);
	assert_int_equal(count(3, 0, "2001:db8::1"), 2);
}

/* One that is gone before its first is not announced, and one that was noted twice is sent once. */
static void test_changes_before_the_first(void **state)
{
	(void)state;
	change(fake_vrf_with_gateway("red", "10.0.0.1", false));
	assert_int_equal(commit(), 0);
	change(fake_vrf_with_gateway("red", "10.0.0.2", false));
	assert_int_equal(commit(), 0);
	change(fake_vrf("red", NULL));
	assert_int_equal(commit(), 0);
	change(fake_vrf_with_gateway("red", "10.0.0.2", false));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(fake_announced_count, 1);
	assert_int_equal(count(3, 0, "10.0.0.2"), 1);
}

static void test_interface_and_tags(void **state)
{
	struct interface *twice;

	(void)state;
	change(interface_with_gateway("b", "eth0", "red", 100, "10.1.0.1"));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count(3, 100, "10.1.0.1"), 1);
	assert_int_equal(fake_announced_count, 1); /* no other port is that address's */
	twice = (struct interface *)interface_with_gateway("b", "eth0", "red", 100, "10.1.0.2");
	twice->inner_vlan_id = 10;
	change(&twice->resource);
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count(3, 100, "10.1.0.2"), 1);
	assert_int_equal(fake_announced[1].announcement.inner_vlan_id, 10);
	change(fake_vrf_with_gateway("red", "10.0.0.1", false));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count(3, 100, "10.0.0.1"), 1);
	assert_int_equal(count(3, 0, "10.0.0.1"), 1);
}

/* Neither stages of chains nor other VRFs hear of it. */
static void test_only_plain_ports_of_the_vrf(void **state)
{
	(void)state;
	fake_link(4, "eth1", true);
	fake_link(5, "eth2", true);
	fake_link(6, "eth3", true);
	change(fake_vrf("blue", NULL));
	change(fake_interface("b", "eth1", "blue", 0));
	change(fake_interface("in", "eth2", "red", 0));
	change(fake_interface("out", "eth3", "red", 0));
	change(fake_pair("p", "in", "out"));
	change(fake_vrf_with_gateway("red", "10.0.0.1", false));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count(3, 0, "10.0.0.1"), 1);
	assert_int_equal(fake_announced_count, 1);
	withdraw(RESOURCE_PORT_PAIR, "p");
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count(5, 0, "10.0.0.1"), 1);
	assert_int_equal(count(6, 0, "10.0.0.1"), 1);
	assert_int_equal(fake_announced_count, 3);
}

/* A port that is new, comes up, changes its MAC or moves to the VRF has hosts that know nothing yet. */
static void test_ports_that_come(void **state)
{
	(void)state;
	fake_link(4, "eth1", false);
	change(fake_vrf("blue", NULL));
	change(fake_vrf_with_gateway("red", "10.0.0.1", false));
	change(fake_interface("b", "eth1", "red", 0));
	change(interface_with_gateway("c", "eth0", "blue", 7, "10.2.0.1"));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count(4, 0, ""), 0);
	assert_int_equal(count(3, 0, "10.0.0.1"), 1);
	assert_int_equal(count(3, 7, "10.2.0.1"), 1);
	fake_link(4, "eth1", true);
	run_for(SOON);
	assert_int_equal(count(4, 0, "10.0.0.1"), 1);
	fake_mtu(4, 9000); /* changes nothing for hosts */
	run_for(SOON);
	assert_int_equal(count(4, 0, "10.0.0.1"), 1);
	change(interface_with_gateway("c", "eth0", "red", 7, "10.2.0.1"));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count(3, 7, "10.2.0.1"), 2);
	assert_int_equal(count(3, 7, "10.0.0.1"), 1);
	fake_link(4, "eth1", false);
	run_for(1000 + SOON);
	assert_int_equal(count(4, 0, ""), 1);
}

/* Into the VNI behind eth1, since announcement `first`. */
static size_t count_in_vni(uint8_t vni, const char *address, size_t first)
{
	size_t found = 0;

	for (size_t i = first; i < fake_announced_count; i++) {
		const struct announcement *sent = &fake_announced[i].announcement;
		char text[IP_ADDRESS_TEXT];

		if (!sent->tunnel.remote.family)
			continue;
		assert_int_equal(sent->ifindex, 4);
		assert_memory_equal(sent->tunnel.dst_mac, "\x02\0\0\0\0\xbb", 6);
		assert_memory_equal(sent->tunnel.src_mac, "\x02\0\0\0\0\x04", 6);
		assert_string_equal(ip_address_format(&sent->tunnel.remote, text), "10.9.0.2");
		ip_address_format(&sent->address, text);
		found += sent->tunnel.header[6] == vni && strcmp(text, address) == 0;
	}
	return found;
}

static struct resource *tunnel_with(uint32_t vni, uint32_t another)
{
	struct resource *tunnel = fake_tunnel("t", DP_TUNNEL_VXLAN, "10.9.0.1", "10.9.0.2", 4789, "under", vni, "red");

	if (another)
		fake_bind(tunnel, another, "red");
	return tunnel;
}

/* Hosts behind a tunnel hear of a VRF's addresses in each VNI, when an address, a VNI or the tunnel is new. */
static void test_tunnels(void **state)
{
	size_t first;

	(void)state;
	fake_link(4, "eth1", true);
	change(fake_vrf("under", NULL));
	change(fake_interface("u", "eth1", "under", 0));
	change(fake_gateway("vtep", "u", "10.9.0.2", "02:00:00:00:00:bb"));
	change(fake_group("vtep", "vtep", NULL));
	change(fake_vrf_with_gateway("red", "10.0.0.1", false));
	change(tunnel_with(100, 0));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count_in_vni(100, "10.0.0.1", 0), 0); /* there is no way to it */
	change(fake_route("under", "10.9.0.0/24", "vtep", 7));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count_in_vni(100, "10.0.0.1", 0), 1);
	assert_int_equal(count(3, 0, "10.0.0.1"), 1); /* and on the port, as ever */
	first = fake_announced_count;
	change(tunnel_with(100, 101));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count_in_vni(101, "10.0.0.1", first), 1);
	assert_int_equal(count_in_vni(100, "10.0.0.1", first), 0);
	first = fake_announced_count;
	change(fake_vrf_with_gateway("red", "10.0.0.2", false));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count_in_vni(100, "10.0.0.2", first), 1);
	assert_int_equal(count_in_vni(101, "10.0.0.2", first), 1);
	first = fake_announced_count;
	withdraw_route("under", "10.9.0.0/24");
	assert_int_equal(commit(), 0);
	run_for(1200);
	assert_int_equal(count_in_vni(100, "10.0.0.2", first), 0);
	change(fake_route("under", "10.9.0.0/24", "vtep", 8));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count_in_vni(100, "10.0.0.2", first), 1);
}

static int refuse(void *context, struct error *error)
{
	(void)context;
	error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "refused");
	return -ENOSPC;
}

static void test_undone(void **state)
{
	static const struct reconciler_gate gate = {.pass = refuse};

	(void)state;
	change(fake_vrf_with_gateway("red", "10.0.0.1", false));
	commit_gate = &gate;
	assert_int_equal(commit(), -ENOSPC);
	commit_gate = NULL;
	run_for(SOON);
	assert_int_equal(fake_announced_count, 0);
	change(fake_route("red", "10.5.0.0/16", "group", 2));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(fake_announced_count, 0);
}

/* However many there are, the loop's other work has its turn after at most ANNOUNCER_MOST, and all are sent. */
static void test_bound(void **state)
{
	const unsigned int ports = 180;
	unsigned int turns = 0;

	(void)state;
	for (unsigned int i = 1; i <= ports; i++) {
		char name[16];

		snprintf(name, sizeof(name), "v%u", i);
		change(fake_interface(name, "eth0", "red", (uint16_t)i));
		if (i % 60 == 0)
			assert_int_equal(commit(), 0);
	}
	run_for(SOON);
	assert_int_equal(fake_announced_count, 0);
	change(fake_vrf_with_gateway("red", "10.0.0.1", false));
	assert_int_equal(commit(), 0);
	while (fake_announced_count < ports + 1 && turns++ < 100) {
		size_t before = fake_announced_count;

		event_base_loop(loop_base(loop), EVLOOP_ONCE);
		assert_in_range(fake_announced_count - before, 0, ANNOUNCER_MOST);
	}
	assert_int_equal(fake_announced_count, ports + 1);
	assert_true(fake_announced[ports].ms - fake_announced[0].ms >= 2 * ANNOUNCER_TICK_MS);
	for (uint16_t i = 0; i <= ports; i++)
		assert_int_equal(count(3, i, "10.0.0.1"), 1);
	run_for(2000 + SOON);
	assert_int_equal(fake_announced_count, 3 * (ports + 1));
}

/* Each allocation fails in turn: the commit is refused and nothing is announced, or all is. */
static void test_memory(void **state)
{
	unsigned int refused = 0;
	bool failed = true;

	for (unsigned int n = 1; failed; n++) {
		reconciler_set_up(state);
		change(interface_with_gateway("b", "eth0", "red", 100, "10.1.0.1"));
		change(fake_vrf_with_gateway("red", "10.0.0.1", false));
		fail_in = n;
		if (commit()) {
			refused++;
			assert_int_equal(fail_in, 0);
			run_for(20);
			assert_int_equal(fake_announced_count, 0);
			change(interface_with_gateway("b", "eth0", "red", 100, "10.1.0.1"));
			change(fake_vrf_with_gateway("red", "10.0.0.1", false));
			assert_int_equal(commit(), 0);
		}
		failed = !fail_in;
		fail_in = 0;
		run_for(30);
		assert_int_equal(count(3, 100, "10.1.0.1"), 1);
		assert_int_equal(count(3, 100, "10.0.0.1"), 1);
		assert_int_equal(count(3, 0, "10.0.0.1"), 1);
		assert_int_equal(fake_announced_count, 3);
		reconciler_tear_down(state);
	}
	print_message("%u allocations refused the commit\n", refused);
	assert_true(refused >= 3);
}

static void test_no_socket(void **state)
{
	fake_announce_open = -EPERM;
	reconciler_set_up(state);
	change(fake_vrf_with_gateway("red", "10.0.0.1", false));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(fake_announced_count, 0);
	reconciler_tear_down(state);
	fake_announce_open = 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, reconciler_set_up, reconciler_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(three_times_a_second_apart),
		TEST(withdrawn_stops),
		TEST(changes_before_the_first),
		TEST(interface_and_tags),
		TEST(only_plain_ports_of_the_vrf),
		TEST(ports_that_come),
		TEST(tunnels),
		TEST(undone),
		TEST(bound),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_no_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
