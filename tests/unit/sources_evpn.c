/* SPDX-License-Identifier: Apache-2.0 */
/* vnf/sources/evpn.h with messages made by hand. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "sources_evpn_fixture.h"

/* All orders of arrival; then all orders in which the same goes. */
static void permute(size_t order[OBJECTS], size_t from, void (*check)(const size_t order[OBJECTS]))
{
	if (from == OBJECTS)
		check(order);
	for (size_t i = from; i < OBJECTS; i++) {
		size_t first = order[from];

		order[from] = order[i];
		order[i] = first;
		permute(order, from + 1, check);
		order[i] = order[from];
		order[from] = first;
	}
}

static unsigned int orders;

static void comes_and_goes(const size_t order[OBJECTS])
{
	struct evpn *evpn = new_evpn();
	struct message message;

	for (size_t i = 0; i < OBJECTS; i++) {
		assert_int_not_equal(result(evpn, BRIDGE, "172.16.0.2"), 0);
		message = object(order[i]);
		assert_true(take(evpn, message) || i < OBJECTS - 1);
		assert_false(take(evpn, message)); /* the same once more is no change */
	}
	leads_to(evpn, "172.16.0.2");
	for (size_t i = 0; i < OBJECTS; i++) {
		message = object(order[i]);
		message.header.nlmsg_type += 1; /* RTM_DEL* */
		assert_true(take(evpn, message) || i > 0);
		assert_int_not_equal(result(evpn, BRIDGE, "172.16.0.2"), 0);
		assert_false(take(evpn, message));
	}
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -ENOENT);
	evpn_free(evpn);
	orders++;
}

static void any_order_leads_to_the_same_hop(void **state)
{
	size_t order[OBJECTS] = {0, 1, 2, 3};

	(void)state;
	orders = 0;
	permute(order, 0, comes_and_goes);
	assert_int_equal(orders, 24);
}

static void says_what_is_missing(void **state)
{
	struct evpn *evpn = new_evpn();
	struct ip_address none = {0};
	struct source_hop hop;

	(void)state;
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -ENOENT);
	take(evpn, object(0));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -ENOENT); /* a bridge without a vxlan device */
	assert_true(take(evpn, object(1)));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -EAGAIN);
	assert_true(take(evpn, object(2)));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -EAGAIN);
	assert_true(take(evpn, object(3)));
	leads_to(evpn, "172.16.0.2");
	assert_int_equal(evpn_hop(evpn, BRIDGE, &none, &hop), -EAGAIN);

	assert_true(take(evpn, vxlan_message(VXLAN, BRIDGE, 5000, NULL, 4789)));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -EAGAIN); /* no local address */
	assert_true(take(evpn, vxlan_message(VXLAN, BRIDGE, 0, "172.16.0.1", 4789)));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -EAGAIN); /* no VNI */
	assert_true(take(evpn, vxlan_message(VXLAN, BRIDGE, 5000, "fd00::1", 4789)));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -EAGAIN); /* its ends are of two families */
	assert_true(take(evpn, vxlan_message(VXLAN, 0, 5000, "172.16.0.1", 4789)));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -ENOENT); /* it has left the bridge */
	assert_true(take(evpn, object(1)));
	assert_true(take(evpn, neighbour_message(RTM_NEWNEIGH, BRIDGE, "172.16.0.2", NULL)));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -EAGAIN); /* it has failed */
	assert_true(take(evpn, object(2)));
	leads_to(evpn, "172.16.0.2");
	evpn_free(evpn);
}

static void a_device_that_is_down_leads_nowhere(void **state)
{
	struct evpn *evpn = with_objects();
	struct message down = object(1);

	(void)state;
	((struct ifinfomsg *)mnl_nlmsg_get_payload(&down.header))->ifi_flags = 0;
	assert_true(take(evpn, down));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -EAGAIN);
	assert_true(take(evpn, object(1)));
	leads_to(evpn, "172.16.0.2");
	evpn_free(evpn);
}

static void a_mac_moves_to_another_vtep(void **state)
{
	struct evpn *evpn = with_objects();

	(void)state;
	assert_true(take(evpn, mac_message(RTM_NEWNEIGH, VXLAN, ROUTER, "172.16.0.3")));
	leads_to(evpn, "172.16.0.3");
	/* The old way's end comes late. */
	assert_false(take(evpn, mac_message(RTM_DELNEIGH, VXLAN, ROUTER, "172.16.0.2")));
	leads_to(evpn, "172.16.0.3");
	assert_true(take(evpn, mac_message(RTM_DELNEIGH, VXLAN, ROUTER, "172.16.0.3")));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -EAGAIN);
	evpn_free(evpn);
}

