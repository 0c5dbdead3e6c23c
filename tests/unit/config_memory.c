/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation fails once, in turn, while the daemon's file is read. The sanitizer sees that nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "failing.h"
#include "vnf/config.h"

/* Refused for each allocation that fails, then read. */
static void read_or_refused(const char *text, unsigned int allocations)
{
	FILE *stream = tmpfile();
	unsigned int n = 0;
	bool failed = true;

	assert_int_equal(fwrite(text, 1, strlen(text), stream), strlen(text));
	while (failed) {
		struct settings settings = {0};
		struct error error = {0};
		int rc;

		rewind(stream);
		fail_in = ++n;
		rc = config_read(&settings, stream, "sluice.yaml", &error);
		failed = fail_in == 0;
		fail_in = 0;
		assert_int_equal(rc, failed ? -1 : 0);
		if (failed)
			assert_non_null(strstr(error.fault[0].message, "out of memory"));
		settings_free(&settings);
	}
	assert_int_equal(n, allocations + 1);
	fclose(stream);
}

static void every_key(void **state)
{
	(void)state;
	read_or_refused("listen:\n  - unix:/run/a\n  - 0.0.0.0:50051\nweb: {listen: [9111, 9112]}\n"
			"tls: {certificate: /t/c, key: /t/k, client_ca: /t/ca}\n"
			"management: {interface: eth0}\ndataplane: {namespace: dp}\n",
			9);
}

static void the_default(void **state)
{
	(void)state;
	read_or_refused("", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key),
		cmocka_unit_test(the_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
