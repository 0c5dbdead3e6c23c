/* SPDX-License-Identifier: Apache-2.0 */
/* sluicectl delete, and what apply and delete say as JSON: output and exit codes, over a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/ctl_fixture.h"

static void files_name_what_goes(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	write_file("more.yaml", "vrf: {name: more}\ndelete: {vrf: {name: none}}\n");
	assert_int_equal(ctl("apply -f lab.yaml -f more.yaml"), 0);
	expect("delete -f lab.yaml --dry-run", 0, "- route tenant-a/10.1.0.0/16\n");
	assert_non_null(strstr(output, "dry run: 7 deleted\n"));
	expect("show vrfs", 0, "tenant-a");
	expect("delete -f - <lab.yaml", 0, ": 7 deleted\n");
	expect("show vrfs", 0, "more");
	assert_null(strstr(output, "tenant-a"));
	expect("delete -f lab.yaml -f more.yaml", 0, ": 1 deleted, 8 absent already\n");
	expect("show vrfs", 0, "nothing there\n");
}

static void json_says_what_would_go_and_went(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	assert_int_equal(ctl("apply -f lab.yaml"), 0);
	expect("delete -f lab.yaml --dry-run -o json | jq -c '[.result.deleted, (.differences | length)]'", 0,
	       "[7,7]\n");
	expect("delete vrf tenant-a -o json | jq -c '[.result.deleted, .result.revision]'", 0, "[1,3]\n");
	expect("delete -f lab.yaml --confirm 2m -o json | jq .result.deleted", 0, "6\n");
	expect("delete connections -a -o json | jq .deleted", 0, "2\n");
	write_file("none.yaml", "vrf: []\n");
	expect("delete -f none.yaml -o json | jq -c '.result // .'", 0, "{");
	expect("apply -f none.yaml -o json | jq -c '.result // .'", 0, "{");
	expect("delete -f none.yaml", 0, "nothing to do\n");
}

static void mistakes_delete_nothing(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	assert_int_equal(ctl("apply -f lab.yaml"), 0);
	write_file("bad.yaml", "vrf:\n- name: tenant-a\n- nam: b\n");
	expect("delete -f bad.yaml", 2, "error: bad.yaml:3: vrf: unknown field \"nam\"; did you mean name?\n");
	expect("delete -f absent.yaml", 2, "error: absent.yaml: No such file");
	expect("delete", 2, "error: delete what? KIND KEY, or -f FILE, not both");
	expect("delete vrf tenant-a -f lab.yaml", 2, "error: delete what?");
	expect("delete -f lab.yaml --port 80", 2, "select connections, and nothing else");
	expect("delete connections -a --dry-run", 2, "cannot be brought back");
	expect("delete connections -a --confirm 9", 2, "cannot be brought back");
	expect("delete -f lab.yaml --expected-revision 9", 3, "expected_revision");
	expect("show vrfs", 0, "tenant-a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_name_what_goes, start, stop),
		cmocka_unit_test_setup_teardown(json_says_what_would_go_and_went, start, stop),
		cmocka_unit_test_setup_teardown(mistakes_delete_nothing, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
