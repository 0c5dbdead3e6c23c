/* SPDX-License-Identifier: Apache-2.0 */
/* Writes that wait together: one flip, and for each of them what it would be by itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"
#include "failing.h"
#include "vnf/control/kinds/encode.h"

#define WRITES 16

/* A write that was handed in. */
struct waiting {
	struct control_answer answer;
	Sluice__V1__ApplyChangesRequest *request;
	Sluice__V1__ApplyChangesResponse *response;
	struct error error;
	unsigned int order; /* in which it was answered, from 1; 0: not yet */
};

static struct fixture fixture;
static struct waiting waiting[WRITES];
static unsigned int submitted, answered;

static int set_up(void **state)
{
	(void)state;
	fixture_new(&fixture);
	return 0;
}

static void on_answer(struct control_answer *answer)
{
	((struct waiting *)answer)->order = ++answered;
}

static struct waiting *submit_request(Sluice__V1__ApplyChangesRequest *request)
{
	struct waiting *write = &waiting[submitted++];

	assert_true(submitted <= WRITES);
	*write = (struct waiting){.answer = {.done = on_answer}, .request = request};
	write->response = message_new(&sluice__v1__apply_changes_response__descriptor);
	control_submit_apply(fixture.control, write->request, write->response, &write->error, &write->answer);
	return write;
}

static struct waiting *submit(const char *const *lines)
{
	return submit_request(changes_of("test", lines));
}

static void forget(void)
{
	for (unsigned int i = 0; i < submitted; i++) {
		assert_int_equal(waiting[i].order != 0, true);
		assert_true(!waiting[i].response->result == (waiting[i].error.code != ERROR_NONE));
		message_free(waiting[i].request);
		message_free(waiting[i].response);
	}
	submitted = answered = 0;
}

static int tear_down(void **state)
{
	(void)state;
	forget();
	fixture_free(&fixture);
	return 0;
}

static void assert_refused(const struct waiting *write, enum error_code code, const char *text)
{
	assert_null(write->response->result);
	assert_int_equal(write->error.code, code);
	assert_non_null(strstr(write->error.fault[0].message, text));
}

static void test_one_flip(void **state)
{
	(void)state;
	submit(LINES("upsert vrf name=a"));
	submit(LINES("upsert vrf name=b", "upsert interface name=i vrf=a"));
	submit(LINES("upsert vrf name=a"));
	submit(LINES("upsert vrf name=c"));
	assert_int_equal(answered, 0);
	assert_int_equal(fake_program.commits, 0);
	fixture_turn(&fixture);
	assert_int_equal(answered, 4);
	assert_int_equal(fake_program.commits, 1);
	for (unsigned int i = 0; i < 4; i++) {
		static const unsigned int revision[] = {1, 2, 2, 3};

		assert_int_equal(waiting[i].order, i + 1);
		assert_int_equal(waiting[i].response->result->revision, revision[i]);
		assert_int_equal(waiting[i].response->result->generation, 1);
	}
	assert_int_equal(waiting[2].response->result->unchanged, 1);
}

/* Each is checked against what those before it lead to, and its fault is its own. */
static void test_refused_alone(void **state)
{
	struct waiting *second, *fourth, *fifth;

	(void)state;
	must_apply(&fixture, LINES("upsert vrf name=v", "upsert next_hop name=d discard=",
				   "upsert next_hop_group name=g members[0].next_hop=d"));
	submit(LINES("create vrf name=w", "upsert route vrf=w prefix=10.0.0.0/8 next_hop_group=g"));
	second = submit(LINES("create vrf name=w", "upsert vrf name=x"));
	assert_int_equal(second->order, 2); /* once the first was done */
	assert_refused(second, ERROR_ALREADY_EXISTS, "exists already");
	submit(LINES("delete route vrf=w prefix=10.0.0.0/8"));
	fourth = submit(LINES("delete next_hop name=d"));
	assert_refused(fourth, ERROR_FAILED_PRECONDITION, "is in use");
	fifth = submit(LINES("upsert route vrf=nowhere prefix=10.0.0.0/8 next_hop_group=g"));
	assert_refused(fifth, ERROR_INVALID_ARGUMENT, "there is no VRF \"nowhere\"");
	submit(LINES("delete next_hop_group name=g", "delete next_hop name=d"));
	fixture_turn(&fixture);
	assert_int_equal(fake_program.commits, 4);
	assert_int_equal(waiting[5].response->result->revision, 4);
	must_refuse(&fixture, ERROR_NOT_FOUND, "changes[0].resource", "does not exist", LINES("replace vrf name=x"));
}

static void test_expected_revision(void **state)
{
	static const struct {
		unsigned int expected;
		bool done;
	} cases[] = {{0, true}, {1, true}, {1, false}, {0, true}, {3, true}, {4, true}, {7, false}};

	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[32];
		Sluice__V1__ApplyChangesRequest *request;

		snprintf(text, sizeof(text), "upsert vrf name=v%u", i);
		request = changes_of("test", LINES(text));
		request->options->expected_revision = cases[i].expected;
		submit_request(request);
	}
	fixture_turn(&fixture);
	assert_int_equal(fake_program.commits, 2);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cases[i].done)
			assert_non_null(waiting[i].response->result);
		else
			assert_refused(&waiting[i], ERROR_ABORTED, "but the revision is");
	}
}

static void test_request_id(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		Sluice__V1__ApplyChangesRequest *request = changes_of("test", LINES("create vrf name=v"));

		encode_text(&request->options->request_id, "once");
		submit_request(request);
	}
	fixture_turn(&fixture);
	assert_int_equal(fake_program.commits, 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(waiting[i].response->result->created, 1);
}

