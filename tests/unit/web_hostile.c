/* SPDX-License-Identifier: Apache-2.0 */
/* The server of HTTP: what clients cannot take from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/web_fixture.h"
#include "vnf/web/http/connections.h"

static void headers_have_an_end(void **state)
{
	struct web *web = web_start_serving();
	char line[1024];
	int fd = open_connection(web);
	ssize_t sent = 0;

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "A: ", 3);
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	say(fd, "GET /hello HTTP/1.1\r\nHost: localhost\r\n");
	for (int i = 0; i < 64 && sent >= 0; i++)
		sent = send(fd, line, sizeof(line), MSG_NOSIGNAL);
	hear(fd, NULL); /* refused, or reset while there was more to be read */
	assert_null(strstr(heard, "200 OK"));
	close(fd);
	ask(web, "GET /hello", "");
	expect("hello world");
	web_free(web);
}

/* Many who never end their requests do not keep one who does from being answered at once; the first of them have to go
 * for the last. */
static void slow_clients_give_way(void **state)
{
	struct web *web = web_start_serving();
	int fd[2 * WEB_CONNECTIONS];
	time_t begin = time(NULL);

	(void)state;
	for (size_t i = 0; i < 2 * WEB_CONNECTIONS; i++) {
		fd[i] = open_connection(web);
		say(fd[i], "GET /hello HTTP/1.1\r\nHost: local");
	}
	ask(web, "GET /hello", "");
	expect("hello world");
	assert_true(time(NULL) - begin < WEB_REQUEST_SECONDS);
	hear(fd[0], NULL);
	assert_null(strstr(heard, "200 OK"));
	for (size_t i = 0; i < 2 * WEB_CONNECTIONS; i++)
		close(fd[i]);
	web_free(web);
}

/* One who says a byte at a time has no longer than one who says nothing. */
static void a_request_has_its_time(void **state)
{
	const struct timespec pause = {.tv_nsec = 100000000};
	struct web *web = web_start_serving();
	int dripping = open_connection(web), silent = open_connection(web);
	time_t begin = time(NULL);
	struct pollfd poll_of = {.fd = dripping, .events = POLLIN};

	(void)state;
	say(dripping, "GET /");
	while (!poll(&poll_of, 1, 0) && time(NULL) - begin < 3 * WEB_REQUEST_SECONDS) {
		(void)send(dripping, "x", 1, MSG_NOSIGNAL);
		nanosleep(&pause, NULL);
	}
	assert_true(time(NULL) - begin < WEB_REQUEST_SECONDS + 4);
	hear(silent, NULL);
	assert_string_equal(heard, "");
	close(dripping);
	close(silent);
	web_free(web);
}

static void stops_with_connections_open(void **state)
{
	struct web *web = web_start_serving();
	int idle = open_connection(web), begun = open_connection(web);

	(void)state;
	say(begun, "GET /hel");
	ask(web, "GET /hello", "");
	web_stop(web);
	web_stop(web);
	web_free(web);
	close(idle);
	close(begun);
	web_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_have_an_end),
		cmocka_unit_test(slow_clients_give_way),
		cmocka_unit_test(a_request_has_its_time),
		cmocka_unit_test(stops_with_connections_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
