/* SPDX-License-Identifier: Apache-2.0 */
/* Since which generation members take no flows. */
#include <errno.h>

#include "pools_fixture.h"

static int refuse(void *context, struct error *error)
{
	(void)context;
	error_no_memory(error, NULL);
	return -ENOMEM;
}

static uint64_t drains_since(const char *member)
{
	return reconciler_member_drains(reconciler, fake_id(RESOURCE_MEMBER, member));
}

/* By the generation in which it took none for the first time, whatever the reason; a commit that fails says nothing. */
static void drains(void **state)
{
	static const struct reconciler_gate gate = {refuse, NULL};
	uint64_t since;

	(void)state;
	put_pool("p");
	put_member("p-0", "p", 1);
	put_member("p-1", "p", 1);
	put_member("p-2", "p", 1);
	put_member("late", "p", 0);
	run_well();
	assert_int_equal(drains_since("p-0") + drains_since("p-1") + drains_since("p-2"), 0);
	assert_int_equal(drains_since("late"), fake_generation);
	since = fake_generation;
	commit_gate = &gate;
	put_member("p-1", "p", 0);
	assert_int_equal(commit(), -ENOMEM);
	commit_gate = NULL;
	assert_int_equal(drains_since("p-1"), 0);
	put_member("p-1", "p", 0);
	run_well();
	assert_int_equal(drains_since("p-1"), fake_generation);
	put_member("p-0", "p", 5);
	run_well();
	assert_int_equal(drains_since("p-1"), fake_generation - 1);
	assert_int_equal(drains_since("late"), since);
	put_member("p-1", "p", 5)->backup = true;
	put_member("late", "p", 1);
	withdraw(RESOURCE_MEMBER, "p-2");
	run_well();
	assert_int_equal(drains_since("p-1"), fake_generation - 2);
	assert_int_equal(drains_since("late") + drains_since("p-2"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(drains, reconciler_set_up, reconciler_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
