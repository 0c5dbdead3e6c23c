/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_lines),
		cmocka_unit_test(journal_lines),
		cmocka_unit_test(json_lines),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
