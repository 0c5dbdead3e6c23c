/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: staging, dry run, commit, abort, expiry, and what keeps or ends them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/commit/transactions.h"

static struct fixture fixture;
static struct error error;

static int set_up(void **state)
{
	(void)state;
	fixture_new(&fixture);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_free(&fixture);
	return 0;
}

static Sluice__V1__WriteOptions options_of(const char *owner, const char *request_id, uint64_t expected_revision)
{
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;

	options.owner = (char *)owner;
	options.request_id = (char *)request_id;
	options.expected_revision = expected_revision;
	return options;
}

/* The id, or NULL and the error. */
static char *begin(const char *request_id, uint32_t idle_seconds, uint64_t expected_revision)
{
	Sluice__V1__BeginTransactionRequest request = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	Sluice__V1__BeginTransactionResponse response = SLUICE__V1__BEGIN_TRANSACTION_RESPONSE__INIT;
	Sluice__V1__WriteOptions options = options_of("test", request_id, expected_revision);

	request.options = &options;
	request.idle_seconds = idle_seconds;
	error = (struct error){0};
	if (control_begin(fixture.control, &request, &response, &error))
		return NULL;
	assert_int_equal(response.idle_seconds, idle_seconds ? idle_seconds : 60);
	return response.transaction_id;
}

static int stage(const char *id, const char *const *lines)
{
	Sluice__V1__StageChangesRequest *request = stage_of(id, lines);
	uint64_t staged;
	int result;

	error = (struct error){0};
	result = control_stage(fixture.control, id, request, &staged, &error);
	message_free(request);
	return result ? -1 : (int)staged;
}

static Sluice__V1__WriteResult *commit_as(const char *id, const char *owner, const char *request_id, uint64_t expected)
{
	Sluice__V1__CommitTransactionRequest request = SLUICE__V1__COMMIT_TRANSACTION_REQUEST__INIT;
	Sluice__V1__CommitTransactionResponse response = SLUICE__V1__COMMIT_TRANSACTION_RESPONSE__INIT;
	Sluice__V1__WriteOptions options = options_of(owner, request_id, expected);

	request.transaction_id = (char *)id;
	request.options = &options;
	error = (struct error){0};
	return control_commit(fixture.control, &request, &response, &error) ? NULL : response.result;
}

static int end(const char *id)
{
	Sluice__V1__AbortTransactionRequest request = SLUICE__V1__ABORT_TRANSACTION_REQUEST__INIT;

	request.transaction_id = (char *)id;
	error = (struct error){0};
	return control_abort(fixture.control, &request, &error);
}

static void test_commit(void **state)
{
	Sluice__V1__WriteResult *result;
	char *id = begin("", 0, 0);

	(void)state;
	assert_non_null(id);
	assert_int_equal(stage(id, LINES("upsert interface name=i vrf=v")), 1);
	assert_int_equal(stage(id, LINES("upsert vrf name=v", "upsert vrf name=w")), 3);
	result = commit_as(id, "", "", 0);
	assert_non_null(result);
	assert_int_equal(result->revision, 1);
	assert_int_equal(result->created, 3);
	message_free(result);
	assert_null(commit_as(id, "", "", 0));
	assert_int_equal(error.code, ERROR_NOT_FOUND);
	assert_string_equal(error.fault[0].field, "transaction_id");
	free(id);
}

static void test_unknown(void **state)
{
	(void)state;
	assert_int_equal(stage("nonsense", LINES("upsert vrf name=v")), -1);
	assert_int_equal(error.code, ERROR_NOT_FOUND);
	assert_null(commit_as("", "", "", 0));
	assert_int_equal(error.code, ERROR_NOT_FOUND);
	assert_int_equal(end("nonsense"), -1);
	assert_int_equal(error.code, ERROR_NOT_FOUND);
}

/* A wrong field ends the stream; what was staged before stays. */
static void test_stage_faults(void **state)
{
	Sluice__V1__StageChangesRequest *request;
	Sluice__V1__WriteResult *result;
	char *id = begin("", 0, 0);
	uint64_t staged;

	(void)state;
	assert_int_equal(stage(id, LINES("upsert vrf name=v")), 1);
	assert_int_equal(stage(id, LINES("upsert vrf name=w", "upsert vrf name=a/b")), -1);
	assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
	assert_string_equal(error.fault[0].field, "changes[2].resource.vrf.name");
	request = stage_of("another", LINES("upsert vrf name=w"));
	error = (struct error){0};
	assert_int_equal(control_stage(fixture.control, id, request, &staged, &error), -1);
	assert_string_equal(error.fault[0].field, "transaction_id");
	message_free(request);
	result = commit_as(id, "test", "", 0);
	assert_int_equal(result->n_results, 1);
	message_free(result);
	free(id);
}

