/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts that say unasked that they are there (vnf/features/base/host_tables.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "reconciler_fixture.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/reconcile/shown_links.h"

static void commit_interface(bool learn)
{
	struct resource *interface = fake_interface("a", "eth0", "red", 0);

	((struct interface *)interface)->learn = learn;
	change(interface);
	assert_int_equal(commit(), 0);
}

/* The event of a neighbour ends the run, in which everything that was heard before is looked at, too. */
static void hear(const char *text)
{
	fake_heard(3, text);
	fake_neighbour(3, "192.0.2.200", NULL);
	fake_neighbour(3, "192.0.2.200", "02:00:00:00:00:c8");
	commit_interface(true);
}

static struct link_facts link_facts(void)
{
	struct link_facts facts;

	reconciler_link(reconciler, fake_id(RESOURCE_INTERFACE, "a"), &facts);
	return facts;
}

static int set_up(void **state)
{
	fake_hears = false;
	if (reconciler_set_up(state))
		return -1;
	fake_address(3, "192.0.2.254/24");
	return 0;
}

static void only_where_the_interface_learns(void **state)
{
	(void)state;
	commit_interface(false);
	assert_false(fake_hears);
	commit_interface(true);
	assert_true(fake_hears);
	commit_interface(false);
	fake_heard(3, "192.0.2.9");
	commit_interface(false);
	assert_int_equal(fake_asked(3, "192.0.2.9"), 0);
}

/* What is said is a reason to ask, and once only. */
static void who_is_heard_is_asked(void **state)
{
	(void)state;
	commit_interface(true);
	hear("192.0.2.9");
	assert_int_equal(fake_asked(3, "192.0.2.9"), 1);
	assert_false(fake_is_wanted(3, "192.0.2.9"));
	assert_int_equal(link_facts().learned, 0);
	fake_neighbour(3, "192.0.2.9", "02:00:00:00:00:09");
	commit_interface(true);
	assert_int_equal(link_facts().learned, 1);
	assert_true(fake_is_wanted(3, "192.0.2.9"));
	fake_neighbour(3, "192.0.2.10", "02:00:00:00:00:0a"); /* found out about otherwise */
	commit_interface(true);
	assert_int_equal(link_facts().learned, 1);
	fake_neighbour(3, "192.0.2.9", NULL);
	commit_interface(true);
	assert_int_equal(link_facts().learned, 0);
}

static void nothing_of_other_prefixes_or_of_the_router(void **state)
{
	(void)state;
	commit_interface(true);
	hear("198.51.100.9");
	hear("192.0.2.254");
	assert_int_equal(fake_asked(3, "198.51.100.9"), 0);
	assert_int_equal(fake_asked(3, "192.0.2.254"), 0);
	fake_neighbour(3, "192.0.2.9", "02:00:00:00:00:09"); /* known, and asked for anew anyway */
	commit_interface(true);
	hear("192.0.2.9");
	assert_true(fake_is_wanted(3, "192.0.2.9"));
	assert_int_equal(link_facts().learned, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_where_the_interface_learns, set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(who_is_heard_is_asked, set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(nothing_of_other_prefixes_or_of_the_router, set_up,
						reconciler_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
