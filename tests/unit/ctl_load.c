/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of any size by sluicectl: many changes, load, replace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <json-c/json.h>

#include "tests/unit/ctl_fake.h"
#include "tests/unit/ctl_fixture.h"

static void many_changes_travel_in_a_transaction(void **state)
{
	enum { ROUTES = 12000 };
	FILE *file = fopen(in_directory("many.yaml"), "w");
	size_t lines = 0;

	(void)state;
	fputs("route:\n", file);
	for (unsigned int i = 0; i < ROUTES; i++)
		fprintf(file, "- {vrf: v, prefix: 10.%u.%u.0/24, next_hop_group: g}\n", i / 256, i % 256);
	fclose(file);
	expect("apply -f many.yaml", 0, ": 12000 created\n");
	assert_non_null(strstr(output, "... and 11000 more\n"));
	expect("apply -f many.yaml", 0, ": 12000 unchanged\n");
	assert_int_equal(ctl("show routes"), 0);
	for (const char *c = output; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, ROUTES + 1);

	file = fopen(in_directory("many.yaml"), "a");
	fputs("vrf:\n- name: bad\n", file);
	fclose(file);
	expect("apply -f many.yaml", 2, "error: many.yaml:12003: vrf.name: no VRF");
}

static void load_takes_lists_and_yaml(void **state)
{
	enum { ROUTES = 9000 };
	FILE *file = fopen(in_directory("table.txt"), "w");

	(void)state;
	fputs("# a table\n\n", file);
	for (unsigned int i = 0; i < ROUTES; i++)
		fprintf(file, "10.%u.%u.0/24%s\n", i / 256, i % 256, i == 7 ? " other # not g" : "");
	fputs("2001:db8::/32", file); /* no newline */
	fclose(file);
	expect("load table.txt --vrf v --next-hop-group g", 0, "9001 changes staged in ");
	assert_non_null(strstr(output, "\nrevision 2, generation 4: 9001 created\n"));
	expect("show route v/10.0.7.0/24 -o yaml", 0, "next_hop_group: other");
	expect("show route v/2001:db8::/32 -o yaml", 0, "next_hop_group: g");
	expect("load - --vrf v --next-hop-group g <table.txt", 0, ": 9001 unchanged\n");
	expect("load $(gzip -k table.txt; echo table.txt.gz) --vrf v --next-hop-group g", 0, ": 9001 unchanged\n");
	expect("load none.gz --vrf v", 2, "error: none.gz: No such file");
	expect("load table.txt --next-hop-group g", 2, "needs --vrf");
	expect("load table.txt --vrf v", 2, "error: table.txt:3: no next-hop group here");
	write_file("bad.txt", "10.0.0.0/24 g\n\n10.0.0.1/24 g\n");
	expect("load bad.txt --vrf v", 2, "error: bad.txt:3: bits are set beyond");
	write_file("bad.txt", "10.0.0.0/24 g\n10.0.0.0/24 g h\n");
	expect("load bad.txt --vrf v", 2, "error: bad.txt:2: more than");

	file = fopen(in_directory("table.yaml"), "w");
	fputs("vrf:\n- name: v\nroute:\n", file);
	for (unsigned int i = 0; i < ROUTES; i++)
		fprintf(file, "- {vrf: v, prefix: 10.%u.%u.0/24, next_hop_group: h}\n", i / 256, i % 256);
	fclose(file);
	expect("load table.yaml", 0, ": 1 created, 9000 replaced\n");
	assert_int_equal(ctl("load --vrf v - <table.yaml"), 0);
	assert_non_null(strstr(output, ": 9001 unchanged\n"));
	file = fopen(in_directory("table.yaml"), "a");
	fputs("interface:\n- {name: i, vrf: v}\ndelete:\n  vrf: [{name: bad}]\n", file);
	fclose(file);
	expect("load table.yaml", 2, "error: table.yaml:9007: vrf.name: no VRF may");
	write_file("table.yaml", "vrf:\n- name: v\n- nam: w\n");
	expect("load table.yaml", 2, "error: table.yaml:3: ");
}

static void replace_is_all_that_the_owner_has(void **state)
{
	(void)state;
	write_file("all.yaml",
		   "vrf: [{name: v}, {name: w}]\nroute: [{vrf: v, prefix: 10.0.0.0/8, next_hop_group: g}]\n");
	expect("replace -f all.yaml", 0, "revision 2, generation 4: 3 created\n");
	expect("replace -f all.yaml", 0, ": 3 unchanged\n");
	write_file("less.yaml", "vrf: [{name: v}]\nroute: [{vrf: v, prefix: 10.0.0.0/8, next_hop_group: h}]\n");
	expect("replace -f - --dry-run <less.yaml", 0, "- vrf w\n");
	assert_non_null(strstr(output, "~ route v/10.0.0.0/8\n"));
	assert_non_null(strstr(output, "dry run: 1 replaced, 1 unchanged, 1 deleted\n"));
	expect("replace -f less.yaml --dry-run -o json | jq -c '[.result.deleted, (.differences | length)]'", 0,
	       "[1,2]\n");
	expect("replace -f less.yaml -o json | jq -c '[.result.deleted, .result.revision]'", 0, "[1,3]\n");
	expect("show vrfs", 0, "v ");
	assert_null(strstr(output, "w "));
	write_file("none.yaml", "vrf: []\n");
	expect("replace -f none.yaml --owner lab", 2,
	       "error: none.yaml names nothing: that would delete everything of lab");
	expect("replace -f all.yaml --expected-revision 2", 3, "error: options.expected_revision: ");
	write_file("bad.yaml", "vrf:\n- name: v\n- name: bad\n");
	expect("replace -f bad.yaml", 2, "error: bad.yaml:3: vrf.name: no VRF may have this name");
	write_file("bad.yaml", "vrf:\n- name: v\n- nam: w\n");
	expect("replace -f bad.yaml", 2, "error: bad.yaml:3: ");
	expect("replace -f all.yaml -f bad.yaml", 2, "error: which file?");
	expect("replace", 2, "error: which file?");
	expect("replace -f all.yaml -o yaml", 2, "error: -o is table or json here");
	expect("replace -f absent.yaml", 2, "error: absent.yaml: No such file");
	expect("show vrfs", 0, "v ");
	write_file("table.txt", "10.1.0.0/16 g\n10.2.0.0/16\n");
	expect("replace -f table.txt --vrf v", 2, "error: table.txt:2: no next-hop group here");
	expect("replace -f table.txt --vrf v --next-hop-group g", 0, "2 created");
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_changes_travel_in_a_transaction, start, stop),
		cmocka_unit_test_setup_teardown(load_takes_lists_and_yaml, start, stop),
		cmocka_unit_test_setup_teardown(replace_is_all_that_the_owner_has, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
