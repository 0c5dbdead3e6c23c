/* SPDX-License-Identifier: Apache-2.0 */
/* ReplaceOwned: what goes and what stays, whose faults are named, and every allocation failing in turn. */
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"
#include "failing.h"
#include "vnf/control/commit/transactions.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"

static const char *const base[] = {
	"upsert vrf name=red",
	"upsert vrf name=blue",
	"upsert interface name=in vrf=red",
	"upsert next_hop name=drop discard=",
	"upsert next_hop_group name=g members[0].next_hop=drop",
	"upsert route vrf=red prefix=10.0.0.0/8 next_hop_group=g",
	"upsert route vrf=blue prefix=10.0.0.0/8 next_hop_group=g",
	NULL,
};

static struct fixture fixture;
static unsigned int fail_then; /* fail_in, for a replacement from its beginning */

static int set_up(void **state)
{
	(void)state;
	fixture_new(&fixture);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(transactions_count(fixture.control->committer.transactions), 0);
	fixture_free(&fixture);
	return 0;
}

static Sluice__V1__ReplaceOwnedRequest *request_of(const char *owner, const char *const *lines)
{
	Sluice__V1__ReplaceOwnedRequest *request = message_new(&sluice__v1__replace_owned_request__descriptor);
	Sluice__V1__ApplyChangesRequest *changes = changes_of(owner, lines);

	request->options = changes->options;
	request->changes = changes->changes;
	request->n_changes = changes->n_changes;
	free(changes);
	return request;
}

/* NULL and the error: it was refused. */
static Sluice__V1__ReplaceOwnedResponse *replace(const Sluice__V1__ReplaceOwnedRequest *request, struct error *error)
{
	Sluice__V1__ReplaceOwnedResponse *response = message_new(&sluice__v1__replace_owned_response__descriptor);
	struct control_answer nobody = {.done = control_answer_nobody};
	struct control_replace *stream;

	fail_in = fail_then;
	stream = control_replace_begin(fixture.control, request, error);
	if (stream && !control_replace_stage(stream, request, error)) {
		control_submit_replace(stream, response, error, &nobody);
		commit_flush(&fixture.control->committer);
	}
	control_replace_free(stream);
	assert_true(!response->result == (error->code != ERROR_NONE));
	if (response->result)
		return response;
	message_free(response);
	return NULL;
}

static void must_replace(const Sluice__V1__ReplaceOwnedRequest *request, unsigned int unchanged, unsigned int deleted)
{
	struct error error = {0};
	Sluice__V1__ReplaceOwnedResponse *response = replace(request, &error);

	if (!response)
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
	assert_int_equal(response->result->unchanged, unchanged);
	assert_int_equal(response->result->deleted, deleted);
	assert_int_equal(response->result->n_results, response->result->unchanged + response->result->created +
							      response->result->replaced + response->result->deleted);
	message_free(response);
}

static void test_all_kinds(void **state)
{
	Sluice__V1__ReplaceOwnedRequest *same = request_of("test", base);
	Sluice__V1__ReplaceOwnedRequest *less =
		request_of("test", LINES("upsert vrf name=blue", "upsert vrf name=green"));

	(void)state;
	must_replace(same, 0, 0);
	must_replace(same, 7, 0);
	assert_int_equal(fake_program.commits, 1);
	must_replace(less, 1, 6);
	assert_int_equal(fake_program.commits, 2);
	message_free(same);
	message_free(less);
}

/* What a commit that still waits has made goes as well. */
static void test_behind_one_that_waits(void **state)
{
	Sluice__V1__ReplaceOwnedRequest *nothing = request_of("test", LINES(NULL));
	Sluice__V1__ApplyChangesRequest *apply = changes_of("test", base);
	Sluice__V1__ApplyChangesResponse *response = message_new(&sluice__v1__apply_changes_response__descriptor);
	struct control_answer nobody = {.done = control_answer_nobody};
	struct error error = {0};

	(void)state;
	control_submit_apply(fixture.control, apply, response, &error, &nobody);
	assert_null(response->result);
	must_replace(nothing, 0, 7);
	assert_int_equal(response->result->created, 7);
	message_free(nothing);
	message_free(apply);
	message_free(response);
}

static void test_scope(void **state)
{
	Sluice__V1__ReplaceOwnedRequest *request =
		request_of("test", LINES("upsert route vrf=red prefix=10.1.0.0/16 next_hop_group=g"));
	Sluice__V1__ResourceKind *kinds = malloc(sizeof(*kinds));

	(void)state;
	must_apply(&fixture, base);
	request->vrfs = calloc(1, sizeof(*request->vrfs));
	request->vrfs[request->n_vrfs++] = strdup("red");
	must_replace(request, 0, 2); /* the interface, too */
	kinds[0] = SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_ROUTE;
	request->kinds = kinds;
	request->n_kinds = 1;
	must_apply(&fixture, base);
	must_replace(request, 1, 1);
	message_free(request);
}

static void test_whose_it_is(void **state)
{
	Sluice__V1__ReplaceOwnedRequest *request = request_of("them", LINES("upsert vrf name=theirs"));
	Sluice__V1__ReplaceOwnedRequest *ours = request_of("test", LINES("upsert vrf name=blue"));
	struct error error = {0};
	char *before;
	char *after;

	(void)state;
	must_apply(&fixture, base);
	must_replace(request, 0, 0);
	message_free(request);
	request = request_of("them", LINES("upsert vrf name=theirs", "upsert interface name=x vrf=red"));
	must_replace(request, 1, 0);
	before = dump(&fixture);
	assert_null(replace(ours, &error));
	assert_int_equal(error.code, ERROR_FAILED_PRECONDITION);
	assert_string_equal(error.fault[0].field, "owned.vrf[\"red\"]");
	assert_non_null(strstr(error.fault[0].message, "interface \"x\" of them refers to it"));
	after = dump(&fixture);
	assert_string_equal(before, after);
	free(before);
	free(after);
	message_free(request);
	message_free(ours);
}

static void test_allocations(void **state)
{
	Sluice__V1__ReplaceOwnedRequest *request =
		request_of("test", LINES("upsert vrf name=red", "upsert vrf name=green"));
	bool failed = true;
	unsigned int n = 0;

	(void)state;
	request->vrfs = calloc(1, sizeof(*request->vrfs));
	encode_text(&request->options->request_id, "once");
	must_apply(&fixture, base);
	while (failed) {
		struct error error = {0};
		char *before = dump(&fixture), *after;

		fake_program.fail = true;
		fail_then = ++n;
		assert_null(replace(request, &error));
		failed = fail_in == 0;
		fail_in = fail_then = 0;
		after = dump(&fixture);
		assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
		assert_string_equal(before, after);
		assert_int_equal(transactions_count(fixture.control->committer.transactions), 0);
		free(before);
		free(after);
	}
	assert_true(n > 30);
	fake_program.fail = false;
	must_replace(request, 1, 6);
	message_free(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_kinds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_behind_one_that_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_scope, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_whose_it_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_allocations, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
