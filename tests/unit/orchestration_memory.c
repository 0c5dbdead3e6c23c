/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation fails once, in turn, while a spec and its certificates are read and checked: it is refused for lack
 * of memory, never read by half. The sanitizer sees that nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "failing.h"
#include "orchestration_pair.h"
#include "orchestration_text.h"

static const char text[] = "name: e\n"
			   "driver: libvirt\n"
			   "image: image.qcow2\n"
			   "storage: .\n"
			   "replicas: 2\n"
			   "day0: [day0.yaml, day0.yaml]\n"
			   "management: {bridge: b, addresses: [192.0.2.10/24, 192.0.2.11/24], gateway: 192.0.2.1}\n"
			   "tls:\n"
			   "  ca: one.crt\n"
			   "  certificate: one.crt\n"
			   "  key: one.key\n"
			   "  server: {certificate: [one.crt, two.crt], key: [one.key, two.key], client_ca: one.crt}\n"
			   "dataplane: [{name: w, bridge: w, addresses: [10.1.0.1/24, [10.1.0.2/24, 10.1.0.3/24]]}]\n";

static int begin(void **state)
{
	struct error error = {0};

	enter_folder(state);
	return make_pair("one", "IP:192.0.2.10", &error) || make_pair("two", "IP:192.0.2.11", &error);
}

static int end(void **state)
{
	static const char *const names[] = {"one.crt", "one.key", "two.crt", "two.key"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	return leave_folder(state);
}

static bool says_so(const struct error *error)
{
	for (size_t i = 0; i < error->count; i++)
		if (strstr(error->fault[i].message, "out of memory"))
			return true;
	return false;
}

static void a_spec_is_read_whole_or_refused(void **state)
{
	unsigned int n = 0;
	bool failed = true;
	struct error error;
	struct spec spec;
	int rc;

	(void)state;
	write_text("vnf.yaml", text);
	while (failed) {
		memset(&spec, 0, sizeof(spec));
		memset(&error, 0, sizeof(error));
		fail_in = ++n;
		rc = spec_read(&spec, "vnf.yaml", &error);
		failed = fail_in == 0;
		fail_in = 0;
		if (rc != (failed ? -1 : 0) || says_so(&error) != failed)
			fail_msg("allocation %u: %d, %s: %s", n, rc, error.fault[0].field, error.fault[0].message);
		spec_free(&spec);
	}
	assert_true(n > 40); /* it did go through many */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spec_is_read_whole_or_refused),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
