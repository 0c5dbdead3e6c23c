/* SPDX-License-Identifier: Apache-2.0 */
/* Routes with on_dead NEXT_BEST leave the FIB while their group is dead; all others stay whatever becomes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile_fixture.h"
#include "vnf/control/kinds/kinds.h"

static struct resource *next_best(struct resource *route)
{
	((struct route *)route)->next_best = true;
	return route;
}

/* In VRF red 10.0.0.0/8 leads to g1, 10.1.0.0/16 below it to g2, at best. */
static int setup(void **state)
{
	fake_run_setup(state);
	fake_put_underlay(&snapshot);
	fake_put(&snapshot, fake_gateway("h1", "a", "192.0.2.1", NULL));
	fake_put(&snapshot, fake_gateway("h2", "a", "192.0.2.2", NULL));
	fake_put(&snapshot, fake_group("g1", "h1", NULL));
	fake_put(&snapshot, fake_group("g2", "h2", NULL));
	fake_put(&snapshot, fake_route("red", "10.0.0.0/8", "g1", 1));
	fake_put(&snapshot, next_best(fake_route("red", "10.1.0.0/16", "g2", 2)));
	return 0;
}

/* Runs, and says by which route packets go. */
static uint32_t route_to(const char *vrf, const char *text)
{
	struct ip_address address;

	if (fake_run(fake, &snapshot))
		fail_msg("%s", fake->error.fault[0].message);
	assert_int_equal(ip_address_parse(text, &address), 0);
	return fib_lookup(fake->fib, (uint16_t)fake_id(RESOURCE_VRF, vrf), &address).route;
}

static void follows_its_group(void **state)
{
	(void)state;
	assert_int_equal(route_to("red", "10.1.0.1"), 2);
	fake_neighbour(3, "192.0.2.2", NULL);
	assert_int_equal(route_to("red", "10.1.0.1"), 1);
	assert_int_equal(route_to("red", "10.0.0.1"), 1);
	fake_neighbour(3, "192.0.2.2", "02:00:00:00:00:bb");
	assert_int_equal(route_to("red", "10.1.0.1"), 2);
	fake_neighbour(3, "192.0.2.1", NULL); /* which has on_dead DROP */
	assert_int_equal(route_to("red", "10.0.0.1"), 1);
	fake_neighbour(3, "192.0.2.2", NULL);
	assert_int_equal(route_to("red", "10.1.0.1"), 1);
	fake_put(&snapshot, fake_route("red", "10.1.0.0/16", "g2", 2));
	assert_int_equal(route_to("red", "10.1.0.1"), 2);
	fake_put(&snapshot, next_best(fake_route("red", "10.1.0.0/16", "g2", 2)));
	assert_int_equal(route_to("red", "10.1.0.1"), 1);
}

static void is_added_while_its_group_is_dead(void **state)
{
	(void)state;
	fake_neighbour(3, "192.0.2.2", NULL);
	fake_put(&snapshot, next_best(fake_route("red", "10.2.0.0/16", "g2", 3)));
	assert_int_equal(route_to("red", "10.2.0.1"), 1);
	fake_remove_route(&snapshot, "red", "10.1.0.0/16");
	assert_int_equal(route_to("red", "10.1.0.1"), 1);
	fake_neighbour(3, "192.0.2.2", "02:00:00:00:00:bb");
	assert_int_equal(route_to("red", "10.1.0.1"), 1);
	assert_int_equal(route_to("red", "10.2.0.1"), 3);
	fake_neighbour(3, "192.0.2.2", NULL);
	assert_int_equal(route_to("red", "10.2.0.1"), 1);
	fake_put(&snapshot, next_best(fake_route("red", "10.2.0.0/16", "g1", 3))); /* to a group that lives */
	assert_int_equal(route_to("red", "10.2.0.1"), 3);
	fake_put(&snapshot, fake_group("g1", "h2", NULL));
	assert_int_equal(route_to("red", "10.2.0.1"), 1);
	fake_put(&snapshot, fake_discard("drop"));
	fake_put(&snapshot, fake_group("g1", "h2", "drop", NULL)); /* what discards is programmed */
	assert_int_equal(route_to("red", "10.2.0.1"), 3);
}

