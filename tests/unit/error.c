/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vnf/core/error.h"

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
		cmocka_unit_test(codes_have_names),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
