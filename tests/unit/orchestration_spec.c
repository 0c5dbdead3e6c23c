/* SPDX-License-Identifier: Apache-2.0 */
/* A VNF's spec: what is right is read, and everything that is wrong is told at once, with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "orchestration_text.h"

static void a_whole_spec_is_read(void **state)
{
	static const char text[] = "name: edge\n"
				   "driver: libvirt\n"
				   "image: image.qcow2\n"
				   "vcpus: 4\n"
				   "memory: 2GiB\n"
				   "replicas: 2\n"
				   "accelerator: tcg\n"
				   "day0: day0.yaml\n"
				   "insecure: true\n"
				   "management:\n"
				   "  bridge: br-mgmt\n"
				   "  addresses: [192.0.2.10/24, 192.0.2.11/24, 192.0.2.12/24]\n"
				   "  gateway: 192.0.2.1\n"
				   "dataplane:\n"
				   "  - name: west\n"
				   "    bridge: br-west\n"
				   "    mtu: 1600\n"
				   "    addresses:\n"
				   "      - 10.1.0.1/24\n"
				   "      - [10.1.0.2/24, \"2001:db8::2/64\"]\n"
				   "  - name: east\n"
				   "chain:\n"
				   "  - name: firewall\n"
				   "    setup: [nft, -f, rules]\n"
				   "  - name: ids\n"
				   "    command: sleep\n";
	struct error error;
	struct spec spec;

	(void)state;
	if (read_spec(&spec, text, &error))
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
	assert_string_equal(spec.name.text, "edge");
	assert_int_equal(spec.driver, SPEC_LIBVIRT);
	assert_int_equal(spec.accelerator, SPEC_TCG);
	assert_int_equal(spec.vcpus, 4);
	assert_int_equal(spec.memory_mib, 2048);
	assert_int_equal(spec.replicas, 2);
	assert_int_equal(spec.management.addresses.count, 3);
	assert_int_equal(spec.networks, 2);
	assert_int_equal(spec.network[0].mtu, 1600);
	assert_int_equal(spec.network[0].replicas, 2);
	assert_int_equal(spec.network[0].addresses.count, 3);
	assert_string_equal(spec.network[0].addresses.text[2], "2001:db8::2/64");
	assert_int_equal(spec.network[0].replica[2], 1);
	assert_int_equal(spec.network[1].mtu, 1500);
	assert_null(spec.network[1].bridge.text);
	assert_string_equal(spec.stage[0].setup.text[1], "-f");
	assert_null(spec.stage[0].setup.text[3]);
	assert_string_equal(spec.stage[1].command.text[0], "sleep");
	assert_int_equal(spec_ports(&spec), 6);
	assert_int_equal(spec_day0(&spec, 1)[0], '/');
	spec_free(&spec);
}

#define LIBVIRT "name: e\ndriver: libvirt\nimage: image.qcow2\n"
#define WEST	"dataplane: [{name: w}]\n"

static void faults_name_line_and_field(void **state)
{
	static const struct {
		const char *text, *field, *message;
	} cases[] = {
		{"name: e\nimag: x\n" WEST, "vnf.yaml:2", "unknown field \"imag\"; did you mean image?"},
		{"name: e\nname: f\n" WEST, "vnf.yaml:2", "name is here twice"},
		{"name: Edge\n" WEST, "vnf.yaml:1: name", "small letters"},
		{"name: e\nvcpus: 0\n" WEST, "vnf.yaml:2: vcpus", "a number from 1 to 64"},
		{"name: e\nvcpus: 1x\n" WEST, "vnf.yaml:2: vcpus", "a number from 1 to 64"},
		{"name: e\nmemory: 512\n" WEST, "vnf.yaml:2: memory", "with its unit"},
		{"name: e\nmemory: 64MiB\n" WEST, "vnf.yaml:2: memory", "256MiB to 1024GiB"},
		{"name: e\ndriver: docker\n" WEST, "vnf.yaml:2: driver", "none of netns, libvirt"},
		{"name: e\ndriver: libvirt\naccelerator: xen\n" WEST, "vnf.yaml:3: accelerator", "none of kvm, tcg"},
		{"name: e\nreplicas: [2]\n" WEST, "vnf.yaml:2: replicas", "a number from 1 to 32"},
		{"name: e\n", "vnf.yaml:1: dataplane", "needs a network"},
		{"name: e\ndataplane: west\n", "vnf.yaml:2: dataplane", "a list of mappings"},
		{"name: e\ndataplane:\n- {name: w}\n- {name: w}\n", "vnf.yaml:4: dataplane[1].name", "here twice"},
		{"name: e\ndataplane:\n- {mtu: 1500}\n", "vnf.yaml:3: dataplane[0].name", "is missing"},
		{"name: e\ndataplane:\n- {name: w, mtu: 100}\n", "vnf.yaml:3: dataplane[0].mtu", "from 576 to 9000"},
		{"name: e\ndataplane:\n- {name: a-long-name-it-is}\n", "vnf.yaml:3: dataplane[0].name", "shorten"},
		{"name: e\ndataplane:\n- {name: w, addresses: 10.0.0.1/8}\n", "vnf.yaml:3: dataplane[0].addresses",
		 "a list is expected"},
		{"name: e\ndataplane:\n- {name: w, addresses: [10.0.0.1]}\n", "vnf.yaml:3: dataplane[0].addresses",
		 "no address with its length"},
		{"name: e\nreplicas: 2\ndataplane:\n- {name: w, addresses: [10.0.0.1/8]}\n",
		 "vnf.yaml:4: dataplane[0].addresses", "1 entries for 2 replicas"},
		{"name: e\nday0: nowhere.yaml\n" WEST, "vnf.yaml:2: day0", "No such file"},
		{"name: e\nday0: [day0.yaml, day0.yaml]\nreplicas: 3\n" WEST, "vnf.yaml:2: day0", "2 files for 3"},
		{"name: e\nimage: image.qcow2\n" WEST, "vnf.yaml:2: image", "not executable"},
		{LIBVIRT WEST, "vnf.yaml:1: management", "is missing"},
		{LIBVIRT "management: {addresses: [192.0.2.1/24]}\n" WEST, "vnf.yaml:4: management.bridge",
		 "is missing"},
		{LIBVIRT "management: {bridge: b}\n" WEST "insecure: true\n", "vnf.yaml:4: management.addresses",
		 "0 for 1 replicas"},
		{LIBVIRT "management: {bridge: b, addresses: [192.0.2.1/24], gateway: \"fe80::1\"}\n" WEST,
		 "vnf.yaml:4: management.gateway", "not of the addresses' family"},
		{"name: e\n" WEST "chain:\n- {name: s, command: []}\n", "vnf.yaml:4: chain[0]", "an empty command"},
		{"name: e\n" WEST "chain:\n- {setup: [a]}\n", "vnf.yaml:4: chain[0].name", "is missing"},
		{"name: &x e\n" WEST, "vnf.yaml:1", "anchors"},
		{"- name\n", "vnf.yaml:1", "a mapping of fields"},
		{"name: e\n" WEST "---\nname: f\n", "vnf.yaml:3", "a second document"},
		{"name: \"a\n", "vnf.yaml:", "not YAML"},
		{"# nothing\n", "vnf.yaml:", "the file is empty"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error;
		struct spec spec;

		if (read_spec(&spec, cases[i].text, &error) == 0)
			fail_msg("accepted: %s", cases[i].text);
		if (!strstr(error.fault[0].message, cases[i].message) ||
		    strncmp(error.fault[0].field, cases[i].field, strlen(cases[i].field)) != 0)
			fail_msg("%s\n  gave \"%s: %s\"\n  not  \"%s: %s\"", cases[i].text, error.fault[0].field,
				 error.fault[0].message, cases[i].field, cases[i].message);
		spec_free(&spec);
	}
}

static void what_only_a_vm_has_is_refused_without_one(void **state)
{
	static const struct {
		const char *text, *field, *message;
	} cases[] = {
		{"vcpus: 1\n", "vnf.yaml:1: vcpus",
		 "has the host's processors and memory: leave it out, or driver: libvirt"},
		{"memory: 512MiB\n", "vnf.yaml:2: memory", "has the host's processors and memory"},
		{"accelerator: kvm\n", "vnf.yaml:3: accelerator", "has the host's processors and memory"},
		{"management: {bridge: b}\n", "vnf.yaml:4: management", "is reached by its socket"},
		{"tls: {ca: ca.crt}\n", "vnf.yaml:5: tls", "is reached by its socket"},
		{"insecure: false\n", "vnf.yaml:6: insecure", "is reached by its socket"},
		{"connect: \"test:///default\"\n", "vnf.yaml:7: connect", "needs no libvirt"},
		{"storage: /tmp\n", "vnf.yaml:8: storage", "needs no libvirt"},
	};
	const size_t count = sizeof(cases) / sizeof(cases[0]);
	char text[1000] = "";
	struct error error;
	struct spec spec;

	(void)state;
	for (size_t i = 0; i < count; i++)
		strcat(text, cases[i].text);
	strcat(text, "name: e\n" WEST);
	assert_int_equal(read_spec(&spec, text, &error), -1);
	assert_int_equal(error.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(error.fault[i].field, cases[i].field);
		if (!strstr(error.fault[i].message, cases[i].message))
			fail_msg("\"%s\" lacks \"%s\"", error.fault[i].message, cases[i].message);
	}
	spec_free(&spec);
}

static void all_faults_are_told_at_once(void **state)
{
	static const char *const fields[] = {"vnf.yaml:2: replicas", "vnf.yaml:5: dataplane[0].nam", "vnf.yaml:1: name",
					     "vnf.yaml:3: image", "day0.yaml:1: vrf"};
	struct error error;
	struct spec spec;
	size_t met = 0;

	(void)state;
	write_text("day0.yaml", "vrf: [{nam: x}]\n");
	assert_int_equal(read_spec(&spec,
				   "name: E\nreplicas: many\nimage: /nowhere\nday0: day0.yaml\n"
				   "dataplane: [{nam: w}]\n",
				   &error),
			 -1);
	write_text("day0.yaml", "vrf: [{name: x}]\n");
	for (size_t i = 0; i < error.count; i++) {
		for (size_t j = 0; j < sizeof(fields) / sizeof(fields[0]); j++)
			met += strstr(error.fault[i].field, fields[j]) != NULL;
	}
	assert_int_equal(met, sizeof(fields) / sizeof(fields[0]));
	spec_free(&spec);
}

/* Cut off anywhere, or with a byte that is not what it was: refused or read, never worse. */
static void damage_is_survived(void **state)
{
	char text[] =
		"name: e\nreplicas: 2\ndataplane:\n- name: w\n  addresses: [10.0.0.1/8, [10.0.0.2/8, \"::1/64\"]]\n"
		"chain:\n- {name: s, setup: [a, b], command: c}\n";
	static const char bad[] = {'\0', '[', '}', ':', '\n', '\xff', '&', '-'};

	(void)state;
	for (size_t i = 1; i < sizeof(text) - 1; i++) {
		for (size_t j = 0; j < sizeof(bad); j++) {
			struct error error;
			struct spec spec;
			char kept = text[i];

			text[i] = bad[j];
			read_spec(&spec, text, &error);
			spec_free(&spec);
			text[i] = kept;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_spec_is_read),
		cmocka_unit_test(faults_name_line_and_field),
		cmocka_unit_test(what_only_a_vm_has_is_refused_without_one),
		cmocka_unit_test(all_faults_are_told_at_once),
		cmocka_unit_test(damage_is_survived),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
