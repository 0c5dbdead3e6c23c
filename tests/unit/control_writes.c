/* SPDX-License-Identifier: Apache-2.0 */
/* Writes in one call: outcomes, owners, revisions, retries, dry runs, and that a failed commit leaves no trace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"
#include "vnf/control/commit/commit.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"

static Sluice__V1__ApplyChangesResponse *send_as(struct fixture *fixture, Sluice__V1__ApplyChangesRequest *request,
						 struct error *error)
{
	Sluice__V1__ApplyChangesResponse *response = message_new(&sluice__v1__apply_changes_response__descriptor);
	int result;

	*error = (struct error){0};
	result = control_apply(fixture->control, request, response, error);
	message_free(request);
	if (!result)
		return response;
	message_free(response);
	return NULL;
}

/* Outcomes of the changes, as digits. */
static void expect(struct fixture *fixture, const char *outcomes, uint64_t revision, const char *const *lines)
{
	Sluice__V1__ApplyChangesResponse *response;
	struct error error;

	response = apply(fixture, &error, lines);
	if (!response)
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
	assert_int_equal(response->result->n_results, strlen(outcomes));
	for (size_t i = 0; i < response->result->n_results; i++)
		assert_int_equal(response->result->results[i]->outcome, outcomes[i] - '0');
	assert_int_equal(response->result->revision, revision);
	message_free(response);
}

#define CREATED	  "1"
#define REPLACED  "2"
#define UNCHANGED "3"
#define DELETED	  "4"
#define ABSENT	  "5"
#define ROUTE	  "route vrf=v prefix=10.0.0.0/8"

static const char *const base[] = {"upsert vrf name=v",
				   "upsert next_hop name=d discard=",
				   "upsert next_hop_group name=g members[0].next_hop=d",
				   "upsert next_hop_group name=h members[0].next_hop=d",
				   "upsert " ROUTE " next_hop_group=g",
				   NULL};

static void test_outcomes(void **state)
{
	struct fixture fixture;
	unsigned int commits;

	(void)state;
	fixture_new(&fixture);
	expect(&fixture, "11111", 1, base);
	commits = fake_program.commits;
	expect(&fixture, "33333", 1, base);
	expect(&fixture, ABSENT ABSENT, 1, LINES("delete vrf name=w", "delete route vrf=w prefix=10.0.0.0/9"));
	assert_int_equal(fake_program.commits, commits);
	expect(&fixture, REPLACED, 2, LINES("upsert " ROUTE " next_hop_group=h"));
	expect(&fixture, REPLACED, 3, LINES("replace " ROUTE " next_hop_group=g"));
	expect(&fixture, UNCHANGED, 3, LINES("replace " ROUTE " next_hop_group=g"));
	must_refuse(&fixture, ERROR_ALREADY_EXISTS, "changes[0].resource", "route \"v/10.0.0.0/8\" exists",
		    LINES("create " ROUTE " next_hop_group=g"));
	must_refuse(&fixture, ERROR_NOT_FOUND, "changes[1].resource", "VRF \"w\" does not exist",
		    LINES("upsert vrf name=x", "replace vrf name=w"));
	expect(&fixture, DELETED, 4, LINES("delete " ROUTE));
	expect(&fixture, CREATED, 5, LINES("create " ROUTE " next_hop_group=g"));
	fixture_free(&fixture);
}

/* Of several changes of one key the last one wins; each result is relative to what the ones before it left. */
static void test_same_key_twice(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	expect(&fixture, REPLACED UNCHANGED REPLACED, 1,
	       LINES("upsert " ROUTE " next_hop_group=h", "upsert " ROUTE " next_hop_group=h",
		     "upsert " ROUTE " next_hop_group=g"));
	expect(&fixture, DELETED ABSENT CREATED, 2,
	       LINES("delete " ROUTE, "delete " ROUTE, "create " ROUTE " next_hop_group=h"));
	expect(&fixture, CREATED DELETED, 2, LINES("create vrf name=w", "delete vrf name=w"));
	expect(&fixture, DELETED CREATED, 2, LINES("delete next_hop name=d", "create next_hop name=d discard="));
	fixture_free(&fixture);
}

