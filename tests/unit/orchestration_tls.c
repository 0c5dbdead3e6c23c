/* SPDX-License-Identifier: Apache-2.0 */
/* A spec's certificates: what is wrong with them is told before anything boots, and the seed lays down what is right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>

#include "orchestration/libvirt/machine.h"
#include "orchestration/libvirt/seed.h"
#include "orchestration_pair.h"
#include "orchestration_text.h"

#define VNF                                                                                                            \
	"name: e\ndriver: libvirt\nimage: image.qcow2\nstorage: .\n"                                                   \
	"management: {bridge: b, addresses: [192.0.2.10/24, \"2001:db8::11/64\"]}\ndataplane: [{name: w}]\n"
#define OURS  "  ca: ca.crt\n  certificate: orch.crt\n  key: orch.key\n"
#define WHOLE VNF "tls:\n" OURS "  server: {certificate: both.crt, key: both.key}\n"

static struct error error;
static struct spec spec;

static int begin(void **state)
{
	enter_folder(state);
	write_text("not-pem", "-----BEGIN NOTHING-----\n");
	return make_pair("ca", "DNS:ca", &error) || make_pair("orch", "DNS:orch", &error) ||
	       make_pair("one", "IP:192.0.2.10", &error) || make_pair("two", "IP:2001:db8::11", &error) ||
	       make_pair("both", "IP:192.0.2.10,IP:2001:db8::11", &error);
}

static int end(void **state)
{
	static const char *const names[] = {"ca.crt",  "ca.key",  "orch.crt", "orch.key", "one.crt", "one.key",
					    "two.crt", "two.key", "both.crt", "both.key", "not-pem", "link.crt"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	return leave_folder(state);
}

static void faults_are_told_with_their_lines(void **state)
{
	static const struct {
		const char *text, *field, *message;
	} cases[] = {
		{VNF, "vnf.yaml:1: tls", "or say insecure: true"},
		{VNF "insecure: false\n", "vnf.yaml:1: tls", "or say insecure: true"},
		{VNF "insecure: yes\n", "vnf.yaml:7: insecure", "true or false"},
		{WHOLE "insecure: true\n", "vnf.yaml:12: insecure", "leave one out"},
		{VNF "tls: ca.crt\n", "vnf.yaml:7: tls", "a mapping of fields"},
		{VNF "tls:\n" OURS, "vnf.yaml:8: tls.server.certificate", "is missing"},
		{VNF "tls: {ca: ca.crt, server: {certificate: both.crt, key: both.key}}\n",
		 "vnf.yaml:7: tls.certificate", "is missing"},
		{VNF
		 "tls:\n  certificate: orch.crt\n  key: orch.key\n  server: {certificate: both.crt, key: both.key}\n",
		 "vnf.yaml:8: tls.ca", "is missing"},
		{VNF "tls:\n  ca: no.crt\n  certificate: orch.crt\n  key: orch.key\n"
		     "  server: {certificate: both.crt, key: both.key}\n",
		 "vnf.yaml:8: tls.ca", "No such file"},
		{VNF "tls:\n  ca: not-pem\n  certificate: orch.crt\n  key: orch.key\n"
		     "  server: {certificate: both.crt, key: both.key}\n",
		 "vnf.yaml:8: tls.ca", "no certificate in PEM"},
		{VNF "tls:\n  ca: ca.crt\n  certificate: orch.crt\n  key: one.key\n"
		     "  server: {certificate: both.crt, key: both.key}\n",
		 "vnf.yaml:10: tls.key", "is not the key of"},
		{VNF "tls:\n" OURS "  server:\n    certificate: both.crt\n    key: one.key\n",
		 "vnf.yaml:13: tls.server.key", "is not the key of"},
		{VNF "tls:\n" OURS "  server:\n    certificate: both.crt\n    key: not-pem\n",
		 "vnf.yaml:13: tls.server.key", "no private key in PEM"},
		{VNF "tls:\n" OURS "  server:\n    certificate: one.crt\n    key: one.key\n",
		 "vnf.yaml:12: tls.server.certificate", "is not for 2001:db8::11"},
		{VNF "tls:\n" OURS
		     "  server:\n    certificate:\n    - one.crt\n    - one.crt\n    key: [one.key, one.key]\n",
		 "vnf.yaml:14: tls.server.certificate", "needs IP:2001:db8::11"},
		{VNF "tls:\n" OURS "  server: {certificate: [one.crt, two.crt], key: one.key}\n",
		 "vnf.yaml:11: tls.server.certificate", "2 certificates and 1 keys for 2"},
		{VNF "tls:\n" OURS "  server: {certificate: both.crt, key: both.key, client_ca: not-pem}\n",
		 "vnf.yaml:11: tls.server.client_ca", "no certificate in PEM"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool met = false;

		if (read_spec(&spec, cases[i].text, &error) == 0)
			fail_msg("accepted: %s", cases[i].text);
		for (size_t j = 0; j < error.count; j++)
			met |= strcmp(error.fault[j].field, cases[i].field) == 0 &&
			       strstr(error.fault[j].message, cases[i].message);
		if (!met)
			fail_msg("%s\n  gave \"%s: %s\"\n  not  \"%s: %s\"", cases[i].text, error.fault[0].field,
				 error.fault[0].message, cases[i].field, cases[i].message);
		spec_free(&spec);
	}
}

static char *seed_of(size_t address)
{
	struct instance instance = {.vnf = "e", .replica = 0, .letter = 'a', .role = ROLE_ACTIVE};
	struct metadata metadata;

	machine_plan(&spec, &instance, address, &metadata);
	return seed_user_data(&spec, &instance, &metadata, &error);
}

/* The lines of a file, as they stand in the seed. */
static void assert_laid_down(const char *seed, const char *head, const char *file)
{
	const char *at = strstr(seed, head);
	char line[128];
	FILE *stream = fopen(file, "r");

	assert_non_null(stream);
	if (!at)
		fail_msg("no \"%s\" in %s", head, seed);
	at += strlen(head);
	while (fgets(line, sizeof(line), stream)) {
		assert_memory_equal(at, "      ", 6);
		assert_memory_equal(at + 6, line, strlen(line));
		at += 6 + strlen(line);
	}
	fclose(stream);
}

