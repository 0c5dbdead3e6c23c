/* SPDX-License-Identifier: Apache-2.0 */
/* Commits of vnf/reconcile/reconciler.h: with the real FIB engine, on a fake snapshot, kernel and dataplane. */
#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "reconciler_fixture.h"
#include "vnf/control/state/events.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/core/loop.h"
#include "vnf/dataplane/fib/fib.h"

static unsigned int sets_left = UINT32_MAX; /* of fib_set, until it fails */

int __real_fib_set(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf);
int __wrap_fib_set(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf);

int __wrap_fib_set(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf)
{
	if (sets_left-- == 0)
		return -ENOSPC;
	return __real_fib_set(fib, vrf, prefix, leaf);
}

static void a_commit_is_seen_whole_and_settles(void **state)
{
	(void)state;
	assert_int_equal(reconciler_generation(reconciler), 1);
	assert_int_equal(route_to("red", "10.1.1.1"), 1);
	assert_int_equal(group_to("red", "10.1.1.1"), fake_id(RESOURCE_NEXT_HOP_GROUP, "group"));
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "hop"), PENDING_NONE);
	assert_int_equal(lookup_in(idle(), "red", "10.1.1.1").route, 0); /* the old bank is still read */
	assert_int_equal(fake_waits, 0);
	reconciler_sync_banks(reconciler);
	assert_int_equal(fake_waits, 1);
	assert_banks_equal();
	reconciler_sync_banks(reconciler);
	assert_int_equal(fake_waits, 1);

	/* A commit settles the one before by itself. */
	change(fake_route("red", "10.2.0.0/16", "group", 2));
	assert_int_equal(commit(), 0);
	change(fake_route("red", "10.2.0.0/16", "group", 3));
	withdraw_route("red", "10.0.0.0/8");
	assert_int_equal(commit(), 0);
	assert_int_equal(reconciler_generation(reconciler), 3);
	assert_int_equal(route_to("red", "10.2.1.1"), 3);
	assert_int_equal(route_to("red", "10.1.1.1"), 0);
	reconciler_sync_banks(reconciler);
	assert_banks_equal();
}

static const struct handle *heard_of[8];
static enum pending_reason heard[8];
static size_t heard_count;

static void hear(struct subscriber *subscriber, const struct handle *handle, enum pending_reason reason)
{
	(void)subscriber;
	assert_true(heard_count < 8);
	heard_of[heard_count] = handle;
	heard[heard_count++] = reason;
}

/* A device that goes down takes its interface along, the next hop behind it, and the group that has no other. */
static void subscribers_hear_what_is_programmed(void **state)
{
	struct subscriber subscriber = {.programmed = hear};
	struct events events = {0};

	(void)state;
	events_subscribe(&events, &subscriber);
	reconciler_report_to(reconciler, &events);
	heard_count = 0;
	change(fake_route("red", "10.2.0.0/16", "group", 2));
	assert_int_equal(commit(), 0);
	assert_int_equal(heard_count, 0);
	fake_link(3, "eth0", false);
	run_loop_until_generation(3);
	assert_int_equal(heard_count, 3);
	assert_string_equal(heard_of[0]->text, "a");
	assert_int_equal(heard[0], PENDING_DOWN);
	assert_string_equal(heard_of[1]->text, "hop");
	assert_int_equal(heard[1], PENDING_INTERFACE);
	assert_string_equal(heard_of[2]->text, "group");
	assert_int_equal(heard[2], PENDING_MEMBERS);
	reconciler_report_to(reconciler, NULL);
}

static void addresses_of_the_router_win_over_routes(void **state)
{
	(void)state;
	assert_int_equal(group_to("red", "192.0.2.254"), DP_GROUP_LOCAL);
	change(fake_route("red", "192.0.2.254/32", "group", 2));
	assert_int_equal(commit(), 0);
	assert_int_equal(group_to("red", "192.0.2.254"), DP_GROUP_LOCAL);
	fake_address_gone(3, "192.0.2.254");
	run_loop_until_generation(3);
	assert_int_equal(route_to("red", "192.0.2.254"), 2); /* gives way to the route */
	fake_address(3, "192.0.2.254");
	fake_address(3, "2001:db8::1");
	run_loop_until_generation(4);
	assert_int_equal(group_to("red", "192.0.2.254"), DP_GROUP_LOCAL);
	assert_int_equal(group_to("red", "2001:db8::1"), DP_GROUP_LOCAL);
	assert_int_equal(group_to("red", "2001:db8::2"), DP_GROUP_NONE);
	withdraw_route("red", "192.0.2.254/32");
	assert_int_equal(commit(), 0);
	assert_int_equal(group_to("red", "192.0.2.254"), DP_GROUP_LOCAL);
	reconciler_sync_banks(reconciler);
	assert_banks_equal();
}

