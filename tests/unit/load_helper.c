/* SPDX-License-Identifier: Apache-2.0 */
/* Loader and daemon, each against the other and against one that does not keep to what they agreed on. */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "api/dp/bank.h"
#include "vnf/dataplane/xdp/load.h"
#include "vnf/dataplane/xdp/load_helper.h"

#define ROUTES 1000

static char folder[] = "/tmp/sluice-loader-XXXXXX", path[64];
static size_t descriptors; /* before a test */

static size_t count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t count = 0;

	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static int before(void **state)
{
	(void)state;
	descriptors = count_descriptors();
	return 0;
}

static int after(void **state)
{
	(void)state;
	assert_int_equal(count_descriptors(), descriptors);
	return 0;
}

static void need_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("needs root, for BPF\n");
	skip();
}

/* --- the loader's side --- */

/* What the loader returns for what it is sent; *reply is zeros if it says nothing. */
static int serve(const void *request, size_t length, struct loader_reply *reply)
{
	int pair[2], status;

	memset(reply, 0, sizeof(*reply));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	if (length)
		assert_int_equal(send(pair[0], request, length, 0), length);
	shutdown(pair[0], SHUT_WR);
	status = loader_serve(pair[1]);
	close(pair[1]);
	if (recv(pair[0], reply, sizeof(*reply), 0) > 0)
		assert_int_equal(reply->magic, LOADER_MAGIC);
	close(pair[0]);
	return status;
}

static void requests_that_are_not_ours(void **state)
{
	const struct loader_request right = {LOADER_MAGIC, ROUTES, load_build()};
	const struct {
		struct loader_request request;
		size_t length;
	} cases[] = {
		{right, sizeof(right) - 1},
		{right, 1},
		{{LOADER_MAGIC + 1, ROUTES, right.build}, sizeof(right)},
		{{LOADER_MAGIC, ROUTES, right.build + 1}, sizeof(right)},
	};
	const struct loader_request longer[2] = {right, right};
	struct loader_reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(serve(&cases[i].request, cases[i].length, &reply), -EPROTONOSUPPORT);
		assert_int_equal(reply.error, -EPROTONOSUPPORT);
	}
	assert_int_equal(serve(longer, sizeof(right) + 1, &reply), -EPROTONOSUPPORT);
	assert_int_equal(reply.error, -EPROTONOSUPPORT);
}

static void requests_that_cannot_be(void **state)
{
	struct loader_request request = {LOADER_MAGIC, DP_MAX_ROUTES + 1, load_build()};
	struct loader_reply reply;
	int pair[2];

	(void)state;
	assert_int_equal(serve(&request, sizeof(request), &reply), -EINVAL);
	assert_int_equal(reply.error, -EINVAL);
	/* A daemon that hangs up, and no daemon at all. */
	assert_int_equal(serve(NULL, 0, &reply), -ECONNRESET);
	assert_int_equal(reply.magic, 0);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(loader_serve(pair[0]), -ENOTSOCK);
	close(pair[0]);
	close(pair[1]);
}

/* --- the daemon's side --- */

/* The peer at `path`. */
struct peer {
	int listener;
	size_t length; /* of the reply; 0: hangs up without one */
	struct loader_reply reply[2];
	int fd[LOADED_FDS + 2];
	size_t fds;
	bool really; /* a loader, rather than the above */
};