static void a_group_of_vteps_is_no_way(void **state)
{
	struct evpn *evpn = with_objects();
	struct message group = bridged_message(RTM_NEWNEIGH, VXLAN, BRIDGE, ROUTER);

	(void)state;
	mnl_attr_put_u32(&group.header, NDA_NH_ID, 77);
	assert_true(take(evpn, group));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -EAGAIN);
	assert_true(take(evpn, object(3)));
	leads_to(evpn, "172.16.0.2");
	assert_true(take(evpn, mac_message(RTM_NEWNEIGH, VXLAN, ROUTER, "239.0.0.1")));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -EAGAIN);
	evpn_free(evpn);
}

static void what_is_no_vtep_changes_nothing(void **state)
{
	struct evpn *evpn = with_objects();
	struct message message = object(1);
	struct ifinfomsg *link = mnl_nlmsg_get_payload(&message.header);

	(void)state;
	/* The bridge's own entries, and the list of whom to flood to. */
	assert_false(take(evpn, bridged_message(RTM_NEWNEIGH, VXLAN, BRIDGE, ROUTER)));
	assert_false(take(evpn, bridged_message(RTM_DELNEIGH, VXLAN, BRIDGE, ROUTER)));
	assert_false(take(evpn, mac_message(RTM_NEWNEIGH, VXLAN, "00:00:00:00:00:00", "172.16.0.9")));
	assert_false(take(evpn, mac_message(RTM_NEWNEIGH, VXLAN, "01:00:5e:00:00:16", "172.16.0.9")));
	/* A bridge speaks of a port that leaves it; a wireless device of itself, without a name. */
	link->ifi_family = AF_BRIDGE;
	message.header.nlmsg_type = RTM_DELLINK;
	assert_false(take(evpn, message));
	message = object(1);
	message.header.nlmsg_len = MNL_NLMSG_HDRLEN + sizeof(*link);
	assert_false(take(evpn, message));
	/* Other links' neighbours. */
	assert_false(take(evpn, link_message(RTM_NEWLINK, 99, "veth", 0)));
	assert_false(take(evpn, neighbour_message(RTM_NEWNEIGH, 99, "172.16.0.2", ROUTER)));
	assert_int_equal(result(evpn, 99, "172.16.0.2"), -ENOENT);
	assert_false(take(evpn, link_message(RTM_DELLINK, 99, "veth", 0)));
	leads_to(evpn, "172.16.0.2");
	evpn_free(evpn);
}

static void two_devices_in_a_bridge(void **state)
{
	struct evpn *evpn = with_objects();
	struct source_hop hop;

	(void)state;
	assert_true(take(evpn, vxlan_message(OTHER_VXLAN, BRIDGE, 6000, "fd00::1", 8472)));
	leads_to(evpn, "172.16.0.2");
	assert_true(take(evpn, neighbour_message(RTM_NEWNEIGH, BRIDGE, "fd00::2", HOST)));
	assert_true(take(evpn, mac_message(RTM_NEWNEIGH, OTHER_VXLAN, HOST, "fd00::2")));
	assert_int_equal(ask(evpn, BRIDGE, "fd00::2", &hop), 0);
	is_tunnel(&hop, "fd00::1", "fd00::2", 6000, 8472, HOST);
	/* Both know the MAC: which of them it is depends on VLANs, which are not followed. */
	assert_true(take(evpn, mac_message(RTM_NEWNEIGH, OTHER_VXLAN, ROUTER, "fd00::2")));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -EAGAIN);
	assert_true(take(evpn, link_message(RTM_DELLINK, OTHER_VXLAN, "vxlan", BRIDGE)));
	leads_to(evpn, "172.16.0.2");
	assert_int_equal(result(evpn, BRIDGE, "fd00::2"), -EAGAIN);
	evpn_free(evpn);
}

/* A route by the vxlan device itself, and an entry with a VNI and a port of its own. */
static void a_device_without_a_bridge(void **state)
{
	struct evpn *evpn = new_evpn();
	struct message message = mac_message(RTM_NEWNEIGH, VXLAN, HOST, "172.16.0.2");
	struct source_hop hop;

	(void)state;
	take(evpn, vxlan_message(VXLAN, 0, 100, "172.16.0.1", 4789));
	assert_true(take(evpn, neighbour_message(RTM_NEWNEIGH, VXLAN, "10.0.2.10", HOST)));
	assert_int_equal(result(evpn, VXLAN, "10.0.2.10"), -EAGAIN);
	assert_true(take(evpn, message));
	assert_int_equal(ask(evpn, VXLAN, "10.0.2.10", &hop), 0);
	is_tunnel(&hop, "172.16.0.1", "172.16.0.2", 100, 4789, HOST);
	mnl_attr_put_u32(&message.header, NDA_VNI, 200);
	mnl_attr_put_u16(&message.header, NDA_PORT, __builtin_bswap16(8472));
	assert_true(take(evpn, message));
	assert_int_equal(ask(evpn, VXLAN, "10.0.2.10", &hop), 0);
	is_tunnel(&hop, "172.16.0.1", "172.16.0.2", 200, 8472, HOST);
	evpn_free(evpn);
}

