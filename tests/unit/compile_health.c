/* SPDX-License-Identifier: Apache-2.0 */
/* What verdicts of health probes do to next-hop groups and port pairs, and what is to be probed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile_fixture.h"
#include "vnf/features/service/member_tables.h"
#include "vnf/features/service/service.h"
#include "vnf/reconcile/health.h"

static struct resource *fake_monitor(const char *name, enum resource_kind kind, const char *target)
{
	struct health_monitor *monitor =
		(struct health_monitor *)fake_make(RESOURCE_HEALTH_MONITOR, name, sizeof(*monitor));

	monitor->target = fake_name(kind, target);
	monitor->type = kind == RESOURCE_PORT_PAIR_GROUP ? SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_STAGE
							 : SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_PING;
	return &monitor->resource;
}

static struct health_targets *health(void)
{
	return fake->tables->health;
}

static int setup(void **state)
{
	fake_run_setup(state);
	fake_put_underlay(&snapshot);
	fake_put(&snapshot, fake_gateway("h1", "a", "192.0.2.1", NULL));
	fake_put(&snapshot, fake_gateway("h2", "a", "192.0.2.2", NULL));
	fake_put(&snapshot, fake_gateway("h3", "a", "192.0.2.3", "02:00:00:00:00:cc"));
	fake_put(&snapshot, fake_group("g", "h1", "h2", "h3~", NULL));
	fake_put(&snapshot, fake_group("other", "h1", NULL));
	fake_put(&snapshot, fake_route("red", "10.0.0.0/8", "g", 1));
	return 0;
}

static void run(void)
{
	if (fake_run(fake, &snapshot))
		fail_msg("%s", fake->error.fault[0].message);
}

struct heard {
	uint64_t id;
	struct health_target target;
	char name[16];
};

static unsigned int calls;

static void on_changed(void *context)
{
	(void)context;
	calls++;
}

/* Takes what has changed, up to 8. */
static size_t take(struct heard *heard)
{
	size_t count = 0;

	while (count < 8 && health_take(health(), &heard[count].id, &heard[count].target)) {
		const char *name = heard[count].target.key.name;

		strcpy(heard[count].name, name ? name : "");
		count++;
	}
	return count;
}

static uint64_t id_of(const char *name)
{
	struct heard heard[8];
	uint64_t id = 0;
	size_t count;

	assert_int_equal(health_listen(health(), on_changed, NULL), 0);
	count = take(heard);
	for (size_t i = 0; i < count; i++)
		if (strcmp(heard[i].name, name) == 0)
			id = heard[i].id;
	assert_int_equal(health_listen(health(), NULL, NULL), 0);
	assert_int_not_equal(id, 0);
	return id;
}

/* Only the rows that the verdict concerns are made anew. */
static void report(uint64_t id, bool up)
{
	const struct delta none = {0};
	const struct health_verdict verdict = {.up = up, .weight_factor = HEALTH_FACTOR_ALL, .detail = "no answer"};
	struct facts facts = {0};
	struct error error = {0};

	health_report(health(), id, &verdict, &facts);
	assert_int_equal(tables_update(fake->tables, &snapshot, &none, &facts, &error), 0);
	pending_updates_publish(&fake->tables->pending);
	tables_finish(fake->tables, false);
	route_changes_free(&fake->tables->routes);
	policy_changes_free(&fake->tables->policies);
	facts_free(&facts);
}

static int buckets(const char *group, const char *next_hop)
{
	const struct dp_group *row = &fake->bank->groups[fake_id(RESOURCE_NEXT_HOP_GROUP, group)];
	int count = 0;

	for (int i = 0; i < DP_GROUP_BUCKETS; i++)
		count += row->member[row->bucket[i]] == fake_id(RESOURCE_NEXT_HOP, next_hop);
	return count;
}