/* What one deleted comes back by another: not before its id is free in both banks. */
static void test_again(void **state)
{
	(void)state;
	must_apply(&fixture, LINES("upsert vrf name=v"));
	submit(LINES("delete vrf name=v"));
	submit(LINES("create vrf name=v router_mac=02:00:00:00:00:07"));
	submit(LINES("delete vrf name=v"));
	submit(LINES("create vrf name=v", "create vrf name=w"));
	fixture_turn(&fixture);
	assert_int_equal(answered, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(waiting[i].response->result->revision, i + 2);
	assert_int_equal(fake_program.commits, 4);
}

/* The dataplane has no room for one of them: the others go in. */
static void test_no_room(void **state)
{
	(void)state;
	fake_program.full = "b";
	submit(LINES("create vrf name=a"));
	submit(LINES("create vrf name=b"));
	submit(LINES("create interface name=i vrf=b"));
	submit(LINES("create interface name=i vrf=a"));
	fixture_turn(&fixture);
	assert_int_equal(waiting[0].response->result->revision, 1);
	assert_refused(&waiting[1], ERROR_RESOURCE_EXHAUSTED, "table full");
	assert_refused(&waiting[2], ERROR_INVALID_ARGUMENT, "there is no VRF \"b\"");
	assert_int_equal(waiting[3].response->result->revision, 2);
	assert_int_equal(waiting[3].response->result->generation, 2);
}

/* A commit that waits is done before its transaction is touched again, and before a dry run. */
static void test_transaction(void **state)
{
	Sluice__V1__BeginTransactionRequest begin = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	Sluice__V1__BeginTransactionResponse *begun = message_new(&sluice__v1__begin_transaction_response__descriptor);
	Sluice__V1__CommitTransactionRequest commit = SLUICE__V1__COMMIT_TRANSACTION_REQUEST__INIT;
	Sluice__V1__CommitTransactionResponse *committed =
		message_new(&sluice__v1__commit_transaction_response__descriptor);
	Sluice__V1__AbortTransactionRequest abort = SLUICE__V1__ABORT_TRANSACTION_REQUEST__INIT;
	Sluice__V1__StageChangesRequest *stage = stage_of("", LINES("create vrf name=v"));
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	struct waiting first = {.answer = {.done = on_answer}};
	struct error error = {0};
	Sluice__V1__ApplyChangesRequest *request;
	struct waiting *dry;
	uint64_t staged;

	(void)state;
	options.owner = "test";
	begin.options = &options;
	assert_int_equal(control_begin(fixture.control, &begin, begun, &error), 0);
	assert_int_equal(control_stage(fixture.control, begun->transaction_id, stage, &staged, &error), 0);
	commit.transaction_id = abort.transaction_id = begun->transaction_id;
	control_submit_commit(fixture.control, &commit, committed, &first.error, &first.answer);
	assert_int_equal(first.order, 0);
	assert_int_equal(control_abort(fixture.control, &abort, &error), -1);
	assert_int_equal(error.code, ERROR_NOT_FOUND);
	assert_int_equal(first.order, 1);
	assert_int_equal(committed->result->created, 1);

	submit(LINES("create vrf name=w"));
	request = changes_of("test", LINES("upsert vrf name=w"));
	request->options->validate_only = true;
	dry = submit_request(request);
	assert_int_equal(waiting[0].order, 2);
	assert_int_equal(dry->order, 3);
	assert_int_equal(dry->response->result->unchanged, 1);
	message_free(stage);
	message_free(begun);
	message_free(committed);
}

/* --- without memory --- */

/* Every allocation of three writes and their flip fails once: each is done or refused, wholly. */
static void test_memory(void **state)
{
	static const char *const names[] = {"a", "b", "c"};
	bool failed = true;

	(void)state;
	for (unsigned int n = 1; failed; n++) {
		struct waiting *write[3];

		for (int i = 0; i < 3; i++) {
			char text[2][96];

			snprintf(text[0], sizeof(text[0]), "create vrf name=%s", names[i]);
			snprintf(text[1], sizeof(text[1]), "create interface name=%s device=%s vrf=%s", names[i],
				 names[i], names[i]);
			write[i] = &waiting[submitted++];
			*write[i] = (struct waiting){.answer = {.done = on_answer},
						     .request = changes_of("test", LINES(text[0], text[1]))};
			write[i]->response = message_new(&sluice__v1__apply_changes_response__descriptor);
		}
		fail_in = n;
		for (int i = 0; i < 3; i++)
			control_submit_apply(fixture.control, write[i]->request, write[i]->response, &write[i]->error,
					     &write[i]->answer);
		fixture_turn(&fixture);
		failed = fail_in == 0;
		fail_in = 0;
		for (int i = 0; i < 3; i++) {
			char text[2][96];

			assert_true(write[i]->order);
			if (!write[i]->response->result)
				assert_int_equal(write[i]->error.code, ERROR_RESOURCE_EXHAUSTED);
			snprintf(text[0], sizeof(text[0]), "delete interface name=%s", names[i]);
			snprintf(text[1], sizeof(text[1]), "delete vrf name=%s", names[i]);
			assert_true(failed || write[i]->response->result);
			if (write[i]->response->result)
				must_apply(&fixture, LINES(text[0], text[1]));
			else
				must_refuse(&fixture, ERROR_NOT_FOUND, "changes[0].resource", "does not exist",
					    LINES(i == 0   ? "replace vrf name=a"
						  : i == 1 ? "replace vrf name=b"
							   : "replace vrf name=c"));
		}
		forget();
	}
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_one_flip), CASE(test_refused_alone), CASE(test_expected_revision), CASE(test_request_id),
		CASE(test_again),    CASE(test_no_room),       CASE(test_transaction),	     CASE(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
