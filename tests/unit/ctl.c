/* SPDX-License-Identifier: Apache-2.0 */
/* sluicectl as its users meet it: output and exit codes, over a real socket. */
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

static void lacks(const char *text)
{
	if (strstr(output, text))
		fail_msg("\"%s\" in:\n%s", text, output);
}

static void apply_shows_and_does(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	expect("diff -f lab.yaml", 1, "+ route tenant-a/10.1.0.0/16\n+     vrf: tenant-a\n");
	expect("apply -f lab.yaml --dry-run", 0, "dry run: 7 created\n");
	expect("apply -f lab.yaml", 0, "revision 2, generation 4: 7 created\n");
	assert_non_null(strstr(output, "not programmed: interface up: the device does not exist\n"));
	lacks("\033");
	expect("diff -f lab.yaml", 0, "");
	assert_string_equal(output, "");
	expect("apply -f lab.yaml", 0, "revision 2, generation 4: 7 unchanged\n");
	write_file("change.yaml", "next_hop_group: {name: api, members: [{next_hop: gw, weight: 9}]}\n"
				  "delete: {route: {vrf: tenant-a, prefix: \"2001:DB8::/32\"}}\n");
	expect("apply -f - <change.yaml", 0,
	       "~ next_hop_group api\n      name: api\n      members:\n-     - {next_hop: gw, weight: 3}\n"
	       "+     - {next_hop: gw, weight: 9}\n- route tenant-a/2001:db8::/32\n");
	assert_non_null(strstr(output, "1 replaced, 1 deleted\n"));
}

static void yaml_of_the_state_changes_nothing(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	assert_int_equal(ctl("apply -f lab.yaml"), 0);
	assert_int_equal(ctl("show all -o yaml >all.yaml"), 0);
	expect("apply -f all.yaml", 0, ": 7 unchanged\n");
	expect("show next-hop-groups api -o yaml", 0,
	       "next_hop_group:\n- name: api\n  members:\n  - {next_hop: gw, weight: 3}\n");
}

/* What an endpoint says of them; those of its family go without saying. */
static void show_has_outer_checksums(void **state)
{
	(void)state;
	write_file("plain.yaml", "vrf: {name: under}\n"
				 "tunnel_endpoint: {name: plain, kind: vxlan, local_address: 192.0.2.1, "
				 "remote_address: 192.0.2.2, underlay_vrf: under}\n");
	assert_int_equal(ctl("apply -f plain.yaml"), 0);
	expect("show tunnel_endpoints", 0, "plain  vxlan  192.0.2.1  192.0.2.2");
	lacks("UDP-CHECKSUM");
	write_file("sums.yaml", "tunnel_endpoint: {name: sums, kind: geneve, local_address: 192.0.2.1, "
				"remote_address: 192.0.2.2, underlay_vrf: under, udp_checksum: computed}\n");
	assert_int_equal(ctl("apply -f sums.yaml"), 0);
	expect("show tunnel_endpoints", 0, "UDP-CHECKSUM");
	expect("show tunnel_endpoints", 0, "  computed  ");
}

static void show_prints_tables(void **state)
{
	struct json_object *json, *states;

	(void)state;
	write_file("lab.yaml", lab_yaml);
	assert_int_equal(ctl("apply -f lab.yaml"), 0);
	expect("show routes", 0,
	       "VRF       PREFIX         SOURCE    PREFERENCE  GROUP  IS          PACKETS                 BYTES  "
	       "STATE\n"
	       "tenant-a  10.1.0.0/16    operator           0  api    forwarding        7  18446744073709551615  "
	       "programmed\n");
	expect("show interface", 0,
	       "NAME  DEVICE  VRF       MODE  UP  RX  TX  STATE           REASON\n"
	       "up    up      tenant-a                    not_programmed  the device does not exist\n");
	expect("show port_chains", 0, "fw > ids");
	expect("show next_hop", 0, "gw    gateway  up   10.0.0.1");
	expect("show next_hop_groups", 0, "gw:3");
	expect("show all", 0, "vrf:\nNAME");
	expect("show route tenant-a/10.1.0.0/16 -o wide", 0, "operator");
	expect("show drops", 0, "no_route  dropped       12    768  made up\n");
	lacks("discard");
	expect("show drops -a", 0, "discard");
	lacks("forwarded");
	expect("show counters", 0, "forwarded");
	expect("show ports", 0, "veth0         4  native  yes  1500\n");
	expect("show limits", 0, "vrfs       1     4096\n");
	expect("status", 0, "uptime       1d 01:01:01\n");
	expect("status", 0, "flow salt    0x0000000000000abc\n");
	expect("status", 0, "observing    1 session, 70 packets told of, 2 lost\nsamples      3, 0 lost\n");
	expect("status", 0, "sFlow        3 samples of packets, 0 of counters, 4 datagrams sent, 0 lost\n");
	lacks("routes");
	expect("show vrfs -o json", 0, "");
	json = json_tokener_parse(output);
	assert_true(json_object_object_get_ex(json, "states", &states));
	assert_int_equal(json_object_array_length(states), 1);
	json_object_put(json);
	expect("show routes -o json", 0, "\"bytes\": 18446744073709551615");
	expect("status -o json", 0, "\"xdp_mode\": \"native\"");
	expect("show vrf nope", 2, "error: there is no such resource\n");
	expect("show vrv", 2, "did you mean vrf?");
}

