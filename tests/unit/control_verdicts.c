/* SPDX-License-Identifier: Apache-2.0 */
/* ListVerdicts: what became of packets while each revision was what they met. */
#include "tests/unit/control_fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "api/dp/reason.h"
#include "vnf/control/kinds/encode.h"

/* Longer than commits share a note. */
static void pass_time(void)
{
	const struct timespec pause = {.tv_nsec = 15000000};

	nanosleep(&pause, NULL);
}

static Sluice__V1__ListVerdictsResponse *list(struct fixture *fixture, uint64_t from, const char *reason,
					      uint32_t limit)
{
	Sluice__V1__ListVerdictsResponse *answer = message_new(&sluice__v1__list_verdicts_response__descriptor);
	Sluice__V1__ListVerdictsRequest request = SLUICE__V1__LIST_VERDICTS_REQUEST__INIT;
	struct error error = {0};

	request.from_revision = from;
	request.reason = (char *)reason;
	request.limit = limit;
	assert_int_equal(control_verdicts(fixture->control, &request, answer, &error), 0);
	return answer;
}

static void expect(const Sluice__V1__VerdictCount *count, uint64_t revision, const char *reason, uint64_t packets,
		   uint64_t none_at)
{
	assert_int_equal(count->revision, revision);
	assert_string_equal(count->reason, reason);
	assert_int_equal(count->counters->packets, packets);
	assert_int_equal(count->none_at, none_at);
}

static void by_revision(void **state)
{
	Sluice__V1__ListVerdictsResponse *answer;
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, LINES("create vrf name=a"));
	fake_program.dropped[DP_REASON_no_route] += 5;
	fake_program.dropped[DP_REASON_forwarded] += 100;
	pass_time();
	must_apply(&fixture, LINES("create vrf name=b"));
	pass_time();
	must_apply(&fixture, LINES("create vrf name=c"));
	fake_program.dropped[DP_REASON_no_route] += 7;
	fake_program.dropped[DP_REASON_ttl_expired] += 1;

	answer = list(&fixture, 0, "", 0);
	assert_int_equal(answer->oldest_revision, 1);
	assert_int_equal(answer->newest_revision, 3);
	assert_int_equal(answer->n_verdicts, 3);
	expect(answer->verdicts[0], 3, "no_route", 7, 2);
	expect(answer->verdicts[1], 3, "ttl_expired", 1, 2);
	expect(answer->verdicts[2], 1, "no_route", 5, 0);
	assert_int_equal(answer->verdicts[0]->until_unix_ms, 0);
	assert_true(answer->verdicts[2]->from_unix_ms > 0);
	assert_true(answer->verdicts[2]->until_unix_ms >= answer->verdicts[2]->from_unix_ms + 10);
	assert_int_equal(answer->verdicts[2]->counters->bytes, 5 * 64);
	assert_int_equal(answer->verdicts[0]->verdict, SLUICE__V1__VERDICT__VERDICT_DROPPED);
	message_free(answer);

	answer = list(&fixture, 2, "", 0);
	assert_int_equal(answer->n_verdicts, 2);
	message_free(answer);
	answer = list(&fixture, 0, "forwarded", 0);
	assert_int_equal(answer->n_verdicts, 1);
	expect(answer->verdicts[0], 1, "forwarded", 100, 0);
	message_free(answer);
	answer = list(&fixture, 0, "", 1);
	assert_int_equal(answer->n_verdicts, 1);
	expect(answer->verdicts[0], 3, "no_route", 7, 2);
	message_free(answer);
	fixture_free(&fixture);
}

/* Of a burst the first has a note: its counts are of all that followed at once. */
static void bursts_share_a_note(void **state)
{
	Sluice__V1__ListVerdictsResponse *answer;
	struct fixture fixture;
	char line[64];

	(void)state;
	fixture_new(&fixture);
	for (int i = 0; i < 50; i++) {
		snprintf(line, sizeof(line), "create vrf name=v%d", i);
		must_apply(&fixture, LINES(line));
		fake_program.dropped[DP_REASON_no_route]++;
	}
	answer = list(&fixture, 0, "no_route", 0);
	assert_in_range(answer->n_verdicts, 1, 49);
	assert_int_equal(answer->verdicts[0]->last_revision, 50);
	assert_int_equal(answer->newest_revision, 50);
	for (size_t i = 0, sum = 0; i < answer->n_verdicts; i++) {
		const Sluice__V1__VerdictCount *count = answer->verdicts[i];

		sum += count->counters->packets;
		assert_int_equal(count->counters->packets, count->last_revision - count->revision + 1);
		if (i + 1 == answer->n_verdicts)
			assert_int_equal(sum, 50);
	}
	message_free(answer);
	fixture_free(&fixture);
}

static void only_the_last_are_remembered(void **state)
{
	Sluice__V1__ListVerdictsResponse *answer;
	const struct timespec pause = {.tv_nsec = 10000000};
	struct fixture fixture;
	char line[64];

	(void)state;
	fixture_new(&fixture);
	for (int i = 0; i < 20; i++) {
		snprintf(line, sizeof(line), "%s vrf name=v", i % 2 ? "delete" : "create");
		must_apply(&fixture, LINES(line));
		fixture_turn(&fixture);
		nanosleep(&pause, NULL);
	}
	answer = list(&fixture, 0, "", 0);
	assert_int_equal(answer->oldest_revision, 1);
	assert_int_equal(answer->newest_revision, 20);
	assert_int_equal(answer->n_verdicts, 0);
	message_free(answer);
	fixture_free(&fixture);
}

/* The fixture's counters stand: what a rule has counted since it changed is nothing. */
static void mistakes(void **state)
{
	Sluice__V1__ListVerdictsResponse *answer = message_new(&sluice__v1__list_verdicts_response__descriptor);
	Sluice__V1__ListVerdictsRequest request = SLUICE__V1__LIST_VERDICTS_REQUEST__INIT;
	struct error error = {0};
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	request.reason = (char *)"nonsense";
	request.limit = 10001;
	assert_int_equal(control_verdicts(fixture.control, &request, answer, &error), -1);
	assert_int_equal(error.count, 2);
	assert_string_equal(error.fault[0].field, "reason");
	assert_string_equal(error.fault[1].field, "limit");
	message_free(answer);
	answer = list(&fixture, 0, "", 0); /* nothing was committed */
	assert_int_equal(answer->n_verdicts, 0);
	assert_int_equal(answer->newest_revision, 0);
	message_free(answer);
	fixture_free(&fixture);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_revision),
		cmocka_unit_test(bursts_share_a_note),
		cmocka_unit_test(only_the_last_are_remembered),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
