/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
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

#include <json-c/json.h>

#include "vnf/core/log.h"

/* Runs with stderr in a file and gives back what was written. */
static void capture(enum log_level level, enum log_format format, void (*speak)(void), char *text, size_t size)
{
	FILE *file = tmpfile();
	int kept = dup(STDERR_FILENO);
	ssize_t length;

	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	log_init(level, format);
	speak();
	dup2(kept, STDERR_FILENO);
	close(kept);
	length = pread(fileno(file), text, size - 1, 0);
	assert_true(length >= 0);
	text[length] = '\0';
	fclose(file);
}

static void speak_all(void)
{
	log_error("e %d", 1);
	log_warning("w");
	log_info("a \"quoted\" \\ tab\there\nsecond line");
	log_debug("d");
}

static void text_lines(void **state)
{
	char text[4096];

	(void)state;
	unsetenv("JOURNAL_STREAM");
	capture(LOG_LEVEL_WARNING, LOG_FORMAT_TEXT, speak_all, text, sizeof(text));
	assert_non_null(strstr(text, "Z error   e 1\n"));
	assert_non_null(strstr(text, "Z warning w\n"));
	assert_null(strstr(text, "quoted"));
}

static void journal_lines(void **state)
{
	char text[4096];

	(void)state;
	setenv("JOURNAL_STREAM", "8:1", 1);
	capture(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT, speak_all, text, sizeof(text));
	unsetenv("JOURNAL_STREAM");
	assert_string_equal(text, "<3>e 1\n<4>w\n<6>a \"quoted\" \\ tab\there\n<7>d\n");
}

static void json_lines(void **state)
{
	char text[4096], *line, *rest = text;
	int lines = 0;

	(void)state;
	capture(LOG_LEVEL_INFO, LOG_FORMAT_JSON, speak_all, text, sizeof(text));
	while ((line = strsep(&rest, "\n")) && *line) {
		struct json_object *object = json_tokener_parse(line), *message;

		assert_non_null(object);
		assert_true(json_object_object_get_ex(object, "message", &message));
		if (++lines == 3)
			assert_string_equal(json_object_get_string(message), "a \"quoted\" \\ tab\there");
		json_object_put(object);
	}
	assert_int_equal(lines, 3);
}

/* What clients sent may be in a line: no control character of theirs reaches who reads it. */
static void speak_oddly(void)
{
	log_error("%s", "a\x1b[2Jb\xc2\x9b"
			"c\xe2\x80\xae"
			"d\xff");
}

static void lines_are_clean(void **state)
{
	char text[4096];

	(void)state;
	unsetenv("JOURNAL_STREAM");
	capture(LOG_LEVEL_INFO, LOG_FORMAT_TEXT, speak_oddly, text, sizeof(text));
	assert_non_null(strstr(text, " a?[2Jb?c?d?\n"));
}

/* The end that nobody reads; the other is stderr. */
static int unread[2], kept;

static void stop_reading(int type)
{
	kept = dup(STDERR_FILENO);
	if (type == SOCK_STREAM)
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, unread), 0);
	else
		assert_int_equal(pipe(unread), 0);
	dup2(unread[1], STDERR_FILENO);
	close(unread[1]);
	log_init(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
}

/* Reads what there is, up to the text's end. */
static void read_on(char *text, size_t size)
{
	ssize_t got, used = 0;

	assert_int_equal(fcntl(unread[0], F_SETFL, O_NONBLOCK), 0);
	while ((got = read(unread[0], text + used, size - 1 - (size_t)used)) > 0)
		used += got;
	text[used] = '\0';
}

static void read_again(void)
{
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(unread[0]);
	log_init(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
}

/* Far more than a pipe or a socket holds: logging goes on, and who reads again learns how many lines are missing. */
static void nobody_reads(int type)
{
	static char text[8 << 20];
	unsigned long lines = 0, lost, said = 0;
	const char *report;

	unsetenv("JOURNAL_STREAM");
	stop_reading(type);
	for (int i = 0; i < 20000; i++)
		log_info("line %d %200s", i, "x");
	lost = log_lost();
	read_on(text, sizeof(text));
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	log_info("the next one");
	read_on(text, sizeof(text));
	read_again();
	report = strstr(text, "Z warning ");
	assert_non_null(report);
	assert_int_equal(sscanf(report, "Z warning %lu lines lost here: nobody read the log", &said), 1);
	assert_int_equal(said, lost);
	assert_in_range(lost, 1, 19999);
	assert_int_equal(lines + lost, 20000);
	assert_non_null(strstr(report, "info    the next one\n"));
	assert_int_equal(log_lost(), 0);
}

static void nobody_reads_the_pipe(void **state)
{
	(void)state;
	nobody_reads(0);
}

/* systemd's journal is a socket. */
static void nobody_reads_the_socket(void **state)
{
	(void)state;
	nobody_reads(SOCK_STREAM);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_lines),
		cmocka_unit_test(journal_lines),
		cmocka_unit_test(json_lines),
		cmocka_unit_test(lines_are_clean),
		cmocka_unit_test(nobody_reads_the_pipe),
		cmocka_unit_test(nobody_reads_the_socket),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
