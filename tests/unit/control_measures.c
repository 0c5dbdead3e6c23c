/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for who measures: they follow commits, and are what a walk over the resources would count. */
#include "tests/unit/control_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VRFS   3
#define STEPS  300
#define ROUTES 40

static const char *const names[VRFS] = {"a", "b", "c"};

struct seen {
	size_t vrfs;
	uint64_t routes[VRFS];
};

static void see_vrf(void *context, const char *vrf, const struct vrf_figures *figures)
{
	struct seen *seen = context;

	seen->vrfs++;
	for (size_t i = 0; i < VRFS; i++)
		if (!strcmp(names[i], vrf))
			seen->routes[i] = figures->routes;
	assert_int_equal(figures->learned, 0);
}

static void see_count(void *context, const Sluice__V1__ResourceState *state)
{
	struct seen *seen = context;

	for (size_t i = 0; i < VRFS; i++)
		seen->routes[i] += !strcmp(state->resource->route->vrf, names[i]);
}

static void check(struct fixture *fixture)
{
	struct seen figures = {0}, counted = {0};
	struct error error = {0};
	size_t left;

	control_visit_vrfs(fixture->control, see_vrf, &figures);
	assert_int_equal(control_visit(fixture->control, SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_ROUTE, 100000,
				       see_count, &counted, &left, &error),
			 0);
	assert_int_equal(left, 0);
	assert_memory_equal(figures.routes, counted.routes, sizeof(counted.routes));
}

static void routes_of_vrfs(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, LINES("create vrf name=a", "create vrf name=b", "create vrf name=c",
				   "create next_hop name=n discard.reason=0",
				   "create next_hop_group name=g "
				   "members[0].next_hop=n"));
	srand(7);
	for (int step = 0; step < STEPS; step++) {
		char line[2][128];

		for (int i = 0; i < 2; i++)
			snprintf(line[i], sizeof(line[i]), "%s route vrf=%s prefix=10.%d.%d.0/24 next_hop_group=g",
				 rand() % 3 ? "upsert" : "delete", names[rand() % VRFS], i, rand() % ROUTES);
		must_apply(&fixture, LINES(line[0], line[1]));
		if (step % 10 == 0)
			fixture_turn(&fixture); /* the banks are synced, and ids are free again */
		check(&fixture);
	}
	fixture_free(&fixture);
}

/* Its id, which another VRF takes, starts at nothing. */
static void a_vrf_that_goes(void **state)
{
	struct fixture fixture;
	struct seen seen = {0};

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, LINES("create vrf name=a", "create next_hop name=n discard.reason=0",
				   "create next_hop_group name=g members[0].next_hop=n",
				   "create route vrf=a prefix=10.0.0.0/8 next_hop_group=g"));
	must_apply(&fixture, LINES("delete route vrf=a prefix=10.0.0.0/8", "delete vrf name=a"));
	fixture_turn(&fixture);
	must_apply(&fixture, LINES("create vrf name=b"));
	control_visit_vrfs(fixture.control, see_vrf, &seen);
	assert_int_equal(seen.vrfs, 1);
	assert_int_equal(seen.routes[1], 0);
	fixture_free(&fixture);
}

static void only_so_many(void **state)
{
	struct fixture fixture;
	struct error error = {0};
	struct seen seen = {0};
	size_t left = 0;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, LINES("create vrf name=a", "create next_hop name=n discard.reason=0",
				   "create next_hop_group name=g members[0].next_hop=n",
				   "create route vrf=a prefix=10.0.0.0/8 next_hop_group=g",
				   "create route vrf=a prefix=11.0.0.0/8 next_hop_group=g",
				   "create route vrf=a prefix=12.0.0.0/8 next_hop_group=g"));
	assert_int_equal(control_visit(fixture.control, SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_ROUTE, 2, see_count,
				       &seen, &left, &error),
			 0);
	assert_int_equal(seen.routes[0], 2);
	assert_int_equal(left, 1);
	fixture_free(&fixture);
}

static uint64_t times(struct fixture *fixture, enum commit_outcome outcome)
{
	struct histogram_reading reading;
	uint64_t sum = 0;

	control_commit_times(fixture->control, outcome, &reading);
	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++)
		sum += reading.count[i];
	return sum;
}

static void outcomes_of_commits(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, LINES("create vrf name=a"));
	must_apply(&fixture, LINES("create vrf name=b"));
	must_apply(&fixture, LINES("upsert vrf name=a"));
	must_refuse(&fixture, ERROR_ALREADY_EXISTS, "changes[0].resource", "exists", LINES("create vrf name=a"));
	assert_int_equal(times(&fixture, COMMIT_PROGRAMMED), 2);
	assert_int_equal(times(&fixture, COMMIT_UNCHANGED), 1);
	assert_int_equal(times(&fixture, COMMIT_REFUSED), 1);
	fixture_free(&fixture);
}

static void room_for_connections(void **state)
{
	struct connection_figures figures;
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	control_connection_figures(fixture.control, &figures);
	assert_int_equal(figures.capacity, fake_limits.connections);
	assert_int_equal(figures.embryonic + figures.established + figures.over, 0);
	fixture_free(&fixture);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_of_vrfs),	cmocka_unit_test(a_vrf_that_goes),
		cmocka_unit_test(only_so_many),		cmocka_unit_test(outcomes_of_commits),
		cmocka_unit_test(room_for_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
