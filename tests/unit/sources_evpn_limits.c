/* SPDX-License-Identifier: Apache-2.0 */
/* vnf/sources/evpn.h: messages that are wrong, memory that runs out, more than there is room for. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing.h"
#include "sources_evpn_fixture.h"
#include "vnf/sources/evpn_hosts.h"
#include "vnf/sources/evpn_table.h"

/* Every byte of every message takes wrong values, and every message ends early at every length; it lies at the end of
 * what is allocated, so that the sanitizer sees a read beyond it. */
static void hostile_messages(void **state)
{
	static const uint8_t value[] = {0, 1, 2, 3, 4, 5, 6, 16, 127, 128, 255};
	struct evpn *evpn = with_objects();

	(void)state;
	for (size_t i = 0; i < OBJECTS; i++) {
		const struct message good = object(i);
		const size_t size = good.header.nlmsg_len;

		for (uint32_t length = 0; length <= size; length++) {
			struct nlmsghdr *cut = malloc(length < sizeof(*cut) ? sizeof(*cut) : length);

			assert_non_null(cut);
			memcpy(cut, &good, length < sizeof(*cut) ? sizeof(*cut) : length);
			cut->nlmsg_len = length;
			evpn_take(evpn, cut);
			free(cut);
		}
		for (size_t at = sizeof(struct nlmsghdr); at < size; at++) {
			for (size_t v = 0; v < sizeof(value); v++) {
				uint8_t *bad = malloc(size);

				assert_non_null(bad);
				memcpy(bad, &good, size);
				bad[at] = value[v];
				evpn_take(evpn, (const struct nlmsghdr *)bad);
				free(bad);
			}
		}
	}
	evpn_read_begin(evpn);
	for (size_t i = 0; i < OBJECTS; i++)
		take(evpn, object(i));
	evpn_read_end(evpn);
	leads_to(evpn, "172.16.0.2");
	evpn_free(evpn);
}

/* Every allocation fails once, in turn: it is remembered, and a whole reading mends it. */
static void survives_want_of_memory(void **state)
{
	bool failed = true;
	unsigned int n = 0;

	(void)state;
	while (failed) {
		struct evpn *evpn;

		fail_in = ++n;
		evpn = evpn_new();
		for (size_t i = OBJECTS; evpn && i > 0; i--) /* entries before their links */
			take(evpn, object(i - 1));
		failed = fail_in == 0;
		fail_in = 0;
		assert_true(failed || evpn);
		if (evpn && evpn_lost(evpn)) {
			assert_int_not_equal(result(evpn, BRIDGE, "172.16.0.2"), 0);
			evpn_read_begin(evpn);
			assert_false(evpn_lost(evpn));
			for (size_t i = 0; i < OBJECTS; i++)
				take(evpn, object(i));
			evpn_read_end(evpn);
		}
		if (evpn)
			leads_to(evpn, "172.16.0.2");
		evpn_free(evpn);
	}
	assert_int_equal(n, 3 + 2 + 2 + 1); /* evpn, table and buckets; two entries with their links */
}

