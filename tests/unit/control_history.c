/* SPDX-License-Identifier: Apache-2.0 */
/* The history of revisions, rollbacks, and commits that are undone unless somebody confirms them. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_history_fixture.h"
#include "vnf/control/commit/confirm.h"
#include "vnf/control/commit/recorder_rewrite.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"

static const char *const you[] = {
	"upsert vrf name=v", "upsert next_hop name=h discard=", "upsert next_hop_group name=g members[0].next_hop=h",
	"upsert route vrf=v prefix=10.0.0.0/8 next_hop_group=g", NULL};

static bool there(unsigned int kind, const char *key)
{
	Sluice__V1__GetResourceRequest get = SLUICE__V1__GET_RESOURCE_REQUEST__INIT;
	Sluice__V1__GetResourceResponse *response = message_new(&sluice__v1__get_resource_response__descriptor);
	struct error error = {0};
	bool found;

	get.kind = (Sluice__V1__ResourceKind)kind;
	get.key = (char *)key;
	found = !control_get(fixture.control, &get, response, &error);
	message_free(response);
	return found;
}

static void test_list(void **state)
{
	(void)state;
	must_apply_as("me", 0, LINES("upsert vrf name=a", "upsert vrf name=b"));
	must_apply_as("you", 0, LINES("upsert vrf name=c"));
	must_apply_as("me", 0, LINES("delete vrf name=a", "upsert vrf name=b router_mac=02:00:00:00:00:01"));
	must_apply_as("me", 0, LINES("upsert vrf name=b router_mac=02:00:00:00:00:01")); /* no revision */
	assert_history("3 me +0 ~1 -1 committed\n2 you +1 ~0 -0 committed\n1 me +2 ~0 -0 committed\n");
	restart();
	assert_history("3 me +0 ~1 -1 committed\n2 you +1 ~0 -0 committed\n1 me +2 ~0 -0 committed\n");
	assert_pages();
}

static void test_rollback(void **state)
{
	(void)state;
	must_apply_as("me", 0, you);
	must_apply_as("you", 0, LINES("upsert vrf name=c"));
	must_apply_as("me", 0, LINES("delete route vrf=v prefix=10.0.0.0/8", "upsert vrf name=d"));
	for (int again = 0; again < 2; again++) { /* the second time across a restart, and by a snapshot */
		assert_int_equal(rollback_as("me", 1, 0), ERROR_NONE);
		assert_true(there(RESOURCE_ROUTE, "v/10.0.0.0/8"));
		assert_false(there(RESOURCE_VRF, "d"));
		assert_true(there(RESOURCE_VRF, "c"));
		assert_int_equal(rollback_as("me", 3, 0), ERROR_NONE);
		assert_false(there(RESOURCE_ROUTE, "v/10.0.0.0/8"));
		assert_true(there(RESOURCE_VRF, "d"));
		restart();
		assert_int_equal(recorder_rewrite_now(&fixture.control->committer.recorder), 0);
		restart();
	}
	assert_int_equal(rollback_as("me", 0, 0), ERROR_NONE);
	assert_false(there(RESOURCE_VRF, "v"));
	assert_true(there(RESOURCE_VRF, "c"));
	/* It is what it was: no revision. */
	assert_int_equal(rollback_as("me", 0, 0), ERROR_NONE);
	assert_int_equal(history_newest(&fixture.control->history)->revision, 8);
	assert_int_equal(rollback_as("me", 9, 0), ERROR_OUT_OF_RANGE);
	assert_string_equal(last_error.fault[0].field, "revision");
	assert_string_equal(last_error.fault[0].message, "9 is not known: 0 to 8 are");
}

