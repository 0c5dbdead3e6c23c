/* SPDX-License-Identifier: Apache-2.0 */
/* What sluice-health concludes: verdicts, the panic floor, weights by latency, expected codes. On a clock of the
 * test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vnf/health/codes.h"
#include "vnf/health/panic.h"
#include "vnf/health/verdict.h"
#include "vnf/health/weights.h"

static void rise_and_fall_count_in_a_row(void **state)
{
	struct verdict verdict;

	(void)state;
	verdict_init(&verdict, 2, 3);
	assert_false(verdict_failure(&verdict, 1));
	assert_false(verdict_failure(&verdict, 2));
	assert_false(verdict_success(&verdict, 100, 3));
	assert_false(verdict.known);
	assert_true(verdict_success(&verdict, 100, 4));
	assert_true(verdict.known && verdict.up);
	assert_false(verdict_success(&verdict, 100, 5));
	assert_false(verdict_failure(&verdict, 6));
	assert_false(verdict_failure(&verdict, 7));
	assert_false(verdict_success(&verdict, 100, 8)); /* three in a row are wanted */
	assert_false(verdict_failure(&verdict, 9));
	assert_false(verdict_failure(&verdict, 10));
	assert_true(verdict_fails(&verdict) == false);
	assert_true(verdict_failure(&verdict, 11));
	assert_true(verdict_fails(&verdict));
	assert_int_equal(verdict.changed_ms, 11);
	assert_false(verdict_success(&verdict, 100, 12));
	assert_true(verdict_success(&verdict, 100, 13));
}

static void latency_follows_slowly(void **state)
{
	struct verdict verdict;

	(void)state;
	verdict_init(&verdict, 1, 1);
	verdict_success(&verdict, 1000, 1);
	assert_int_equal(verdict.latency, 1000);
	verdict_success(&verdict, 2000, 2);
	assert_int_equal(verdict.latency, 1250);
	verdict_failure(&verdict, 3);
	verdict_success(&verdict, 0, 4); /* not measured */
	assert_int_equal(verdict.latency, 1250);
	for (int i = 0; i < 30; i++)
		verdict_success(&verdict, 2000, 5);
	assert_in_range(verdict.latency, 1990, 2000);
	for (int i = 0; i < 100; i++)
		verdict_success(&verdict, 1, 6);
	assert_int_equal(verdict.latency, 1);
}

static void many_at_once_are_a_panic(void **state)
{
	struct panic panic = {.percent = 50, .window_ms = 300};
	struct verdict old = {.known = true, .changed_ms = 1000}, fresh = {.known = true, .changed_ms = 4800},
		       up = {.known = true, .up = true, .changed_ms = 4900}, unknown = {.changed_ms = 4900};

	(void)state;
	assert_false(panic_update(&panic, 10, 5, 4900)); /* half is not more than half */
	assert_false(panic_keeps(&panic, &fresh));
	assert_true(panic_update(&panic, 10, 6, 5000));
	assert_true(panic_keeps(&panic, &fresh)); /* down a moment before: the same event */
	assert_false(panic_keeps(&panic, &old));  /* for long: it stays down */
	assert_false(panic_keeps(&panic, &up));	  /* there is nothing to keep */
	assert_false(panic_keeps(&panic, &unknown));
	assert_false(panic_update(&panic, 10, 9, 6000)); /* it goes on, */
	assert_int_equal(panic.since_ms, 5000);
	assert_true(panic_update(&panic, 10, 4, 7000)); /* and is over */
	assert_false(panic_keeps(&panic, &fresh));
	assert_false(panic_update(&panic, 2, 2, 8000)); /* too few to suspect the prober */
	panic.percent = 100;
	assert_false(panic_update(&panic, 10, 10, 9000)); /* never */
	panic.percent = 1;
	assert_true(panic_update(&panic, 3, 1, 9000));
}

static const struct weights_settings settings = {
	.step_percent = 10, .dead_band_percent = 20, .interval_seconds = 5, .floor_percent = 30};