static void test_results(void **state)
{
	Sluice__V1__ApplyChangesResponse *response;
	Sluice__V1__WriteResult *result;
	struct fixture fixture;
	struct error error;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	fake_program.missing_device = "eth9";
	response = apply(&fixture, &error,
			 LINES("upsert interface name=i device=eth9 vrf=v @id=one", "upsert " ROUTE " next_hop_group=h",
			       "delete vrf name=none"));
	assert_non_null(response);
	result = response->result;
	assert_int_equal(result->created, 1);
	assert_int_equal(result->replaced, 1);
	assert_int_equal(result->absent, 1);
	assert_int_equal(result->generation, fake_program.generation);
	assert_string_equal(result->results[0]->id, "one");
	assert_string_equal(result->results[0]->key, "i");
	assert_int_equal(result->results[0]->kind, 2);
	assert_int_equal(result->results[0]->programmed, 2);
	assert_non_null(strstr(result->results[0]->reason, "does not exist"));
	assert_string_equal(result->results[1]->key, "v/10.0.0.0/8");
	assert_int_equal(result->results[1]->programmed, 1);
	assert_string_equal(result->results[1]->reason, "");
	assert_int_equal(result->results[2]->programmed, 1);
	message_free(response);
	fixture_free(&fixture);
}

static void test_request_shape(void **state)
{
	Sluice__V1__ApplyChangesRequest *request;
	struct fixture fixture;
	struct error error;

	(void)state;
	fixture_new(&fixture);
	assert_null(send_as(&fixture, changes_of("", LINES("upsert vrf name=v")), &error));
	assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
	assert_string_equal(error.fault[0].field, "options.owner");
	request = changes_of("a", LINES("upsert vrf name=v"));
	message_free(request->options);
	request->options = NULL;
	assert_null(send_as(&fixture, request, &error));
	assert_string_equal(error.fault[0].field, "options.owner");
	assert_null(send_as(&fixture, changes_of("a", LINES(NULL)), &error));
	assert_string_equal(error.fault[0].field, "changes");
	request = changes_of("a", LINES("upsert vrf name=v"));
	request->options->request_id = strdup("0123456789012345678901234567890123456789012345678901234567890123");
	assert_null(send_as(&fixture, request, &error));
	assert_string_equal(error.fault[0].field, "options.request_id");
	fixture_free(&fixture);
}

static void test_owners(void **state)
{
	Sluice__V1__ApplyChangesResponse *response;
	struct fixture fixture;
	struct error error;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	for (int i = 0; i < 3; i++) {
		static const char *const lines[] = {
			"delete vrf name=v", "upsert vrf name=v router_mac=02:00:00:00:00:01", "upsert vrf name=v"};

		assert_null(send_as(&fixture, changes_of("other", LINES(lines[i])), &error));
		assert_int_equal(error.code, ERROR_PERMISSION_DENIED);
		assert_string_equal(error.fault[0].field, "changes[0].resource");
	}
	/* To refer to it is free. */
	response = send_as(&fixture, changes_of("other", LINES("upsert route vrf=v prefix=::/0 next_hop_group=g")),
			   &error);
	assert_non_null(response);
	message_free(response);
	fixture_free(&fixture);
}

static void test_expected_revision(void **state)
{
	Sluice__V1__ApplyChangesRequest *request;
	Sluice__V1__ApplyChangesResponse *response;
	struct fixture fixture;
	struct error error;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	request = changes_of("test", LINES("upsert vrf name=w"));
	request->options->expected_revision = 7;
	assert_null(send_as(&fixture, request, &error));
	assert_int_equal(error.code, ERROR_ABORTED);
	assert_string_equal(error.fault[0].field, "options.expected_revision");
	request = changes_of("test", LINES("upsert vrf name=w"));
	request->options->expected_revision = 1;
	response = send_as(&fixture, request, &error);
	assert_int_equal(response->result->revision, 2);
	message_free(response);
	fixture_free(&fixture);
}

static Sluice__V1__ApplyChangesRequest *numbered(const char *id, const char *const *lines)
{
	Sluice__V1__ApplyChangesRequest *request = changes_of("test", lines);

	encode_text(&request->options->request_id, id);
	return request;
}