static void test_others_need_it(void **state)
{
	(void)state;
	must_apply_as("me", 0, you);
	must_apply_as("you", 0, LINES("upsert route vrf=v prefix=10.1.0.0/16 next_hop_group=g"));
	assert_int_equal(rollback_as("me", 0, 0), ERROR_FAILED_PRECONDITION);
	assert_string_equal(last_error.fault[0].field, "revision");
	assert_non_null(strstr(last_error.fault[0].message, "v/10.1.0.0/16"));
	assert_true(there(RESOURCE_ROUTE, "v/10.0.0.0/8"));
	/* And what another has taken meanwhile. */
	must_apply_as("me", 0, LINES("delete route vrf=v prefix=10.0.0.0/8"));
	must_apply_as("you", 0, LINES("upsert route vrf=v prefix=10.0.0.0/8 next_hop_group=g"));
	assert_int_equal(rollback_as("me", 2, 0), ERROR_FAILED_PRECONDITION);
	assert_non_null(strstr(last_error.fault[0].message, "belongs to you"));
	assert_int_equal(rollback_as("you", 1, 0), ERROR_NONE);
	assert_int_equal(rollback_as("me", 1, 0), ERROR_NONE);
}

static void test_confirmed(void **state)
{
	(void)state;
	must_apply_as("me", 0, LINES("upsert vrf name=a"));
	must_confirm_later("me", 100, LINES("upsert vrf name=b"));
	assert_history("2 me +1 ~0 -0 pending 2\n1 me +1 ~0 -0 committed\n");
	/* The owner may only add to it. */
	assert_int_equal(apply_as("me", 0, LINES("upsert vrf name=c"), &last_error), ERROR_FAILED_PRECONDITION);
	assert_string_equal(last_error.fault[0].field, "options.confirm_seconds");
	assert_non_null(strstr(last_error.fault[0].message, "revision 2 of me waits"));
	must_apply_as("you", 0, LINES("upsert vrf name=d"));
	must_confirm_later("me", 50, LINES("upsert vrf name=c"));
	assert_int_equal(confirm_as("you", 0), ERROR_NOT_FOUND);
	assert_int_equal(confirm_as("me", 1), ERROR_NOT_FOUND);
	assert_int_equal(confirm_as("me", 3), ERROR_NOT_FOUND);
	restart();
	assert_int_equal(confirm_as("me", 4), ERROR_NONE);
	assert_int_equal(confirm_as("me", 4), ERROR_NONE);
	assert_int_equal(confirm_as("me", 2), ERROR_NONE);
	assert_int_equal(confirm_as("me", 0), ERROR_NOT_FOUND);
	restart();
	assert_int_equal(confirm_as("me", 2), ERROR_NONE);
	assert_history("4 me +1 ~0 -0 confirmed 2\n3 you +1 ~0 -0 committed\n2 me +1 ~0 -0 confirmed 2\n"
		       "1 me +1 ~0 -0 committed\n");
	must_apply_as("me", 0, LINES("delete vrf name=c"));
}

static void test_undone(void **state)
{
	(void)state;
	must_apply_as("me", 0, LINES("upsert vrf name=a"));
	must_confirm_later("me", 100, LINES("upsert vrf name=b", "delete vrf name=a"));
	must_apply_as("you", 0, LINES("upsert vrf name=d"));
	must_confirm_later("me", 100, LINES("upsert vrf name=c"));
	let_time_run_out("me");
	assert_true(there(RESOURCE_VRF, "a"));
	assert_true(there(RESOURCE_VRF, "d"));
	assert_false(there(RESOURCE_VRF, "b"));
	assert_false(there(RESOURCE_VRF, "c"));
	for (int again = 0; again < 2; again++) {
		assert_history("5 me +1 ~0 -2 committed to 1\n4 me +1 ~0 -0 undone 2 by 5\n3 you +1 ~0 -0 committed\n"
			       "2 me +1 ~0 -1 undone 2 by 5\n1 me +1 ~0 -0 committed\n");
		assert_int_equal(confirm_as("me", 2), ERROR_FAILED_PRECONDITION);
		assert_non_null(strstr(last_error.fault[0].message, "undone by revision 5"));
		restart();
	}
	must_apply_as("me", 0, LINES("upsert vrf name=c"));
}

