/* SPDX-License-Identifier: Apache-2.0 */
/* Watchers of the state: what is told, in which order, and what happens where memory ends. */
#include "tests/unit/control_fixture.h"

#include <stdio.h>
#include <string.h>

#include "api/dp/reason.h"
#include "tests/unit/failing.h"
#include "vnf/control/kinds/encode.h"

#define EVENT(name) SLUICE__V1__WATCH_EVENT__EVENT_##name

static int changes;

static void on_changed(void *context)
{
	(void)context;
	changes++;
}

static struct watch *open_watch(struct fixture *fixture, uint64_t from, const char *vrf)
{
	Sluice__V1__WatchRequest request = SLUICE__V1__WATCH_REQUEST__INIT;
	struct error error = {0};
	struct watch *watch;

	request.from_revision = from;
	request.vrf = (char *)vrf;
	watch = control_watch_open(fixture->control, &request, on_changed, NULL, &error);
	assert_non_null(watch);
	return watch;
}

/* What is to be told next, as a text: "+kind:key", "-key", "r3", "s3" or, of a snapshot, "S3", and "L". */
static void expect_told(struct watch *watch, const char *expected)
{
	Sluice__V1__WatchResponse *response = message_new(&sluice__v1__watch_response__descriptor);
	char text[1024] = "";
	size_t length = 0;

	assert_int_equal(control_watch_fill(watch, response), 0);
	for (size_t i = 0; i < response->n_events; i++) {
		const Sluice__V1__WatchEvent *event = response->events[i];
		char *at = text + length;
		size_t room = sizeof(text) - length;

		switch (event->event_case) {
		case EVENT(RESOURCE):
			length += (size_t)snprintf(at, room, "+%s ", event->resource->key);
			break;
		case EVENT(GONE):
			length += (size_t)snprintf(at, room, "-%s ", event->gone->key);
			break;
		case EVENT(REVISION):
			length += (size_t)snprintf(at, room, "r%d ", (int)event->revision->revision);
			break;
		case EVENT(SYNCED):
			length += (size_t)snprintf(at, room, "%c%d ", event->synced->snapshot ? 'S' : 's',
						   (int)event->synced->revision);
			break;
		case EVENT(LOST):
			length += (size_t)snprintf(at, room, "L ");
			break;
		default:
			fail_msg("event %d", (int)event->event_case);
		}
	}
	assert_string_equal(text, expected);
	message_free(response);
}

static void fill_router(struct fixture *fixture)
{
	fixture_new(fixture);
	must_apply(fixture, LINES("create vrf name=a", "create vrf name=b", "create next_hop name=n discard.reason=0",
				  "create next_hop_group name=g members[0].next_hop=n"));
	must_apply(fixture, LINES("create route vrf=a prefix=10.0.0.0/8 next_hop_group=g"));
}

static void all_then_changes(void **state)
{
	struct fixture fixture;
	struct watch *watch;

	(void)state;
	fill_router(&fixture);
	watch = open_watch(&fixture, 0, "");
	expect_told(watch, "+a +b +n +g +a/10.0.0.0/8 S2 ");
	expect_told(watch, "");
	changes = 0;
	must_apply(&fixture, LINES("create route vrf=b prefix=10.0.0.0/8 next_hop_group=g",
				   "delete route vrf=a prefix=10.0.0.0/8"));
	must_apply(&fixture, LINES("upsert vrf name=a")); /* as it is */
	must_apply(&fixture, LINES("create vrf name=c"));
	assert_int_equal(changes, 2);
	expect_told(watch, "+b/10.0.0.0/8 -a/10.0.0.0/8 r3 +c r4 ");
	assert_int_equal(control_watch_revision(watch), 4);
	control_watch_close(watch);
	must_apply(&fixture, LINES("create vrf name=d"));
	assert_int_equal(changes, 2);
	fixture_turn(&fixture);
	fixture_free(&fixture);
}

static void of_one_vrf(void **state)
{
	struct fixture fixture;
	struct watch *watch;

	(void)state;
	fill_router(&fixture);
	watch = open_watch(&fixture, 0, "a");
	expect_told(watch, "+a +a/10.0.0.0/8 S2 ");
	must_apply(&fixture, LINES("create route vrf=b prefix=10.0.0.0/8 next_hop_group=g",
				   "create route vrf=a prefix=11.0.0.0/8 next_hop_group=g"));
	expect_told(watch, "+a/11.0.0.0/8 r3 ");
	control_watch_close(watch);
	fixture_free(&fixture);
}

