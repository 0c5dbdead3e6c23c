/* SPDX-License-Identifier: Apache-2.0 */
/* Clients, and a machine, that mean no good: others are served all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/rpc_fake.h"
#include "vnf/rpc/connections.h"
#include "vnf/rpc/core.h"
#include "vnf/rpc/listener.h"

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void pause_ms(int milliseconds)
{
	poll(NULL, 0, milliseconds);
}

/* A socket that is connected to the server; -1: no descriptor, or not accepted. */
static int connect_raw(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%.*s", (int)sizeof(address.sun_path) - 1,
		 test.target + strlen("unix:"));
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	close(fd);
	return -1;
}

/* Has the server closed it, without a byte? */
static bool is_closed(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0 || errno == ECONNRESET;
}

static size_t count_closed(const int *fd, size_t count)
{
	size_t closed = 0;

	for (size_t i = 0; i < count; i++)
		closed += is_closed(fd[i]);
	return closed;
}

static bool is_served(void)
{
	struct rpc_client *client = rpc_client_new(test.target);
	struct error error = {0};
	bool served = rpc_fake_apply(client, "me", 4, 2000, &error) == 5;

	rpc_client_free(client);
	return served;
}

/* A peer may have so many connections; what goes beyond is closed, and where one ends another may begin. */
static void connections_of_a_peer_are_limited(void **state)
{
	static int fd[CONNECTIONS_OF_PEER + 40];
	const size_t count = sizeof(fd) / sizeof(fd[0]);
	struct error error = {0};
	double deadline = now() + 10;

	(void)state;
	assert_int_equal(rpc_fake_apply(test.client, "me", 4, TIMEOUT_MS, &error), 5); /* it has one */
	for (size_t i = 0; i < count; i++)
		assert_true((fd[i] = connect_raw()) >= 0);
	while (count_closed(fd, count) < 41 && now() < deadline)
		pause_ms(20);
	assert_int_equal(count_closed(fd, count), 41);
	assert_int_equal(connections_count(), CONNECTIONS_OF_PEER);
	assert_true(connections_refused() >= 41);
	assert_int_equal(rpc_fake_apply(test.client, "me", 4, TIMEOUT_MS, &error), 5);
	for (size_t i = 0; i < count; i++)
		close(fd[i]);
	while (connections_count() > 1 && now() < deadline)
		pause_ms(20);
	assert_int_equal(connections_count(), 1);
	assert_true(is_served());
}

/* CVE-2023-4785: core stops listening for good where accept fails for want of a descriptor. It never does. */
static void descriptors_run_out(void **state)
{
	struct rlimit before, few;
	static int fd[512];
	size_t count = 0;
	double deadline = now() + 10;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){.rlim_cur = 256, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	/* each takes two descriptors, for both ends are in this process; at the end, even the reserve is used up */
	while (count < 512 && (fd[count] = connect_raw()) >= 0)
		count++;
	assert_in_range(count, 100, 300);
	pause_ms(200);
	while (count > 100)
		close(fd[--count]);
	assert_true(is_served());
	while (count > 0)
		close(fd[--count]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	while (!is_served() && now() < deadline)
		pause_ms(20);
	assert_true(is_served());
}

/* Somebody removes the socket, a program that cleans up: it is there again soon. */
static void a_removed_socket_is_served_again(void **state)
{
	const char *path = test.target + strlen("unix:");
	double deadline = now() + 30;

	(void)state;
	assert_true(is_served());
	assert_int_equal(unlink(path), 0);
	assert_false(is_served());
	while (!is_served() && now() < deadline)
		pause_ms(100);
	assert_true(is_served());
	assert_true(rpc_server_listens(test.server));
}

/* Nobody accepts behind this one: it is found out by asking. */
static void a_dead_listener_is_found_out(void **state)
{
	const struct rpc_options options = {.relayed = NULL};
	char address[] = "unix:/tmp/sluice-dead-XXXXXX";
	struct listener listener = {.options = &options, .address = address};
	struct sockaddr_un dead = {.sun_family = AF_UNIX};
	atomic_bool stop = false;
	int fd = mkstemp(address + strlen("unix:"));

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(listener_ask(&listener, 100, &stop), LISTENER_REFUSES);
	unlink(address + strlen("unix:"));
	assert_int_equal(listener_ask(&listener, 100, &stop), LISTENER_REFUSES);
	strncpy(dead.sun_path, address + strlen("unix:"), sizeof(dead.sun_path) - 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&dead, sizeof(dead)), 0);
	assert_int_equal(listen(fd, 1), 0);
	for (int i = 0; i < 4; i++) /* at first its queue takes them, then it is full */
		assert_int_equal(listener_ask(&listener, 100, &stop), LISTENER_SILENT);
	close(fd);
	unlink(dead.sun_path);
	listener.address = test.target;
	assert_int_equal(listener_ask(&listener, 5000, &stop), LISTENER_ANSWERS);
}

/* Pings that come too often, as few as it takes to be told so: the connection is closed, core's memory is not filled.
 * RFC 9113, section 6.7. */
static void pings_too_often_end_the_connection(void **state)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
	static const char ping[17] = {0, 0, 8, 6};
	double deadline = now() + 10;
	int fd = connect_raw();
	bool ended = false;
	char bytes[4096];

	(void)state;
	assert_int_equal(send(fd, preface, sizeof(preface) - 1, MSG_NOSIGNAL), sizeof(preface) - 1);
	for (int i = 0; i < 8; i++)
		if (send(fd, ping, sizeof(ping), MSG_NOSIGNAL) < 0)
			break;
	while (!ended && now() < deadline) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};

		ended = poll(&ready, 1, 1000) > 0 && recv(fd, bytes, sizeof(bytes), 0) <= 0;
	}
	assert_true(ended);
	close(fd);
	assert_true(is_served());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(connections_of_a_peer_are_limited, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(descriptors_run_out, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(a_removed_socket_is_served_again, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(a_dead_listener_is_found_out, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(pings_too_often_end_the_connection, rpc_fake_start, rpc_fake_stop),
	};

	struct rlimit most;

	/* both ends of each connection are here, as in no router */
	if (getrlimit(RLIMIT_NOFILE, &most) || most.rlim_max < 2 * CONNECTIONS_OF_PEER + 512) {
		fprintf(stderr, "needs %d open files\n", 2 * CONNECTIONS_OF_PEER + 512);
		return 1;
	}
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_NOFILE, &most);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