static void test_rolled_back_before(void **state)
{
	(void)state;
	must_apply_as("me", 0, LINES("upsert vrf name=a"));
	must_confirm_later("me", 100, LINES("upsert vrf name=b"));
	assert_int_equal(rollback_as("me", 2, 0), ERROR_FAILED_PRECONDITION);
	assert_int_equal(rollback_as("me", 1, 5), ERROR_FAILED_PRECONDITION);
	assert_int_equal(rollback_as("me", 1, 0), ERROR_NONE);
	assert_history("3 me +0 ~0 -1 committed to 1\n2 me +1 ~0 -0 undone 2 by 3\n1 me +1 ~0 -0 committed\n");
	/* A rollback that nobody confirms is itself undone. */
	assert_int_equal(rollback_as("me", 0, 5), ERROR_NONE);
	assert_false(there(RESOURCE_VRF, "a"));
	let_time_run_out("me");
	assert_true(there(RESOURCE_VRF, "a"));
}

/* What another needs stays, and is named; the rest is undone. */
static void test_undone_in_part(void **state)
{
	(void)state;
	must_confirm_later("me", 100, you);
	must_apply_as("you", 0, LINES("upsert vrf name=w", "upsert route vrf=w prefix=::/0 next_hop_group=g"));
	let_time_run_out("me");
	assert_false(there(RESOURCE_VRF, "v"));
	assert_false(there(RESOURCE_ROUTE, "v/10.0.0.0/8"));
	assert_true(there(RESOURCE_NEXT_HOP_GROUP, "g"));
	assert_true(there(RESOURCE_NEXT_HOP, "h"));
	assert_left("w/::/0");
	restart();
	assert_left("w/::/0");
	/* All of it: the same with nothing that could be undone. */
	must_confirm_later("me", 100, LINES("upsert next_hop name=i discard="));
	must_apply_as("you", 0, LINES("upsert next_hop_group name=k members[0].next_hop=i"));
	let_time_run_out("me");
	assert_true(there(RESOURCE_NEXT_HOP, "i"));
	must_apply_as("me", 0, LINES("upsert vrf name=z"));
}

static void test_time_runs_out_while_dead(void **state)
{
	(void)state;
	must_apply_as("me", 0, LINES("upsert vrf name=a"));
	must_confirm_later("me", 1, LINES("upsert vrf name=b"));
	must_confirm_later("you", 1000, LINES("upsert vrf name=c"));
	kill_control();
	fake_time_ms = 2000;
	open_control();
	fake_time_ms = 0;
	assert_true(there(RESOURCE_VRF, "a"));
	assert_false(there(RESOURCE_VRF, "b"));
	assert_true(there(RESOURCE_VRF, "c"));
	assert_int_equal(confirm_as("you", 0), ERROR_NONE);
	assert_history("4 me +0 ~0 -1 committed to 1\n3 you +1 ~0 -0 confirmed 3\n2 me +1 ~0 -0 undone 2 by 4\n"
		       "1 me +1 ~0 -0 committed\n");
}

/* The loop's own timer, in real time. */
static bool is_undone(struct fixture *at)
{
	(void)at;
	return !there(RESOURCE_VRF, "b");
}

static void test_timer(void **state)
{
	(void)state;
	must_confirm_later("me", 1, LINES("upsert vrf name=b"));
	fixture_turn(&fixture);
	assert_true(there(RESOURCE_VRF, "b"));
	fixture_wait(&fixture, is_undone);
}

/* The dataplane does not take it: it goes on waiting, and is undone when it does. */
static void test_tried_again(void **state)
{
	(void)state;
	must_confirm_later("me", 100, LINES("upsert vrf name=b"));
	fake_program.fail = true;
	let_time_run_out("me");
	assert_true(there(RESOURCE_VRF, "b"));
	fake_program.fail = false;
	fixture_wait(&fixture, is_undone);
}

