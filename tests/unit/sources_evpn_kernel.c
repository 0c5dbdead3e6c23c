/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vnf/sources/evpn.h in a network namespace of its own, with what FRR writes for types 2, 3 and 5, written by ip(8) and
 * bridge(8). One evpn follows the kernel's messages; after each step another one, read whole, must answer the same.
 */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>

#include "vnf/sources/evpn.h"

static struct mnl_socket *events;
static struct evpn *followed;

static void run(const char *command)
{
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

static struct ip_address address(const char *text)
{
	struct ip_address result;

	assert_int_equal(ip_address_parse(text, &result), 0);
	return result;
}

static struct mnl_socket *open_socket(unsigned int groups)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	assert_non_null(socket);
	assert_int_equal(mnl_socket_bind(socket, groups, MNL_SOCKET_AUTOPID), 0);
	return socket;
}

static int take(const struct nlmsghdr *message, void *data)
{
	evpn_take(data, message);
	return MNL_CB_OK;
}

static void read_whole(struct evpn *evpn)
{
	struct mnl_socket *socket = open_socket(0);
	char buffer[65536];

	evpn_read_begin(evpn);
	for (uint32_t i = 0; i < EVPN_DUMPS; i++) {
		struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
		ssize_t length;
		int more = MNL_CB_OK;

		request->nlmsg_type = evpn_dumps[i].type;
		request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		request->nlmsg_seq = i + 1;
		if (evpn_dumps[i].type == RTM_GETLINK)
			((struct ifinfomsg *)mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg)))
				->ifi_family = evpn_dumps[i].family;
		else
			((struct ndmsg *)mnl_nlmsg_put_extra_header(request, sizeof(struct ndmsg)))->ndm_family =
				evpn_dumps[i].family;
		assert_true(mnl_socket_sendto(socket, request, request->nlmsg_len) > 0);
		while (more == MNL_CB_OK) {
			length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
			assert_true(length > 0);
			more = mnl_cb_run(buffer, (size_t)length, i + 1, mnl_socket_get_portid(socket), take, evpn);
		}
		assert_int_equal(more, MNL_CB_STOP);
	}
	evpn_read_end(evpn);
	mnl_socket_close(socket);
}

/* All messages that there are now: those of a command that has ended are. */
static void follow(void)
{
	char buffer[65536];
	ssize_t length;

	while ((length = recv(mnl_socket_get_fd(events), buffer, sizeof(buffer), MSG_DONTWAIT)) > 0)
		assert_int_not_equal(mnl_cb_run(buffer, (size_t)length, 0, 0, take, followed), MNL_CB_ERROR);
	assert_int_equal(errno, EAGAIN);
}

static void count(void *context, const struct evpn_host *host)
{
	const struct ip_address expected = address("10.0.2.10");

	assert_int_equal(host->table, 254);
	assert_int_equal(ip_address_compare(&host->address, &expected), 0);
	assert_int_equal(host->hop.vni, 100);
	++*(int *)context;
}

/* Both answer `result`; where that is 0, with this VTEP and VNI. `hosts`: how many there are; -1: not asked. */
static void answers(const char *device, const char *gateway, int result, const char *remote, uint32_t vni, int hosts)
{
	const struct ip_address ip = address(gateway), vtep = address(remote), local = address("172.16.0.1");
	struct evpn *whole = evpn_new();
	const struct evpn *both[] = {followed, whole};

	assert_non_null(whole);
	read_whole(whole);
	follow();
	for (size_t i = 0; i < 2; i++) {
		struct source_hop hop = {0};
		int seen = 0;

		assert_int_equal(evpn_hop(both[i], if_nametoindex(device), &ip, &hop), result);
		if (result == 0) {
			assert_int_equal(ip_address_compare(&hop.remote, &vtep), 0);
			assert_int_equal(ip_address_compare(&hop.local, &local), 0);
			assert_int_equal(hop.vni, vni);
			assert_int_equal(hop.udp_port, 4789);
			assert_int_equal(hop.mac[5], vni == 100 ? 0xaa : 0x02);
		}
		if (hosts >= 0)
			evpn_each_host(both[i], count, &seen);
		assert_int_equal(seen, hosts >= 0 ? hosts : 0);
	}
	evpn_free(whole);
}

#define TYPE_5 "172.16.0.2", 0, "172.16.0.2", 5000

static void add_segment(const char *vni)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "ip link add br%s type bridge && "
		 "ip link add vx%s type vxlan id %s local 172.16.0.1 dstport 4789 nolearning && "
		 "ip link set vx%s master br%s && ip link set br%s up && ip link set vx%s up",
		 vni, vni, vni, vni, vni, vni, vni);
	run(command);
}

