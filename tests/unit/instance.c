/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "vnf/core/instance.h"

/* In a child, so that the claim goes with it; returns what the second claim said. */
static int claim_twice(int unshare_between)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		if (unshare(CLONE_NEWNET) || instance_claim())
			_exit(100);
		if (unshare_between && unshare(CLONE_NEWNET))
			_exit(101);
		_exit(-instance_claim());
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static void one_daemon_a_namespace(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("needs root, for network namespaces\n");
		skip();
	}
	assert_int_equal(claim_twice(0), EADDRINUSE);
	assert_int_equal(claim_twice(1), 0);
}

static void tells_the_service_manager(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char folder[] = "/tmp/sluice-notify-XXXXXX", heard[64] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	instance_notify("READY=1");
	assert_int_equal(recv(fd, heard, sizeof(heard) - 1, MSG_DONTWAIT), 7);
	assert_string_equal(heard, "READY=1");
	unsetenv("NOTIFY_SOCKET");
	instance_notify("READY=1");
	assert_int_equal(recv(fd, heard, sizeof(heard), MSG_DONTWAIT), -1);
	close(fd);
	unlink(address.sun_path);
	rmdir(folder);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_daemon_a_namespace),
		cmocka_unit_test(tells_the_service_manager),
	};

	return cmocka_run_group_tests_name("instance", tests, NULL, NULL);
}
