/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out and a disk that fails, or a daemon that is killed, at each step of a rollback and of a commit
 * that waits for its confirmation: each is done wholly, or not at all and clearly so. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_history_fixture.h"
#include "failing.h"
#include "vnf/control/commit/confirm.h"
#include "vnf/control/commit/recorder_rewrite.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"

static bool exists(const char *vrf)
{
	return snapshot_find(history_newest(&fixture.control->history), RESOURCE_VRF, vrf) != NULL;
}

static bool waits(const char *owner)
{
	return confirmation_find(fixture.control->committer.confirmations, owner) != NULL;
}

static uint64_t newest(void)
{
	return history_newest(&fixture.control->history)->revision;
}

/* The first line of the history, with its newline; free it. */
static char *first_line(void)
{
	char *text = history_text(0);

	strchr(text, '\n')[1] = '\0';
	return text;
}

/* What each step is tried on: "a" is there, "b" waits, unless the step begins with that. */
static void start_over(bool b_waits)
{
	failing_disk = (struct failing_disk){0};
	fixture.control->committer.recorder.mend_ms = 0;
	if (waits("me"))
		assert_int_equal(confirm_as("me", 0), ERROR_NONE);
	must_apply_as("me", 0, LINES("upsert vrf name=a", "delete vrf name=b"));
	if (b_waits)
		must_confirm_later("me", 1000, LINES("upsert vrf name=b", "delete vrf name=a"));
}

static bool commit_step(void)
{
	Sluice__V1__ApplyChangesRequest *request = changes_of("me", LINES("upsert vrf name=b", "delete vrf name=a"));
	Sluice__V1__ApplyChangesResponse *response = message_new(&sluice__v1__apply_changes_response__descriptor);
	bool done;

	last_error = (struct error){0};
	request->options->confirm_seconds = 1000;
	fail_in = fail_call_in;
	done = !control_apply(fixture.control, request, response, &last_error);
	message_free(request);
	message_free(response);
	return done;
}

static bool confirm_step(void)
{
	return confirm_as("me", 0) == ERROR_NONE;
}

static bool undo_step(void)
{
	let_time_run_out("me");
	return !waits("me");
}

static bool rollback_step(void)
{
	return rollback_as("me", newest() - 1, 0) == ERROR_NONE;
}

/* All of the step is there, or nothing of it: what is shown, what waits, and what the history says. */
static void check_commit(bool done, bool acknowledged)
{
	char *line = first_line();

	assert_int_equal(exists("b"), done);
	assert_int_equal(exists("a"), !done);
	assert_int_equal(waits("me"), done);
	assert_int_equal(strstr(line, "pending") != NULL, done);
	assert_true(done || !acknowledged);
	free(line);
}

static void check_confirm(bool done, bool acknowledged)
{
	char *line = first_line();

	assert_true(exists("b") && !exists("a"));
	assert_int_equal(waits("me"), !done);
	assert_non_null(strstr(line, done ? "confirmed" : "pending"));
	assert_true(done || !acknowledged);
	free(line);
}

static void check_undo(bool done, bool acknowledged)
{
	char *text = history_text(0);
	char *second = strchr(text, '\n') + 1;

	*strchr(second, '\n') = '\0';
	assert_int_equal(exists("a"), done);
	assert_int_equal(exists("b"), !done);
	assert_int_equal(waits("me"), !done);
	assert_non_null(done ? strstr(second, "undone") : strstr(text, "pending"));
	assert_true(done || !acknowledged);
	free(text);
}

static const struct step {
	bool b_waits;
	bool (*run)(void);
	void (*check)(bool done, bool acknowledged);
} steps[] = {
	{false, commit_step, check_commit},
	{true, confirm_step, check_confirm},
	{true, undo_step, check_undo},
	{true, rollback_step, check_undo},
};

static bool is_done(const struct step *step)
{
	return step->run == commit_step ? exists("b") : step->run == confirm_step ? !waits("me") : exists("a");
}

/* Killed at each call to the disk, in the middle of each write. */
static void test_killed_at_each_call(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct step *step = &steps[i];
		unsigned int n = 1, points = 0;

		for (bool again = true; again; n++)
			for (size_t torn = 0; torn < 400; torn += 37) {
				bool acknowledged;

				start_over(step->b_waits);
				failing_disk = (struct failing_disk){.in = n, .error = 5, .torn = torn, .all = 1};
				acknowledged = step->run();
				again = failing_disk.failed > 0;
				assert_int_equal(acknowledged, !again);
				kill_control();
				open_control();
				step->check(is_done(step), acknowledged);
				points++;
			}
		assert_true(n > 2 && points > 20);
	}
}

