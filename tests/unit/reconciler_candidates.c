/* SPDX-License-Identifier: Apache-2.0 */
/* Which of a prefix's candidates packets meet, as they come and go. */
#include "reconciler_fixture.h"
#include "vnf/features/base/base.h"
#include "vnf/features/source/source.h"

static struct ip_prefix prefix_of(const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return prefix;
}

/* In VRF red. Ids from 100 on are theirs. */
static struct source_route *learned(const char *source, const char *prefix, const char *group, uint8_t preference)
{
	static uint32_t id = 100;
	struct source_route *route = fake_make(RESOURCE_SOURCE_ROUTE, NULL, sizeof(*route));

	route->resource.owner = fake_name(RESOURCE_ROUTE_SOURCE, source);
	route->resource.id = id++;
	route->key.vrf = fake_name(RESOURCE_VRF, "red");
	route->key.prefix = prefix_of(prefix);
	route->group = group ? fake_name(RESOURCE_NEXT_HOP_GROUP, group) : NULL;
	route->preference = preference;
	return route;
}

static void own(const char *prefix, uint8_t preference, bool next_best)
{
	struct route *route = (struct route *)fake_route("red", prefix, "group", 50);

	route->preference = preference;
	route->next_best = next_best;
	change(&route->resource);
}

static void protect(const char *prefix, const char *source)
{
	struct protected_prefix *protected = fake_make(RESOURCE_PROTECTED_PREFIX, NULL, sizeof(*protected));

	protected->key.vrf = fake_name(RESOURCE_VRF, "red");
	protected->key.prefix = prefix_of(prefix);
	protected->owner[protected->count++] = fake_name(RESOURCE_ROUTE_SOURCE, source);
	change(&protected->resource);
}

/* Which group packets to 10.2.0.1 go to, in both banks; "": that of the fixture's 10.0.0.0/8. */
static void goes_to(const char *group)
{
	const char *name = *group ? group : "group";

	assert_int_equal(commit(), 0);
	assert_int_equal(reconciler_sync_banks(reconciler), 0);
	assert_int_equal(group_to("red", "10.2.0.1"), fake_id(RESOURCE_NEXT_HOP_GROUP, name));
	assert_int_equal(route_to("red", "10.2.0.1") == 1, !*group);
	assert_tables_equal(active(), idle());
}

static int set_up(void **state)
{
	int result = reconciler_set_up(state);

	for (int i = 0; i < 2; i++) {
		change(fake_gateway(i ? "hop2" : "hop1", "a", i ? "192.0.2.2" : "192.0.2.1", NULL));
		change(fake_group(i ? "g2" : "g1", i ? "hop2" : "hop1", NULL));
	}
	assert_int_equal(commit(), 0);
	return result;
}

/* The last one that was learned leaves a controller's route behind. */
static void the_last_one_leaves(void **state)
{
	struct source_route *route = learned("bgp", "10.2.0.0/16", "g1", 100);

	(void)state;
	own("10.2.0.0/16", 200, false);
	goes_to("group");
	change(&route->resource);
	goes_to("g1");
	withdraw_this(&route->resource);
	assert_int_equal(commit(), 0);
	assert_int_equal(route_to("red", "10.2.0.1"), 50);
	withdraw_route("red", "10.2.0.0/16");
	goes_to("");
}

/* One that never counted leaves nothing, and takes nothing along. */
static void those_that_do_not_count(void **state)
{
	struct source_route *unusable = learned("bgp", "10.2.0.0/16", NULL, 1),
			    *withheld = learned("ospf", "10.2.0.0/16", "g1", 1);

	(void)state;
	withheld->guard = SOURCE_BOGON;
	change(&unusable->resource);
	goes_to("");
	change(&withheld->resource);
	goes_to("");
	withdraw_this(&unusable->resource);
	goes_to("");
	withdraw_this(&withheld->resource);
	goes_to("");
}

static void preference(void **state)
{
	struct source_route *bgp = learned("bgp", "10.2.0.0/16", "g1", 100),
			    *ospf = learned("ospf", "10.2.0.0/16", "g2", 90),
			    *worse = learned("ospf", "10.2.0.0/16", "g2", 110);

	(void)state;
	change(&bgp->resource);
	goes_to("g1");
	change(&ospf->resource);
	goes_to("g2");
	worse->resource.id = ospf->resource.id;
	change(&worse->resource);
	goes_to("g1");
	own("10.2.0.0/16", 1, false);
	assert_int_equal(commit(), 0);
	assert_int_equal(route_to("red", "10.2.0.1"), 50);
}

/* A more specific route under a protected prefix does not count, whoever comes first. */
static void protection(void **state)
{
	struct source_route *hijack = learned("bgp", "10.2.0.0/24", "g1", 1),
			    *rightful = learned("ospf", "10.2.0.0/16", "g2", 1);

	(void)state;
	change(&rightful->resource);
	change(&hijack->resource);
	goes_to("g1");
	protect("10.2.0.0/15", "ospf");
	goes_to("g2");
	protect("10.2.0.0/24", "bgp");
	goes_to("g1");
	withdraw_this(snapshot_find_key(in_the_making(), RESOURCE_PROTECTED_PREFIX,
					&(struct resource_key){"red", &hijack->key.prefix, NULL}));
	goes_to("g2");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_last_one_leaves, set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(those_that_do_not_count, set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(preference, set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(protection, set_up, reconciler_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
