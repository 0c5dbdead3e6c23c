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

#include "vnf/core/fd_store.h"
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

/* A descriptor and what was said with it: the service manager's side. */
static int hear(int fd, char *text, size_t size)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = {text, size - 1};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
	int with = -1;

	assert_true(length > 0);
	text[length] = '\0';
	if (CMSG_FIRSTHDR(&message))
		memcpy(&with, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(with));
	return with;
}

static void descriptors_are_left_to_the_service_manager(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char folder[] = "/tmp/sluice-store-XXXXXX", heard[128];
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), kept[2], stored;

	(void)state;
	assert_false(fd_store_is_there());
	assert_int_equal(fd_store_put("a", STDIN_FILENO), -ENOENT);
	assert_non_null(mkdtemp(folder));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	assert_true(fd_store_is_there());
	assert_int_equal(pipe(kept), 0);
	assert_int_equal(fd_store_put("a", kept[1]), 0);
	assert_int_equal(hear(fd, heard, sizeof(heard)), -1);
	assert_string_equal(heard, "FDSTOREREMOVE=1\nFDNAME=a");
	stored = hear(fd, heard, sizeof(heard));
	assert_string_equal(heard, "FDSTORE=1\nFDPOLL=0\nFDNAME=a");
	assert_int_equal(write(stored, "x", 1), 1);
	assert_int_equal(read(kept[0], heard, 1), 1);
	close(stored);
	close(kept[0]);
	close(kept[1]);
	unlink(address.sun_path);
	assert_true(fd_store_put("a", STDIN_FILENO) < 0);
	unsetenv("NOTIFY_SOCKET");
	close(fd);
	rmdir(folder);
}

/* In a child, whose descriptors from 3 on are the ones that it was started with. */
static int look_for(const char *names, const char *count, long pid, const char *name)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		char text[16];
		int found;

		snprintf(text, sizeof(text), "%ld", pid ? pid : (long)getpid());
		setenv("LISTEN_PID", text, 1);
		setenv("LISTEN_FDS", count, 1);
		setenv("LISTEN_FDNAMES", names, 1);
		for (int i = 3; i < 6; i++)
			dup2(STDIN_FILENO, i);
		close(4);
		found = fd_store_get(name);
		_exit(found < 0 ? -found : found != 3 && found != 5 ? 0 : 100);
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static void descriptors_are_found_by_name(void **state)
{
	(void)state;
	assert_int_equal(fd_store_get("a"), -ENOENT);
	assert_int_equal(look_for("a:bc:d", "3", 0, "a"), 0);
	assert_int_equal(look_for("a:bc:d", "3", 0, "bc"), EBADF);
	assert_int_equal(look_for("a:bc:d", "3", 0, "d"), 0);
	assert_int_equal(look_for("a:bc:d", "2", 0, "d"), ENOENT); /* a name too many */
	assert_int_equal(look_for("a:bc:d", "3", 0, "b"), ENOENT);
	assert_int_equal(look_for("a:bc:d", "3", 0, "bcd"), ENOENT);
	assert_int_equal(look_for("", "3", 0, "a"), ENOENT);
	assert_int_equal(look_for("a:bc:d", "x", 0, "a"), ENOENT);
	assert_int_equal(look_for("a:bc:d", "3", 1, "a"), ENOENT); /* they were another's */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_daemon_a_namespace),
		cmocka_unit_test(tells_the_service_manager),
		cmocka_unit_test(descriptors_are_left_to_the_service_manager),
		cmocka_unit_test(descriptors_are_found_by_name),
	};

	return cmocka_run_group_tests_name("instance", tests, NULL, NULL);
}
