/* SPDX-License-Identifier: Apache-2.0 */
/* Each mistake in an access policy's file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "vnf/access/access.h"

static char path[] = "/tmp/sluice-access-XXXXXX";

static void write_policy(const char *text)
{
	FILE *stream = fopen(path, "w");

	assert_non_null(stream);
	assert_int_equal(fputs(text, stream), 1);
	assert_int_equal(fclose(stream), 0);
}

static void each_mistake(void **state)
{
	static const struct {
		const char *text, *field, *says;
	} cases[] = {
		{"rules: []\n", "", "no rules"},
		{"", "", "no rules"},
		{"rule: []\n", ":1: rule", "there is rules"},
		{"rules: 7\n", ":1: rules", "a list"},
		{"rules:\n- 7\n", ":2: rules[0]", "a mapping"},
		{"rules:\n- {role: read}\n", ":2: rules[0]", "needs identities"},
		{"rules:\n- {identities: [uid:0]}\n", ":2: rules[0]", "needs a role"},
		{"rules:\n- {identities: [uid:0], role: root}\n", ":2: rules[0].role", "read, write, admin"},
		{"rules:\n- {identities: [uid:0], role: write}\n", ":2: rules[0]", "needs owners"},
		{"rules:\n- {identities: [uid:0], role: admin, vrfs: [a]}\n", ":2: rules[0]", "are for read and write"},
		{"rules:\n- {identities: [uid:0], role: read, reads: scope}\n", ":2: rules[0]", "reads is for write"},
		{"rules:\n- {identities: [uid:0], role: write, owners: [a], reads: some}\n", ":2: rules[0].reads",
		 "all, scope"},
		{"rules:\n- {identities: [root], role: read}\n", ":2: rules[0].identities", "spiffe://DOMAIN/PATH"},
		{"rules:\n- {identities: [uid:x], role: read}\n", ":2: rules[0].identities", "a number"},
		{"rules:\n- {identities: [uid:4294967295], role: read}\n", ":2: rules[0].identities", "a number"},
		{"rules:\n- {identities: [\"user:no such\"], role: read}\n", ":2: rules[0].identities", "no such user"},
		{"rules:\n- {identities: [\"group:no such\"], role: read}\n", ":2: rules[0].identities", "such group"},
		{"rules:\n- {identities: [uid:0], role: read, methods: [Get]}\n", ":2: rules[0].methods", "SERVICE"},
		{"rules:\n- {identities: [uid:0], role: write, owners: [\"\"]}\n", ":2: rules[0].owners", "1 to 63"},
		{"rules:\n- {identities: [uid:0], role: write, owners: [a], prefixes: [10.0.0.1/8]}\n",
		 ":2: rules[0].prefixes", "beyond the prefix length"},
		{"rules:\n- {identities: [uid:0], role: write, owners: [a], prefixes: [ten]}\n",
		 ":2: rules[0].prefixes", "ADDRESS/LENGTH"},
		{"rules:\n- {identities: [uid:0], role: read, role: read}\n", ":2: rules[0].role", "twice"},
		{"rules:\n- {identities: [uid:0], role: read, quotas: {requests: 0}}\n", ":2: rules[0].quotas.requests",
		 "1 to 1000000"},
		{"rules:\n- {identities: [uid:0], role: read, quotas: {cpus: 1}}\n", ":2: rules[0].quotas.cpus",
		 "no such quota"},
		{"rules:\n- {identities: [\"uid:0\\0\"], role: read}\n", ":2: rules[0].identities", "single value"},
		{"rules: [\n", "", "not YAML"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct error error = {0};

		write_policy(*cases[i].text ? cases[i].text : "\n");
		assert_int_equal(access_check_file(path, &error), -1);
		if (!strstr(error.fault[0].field, cases[i].field) || !strstr(error.fault[0].message, cases[i].says))
			fail_msg("%s: %s: %s", cases[i].text, error.fault[0].field, error.fault[0].message);
	}
}

static int begin(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int end(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(each_mistake)};

	return cmocka_run_group_tests_name("mistakes in an access policy", tests, begin, end);
}
