/* SPDX-License-Identifier: Apache-2.0 */
/* A retry of a write that the daemon before has done is answered, and not done again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_journal_fixture.h"
#include "failing.h"
#include "vnf/control/commit/idempotency_cache.h"
#include "vnf/control/commit/recorder_rewrite.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"

/* With a request_id. The answer, or NULL and the error. */
static Sluice__V1__ApplyChangesResponse *apply_once(const char *request_id, const char *const *lines,
						    struct error *error)
{
	Sluice__V1__ApplyChangesRequest *request = changes_of("test", lines);
	Sluice__V1__ApplyChangesResponse *response = message_new(&sluice__v1__apply_changes_response__descriptor);

	*error = (struct error){0};
	assert_int_equal(encode_text(&request->options->request_id, request_id), 0);
	if (control_apply(fixture.control, request, response, error)) {
		message_free(response);
		response = NULL;
	}
	message_free(request);
	return response;
}

static uint64_t revision(void)
{
	return history_newest(&fixture.control->history)->revision;
}

/* Is answered with that revision and these numbers, and changes nothing. */
static void must_be_answered(const char *request_id, const char *const *lines, uint64_t answered, unsigned int created)
{
	uint64_t before = revision(), generation = fake_program.commits;
	struct error error;
	Sluice__V1__ApplyChangesResponse *response = apply_once(request_id, lines, &error);

	if (!response)
		fail_msg("%s", error.fault[0].message);
	assert_int_equal(response->result->revision, answered);
	assert_int_equal(response->result->created, created);
	assert_int_equal(response->result->durability, SLUICE__V1__DURABILITY__DURABILITY_JOURNALED);
	assert_int_equal(revision(), before);
	assert_int_equal(fake_program.commits, generation);
	message_free(response);
}

static void must_do(const char *request_id, const char *const *lines)
{
	struct error error;
	Sluice__V1__ApplyChangesResponse *response = apply_once(request_id, lines, &error);

	if (!response)
		fail_msg("%s", error.fault[0].message);
	message_free(response);
}

/* What was created since must stay, and what was deleted must not come back. */
static void test_answered_after_restart(void **state)
{
	struct error error;

	(void)state;
	must_do("one", LINES("create vrf name=a", "create vrf name=b"));
	must_do("two", LINES("delete vrf name=a"));
	for (int i = 0; i < 3; i++) {
		restart();
		must_be_answered("one", LINES("create vrf name=a", "create vrf name=b"), 1, 2);
		must_be_answered("two", LINES("delete vrf name=a"), 2, 0);
		assert_null(apply_once("one", LINES("create vrf name=c"), &error));
		assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
		/* A new file has them, too. */
		if (i == 1)
			assert_int_equal(recorder_rewrite_now(&fixture.control->committer.recorder), 0);
	}
	/* Another owner's is another one. */
	must_apply_as("you", 0, LINES("upsert vrf name=c"));
}

/* A transaction is gone once it was committed; its retry is known by it. */
static void test_transaction(void **state)
{
	Sluice__V1__BeginTransactionRequest begin = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	Sluice__V1__BeginTransactionResponse *begun = message_new(&sluice__v1__begin_transaction_response__descriptor);
	Sluice__V1__CommitTransactionRequest commit = SLUICE__V1__COMMIT_TRANSACTION_REQUEST__INIT;
	Sluice__V1__CommitTransactionResponse *committed;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT, id = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__StageChangesRequest *stage;
	struct error error = {0};
	uint64_t staged;

	(void)state;
	options.owner = "test";
	begin.options = &options;
	assert_int_equal(control_begin(fixture.control, &begin, begun, &error), 0);
	stage = stage_of(begun->transaction_id, LINES("create vrf name=a"));
	assert_int_equal(control_stage(fixture.control, begun->transaction_id, stage, &staged, &error), 0);
	message_free(stage);
	id.request_id = "commit";
	commit.transaction_id = begun->transaction_id;
	commit.options = &id;
	for (int i = 0; i < 3; i++) {
		committed = message_new(&sluice__v1__commit_transaction_response__descriptor);
		if (control_commit(fixture.control, &commit, committed, &error))
			fail_msg("%s", error.fault[0].message);
		assert_int_equal(committed->result->revision, 1);
		assert_int_equal(committed->result->created, 1);
		message_free(committed);
		restart();
	}
	assert_int_equal(revision(), 1);
	message_free(begun);
}

