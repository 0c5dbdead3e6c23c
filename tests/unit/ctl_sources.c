/* SPDX-License-Identifier: Apache-2.0 */
/* sluicectl about route sources: what they have learned stands among the routes of clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "tests/unit/ctl_fixture.h"
#include "vnf/ctl/cell.h"

static const char source_yaml[] = "vrf: {name: red}\nroute_source: {name: frr, vrf: red, table: 254}\n"
				  "protected_prefix: {vrf: red, prefix: 10.9.0.0/16, owners: [{client: operator}]}\n";

/* The server of this test takes them from anybody. */
static const char learned_yaml[] =
	"next_hop: {name: frr/10.0.0.1, discard: {}}\n"
	"source_route:\n"
	"- {vrf: red, prefix: 10.1.0.0/16, source: frr, protocol: 186, preference: 100, next_hop_group: frr/1}\n"
	"- {vrf: red, prefix: 10.0.0.0/8, source: frr, protocol: 188, preference: 110, next_hop_group: frr/1}\n"
	"- {vrf: tenant-b, prefix: 10.0.0.0/8, source: bird, protocol: 12, preference: 100, next_hop_group: bird/1}\n"
	"- {vrf: tenant-b, prefix: 10.2.0.0/16, source: bird, protocol: 99, preference: 100, next_hop_group: bird/1}\n";

static int start_sources(void **state)
{
	int failed = start(state);

	write_file("lab.yaml", lab_yaml);
	write_file("source.yaml", source_yaml);
	write_file("learned.yaml", learned_yaml);
	write_file("mine.yaml", "route: {vrf: red, prefix: 10.1.0.0/16, next_hop_group: api, preference: 5}\n");
	return failed || ctl("apply -f lab.yaml") || ctl("apply -f source.yaml") || ctl("apply -f mine.yaml") ||
	       ctl("apply -f learned.yaml --owner source/frr");
}

static void routes_of_both_kinds_by_prefix(void **state)
{
	(void)state;
	expect("show routes --vrf red", 0,
	       "red       10.0.0.0/8     frr       ospf             110  frr/1   beaten      2h03m        7  "
	       "18446744073709551615  programmed  by another\n"
	       "red       10.1.0.0/16    operator                     5  api     forwarding               7  "
	       "18446744073709551615  programmed\n"
	       "red       10.1.0.0/16    frr       bgp              100  frr/1   beaten      2h03m        7  "
	       "18446744073709551615  programmed  by another\n"
	       "tenant-a  10.1.0.0/16    operator");
	assert_non_null(strstr(output, "tenant-a  2001:db8::/32"));
	assert_non_null(strstr(output, "tenant-b  10.0.0.0/8     bird      bird"));
	assert_non_null(strstr(output, "tenant-b  10.2.0.0/16    bird      99"));
	expect("show source-routes", 0, "red       10.0.0.0/8   frr     ospf             110  frr/1   beaten  2h03m");
	assert_null(strstr(output, "operator"));
	expect("show source_route red/10.0.0.0/8/frr", 0, "ospf");
}

static size_t states_of(const char *line)
{
	struct json_object *json, *states;
	size_t count;

	assert_int_equal(ctl(line), 0);
	json = json_tokener_parse(output);
	assert_non_null(json);
	assert_true(json_object_object_get_ex(json, "states", &states));
	count = json_object_array_length(states);
	json_object_put(json);
	return count;
}

static void json_has_both_and_yaml_what_can_be_applied(void **state)
{
	(void)state;
	assert_int_equal(states_of("show routes -o json"), 7);
	assert_non_null(strstr(output, "\"protocol\": 186"));
	assert_int_equal(states_of("show source_routes -o json"), 4);
	assert_int_equal(ctl("show routes -o yaml"), 0);
	assert_non_null(strstr(output, "preference: 5"));
	assert_null(strstr(output, "source_route"));
	assert_int_equal(ctl("show all -o yaml >all.yaml"), 0);
	expect("apply -f all.yaml", 0, "unchanged");
	assert_int_equal(ctl("show all -o yaml"), 0);
	assert_non_null(strstr(output, "route_source:\n- {name: frr, vrf: red, table: 254}"));
	assert_null(strstr(output, "frr/10.0.0.1"));
	assert_null(strstr(output, "source_route:"));
}

static void sources_and_what_is_protected(void **state)
{
	(void)state;
	expect("show route_sources", 0,
	       "NAME  VRF  TABLE  IS         ROUTES  SUPPRESSED  UNUSABLE  GROUPS  LAG-US  RESYNCS  LAST-RESYNC\n"
	       "frr   red    254  following  901899           3         0      12    1500        2  messages were "
	       "lost\n");
	expect("show route_sources -o wide", 0, "1d02h");
	expect("show protected_prefixes", 0, "red  10.9.0.0/16  operator\n");
	expect("show route_source frr -o json", 0, "\"state\": \"following\"");
}

/* More candidates than a page has. */
static void pages_of_both_kinds(void **state)
{
	enum { EACH = 1000 };
	FILE *file = fopen(in_directory("many.yaml"), "w");
	size_t lines = 0;

	(void)state;
	fputs("route:\n", file);
	for (int i = 0; i < EACH; i++)
		fprintf(file, "- {vrf: red, prefix: 20.%d.%d.0/24, next_hop_group: api}\n", i / 256, i % 256);
	fputs("source_route:\n", file);
	for (int i = 0; i < EACH; i++)
		fprintf(file, "- {vrf: red, prefix: 20.%d.%d.0/24, source: frr, next_hop_group: frr/1}\n", i / 256,
			i % 256);
	fclose(file);
	assert_int_equal(ctl("apply -f many.yaml -y"), 0);
	assert_int_equal(ctl("show routes"), 0);
	for (const char *c = output; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 1 + 7 + 2 * EACH);
}

static void numbers_as_words(void **state)
{
	static const struct {
		const char *ms, *text;
	} ages[] = {{"999", "0s"},	  {"59999", "59s"},	  {"60000", "1m00s"},	 {"3599999", "59m59s"},
		    {"3600000", "1h00m"}, {"86399999", "23h59m"}, {"86400000", "1d00h"}, {"x", "x"}};
	char text[CELL_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
		assert_string_equal(cell_age(ages[i].ms, text), ages[i].text);
	assert_string_equal(cell_since("2999-01-01 00:00:00", text), "0s");
	assert_string_equal(cell_since("x", text), "x");
	assert_string_equal(cell_protocol("186", text), "bgp");
	assert_string_equal(cell_protocol("255", text), "255");
	assert_string_equal(cell_protocol("0", text), "0");
	assert_string_equal(cell_protocol("", text), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(routes_of_both_kinds_by_prefix, start_sources, stop),
		cmocka_unit_test_setup_teardown(json_has_both_and_yaml_what_can_be_applied, start_sources, stop),
		cmocka_unit_test_setup_teardown(sources_and_what_is_protected, start_sources, stop),
		cmocka_unit_test_setup_teardown(pages_of_both_kinds, start_sources, stop),
		cmocka_unit_test(numbers_as_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
