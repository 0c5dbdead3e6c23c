/* SPDX-License-Identifier: Apache-2.0 */
/* Elections among an owner's controllers: who leads no more is refused, also by a daemon that has started since. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_journal_fixture.h"
#include "failing.h"
#include "vnf/access/access.h"
#include "vnf/control/commit/recorder_rewrite.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"

static struct access *access_of_test;
static struct access_caller *caller;
static unsigned int fail_at; /* the allocation of the next write that fails; 0: none */
static bool failed;	     /* it did */

static enum error_code write_as(const char *owner, uint64_t election_id, Sluice__V1__Durability durability,
				const char *const *lines, struct error *error)
{
	Sluice__V1__ApplyChangesRequest *request = changes_of(owner, lines);
	Sluice__V1__ApplyChangesResponse *response = message_new(&sluice__v1__apply_changes_response__descriptor);

	*error = (struct error){0};
	request->options->election_id = election_id;
	request->options->durability = durability;
	access_enter(caller); /* a client; the router's own writes are not asked for an election */
	fail_in = fail_at;
	control_apply(fixture.control, request, response, error);
	failed = fail_at && !fail_in;
	fail_in = fail_at = 0;
	access_leave();
	message_free(request);
	message_free(response);
	return error->code;
}

static void must_write(const char *owner, uint64_t election_id, const char *line)
{
	struct error error;

	if (write_as(owner, election_id, 0, LINES(line), &error))
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
}

static void must_not_write(const char *owner, uint64_t election_id, const char *says)
{
	uint64_t before = history_newest(fixture.control->committer.history)->revision;
	struct error error;

	assert_int_equal(write_as(owner, election_id, 0, LINES("upsert vrf name=never"), &error),
			 ERROR_FAILED_PRECONDITION);
	assert_string_equal(error.fault[0].field, "options.election_id");
	if (!strstr(error.fault[0].message, says))
		fail_msg("%s", error.fault[0].message);
	assert_int_equal(history_newest(fixture.control->committer.history)->revision, before);
}

static void test_lower_ones_are_refused(void **state)
{
	(void)state;
	must_write("a", 0, "upsert vrf name=a0");
	must_write("a", 7, "upsert vrf name=a1");
	must_write("a", 7, "upsert vrf name=a2");
	must_not_write("a", 6, "is 6, but a has written with 7");
	must_not_write("a", 0, "is missing, but a has written with 7");
	must_write("b", 0, "upsert vrf name=b0");
	must_write("b", 3, "upsert vrf name=b1");
	must_write("a", UINT64_MAX, "upsert vrf name=a3");
	must_not_write("a", 8, "18446744073709551615");
	/* What the router does by itself goes on. */
	must_apply_as("a", 0, LINES("delete vrf name=a3"));
}

static void test_restarts_keep_them(void **state)
{
	struct error error;

	(void)state;
	/* One that changes nothing, before there is any revision; one that need not be durable. */
	must_write("a", 5, "delete vrf name=none");
	assert_int_equal(
		write_as("b", 9, SLUICE__V1__DURABILITY__DURABILITY_VOLATILE, LINES("upsert vrf name=b"), &error), 0);
	assert_false(journal_has_unsynced(fixture.control->committer.recorder.journal));
	for (int i = 0; i < 3; i++) {
		restart();
		must_not_write("a", 4, "has written with 5");
		must_not_write("b", 8, "has written with 9");
		must_not_write("b", 0, "has written with 9");
		if (i == 1)
			assert_int_equal(recorder_rewrite_now(&fixture.control->committer.recorder), 0);
	}
	must_write("a", 6, "upsert vrf name=a");
	recorder_rewrite_start(&fixture.control->committer.recorder);
	must_write("b", 10, "upsert vrf name=b2"); /* beside it */
	while (fixture.control->committer.recorder.rewrite.posted)
		fixture_turn(&fixture);
	restart();
	must_not_write("a", 5, "has written with 6");
	must_not_write("b", 9, "has written with 10");
}