static void test_request_id(void **state)
{
	Sluice__V1__BeginTransactionRequest begin = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	Sluice__V1__BeginTransactionResponse begun = SLUICE__V1__BEGIN_TRANSACTION_RESPONSE__INIT;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__ApplyChangesResponse *first, *again;
	struct fixture fixture;
	struct error error;
	char id[32];

	(void)state;
	fixture_new(&fixture);
	first = send_as(&fixture, numbered("r1", LINES("create vrf name=v")), &error);
	must_apply(&fixture, LINES("delete vrf name=v"));
	again = send_as(&fixture, numbered("r1", LINES("create vrf name=v")), &error);
	assert_int_equal(again->result->revision, 1);
	assert_int_equal(again->result->n_results, 1);
	assert_int_equal(again->result->results[0]->outcome, first->result->results[0]->outcome);
	assert_string_equal(again->result->results[0]->key, "v");
	message_free(first);
	message_free(again);
	/* With other changes it is no retry. */
	assert_null(send_as(&fixture, numbered("r1", LINES("create vrf name=w")), &error));
	assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
	assert_string_equal(error.fault[0].field, "options.request_id");
	/* Another owner's is another write; another kind of write is a mistake. */
	again = apply(&fixture, &error, LINES("create vrf name=v"));
	assert_int_equal(again->result->revision, 3);
	message_free(again);
	options.owner = "test";
	options.request_id = "r1";
	begin.options = &options;
	error = (struct error){0};
	assert_int_equal(control_begin(fixture.control, &begin, &begun, &error), -1);
	assert_string_equal(error.fault[0].field, "options.request_id");
	/* 1,024 later it is forgotten, and only then. */
	for (int i = 0; i < 1023; i++) {
		snprintf(id, sizeof(id), "n%d", i);
		message_free(send_as(&fixture, numbered(id, LINES("upsert vrf name=v")), &error));
	}
	again = send_as(&fixture, numbered("r1", LINES("create vrf name=v")), &error);
	assert_non_null(again);
	message_free(again);
	message_free(send_as(&fixture, numbered("last", LINES("upsert vrf name=v")), &error));
	assert_null(send_as(&fixture, numbered("r1", LINES("create vrf name=v")), &error));
	assert_int_equal(error.code, ERROR_ALREADY_EXISTS);
	fixture_free(&fixture);
}

static void test_validate_only(void **state)
{
	Sluice__V1__ApplyChangesRequest *request;
	Sluice__V1__ApplyChangesResponse *response;
	struct fixture fixture;
	struct error error;
	char *before, *after;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	before = dump(&fixture);
	request = numbered("dry", LINES("upsert vrf name=w", "upsert " ROUTE " next_hop_group=h",
					"delete next_hop_group name=g", "upsert vrf name=v"));
	request->options->validate_only = true;
	response = send_as(&fixture, request, &error);
	assert_non_null(response);
	assert_int_equal(response->result->revision, 2);
	assert_int_equal(response->n_differences, 3);
	assert_int_equal(response->differences[0]->outcome, 1);
	assert_null(response->differences[0]->before);
	assert_string_equal(response->differences[0]->after->vrf->name, "w");
	assert_int_equal(response->differences[1]->outcome, 2);
	assert_string_equal(response->differences[1]->key, "v/10.0.0.0/8");
	assert_string_equal(response->differences[1]->before->route->next_hop_group, "g");
	assert_string_equal(response->differences[1]->after->route->next_hop_group, "h");
	assert_int_equal(response->differences[2]->outcome, 4);
	assert_null(response->differences[2]->after);
	message_free(response);
	after = dump(&fixture);
	assert_string_equal(before, after);
	assert_int_equal(fake_program.commits, 1);
	/* It was not done, so it is not remembered either. */
	response = send_as(&fixture, numbered("dry", LINES("upsert vrf name=w")), &error);
	assert_int_equal(response->result->created, 1);
	message_free(response);
	request = changes_of("test", LINES("upsert vrf name=/"));
	request->options->validate_only = true;
	assert_null(send_as(&fixture, request, &error));
	request = changes_of("test", LINES("upsert vrf name=y"));
	request->options->validate_only = fake_program.fail = true; /* the tables are full, as only they know */
	assert_null(send_as(&fixture, request, &error));
	free(before);
	free(after);
	fixture_free(&fixture);
}