static void revisions_come_and_go(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	expect("confirm", 2, "nothing of operator waits");
	expect("apply -f lab.yaml --confirm 2m", 0,
	       "undone in 120 s unless it is confirmed: sluicectl --owner operator confirm 2\n");
	expect("confirm x", 2, "\"x\" is not a revision");
	expect("confirm 2", 0, "revision 2 is confirmed\n");
	expect("apply -f lab.yaml --confirm 25h", 2, "--confirm 25h: a time from 1 to 86400 seconds");
	expect("apply -f lab.yaml --confirm 1d", 2, "--confirm 1d:");
	expect("apply -f lab.yaml -o json", 0, "\"unchanged\": 7");
	lacks("revision 2,");
	expect("history", 0,
	       "REVISION  TIME                 OWNER     CREATED  REPLACED  DELETED  STATE\n"
	       "      42  2020-09-13 ");
	assert_non_null(strstr(output, "operator        3                     pending\n"
				       "revisions 40 to 42 can be compared and rolled back to; -a shows them all\n"));
	expect("history -a", 0, "undone          42\nrevisions 40 to 42 can be compared and rolled back to\n");
	expect("history -a -o json", 0, "\"undone_by\": 42");
	expect("history -o yaml", 2, "-o json");
	expect("diff 41 42", 1, "+ vrf blue\n+     name: blue\n+ vrf later\n");
	expect("diff 41 41", 0, "");
	expect("diff 41", 1, "+ vrf later\n");
	expect("diff 3 42", 2, "error: from_revision: is not known: 40 to 42 are\n");
	expect("diff 41 42 -o json", 1, "\"key\": \"blue\"");
	expect("diff 41 42 -f lab.yaml", 2, "files or revisions, not both");
	expect("rollback 7", 2, "error: revision: vrf \"a\" is in use\n");
	expect("rollback 1 --dry-run", 0, "dry run: 7 deleted\n");
	expect("rollback 1", 0, "revision 3, generation 6: 7 deleted\n");
	expect("rollback 1 -o json", 0, "\"revision\": 4");
	expect("rollback", 2, "");
}

static void faults_lead_to_the_line(void **state)
{
	(void)state;
	write_file("good.yaml", "vrf:\n- name: a\n");
	write_file("bad.yaml", "vrf:\n- name: b\n- router_mac: ''\n  name: bad\n");
	expect("apply -f good.yaml -f bad.yaml", 2, "error: bad.yaml:4: vrf.name: no VRF may have this name\n");
	expect("show vrfs", 0, "nothing there\n");
	write_file("worse.yaml", "vrf:\n- nam: b\n");
	expect("apply -f worse.yaml", 2, "error: worse.yaml:2: vrf: unknown field \"nam\"; did you mean name?\n");
	expect("diff -f worse.yaml", 2, "error: ");
	expect("apply -f absent.yaml", 2, "error: absent.yaml: No such file");
	expect("apply", 2, "error: which file?");
}

static void preflight_has_findings_with_remedies(void **state)
{
	(void)state;
	expect("preflight", 0,
	       "kernel  ok       release 6.1\nveth0   warning  slow\n                 remedy: make it fast\n");
	expect("preflight veth0 eth7", 1, "eth7    error    no such device\n");
	expect("preflight -o json", 0, "\"severity\": \"warning\"");
	expect("preflight -o json eth7", 1, "\"remedy\": \"see ip link\"");
	expect("preflight -o yaml", 2, "-o json");
}