static void answer(int socket, const struct peer *peer)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(peer->fd))];
	} control = {
		{.cmsg_len = CMSG_LEN(peer->fds * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec text = {(void *)peer->reply, peer->length};
	struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1};
	struct loader_request request;

	assert_int_equal(recv(socket, &request, sizeof(request), 0), sizeof(request));
	assert_int_equal(request.magic, LOADER_MAGIC);
	assert_int_equal(request.build, load_build());
	assert_int_equal(request.max_routes, ROUTES);
	if (peer->fds) {
		memcpy(CMSG_DATA(&control.header), peer->fd, peer->fds * sizeof(int));
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(peer->fds * sizeof(int));
	}
	if (peer->length)
		assert_int_equal(sendmsg(socket, &message, 0), peer->length);
}

static void *be_peer(void *argument)
{
	struct peer *peer = argument;
	int socket = accept(peer->listener, NULL, NULL);

	assert_true(socket >= 0);
	if (peer->really)
		loader_serve(socket);
	else
		answer(socket, peer);
	close(socket);
	return NULL;
}

static int listen_at_path(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static int ask(struct peer *peer, struct loaded *loaded)
{
	pthread_t thread;
	int status;

	peer->listener = listen_at_path();
	assert_int_equal(pthread_create(&thread, NULL, be_peer, peer), 0);
	status = loader_ask(path, ROUTES, LOADER_TIMEOUT_MS, loaded);
	pthread_join(thread, NULL);
	close(peer->listener);
	unlink(path);
	return status;
}

static void nobody_answers(void **state)
{
	struct loaded loaded;
	int listener;

	(void)state;
	assert_int_equal(loader_ask(path, ROUTES, 50, &loaded), -ENOENT);
	listener = listen_at_path();
	assert_int_equal(loader_ask(path, ROUTES, 50, &loaded), -ETIMEDOUT);
	close(listener);
	assert_int_equal(loader_ask(path, ROUTES, 50, &loaded), -ECONNREFUSED);
	unlink(path);
	assert_int_equal(ask(&(struct peer){.length = 0}, &loaded), -ECONNRESET);
}

/* With descriptors or without, none stays: after(). */
static void replies_that_are_not_ours(void **state)
{
	const struct loader_reply right = {LOADER_MAGIC, 0, DP_COUNTER_ROUTES + ROUTES + 1, 1};
	struct loader_reply other = right, refusal = right, nonsense = right;
	const struct {
		const struct loader_reply *reply;
		size_t length;
		int status;
	} cases[] = {
		{&right, sizeof(right) - 1, -EPROTONOSUPPORT}, {&right, sizeof(right) + 1, -EPROTONOSUPPORT},
		{&other, sizeof(other), -EPROTONOSUPPORT},     {&refusal, sizeof(refusal), -EACCES},
		{&nonsense, sizeof(nonsense), -EPROTO},
	};
	struct peer peer = {.fd = {0, 0, 0, 0, 0}};
	struct loaded loaded;

	(void)state;
	other.magic++;
	refusal.error = -EACCES;
	nonsense.error = 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		peer.reply[0] = *cases[i].reply;
		peer.length = cases[i].length;
		for (peer.fds = 0; peer.fds <= LOADED_FDS; peer.fds += LOADED_FDS)
			assert_int_equal(ask(&peer, &loaded), cases[i].status);
	}
}

static void other_descriptors(void **state)
{
	struct peer peer = {.length = sizeof(*peer.reply)};
	struct loaded loaded, other;
	int swapped;

	(void)state;
	need_root();
	assert_int_equal(load_program(ROUTES, &loaded), 0);
	peer.reply[0] = (struct loader_reply){LOADER_MAGIC, 0, loaded.counter_count, loaded.cpus};
	for (size_t i = 0; i < LOADED_FDS + 2; i++)
		peer.fd[i] = loaded.fd[i % LOADED_FDS];
	for (peer.fds = 0; peer.fds <= LOADED_FDS + 2; peer.fds++) {
		if (peer.fds != LOADED_FDS)
			assert_int_equal(ask(&peer, &other), -EPROTO);
	}
	peer.fds = LOADED_FDS;
	assert_int_equal(ask(&peer, &other), 0);
	loaded_close(&other);
	/* numbers that are not those of the maps */
	peer.reply[0].cpus++;
	assert_int_equal(ask(&peer, &other), -EPROTO);
	peer.reply[0].cpus--;
	peer.reply[0].counter_count++;
	assert_int_equal(ask(&peer, &other), -EPROTO);
	peer.reply[0].counter_count--;
	/* each where another should be */
	for (size_t i = 0; i < LOADED_FDS; i++) {
		swapped = peer.fd[i];
		peer.fd[i] = loaded.fd[(i + 1) % LOADED_FDS];
		assert_int_equal(ask(&peer, &other), -EPROTO);
		peer.fd[i] = STDIN_FILENO;
		assert_int_equal(ask(&peer, &other), -EINVAL);
		peer.fd[i] = swapped;
	}
	loaded_close(&loaded);
}

static void both(void **state)
{
	struct loaded loaded;
	struct dp_state *tables;

	(void)state;
	need_root();
	assert_int_equal(ask(&(struct peer){.really = true}, &loaded), 0);
	assert_int_equal(loaded.counter_count, DP_COUNTER_ROUTES + ROUTES + 1);
	tables = mmap(NULL, sizeof(*tables), PROT_READ | PROT_WRITE, MAP_SHARED, loaded.fd[LOADED_STATE], 0);
	assert_ptr_not_equal(tables, MAP_FAILED);
	assert_int_equal(tables->generation, 0);
	munmap(tables, sizeof(*tables));
	loaded_close(&loaded);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(requests_that_are_not_ours, before, after),
		cmocka_unit_test_setup_teardown(requests_that_cannot_be, before, after),
		cmocka_unit_test_setup_teardown(nobody_answers, before, after),
		cmocka_unit_test_setup_teardown(replies_that_are_not_ours, before, after),
		cmocka_unit_test_setup_teardown(other_descriptors, before, after),
		cmocka_unit_test_setup_teardown(both, before, after),
	};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/socket", folder);
	failed = cmocka_run_group_tests_name("loader", tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
