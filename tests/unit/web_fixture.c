/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/web_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int hello(const struct web_request *request, struct web_answer *answer)
{
	const char *name = evhttp_find_header(request->query, "name");

	return evbuffer_add_printf(answer->body, "hello %s", name ? name : (const char *)request->context) < 0;
}

static int long_answer(const struct web_request *request, struct web_answer *answer)
{
	(void)request;
	answer->type = "text/html";
	for (int i = 0; i < LONG_BYTES; i++)
		if (evbuffer_add(answer->body, "x", 1))
			return -1;
	return 0;
}

static int refuse(const struct web_request *request, struct web_answer *answer)
{
	(void)request;
	return web_fail(answer, 409, "not %s", "now");
}

static int no_memory(const struct web_request *request, struct web_answer *answer)
{
	(void)request;
	(void)answer;
	return -1;
}

const struct web_path web_fixture_paths[] = {
	{"/hello", hello}, {"/long", long_answer}, {"/refuse", refuse}, {"/memory", no_memory}, {NULL, NULL}};

char world[] = "world";

struct web *web_start(char *address, bool wait)
{
	char *listen[] = {address, NULL};
	const struct web_options options = {.listen = listen, .wait = wait, .paths = web_fixture_paths};
	struct error error = {0};
	struct web *web = web_new(&options, &error);

	if (!web)
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
	return web;
}

struct web *web_start_serving(void)
{
	static char any[] = "127.0.0.1:0";
	struct web *web = web_start(any, false);

	web_serve(web, world);
	return web;
}

int open_connection(const struct web *web)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd, tries = 0;

	address.sin_port = htons((uint16_t)web_port(web, 0));
	for (;;) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (!connect(fd, (const struct sockaddr *)&address, sizeof(address)))
			return fd;
		close(fd);
		assert_true(tries++ < 2000);
		nanosleep(&pause, NULL);
	}
}

void say(int fd, const char *text)
{
	size_t length = strlen(text);

	assert_int_equal(send(fd, text, length, MSG_NOSIGNAL), (ssize_t)length);
}

char heard[2 * LONG_BYTES];

size_t hear(int fd, const char *end)
{
	struct pollfd poll_of = {.fd = fd, .events = POLLIN};
	size_t length = 0;
	ssize_t got;

	do {
		assert_int_equal(poll(&poll_of, 1, 10000), 1);
		got = recv(fd, heard + length, sizeof(heard) - 1 - length, 0);
		length += got > 0 ? (size_t)got : 0;
		heard[length] = '\0';
	} while (got > 0 && !(end && strstr(heard, end)));
	return length;
}

size_t ask(const struct web *web, const char *line, const char *headers)
{
	int fd = open_connection(web);
	char text[512];
	size_t length;

	snprintf(text, sizeof(text), "%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n%s\r\n", line, headers);
	say(fd, text);
	length = hear(fd, NULL);
	close(fd);
	return length;
}

void expect(const char *text)
{
	if (!strstr(heard, text))
		fail_msg("\"%s\" is not in: %.600s", text, heard);
}
