/* SPDX-License-Identifier: Apache-2.0 */
/* YAML that is wrong: every fault with its line, and hostile input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vnf/ctl/changes.h"
#include "vnf/ctl/yaml_read.h"
#include "yaml_text.h"

static void faults_name_line_and_field(void **state)
{
	static const struct {
		const char *text, *field, *message;
	} cases[] = {
		{"vrf:\n  - nam: a\n", "t.yaml:2: vrf", "unknown field \"nam\"; did you mean name?"},
		{"route:\n- {vrf: a,\n   next_hop: b}", "t.yaml:3: route", "did you mean next_hop_group?"},
		{"rout:\n- {vrf: a}", "t.yaml:1", "unknown kind \"rout\"; did you mean route?"},
		{"zebra: 1\n", "t.yaml:1", "there are vrf, interface, tunnel_endpoint"},
		{"vrf:\n- {name: a, name: b}", "t.yaml:2: vrf", "name is here twice"},
		{"vrf: []\nvrfs: []\n", "t.yaml:2", "vrfs is here twice"},
		{"delete: {}\ndelete: {}\n", "t.yaml:2", "delete is here twice"},
		{"delete:\n  delete: {}\n", "t.yaml:2", "unknown kind \"delete\""},
		{"interface:\n- vlan_id: 1.5\n", "t.yaml:2: interface.vlan_id", "not a number in decimal"},
		{"interface:\n- vlan_id: 010\n", "t.yaml:2: interface.vlan_id", "not a number"},
		{"interface:\n- vlan_id: -1\n", "t.yaml:2: interface.vlan_id", "not a number"},
		{"interface:\n- vlan_id: 4294967296\n", "t.yaml:2: interface.vlan_id", "out of range"},
		{"interface:\n- vlan_id: 99999999999999999999999\n", "t.yaml:2: interface.vlan_id", "out of range"},
		{"interface:\n- vlan_id: [1]\n", "t.yaml:2: interface.vlan_id", "a single value"},
		{"port_chain:\n- symmetric: yes\n", "t.yaml:2: port_chain.symmetric", "not true or false"},
		{"tunnel_endpoint:\n- kind: gre\n", "t.yaml:2: tunnel_endpoint.kind", "none of vxlan, geneve"},
		{"flow_classifier:\n- protocol: 7\n", "t.yaml:2: flow_classifier.protocol", "none of icmp, tcp"},
		{"next_hop:\n- discard:\n", "t.yaml:2: next_hop.discard", "write {}"},
		{"next_hop:\n- discard: {}\n  gateway: {}\n", "t.yaml:3: next_hop", "discard and gateway exclude"},
		{"next_hop_group:\n- members:\n  - {next_hop: a}\n  - {weight: x}\n",
		 "t.yaml:4: next_hop_group.members[1].weight", "not a number"},
		{"port_pair_group:\n- port_pairs: [a, ~]\n", "t.yaml:2: port_pair_group.port_pairs[1]",
		 "without a value"},
		{"vrf:\n- name: \"a\\0b\"\n", "t.yaml:2: vrf.name", "NUL"},
		{"vrf:\n- name: &x a\n", "t.yaml:2", "anchors"},
		{"vrf:\n- name: *x\n", "t.yaml:2", "aliases"},
		{"vrf:\n- name: !!str a\n", "t.yaml:2", "tags"},
		{"vrf: &x\n- name: a\n", "t.yaml:1", "anchors"},
		{"vrf:\n- a\n", "t.yaml:2: vrf", "not a mapping"},
		{"vrf: a\n", "t.yaml:1: vrf", "not a mapping"},
		{"- vrf\n", "t.yaml:1", "a mapping from kinds"},
		{"vrf:\n- {? [a] : b}\n", "t.yaml:2: vrf", "the name of a field"},
		{"? {a: b}\n: c\n", "t.yaml:1", "unknown kind"},
		{"vrf:\n- {name: a\nroute:\n", "t.yaml:3", "not YAML"},
		{"vrf:\n- name: a\n name: b\n", "t.yaml:3", "not YAML"},
		{"vrf:\n- name: \xff\n", "t.yaml:", "not UTF-8"},
		{"vrf:\n- name: \"\\ud800\"\n", "t.yaml:2", "not YAML"},
		{"vrf:\n- \"\\e[31m\": a\n", "t.yaml:2: vrf", "\"?[31m\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct change_list list;
		struct error error;

		if (read_text(&list, cases[i].text, &error) == 0)
			fail_msg("accepted: %s", cases[i].text);
		if (!strstr(error.fault[0].message, cases[i].message) ||
		    strncmp(error.fault[0].field, cases[i].field, strlen(cases[i].field)) != 0)
			fail_msg("%s\n  gave \"%s: %s\"\n  not  \"%s: %s\"", cases[i].text, error.fault[0].field,
				 error.fault[0].message, cases[i].field, cases[i].message);
		change_list_free(&list);
	}
}

static void faults_add_up(void **state)
{
	struct change_list list;
	struct error error;
	char text[2000] = "vrf:\n";

	(void)state;
	assert_int_equal(read_text(&list,
				   "vrf:\n- nam: {a: [b, {c: d}]}\nroute:\n- vlan: 1\n  x: 2\nzebra: [1, [2]]\n"
				   "interface:\n- vlan_id: x\n",
				   &error),
			 -1);
	assert_int_equal(error.count, 5);
	assert_string_equal(error.fault[4].field, "t.yaml:8: interface.vlan_id");
	change_list_free(&list);

	for (int i = 0; i < 50; i++)
		strcat(text, "- nam: a\n");
	assert_int_equal(read_text(&list, text, &error), -1);
	assert_int_equal(error.count, ERROR_FAULTS);
	change_list_free(&list);
}

/* --- hostile input --- */

