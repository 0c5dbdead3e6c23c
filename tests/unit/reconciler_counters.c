/* SPDX-License-Identifier: Apache-2.0 */
/* Which counters a commit resets (vnf/reconcile/new_counters.h). */
#include "reconciler_fixture.h"

static bool was_reset(uint32_t index)
{
	for (unsigned int i = 0; i < fake_resets && i < FAKE_RESETS; i++)
		if (fake_counter_reset[i] == index)
			return true;
	return false;
}

/* A route's counter is only reset where the id may have counted for another. */
static void what_is_new_counts_from_zero(void **state)
{
	(void)state;
	assert_true(was_reset(DP_COUNTER_RX + fake_id(RESOURCE_INTERFACE, "a")));
	assert_false(was_reset(DP_COUNTER_ROUTES + 1));
	withdraw_route("red", "10.0.0.0/8");
	assert_int_equal(commit(), 0);
	change(fake_route("red", "10.2.0.0/16", "group", 1));
	assert_int_equal(commit(), 0);
	assert_true(was_reset(DP_COUNTER_ROUTES + 1));
}

/* The counters are the daemon's before: what it had goes on, and any id may have counted for another. */
static void what_is_taken_up_counts_on(void **state)
{
	(void)state;
	assert_int_equal(reconciler_generation(reconciler), 7);
	assert_int_equal(fake_resets, 0);
	change(fake_route("red", "10.2.0.0/16", "group", 2));
	assert_int_equal(commit(), 0);
	assert_int_equal(fake_resets, 1);
	assert_true(was_reset(DP_COUNTER_ROUTES + 2));
}

static int see_resets(void *context, struct error *error)
{
	(void)error;
	*(unsigned int *)context = fake_resets;
	return 0;
}

/* A daemon that is killed behind the gate leaves the ids to one that goes on with their counters. */
static void counters_are_reset_before_the_gate(void **state)
{
	unsigned int seen = 0;
	const struct reconciler_gate gate = {see_resets, &seen};

	(void)state;
	commit_gate = &gate;
	change(fake_route("red", "10.2.0.0/16", "group", 2));
	assert_int_equal(commit(), 0);
	commit_gate = NULL;
	assert_int_equal(seen, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_new_counts_from_zero, reconciler_set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(what_is_taken_up_counts_on, reconciler_set_up_resumed,
						reconciler_tear_down),
		cmocka_unit_test_setup_teardown(counters_are_reset_before_the_gate, reconciler_set_up_resumed,
						reconciler_tear_down),
	};

	return cmocka_run_group_tests_name("reconciler_counters", tests, NULL, NULL);
}