/* The disk fails, and the daemon goes on: refused clearly, and nothing has changed. */
static void test_disk_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct step *step = &steps[i];

		start_over(step->b_waits);
		failing_disk = (struct failing_disk){.in = 1, .error = 28, .all = 1};
		assert_false(step->run());
		step->check(false, false);
		if (step->run != undo_step) {
			assert_int_equal(last_error.code, ERROR_UNAVAILABLE);
			assert_non_null(strstr(last_error.fault[0].message, "free space there"));
		}
		failing_disk = (struct failing_disk){0};
		fixture.control->committer.recorder.mend_ms = 0;
		assert_true(step->run());
		step->check(true, true);
		restart();
		step->check(true, true);
	}
}

/* Each allocation fails in turn. */
static void test_no_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct step *step = &steps[i];
		unsigned int n = 1;

		for (bool failed = true; failed; n++) {
			bool done;

			start_over(step->b_waits);
			fail_call_in = n;
			done = step->run();
			failed = fail_in == 0;
			fail_in = fail_call_in = 0;
			step->check(done, done);
			if (!done && step->run != undo_step)
				assert_int_equal(last_error.code, ERROR_RESOURCE_EXHAUSTED);
		}
		assert_true(n > 5);
	}
}

/* The answers' own messages come from malloc, too. */
static void test_no_memory_for_reads(void **state)
{
	bool failed = true;

	(void)state;
	start_over(true);
	must_apply_as("you", 0, LINES("upsert vrf name=c", "upsert next_hop name=h discard="));
	for (unsigned int n = 1; failed; n++) {
		Sluice__V1__ListRevisionsRequest list = SLUICE__V1__LIST_REVISIONS_REQUEST__INIT;
		Sluice__V1__DiffRevisionsRequest diff = SLUICE__V1__DIFF_REVISIONS_REQUEST__INIT;
		Sluice__V1__ListRevisionsResponse *revisions =
			message_new(&sluice__v1__list_revisions_response__descriptor);
		Sluice__V1__DiffRevisionsResponse *differences =
			message_new(&sluice__v1__diff_revisions_response__descriptor);
		struct error error = {0}, other = {0};

		list.page_size = 2;
		diff.from_revision = newest();
		diff.page_size = 2;
		fail_in = n;
		control_revisions(fixture.control, &list, revisions, &error);
		control_diff_revisions(fixture.control, &diff, differences, &other);
		failed = fail_in == 0;
		fail_in = 0;
		assert_true(failed == (error.code || other.code));
		assert_true(!error.code || error.code == ERROR_RESOURCE_EXHAUSTED);
		assert_true(!other.code || other.code == ERROR_RESOURCE_EXHAUSTED);
		assert_true(other.code || differences->n_differences == 2);
		message_free(revisions);
		message_free(differences);
	}
}

/* A start without memory is refused, and leaves the journal as it was. */
static void test_no_memory_at_start(void **state)
{
	bool failed = true;
	char *before;

	(void)state;
	start_over(true);
	before = history_text(0);
	kill_control();
	for (unsigned int n = 1; failed; n++) {
		struct error error = {0};
		bool known;

		fixture_new(&fixture);
		fail_in = n;
		assert_true(!control_restore(fixture.control, directory, &known, &error) || error.code);
		failed = fail_in == 0;
		fail_in = 0;
		assert_true(failed || !error.code);
		if (failed)
			kill_control();
	}
	assert_true(waits("me"));
	assert_history(before);
	free(before);
}

/* The thread that rewrites the journal, and revisions that get another state meanwhile. */
static void test_rewritten_beside(void **state)
{
	struct recorder *recorder = &fixture.control->committer.recorder;
	char *before;

	(void)state;
	for (int i = 0; i < 200; i++) {
		start_over(true);
		if (i % 20 == 7)
			recorder_rewrite_start(recorder);
		if (i % 3)
			let_time_run_out("me");
		fixture_turn(&fixture);
	}
	while (recorder->rewrite.posted)
		fixture_turn(&fixture);
	before = history_text(0);
	restart();
	assert_history(before);
	free(before);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, journal_set_up, journal_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_killed_at_each_call), CASE(test_disk_fails),	       CASE(test_no_memory),
		CASE(test_no_memory_for_reads), CASE(test_no_memory_at_start), CASE(test_rewritten_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