static void test_validate(void **state)
{
	Sluice__V1__ValidateTransactionRequest request = SLUICE__V1__VALIDATE_TRANSACTION_REQUEST__INIT;
	Sluice__V1__ValidateTransactionResponse *response;
	Sluice__V1__WriteResult *result;
	char *id = begin("", 0, 0);

	(void)state;
	stage(id, LINES("upsert vrf name=v", "upsert interface name=i vrf=w"));
	request.transaction_id = id;
	for (int i = 0; i < 2; i++) {
		response = message_new(&sluice__v1__validate_transaction_response__descriptor);
		error = (struct error){0};
		if (i == 0) {
			assert_int_equal(control_validate(fixture.control, &request, response, &error), -1);
			assert_string_equal(error.fault[0].field, "changes[1].resource.interface.vrf");
			stage(id, LINES("upsert vrf name=w"));
		} else {
			assert_int_equal(control_validate(fixture.control, &request, response, &error), 0);
			assert_int_equal(response->n_differences, 3);
			assert_int_equal(response->result->created, 3);
		}
		message_free(response);
	}
	assert_int_equal(fake_program.commits, 0);
	result = commit_as(id, "", "", 0);
	assert_int_equal(result->created, 3);
	message_free(result);
	free(id);
}

static void test_stale_revision_keeps(void **state)
{
	Sluice__V1__WriteResult *result;
	char *id;

	(void)state;
	must_apply(&fixture, LINES("upsert vrf name=v"));
	id = begin("", 0, 1);
	stage(id, LINES("upsert vrf name=w"));
	must_apply(&fixture, LINES("upsert vrf name=x"));
	assert_null(commit_as(id, "", "", 0));
	assert_int_equal(error.code, ERROR_ABORTED);
	result = commit_as(id, "", "", 2);
	assert_int_equal(result->revision, 3);
	message_free(result);
	free(id);
}

static void test_failure_ends(void **state)
{
	char *id = begin("", 0, 0);

	(void)state;
	stage(id, LINES("upsert interface name=i vrf=none"));
	assert_null(commit_as(id, "other", "", 0));
	assert_int_equal(error.code, ERROR_PERMISSION_DENIED);
	assert_null(commit_as(id, "", "", 0));
	assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
	assert_null(commit_as(id, "", "", 0));
	assert_int_equal(error.code, ERROR_NOT_FOUND);
	free(id);
}

/* The answer was lost on its way: the retry of begin gets the same transaction, of commit the same result. */
static void test_retries(void **state)
{
	Sluice__V1__WriteResult *first, *again;
	char *id = begin("b", 0, 0), *same = begin("b", 0, 0);

	(void)state;
	assert_string_equal(id, same);
	assert_int_equal(transactions_count(fixture.control->committer.transactions), 1);
	stage(id, LINES("upsert vrf name=v"));
	first = commit_as(id, "", "c", 0);
	again = commit_as(id, "", "c", 0);
	assert_non_null(again);
	assert_int_equal(again->revision, first->revision);
	assert_string_equal(again->results[0]->key, "v");
	message_free(again);
	again = commit_as(id, "test", "c", 0);
	assert_non_null(again);
	message_free(again);
	message_free(first);
	assert_int_equal(fake_program.commits, 1);
	free(id);
	free(same);
}

static void test_abort(void **state)
{
	char *id = begin("", 0, 0);

	(void)state;
	stage(id, LINES("upsert vrf name=v"));
	assert_int_equal(end(id), 0);
	assert_int_equal(end(id), -1);
	assert_int_equal(fake_program.commits, 0);
	free(id);
}

static void test_validate_only(void **state)
{
	Sluice__V1__CommitTransactionRequest request = SLUICE__V1__COMMIT_TRANSACTION_REQUEST__INIT;
	Sluice__V1__CommitTransactionResponse response = SLUICE__V1__COMMIT_TRANSACTION_RESPONSE__INIT;
	Sluice__V1__WriteOptions options = options_of("test", "", 0);
	char *id = begin("", 0, 0);

	(void)state;
	stage(id, LINES("upsert vrf name=v"));
	options.validate_only = 1;
	request.transaction_id = id;
	request.options = &options;
	error = (struct error){0};
	assert_int_equal(control_commit(fixture.control, &request, &response, &error), 0);
	assert_int_equal(response.result->created, 1);
	assert_int_equal(fake_program.commits, 0);
	message_free(response.result);
	free(id);
}

static void test_bounds(void **state)
{
	char *ids[TRANSACTIONS_MAX];

	(void)state;
	assert_null(begin("", 3601, 0));
	assert_string_equal(error.fault[0].field, "idle_seconds");
	for (int i = 0; i < TRANSACTIONS_MAX; i++)
		assert_non_null(ids[i] = begin("", 0, 0));
	assert_null(begin("", 0, 0));
	assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
	assert_int_equal(end(ids[5]), 0);
	free(ids[5]);
	assert_non_null(ids[5] = begin("", 0, 0));
	for (int i = 0; i < TRANSACTIONS_MAX; i++)
		free(ids[i]);
}

static bool none_open(struct fixture *on)
{
	return transactions_count(on->control->committer.transactions) == 0;
}

static void test_expiry(void **state)
{
	char *id = begin("", 1, 0), *kept = begin("", 100, 0);

	(void)state;
	stage(id, LINES("upsert vrf name=v"));
	assert_int_equal(end(kept), 0);
	fixture_wait(&fixture, none_open);
	assert_null(commit_as(id, "", "", 0));
	assert_int_equal(error.code, ERROR_NOT_FOUND);
	free(id);
	free(kept);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_commit),
		CASE(test_unknown),
		CASE(test_stage_faults),
		CASE(test_validate),
		CASE(test_stale_revision_keeps),
		CASE(test_failure_ends),
		CASE(test_retries),
		CASE(test_abort),
		CASE(test_validate_only),
		CASE(test_bounds),
		CASE(test_expiry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