static void from_a_revision(void **state)
{
	struct fixture fixture;
	struct watch *watch;

	(void)state;
	fill_router(&fixture);
	must_apply(&fixture, LINES("create vrf name=c", "delete route vrf=a prefix=10.0.0.0/8"));
	watch = open_watch(&fixture, 2, "");
	must_apply(&fixture, LINES("create vrf name=d"));
	expect_told(watch, "+c -a/10.0.0.0/8 s3 +d r4 ");
	control_watch_close(watch);
	watch = open_watch(&fixture, 9, "");
	expect_told(watch, "+a +b +c +d +n +g S4 ");
	control_watch_close(watch);
	fixture_free(&fixture);
}

/* More than a message holds, and changes in what was told and in what was not, in between. */
static void changes_while_a_snapshot_is_told(void **state)
{
	Sluice__V1__WatchResponse *response = message_new(&sluice__v1__watch_response__descriptor);
	struct fixture fixture;
	struct watch *watch;
	char line[64];

	(void)state;
	fixture_new(&fixture);
	for (int i = 0; i < 300; i++) {
		snprintf(line, sizeof(line), "create vrf name=v%03d", i);
		must_apply(&fixture, LINES(line));
	}
	watch = open_watch(&fixture, 0, "");
	assert_int_equal(control_watch_fill(watch, response), 0);
	assert_int_equal(response->n_events, 256);
	message_free(response);
	must_apply(&fixture, LINES("delete vrf name=v000", "delete vrf name=v299", "create vrf name=v000x",
				   "create vrf name=v299x"));
	response = message_new(&sluice__v1__watch_response__descriptor);
	assert_int_equal(control_watch_fill(watch, response), 0);
	/* v000 is gone and v000x is new; v256 to v298 and v299x come; then it is synced, without a revision before */
	assert_int_equal(response->n_events, 2 + 43 + 1 + 1);
	assert_int_equal(response->events[0]->event_case, EVENT(GONE));
	assert_string_equal(response->events[0]->gone->key, "v000");
	assert_string_equal(response->events[1]->resource->key, "v000x");
	assert_string_equal(response->events[45]->resource->key, "v299x");
	assert_int_equal(response->events[46]->event_case, EVENT(SYNCED));
	assert_int_equal(response->events[46]->synced->revision, 301);
	message_free(response);
	control_watch_close(watch);
	fixture_turn(&fixture);
	fixture_free(&fixture);
}

/* One that does not read holds no more than 4 MiB of what is gone: then it has lost it. */
static void one_that_does_not_read(void **state)
{
	struct fixture fixture;
	struct watch *watch;

	(void)state;
	fill_router(&fixture);
	watch = open_watch(&fixture, 0, "");
	expect_told(watch, "+a +b +n +g +a/10.0.0.0/8 S2 ");
	for (int i = 0; i < 8000; i++)
		must_apply(&fixture, i % 2 ? LINES("delete vrf name=z") : LINES("create vrf name=z"));
	expect_told(watch, "L +a +b +n +g +a/10.0.0.0/8 S8002 ");
	control_watch_close(watch);
	fixture_free(&fixture);
}

static void memory_that_ends(void **state)
{
	struct fixture fixture;
	unsigned int n = 0;
	bool failed = true;

	(void)state;
	fill_router(&fixture);
	while (failed) {
		Sluice__V1__WatchRequest request = SLUICE__V1__WATCH_REQUEST__INIT;
		Sluice__V1__WatchResponse *response = message_new(&sluice__v1__watch_response__descriptor);
		Sluice__V1__ListVerdictsRequest asked = SLUICE__V1__LIST_VERDICTS_REQUEST__INIT;
		Sluice__V1__ListVerdictsResponse *verdicts =
			message_new(&sluice__v1__list_verdicts_response__descriptor);
		struct error error = {0}, other = {0};
		struct watch *watch;
		int told = 0;

		request.from_revision = n % 2; /* a snapshot, and from a revision */
		fake_program.dropped[DP_REASON_no_route] += 1;
		fail_in = ++n;
		watch = control_watch_open(fixture.control, &request, on_changed, NULL, &error);
		if (watch)
			told = control_watch_fill(watch, response);
		(void)control_verdicts(fixture.control, &asked, verdicts, &other);
		failed = fail_in == 0;
		fail_in = 0;
		assert_true(failed || (watch && told == 0 && !other.count));
		assert_true(watch || error.code == ERROR_RESOURCE_EXHAUSTED);
		control_watch_close(watch);
		message_free(response);
		message_free(verdicts);
	}
	assert_true(n > 20);
	fixture_free(&fixture);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_then_changes),	  cmocka_unit_test(of_one_vrf),
		cmocka_unit_test(from_a_revision),	  cmocka_unit_test(changes_while_a_snapshot_is_told),
		cmocka_unit_test(one_that_does_not_read), cmocka_unit_test(memory_that_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
