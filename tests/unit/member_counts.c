/* SPDX-License-Identifier: Apache-2.0 */
/* A sweep's count of a member's connections, while packets count on. service_connections.c has whole sweeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "vnf/dataplane/connections/member_counts.h"

enum { MEMBER = 2, MEMBERS = 8 };

static struct dp_member_load loads[MEMBERS];
static const struct connection_tables tables = {.load = loads, .loads = MEMBERS};

/* What packets open and end meanwhile is not lost, whether the sweep has seen it or not. */
static void test_comings_and_goings(void **state)
{
	static const struct {
		uint64_t before, opened, ended, seen, then;
	} cases[] = {
		{100, 50, 0, 100, 150}, /* all of them behind the sweep, */
		{100, 50, 0, 150, 150}, /* or ahead of it */
		{100, 50, 50, 125, 100},  {1000, 0, 100, 1000, 900},
		{1000, 10, 10, 400, 410}, /* 590 at least are not there */
		{100, 10, 0, 405, 405},	  /* 295 at least were not counted */
	};
	struct member_counts *counts = member_counts_new(MEMBERS);

	(void)state;
	assert_non_null(counts);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		loads[MEMBER] = (struct dp_member_load){.connections = cases[i].before, .opened = 7};
		member_counts_begin(counts, &tables);
		for (uint64_t j = 0; j < cases[i].seen; j++)
			member_counts_add(counts, MEMBER);
		loads[MEMBER].connections += cases[i].opened - cases[i].ended;
		loads[MEMBER].opened += cases[i].opened;
		member_counts_end(counts, &tables);
		assert_int_equal(loads[MEMBER].connections, cases[i].then);
	}
	/* The id is given to another member in the meantime. */
	loads[MEMBER] = (struct dp_member_load){.connections = 100, .opened = 100};
	member_counts_begin(counts, &tables);
	loads[MEMBER] = (struct dp_member_load){.connections = 5, .opened = 5};
	member_counts_end(counts, &tables);
	assert_int_equal(loads[MEMBER].connections, 5);
	member_counts_free(counts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_comings_and_goings)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
