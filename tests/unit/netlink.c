/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vnf/dataplane/kernel/netlink.h in a network namespace of its own:
 *
 *   [ this namespace ]  near ---veth--- far  [ the peer's namespace, held by a child process ]
 */
#include <errno.h>
#include <event2/event.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "failing.h"
#include "vnf/core/loop.h"
#include "vnf/dataplane/kernel/netlink.h"

static struct loop *loop;
static struct netlink *netlink;
static pid_t peer;
static unsigned int links_changed, addresses_changed, neighbours_changed;

static void changed(void *context, enum netlink_kind kind, uint32_t ifindex, const struct ip_address *address)
{
	(void)context;
	assert_int_not_equal(ifindex, 0);
	assert_int_equal(address != NULL, kind == NETLINK_NEIGHBOUR_CHANGED || kind == NETLINK_HEARD);
	if (kind == NETLINK_LINK_CHANGED)
		links_changed++;
	else if (kind == NETLINK_ADDRESS_CHANGED)
		addresses_changed++;
	else
		neighbours_changed++;
}

static void __attribute__((format(printf, 1, 2))) run(const char *format, ...)
{
	char command[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

#define PEER "nsenter -t %d -n "

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Lets the loop work until the condition holds. */
#define wait_for(condition)                                                                                            \
	do {                                                                                                           \
		double deadline = now() + 20;                                                                          \
		while (!(condition) && now() < deadline) {                                                             \
			const struct timeval most = {.tv_usec = 50000};                                                \
			event_base_loopexit(loop_base(loop), &most);                                                   \
			event_base_loop(loop_base(loop), EVLOOP_ONCE);                                                 \
		}                                                                                                      \
		if (!(condition))                                                                                      \
			fail_msg("in 20 s it did not come true: %s", #condition);                                      \
	} while (0)

static struct ip_address address(const char *text)
{
	struct ip_address result;

	assert_int_equal(ip_address_parse(text, &result), 0);
	return result;
}

static bool has_address(uint32_t ifindex, const char *text)
{
	struct ip_address wanted = address(text);

	for (const struct netlink_address *a = netlink_addresses(netlink, ifindex); a; a = a->next)
		if (ip_address_compare(&a->address, &wanted) == 0)
			return true;
	return false;
}

static int setup(void **state)
{
	int ready[2], error;
	char byte;

	(void)state;
	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
		return -1;
	assert_int_equal(pipe(ready), 0);
	peer = fork();
	if (peer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	run("ip link add near address 02:00:00:00:00:01 mtu 1400 type veth peer name far address 02:00:00:00:00:02");
	run("ip link set far netns %d", peer);
	loop = loop_new();
	netlink = netlink_new(loop, changed, NULL, &error);
	return netlink ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	netlink_free(netlink);
	loop_free(loop);
	kill(peer, SIGKILL);
	waitpid(peer, NULL, 0);
	return 0;
}

static void follows_links(void **state)
{
	const struct netlink_link *near = netlink_link_by_name(netlink, "near");
	struct netlink_link copy;
	uint32_t ifindex;

	(void)state;
	assert_non_null(near);
	assert_int_equal(near->mtu, 1400);
	assert_memory_equal(near->mac, "\x02\0\0\0\0\x01", 6);
	assert_false(near->up);
	assert_int_equal(links_changed, 0); /* what was there at the start is no change */
	ifindex = near->ifindex;

	run("ip link set near up");
	run(PEER "ip link set far up", peer);
	wait_for(netlink_link_by_name(netlink, "near")->up);
	assert_int_not_equal(links_changed, 0);
	run(PEER "ip link set far down", peer); /* the carrier goes */
	wait_for(!netlink_link_by_name(netlink, "near")->up);
	run(PEER "ip link set far up", peer);
	wait_for(netlink_link_by_name(netlink, "near")->up);

	run("ip link set near down && ip link set near name close && ip link set close up");
	netlink_poll(netlink); /* no loop needed to see what is done */
	assert_null(netlink_link_by_name(netlink, "near"));
	assert_int_equal(netlink_link_by_name(netlink, "close")->ifindex, ifindex);
	assert_true(netlink_read_link(netlink, "close", &copy));
	assert_true(netlink_read_link_index(netlink, ifindex, &copy));
	assert_string_equal(copy.name, "close");
	assert_false(netlink_read_link(netlink, "near", &copy));
	run("ip link set close down && ip link set close name near && ip link set near up");

	run("ip link add other type veth peer name another");
	netlink_poll(netlink);
	assert_non_null(netlink_link_by_name(netlink, "another"));
	run("ip link del other");
	netlink_poll(netlink);
	assert_null(netlink_link_by_name(netlink, "other"));
	assert_null(netlink_link_by_name(netlink, "another"));
	wait_for(netlink_link_by_name(netlink, "near")->up);
}

static void tells_that_filters_have_gone(void **state)
{
	unsigned int before;

	(void)state;
	run("tc qdisc add dev near clsact");
	run("tc filter add dev near ingress protocol ip prio 7 u32 match u32 0 0");
	netlink_poll(netlink);
	before = links_changed;
	run("tc filter del dev near ingress protocol ip prio 7");
	netlink_poll(netlink);
	assert_int_not_equal(links_changed, before);
	before = links_changed;
	run("tc qdisc del dev near clsact");
	netlink_poll(netlink);
	assert_int_not_equal(links_changed, before);
}

static void follows_vlan_devices(void **state)
{
	uint32_t ifindex = netlink_link_by_name(netlink, "near")->ifindex;

	(void)state;
	if (system("ip link add link near name near.7 type vlan id 7 2>/dev/null") != 0) {
		print_message("this kernel has no VLAN devices\n");
		skip();
	}
	netlink_poll(netlink);
	assert_non_null(netlink_vlan_device(netlink, ifindex, 7));
	assert_string_equal(netlink_vlan_device(netlink, ifindex, 7)->name, "near.7");
	assert_null(netlink_vlan_device(netlink, ifindex, 8));
	run("ip link del near.7");
	netlink_poll(netlink);
	assert_null(netlink_vlan_device(netlink, ifindex, 7));
}

static void follows_addresses(void **state)
{
	uint32_t ifindex = netlink_link_by_name(netlink, "near")->ifindex;
	unsigned int before = addresses_changed;

	(void)state;
	run("ip addr add 192.0.2.1/24 dev near && ip addr add 2001:db8::1/64 dev near nodad");
	run("ip addr add 198.51.100.1 peer 198.51.100.2 dev near");
	netlink_poll(netlink);
	assert_true(has_address(ifindex, "192.0.2.1"));
	assert_true(has_address(ifindex, "2001:db8::1"));
	assert_true(has_address(ifindex, "198.51.100.1")); /* ours, not the peer's */
	assert_false(has_address(ifindex, "198.51.100.2"));
	assert_true(addresses_changed >= before + 3);
	run("ip addr del 198.51.100.1 peer 198.51.100.2 dev near");
	netlink_poll(netlink);
	assert_false(has_address(ifindex, "198.51.100.1"));
}

/* An address is the router's own once duplicate address detection has ended well. */
static void leaves_duplicates_to_their_owner(void **state)
{
	uint32_t ifindex = netlink_link_by_name(netlink, "near")->ifindex;

	(void)state;
	run(PEER "ip addr add 2001:db8::d/64 dev far nodad", peer);
	run("sysctl -qw net.ipv6.conf.near.accept_dad=1 net.ipv6.conf.near.dad_transmits=1");
	run("ip addr add 2001:db8::d/64 dev near && ip addr add 2001:db8::e/64 dev near");
	netlink_poll(netlink);
	assert_false(has_address(ifindex, "2001:db8::d"));
	assert_false(has_address(ifindex, "2001:db8::e"));
	wait_for(has_address(ifindex, "2001:db8::e"));
	assert_false(has_address(ifindex, "2001:db8::d"));
	run("ip addr del 2001:db8::d/64 dev near && ip addr del 2001:db8::e/64 dev near");
	run(PEER "ip addr del 2001:db8::d/64 dev far", peer);
	netlink_poll(netlink);
	assert_false(has_address(ifindex, "2001:db8::e"));
}

static void resolves_what_is_wanted(void **state)
{
	uint32_t ifindex = netlink_link_by_name(netlink, "near")->ifindex;
	struct ip_address ipv4 = address("192.0.2.2"), ipv6 = address("2001:db8::2");
	uint8_t mac[6];

	(void)state;
	/* Nobody answers yet: it is asked again and again. */
	assert_false(netlink_neighbour(netlink, ifindex, &ipv4, mac));
	assert_int_equal(netlink_want(netlink, ifindex, &ipv4, NETLINK_GATEWAYS), 0);
	assert_int_equal(netlink_want(netlink, ifindex, &ipv6, NETLINK_GATEWAYS), 0);
	run(PEER "ip addr add 192.0.2.2/24 dev far", peer);
	run(PEER "ip addr add 2001:db8::2/64 dev far nodad", peer);
	wait_for(netlink_neighbour(netlink, ifindex, &ipv4, mac));
	assert_memory_equal(mac, "\x02\0\0\0\0\x02", 6);
	wait_for(netlink_neighbour(netlink, ifindex, &ipv6, mac));
	assert_memory_equal(mac, "\x02\0\0\0\0\x02", 6);
	assert_true(netlink_read_neighbour(netlink, ifindex, &ipv6, mac));
	assert_int_not_equal(neighbours_changed, 0);
}

static void finds_out_a_dead_neighbour(void **state)
{
	uint32_t ifindex = netlink_link_by_name(netlink, "near")->ifindex;
	struct ip_address ipv4 = address("192.0.2.2");
	unsigned int before = neighbours_changed;
	uint8_t mac[6];

	(void)state;
	/* Stale after a moment, and probed fast, so that the test need not last. */
	run("echo 500 > /proc/sys/net/ipv4/neigh/near/base_reachable_time_ms");
	run("echo 1 > /proc/sys/net/ipv4/neigh/near/delay_first_probe_time");
	run("echo 100 > /proc/sys/net/ipv4/neigh/near/retrans_time_ms");
	run(PEER "ip link set far arp off", peer);
	run("ip neigh change 192.0.2.2 dev near lladdr 02:00:00:00:00:02 nud stale");
	wait_for(!netlink_neighbour(netlink, ifindex, &ipv4, mac));
	assert_true(neighbours_changed > before);
	/* Back with another MAC. */
	run(PEER "ip link set far address 02:00:00:00:00:99 arp on", peer);
	wait_for(netlink_neighbour(netlink, ifindex, &ipv4, mac));
	assert_memory_equal(mac, "\x02\0\0\0\0\x99", 6);
}

static void takes_static_neighbours(void **state)
{
	uint32_t ifindex = netlink_link_by_name(netlink, "near")->ifindex;
	struct ip_address ipv4 = address("192.0.2.77");
	uint8_t mac[6];

	(void)state;
	run("ip neigh add 192.0.2.77 dev near lladdr 02:00:00:00:00:77 nud permanent");
	netlink_poll(netlink);
	assert_true(netlink_neighbour(netlink, ifindex, &ipv4, mac));
	assert_memory_equal(mac, "\x02\0\0\0\0\x77", 6);
	run("ip neigh del 192.0.2.77 dev near");
	netlink_poll(netlink);
	assert_false(netlink_neighbour(netlink, ifindex, &ipv4, mac));
}

/* More announcements than the socket holds: everything is read again. */
static void survives_an_overrun(void **state)
{
	uint32_t ifindex = netlink_link_by_name(netlink, "near")->ifindex;
	FILE *batch = popen("ip -batch -", "w");

	(void)state;
	assert_non_null(batch);
	for (int i = 0; i < 20000; i++) {
		fprintf(batch, "neigh replace 192.0.%d.%d dev near lladdr 02:00:00:00:00:77 nud permanent\n",
			i / 250 % 4 + 3, i % 250 + 1);
		fprintf(batch, "neigh del 192.0.%d.%d dev near\n", i / 250 % 4 + 3, i % 250 + 1);
	}
	fprintf(batch, "addr del 192.0.2.1/24 dev near\n");
	fprintf(batch, "addr add 192.0.2.9/24 dev near\n");
	assert_int_equal(pclose(batch), 0);
	netlink_poll(netlink);
	assert_true(has_address(ifindex, "192.0.2.9"));
	assert_false(has_address(ifindex, "192.0.2.1"));
}

static bool knows_all(struct netlink *other)
{
	const struct netlink_link *near = netlink_link_by_name(other, "near");
	const struct netlink_address *a = near ? netlink_addresses(other, near->ifindex) : NULL;
	const struct ip_address neighbour = address("192.0.2.66");
	uint8_t mac[6];

	return a && netlink_neighbour(other, near->ifindex, &neighbour, mac);
}

/* Every allocation fails once, in turn: it is refused, or all is known after the next reading. */
static void survives_want_of_memory(void **state)
{
	bool failed = true;
	unsigned int n = 0;

	(void)state;
	run("ip addr replace 192.0.2.9/24 dev near");
	run("ip neigh replace 192.0.2.66 dev near lladdr 02:00:00:00:00:66 nud permanent");
	while (failed) {
		struct netlink *other;
		int error;

		fail_in = ++n;
		other = netlink_new(loop, changed, NULL, &error);
		failed = fail_in == 0;
		fail_in = 0;
		if (other)
			wait_for(knows_all(other));
		else
			assert_true(failed && error == -ENOMEM);
		netlink_free(other);
	}
	assert_true(n > 8); /* its own, the three dumps', and those of what is there */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_links),
		cmocka_unit_test(tells_that_filters_have_gone),
		cmocka_unit_test(follows_vlan_devices),
		cmocka_unit_test(follows_addresses),
		cmocka_unit_test(leaves_duplicates_to_their_owner),
		cmocka_unit_test(resolves_what_is_wanted),
		cmocka_unit_test(finds_out_a_dead_neighbour),
		cmocka_unit_test(takes_static_neighbours),
		cmocka_unit_test(survives_an_overrun),
		cmocka_unit_test(survives_want_of_memory),
	};

	if (geteuid() != 0) {
		fprintf(stderr, "skipped: a network namespace needs root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
