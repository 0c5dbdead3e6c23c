/* SPDX-License-Identifier: Apache-2.0 */
/* The server of HTTP, by its socket: what it answers, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/unit/web_fixture.h"

static void answers(void **state)
{
	struct web *web = web_start_serving();

	(void)state;
	ask(web, "GET /hello", "");
	expect("HTTP/1.1 200 OK\r\n");
	expect("Content-Length: 11\r\n");
	expect("Content-Type: text/plain; charset=utf-8\r\n");
	expect("Cache-Control: no-store\r\n");
	expect("X-Content-Type-Options: nosniff\r\n");
	expect("Content-Security-Policy: default-src 'none'");
	expect("\r\n\r\nhello world");
	ask(web, "GET /hello?name=a%20b&x", "");
	expect("400 Bad Request");
	ask(web, "GET /hello?name=a%20b&x=1", "");
	expect("\r\n\r\nhello a b");
	ask(web, "GET /long", "");
	expect("Content-Length: 60000\r\n");
	expect("Content-Type: text/html\r\n");
	ask(web, "GET /refuse", "");
	expect("409 ");
	expect("\r\n\r\nnot now\n");
	ask(web, "GET /memory", "");
	expect("503 ");
	web_free(web);
}

static void head_has_no_body(void **state)
{
	struct web *web = web_start_serving();
	size_t length;

	(void)state;
	length = ask(web, "HEAD /long", "");
	expect("HTTP/1.1 200 OK\r\n");
	expect("Content-Length: 60000\r\n");
	assert_string_equal(heard + length - 4, "\r\n\r\n");
	web_free(web);
}

static void refusals(void **state)
{
	static const struct {
		const char *line, *headers, *says;
	} cases[] = {
		{"POST /hello", "Content-Length: 0\r\n", "405 "},
		{"POST /hello", "Content-Length: 0\r\n", "Allow: GET, HEAD\r\n"},
		{"PUT /hello", "Content-Length: 0\r\n", "405 "},
		{"DELETE /hello", "", "405 "},
		{"OPTIONS /hello", "", "405 "},
		{"TRACE /hello", "", "405 "},
		{"PATCH /hello", "Content-Length: 0\r\n", "405 "},
		{"BREW /hello", "", "501 "},
		{"GET /", "", "404 "},
		{"GET /hello/", "", "404 "},
		{"GET /../../etc/passwd", "", "404 "},
		{"GET /%2e%2e/%2e%2e/etc/passwd", "", "404 "},
		{"GET http://evil.example/hello", "", "421 "},
		{"POST /hello", "Content-Length: 1000000\r\n", "413 "},
		{"GET", "", "400 "},
	};
	static const char *const hosts[] = {
		"evil.example", "evil.example:9111", "localhost.evil", "127.0.0.1.evil", "[::1", "x", ""};
	struct web *web = web_start_serving();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ask(web, cases[i].line, cases[i].headers);
		expect(cases[i].says);
	}
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		int fd = open_connection(web);
		char text[256];

		snprintf(text, sizeof(text), "GET /hello HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", hosts[i]);
		say(fd, text);
		hear(fd, NULL);
		if (*hosts[i])
			expect("421 ");
		close(fd);
	}
	web_free(web);
}

static void known_hosts(void **state)
{
	static const char *const hosts[] = {"localhost", "LOCALHOST:9111", "127.0.0.1:9111",
					    "[::1]",	 "[::1]:9111",	   "192.0.2.1"};
	struct web *web = web_start_serving();

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		int fd = open_connection(web);
		char text[256];

		snprintf(text, sizeof(text), "GET /hello HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", hosts[i]);
		say(fd, text);
		hear(fd, NULL);
		expect("\r\n\r\nhello world");
		close(fd);
	}
	web_free(web);
}

static void many_requests_of_a_connection(void **state)
{
	struct web *web = web_start_serving();
	int fd = open_connection(web);

	(void)state;
	for (int i = 0; i < 100; i++) {
		say(fd, "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
		hear(fd, "hello world");
	}
	close(fd);
	web_free(web);
}

static void compresses(void **state)
{
	struct web *web = web_start_serving();
	size_t length = ask(web, "GET /long", "Accept-Encoding: br, gzip;q=0.5\r\n");
	char *body = strstr(heard, "\r\n\r\n") + 4;
	z_stream stream = {.next_in = (unsigned char *)body, .avail_in = (unsigned int)(heard + length - body)};
	unsigned char *plain = malloc(LONG_BYTES + 1);

	(void)state;
	expect("Content-Encoding: gzip\r\n");
	expect("Vary: Accept, Accept-Encoding\r\n");
	assert_true(length < 2000);
	stream.next_out = plain;
	stream.avail_out = LONG_BYTES + 1;
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(stream.total_out, LONG_BYTES);
	inflateEnd(&stream);
	free(plain);
	ask(web, "GET /long", "Accept-Encoding: gzip;q=0\r\n");
	assert_null(strstr(heard, "Content-Encoding"));
	ask(web, "GET /hello", "Accept-Encoding: gzip\r\n");
	assert_null(strstr(heard, "Content-Encoding"));
	web_free(web);
}

static void waits_for_an_address(void **state)
{
	struct web *first = web_start_serving(), *second;
	char *address[2] = {NULL, NULL};
	const struct web_options options = {.listen = address, .paths = web_fixture_paths};
	const struct timespec pause = {.tv_nsec = 2000000};
	struct error error = {0};
	char text[32];
	int fd;

	(void)state;
	snprintf(text, sizeof(text), "127.0.0.1:%u", web_port(first, 0));
	address[0] = text;
	fd = open_connection(first); /* it listens */
	assert_null(web_new(&options, &error));
	assert_string_equal(error.fault[0].field, "web.listen[0]");
	assert_non_null(strstr(error.fault[0].message, "stop the program"));
	second = web_start(text, true);
	web_serve(second, world);
	close(fd);
	web_free(first);
	for (int tries = 0; !web_port(second, 0) && tries < 2000; tries++)
		nanosleep(&pause, NULL);
	ask(second, "GET /hello", "");
	expect("hello world");
	web_free(second);
}

static void wrong_addresses(void **state)
{
	static const struct {
		const char *address, *says;
	} cases[] = {
		{"nonsense", "a port for loopback"},
		{"0", "a port for loopback"},
		{"65536", "a port for loopback"},
		{"unix:/a", "a port for loopback"},
		{"192.0.2.1:9111", "cannot be listened on"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[32], *listen[] = {text, NULL};
		const struct web_options options = {.listen = listen, .paths = web_fixture_paths};
		struct error error = {0};

		snprintf(text, sizeof(text), "%s", cases[i].address);
		assert_null(web_new(&options, &error));
		assert_non_null(strstr(error.fault[0].message, cases[i].says));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(head_has_no_body),
		cmocka_unit_test(refusals),
		cmocka_unit_test(known_hosts),
		cmocka_unit_test(many_requests_of_a_connection),
		cmocka_unit_test(compresses),
		cmocka_unit_test(waits_for_an_address),
		cmocka_unit_test(wrong_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
