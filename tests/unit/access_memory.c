/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation fails once, in turn, while a policy is read and a caller is asked for: the policy before stays in
 * force. The sanitizer sees that nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "failing.h"
#include "vnf/access/access.h"

static char path[] = "/tmp/sluice-access-memory-XXXXXX";

static void write_policy(const char *text)
{
	FILE *stream = fopen(path, "w");

	assert_non_null(stream);
	fputs(text, stream);
	assert_int_equal(fclose(stream), 0);
}

static void a_policy_is_read_or_the_one_before_stays(void **state)
{
	struct access *access = access_new();
	struct access_status status;
	struct error error = {0};
	bool failed = true;
	unsigned int n = 0;

	(void)state;
	write_policy("rules: [{identities: [uid:0], role: admin}]\n");
	assert_int_equal(access_load(access, path, &error), 0);
	write_policy("rules:\n- {name: a, identities: [uid:0, uid:1], role: write, owners: [a, b], vrfs: [c],\n"
		     "   prefixes: [10.0.0.0/8], methods: [\"x/*\"], quotas: {requests: 7}}\n"
		     "- {identities: [uid:0], role: admin}\n");
	while (failed) {
		memset(&error, 0, sizeof(error));
		fail_in = ++n;
		if (!access_load(access, path, &error)) {
			assert_int_not_equal(fail_in, 0);
			failed = false;
		}
		fail_in = 0;
		access_status(access, &status);
		assert_int_equal(status.rules, failed ? 1 : 2);
		if (failed && !strstr(error.fault[0].message, "out of memory"))
			fail_msg("allocation %u: %s", n, error.fault[0].message);
	}
	assert_true(n > 15);
	access_free(access);
}

static void a_caller_is_made_or_not(void **state)
{
	struct access *access = access_new();
	struct identity identity;
	struct access_caller *caller;

	(void)state;
	identity_unproved(&identity);
	fail_in = 1;
	assert_null(access_caller(access, &identity));
	caller = access_caller(access, &identity);
	assert_non_null(caller);
	access_caller_put(caller);
	access_free(access);
	fail_in = 1;
	assert_null(access_new());
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_is_read_or_the_one_before_stays),
		cmocka_unit_test(a_caller_is_made_or_not),
	};
	int result, fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	result = cmocka_run_group_tests_name("access_memory", tests, NULL, NULL);
	unlink(path);
	return result;
}
