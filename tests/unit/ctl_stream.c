/* SPDX-License-Identifier: Apache-2.0 */
/* sluicectl stream: commits one behind the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/ctl_fixture.h"

static void stream_commits_each_document(void **state)
{
	static char many[40000];
	size_t length = 0;

	(void)state;
	write_file("three.yaml", "vrf: {name: v}\n---\nvrf: {name: w}\n---\ndelete: {vrf: {name: v}}\n");
	expect("stream -f three.yaml", 0, "3 commits, 0 refused; revision 4\n");
	expect("show vrfs", 0, "w ");
	assert_null(strstr(output, "v "));
	write_file("bad.yaml", "vrf: {name: a}\n---\nvrf:\n- name: b\n- name: bad\n---\nvrf: {name: c}\n");
	expect("stream -f - <bad.yaml", 2, "error: -:5: vrf.name: no VRF may have this name");
	assert_non_null(strstr(output, "3 commits, 1 refused; revision 6\n"));
	expect("show vrfs", 0, "c ");
	assert_null(strstr(output, "b "));
	/* behind a fault nothing is sent, and what was sent before is done */
	write_file("fault.yaml", "vrf: {name: d}\n---\nvrf: {nam: e}\n---\nvrf: {name: f}\n");
	expect("stream -f fault.yaml", 2, "error: fault.yaml:3: vrf: unknown field \"nam\"");
	assert_non_null(strstr(output, "1 commits, 0 refused; revision 7\n"));
	expect("stream -f bad.yaml --stop", 2, "3 commits, 2 refused");
	/* more than are in flight at once */
	for (unsigned int i = 0; i < 1000; i++)
		length += (size_t)snprintf(many + length, sizeof(many) - length, "---\nvrf: {name: m%u}\n", i);
	write_file("many.yaml", many);
	expect("stream -f many.yaml", 0, "1000 commits, 0 refused; revision ");
	expect("stream", 2, "error: which file?");
	expect("stream -f absent.yaml", 2, "error: absent.yaml: No such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(stream_commits_each_document, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