static int step(struct weights_member *members, size_t count, uint64_t *at, uint64_t seconds)
{
	return weights_step(&settings, members, count, at, seconds * 1000);
}

static void slow_members_lose_weight_by_steps(void **state)
{
	struct weights_member members[] = {{1000, false, 1000}, {1000, false, 1000}, {2000, false, 1000}};
	uint64_t at = 0, now = 100;

	(void)state;
	for (unsigned int wanted = 900; wanted >= 500; wanted -= 100, now += 5) {
		assert_int_equal(step(members, 3, &at, now), 1);
		assert_int_equal(members[2].factor, wanted);
		assert_int_equal(step(members, 3, &at, now + 4), 0); /* not before the interval is over */
	}
	assert_int_equal(step(members, 3, &at, now), 0); /* the median over its latency: that is enough */
	assert_int_equal(members[0].factor, 1000);
	members[2].latency = 100000;
	for (int i = 0; i < 10; i++)
		step(members, 3, &at, now += 5);
	assert_int_equal(members[2].factor, 300); /* the floor */
	members[2].latency = 1150;		  /* in the band's upper half: nothing */
	assert_int_equal(step(members, 3, &at, now += 5), 0);
	members[2].latency = 1100;
	for (unsigned int wanted = 400; wanted <= 1000; wanted += 100) {
		assert_int_equal(step(members, 3, &at, now += 5), 1);
		assert_int_equal(members[2].factor, wanted);
	}
	assert_int_equal(step(members, 3, &at, now += 5), 0);
}

static void weights_stand_still_while_one_is_down(void **state)
{
	struct weights_member members[] = {{1000, false, 1000}, {1000, true, 1000}, {9000, false, 700}};
	uint64_t at = 0;

	(void)state;
	assert_int_equal(step(members, 3, &at, 100), 0);
	assert_int_equal(members[2].factor, 700);
	members[1].down = false;
	members[0].latency = 0; /* nothing is known of it yet */
	assert_int_equal(step(members, 3, &at, 200), 0);
	members[0].latency = 1000;
	assert_int_equal(step(members, 3, &at, 300), 1);
	assert_int_equal(members[2].factor, 600);
	assert_int_equal(step(members, 1, &at, 400), 0); /* alone */
	assert_int_equal(step(members, 0, &at, 400), 0);
}

static void defaults_are_as_the_api_says(void **state)
{
	struct weights_settings given = weights_settings_of(0, 0, 0, 0);

	(void)state;
	assert_int_equal(given.step_percent, 10);
	assert_int_equal(given.dead_band_percent, 25);
	assert_int_equal(given.interval_seconds, 5);
	assert_int_equal(given.floor_percent, 20);
	given = weights_settings_of(1, 2, 3, 4);
	assert_int_equal(given.step_percent * 1000 + given.dead_band_percent * 100 + given.interval_seconds * 10 +
				 given.floor_percent,
			 1234);
}

static void codes_are_read_as_octavia_writes_them(void **state)
{
	(void)state;
	assert_true(codes_have("", 200));
	assert_false(codes_have("", 204));
	assert_true(codes_have("200", 200));
	assert_true(codes_have("200,202", 202));
	assert_false(codes_have("200,202", 201));
	assert_true(codes_have("200-204", 203));
	assert_false(codes_have("200-204", 205));
	assert_true(codes_have("301,200-204,404", 404));
	assert_true(codes_have("301,200-204,404", 200));
	assert_false(codes_have("20", 20));
	assert_false(codes_have("200,", 200));
	assert_false(codes_have("200-", 200));
	assert_false(codes_have("204-200", 202));
	assert_false(codes_have("2000", 200));
	assert_false(codes_have("200 202", 200));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rise_and_fall_count_in_a_row),
		cmocka_unit_test(latency_follows_slowly),
		cmocka_unit_test(many_at_once_are_a_panic),
		cmocka_unit_test(slow_members_lose_weight_by_steps),
		cmocka_unit_test(weights_stand_still_while_one_is_down),
		cmocka_unit_test(defaults_are_as_the_api_says),
		cmocka_unit_test(codes_are_read_as_octavia_writes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