static void test_what_is_refused_raises_nothing(void **state)
{
	struct error error;

	(void)state;
	must_write("a", 5, "upsert vrf name=a");
	assert_int_equal(write_as("a", 6, 0, LINES("upsert interface name=i vrf=nowhere"), &error),
			 ERROR_INVALID_ARGUMENT);
	must_write("a", 5, "upsert vrf name=a1");
	fake_program.fail = true;
	assert_int_equal(write_as("a", 6, 0, LINES("upsert vrf name=a2"), &error), ERROR_RESOURCE_EXHAUSTED);
	must_write("a", 5, "upsert vrf name=a3");
	failing_disk = (struct failing_disk){.in = 1, .error = EIO, .all = 1};
	assert_int_equal(write_as("a", 6, 0, LINES("delete vrf name=none"), &error), ERROR_UNAVAILABLE);
	failing_disk = (struct failing_disk){0};
	fixture.control->committer.recorder.mend_ms = 0;
	must_write("a", 5, "upsert vrf name=a4");
}

static void on_answer(struct control_answer *answer)
{
	(void)answer;
}

static void test_together(void **state)
{
	static const uint64_t ids[] = {5, 4, 6, 5, 0};
	static const enum error_code expected[] = {0, ERROR_FAILED_PRECONDITION, 0, ERROR_FAILED_PRECONDITION,
						   ERROR_FAILED_PRECONDITION};
	struct control_answer answer[5] = {[0 ... 4] = {.done = on_answer}};
	Sluice__V1__ApplyChangesRequest *request[5];
	Sluice__V1__ApplyChangesResponse *response[5];
	struct error error[5] = {0};

	(void)state;
	access_enter(caller);
	for (size_t i = 0; i < 5; i++) {
		char line[40];

		snprintf(line, sizeof(line), "upsert vrf name=t%zu", i);
		request[i] = changes_of("a", LINES(line));
		request[i]->options->election_id = ids[i];
		response[i] = message_new(&sluice__v1__apply_changes_response__descriptor);
		control_submit_apply(fixture.control, request[i], response[i], &error[i], &answer[i]);
	}
	access_leave();
	commit_flush(&fixture.control->committer);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(error[i].code, expected[i]);
		message_free(request[i]);
		message_free(response[i]);
	}
	restart();
	must_not_write("a", 5, "has written with 6");
}

static void test_transactions(void **state)
{
	Sluice__V1__BeginTransactionRequest begin = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	Sluice__V1__BeginTransactionResponse begun = SLUICE__V1__BEGIN_TRANSACTION_RESPONSE__INIT;
	Sluice__V1__CommitTransactionRequest commit = SLUICE__V1__COMMIT_TRANSACTION_REQUEST__INIT;
	Sluice__V1__CommitTransactionResponse committed = SLUICE__V1__COMMIT_TRANSACTION_RESPONSE__INIT;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	struct error error = {0};

	(void)state;
	options.owner = (char *)"a";
	options.election_id = 5;
	begin.options = &options;
	assert_int_equal(control_begin(fixture.control, &begin, &begun, &error), 0);
	must_write("a", 6, "upsert vrf name=a"); /* another was elected meanwhile */
	commit.transaction_id = begun.transaction_id;
	assert_int_equal(control_commit(fixture.control, &commit, &committed, &error), -1);
	assert_int_equal(error.code, ERROR_FAILED_PRECONDITION);
	free(begun.transaction_id);
}

static void test_memory(void **state)
{
	struct error error;
	unsigned int n = 0;

	(void)state;
	do {
		enum error_code code;

		fail_at = ++n;
		code = write_as("owner", 7, 0, LINES("upsert vrf name=a"), &error);
		if (!failed)
			assert_int_equal(code, 0);
		else if (code) { /* refused as a whole: it has raised nothing */
			assert_int_equal(code, ERROR_RESOURCE_EXHAUSTED);
			assert_int_equal(elections_check(&fixture.control->committer.recorder.elections, "owner", 1,
							 false, &error),
					 0);
		}
	} while (failed);
	assert_true(n > 10);
	must_not_write("owner", 6, "has written with 7");
}

static int begin_all(void **state)
{
	struct identity identity;

	(void)state;
	identity_unproved(&identity);
	access_of_test = access_new();
	caller = access_caller(access_of_test, &identity);
	return caller ? 0 : -1;
}

static int end_all(void **state)
{
	(void)state;
	access_caller_put(caller);
	access_free(access_of_test);
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, journal_set_up, journal_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_lower_ones_are_refused),
		CASE(test_restarts_keep_them),
		CASE(test_what_is_refused_raises_nothing),
		CASE(test_together),
		CASE(test_transactions),
		CASE(test_memory),
	};

	return cmocka_run_group_tests_name("control_elections", tests, begin_all, end_all);
}
