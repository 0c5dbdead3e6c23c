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
#include "vnf/dataplane/bank/limits.h"
#include "vnf/dataplane/xdp/load.h"
#include "vnf/dataplane/xdp/load_helper.h"

static struct dp_limits limits = {.routes = 1000};

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
	const struct loader_request right = {.magic = LOADER_MAGIC, .limits = limits, .build = load_build()};
	const struct {
		struct loader_request request;
		size_t length;
	} cases[] = {
		{right, sizeof(right) - 1},
		{right, 1},
		{{.magic = LOADER_MAGIC + 1, .limits = limits, .build = right.build}, sizeof(right)},
		{{.magic = LOADER_MAGIC, .limits = limits, .build = right.build + 1}, sizeof(right)},
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
	struct loader_request request = {.magic = LOADER_MAGIC, .limits = limits, .build = load_build()};
	struct loader_reply reply;
	int pair[2];

	(void)state;
	request.limits.routes = DP_MAX_ROUTES + 1;
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
	int fd[LOADED_OBJECTS + 2];
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
	assert_memory_equal(&request.limits, &limits, sizeof(limits));
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
	status = loader_ask(path, LOAD_ROUTER, &limits, NULL, LOADER_TIMEOUT_MS, loaded);
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
	assert_int_equal(loader_ask(path, LOAD_ROUTER, &limits, NULL, 50, &loaded), -ENOENT);
	listener = listen_at_path();
	assert_int_equal(loader_ask(path, LOAD_ROUTER, &limits, NULL, 50, &loaded), -ETIMEDOUT);
	close(listener);
	assert_int_equal(loader_ask(path, LOAD_ROUTER, &limits, NULL, 50, &loaded), -ECONNREFUSED);
	unlink(path);
	assert_int_equal(ask(&(struct peer){.length = 0}, &loaded), -ECONNRESET);
}

/* With descriptors or without, none stays: after(). */
static void replies_that_are_not_ours(void **state)
{
	const struct loader_reply right = {.magic = LOADER_MAGIC, .cpus = 1, .count = LOADED_OBJECTS};
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
	struct peer peer = {.length = 0};
	struct loaded loaded;

	(void)state;
	other.magic++;
	refusal.error = -EACCES;
	nonsense.error = 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		peer.reply[0] = *cases[i].reply;
		peer.length = cases[i].length;
		for (peer.fds = 0; peer.fds <= LOADED_OBJECTS; peer.fds += LOADED_OBJECTS)
			assert_int_equal(ask(&peer, &loaded), cases[i].status);
	}
}

static struct peer peer_with(const struct loaded *loaded)
{
	struct peer peer = {
		.length = sizeof(*peer.reply),
		.reply[0] = {.magic = LOADER_MAGIC, .cpus = loaded->cpus, .count = loaded->count},
		.fds = loaded->count,
	};

	for (size_t i = 0; i < LOADED_OBJECTS + 2; i++)
		peer.fd[i] = loaded->object[i % LOADED_OBJECTS].fd;
	for (size_t i = 0; i < LOADED_OBJECTS; i++)
		memcpy(peer.reply[0].name[i], loaded->object[i].name, MAPS_NAME);
	return peer;
}

static void expect(struct peer *peer, int status)
{
	struct loaded other;

	assert_int_equal(ask(peer, &other), status);
	assert_int_equal(other.count, status ? 0 : LOADED_OBJECTS);
	loaded_close(&other);
}