/* Buckets double; without memory for more of them, all are found in longer chains. */
static void many_entries(void **state)
{
	(void)state;
	for (unsigned int starved = 0; starved < 2; starved++) {
		struct evpn *evpn = with_objects();
		char ip[IP_ADDRESS_TEXT], mac[MAC_TEXT];

		for (unsigned int i = 0; i < 20000; i++) {
			snprintf(ip, sizeof(ip), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
			snprintf(mac, sizeof(mac), "02:00:00:%02x:%02x:%02x", i >> 16, i >> 8 & 255, i & 255);
			take(evpn, neighbour_message(RTM_NEWNEIGH, BRIDGE, ip, mac));
			fail_in = starved ? 2 : 0; /* the entry's is the first */
			assert_true(take(evpn, mac_message(RTM_NEWNEIGH, VXLAN, mac, "172.16.0.2")));
			fail_in = 0;
		}
		assert_false(evpn_lost(evpn));
		for (unsigned int i = 0; i < 20000; i += 7) {
			snprintf(ip, sizeof(ip), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
			assert_int_equal(result(evpn, BRIDGE, ip), 0);
		}
		assert_true(take(evpn, link_message(RTM_DELLINK, VXLAN, "vxlan", BRIDGE)));
		take(evpn, object(1));
		assert_int_equal(result(evpn, BRIDGE, "10.0.0.7"), -EAGAIN);
		evpn_free(evpn);
	}
}

/* Links beyond the bound are not followed; once there is room, the next reading has them. */
static void links_beyond_the_bound(void **state)
{
	struct evpn *evpn = new_evpn();

	(void)state;
	for (uint32_t i = 0; i < EVPN_LINKS; i++)
		take(evpn, link_message(RTM_NEWLINK, 100 + i, "veth", 0));
	for (size_t i = 0; i < OBJECTS; i++)
		assert_false(take(evpn, object(i)));
	assert_int_equal(result(evpn, BRIDGE, "172.16.0.2"), -ENOENT);
	assert_false(evpn_lost(evpn)); /* to read again would be no help */
	evpn_read_begin(evpn);
	evpn_read_end(evpn);
	evpn_read_begin(evpn);
	for (size_t i = 0; i < OBJECTS; i++)
		take(evpn, object(i));
	evpn_read_end(evpn);
	leads_to(evpn, "172.16.0.2");
	evpn_free(evpn);
}

static unsigned int come, left;
static struct host_place last;

static void note_host(void *context, const struct host_place *place, bool gone)
{
	(void)context;
	come += !gone;
	left += gone;
	last = *place;
}

static void update(struct evpn_hosts *all, const struct evpn *evpn, unsigned int coming, unsigned int leaving)
{
	come = left = 0;
	fail_in = 1;
	if (evpn_hosts_update(all, evpn, note_host, NULL)) { /* without memory nothing is said, and all of it later */
		assert_int_equal(come + left, 0);
		assert_int_equal(evpn_hosts_update(all, evpn, note_host, NULL), 0);
	}
	fail_in = 0;
	assert_int_equal(come, coming);
	assert_int_equal(left, leaving);
}

static void hosts_come_and_go(void **state)
{
	struct evpn *evpn = with_objects();
	struct evpn_hosts all = {0};
	char ip[IP_ADDRESS_TEXT];

	(void)state;
	update(&all, evpn, 0, 0);
	take(evpn, link_message(RTM_NEWLINK, TENANT_BRIDGE, "bridge", 0));
	take(evpn, vxlan_message(TENANT_VXLAN, TENANT_BRIDGE, 100, "172.16.0.1", 4789));
	take(evpn, mac_message(RTM_NEWNEIGH, TENANT_VXLAN, HOST, "172.16.0.2"));
	for (unsigned int i = 1; i <= 200; i++) {
		snprintf(ip, sizeof(ip), "10.0.2.%u", i * 77 % 211);
		take(evpn, neighbour_message(RTM_NEWNEIGH, TENANT_BRIDGE, ip, HOST));
	}
	update(&all, evpn, 200, 0);
	update(&all, evpn, 0, 0);
	take(evpn, neighbour_message(RTM_DELNEIGH, TENANT_BRIDGE, "10.0.2.77", HOST));
	update(&all, evpn, 0, 1);
	assert_int_equal(last.address.byte[3], 77);
	take(evpn, neighbour_message(RTM_NEWNEIGH, TENANT_BRIDGE, "10.0.2.77", HOST));
	take(evpn, neighbour_message(RTM_DELNEIGH, TENANT_BRIDGE, "10.0.2.154", HOST));
	update(&all, evpn, 1, 1);
	/* Into a VRF: of another table. */
	take(evpn, vrf_message(VRF, 1010));
	take(evpn, link_message(RTM_NEWLINK, TENANT_BRIDGE, "bridge", VRF));
	update(&all, evpn, 199, 199);
	assert_int_equal(last.ifindex, TENANT_BRIDGE);
	take(evpn, mac_message(RTM_DELNEIGH, TENANT_VXLAN, HOST, "172.16.0.2"));
	update(&all, evpn, 0, 199);
	evpn_hosts_end(&all);
	evpn_free(evpn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_messages),	  cmocka_unit_test(survives_want_of_memory),
		cmocka_unit_test(many_entries),		  cmocka_unit_test(hosts_come_and_go),
		cmocka_unit_test(links_beyond_the_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
