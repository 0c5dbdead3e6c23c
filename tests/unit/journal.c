/* SPDX-License-Identifier: Apache-2.0 */
/* The journal as it is written and read again; what is torn, and what is damaged. */
#include "journal_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vnf/control/store/crc32c.h"
#include "vnf/control/store/record.h"

static int set_up(void **state)
{
	(void)state;
	journal_directory_make();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	journal_directory_remove();
	return 0;
}

/* RFC 3720, B.4. */
static void test_crc32c(void **state)
{
	uint8_t bytes[32] = {0};

	(void)state;
	assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aa);
	memset(bytes, 0xff, 32);
	assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43);
	for (int i = 0; i < 32; i++)
		bytes[i] = (uint8_t)i;
	assert_int_equal(crc32c(0, bytes, 32), 0x46dd794e);
	assert_int_equal(crc32c(crc32c(0, bytes, 13), bytes + 13, 19), 0x46dd794e);
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
}

static void test_written_is_read(void **state)
{
	struct journal *journal = journal_must_open(0, "");

	(void)state;
	assert_int_equal(journal_write(journal, "a=one", 1, true), 0);
	assert_int_equal(journal_write(journal, "b=two", 2, false), 0);
	assert_true(journal_has_unsynced(journal));
	assert_int_equal(journal_write(journal, "c=", 3, false), 0);
	journal_close(journal);
	journal = journal_must_open(3, "a=one,me,3,1 b=two,me,3,2 c=,me,0,3 ");
	assert_false(journal_has_unsynced(journal));
	assert_int_equal(journal_write(journal, "b", 4, true), 0);
	assert_int_equal(journal_write(journal, "a=three", 5, true), 0);
	journal_close(journal);
	journal_close(journal_must_open(5, "a=three,me,5,5 c=,me,0,3 "));
}

/* A group of more than one record counts as a whole or not at all. */
static void test_large_group(void **state)
{
	struct journal *journal = journal_must_open(0, "");
	struct journal_content content;
	struct error error = {0};
	size_t size, whole;
	uint8_t *bytes;

	(void)state;
	assert_int_equal(journal_write(journal, "small=1", 1, true), 0);
	journal_begin(journal, 2, 2);
	for (int i = 0; i < 40000; i++) {
		char change[80];

		snprintf(change, sizeof(change), "key %d=a value of some bytes, number %d", i, i);
		journal_change(&journal->writer, change, 2);
	}
	assert_int_equal(journal_commit(journal, true), 0);
	assert_true(journal->sequence > 2);
	whole = journal->end;
	journal_close(journal);
	bytes = file_read(&size);
	assert_true(size > whole);
	journal = journal_open(journal_directory, &content, &error);
	assert_non_null(journal);
	assert_int_equal(content.index.count, 40001);
	journal_content_free(&content);
	journal_close(journal);
	for (size = whole - 1; size > whole / 3; size -= whole / 7) {
		file_write(bytes, size);
		journal_close(journal_must_open(1, "small=1,me,1,1 "));
	}
	free(bytes);
}

static void test_one_owner(void **state)
{
	struct journal *journal = journal_must_open(0, "");
	struct error error;

	(void)state;
	assert_null(journal_reopen(NULL, NULL, &error));
	assert_non_null(strstr(error.fault[0].message, "another sluiced"));
	journal_close(journal);
	journal_close(journal_must_open(0, ""));
}

/* Is looked at beside the one that has it, and nothing changes. */
static void test_inspected(void **state)
{
	struct error error = {0};
	struct journal_content content;
	struct journal *journal;
	size_t size, again;
	uint8_t *before, *after;

	(void)state;
	assert_int_equal(journal_inspect(journal_directory, &content, &error), -1);
	assert_int_equal(error.count, 0);
	journal = journal_must_open(0, "");
	assert_int_equal(journal_write(journal, "a=1", 7, true), 0);
	assert_int_equal(journal_inspect(journal_directory, &content, &error), 0);
	assert_int_equal(content.revision, 7);
	assert_int_equal(content.cut, 0);
	journal_content_free(&content);
	size = journal->end;
	journal_close(journal);
	before = file_read(&again);
	file_write(before, size - 3); /* torn */
	free(before);
	before = file_read(&size);
	assert_int_equal(journal_inspect(journal_directory, &content, &error), 0);
	assert_int_equal(content.revision, 0);
	assert_true(content.cut > 0);
	journal_content_free(&content);
	after = file_read(&again);
	assert_int_equal(size, again);
	assert_memory_equal(before, after, size);
	free(before);
	free(after);
	file_write("something else", 14);
	assert_int_equal(journal_inspect(journal_directory, &content, &error), -1);
	assert_non_null(strstr(error.fault[0].message, "not a journal of Sluice"));
}