/* Many small revisions: the oldest go, but what waits stays whole. */
static void test_bounds(void **state)
{
	(void)state;
	must_confirm_later("me", 1000, LINES("upsert vrf name=b"));
	for (int i = 0; i < REVISIONS_MAX + 10; i++) {
		char line[80];

		snprintf(line, sizeof(line), "upsert vrf name=%s%d", i % 2 ? "" : "x", i / 2 % 5);
		must_apply_as("you", SLUICE__V1__DURABILITY__DURABILITY_VOLATILE, LINES(line));
		snprintf(line, sizeof(line), "delete vrf name=%s%d", i % 2 ? "" : "x", i / 2 % 5);
		must_apply_as("you", SLUICE__V1__DURABILITY__DURABILITY_VOLATILE, LINES(line));
	}
	assert_int_equal(revisions_oldest(fixture.control->committer.revisions), REVISIONS_MAX + 21);
	assert_int_equal(rollback_as("you", 5, 0), ERROR_OUT_OF_RANGE);
	assert_int_equal(recorder_rewrite_now(&fixture.control->committer.recorder), 0);
	restart();
	assert_int_equal(revisions_oldest(fixture.control->committer.revisions), REVISIONS_MAX + 21);
	let_time_run_out("me");
	assert_false(there(RESOURCE_VRF, "b"));
}

/* A file of the layout before, and a group that does not say whose its changes are: taken up, with a history that
 * begins there, and rewritten after the next commit. */
static void test_older_file(void **state)
{
	struct file_header header;
	struct journal *journal;
	struct entry entry;
	char path[128];
	size_t size;
	FILE *file;

	(void)state;
	must_apply_as("me", 0, LINES("upsert vrf name=a"));
	must_apply_as("me", 0, LINES("upsert vrf name=b"));
	journal = fixture.control->committer.recorder.journal;
	size = (size_t)journal->end;
	entry = (struct entry){.operation = ENTRY_DELETE, .kind = RESOURCE_VRF, .key = "a", .key_size = 1};
	journal_begin(journal, 3, 4);
	journal_put(journal, &entry);
	assert_int_equal(journal_commit(journal, true), 0);
	assert_true(journal->end > size);
	kill_control();
	snprintf(path, sizeof(path), "%s/journal", directory);
	file = fopen(path, "r+");
	assert_int_equal(fread(&header, sizeof(header), 1, file), 1);
	assert_int_equal(header.layout, FILE_LAYOUT);
	header.layout = FILE_OLDEST;
	header.crc = file_header_crc(&header);
	rewind(file);
	assert_int_equal(fwrite(&header, sizeof(header), 1, file), 1);
	fclose(file);
	open_control();
	assert_false(there(RESOURCE_VRF, "a"));
	assert_true(there(RESOURCE_VRF, "b"));
	assert_history("");
	assert_int_equal(rollback_as("me", 2, 0), ERROR_OUT_OF_RANGE);
	must_apply_as("me", 0, LINES("upsert vrf name=c"));
	assert_int_equal(rollback_as("me", 3, 0), ERROR_NONE);
	assert_false(there(RESOURCE_VRF, "c"));
	fixture_turn(&fixture);
	while (fixture.control->committer.recorder.rewrite.posted)
		fixture_turn(&fixture);
	assert_int_equal(fixture.control->committer.recorder.journal->layout, FILE_LAYOUT);
	restart();
	assert_int_equal(fixture.control->committer.recorder.journal->layout, FILE_LAYOUT);
	assert_history("5 me +0 ~0 -1 committed to 3\n4 me +1 ~0 -0 committed\n");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, journal_set_up, journal_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_list),	   CASE(test_rollback),
		CASE(test_others_need_it), CASE(test_confirmed),
		CASE(test_undone),	   CASE(test_rolled_back_before),
		CASE(test_undone_in_part), CASE(test_time_runs_out_while_dead),
		CASE(test_timer),	   CASE(test_tried_again),
		CASE(test_bounds),	   CASE(test_older_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
