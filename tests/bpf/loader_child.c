/* SPDX-License-Identifier: Apache-2.0 */
/* Who has given up the right to load programs has a child that keeps it, and loads the twins by that. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "vnf/core/privileges.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/internal.h"
#include "vnf/dataplane/twins.h"
#include "vnf/dataplane/xdp/load_helper.h"

#define SKIPPED 77 /* tells ctest */

static struct dataplane *dataplane;
static pid_t loader; /* a child of ours */

static void loads(void **state)
{
	struct twins twins;

	(void)state;
	privileges_drop();
	assert_int_equal(twins_load(dataplane, true, &twins), 0);
	assert_non_null(twins.now);
	twins_close(&twins);
	assert_int_equal(twins_load(dataplane, false, &twins), 0); /* it answers more than once */
	assert_true(twins.ring >= 0);
	twins_close(&twins);
}

static void ends_with_its_socket(void **state)
{
	struct twins twins;

	(void)state;
	close(dataplane->loader_socket);
	assert_int_equal(waitpid(loader, NULL, 0), loader);
	dataplane->loader_socket = 0;
	assert_true(twins_load(dataplane, true, &twins) < 0); /* by itself it may not */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(loads), cmocka_unit_test(ends_with_its_socket)};
	struct dataplane_options options = {.limits = {.routes = 1000}};
	int failed, error = 0;

	if (geteuid() || unshare(CLONE_NEWNET)) {
		printf("SKIP: a network namespace and a BPF program take root\n");
		return SKIPPED;
	}
	options.loader_socket = loader_child(&loader);
	if (options.loader_socket < 0)
		return 1;
	dataplane = dataplane_new(&options, &error);
	if (!dataplane) {
		fprintf(stderr, "the program does not load: %s\n", strerror(-error));
		return 1;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	dataplane_free(dataplane);
	return failed != 0;
}