/* Cut at each byte, and torn at each byte with other bytes behind: the last group that is whole, and it goes on. */
static void test_torn_tail(void **state)
{
	struct journal *journal = journal_must_open(0, "");
	size_t first, whole, room;
	uint8_t *bytes;

	(void)state;
	assert_int_equal(journal_write(journal, "a=one", 1, true), 0);
	first = journal->end;
	assert_int_equal(journal_write(journal, "b=two", 2, true), 0);
	whole = journal->end;
	journal_close(journal);
	bytes = file_read(&room);
	assert_int_equal(whole - first, record_bytes(24 + 1 + 2 + 3));
	for (size_t size = first; size < whole; size++)
		for (int filler = 0; filler < 3; filler++) {
			uint8_t *torn = malloc(room);

			memcpy(torn, bytes, room);
			memset(torn + size, filler == 1 ? 0 : 0xa5, whole - size);
			if (filler == 2)
				memcpy(torn + size, bytes + size - 1, whole - size);
			file_write(torn, filler ? (size % 2 ? room : whole) : size);
			if (filler && !memcmp(torn, bytes, whole)) {
				free(torn);
				continue; /* only the padding was hit, which is zeros */
			}
			free(torn);
			journal = filler && size >= first + 56 + 30
					  ? NULL /* the padding is not covered: the group is whole */
					  : journal_must_open(1, "a=one,me,3,1 ");
			if (!journal)
				continue;
			assert_int_equal(journal_write(journal, "c=four", 2, true), 0);
			journal_close(journal);
			journal_close(journal_must_open(2, "a=one,me,3,1 c=four,me,4,2 "));
		}
	free(bytes);
}

/* Zeros behind the last group are room, and no bytes that were cut off; commits go into it and do not make the file
 * longer, and a group that it does not hold makes more. A crash may leave any size of it. */
static void test_room(void **state)
{
	struct journal *journal = journal_must_open(0, "");
	struct journal_content content;
	struct error error = {0};
	size_t room, size;
	uint8_t *bytes;
	uint64_t end;

	(void)state;
	assert_int_equal(journal_write(journal, "a=one", 1, true), 0);
	end = journal->end;
	assert_true(journal->room > end + 4096);
	room = journal->room;
	journal_close(journal);
	bytes = file_read(&size);
	assert_int_equal(size, room);
	for (size_t at = end; at < size; at++)
		assert_int_equal(bytes[at], 0);
	for (size = end; size <= end + 64; size++) {
		file_write(bytes, size);
		journal = journal_open(journal_directory, &content, &error);
		assert_non_null(journal);
		assert_int_equal(content.cut, 0);
		assert_int_equal(journal->end, end);
		assert_int_equal(journal->room, size);
		journal_content_free(&content);
		assert_int_equal(journal_write(journal, "b=two", 2, true), 0);
		journal_close(journal);
		journal_close(journal_must_open(2, "a=one,me,3,1 b=two,me,3,2 "));
	}
	file_write(bytes, room);
	free(bytes);
	journal = journal_must_open(1, "a=one,me,3,1 ");
	for (uint64_t i = 2; journal->end < room; i++) {
		assert_int_equal(journal->room, room);
		assert_int_equal(journal_write(journal, "a=one", i, false), 0);
	}
	assert_true(journal->room > journal->end + 4096);
	journal_close(journal);
}

/* What had been on the disk, and is not what it was: a clear refusal, whatever byte it is. */
static void test_damage(void **state)
{
	struct journal *journal = journal_must_open(0, "");
	size_t whole, third;
	struct error error;
	uint8_t *bytes;

	(void)state;
	assert_int_equal(journal_write(journal, "a=one", 1, true), 0);
	assert_int_equal(journal_write(journal, "b=two", 2, true), 0);
	third = journal->end;
	assert_int_equal(journal_write(journal, "c=three", 3, true), 0);
	journal_close(journal);
	bytes = file_read(&whole);
	for (size_t at = 0; at < third; at++) {
		bytes[at] ^= 0x10;
		file_write(bytes, whole);
		bytes[at] ^= 0x10;
		journal = journal_reopen(NULL, NULL, &error);
		if (journal) { /* zeros between records */
			journal_close(journal);
			assert_int_equal(bytes[at], 0);
			continue;
		}
		assert_int_equal(error.code, ERROR_FAILED_PRECONDITION);
		assert_string_equal(error.fault[0].field, journal_file);
		assert_non_null(strstr(error.fault[0].message, "move it away"));
	}
	file_write(bytes, whole);
	journal_close(journal_must_open(3, "a=one,me,3,1 b=two,me,3,2 c=three,me,5,3 "));
	free(bytes);
}

