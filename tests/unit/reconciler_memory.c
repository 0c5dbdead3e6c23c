/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of a commit below the control plane fails once: packets then go on by the revision before, wholly,
 * and the next commit is as if nothing had been. tests/unit/control_memory.c is the other half. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"
#include "reconciler_fixture.h"

/* Of every table: so that each allocates what it needs. */
static void change_everything(void)
{
	change(fake_vrf("blue", NULL));
	change(fake_interface("b", "eth1", "blue", 0));
	change(fake_interface("in", "eth2", "red", 0));
	change(fake_interface("out", "eth3", "red", 0));
	change(fake_tunnel("t", DP_TUNNEL_VXLAN, "192.0.2.254", "192.0.2.7", 4789, "red", 5, "blue"));
	change(fake_gateway("hop", "a", "192.0.2.1", "02:00:00:00:00:bb"));
	change(fake_gateway("more", "b", "198.51.100.2", NULL));
	change(fake_tunnel_hop("through", "t", 5, "02:00:00:00:00:cc"));
	change(fake_group("group", "hop", "more", "through", NULL));
	change(fake_pair("p", "in", "out"));
	change(fake_pair_group("s", false, "p", NULL));
	change(fake_classifier("c", "red", 1, "10.0.0.0/8", "10.9.0.0/16", 6, 80));
	change(fake_chain("k", true, "c", NULL, "s", NULL));
	change(fake_route("red", "10.0.0.0/8", "group", 7));
	change(fake_route("red", "10.5.0.0/16", "group", 8));
	change(fake_route("red", "192.0.2.254/32", "group", 11));
	change(fake_route("blue", "10.6.7.0/24", "group", 9));
	change(fake_route("blue", "2001:db8::/32", "group", 10));
	/* Enough for the roots of the trees to grow. */
	for (unsigned int i = 0; i < 40; i++) {
		char prefix[32];

		snprintf(prefix, sizeof(prefix), "10.7.%u.0/24", i);
		change(fake_route("blue", prefix, "group", 20 + i));
	}
}

static void change_rows(void)
{
	change(fake_gateway("hop", "a", "192.0.2.1", NULL));
	change(fake_gateway("new", "a", "192.0.2.5", "02:00:00:00:00:dd"));
	change(fake_group("group", "hop", "new", NULL));
	change(fake_group("other", "new", NULL));
	change(fake_route("red", "10.0.0.0/8", "other", 7));
	change(fake_route("red", "10.5.0.0/16", "group", 8));
	change(fake_route("red", "2001:db8:1::/48", "other", 9));
	withdraw_route("red", "10.200.0.0/16");
}

static void assert_as_before(const struct bank *before, uint64_t generation)
{
	assert_int_equal(reconciler_generation(reconciler), generation);
	assert_bank_is(active(), before);
	assert_tables_equal(active(), idle());
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "hop"), PENDING_NONE);
	for (int bank = 0; bank < 2; bank++) {
		const struct bank *at = fake_bank[bank];

		assert_int_equal(lookup_in(at, "red", "10.5.1.1").route, 1);
		assert_int_equal(lookup_in(at, "red", "10.200.1.1").route, 2);
		assert_int_equal(lookup_in(at, "red", "192.0.2.254").group, DP_GROUP_LOCAL);
		assert_int_equal(lookup_in(at, "red", "2001:db8:1::1").group, DP_GROUP_NONE);
		assert_int_equal(lookup_in(at, "blue", "10.6.7.1").group, DP_GROUP_NONE);
	}
}

static void begin(void)
{
	reconciler_set_up(NULL);
	fake_link(4, "eth1", true);
	fake_link(5, "eth2", true);
	fake_link(6, "eth3", true);
	fake_address(4, "198.51.100.1");
	change(fake_route("red", "10.200.0.0/16", "group", 2));
	assert_int_equal(commit(), 0);
	assert_int_equal(reconciler_sync_banks(reconciler), 0);
}

/* The n-th allocation fails in the commit, or in settling it. false: there is no n-th. */
static bool fail_nth(void (*make)(void), unsigned int n, unsigned int *refused)
{
	struct bank *before;
	uint64_t generation;
	bool failed;

	begin();
	generation = reconciler_generation(reconciler);
	before = copy_of(active());
	make();
	fail_in = n;
	if (commit()) {
		assert_int_equal(fail_in, 0);
		assert_as_before(before, generation);
		++*refused;
		make();
		assert_int_equal(commit(), 0);
	}
	if (reconciler_sync_banks(reconciler)) {
		assert_int_equal(fail_in, 0);
		assert_int_equal(reconciler_sync_banks(reconciler), 0);
	}
	failed = fail_in == 0;
	fail_in = 0;
	assert_tables_equal(active(), idle());
	assert_as_compiled_anew();
	for (int bank = 0; bank < 2; bank++) {
		assert_int_equal(lookup_in(fake_bank[bank], "red", "10.0.0.1").route, 7);
		assert_int_equal(lookup_in(fake_bank[bank], "red", "10.5.1.1").route, 8);
	}
	reconciler_tear_down(NULL);
	bank_free(before);
	return failed;
}

static void fail_each(void (*make)(void), unsigned int least)
{
	unsigned int n = 1, refused = 0;

	while (fail_nth(make, n, &refused))
		n++;
	print_message("%u allocations failed in turn; %u of them refused the commit\n", n - 1, refused);
	assert_true(refused >= least);
}

static void test_everything(void **state)
{
	(void)state;
	fail_each(change_everything, 5);
}

static void test_rows(void **state)
{
	(void)state;
	fail_each(change_rows, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_everything), cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
