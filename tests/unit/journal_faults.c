/* SPDX-License-Identifier: Apache-2.0 */
/* The disk fails at each call of the journal's in turn, and each way: what was acknowledged stays, what was refused
 * leaves nothing behind, and the journal can be written again afterwards. */
#include "journal_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"

static const char first[] = "a=one,me,3,1 ", second[] = "a=one,me,3,1 b=two,me,3,2 ";

static int set_up(void **state)
{
	(void)state;
	journal_directory_make();
	failing_disk = (struct failing_disk){0};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	failing_disk = (struct failing_disk){0};
	fail_in = 0;
	journal_directory_remove();
	return 0;
}

/* The whole state in a new file, with one key. */
static int rewrite_with(struct journal *journal, const char *change, uint64_t revision)
{
	struct journal_rewrite rewrite;
	int error = journal_rewrite_begin(journal, &rewrite, revision, 0);

	if (error)
		return error;
	journal_change(&rewrite.writer, change, revision);
	error = journal_rewrite_end(&rewrite);
	if (!error)
		return journal_rewrite_switch(journal, &rewrite);
	journal_rewrite_cancel(journal, &rewrite);
	return error;
}

/* Did a call fail? From now on none does. */
static bool failed(void)
{
	bool was = failing_disk.failed > 0;

	failing_disk = (struct failing_disk){0};
	return was;
}

/* A journal of one key: with room behind it, or without, so that the next commit makes some. */
static struct journal *journal_of_one(bool room)
{
	struct journal *journal = journal_must_open(0, "");

	assert_int_equal(room ? journal_write(journal, "a=one", 1, true) : rewrite_with(journal, "a=one", 1), 0);
	assert_int_equal(journal->room > journal->end, room);
	return journal;
}

static void refused_leaves_nothing(int error, bool durable, bool room, size_t torn)
{
	bool again = true;

	for (unsigned int n = 1; again; n++) {
		struct journal *journal = journal_of_one(room);
		int result;

		failing_disk = (struct failing_disk){.in = n, .error = error, .torn = torn};
		result = journal_write(journal, "b=two", 2, durable);
		again = failed();
		assert_int_equal(result, again ? -error : 0);
		if (again && journal->broken) {
			assert_int_equal(journal_write(journal, "c=no", 2, durable), -error);
			assert_int_equal(rewrite_with(journal, "a=one", 1), 0);
		}
		if (again)
			assert_int_equal(journal_write(journal, "b=two", 2, durable), 0);
		journal_close(journal);
		journal_close(journal_must_open(2, second));
		/* Killed right behind the refusal, with nothing mended. */
		remove(journal_file);
		journal = journal_of_one(room);
		failing_disk = (struct failing_disk){.in = n, .error = error, .torn = torn};
		result = journal_write(journal, "b=two", 2, durable);
		failed();
		journal_close(journal);
		journal_close(result ? journal_must_open(1, first) : journal_must_open(2, second));
		remove(journal_file);
		assert_true(n < 10);
	}
}

static void test_refused_leaves_nothing(void **state)
{
	static const int errors[] = {ENOSPC, EIO, EROFS, EDQUOT};

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		for (size_t torn = 0; torn <= 88; torn += i ? 8 : 1) {
			refused_leaves_nothing(errors[i], true, torn % 16 < 8, torn);
			refused_leaves_nothing(errors[i], true, torn % 16 >= 8, torn);
			refused_leaves_nothing(errors[i], false, torn % 16 >= 8, torn);
		}
}