static void a_backup_waits_for_all_others(void **state)
{
	(void)state;
	run();
	assert_int_equal(buckets("g", "h1"), DP_GROUP_BUCKETS / 2);
	assert_int_equal(buckets("g", "h2"), DP_GROUP_BUCKETS / 2);
	fake_neighbour(3, "192.0.2.1", NULL);
	run();
	assert_int_equal(buckets("g", "h2"), DP_GROUP_BUCKETS);
	fake_neighbour(3, "192.0.2.2", NULL);
	run();
	assert_int_equal(buckets("g", "h3"), DP_GROUP_BUCKETS);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP_GROUP, "g"), PENDING_NONE);
	fake_neighbour(3, "192.0.2.1", "02:00:00:00:00:aa");
	run();
	assert_int_equal(buckets("g", "h1"), DP_GROUP_BUCKETS);
	fake_put(&snapshot, fake_group("g", "h1~", "h3*3~", NULL)); /* without others, backups are as any */
	run();
	assert_int_equal(buckets("g", "h1"), DP_GROUP_BUCKETS / 4);
	assert_int_equal(buckets("g", "h3"), DP_GROUP_BUCKETS * 3 / 4);
}

static void what_is_down_is_no_member(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_monitor("m", RESOURCE_NEXT_HOP_GROUP, "g"));
	run();
	report(id_of("h1"), false);
	assert_int_equal(buckets("g", "h2"), DP_GROUP_BUCKETS);
	assert_int_equal(buckets("other", "h1"), DP_GROUP_BUCKETS); /* which nobody watches */
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "h1"), PENDING_NONE);
	report(id_of("h2"), false);
	assert_int_equal(buckets("g", "h3"), DP_GROUP_BUCKETS);
	report(id_of("h3"), false);
	assert_int_equal(buckets("g", "h1") + buckets("g", "h2") + buckets("g", "h3"), 0);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP_GROUP, "g"), PENDING_NO_HEALTHY);
	report(id_of("h2"), true);
	assert_int_equal(buckets("g", "h2"), DP_GROUP_BUCKETS);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP_GROUP, "g"), PENDING_NONE);
	report(id_of("h2"), false);

	/* In the commit that takes the monitor away, all count again. */
	fake_remove(&snapshot, RESOURCE_HEALTH_MONITOR, "m");
	run();
	assert_int_equal(buckets("g", "h1"), DP_GROUP_BUCKETS / 2);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP_GROUP, "g"), PENDING_NONE);
	/* And nothing is known of them when there is one again. */
	fake_put(&snapshot, fake_monitor("m", RESOURCE_NEXT_HOP_GROUP, "g"));
	run();
	assert_int_equal(buckets("g", "h1"), DP_GROUP_BUCKETS / 2);
}

static struct resource *next_best(struct resource *route)
{
	((struct route *)route)->next_best = true;
	return route;
}

static void a_dead_group_lets_the_next_best_route_go(void **state)
{
	struct ip_address address;

	(void)state;
	fake_put(&snapshot, fake_monitor("m", RESOURCE_NEXT_HOP_GROUP, "other"));
	fake_put(&snapshot, next_best(fake_route("red", "10.1.0.0/16", "other", 2)));
	run();
	assert_int_equal(ip_address_parse("10.1.0.1", &address), 0);
	assert_int_equal(fib_lookup(fake->fib, (uint16_t)fake_id(RESOURCE_VRF, "red"), &address).route, 2);
	report(id_of("h1"), false);
	assert_int_equal(fib_lookup(fake->fib, (uint16_t)fake_id(RESOURCE_VRF, "red"), &address).route, 1);
	report(id_of("h1"), true);
	assert_int_equal(fib_lookup(fake->fib, (uint16_t)fake_id(RESOURCE_VRF, "red"), &address).route, 2);
}

static void a_tunnel_has_no_underlay_without_healthy_gateways(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_route("under", "203.0.113.0/24", "other", 3));
	fake_put(&snapshot, fake_tunnel("t", DP_TUNNEL_VXLAN, "192.0.2.254", "203.0.113.7", 4789, "under", 5, "red"));
	fake_put(&snapshot, fake_monitor("m", RESOURCE_NEXT_HOP_GROUP, "other"));
	run();
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t"), PENDING_NONE);
	report(id_of("h1"), false);
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t"), PENDING_UNDERLAY_MEMBERS);
	report(id_of("h1"), true);
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t"), PENDING_NONE);
}

