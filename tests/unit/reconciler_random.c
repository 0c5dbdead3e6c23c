/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ten thousand random changes of all kinds, with events of the kernel and failing memory among them: whatever rows were
 * brought up to date, the tables are those that one run over everything makes, in both banks.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "failing.h"
#include "random_changes.h"
#include "reconciler_fixture.h"
#include "vnf/core/loop.h"
#include "vnf/reconcile/undo_log.h"

#define COMMITS 4000

static unsigned int writes_left; /* of facts, until there is no memory for one; 0: there always is */

bool __real_undo_log_set(struct undo_log *log, void *at, const void *value, size_t size);
bool __wrap_undo_log_set(struct undo_log *log, void *at, const void *value, size_t size);

bool __wrap_undo_log_set(struct undo_log *log, void *at, const void *value, size_t size)
{
	if (log && writes_left && --writes_left == 0)
		log->no_memory = true;
	return __real_undo_log_set(log, at, value, size);
}

static void check(void)
{
	assert_int_equal(commit(), 0);
	assert_int_equal(reconciler_sync_banks(reconciler), 0);
	assert_tables_equal(active(), idle());
	assert_as_compiled_anew();
}

static void test_random_changes(void **state)
{
	unsigned int changes = 0, events = 0, refused = 0, refreshes = 0;

	(void)state;
	random_start(getenv("SLUICE_SEED") ? strtoull(getenv("SLUICE_SEED"), NULL, 10) : 0);
	add_first_resources();
	for (unsigned int i = 0; i < COMMITS; i++) {
		for (unsigned int j = 1 + any(5); j > 0; j--, changes++)
			change_something();
		for (unsigned int j = any(3); j > 0; j--, events++)
			cause_event();
		if (any(20) == 0) {
			refreshes++;
			for (int j = 0; j < 3; j++) {
				const struct timeval most = {.tv_usec = 11000};

				event_base_loopexit(loop_base(loop), &most);
				event_base_loop(loop_base(loop), EVLOOP_ONCE);
			}
		}
		fail_in = any(4) == 0 ? 1 + any(10) : 0;
		writes_left = any(4) == 0 ? 1 + any(120) : 0;
		if (commit()) {
			refused++;
			assert_tables_equal(active(), idle());
		}
		fail_in = writes_left = 0;
		if (i % 8 == 0)
			check();
	}
	check();
	print_message("%u changes, %u events, %u refreshes, %u commits, %u refused for want of memory\n", changes,
		      events, refreshes, COMMITS, refused);
	assert_true(refused > COMMITS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random_changes, reconciler_set_up, reconciler_tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