static void assert_refused(const char *bytes, size_t size)
{
	struct change_list list = {0};
	struct error error = {0};

	assert_int_equal(read_bytes(&list, bytes, size, &error), -1);
	assert_true(error.count > 0);
	change_list_free(&list);
}

static void deep_nesting_is_refused(void **state)
{
	static const char *const units[] = {"[", "{", "{a: ", "[{", "- ", "a:\n ", "? "};
	enum { SIZE = 200000 };
	char *text = malloc(SIZE);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t length = strlen(units[i]), start = 5;

		memcpy(text, "vrf: ", 5);
		for (; start + length < SIZE; start += length)
			memcpy(text + start, units[i], length);
		assert_refused(text, start);
	}
	free(text);
}

static void read_or_refused(const char *bytes, size_t size)
{
	struct change_list list = {0};
	struct error error = {0};
	int rc = read_bytes(&list, bytes, size, &error);

	assert_int_equal(rc != 0, error.count > 0);
	change_list_free(&list);
}

/* Every prefix of a good file, and the file with every byte broken: read or refused, nothing else. */
static void damage_is_survived(void **state)
{
	static const char text[] = "next_hop:\n  - name: 'a'\n    gateway: {interface: i, address: 10.0.0.1}\n"
				   "  - {name: \"b\\x41\", tunnel: {vni: 5}}\nroute: [{vrf: a, prefix: ::1/128}]\n"
				   "delete: {route: [{vrf: x}]}\n--- # next\nport_chain:\n- symmetric: true\n";
	static const char bad[] = {0, '\n', '\t', ':', '{', '}', '[', '&', '!', '"', '\'', '|', (char)0xc3, (char)0xff};
	char copy[sizeof(text)];

	(void)state;
	for (size_t i = 1; i < sizeof(text); i++) {
		read_or_refused(text, i);
		for (size_t j = 0; j < sizeof(bad); j++) {
			memcpy(copy, text, sizeof(text));
			copy[i - 1] = bad[j];
			read_or_refused(copy, sizeof(text) - 1);
		}
	}
}

static void long_words_are_cut(void **state)
{
	enum { SIZE = 100000 };
	char *text = malloc(SIZE);

	(void)state;
	assert_non_null(text);
	memcpy(text, "vrf:\n- {a", 9);
	memset(text + 9, 'a', SIZE - 9);
	memcpy(text + SIZE - 5, ": 1}\n", 5);
	assert_refused(text, SIZE);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_name_line_and_field), cmocka_unit_test(faults_add_up),
		cmocka_unit_test(deep_nesting_is_refused),    cmocka_unit_test(damage_is_survived),
		cmocka_unit_test(long_words_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