static void whoami_says_that_there_is_no_policy(void **state)
{
	(void)state;
	expect("whoami", 0,
	       "identity  anonymous (nothing proves it)\npolicy    none: whoever can connect may do all\nrules     \n"
	       "  everybody: admin\n");
	expect("whoami -o json", 0, "\"proof\": \"none\"");
	expect("whoami -o yaml", 2, "-o json");
}

static void health_is_what_a_probe_asks(void **state)
{
	(void)state;
	expect("health", 0, "SERVING");
	expect("health sluice.v1.ConfigService", 0, "SERVING");
	expect("health nobody", 2, "there is no service 'nobody'");
}

static void a_stale_or_missing_server_is_told(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	expect("apply -f lab.yaml --expected-revision 9", 3, "expected_revision");
	expect("status --server unix:/nonexistent/s", 3, "error: ");
	expect("diff -f lab.yaml --server unix:/nonexistent/s", 2, "error: ");
}

static void prune_deletes_what_is_not_named(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	write_file("other.yaml", "vrf:\n- name: theirs\n");
	write_file(
		"less.yaml",
		"vrf:\n- name: tenant-a\nroute:\n- {vrf: tenant-a, prefix: \"2001:DB8::/32\", next_hop_group: api}\n");
	assert_int_equal(ctl("apply -f lab.yaml"), 0);
	assert_int_equal(ctl("apply -f other.yaml --owner other"), 0);
	expect("apply -f less.yaml --prune --dry-run", 0, "dry run: 1 replaced, 1 unchanged, 5 deleted\n");
	expect("diff -f less.yaml --prune", 1, "- port_chain web\n");
	expect("show routes", 0, "10.1.0.0/16");
	expect("apply -f less.yaml --prune --confirm 60", 0,
	       "revision 4, generation 8: 1 replaced, 1 unchanged, 5 deleted\n");
	assert_non_null(strstr(output, "undone in 60 s unless it is confirmed"));
	expect("confirm", 0, "");
	expect("apply -f less.yaml --prune -o json | jq -c '[.result.unchanged, .result.revision]'", 0, "[2,4]\n");
	expect("apply -f less.yaml --prune --expected-revision 2", 3, "error: options.expected_revision: ");
	expect("show vrfs", 0, "theirs");
	expect("show routes", 0, "2001:DB8::/32");
	expect("apply -f /dev/null --prune", 2, "would delete everything of operator");
	expect("show all -o yaml --server unix:/nonexistent/s 2>/dev/null >bad.yaml", 3, "");
	expect("apply -f bad.yaml --prune", 2, "error: bad.yaml:");
	lacks("10.1.0.0/16");
	write_file("deletes.yaml", "vrf:\n- name: tenant-a\ndelete:\n  vrf:\n  - name: theirs\n");
	expect("apply -f deletes.yaml --prune", 2, "error: deletes.yaml:5: --prune deletes what the files do not name");
	write_file("bad.yaml", "vrf:\n- name: v\n- name: bad\n");
	expect("apply -f bad.yaml --prune", 2, "error: bad.yaml:3: vrf.name: no VRF may have this name");
}

static void prune_takes_any_number_of_changes(void **state)
{
	enum { ROUTES = 12000 };
	FILE *file = fopen(in_directory("many.yaml"), "w");

	(void)state;
	write_file("lab.yaml", lab_yaml);
	assert_int_equal(ctl("apply -f lab.yaml"), 0);
	fputs("route:\n", file);
	for (unsigned int i = 0; i < ROUTES; i++)
		fprintf(file, "- {vrf: v, prefix: 10.%u.%u.0/24, next_hop_group: g}\n", i / 256, i % 256);
	fclose(file);
	expect("apply -f many.yaml --prune", 0, "revision 3, generation 6: 12000 created, 7 deleted\n");
	file = fopen(in_directory("many.yaml"), "a");
	fputs("vrf:\n- name: bad\n", file);
	fclose(file);
	expect("apply -f many.yaml --prune", 2, "error: many.yaml:12003: vrf.name: no VRF");
}

static void prune_needs_a_router_that_can(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	fake_is_old = true;
	expect("apply -f lab.yaml --prune", 2, "error: the router is older than --prune (it has no ReplaceOwned)");
	fake_is_old = false;
	expect("apply -f lab.yaml --prune", 0, "7 created\n");
}

