/* SPDX-License-Identifier: Apache-2.0 */
/* What a client says that it takes: RFC 9110, section 12.5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vnf/web/http/accept.h"

#define OPEN "application/openmetrics-text"

static void qualities(void **state)
{
	static const struct {
		const char *header, *name, *parameter;
		unsigned int quality;
	} cases[] = {
		{NULL, OPEN, NULL, 7},
		{"", OPEN, NULL, 0},
		{OPEN, OPEN, NULL, 1000},
		{" APPLICATION/OpenMetrics-Text ;q=0.5", OPEN, NULL, 500},
		{OPEN ";version=1.0.0", OPEN, "version=1.0.0", 1000},
		{OPEN ";version=0.0.1", OPEN, "version=1.0.0", 0},
		{OPEN, OPEN, "version=1.0.0", 1000},
		{OPEN ";version=0.0.1;q=0.9," OPEN ";version=1.0.0;q=0.75,*/*;q=0.1", OPEN, "version=1.0.0", 750},
		{OPEN ";version=1.0.0;q=0.75," OPEN ";version=0.0.1;q=0.9", OPEN, "version=1.0.0", 750},
		{"*/*", OPEN, NULL, 1000},
		{"*/*;q=0.1,application/*;q=0.25", OPEN, NULL, 250},
		{"application/*;q=0.25,*/*;q=0.1", OPEN, NULL, 250},
		{OPEN ";q=0,*/*", OPEN, NULL, 0},
		{"*/*," OPEN ";q=0", OPEN, NULL, 0},
		{"text/*", OPEN, NULL, 0},
		{"applicatio/*", OPEN, NULL, 0},
		{OPEN "x", OPEN, NULL, 0},
		{"gzip", "gzip", NULL, 1000},
		{"deflate, gzip;q=1.0, *;q=0.5", "gzip", NULL, 1000},
		{"*;q=0.333", "gzip", NULL, 333},
		{"identity, gzip;q=0", "gzip", NULL, 0},
		{"gzip;q=2", "gzip", NULL, 0},
		{"gzip;q=1.5", "gzip", NULL, 0},
		{"gzip;q=0.x", "gzip", NULL, 0},
		{"gzip;q=", "gzip", NULL, 0},
		{",,;,gzip,", "gzip", NULL, 1000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned int quality = accept_quality(cases[i].header, cases[i].name, cases[i].parameter, 7);

		if (quality != cases[i].quality)
			fail_msg("%s: %s is wanted by %u", cases[i].header, cases[i].name, quality);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(qualities)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
