/* SPDX-License-Identifier: Apache-2.0 */
/* What callers see whose rules narrow what they read. */
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

#define GET	  "sluice.v1.StateService/GetResource"
#define REVISIONS "sluice.v1.HistoryService/ListRevisions"

static char path[] = "/tmp/sluice-view-XXXXXX";

static void load(struct access *access, const char *text)
{
	struct error error = {0};
	FILE *stream = fopen(path, "w");

	assert_non_null(stream);
	assert_true(fputs(text, stream) > 0);
	assert_int_equal(fclose(stream), 0);
	if (access_load(access, path, &error))
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
}

static struct access_caller *named(struct access *access, const char *common_name)
{
	struct identity identity;

	identity_of_certificate(&identity, NULL, NULL, common_name);
	return access_caller(access, &identity);
}

static void expect_call(struct access_caller *caller, const char *method, const char *says)
{
	struct error error = {0};

	assert_int_equal(access_check_call(caller, method, ROLE_READ, strcmp(method, GET) == 0, &error), says ? -1 : 0);
	if (says && !strstr(error.fault[0].message, says))
		fail_msg("%s", error.fault[0].message);
}

static void expect_seen(const struct access_view *view, bool seen, const char *owner, const char *vrf,
			const char *prefix_text)
{
	struct access_change what = {.owner = owner, .vrf = {vrf}, .vrfs = vrf ? 1 : 0};
	struct ip_prefix prefix;

	if (prefix_text) {
		assert_int_equal(ip_prefix_parse(prefix_text, &prefix), 0);
		what.prefix = &prefix;
	}
	assert_int_equal(access_view_sees(view, &what), seen);
}

static void views_show_a_scope(void **state)
{
	static const char text[] =
		"rules:\n- {identities: [cn:reader], role: read, vrfs: [blue, \"b-*\"], prefixes: [10.0.0.0/8]}\n"
		"- {identities: [cn:reader], role: read, owners: [operator]}\n"
		"- {identities: [cn:writer], role: write, owners: [a], vrfs: [blue], reads: scope}\n"
		"- {identities: [cn:both, cn:writer], role: read, methods: [x.Y/Z]}\n"
		"- {identities: [cn:both], role: write, owners: [a], reads: scope}\n"
		"- {identities: [cn:all], role: write, owners: [a], vrfs: [blue]}\n";
	struct access *access = access_new();
	struct access_view view;
	struct access_caller *reader = named(access, "reader"), *writer = named(access, "writer"),
			     *both = named(access, "both"), *all = named(access, "all");

	(void)state;
	load(access, text);
	access_view_open(&view, reader, GET);
	assert_false(view.all);
	expect_seen(&view, true, "a", "blue", NULL);
	expect_seen(&view, true, "a", "b-1", "10.1.0.0/16");
	expect_seen(&view, true, "a", NULL, NULL);
	expect_seen(&view, false, "a", "red", NULL);
	expect_seen(&view, false, "a", "blue", "11.0.0.0/16");
	expect_seen(&view, true, "operator", "red", "11.0.0.0/16");
	assert_true(access_view_sees_owner(&view, "operator"));
	assert_false(access_view_sees_owner(&view, "a")); /* though it may see what is a's in some VRFs */
	assert_true(access_view_is_current(&view));
	load(access, text);
	assert_false(access_view_is_current(&view));
	access_view_close(&view);
	access_view_open(&view, writer, GET);
	expect_seen(&view, true, "a", "blue", NULL);
	expect_seen(&view, false, "b", "blue", NULL);
	access_view_close(&view);
	/* a rule shows by the methods that it allows */
	access_view_open(&view, both, GET);
	expect_seen(&view, false, "b", "red", NULL);
	access_view_close(&view);
	for (int i = 0; i < 2; i++) {
		access_view_open(&view, i ? all : NULL, GET);
		assert_true(view.all);
		expect_seen(&view, true, "b", "red", "11.0.0.0/16");
		assert_true(access_view_sees_owner(&view, "b"));
		access_view_close(&view);
	}
	expect_call(reader, REVISIONS, "reads only what is in its scope");
	expect_call(reader, GET, NULL);
	expect_call(writer, REVISIONS, "reads only what is in its scope");
	expect_call(writer, "x.Y/Z", NULL);
	expect_call(all, REVISIONS, NULL);
	access_caller_put(reader);
	access_caller_put(writer);
	access_caller_put(both);
	access_caller_put(all);
	access_free(access);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_show_a_scope),
	};
	int failed;

	close(mkstemp(path));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
