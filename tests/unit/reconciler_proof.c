/* SPDX-License-Identifier: Apache-2.0 */
/* What was taken up is proved before a port is given to it (vnf/reconcile/proof.h). */
#include "reconciler_fixture.h"

#include <errno.h>
#include <string.h>

#include "vnf/dataplane/fib/fib.h"

int __real_fib_set(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf);
int __wrap_fib_set(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf);

static const char *fault; /* what goes wrong in the second bank */
static struct fib *first; /* bank's engine */

/* 10.0.0.0/8, and no local route, is not set right. */
int __wrap_fib_set(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf)
{
	if (!first)
		first = fib;
	if (fault && fib != first && leaf.route == 1) {
		if (!strcmp(fault, "missing"))
			return 0;
		if (!strcmp(fault, "route"))
			leaf.route = 2;
		if (!strcmp(fault, "row"))
			((struct dp_vrf *)fake_bank[0]->vrfs)[5].features ^= 1;
	}
	return __real_fib_set(fib, vrf, prefix, leaf);
}

static int set_up(void **state, const char *what)
{
	first = NULL;
	fault = what;
	fixture_result = what ? -EBADMSG : 0;
	return reconciler_set_up_resumed(state);
}

static int all_is_right(void **state)
{
	return set_up(state, NULL);
}

static int a_route_is_missing(void **state)
{
	return set_up(state, "missing");
}

static int a_route_differs(void **state)
{
	return set_up(state, "route");
}

static int a_row_differs(void **state)
{
	return set_up(state, "row");
}

static int tear_down(void **state)
{
	fault = NULL;
	fixture_result = 0;
	fake_try_fails = 0;
	return reconciler_tear_down(state);
}

static void ports_are_given_to_what_proves(void **state)
{
	(void)state;
	assert_true(fake_is_attached(3));
	assert_int_equal(fake_tried, 1);
	assert_int_equal(fake_attach_generation, 7);
	assert_banks_equal();
	/* Once; and a commit that comes later is not proved. */
	change(fake_route("red", "10.2.0.0/16", "group", 2));
	assert_int_equal(commit(), 0);
	assert_int_equal(fake_tried, 1);
}

static void no_port_is_given_to_what_does_not(void **state)
{
	(void)state;
	assert_false(fake_is_attached(3));
}

static int the_program_does_not_know_a_port(void **state)
{
	fake_try_fails = 3;
	fake_try_error = -EBADMSG;
	return set_up(state, "program");
}

static int a_device_goes(void **state)
{
	fake_try_fails = 3;
	fake_try_error = -ENODEV;
	return set_up(state, NULL);
}

static int a_frame_cannot_be_sent(void **state)
{
	fake_try_fails = 3;
	fake_try_error = -ENOMEM;
	return set_up(state, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ports_are_given_to_what_proves, all_is_right, tear_down),
		cmocka_unit_test_setup_teardown(ports_are_given_to_what_proves, a_device_goes, tear_down),
		cmocka_unit_test_setup_teardown(ports_are_given_to_what_proves, a_frame_cannot_be_sent, tear_down),
		cmocka_unit_test_setup_teardown(no_port_is_given_to_what_does_not, a_route_is_missing, tear_down),
		cmocka_unit_test_setup_teardown(no_port_is_given_to_what_does_not, a_route_differs, tear_down),
		cmocka_unit_test_setup_teardown(no_port_is_given_to_what_does_not, a_row_differs, tear_down),
		cmocka_unit_test_setup_teardown(no_port_is_given_to_what_does_not, the_program_does_not_know_a_port,
						tear_down),
	};

	return cmocka_run_group_tests_name("reconciler_proof", tests, NULL, NULL);
}
