/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation fails once, in turn, while a server with TLS and a relay's socket is made: it is refused for lack of
 * memory, and the next one is made. The sanitizer sees that nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "failing.h"
#include "orchestration_pair.h"
#include "vnf/rpc/server.h"

static char directory[] = "/tmp/sluice-rpc-memory-XXXXXX";

static int begin(void **state)
{
	struct error error = {0};

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_int_equal(chdir(directory), 0);
	return make_pair("server", "IP:127.0.0.1", &error);
}

static int end(void **state)
{
	(void)state;
	unlink("server.crt");
	unlink("server.key");
	unlink("relayed");
	assert_int_equal(chdir("/"), 0);
	return rmdir(directory);
}

static void a_server_is_made_or_refused(void **state)
{
	static const char *const listen[] = {"127.0.0.1:0", NULL};
	static const struct rpc_tls tls = {"server.crt", "server.key", "server.crt"};
	static const struct rpc_method none[] = {{.service = NULL}};
	char relayed[64];
	const struct rpc_dispatch dispatch = {.methods = none};
	const struct rpc_options options = {.listen = listen, .tls = &tls, .relayed = relayed};
	bool failed = true;
	unsigned int n = 0;

	(void)state;
	snprintf(relayed, sizeof(relayed), "%s/relayed", directory);
	while (failed) {
		struct rpc_server *server;
		struct error error = {0};

		fail_in = ++n;
		server = rpc_server_new(&options, &dispatch, &error);
		failed = fail_in == 0;
		fail_in = 0;
		assert_true(failed == !server);
		if (error.code != (failed ? ERROR_RESOURCE_EXHAUSTED : ERROR_NONE))
			fail_msg("allocation %u: %s: %s", n, error_code_name(error.code), error.fault[0].message);
		rpc_server_free(server);
	}
	assert_true(n > 10); /* two times three files, and what holds them */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_is_made_or_refused),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