static void follows_what_frr_writes(void **state)
{
	(void)state;
	add_segment("5000");
	answers("br5000", "172.16.0.2", -EAGAIN, "172.16.0.2", 0, 0);
	run("ip neigh add 172.16.0.2 lladdr 02:00:00:00:50:02 dev br5000 nud noarp extern_learn");
	run("bridge fdb add 02:00:00:00:50:02 dev vx5000 master extern_learn");
	answers("br5000", "172.16.0.2", -EAGAIN, "172.16.0.2", 0, 0);
	run("bridge fdb add 02:00:00:00:50:02 dev vx5000 dst 172.16.0.2 self extern_learn");
	answers("br5000", TYPE_5, 0);
	run("ip neigh add ::ffff:172.16.0.2 lladdr 02:00:00:00:50:02 dev br5000 nud noarp extern_learn");
	answers("br5000", "::ffff:172.16.0.2", 0, "172.16.0.2", 5000, 0);
	/* The router moves to another VTEP; and by its bridge's entry alone it does not go. */
	run("bridge fdb replace 02:00:00:00:50:02 dev vx5000 dst 172.16.0.3 self extern_learn");
	answers("br5000", "172.16.0.2", 0, "172.16.0.3", 5000, -1);
	run("bridge fdb del 02:00:00:00:50:02 dev vx5000 master");
	answers("br5000", "172.16.0.2", 0, "172.16.0.3", 5000, -1);
	run("bridge fdb replace 02:00:00:00:50:02 dev vx5000 dst 172.16.0.2 self extern_learn");

	/* Types 3 and 2. */
	add_segment("100");
	run("bridge fdb append 00:00:00:00:00:00 dev vx100 dst 172.16.0.2 self permanent");
	run("ip neigh add 10.0.2.10 lladdr 02:00:00:00:00:aa dev br100 nud noarp extern_learn");
	answers("br100", "10.0.2.10", -EAGAIN, "172.16.0.2", 0, 0);
	run("bridge fdb add 02:00:00:00:00:aa dev vx100 dst 172.16.0.2 self extern_learn");
	answers("br100", "10.0.2.10", 0, "172.16.0.2", 100, 1);
	answers("br5000", TYPE_5, 1);
	run("bridge fdb del 00:00:00:00:00:00 dev vx100 dst 172.16.0.2 self");
	answers("br100", "10.0.2.10", 0, "172.16.0.2", 100, 1);
}

static void follows_devices(void **state)
{
	(void)state;
	run("ip link set vx5000 nomaster");
	answers("br5000", "172.16.0.2", -ENOENT, "172.16.0.2", 0, 1);
	run("ip link set vx5000 master br5000");
	/* The bridge lost its carrier and its neighbours with it. */
	run("ip neigh replace 172.16.0.2 lladdr 02:00:00:00:50:02 dev br5000 nud noarp extern_learn");
	run("bridge fdb replace 02:00:00:00:50:02 dev vx5000 dst 172.16.0.2 self extern_learn");
	answers("br5000", TYPE_5, 1);
	run("ip link set vx100 down");
	answers("br100", "10.0.2.10", -EAGAIN, "172.16.0.2", 0, 0);
	run("ip link set vx100 up");
	run("ip neigh replace 10.0.2.10 lladdr 02:00:00:00:00:aa dev br100 nud noarp extern_learn");
	run("bridge fdb replace 02:00:00:00:00:aa dev vx100 dst 172.16.0.2 self extern_learn");
	answers("br100", "10.0.2.10", 0, "172.16.0.2", 100, 1);
	run("ip neigh del 10.0.2.10 dev br100");
	answers("br100", "10.0.2.10", -EAGAIN, "172.16.0.2", 0, 0);
	run("ip link del br5000");
	answers("br5000", "172.16.0.2", -ENOENT, "172.16.0.2", 0, 0);
	run("ip link del vx5000 && ip link del vx100 && ip link del br100");
	answers("br100", "10.0.2.10", -ENOENT, "172.16.0.2", 0, 0);
}

static int setup(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	run("ip link set lo up && ip address add 172.16.0.1/32 dev lo");
	events = open_socket(EVPN_GROUPS);
	followed = evpn_new();
	read_whole(followed);
	return followed ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	evpn_free(followed);
	mnl_socket_close(events);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_what_frr_writes),
		cmocka_unit_test(follows_devices),
	};

	if (geteuid() != 0) {
		fprintf(stderr, "skipped: a network namespace needs root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