static void test_program_fails(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	fake_program.fail = true;
	must_refuse(&fixture, ERROR_RESOURCE_EXHAUSTED, "", "table full",
		    LINES("upsert vrf name=w", "upsert interface name=i vrf=w", "delete " ROUTE,
			  "delete next_hop_group name=g"));
	/* Ids and claims are back: the same again works, and the device is free for one only. */
	must_apply(&fixture, LINES("upsert vrf name=w", "upsert interface name=i vrf=w", "delete " ROUTE,
				   "delete next_hop_group name=g"));
	must_refuse(&fixture, ERROR_INVALID_ARGUMENT, "changes[0].resource.interface.device", "interface \"i\"",
		    LINES("upsert interface name=j device=i vrf=w"));
	fixture_free(&fixture);
}

static uint32_t id_of(struct fixture *fixture, const char *vrf)
{
	const struct snapshot *snapshot = history_newest(&fixture->control->history);

	return snapshot_find(snapshot, RESOURCE_VRF, vrf)->self->id;
}

/* An id stays with its name, and comes back when its deletion has settled. */
static void test_ids(void **state)
{
	struct fixture fixture;
	unsigned int settles;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, LINES("upsert vrf name=a", "upsert vrf name=b"));
	assert_int_equal(id_of(&fixture, "a"), 1);
	assert_int_equal(id_of(&fixture, "b"), 2);
	must_apply(&fixture, LINES("upsert vrf name=b router_mac=02:00:00:00:00:05"));
	assert_int_equal(id_of(&fixture, "b"), 2);
	must_apply(&fixture, LINES("delete vrf name=a", "upsert vrf name=c"));
	assert_int_equal(id_of(&fixture, "c"), 3);
	settles = fake_program.settles;
	fixture_turn(&fixture);
	assert_int_equal(fake_program.settles, settles + 1);
	fixture_turn(&fixture);
	assert_int_equal(fake_program.settles, settles + 1);
	must_apply(&fixture, LINES("upsert vrf name=d"));
	assert_int_equal(id_of(&fixture, "d"), 1);
	/* Without a turn of the loop the next commit settles first. */
	must_apply(&fixture, LINES("delete vrf name=d"));
	must_apply(&fixture, LINES("upsert vrf name=e"));
	assert_int_equal(id_of(&fixture, "e"), 1);
	fixture_free(&fixture);
}

/* What nobody reads any more is freed, in order; what somebody reads is not. */
static void test_reclaim(void **state)
{
	struct fixture fixture;
	const struct snapshot *old;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	control_reclaim(fixture.control);
	assert_ptr_equal(fixture.control->history.oldest, history_newest(&fixture.control->history));
	old = history_pin(&fixture.control->history);
	must_apply(&fixture, LINES("delete " ROUTE, "upsert vrf name=v router_mac=02:00:00:00:00:07"));
	must_apply(&fixture, LINES("delete vrf name=v"));
	control_reclaim(fixture.control);
	assert_ptr_equal(fixture.control->history.oldest, old);
	assert_non_null(snapshot_find(old, RESOURCE_VRF, "v"));
	assert_int_equal(snapshot_count(old, RESOURCE_ROUTE), 1);
	snapshot_unpin(old);
	control_reclaim(fixture.control);
	assert_ptr_equal(fixture.control->history.oldest, history_newest(&fixture.control->history));
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes),      cmocka_unit_test(test_same_key_twice),
		cmocka_unit_test(test_results),	      cmocka_unit_test(test_request_shape),
		cmocka_unit_test(test_owners),	      cmocka_unit_test(test_expected_revision),
		cmocka_unit_test(test_request_id),    cmocka_unit_test(test_validate_only),
		cmocka_unit_test(test_program_fails), cmocka_unit_test(test_ids),
		cmocka_unit_test(test_reclaim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