/* Of the active bank, as text. */
static const char *source_of(const struct dp_answer_source *source)
{
	static char text[IP_ADDRESS_TEXT];
	struct ip_address address = {.family = 4};

	memcpy(address.byte, &source->ipv4, 4);
	return ip_address_format(&address, text);
}

static void a_vrf_has_addresses_of_its_own(void **state)
{
	uint32_t red = fake_id(RESOURCE_VRF, "red"), a = fake_id(RESOURCE_INTERFACE, "a");
	uint32_t blue;

	(void)state;
	assert_string_equal(source_of(&active()->vrf_answers[red].source), "192.0.2.254"); /* its interface's */
	assert_string_equal(source_of(&active()->port_answers[a].source), "192.0.2.254");
	change(fake_vrf_with_gateway("red", "10.0.0.1", true));
	change(fake_vrf_with_gateway("blue", "10.0.0.1", false)); /* another's is another address */
	assert_int_equal(commit(), 0);
	blue = fake_id(RESOURCE_VRF, "blue");
	assert_int_equal(group_to("red", "10.0.0.1"), DP_GROUP_LOCAL);
	assert_int_equal(group_to("blue", "10.0.0.1"), DP_GROUP_LOCAL);
	assert_int_equal(group_to("blue", "192.0.2.254"), DP_GROUP_NONE);
	assert_string_equal(source_of(&active()->vrf_answers[red].source), "10.0.0.1");
	assert_string_equal(source_of(&active()->vrf_answers[blue].source), "10.0.0.1");
	assert_string_equal(source_of(&active()->port_answers[a].source), "192.0.2.254");
	assert_true(active()->vrf_answers[red].kernel && !active()->vrf_answers[blue].kernel);
	assert_int_equal(active()->vrf_answers[red].error_interval, 1000000);
	assert_as_compiled_anew();
	change(fake_vrf("red", NULL));
	withdraw(RESOURCE_VRF, "blue");
	assert_int_equal(commit(), 0);
	assert_int_equal(group_to("red", "10.0.0.1"), fake_id(RESOURCE_NEXT_HOP_GROUP, "group"));
	assert_string_equal(source_of(&active()->vrf_answers[red].source), "192.0.2.254");
	assert_as_compiled_anew();
	fake_address_gone(3, "192.0.2.254");
	run_loop_until_generation(4);
	assert_string_equal(source_of(&active()->vrf_answers[red].source), "0.0.0.0");
	reconciler_sync_banks(reconciler);
	assert_banks_equal();
}

static void a_removed_vrf_leaves_nothing_behind(void **state)
{
	uint32_t vrf = fake_id(RESOURCE_VRF, "red");

	(void)state;
	withdraw_route("red", "10.0.0.0/8");
	withdraw(RESOURCE_NEXT_HOP_GROUP, "group");
	withdraw(RESOURCE_NEXT_HOP, "hop");
	withdraw(RESOURCE_INTERFACE, "a");
	withdraw(RESOURCE_VRF, "red");
	assert_int_equal(commit(), 0);
	assert_int_equal(group_to("red", "192.0.2.254"), DP_GROUP_NONE);
	assert_int_equal(active()->vrfs[vrf].router_mac[0], 0);
	assert_true(fake_is_attached(3)); /* packets may still be on their way by the old bank */
	reconciler_sync_banks(reconciler);
	assert_false(fake_is_attached(3));
	assert_banks_equal();
}

