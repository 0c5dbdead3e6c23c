/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vnf/core/error.h"
#include "vnf/core/text.h"

static void first_fault_gives_the_code(void **state)
{
	struct error error = {0};

	(void)state;
	error_add(&error, ERROR_NOT_FOUND, "a.b", "no %s", "vrf");
	error_add(&error, ERROR_INVALID_ARGUMENT, NULL, "second");
	assert_int_equal(error.code, ERROR_NOT_FOUND);
	assert_int_equal(error.count, 2);
	assert_string_equal(error.fault[0].field, "a.b");
	assert_string_equal(error.fault[0].message, "no vrf");
	assert_string_equal(error.fault[1].field, "");
}

static void too_many_are_counted(void **state)
{
	struct error error = {0};

	(void)state;
	for (int i = 0; i < ERROR_FAULTS + 5; i++)
		error_add(&error, ERROR_INVALID_ARGUMENT, "f", "fault %d", i);
	assert_int_equal(error.count, ERROR_FAULTS + 5);
	assert_string_equal(error.fault[ERROR_FAULTS - 1].message, "fault 15");
}

/* A text of two-byte characters, longer than the buffer by any amount, never ends in half a character. */
static void long_texts_are_cut_at_a_character(void **state)
{
	(void)state;
	for (size_t extra = 0; extra < 4; extra++) {
		struct error error = {0};
		char text[512];
		size_t length = 0;

		memset(text, 'x', extra);
		for (length = extra; length + 2 < sizeof(text); length += 2)
			memcpy(text + length, "\xc3\xa9", 2);
		text[length] = '\0';
		error_add(&error, ERROR_INTERNAL, text, "%s", text);
		length = strlen(error.fault[0].message);
		assert_true(length >= sizeof(error.fault[0].message) - 2);
		assert_int_equal((length - extra) % 2, 0);
		assert_int_equal((strlen(error.fault[0].field) - extra) % 2, 0);
	}
}

/* Whoever sent it: what may not be shown does not come back. */
static void texts_are_cleaned(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{"plain, t\xc3\xa9l\xc3\xa9, \xf0\x9f\x98\x80", "plain, t\xc3\xa9l\xc3\xa9, \xf0\x9f\x98\x80"},
		{"\x1b[31m\x07\x7f", "?[31m??"},
		{"a\tb\nc\rd", "a\tb?c?d"},
		{"\xc2\x9b"
		 "2J",
		 "?2J"},							    /* CSI as one character, C1 */
		{"x\xe2\x80\xaey\xe2\x81\xa6z\xe2\x80\x8f\xd8\x9c", "x?y?z??"},	    /* marks of direction */
		{"\xe2\x80\xa8", "?"},						    /* line separator */
		{"\xff\xfe|\xc0\x80|\xed\xa0\x80|\xf4\x90\x80\x80|", "??|??|?|?|"}, /* no UTF-8 */
		{"a\xc3"
		 "b",
		 "a?b"},
		{"cut \xe2\x82", "cut "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = {0};

		error_add(&error, ERROR_INTERNAL, cases[i].from, "%s", cases[i].from);
		assert_string_equal(error.fault[0].field, cases[i].to);
		assert_string_equal(error.fault[0].message, cases[i].to);
		assert_int_equal(text_is_clean(cases[i].from), !strcmp(cases[i].from, cases[i].to));
		assert_true(text_is_clean(cases[i].to));
	}
}

/* What is valid stays, whatever it is. */
static void bytes_become_utf8(void **state)
{
	char odd[] = "eth\xff\x1b\xe2\x80\xae", cut[] = "\xe2\x82";

	(void)state;
	text_make_utf8(odd);
	assert_string_equal(odd, "eth?\x1b\xe2\x80\xae");
	text_make_utf8(cut);
	assert_string_equal(cut, "");
}

static void codes_have_names(void **state)
{
	(void)state;
	assert_string_equal(error_code_name(ERROR_NONE), "OK");
	assert_string_equal(error_code_name(ERROR_RESOURCE_EXHAUSTED), "RESOURCE_EXHAUSTED");
	assert_string_equal(error_code_name((enum error_code)99), "UNKNOWN");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_fault_gives_the_code),
		cmocka_unit_test(too_many_are_counted),
		cmocka_unit_test(long_texts_are_cut_at_a_character),
		cmocka_unit_test(texts_are_cleaned),
		cmocka_unit_test(bytes_become_utf8),
		cmocka_unit_test(codes_have_names),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