static void gives_way_to_the_router_itself(void **state)
{
	(void)state;
	fake_put(&snapshot, next_best(fake_route("under", "10.1.0.1/32", "g2", 4)));
	fake_put(&snapshot, fake_route("under", "10.1.0.0/24", "g1", 5));
	assert_int_equal(route_to("under", "10.1.0.1"), 4);
	fake_address(3, "10.1.0.1");
	assert_int_equal(route_to("under", "10.1.0.1"), 0);
	fake_neighbour(3, "192.0.2.2", NULL);
	assert_int_equal(route_to("under", "10.1.0.1"), 0);
	fake_address_gone(3, "10.1.0.1");
	assert_int_equal(route_to("under", "10.1.0.1"), 5);
	fake_address(3, "10.1.0.1");
	fake_neighbour(3, "192.0.2.2", "02:00:00:00:00:bb");
	assert_int_equal(route_to("under", "10.1.0.1"), 0);
	fake_address_gone(3, "10.1.0.1");
	assert_int_equal(route_to("under", "10.1.0.1"), 4);
}

/* A tunnel to 10.9.0.1, whose way in the underlay is a route that yields. */
static void put_tunnel(void)
{
	fake_put(&snapshot, fake_tunnel("t", DP_TUNNEL_VXLAN, "10.0.0.1", "10.9.0.1", 4789, "under", 100, "red"));
	fake_put(&snapshot, fake_tunnel_hop("ht", "t", 100, "02:00:00:00:00:01"));
	fake_put(&snapshot, fake_group("gt", "ht", NULL));
	fake_put(&snapshot, next_best(fake_route("under", "10.9.0.0/16", "g2", 6)));
	fake_put(&snapshot, next_best(fake_route("red", "10.1.0.0/16", "gt", 2)));
}

static void group_into_tunnels(void **state)
{
	(void)state;
	put_tunnel();
	assert_int_equal(route_to("red", "10.1.0.1"), 2);
	fake_neighbour(3, "192.0.2.2", NULL);
	assert_int_equal(route_to("red", "10.1.0.1"), 1);
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t"), PENDING_UNDERLAY_ROUTE);
	fake_put(&snapshot, fake_route("under", "0.0.0.0/0", "g1", 7)); /* the underlay's next best */
	assert_int_equal(route_to("red", "10.1.0.1"), 2);
	assert_int_equal(route_to("under", "10.9.0.1"), 7);
	fake_remove_route(&snapshot, "under", "0.0.0.0/0");
	assert_int_equal(route_to("red", "10.1.0.1"), 1);
	fake_neighbour(3, "192.0.2.2", "02:00:00:00:00:bb");
	assert_int_equal(route_to("red", "10.1.0.1"), 2);
	assert_int_equal(route_to("under", "10.9.0.1"), 6);
}

/* Were the tunnel programmed, the route to its own remote would lead into it. */
static void tunnel_does_not_carry_itself(void **state)
{
	(void)state;
	put_tunnel();
	fake_put(&snapshot, fake_route("under", "0.0.0.0/0", "g1", 7));
	fake_put(&snapshot, next_best(fake_route("under", "10.9.0.1/32", "gt", 8)));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(route_to("under", "10.9.0.1"), 6);
		assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t"), PENDING_UNDERLAY_TUNNEL);
	}
	fake_put(&snapshot, fake_group("gt", "h1", NULL)); /* leads into no tunnel any more */
	assert_int_equal(route_to("under", "10.9.0.1"), 8);
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t"), PENDING_NONE);
	fake_neighbour(3, "192.0.2.1", NULL);
	assert_int_equal(route_to("under", "10.9.0.1"), 6);
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t"), PENDING_NONE);
	fake_put(&snapshot, fake_group("gt", "ht", NULL)); /* and does so again, while it is left out */
	assert_int_equal(route_to("under", "10.9.0.1"), 6);
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t"), PENDING_UNDERLAY_TUNNEL);
}

static void says_so(void **state)
{
	const struct resource *stays, *yields;

	(void)state;
	fake_neighbour(3, "192.0.2.1", NULL);
	fake_neighbour(3, "192.0.2.2", NULL);
	route_to("red", "10.1.0.1");
	stays = snapshot.resource[RESOURCE_ROUTE][0];
	yields = snapshot.resource[RESOURCE_ROUTE][1];
	assert_int_equal(resource_pending(stays), PENDING_MEMBERS);
	assert_int_equal(resource_pending(yields), PENDING_YIELDS);
	assert_non_null(strstr(pending_reason_text(PENDING_YIELDS), "less specific"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(follows_its_group, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(is_added_while_its_group_is_dead, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(gives_way_to_the_router_itself, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(group_into_tunnels, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(tunnel_does_not_carry_itself, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(says_so, setup, fake_run_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
