/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "vnf/core/fd_store.h"
#include "vnf/core/instance.h"

static char directory[] = "/tmp/sluice-instance-XXXXXX";

/* With the locks in it. */
static void remove_directory(const char *path)
{
	char name[300];
	struct dirent *entry;
	DIR *stream = opendir(path);

	while (stream && (entry = readdir(stream))) {
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		unlink(name);
	}
	closedir(stream);
	rmdir(path);
}

/* In a child, so that the claim goes with it; returns what the second claim said. The directories may be the same. */
static int claim_twice(int unshare_between, const char *first, const char *second)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		if (unshare(CLONE_NEWNET) || instance_claim(first))
			_exit(100);
		if (unshare_between && unshare(CLONE_NEWNET))
			_exit(101);
		_exit(-instance_claim(second));
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static void needs_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("needs root, for network namespaces\n");
	skip();
}

static void one_daemon_a_namespace(void **state)
{
	char other[] = "/tmp/sluice-instance-XXXXXX";

	(void)state;
	needs_root();
	assert_non_null(mkdtemp(other));
	assert_int_equal(claim_twice(0, directory, directory), EADDRINUSE);
	assert_int_equal(claim_twice(0, directory, other), EADDRINUSE);
	assert_int_equal(claim_twice(1, directory, directory), 0);
	assert_int_equal(chmod(other, 0777), 0);
	assert_int_equal(claim_twice(1, directory, other), EPERM);
	remove_directory(other);
}

/* Whoever has the name: listening, as a datagram socket, or only bound. */
static int take_name(int type, int listens)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0sluiced"};
	int fd = socket(AF_UNIX, type, 0);

	return fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t) + 8) || (listens && listen(fd, 1));
}

/* All that a user without privileges can do in the namespace, and what the daemon's claim says then. */
static int claim_beside(int type, int listens, uid_t user)
{
	int status = 0, ready[2];
	pid_t child = fork(), other;
	char told = 0, path[64];

	if (child > 0) {
		waitpid(child, &status, 0);
		return WEXITSTATUS(status);
	}
	if (unshare(CLONE_NEWNET) || pipe(ready))
		_exit(100);
	other = fork();
	if (other == 0) {
		struct stat stat_of;

		stat("/proc/self/ns/net", &stat_of);
		snprintf(path, sizeof(path), "%s/netns-%llu.lock", directory, (unsigned long long)stat_of.st_ino);
		if (setresgid(user, user, user) || setresuid(user, user, user) || take_name(type, listens))
			_exit(1);
		if (user && (open(path, O_RDONLY | O_CREAT, 0666) >= 0 || open(directory, O_RDONLY) >= 0))
			_exit(1);
		if (write(ready[1], "y", 1) != 1)
			_exit(1);
		pause();
	}
	close(ready[1]);
	if (read(ready[0], &told, 1) != 1)
		_exit(102);
	status = -instance_claim(directory);
	kill(other, SIGKILL);
	_exit(status);
}

static void no_other_user_can_block_it(void **state)
{
	(void)state;
	needs_root();
	assert_int_equal(claim_beside(SOCK_STREAM, 1, 65534), 0);
	assert_int_equal(claim_beside(SOCK_STREAM, 0, 65534), 0);
	assert_int_equal(claim_beside(SOCK_DGRAM, 0, 65534), 0);
	assert_int_equal(claim_beside(SOCK_STREAM, 1, 0), EADDRINUSE);
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

static int begin(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	remove_directory(directory);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_daemon_a_namespace),
		cmocka_unit_test(no_other_user_can_block_it),
		cmocka_unit_test(tells_the_service_manager),
		cmocka_unit_test(descriptors_are_left_to_the_service_manager),
		cmocka_unit_test(descriptors_are_found_by_name),
	};

	return cmocka_run_group_tests_name("instance", tests, begin, end);
}
