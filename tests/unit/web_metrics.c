/* SPDX-License-Identifier: Apache-2.0 */
/* The two forms of metrics: names, units, escapes, histograms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/failing.h"
#include "vnf/web/metrics/text.h"

static void equals(struct text *text, const char *expected)
{
	assert_false(text->failed);
	text_add(text, "", 1);
	assert_string_equal(text->bytes, expected);
	text_clear(text);
}

static const struct metric counter = {"a_seconds", METRIC_COUNTER, "seconds", "back\\slash \"quoted\"\nline"};
static const struct metric info = {"b", METRIC_INFO, NULL, "B"};
static const struct metric histogram = {"h_seconds", METRIC_HISTOGRAM, "seconds", "H"};

static void families(void **state)
{
	struct text text = {0};

	(void)state;
	metric_begin(&text, &counter, false);
	equals(&text, "# HELP a_seconds_total back\\\\slash \"quoted\"\\nline\n# TYPE a_seconds_total counter\n");
	metric_begin(&text, &counter, true);
	equals(&text, "# HELP a_seconds back\\\\slash \\\"quoted\\\"\\nline\n# TYPE a_seconds counter\n"
		      "# UNIT a_seconds seconds\n");
	metric_begin(&text, &info, false);
	equals(&text, "# HELP b_info B\n# TYPE b_info gauge\n");
	metric_begin(&text, &info, true);
	equals(&text, "# HELP b B\n# TYPE b info\n");
	metric_begin(&text, &histogram, false);
	equals(&text, "# HELP h_seconds H\n# TYPE h_seconds histogram\n");
}

static void samples(void **state)
{
	const struct label labels[] = {{"x", "a\"b\\c\nd"}, {"y", NULL}, {NULL, NULL}};
	struct text text = {0};

	(void)state;
	metric_sample(&text, &counter, NULL, UINT64_MAX);
	equals(&text, "a_seconds_total 18446744073709551615\n");
	metric_sample(&text, &info, labels, 1);
	equals(&text, "b_info{x=\"a\\\"b\\\\c\\nd\",y=\"\"} 1\n");
	metric_sample_real(&text, &counter, NULL, 0.000001);
	equals(&text, "a_seconds_total 1e-06\n");
}

static void histograms(void **state)
{
	static const double bound[] = {0.0005, 1, 2.5};
	static const uint64_t count[] = {1, 2, 0, 4};
	const struct metric_histogram reading = {3, bound, count, 7.25};
	const struct label labels[] = {{"x", "y"}, {NULL, NULL}};
	struct text text = {0};

	(void)state;
	metric_sample_histogram(&text, &histogram, labels, &reading);
	equals(&text, "h_seconds_bucket{x=\"y\",le=\"0.0005\"} 1\nh_seconds_bucket{x=\"y\",le=\"1.0\"} 3\n"
		      "h_seconds_bucket{x=\"y\",le=\"2.5\"} 3\nh_seconds_bucket{x=\"y\",le=\"+Inf\"} 7\n"
		      "h_seconds_sum{x=\"y\"} 7.25\nh_seconds_count{x=\"y\"} 7\n");
}

static void memory_that_fails(void **state)
{
	struct text text = {0}, more = {0};
	char value[8192];
	const struct label labels[] = {{"x", value}, {NULL, NULL}};

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	metric_begin(&text, &counter, true);
	fail_in = 1;
	metric_sample(&text, &counter, labels, 1);
	assert_true(text.failed);
	metric_sample(&text, &counter, NULL, 1);
	assert_true(text.failed);
	text_move(&more, &text);
	assert_true(more.failed);
	text_clear(&more);
	fail_in = 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(families),
		cmocka_unit_test(samples),
		cmocka_unit_test(histograms),
		cmocka_unit_test(memory_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
