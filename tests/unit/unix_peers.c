/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of unix sockets by whose they are: the quota, what is closed, and memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "failing.h"
#include "vnf/rpc/unix_peers.h"

static char path[] = "/tmp/sluice-unix-peers-XXXXXX";

static struct access *with_quota(unsigned int connections)
{
	struct access *access = access_new();
	struct error error = {0};
	FILE *stream = fopen(path, "w");

	fprintf(stream, "rules: [{identities: [\"*\"], role: admin, quotas: {connections: %u}}]\n", connections);
	fclose(stream);
	assert_int_equal(access_load(access, path, &error), 0);
	return access;
}

static int connection(int *other)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	*other = ends[1];
	return ends[0];
}

static void so_many_and_no_more(void **state)
{
	struct access *access = with_quota(3);
	struct unix_peers peers = {.access = access};
	int fd[5], other[5];

	(void)state;
	for (int i = 0; i < 5; i++)
		fd[i] = connection(&other[i]);
	for (int i = 0; i < 5; i++)
		assert_int_equal(unix_peers_admit(&peers, fd[i]), i < 3);
	/* One goes, and its number is another's at once. */
	close(fd[1]);
	assert_int_equal(dup2(fd[3], fd[1]), fd[1]);
	assert_true(unix_peers_admit(&peers, fd[1]));
	assert_int_equal(peers.count, 3);
	assert_false(unix_peers_admit(&peers, fd[4]));
	for (int i = 0; i < 5; i++) {
		close(fd[i]);
		close(other[i]);
	}
	unix_peers_clear(&peers);
	access_free(access); /* where nothing is held any more, or the sanitizer finds it */
}

static void those_that_are_gone_take_no_room(void **state)
{
	struct access *access = access_new();
	struct unix_peers peers = {.access = access};

	(void)state;
	for (int i = 0; i < 5000; i++) {
		int other, fd = connection(&other);

		assert_true(unix_peers_admit(&peers, fd));
		close(fd);
		close(other);
	}
	assert_true(peers.room <= 64);
	unix_peers_clear(&peers);
	access_free(access);
}

static void without_memory_it_is_closed(void **state)
{
	struct access *access = access_new();
	struct unix_peers peers = {.access = access};
	int other, fd = connection(&other);

	(void)state;
	for (unsigned int n = 1; n <= 2; n++) { /* the list, the caller */
		fail_in = n;
		assert_false(unix_peers_admit(&peers, fd));
		assert_int_equal(fail_in, 0);
	}
	assert_true(unix_peers_admit(&peers, fd));
	close(fd);
	close(other);
	unix_peers_clear(&peers);
	access_free(access);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_and_no_more),
		cmocka_unit_test(those_that_are_gone_take_no_room),
		cmocka_unit_test(without_memory_it_is_closed),
	};
	int result, fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	result = cmocka_run_group_tests_name("unix_peers", tests, NULL, NULL);
	unlink(path);
	return result;
}
