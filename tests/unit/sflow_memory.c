/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of the agent fails once, in turn: a sample is not made, and is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "failing.h"
#include "sflow_fixture.h"

static const struct sflow_options options = {.agent = {.family = 4}, .sampling = 1, .header_bytes = 128};

static void an_agent_or_none(void **state)
{
	struct sflow_fixture fixture;

	(void)state;
	fail_in = 1;
	sflow_fixture_init(&fixture, &options);
	assert_int_equal(fail_in, 0);
	assert_null(fixture.agent);
	sflow_fixture_clear(&fixture);
}

static void samples_are_counted_that_are_not_made(void **state)
{
	unsigned int failed = 0;
	struct sflow_fixture fixture;
	struct sflow_counts counts;
	struct sflow_seen seen;

	(void)state;
	sflow_fixture_init(&fixture, &options);
	sflow_seen_init(&seen, 64);
	for (uint32_t i = 1; i <= 40; i++) { /* the list grows at 16 and at 32 */
		seen.head.ifindex = i;
		fail_in = 1;
		sflow_agent_take(fixture.agent, &seen.observed, 0);
		failed += fail_in == 0;
		if (fail_in == 0)
			sflow_agent_take(fixture.agent, &seen.observed, 0);
		fail_in = 0;
	}
	sflow_agent_counts(fixture.agent, &counts);
	assert_int_equal(failed, 3);
	assert_int_equal(counts.no_memory, 3);
	assert_int_equal(counts.flows, 40);
	sflow_fixture_clear(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_agent_or_none),
		cmocka_unit_test(samples_are_counted_that_are_not_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