static void count_one(void *context, const struct idempotency_record *record)
{
	(void)record;
	++*(unsigned int *)context;
}

/* The newest ones, however many the journal has. */
static void test_the_newest(void **state)
{
	unsigned int count = 0;
	char line[64], id[16];

	(void)state;
	for (int i = 0; i < IDEMPOTENCY_WRITES + 10; i++) {
		/* A hundred are made, then taken out, then made again. */
		snprintf(line, sizeof(line), "%s vrf name=v%d", i / 100 % 2 ? "delete" : "create", i % 100);
		snprintf(id, sizeof(id), "%d", i);
		must_do(id, LINES(line));
	}
	restart();
	idempotency_cache_visit(fixture.control->committer.idempotency, count_one, &count);
	assert_int_equal(count, IDEMPOTENCY_WRITES);
	must_be_answered("10", LINES("create vrf name=v10"), 11, 1);
	assert_int_equal(recorder_rewrite_now(&fixture.control->committer.recorder), 0);
	restart();
	must_be_answered("10", LINES("create vrf name=v10"), 11, 1);
}

/* A record that is no record is left out, wherever it ends. */
static void test_records_that_are_none(void **state)
{
	static const char right[] = "owner\0request\0";
	struct idempotency_cache *cache = idempotency_cache_new();
	uint8_t value[16] = {1, 2, 3, 4, 5, 6, 7, 8, 0x08, 0x05};
	char longer[300];

	(void)state;
	assert_int_equal(idempotency_cache_restore(cache, right, sizeof(right), value, 10), 0);
	for (size_t size = 0; size < sizeof(right); size++)
		assert_int_equal(idempotency_cache_restore(cache, right, size, value, 10), -EPROTO);
	for (size_t size = 0; size < 8; size++)
		assert_int_equal(idempotency_cache_restore(cache, right, sizeof(right), value, size), -EPROTO);
	assert_int_equal(idempotency_cache_restore(cache, right, sizeof(right), value, 9), -EPROTO);
	memset(longer, 'x', sizeof(longer));
	longer[64] = longer[129] = longer[299] = '\0';
	assert_int_equal(idempotency_cache_restore(cache, longer, sizeof(longer), value, 10), -EPROTO);
	idempotency_cache_free(cache);
}

/* Every allocation of a restart fails in turn: the start is refused, or all is there. */
static void test_memory(void **state)
{
	struct idempotency_cache *cache;
	static const char key[] = "owner\0request\0";
	const uint8_t value[] = {1, 2, 3, 4, 5, 6, 7, 8, 0x08, 0x05};
	int status = -ENOMEM;

	(void)state;
	for (unsigned int i = 1; status; i++) {
		cache = idempotency_cache_new();
		fail_in = i;
		status = idempotency_cache_restore(cache, key, sizeof(key), value, sizeof(value));
		fail_in = 0;
		assert_true(!status || status == -ENOMEM || status == -EPROTO);
		idempotency_cache_free(cache);
		assert_in_range(i, 1, 100);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answered_after_restart, journal_set_up, journal_tear_down),
		cmocka_unit_test_setup_teardown(test_transaction, journal_set_up, journal_tear_down),
		cmocka_unit_test_setup_teardown(test_the_newest, journal_set_up, journal_tear_down),
		cmocka_unit_test(test_records_that_are_none),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("control_journal_requests", tests, NULL, NULL);
}
