/* SPDX-License-Identifier: Apache-2.0 */
/* Which salt the flow hash gets: the configured one, else the one that a file keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "vnf/dataplane/flow_salt.h"

static char file[] = "/tmp/sluice-flow-salt-XXXXXX";

static int no_file(void **state)
{
	(void)state;
	strcpy(file + strlen(file) - 6, "XXXXXX");
	close(mkstemp(file));
	return unlink(file);
}

static int remove_file(void **state)
{
	(void)state;
	unlink(file);
	return 0;
}

static void write_file(const char *text)
{
	FILE *stream = fopen(file, "w");

	assert_non_null(stream);
	assert_int_equal(fputs(text, stream) < 0, 0);
	fclose(stream);
}

static void the_configured_one_wins(void **state)
{
	(void)state;
	assert_true(flow_salt(5, NULL) == 5);
	write_file("0x7\n");
	assert_true(flow_salt(5, file) == 5);
	assert_true(flow_salt(0, file) == 7);
}

static void a_random_one_stays(void **state)
{
	uint64_t first = flow_salt(0, file), other = flow_salt(0, NULL);

	(void)state;
	assert_true(first && other && first != other);
	assert_true(flow_salt(0, file) == first);
	unlink(file);
	assert_true(flow_salt(0, file) != first);
}

static void files_that_help_nobody(void **state)
{
	static const char *const texts[] = {"", "salt\n", "0x0\n", "0x"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		uint64_t salt;

		write_file(texts[i]);
		salt = flow_salt(0, file);
		assert_true(salt);
		assert_true(flow_salt(0, file) == salt);
	}
	assert_true(flow_salt(0, "/nonexistent/flow-salt"));
}

static void neighbours_differ(void **state)
{
	(void)state;
	for (uint64_t salt = 0; salt < 1000; salt++)
		assert_in_range(__builtin_popcountll(flow_salt_mixed(salt) ^ flow_salt_mixed(salt + 1)), 10, 54);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_configured_one_wins, no_file, remove_file),
		cmocka_unit_test_setup_teardown(a_random_one_stays, no_file, remove_file),
		cmocka_unit_test_setup_teardown(files_that_help_nobody, no_file, remove_file),
		cmocka_unit_test(neighbours_differ),
	};

	return cmocka_run_group_tests_name("flow_salt", tests, NULL, NULL);
}