static void put_chain(void)
{
	for (uint32_t i = 11; i <= 14; i++) {
		char name[8];

		snprintf(name, sizeof(name), "p%u", i);
		fake_link(i, name, true);
		fake_put(&snapshot, fake_interface(name, name, "under", 0));
	}
	fake_put(&snapshot, fake_pair("first", "p11", "p12"));
	fake_put(&snapshot, fake_pair("second", "p13", "p14"));
	fake_put(&snapshot, fake_pair_group("boxes", false, "first", "second", NULL));
	fake_put(&snapshot, fake_classifier("c", "red", 1, "10.0.0.0/8", "10.9.0.0/16", 6, 80));
	fake_put(&snapshot, fake_chain("chain", true, "c", NULL, "boxes", NULL));
	fake_put(&snapshot, fake_monitor("probe", RESOURCE_PORT_PAIR_GROUP, "boxes"));
}

static void a_box_that_does_not_forward_is_out(void **state)
{
	const struct dp_stage *stage = &fake->bank->stages[1];

	(void)state;
	put_chain();
	run();
	assert_int_equal(stage->count, 2);
	report(id_of("first"), false);
	assert_int_equal(stage->count, 1);
	assert_int_equal(stage->member[0].ifindex, 13);
	assert_int_equal(fake_wait(RESOURCE_PORT_PAIR, "first"), PENDING_UNHEALTHY);
	assert_int_equal(fake_wait(RESOURCE_PORT_PAIR_GROUP, "boxes"), PENDING_NONE);
	report(id_of("second"), false);
	assert_int_equal(stage->count, 0);
	assert_int_equal(fake_wait(RESOURCE_PORT_PAIR_GROUP, "boxes"), PENDING_PAIRS);
	fake_put(&snapshot, fake_pair_group("boxes", false, "second", NULL)); /* the first one is nobody's now */
	run();
	assert_int_equal(fake_wait(RESOURCE_PORT_PAIR, "first"), PENDING_NONE);
	report(id_of("second"), true);
	assert_int_equal(stage->count, 1);
	fake_remove(&snapshot, RESOURCE_HEALTH_MONITOR, "probe");
	report(id_of("second"), false);
	run();
	assert_int_equal(fake_wait(RESOURCE_PORT_PAIR, "second"), PENDING_NONE);
	assert_int_equal(stage->count, 1);
}

static struct resource *fake_pool(const char *name, const char *vrf)
{
	struct pool *pool = (struct pool *)fake_make(RESOURCE_POOL, name, sizeof(*pool));

	pool->vrf = fake_name(RESOURCE_VRF, vrf);
	return &pool->resource;
}

static struct member *fake_member(const char *name, const char *pool)
{
	struct member *member = (struct member *)fake_make(RESOURCE_MEMBER, name, sizeof(*member));

	member->pool = fake_name(RESOURCE_POOL, pool);
	member->weight = 1;
	member->admin_state = SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_ACTIVE;
	ip_address_parse("10.0.0.1", &member->address);
	return member;
}

static uint8_t state_of(const char *member)
{
	return fake->bank->members[fake_id(RESOURCE_MEMBER, member)].state;
}

static void a_member_that_is_down_is_shown_so(void **state)
{
	struct member *member = fake_member("one", "pool");

	(void)state;
	fake_put(&snapshot, fake_pool("pool", "red"));
	fake_put(&snapshot, &member->resource);
	fake_put(&snapshot, fake_monitor("m", RESOURCE_POOL, "pool"));
	run();
	assert_int_equal(state_of("one"), DP_MEMBER_ACTIVE);
	assert_int_equal(member_weight_factor(fake->tables, member), HEALTH_FACTOR_ALL);
	report(id_of("one"), false);
	assert_int_equal(state_of("one"), DP_MEMBER_DOWN);
	assert_int_equal(fake_wait(RESOURCE_MEMBER, "one"), PENDING_UNHEALTHY);
	member = fake_member("one", "pool");
	member->admin_state = SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_QUARANTINED;
	fake_put(&snapshot, &member->resource);
	run();
	assert_int_equal(state_of("one"), DP_MEMBER_QUARANTINED); /* the operator's word is the last */
	member = fake_member("one", "pool");
	member->weight = 0;
	fake_put(&snapshot, &member->resource);
	run();
	assert_int_equal(state_of("one"), DP_MEMBER_DOWN);
	report(id_of("one"), true);
	assert_int_equal(state_of("one"), DP_MEMBER_DRAINING);
	report(id_of("one"), false);
	fake_remove(&snapshot, RESOURCE_HEALTH_MONITOR, "m");
	run();
	assert_int_equal(state_of("one"), DP_MEMBER_DRAINING);
	assert_int_equal(fake_wait(RESOURCE_MEMBER, "one"), PENDING_NONE);
}