static void the_seed_lays_down_the_address_s_files(void **state)
{
	static const char key[] = "  - path: /etc/sluice/tls/server.key\n    owner: sluice:sluice\n"
				  "    permissions: \"0600\"\n    content: |2\n";
	static const char clients[] =
		"  - path: /etc/sluice/tls/clients.crt\n    permissions: \"0644\"\n    content: |2\n";
	char *seed;

	(void)state;
	assert_int_equal(read_spec(&spec, WHOLE, &error), 0);
	seed = seed_of(1);
	assert_null(strstr(seed, "insecure"));
	assert_non_null(strstr(seed, "      tls:\n        certificate: /etc/sluice/tls/server.crt\n"
				     "        key: /etc/sluice/tls/server.key\n"
				     "        client_ca: /etc/sluice/tls/clients.crt\n"));
	assert_laid_down(seed, key, "both.key");
	assert_laid_down(seed, clients, "ca.crt");
	free(seed);
	spec_free(&spec);

	assert_int_equal(read_spec(&spec,
				   VNF "tls:\n" OURS "  server: {certificate: [one.crt, two.crt], "
				       "key: [one.key, two.key], client_ca: orch.crt}\n",
				   &error),
			 0);
	seed = seed_of(1);
	assert_laid_down(seed, key, "two.key");
	assert_laid_down(seed, clients, "orch.crt");
	free(seed);
	spec_free(&spec);
}

/* What renews a certificate leads the link to another file. */
static void links_are_followed_when_they_are_read(void **state)
{
	struct instance instance = {.vnf = "e"};
	struct metadata metadata, read;
	char *xml;

	(void)state;
	assert_int_equal(symlink("orch.crt", "link.crt"), 0);
	assert_int_equal(read_spec(&spec,
				   VNF "tls: {ca: ca.crt, certificate: link.crt, key: orch.key, "
				       "server: {certificate: both.crt, key: both.key}}\n",
				   &error),
			 0);
	machine_plan(&spec, &instance, 0, &metadata);
	xml = metadata_xml(&metadata);
	assert_int_equal(metadata_parse(xml, &read), 0);
	assert_int_equal(read.tls.certificate[0], '/');
	assert_non_null(strstr(read.tls.certificate, "/link.crt"));
	assert_string_equal(read.tls.ca, metadata.tls.ca);
	assert_string_equal(read.tls.key, spec.tls.key.text);
	free(xml);
	spec_free(&spec);
}

static void assert_mode(const char *file, mode_t mode)
{
	struct stat status;

	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_mode & 0777, mode);
}

/* Nor what a crash leaves of it. */
static void nobody_else_reads_the_seed(void **state)
{
	struct instance instance = {.vnf = "e", .letter = 'a'};
	struct metadata metadata;

	(void)state;
	assert_int_equal(read_spec(&spec, WHOLE, &error), 0);
	machine_plan(&spec, &instance, 0, &metadata);
	assert_int_equal(seed_make(&spec, &instance, &metadata, &error), 0);
	assert_mode(metadata.seed, 0600);
	assert_int_equal(mkdir("e-0a-seed.iso.files", 0700), 0);
	write_text("e-0a-seed.iso.files/user-data", "a key");
	assert_int_equal(seed_make(&spec, &instance, &metadata, &error), 0);
	assert_int_not_equal(access("e-0a-seed.iso.files", F_OK), 0);
	assert_int_equal(mkdir("e-0a-seed.iso.files", 0700), 0);
	write_text("e-0a-seed.iso.files/user-data", "a key");
	seed_remove(&metadata);
	assert_int_not_equal(access("e-0a-seed.iso", F_OK), 0);
	assert_int_not_equal(access("e-0a-seed.iso.files", F_OK), 0);
	spec_free(&spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_are_told_with_their_lines),
		cmocka_unit_test(the_seed_lays_down_the_address_s_files),
		cmocka_unit_test(links_are_followed_when_they_are_read),
		cmocka_unit_test(nobody_else_reads_the_seed),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