/* Groups that nobody waited for may reach the disk in any order: what is behind a hole is no damage. */
static void test_hole_of_volatile_groups(void **state)
{
	struct journal *journal = journal_must_open(0, "");
	size_t whole, first;
	uint8_t *bytes;

	(void)state;
	assert_int_equal(journal_write(journal, "a=one", 1, true), 0);
	first = journal->end;
	assert_int_equal(journal_write(journal, "b=two", 2, false), 0);
	assert_int_equal(journal_write(journal, "c=three", 3, false), 0);
	journal_close(journal);
	bytes = file_read(&whole);
	memset(bytes + first, 0, 64);
	file_write(bytes, whole);
	free(bytes);
	journal = journal_must_open(1, "a=one,me,3,1 ");
	assert_int_equal(journal_write(journal, "d=x", 2, true), 0);
	journal_close(journal);
	journal_close(journal_must_open(2, "a=one,me,3,1 d=x,me,1,2 "));
}

/* A look whether there is room changes nothing. */
static void test_probe(void **state)
{
	struct journal *journal = journal_must_open(0, "");
	uint64_t end;

	(void)state;
	assert_int_equal(journal_write(journal, "a=one", 1, true), 0);
	end = journal->end;
	for (int i = 0; i < 2; i++) { /* with room there, and at the end of it */
		assert_int_equal(journal_probe(journal), 0);
		assert_int_equal(journal->end, end);
		assert_true(journal->room >= end + 65536);
		assert_int_equal(ftruncate(journal->writer.fd, (off_t)end), 0);
		journal->room = end;
	}
	assert_int_equal(journal_write(journal, "b=two", 2, true), 0);
	journal_close(journal);
	journal_close(journal_must_open(2, "a=one,me,3,1 b=two,me,3,2 "));
}

static void test_foreign_file(void **state)
{
	struct error error;
	struct file_header header = {.magic = FILE_MAGIC, .layout = FILE_LAYOUT + 1};

	(void)state;
	file_write("hello", 5);
	assert_null(journal_reopen(NULL, NULL, &error));
	assert_non_null(strstr(error.fault[0].message, "is not a journal"));
	file_write("", 0);
	assert_null(journal_reopen(NULL, NULL, &error));
	file_write(&header, sizeof(header));
	assert_null(journal_reopen(NULL, NULL, &error));
	assert_non_null(strstr(error.fault[0].message, "another version"));
}

static void test_rewrite(void **state)
{
	struct journal *journal = journal_must_open(0, "");
	struct journal_rewrite rewrite;
	uint64_t length;

	(void)state;
	for (uint64_t i = 1; i <= 100; i++)
		assert_int_equal(journal_write(journal, "a=xy", i, false), 0);
	length = journal->end;
	assert_int_equal(journal_rewrite_begin(journal, &rewrite, 100, 200), 0);
	assert_int_equal(journal_write(journal, "b=during", 101, true), 0);
	journal_change(&rewrite.writer, "a=xy", 100);
	assert_int_equal(journal_rewrite_end(&rewrite), 0);
	assert_int_equal(journal_write(journal, "c=also", 102, false), 0);
	assert_int_equal(journal_rewrite_switch(journal, &rewrite), 0);
	assert_true(journal->end < length / 5);
	assert_int_equal(journal_write(journal, "d=after", 103, true), 0);
	journal_close(journal);
	journal = journal_must_open(103, "a=xy,me,2,100 b=during,me,6,101 c=also,me,4,102 d=after,me,5,103 ");
	assert_int_equal(journal_rewrite_begin(journal, &rewrite, 103, 0), 0);
	journal_rewrite_cancel(journal, &rewrite);
	journal_close(journal);
	journal_close(journal_must_open(103, "a=xy,me,2,100 b=during,me,6,101 c=also,me,4,102 d=after,me,5,103 "));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crc32c),
		CASE(test_written_is_read),
		CASE(test_large_group),
		CASE(test_one_owner),
		CASE(test_inspected),
		CASE(test_torn_tail),
		CASE(test_room),
		CASE(test_damage),
		CASE(test_hole_of_volatile_groups),
		CASE(test_probe),
		CASE(test_foreign_file),
		CASE(test_rewrite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