static void targets_say_where_probes_go(void **state)
{
	struct heard heard[16];

	(void)state;
	put_chain();
	fake_put(&snapshot, fake_discard("void"));
	fake_put(&snapshot, fake_group("g", "h1", "void", NULL));
	fake_put(&snapshot, fake_monitor("m", RESOURCE_NEXT_HOP_GROUP, "g"));
	assert_int_equal(health_listen(health(), on_changed, NULL), 0);
	calls = 0;
	run();
	assert_true(calls > 0);
	assert_int_equal(take(heard), 3);
	assert_string_equal(heard[0].name, "h1");
	assert_string_equal(heard[0].target.monitor, "m");
	assert_string_equal(heard[0].target.vrf, "under");
	assert_string_equal(heard[0].target.device, "eth0");
	assert_string_equal(heard[1].name, "first");
	assert_string_equal(heard[1].target.device, "p11");
	assert_string_equal(heard[1].target.egress_device, "p12");
	assert_string_equal(heard[2].name, "second");

	/* What a change concerns comes again, with its id. */
	fake_put(&snapshot, fake_gateway("h1", "a", "192.0.2.9", NULL));
	run();
	assert_true(take(heard + 3) >= 1);
	assert_int_equal(heard[3].id, heard[0].id);
	assert_int_equal(heard[3].target.address.byte[3], 9);
	fake_put(&snapshot, fake_pair_group("boxes", false, "second", NULL));
	fake_remove(&snapshot, RESOURCE_HEALTH_MONITOR, "m");
	run();
	for (size_t count = take(heard + 4), i = 4; i < 4 + count; i++)
		if (!heard[i].target.monitor)
			assert_true(heard[i].id == heard[0].id || heard[i].id == heard[1].id);
	assert_true(health_knows(health(), heard[0].id));
	assert_false(health_knows(health(), heard[0].id + (1ULL << 40)));
	assert_int_equal(health_listen(health(), NULL, NULL), 0);
}

/* A run that fails leaves targets and verdicts as they were. */
static void an_undone_run_changes_nothing(void **state)
{
	uint64_t id;
	struct delta delta;
	const struct facts facts = {0};
	struct error error = {0};

	(void)state;
	fake_put(&snapshot, fake_monitor("m", RESOURCE_NEXT_HOP_GROUP, "g"));
	run();
	id = id_of("h1");
	report(id, false);
	fake_put(&snapshot, fake_group("g", "h2", "h3~", NULL));
	delta = fake_delta(&fake->shown, &snapshot);
	assert_int_equal(tables_update(fake->tables, &snapshot, &delta, &facts, &error), 0);
	tables_finish(fake->tables, true);
	policy_changes_free(&fake->tables->policies);
	free(delta.entry);
	assert_int_equal(id_of("h1"), id);
	assert_false(health_is_up(health(), &(struct health_key){RESOURCE_NEXT_HOP, "g", "h1"}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_backup_waits_for_all_others, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(what_is_down_is_no_member, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(a_dead_group_lets_the_next_best_route_go, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(a_tunnel_has_no_underlay_without_healthy_gateways, setup,
						fake_run_teardown),
		cmocka_unit_test_setup_teardown(a_box_that_does_not_forward_is_out, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(a_member_that_is_down_is_shown_so, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(targets_say_where_probes_go, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(an_undone_run_changes_nothing, setup, fake_run_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