static void a_failed_commit_changes_nothing(void **state)
{
	struct bank *before;

	(void)state;
	reconciler_sync_banks(reconciler);
	before = copy_of(active());
	for (unsigned int fails_at = 0; fails_at < 4; fails_at++) {
		change(fake_vrf("blue", NULL));
		change(fake_gateway("hop", "a", "192.0.2.1", "02:00:00:00:00:bb"));
		change(fake_gateway("more", "a", "192.0.2.2", "02:00:00:00:00:cc"));
		change(fake_group("group", "hop", "more", NULL));
		change(fake_tunnel("t", DP_TUNNEL_VXLAN, "192.0.2.254", "192.0.2.7", 4789, "red", 5, "blue"));
		change(fake_route("red", "10.0.0.0/8", "group", 7));
		change(fake_route("red", "10.5.0.0/16", "group", 8));
		change(fake_route("blue", "10.6.7.0/24", "group", 9));
		change(fake_route("blue", "2001:db8::/32", "group", 10));
		sets_left = fails_at;
		assert_int_equal(commit(), -ENOSPC);
		sets_left = UINT32_MAX;
		assert_int_equal(reconciler_generation(reconciler), 1);
		assert_bank_is(active(), before);
		assert_tables_equal(active(), idle());
		assert_int_equal(lookup_in(idle(), "red", "10.5.1.1").route, 1);
		assert_int_equal(lookup_in(idle(), "blue", "10.6.7.1").route, 0);
		assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "hop"), PENDING_NONE);
	}
	bank_free(before);
	/* And then it works. */
	change(fake_gateway("more", "a", "192.0.2.2", "02:00:00:00:00:cc"));
	change(fake_group("group", "hop", "more", NULL));
	change(fake_route("red", "10.5.0.0/16", "group", 8));
	assert_int_equal(commit(), 0);
	assert_int_equal(route_to("red", "10.5.1.1"), 8);
	reconciler_sync_banks(reconciler);
	assert_tables_equal(active(), idle());
}

/* Refused for as long as the second bank cannot follow; packets go on by the first. */
static void a_bank_that_lags_holds_commits_back(void **state)
{
	(void)state;
	change(fake_route("red", "10.5.0.0/16", "group", 8));
	assert_int_equal(commit(), 0);
	sets_left = 0;
	reconciler_sync_banks(reconciler);
	change(fake_route("red", "10.6.0.0/16", "group", 9));
	sets_left = 0;
	assert_int_equal(commit(), -ENOSPC);
	assert_int_equal(route_to("red", "10.5.1.1"), 8);
	sets_left = UINT32_MAX;
	change(fake_route("red", "10.6.0.0/16", "group", 9));
	assert_int_equal(commit(), 0);
	assert_int_equal(route_to("red", "10.6.1.1"), 9);
	reconciler_sync_banks(reconciler);
	assert_banks_equal();
}

static void links_move_the_generation_by_themselves(void **state)
{
	const struct dp_next_hop *hop;
	uint32_t id = fake_id(RESOURCE_NEXT_HOP, "hop");

	(void)state;
	fake_link(3, "eth0", false);
	run_loop_until_generation(2);
	hop = &active()->next_hops[id];
	assert_int_equal(hop->kind, DP_NEXT_HOP_UNRESOLVED);
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "a"), PENDING_DOWN);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "hop"), PENDING_INTERFACE);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP_GROUP, "group"), PENDING_MEMBERS);
	assert_banks_equal(); /* an event settles itself */
	/* Something that concerns nobody: no new generation. */
	fake_link(9, "other", true);
	for (int i = 0; i < 3; i++) {
		const struct timeval most = {.tv_usec = 20000};

		event_base_loopexit(loop_base(loop), &most);
		event_base_loop(loop_base(loop), 0);
	}
	assert_int_equal(reconciler_generation(reconciler), 2);
	/* A burst: one. */
	fake_link(3, "eth0", true);
	fake_link(3, "eth0", false);
	fake_link(3, "eth0", true);
	run_loop_until_generation(3);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP_GROUP, "group"), PENDING_NONE);
	/* Gone, and there again as another. */
	fake_link_gone(3);
	run_loop_until_generation(4);
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "a"), PENDING_DEVICE);
	assert_false(fake_is_attached(3));
	fake_link(5, "eth0", true);
	run_loop_until_generation(5);
	assert_int_equal(active()->next_hops[id].egress.ifindex, 5);
	assert_true(fake_is_attached(5));
	fake_link_gone(5);
	fake_link(3, "eth0", true);
	run_loop_until_generation(6);
}

