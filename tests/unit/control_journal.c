/* SPDX-License-Identifier: Apache-2.0 */
/* The control plane with a journal: a daemon that comes after another lists what that had acknowledged, with the same
 * revisions, owners and ids. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_journal_fixture.h"
#include "vnf/control/commit/recorder_rewrite.h"
#include "vnf/control/control_state.h"

static void test_same_after_restart(void **state)
{
	(void)state;
	must_apply(&fixture, base);
	restart();
	assert_int_equal(fake_program.commits, 1);
	must_apply_as("you", 0, LINES("upsert vrf name=blue", "upsert vrf name=brown"));
	must_apply(&fixture,
		   LINES("delete route vrf=red prefix=10.0.0.0/8", "delete neighbor vrf=red address=10.1.2.3"));
	/* Ids with holes, and an id that was given to another. */
	must_apply_as("you", SLUICE__V1__DURABILITY__DURABILITY_VOLATILE, LINES("delete vrf name=blue"));
	must_apply_as("you", 0, LINES("upsert vrf name=green"));
	must_apply_as("you", 0, LINES("upsert vrf name=white", "delete vrf name=brown"));
	for (int i = 0; i < 3; i++) {
		char *before = view();

		restart();
		assert_same_view(before);
	}
	/* And it goes on. */
	must_refuse(&fixture, ERROR_PERMISSION_DENIED, "changes[0].resource", "belongs to you",
		    LINES("delete vrf name=green"));
	must_apply(&fixture, LINES("upsert route vrf=red prefix=10.0.0.0/8 next_hop_group=g"));
}

static void test_all_deleted(void **state)
{
	char *before;

	(void)state;
	must_apply(&fixture, LINES("upsert vrf name=a"));
	must_apply(&fixture, LINES("delete vrf name=a"));
	before = view();
	restart();
	assert_same_view(before);
	must_apply(&fixture, LINES("upsert vrf name=b"));
	before = view();
	restart();
	assert_same_view(before);
}

static void test_durability(void **state)
{
	struct recorder *recorder = &fixture.control->committer.recorder;
	struct error error;

	(void)state;
	must_apply_as("test", SLUICE__V1__DURABILITY__DURABILITY_VOLATILE, LINES("upsert vrf name=a"));
	assert_true(journal_has_unsynced(recorder->journal));
	assert_int_equal(recorder->durable_revision, 0);
	/* It changes nothing, and yet is to be true after a crash. */
	must_apply_as("test", 0, LINES("upsert vrf name=a"));
	assert_false(journal_has_unsynced(recorder->journal));
	assert_int_equal(recorder->durable_revision, 1);
	assert_int_equal(apply_as("test", (Sluice__V1__Durability)3, LINES("upsert vrf name=b"), &error),
			 ERROR_INVALID_ARGUMENT);
	assert_string_equal(error.fault[0].field, "options.durability");
}

static void test_no_journal(void **state)
{
	struct error error;

	(void)state;
	fixture_free(&fixture);
	fixture_new(&fixture);
	assert_int_equal(
		apply_as("test", SLUICE__V1__DURABILITY__DURABILITY_JOURNALED, LINES("upsert vrf name=a"), &error),
		ERROR_FAILED_PRECONDITION);
	assert_string_equal(error.fault[0].field, "options.durability");
	must_apply_as("test", SLUICE__V1__DURABILITY__DURABILITY_VOLATILE, LINES("upsert vrf name=a"));
}

/* What the journal has and this configuration does not allow: a refusal that names it. */
static void test_limits_lowered(void **state)
{
	const struct dp_limits most = fake_limits;
	struct error error = {0};
	bool known;

	(void)state;
	must_apply(&fixture, base);
	fixture_free(&fixture);
	fake_limits.routes = 1;
	fixture_new(&fixture);
	assert_int_equal(control_restore(fixture.control, directory, &known, &error), -1);
	fake_limits = most;
	assert_non_null(strstr(error.fault[0].message, "routes: 2 needed, the limit is 1"));
}

/* The thread that rewrites it, and what is committed meanwhile. */
static void test_rewritten_beside_commits(void **state)
{
	struct recorder *recorder = &fixture.control->committer.recorder;
	uint64_t snapshot = recorder->journal->snapshot_end;
	char *before;

	(void)state;
	must_apply(&fixture, base);
	recorder->journal->end = recorder->journal->writer.offset; /* it is as long as it is */
	for (int i = 0; i < 300; i++) {
		char line[80];

		snprintf(line, sizeof(line), "upsert vrf name=red router_mac=02:00:00:00:00:%02x", 1 + i % 250);
		must_apply(&fixture, LINES(line));
		if (i % 100 == 50)
			recorder_rewrite_start(recorder);
		fixture_turn(&fixture);
	}
	while (recorder->rewrite.posted)
		fixture_turn(&fixture);
	assert_true(recorder->journal->snapshot_end > snapshot); /* which now has the resources, and what led to them */
	before = view();
	restart();
	assert_same_view(before);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, journal_set_up, journal_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_same_after_restart), CASE(test_all_deleted),	  CASE(test_durability),
		CASE(test_no_journal),	       CASE(test_limits_lowered), CASE(test_rewritten_beside_commits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
