/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that somebody inside the daemon brings, and what subscribers hear of them. */
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/writer.h"

/* A route source, so to say: it writes, waits for its answer, and hears of every revision. */
struct source {
	struct control_answer answer;
	struct subscriber subscriber;
	struct fixture fixture;
	Sluice__V1__ApplyChangesResponse response;
	struct error error;
	unsigned int answers, publications;
	uint64_t revision;	       /* of the last publication */
	size_t created, gone, changed; /* in all deltas */
};

static void on_answer(struct control_answer *answer)
{
	((struct source *)answer)->answers++;
}

static void on_published(struct subscriber *subscriber, const struct snapshot *snapshot, const struct delta *delta)
{
	struct source *source = (struct source *)((char *)subscriber - offsetof(struct source, subscriber));

	source->publications++;
	source->revision = snapshot_revision(snapshot);
	for (size_t i = 0; i < delta->count; i++) {
		source->created += !delta->entry[i].before;
		source->gone += !delta->entry[i].after;
		source->changed += delta->entry[i].before && delta->entry[i].after;
	}
}

static int setup(void **state)
{
	struct source *source = calloc(1, sizeof(*source));

	fixture_new(&source->fixture);
	source->answer.done = on_answer;
	source->subscriber.published = on_published;
	source->response = (Sluice__V1__ApplyChangesResponse)SLUICE__V1__APPLY_CHANGES_RESPONSE__INIT;
	events_subscribe(&source->fixture.control->events, &source->subscriber);
	*state = source;
	return 0;
}

/* Empties the response for the next write. */
static void forget_answer(struct source *source)
{
	Sluice__V1__ApplyChangesResponse *copy = message_new(&sluice__v1__apply_changes_response__descriptor);

	assert_non_null(copy);
	*copy = source->response;
	message_free(copy);
	source->response = (Sluice__V1__ApplyChangesResponse)SLUICE__V1__APPLY_CHANGES_RESPONSE__INIT;
	source->error = (struct error){0};
}

static int teardown(void **state)
{
	struct source *source = *state;

	forget_answer(source);
	fixture_free(&source->fixture);
	free(source);
	return 0;
}

/* Submits as owner "source". The request and its changes are gone before the answer comes. */
static void submit(struct source *source, struct write_options options, const char *const *lines)
{
	Sluice__V1__ApplyChangesRequest *message = changes_of("source", lines);
	struct writer_request request = {.options = options, .changes = message->changes, .count = message->n_changes};

	request.options.owner = "source";
	forget_answer(source);
	writer_submit(source->fixture.control, &request, &source->response, &source->error, &source->answer);
	message_free(message);
}

static void a_write_is_answered_when_the_loop_turns(void **state)
{
	struct source *source = *state;

	submit(source, (struct write_options){.request_id = ""}, LINES("upsert vrf name=red", "upsert vrf name=blue"));
	assert_int_equal(source->answers, 0);
	assert_int_equal(source->publications, 0);
	fixture_turn(&source->fixture);
	assert_int_equal(source->answers, 1);
	assert_int_equal(source->error.code, ERROR_NONE);
	assert_int_equal(source->response.result->revision, 1);
	assert_int_equal(source->response.result->created, 2);
	assert_int_equal(source->publications, 1);
	assert_int_equal(source->revision, 1);
	assert_int_equal(source->created, 2);
}

static void a_subscriber_hears_every_writer(void **state)
{
	struct source *source = *state;

	must_apply(&source->fixture, LINES("upsert vrf name=red", "upsert vrf name=blue"));
	must_apply(&source->fixture, LINES("upsert vrf name=red router_mac=02:00:00:00:00:09", "delete vrf name=blue"));
	must_apply(&source->fixture, LINES("upsert vrf name=red router_mac=02:00:00:00:00:09")); /* the same again */
	assert_int_equal(source->publications, 2);
	assert_int_equal(source->revision, 2);
	assert_int_equal(source->created, 2);
	assert_int_equal(source->changed, 1);
	assert_int_equal(source->gone, 1);
	events_unsubscribe(&source->fixture.control->events, &source->subscriber);
	must_apply(&source->fixture, LINES("upsert vrf name=green"));
	assert_int_equal(source->publications, 2);
}

static void what_only_validates_publishes_nothing(void **state)
{
	struct source *source = *state;

	submit(source, (struct write_options){.request_id = "", .validate_only = true}, LINES("upsert vrf name=red"));
	assert_int_equal(source->answers, 1);
	assert_int_equal(source->response.n_differences, 1);
	assert_int_equal(source->response.result->revision, 1);
	fixture_turn(&source->fixture);
	assert_int_equal(source->publications, 0);
}

static void the_revision_must_be_the_expected_one(void **state)
{
	struct source *source = *state;

	must_apply(&source->fixture, LINES("upsert vrf name=red"));
	submit(source, (struct write_options){.request_id = "", .expected_revision = 7}, LINES("upsert vrf name=blue"));
	writer_flush(source->fixture.control);
	assert_int_equal(source->answers, 1);
	assert_int_equal(source->error.code, ERROR_ABORTED);
	assert_int_equal(source->publications, 1);
}

static void a_request_id_is_answered_once_and_again(void **state)
{
	struct source *source = *state;

	for (unsigned int i = 1; i <= 2; i++) {
		submit(source, (struct write_options){.request_id = "r"}, LINES("create vrf name=red"));
		writer_flush(source->fixture.control);
		assert_int_equal(source->answers, i);
		assert_int_equal(source->error.code, ERROR_NONE);
		assert_int_equal(source->response.result->revision, 1);
	}
	assert_int_equal(source->publications, 1);
}

static void owners_keep_apart(void **state)
{
	struct source *source = *state;

	must_apply(&source->fixture, LINES("upsert vrf name=red")); /* of "test" */
	submit(source, (struct write_options){.request_id = ""}, LINES("delete vrf name=red"));
	writer_flush(source->fixture.control);
	assert_int_equal(source->error.code, ERROR_PERMISSION_DENIED);
	assert_null(source->response.result);
	submit(source, (struct write_options){.request_id = ""}, LINES(NULL));
	assert_int_equal(source->error.code, ERROR_INVALID_ARGUMENT);
	assert_int_equal(source->answers, 2);
	assert_int_equal(source->publications, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_write_is_answered_when_the_loop_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(a_subscriber_hears_every_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(what_only_validates_publishes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(the_revision_must_be_the_expected_one, setup, teardown),
		cmocka_unit_test_setup_teardown(a_request_id_is_answered_once_and_again, setup, teardown),
		cmocka_unit_test_setup_teardown(owners_keep_apart, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