static int refuse(void *context, struct error *error)
{
	++*(unsigned int *)context;
	error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "the gate is closed");
	return -EIO;
}

/* The programs come onto a port once packets meet the tables that know it, and not at all if the commit is refused. */
static void ports_are_attached_behind_the_flip(void **state)
{
	unsigned int asked = 0;
	const struct reconciler_gate gate = {refuse, &asked};

	(void)state;
	assert_int_equal(fake_attach_generation, 1);
	fake_link(4, "eth4", true);
	fake_link(5, "eth5", true);
	change(fake_interface("b", "eth4", "red", 0));
	commit_gate = &gate;
	assert_int_equal(commit(), -EIO);
	commit_gate = NULL;
	assert_int_equal(asked, 1);
	assert_int_equal(reconciler_generation(reconciler), 1);
	assert_false(fake_is_attached(4));
	assert_banks_equal();
	change(fake_interface("b", "eth4", "red", 0));
	assert_int_equal(commit(), 0);
	assert_true(fake_is_attached(4));
	assert_int_equal(fake_attach_generation, 2);
	assert_int_equal(reconciler_generation(reconciler), 2);

	/* What the kernel has otherwise is in the tables when the commit returns. */
	fake_attach_fails = 5;
	change(fake_interface("c", "eth5", "red", 0));
	assert_int_equal(commit(), 0);
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "c"), PENDING_ATTACH);
	assert_int_equal(reconciler_generation(reconciler), 4);
}

static void facts_are_told(void **state)
{
	struct device_facts facts;
	struct ip_address address;
	uint8_t mac[6];

	(void)state;
	reconciler_device(reconciler, "eth0", &facts);
	assert_int_equal(facts.ifindex, 3);
	assert_int_equal(facts.xdp_mode, XDP_TC);
	assert_int_equal(facts.mtu, 1500);
	assert_int_equal(facts.up, 1);
	reconciler_device(reconciler, "none", &facts);
	assert_int_equal(facts.ifindex, 0);
	assert_int_equal(reconciler_port(reconciler, 0, &facts), 0);
	assert_string_equal(facts.name, "eth0");
	assert_int_equal(reconciler_port(reconciler, 1, &facts), -ENOENT);
	ip_address_parse("192.0.2.9", &address);
	assert_int_equal(reconciler_neighbour(reconciler, "eth0", &address, mac), -ENOENT);
	fake_neighbour(3, "192.0.2.9", "02:00:00:00:00:09");
	assert_int_equal(reconciler_neighbour(reconciler, "eth0", &address, mac), 0);
	assert_int_equal(mac[5], 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_commit_is_seen_whole_and_settles, reconciler_set_up,
						reconciler_tear_down),
		cmocka_unit_test_setup_teardown(subscribers_hear_what_is_programmed, reconciler_set_up,
						reconciler_tear_down),
		cmocka_unit_test_setup_teardown(addresses_of_the_router_win_over_routes, reconciler_set_up,
						reconciler_tear_down),
		cmocka_unit_test_setup_teardown(a_vrf_has_addresses_of_its_own, reconciler_set_up,
						reconciler_tear_down),
		cmocka_unit_test_setup_teardown(a_removed_vrf_leaves_nothing_behind, reconciler_set_up,
						reconciler_tear_down),
		cmocka_unit_test_setup_teardown(a_failed_commit_changes_nothing, reconciler_set_up,
						reconciler_tear_down),
		cmocka_unit_test_setup_teardown(a_bank_that_lags_holds_commits_back, reconciler_set_up,
						reconciler_tear_down),
		cmocka_unit_test_setup_teardown(links_move_the_generation_by_themselves, reconciler_set_up,
						reconciler_tear_down),
		cmocka_unit_test_setup_teardown(ports_are_attached_behind_the_flip, reconciler_set_up,
						reconciler_tear_down),
		cmocka_unit_test_setup_teardown(facts_are_told, reconciler_set_up, reconciler_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
