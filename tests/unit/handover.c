/* SPDX-License-Identifier: Apache-2.0 */
/* What two daemons that hand over say to each other. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "vnf/core/handover.h"

static char directory[] = "/tmp/sluice-handover-XXXXXX", path[64];

struct pair {
	int listener, here, there, process;
};

static int connect_pair(void **state)
{
	static struct pair pair;

	pair.listener = handover_listen(path);
	assert_true(pair.listener >= 0);
	pair.there = handover_connect(path);
	assert_true(pair.there >= 0);
	pair.here = handover_accept(pair.listener, &pair.process);
	assert_true(pair.here >= 0);
	*state = &pair;
	return 0;
}

static int close_pair(void **state)
{
	struct pair *pair = *state;

	close(pair->listener);
	close(pair->process);
	if (pair->here >= 0)
		close(pair->here);
	if (pair->there >= 0)
		close(pair->there);
	return 0;
}

static ino_t inode(int fd)
{
	struct stat stat;

	return fstat(fd, &stat) ? 0 : stat.st_ino;
}

static void a_message_arrives_as_it_was_sent(void **state)
{
	struct pair *pair = *state;
	struct handover_message sent = {.step = HANDOVER_FROZEN, .seconds = 7, .revision = 1ULL << 40}, got;

	for (sent.fds = 0; sent.fds < HANDOVER_FDS; sent.fds++)
		sent.fd[sent.fds] = sent.fds % 2 ? pair->listener : pair->process;
	memset(sent.text, 'x', sizeof(sent.text) - 1);
	assert_int_equal(handover_send(pair->here, &sent), 0);
	assert_int_equal(handover_receive(pair->there, 1000, &got), 0);
	assert_int_equal(got.step, HANDOVER_FROZEN);
	assert_int_equal(got.seconds, 7);
	assert_true(got.revision == 1ULL << 40);
	assert_string_equal(got.text, sent.text);
	assert_int_equal(got.fds, HANDOVER_FDS);
	for (size_t i = 0; i < got.fds; i++) {
		assert_int_not_equal(got.fd[i], sent.fd[i]);
		assert_true(inode(got.fd[i]) == inode(sent.fd[i]));
		assert_true(fcntl(got.fd[i], F_GETFD) & FD_CLOEXEC);
	}
	handover_close_fds(&got);
	assert_int_equal(got.fds, 0);
}

static void the_other_ends_end_is_known(void **state)
{
	struct pair *pair = *state;
	struct handover_message message = {.step = HANDOVER_CONFIRM};

	assert_int_equal(handover_receive(pair->here, 0, &message), -ETIMEDOUT);
	message = (struct handover_message){.step = HANDOVER_CONFIRM};
	assert_int_equal(handover_send(pair->there, &message), 0);
	close(pair->there);
	pair->there = -1;
	assert_int_equal(handover_receive(pair->here, 1000, &message), 0);
	assert_int_equal(message.step, HANDOVER_CONFIRM);
	assert_int_equal(handover_receive(pair->here, 1000, &message), -EPIPE);
	assert_int_equal(handover_send(pair->here, &message), -EPIPE);
}

static void other_bytes_are_no_message(void **state)
{
	struct pair *pair = *state;
	struct handover_message message;
	char bytes[1024];

	memset(bytes, 0xff, sizeof(bytes));
	for (size_t size = 1; size <= sizeof(bytes); size *= 2) {
		assert_int_equal(send(pair->there, bytes, size, 0), size);
		assert_int_equal(handover_receive(pair->here, 1000, &message), -EPROTO);
		assert_int_equal(message.fds, 0);
	}
}

static void the_process_at_the_other_end_is_known(void **state)
{
	struct pair *pair = *state;
	struct pollfd ended;
	int process, fd;
	pid_t child = fork();

	if (!child)
		_exit(handover_connect(path) < 0 || pause());
	fd = handover_accept(pair->listener, &process);
	assert_true(fd >= 0);
	ended = (struct pollfd){process, POLLIN, 0};
	assert_int_equal(poll(&ended, 1, 0), 0);
	assert_int_equal(syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0), 0);
	assert_int_equal(poll(&ended, 1, 5000), 1);
	waitpid(child, NULL, 0);
	close(process);
	close(fd);
}

static void another_users_process_is_refused(void **state)
{
	struct pair *pair = *state;
	pid_t child;
	int process;

	if (geteuid() != 0) {
		print_message("needs root, to be another user\n");
		skip();
	}
	assert_int_equal(chmod(directory, 0755), 0);
	assert_int_equal(chmod(path, 0666), 0);
	child = fork();
	if (!child)
		_exit(setresuid(12345, 12345, 12345) || handover_connect(path) < 0 || pause());
	assert_int_equal(handover_accept(pair->listener, &process), -EPERM);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void where_nobody_listens(void **state)
{
	char long_path[300];
	struct stat stat_of;

	(void)state;
	(void)unlink(path);
	assert_int_equal(handover_connect(path), -ENOENT);
	close(handover_listen(path));
	assert_int_equal(handover_connect(path), -ECONNREFUSED);
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 0777, 0600);
	memset(long_path, '/', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(handover_connect(long_path), -ENAMETOOLONG);
	assert_int_equal(handover_listen(long_path), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_message_arrives_as_it_was_sent, connect_pair, close_pair),
		cmocka_unit_test_setup_teardown(the_other_ends_end_is_known, connect_pair, close_pair),
		cmocka_unit_test_setup_teardown(other_bytes_are_no_message, connect_pair, close_pair),
		cmocka_unit_test_setup_teardown(the_process_at_the_other_end_is_known, connect_pair, close_pair),
		cmocka_unit_test_setup_teardown(another_users_process_is_refused, connect_pair, close_pair),
		cmocka_unit_test(where_nobody_listens),
	};
	int failed;

	if (!mkdtemp(directory))
		return 1;
	snprintf(path, sizeof(path), "%s/socket", directory);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	rmdir(directory);
	return failed;
}