static void other_descriptors(void **state)
{
	struct loaded loaded;
	struct peer peer;
	int kept;

	(void)state;
	need_root();
	assert_int_equal(load_programs(LOAD_ROUTER, &limits, NULL, &loaded), 0);
	peer = peer_with(&loaded);
	for (peer.fds = 0; peer.fds <= LOADED_OBJECTS + 2; peer.fds++)
		expect(&peer, peer.fds == LOADED_OBJECTS ? 0 : -EPROTO);
	peer.fds = LOADED_OBJECTS;
	/* a number of names that is not that of the descriptors, or more than there can be */
	peer.reply[0].count--;
	expect(&peer, -EPROTO);
	peer.reply[0].count = UINT32_MAX;
	expect(&peer, -EPROTO);
	peer.reply[0].count = peer.fds = LOADED_OBJECTS - 1;
	expect(&peer, -EPROTO);
	peer = peer_with(&loaded);
	/* numbers that are not those of the maps */
	peer.reply[0].cpus++;
	expect(&peer, -EPROTO);
	peer.reply[0].cpus--;
	/* each where another should be: no two maps here are of one size, but for tables of as many rows */
	for (size_t i = 0; i < LOADED_OBJECTS; i++) {
		kept = peer.fd[i];
		peer.fd[i] = loaded_fd(&loaded, i ? LOADED_ROUTER : "fib");
		if (peer.fd[i] != kept)
			expect(&peer, -EPROTO);
		peer.fd[i] = STDIN_FILENO;
		expect(&peer, -EINVAL);
		peer.fd[i] = kept;
	}
	loaded_close(&loaded);
}

static void other_names(void **state)
{
	struct loaded loaded;
	struct peer peer;

	(void)state;
	need_root();
	assert_int_equal(load_programs(LOAD_ROUTER, &limits, NULL, &loaded), 0);
	for (size_t i = 0; i < LOADED_OBJECTS; i++) {
		peer = peer_with(&loaded);
		peer.reply[0].name[i][0] ^= 1; /* missing under its name */
		expect(&peer, -EPROTO);
		memset(peer.reply[0].name[i], 'x', MAPS_NAME); /* and one without an end */
		expect(&peer, -EPROTO);
		memcpy(peer.reply[0].name[i], peer.reply[0].name[(i + 1) % LOADED_OBJECTS], MAPS_NAME); /* twice */
		expect(&peer, -EPROTO);
	}
	loaded_close(&loaded);
}

static bool same_sizes(const struct dp_limits *a, const struct dp_limits *b)
{
	struct map_size size[2][MAPS] = {0};

	maps_sizes(a, 2, size[0]);
	maps_sizes(b, 2, size[1]);
	return memcmp(size[0], size[1], sizeof(size[0])) == 0;
}

/* Maps of another size than this router's limits give them. */
static void other_sizes(void **state)
{
	struct loaded loaded;
	struct peer peer;

	(void)state;
	need_root();
	for (enum limit i = 0; i < LIMIT_COUNT; i++) {
		struct dp_limits larger = limits;

		limit_set(&larger, i, limit_get(&limits, i) * 2);
		if (same_sizes(&larger, &limits))
			continue; /* no map has its size from it, as from port pairs */
		assert_int_equal(load_programs(LOAD_ROUTER, &larger, NULL, &loaded), 0);
		peer = peer_with(&loaded);
		expect(&peer, -EPROTO);
		loaded_close(&loaded);
	}
}

static void both(void **state)
{
	struct loaded loaded;
	struct dp_counter *counters;
	uint64_t *generation;

	(void)state;
	need_root();
	assert_int_equal(ask(&(struct peer){.really = true}, &loaded), 0);
	assert_int_equal(loaded.count, LOADED_OBJECTS);
	generation = mmap(NULL, sizeof(*generation), PROT_READ | PROT_WRITE, MAP_SHARED,
			  loaded_fd(&loaded, "generation"), 0);
	assert_ptr_not_equal(generation, MAP_FAILED);
	assert_int_equal(*generation, 0);
	munmap(generation, sizeof(*generation));
	counters = mmap(NULL, sizeof(*counters) * maps_counters(&limits), PROT_READ, MAP_SHARED,
			loaded_fd(&loaded, "counters"), 0);
	assert_ptr_not_equal(counters, MAP_FAILED);
	munmap(counters, sizeof(*counters) * maps_counters(&limits));
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
		cmocka_unit_test_setup_teardown(other_names, before, after),
		cmocka_unit_test_setup_teardown(other_sizes, before, after),
		cmocka_unit_test_setup_teardown(both, before, after),
	};
	int failed;

	limits_complete(&limits);
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/socket", folder);
	failed = cmocka_run_group_tests_name("loader", tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