/* From a call on, nothing is done any more: a kill at each system call, in the middle of each write. */
static void test_killed_at_each_call(void **state)
{
	(void)state;
	for (size_t torn = 0; torn <= 2 * 88; torn++)
		for (unsigned int n = 1, again = 1; again; n++) {
			struct journal *journal = journal_of_one(torn % 2);
			struct error error;
			uint64_t revision;
			char *text;
			int result;

			failing_disk = (struct failing_disk){.in = n, .error = EIO, .torn = torn / 2, .all = 1};
			result = journal_write(journal, "b=two", 2, true);
			again = failed();
			journal_close(journal);
			journal = journal_reopen(&revision, &text, &error);
			assert_non_null(journal);
			assert_true(revision == 2 || result); /* acknowledged: there */
			assert_string_equal(text, revision == 2 ? second : first);
			free(text);
			assert_int_equal(journal_write(journal, "b=two", 2, true), 0);
			journal_close(journal);
			journal_close(journal_must_open(2, second));
			remove(journal_file);
		}
}

static void test_rewrite_fails(void **state)
{
	(void)state;
	for (int all = 0; all < 2; all++)
		for (unsigned int n = 1, again = 1; again; n++) {
			struct journal *journal = journal_must_open(0, "");
			int result;

			assert_int_equal(journal_write(journal, "a=zero", 1, true), 0);
			assert_int_equal(journal_write(journal, "a=one", 1, true), 0);
			failing_disk = (struct failing_disk){.in = n, .error = ENOSPC, .all = all, .torn = n * 7};
			result = rewrite_with(journal, "a=one", 1);
			again = failed();
			assert_int_equal(result, again ? -ENOSPC : 0);
			if (!all && !journal->broken) {
				assert_int_equal(journal_write(journal, "b=two", 2, true), 0);
				journal_close(journal);
				journal_close(journal_must_open(2, second));
			} else {
				journal_close(journal);
				journal_close(journal_must_open(1, first));
			}
			remove(journal_file);
			assert_true(n < 20);
		}
}

/* Without a journal there is no start; the second attempt finds no remains of the first. */
static void test_open_fails(void **state)
{
	(void)state;
	for (unsigned int n = 1, again = 1; again; n++) {
		struct journal *journal;
		struct error error;

		failing_disk = (struct failing_disk){.in = n, .error = ENOSPC, .torn = n};
		journal = journal_reopen(NULL, NULL, &error);
		again = failed();
		if (journal && again)
			assert_int_equal(journal->broken, -ENOSPC);
		else if (again)
			assert_non_null(strstr(error.fault[0].message, "No space left"));
		journal_close(journal);
		journal_close(journal_must_open(0, ""));
		remove(journal_file);
	}
}

static void test_memory(void **state)
{
	(void)state;
	for (unsigned int n = 1, again = 1; again; n++) {
		struct journal *journal = NULL;
		struct error error;
		int result = -ENOMEM;

		fail_in = n;
		journal = journal_reopen(NULL, NULL, &error);
		if (journal)
			result = journal_write(journal, "a=one", 1, true);
		again = fail_in == 0;
		fail_in = 0;
		assert_int_equal(result, again ? -ENOMEM : 0);
		if (journal && result)
			assert_int_equal(journal_write(journal, "a=one", 1, true), 0);
		journal_close(journal);
		remove(journal_file);
	}
}

/* The index's. */
static void test_memory_of_the_index(void **state)
{
	struct journal *journal = journal_must_open(0, "");
	struct error error;

	(void)state;
	for (uint64_t i = 1; i < 100; i++) {
		char change[16];

		snprintf(change, sizeof(change), "%d=x", (int)i);
		assert_int_equal(journal_write(journal, change, i, false), 0);
	}
	journal_close(journal);
	for (unsigned int n = 1, again = 1; again; n++) {
		fail_in = n;
		journal = journal_reopen(NULL, NULL, &error);
		again = fail_in == 0;
		fail_in = 0;
		assert_true((journal == NULL) == again);
		journal_close(journal);
	}
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_refused_leaves_nothing),
		CASE(test_killed_at_each_call),
		CASE(test_rewrite_fails),
		CASE(test_open_fails),
		CASE(test_memory),
		CASE(test_memory_of_the_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