static void transactions_by_hand(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	expect("tx begin --idle 30", 0, "tx-1\n");
	assert_non_null(strstr(output, "at revision 1; expires when idle for 30 s\n"));
	expect("tx stage tx-1 -f lab.yaml", 0, "7 changes staged\n");
	expect("tx validate tx-1", 0, "would be: 7 created\n");
	expect("tx commit tx-1", 0, "revision 2, generation 4: 7 created\n");
	expect("tx commit tx-1", 2, "error: no such transaction\n");
	expect("tx begin", 0, "tx-1\n");
	expect("tx abort tx-1", 0, "");
	expect("tx stage tx-1 -f lab.yaml", 2, "error: no such transaction\n");
	expect("delete vrf tenant-a", 0, "1 deleted\n");
	expect("delete vrf tenant-a", 0, "1 absent already\n");
	expect("delete route x", 2, "VRF/PREFIX");
}

static void commits_are_as_durable_as_asked(void **state)
{
	(void)state;
	write_file("lab.yaml", lab_yaml);
	assert_int_equal(ctl("apply -f lab.yaml"), 0);
	assert_int_equal(fake_durability, SLUICE__V1__DURABILITY__DURABILITY_UNSPECIFIED);
	assert_int_equal(ctl("delete route tenant-a/10.1.0.0/16 --durability volatile"), 0);
	assert_int_equal(fake_durability, SLUICE__V1__DURABILITY__DURABILITY_VOLATILE);
	assert_int_equal(ctl("load lab.yaml --durability journaled"), 0);
	assert_int_equal(fake_durability, SLUICE__V1__DURABILITY__DURABILITY_JOURNALED);
	expect("tx begin", 0, "tx-1\n");
	assert_int_equal(ctl("tx stage tx-1 -f lab.yaml"), 0);
	assert_int_equal(ctl("tx commit tx-1 --durability volatile"), 0);
	assert_int_equal(fake_durability, SLUICE__V1__DURABILITY__DURABILITY_VOLATILE);
	expect("apply -f lab.yaml --durability forever", 2, "not one of journaled, volatile");
}

static void the_command_line_is_checked(void **state)
{
	(void)state;
	expect("", 2, "usage: ");
	expect("help", 0, "Exit codes");
	expect("apply --help", 0, "Example: ");
	expect("tx commit --help", 0, "Example: ");
	expect("help tx", 0, "usage: sluicectl tx abort ID\n");
	expect("tx --help", 0, "usage: sluicectl tx abort ID\n");
	expect("help version", 0, "usage: sluicectl version\n");
	expect("help diff", 0, "--expected-revision N");
	expect("version", 0, "sluicectl ");
	expect("aply", 2, "did you mean apply?");
	expect("tx bgin", 2, "tx begin");
	expect("show", 2, "usage: sluicectl show KIND");
	expect("show vrf a b", 2, "usage: ");
	expect("show vrf -f x", 2, "does not take -f");
	expect("show vrf -o xml", 2, "not one of table");
	expect("show ports x", 2, "has no keys");
	expect("show ports -o yaml", 2, "-o json");
	expect("--timeout 0 status", 2, "from 1 to");
	expect("--frob status", 2, "frob");
	expect("--tls-cert a status", 2, "--tls-cert and --tls-key go together");
	expect("--tls-cert a --tls-key b status", 2, "needs --tls-ca");
	expect("--tls-ca /nonexistent --server 127.0.0.1:1 status", 2, "/nonexistent: No such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(apply_shows_and_does, start, stop),
		cmocka_unit_test_setup_teardown(yaml_of_the_state_changes_nothing, start, stop),
		cmocka_unit_test_setup_teardown(show_has_outer_checksums, start, stop),
		cmocka_unit_test_setup_teardown(show_prints_tables, start, stop),
		cmocka_unit_test_setup_teardown(revisions_come_and_go, start, stop),
		cmocka_unit_test_setup_teardown(faults_lead_to_the_line, start, stop),
		cmocka_unit_test_setup_teardown(preflight_has_findings_with_remedies, start, stop),
		cmocka_unit_test_setup_teardown(whoami_says_that_there_is_no_policy, start, stop),
		cmocka_unit_test_setup_teardown(health_is_what_a_probe_asks, start, stop),
		cmocka_unit_test_setup_teardown(a_stale_or_missing_server_is_told, start, stop),
		cmocka_unit_test_setup_teardown(prune_deletes_what_is_not_named, start, stop),
		cmocka_unit_test_setup_teardown(prune_takes_any_number_of_changes, start, stop),
		cmocka_unit_test_setup_teardown(prune_needs_a_router_that_can, start, stop),
		cmocka_unit_test_setup_teardown(transactions_by_hand, start, stop),
		cmocka_unit_test_setup_teardown(commits_are_as_durable_as_asked, start, stop),
		cmocka_unit_test_setup_teardown(the_command_line_is_checked, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