static unsigned int hosts, of_vrf;

static void count_host(void *context, const struct evpn_host *host)
{
	struct ip_address ipv4 = address("10.0.2.10"), ipv6 = address("2001:db8:2::10");

	(void)context;
	is_tunnel(&host->hop, "172.16.0.1", "172.16.0.2", 100, 4789, HOST);
	assert_int_equal(host->hop.weight, 1);
	assert_true(ip_address_compare(&host->address, &ipv4) == 0 || ip_address_compare(&host->address, &ipv6) == 0);
	assert_true(host->table == RT_TABLE_MAIN || host->table == 1010);
	hosts++;
	of_vrf += host->table == 1010;
}

/* A tenant's segment beside the L3VNI: its neighbours are hosts, the VTEP's entry (mapped, too) is none. */
static void hosts_of_a_segment(void **state)
{
	struct evpn *evpn = with_objects();
	struct message own = neighbour_message(RTM_NEWNEIGH, TENANT_BRIDGE, "10.0.2.11", HOST);

	(void)state;
	take(evpn, neighbour_message(RTM_NEWNEIGH, BRIDGE, "::ffff:172.16.0.2", ROUTER));
	take(evpn, link_message(RTM_NEWLINK, TENANT_BRIDGE, "bridge", 0));
	take(evpn, vxlan_message(TENANT_VXLAN, TENANT_BRIDGE, 100, "172.16.0.1", 4789));
	take(evpn, neighbour_message(RTM_NEWNEIGH, TENANT_BRIDGE, "10.0.2.10", HOST));
	take(evpn, neighbour_message(RTM_NEWNEIGH, TENANT_BRIDGE, "2001:db8:2::10", HOST));
	take(evpn, neighbour_message(RTM_NEWNEIGH, TENANT_BRIDGE, "fe80::aa", HOST));
	take(evpn, neighbour_message(RTM_NEWNEIGH, TENANT_BRIDGE, "10.0.2.12", "02:00:00:00:00:bb")); /* local */
	((struct ndmsg *)mnl_nlmsg_get_payload(&own.header))->ndm_flags = 0;
	take(evpn, own); /* the kernel's own finding */
	hosts = of_vrf = 0;
	evpn_each_host(evpn, count_host, NULL);
	assert_int_equal(hosts, 0);
	take(evpn, mac_message(RTM_NEWNEIGH, TENANT_VXLAN, HOST, "172.16.0.2"));
	evpn_each_host(evpn, count_host, NULL);
	assert_int_equal(hosts, 2);
	assert_int_equal(of_vrf, 0);
	assert_true(take(evpn, vrf_message(VRF, 1010)));
	assert_true(take(evpn, link_message(RTM_NEWLINK, TENANT_BRIDGE, "bridge", VRF)));
	evpn_each_host(evpn, count_host, NULL);
	assert_int_equal(hosts, 4);
	assert_int_equal(of_vrf, 2);
	evpn_free(evpn);
}

static void a_reading_sweeps_what_is_gone(void **state)
{
	struct evpn *evpn = with_objects();

	(void)state;
	evpn_read_begin(evpn);
	leads_to(evpn, "172.16.0.2"); /* meanwhile all is as it was */
	for (size_t i = 0; i < OBJECTS; i++)
		take(evpn, object(i));
	evpn_read_end(evpn);
	leads_to(evpn, "172.16.0.2");
	for (size_t missing = 0; missing < OBJECTS; missing++) {
		evpn_read_begin(evpn);
		for (size_t i = 0; i < OBJECTS; i++)
			if (i != missing)
				take(evpn, object(i));
		evpn_read_end(evpn);
		assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), missing < 2 ? -ENOENT : -EAGAIN);
		take(evpn, object(missing));
		/* What was on a link that is gone is gone with it, unless the reading showed it. */
		leads_to(evpn, "172.16.0.2");
	}
	evpn_read_begin(evpn);
	evpn_read_end(evpn);
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -ENOENT);
	evpn_free(evpn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_leads_to_the_same_hop),
		cmocka_unit_test(says_what_is_missing),
		cmocka_unit_test(a_device_that_is_down_leads_nowhere),
		cmocka_unit_test(a_mac_moves_to_another_vtep),
		cmocka_unit_test(a_group_of_vteps_is_no_way),
		cmocka_unit_test(what_is_no_vtep_changes_nothing),
		cmocka_unit_test(two_devices_in_a_bridge),
		cmocka_unit_test(a_device_without_a_bridge),
		cmocka_unit_test(hosts_of_a_segment),
		cmocka_unit_test(a_reading_sweeps_what_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
