/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts of health probes come to packets by a generation of their own, many in one flip. */
#include <errno.h>
#include <string.h>

#include "reconciler_fixture.h"
#include "vnf/features/service/service.h"
#include "vnf/reconcile/health.h"

#define HOPS 8

static void nobody(void *context)
{
	(void)context;
}

/* Ids of the next hops, by their number. */
static void take_ids(uint64_t ids[HOPS])
{
	struct health_target target;
	uint64_t id;
	int count = 0;

	assert_int_equal(health_listen(reconciler_health(reconciler), nobody, NULL), 0);
	for (; health_take(reconciler_health(reconciler), &id, &target); count++)
		ids[target.key.name[1] - '0'] = id;
	assert_int_equal(count, HOPS);
	assert_int_equal(health_listen(reconciler_health(reconciler), NULL, NULL), 0);
}

static void put_watched_group(void)
{
	struct next_hop_group *group = (struct next_hop_group *)fake_group("watched", "n0", NULL);
	struct health_monitor *monitor = fake_make(RESOURCE_HEALTH_MONITOR, "m", sizeof(*monitor));
	char name[] = "n0", address[] = "192.0.2.10";

	for (int i = 0; i < HOPS; i++) {
		name[1] = address[9] = (char)('0' + i);
		change(fake_gateway(name, "a", address, "02:00:00:00:00:aa"));
		group->member[i] = (struct next_hop_member){fake_name(RESOURCE_NEXT_HOP, name), 1, false};
	}
	group->count = HOPS;
	monitor->target = group->resource.self;
	change(&group->resource);
	change(&monitor->resource);
	assert_int_equal(commit(), 0);
}

static uint32_t only(void)
{
	return active()->groups[fake_id(RESOURCE_NEXT_HOP_GROUP, "watched")].only;
}

static void many_reports_are_one_generation(void **state)
{
	struct health_report report[HOPS];
	uint64_t ids[HOPS], generation;

	(void)state;
	put_watched_group();
	take_ids(ids);
	reconciler_sync_banks(reconciler);
	generation = reconciler_generation(reconciler);
	for (int i = 0; i < HOPS; i++)
		report[i] = (struct health_report){ids[i], {.up = i == 5, .weight_factor = HEALTH_FACTOR_ALL}};
	assert_true(reconciler_report_health(reconciler, report, 4));
	assert_true(reconciler_report_health(reconciler, report + 4, HOPS - 4));
	assert_int_equal(reconciler_generation(reconciler), generation);
	run_loop_until_generation(generation + 1);
	assert_int_equal(only(), fake_id(RESOURCE_NEXT_HOP, "n5"));
	assert_as_compiled_anew();
	assert_banks_equal();

	/* The same once more is nothing new. */
	assert_false(reconciler_report_health(reconciler, report, HOPS));
	/* A commit takes in what was reported before it. */
	report[2].verdict.up = true;
	report[5].verdict.up = false;
	assert_true(reconciler_report_health(reconciler, report, HOPS));
	change(fake_route("red", "10.9.0.0/16", "watched", 9));
	assert_int_equal(commit(), 0);
	assert_int_equal(reconciler_generation(reconciler), generation + 2);
	assert_int_equal(only(), fake_id(RESOURCE_NEXT_HOP, "n2"));
	reconciler_sync_banks(reconciler);
	assert_as_compiled_anew();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_reports_are_one_generation, reconciler_set_up,
						reconciler_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
