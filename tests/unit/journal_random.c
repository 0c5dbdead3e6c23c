/* SPDX-License-Identifier: Apache-2.0 */
/* Random commits, rewrites, faults and crashes against a model that is an array of states. A crash of the process loses
 * nothing that was acknowledged; one of the machine nothing that was acknowledged as durable, and what is left is a
 * state that there once was. */
#include "journal_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failing.h"

#define KEYS	  12
#define REVISIONS 64
#define ROUNDS	  400

typedef uint32_t values[KEYS]; /* 0: there is none; else the value's length */

static values states[REVISIONS];
static uint64_t newest, durable; /* revisions acknowledged */
static uint64_t synced;		 /* bytes of the file that are on the disk */
static uint64_t seed;

static uint32_t draw(uint32_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 11) % limit;
}

static void put(struct record_writer *writer, unsigned int key, uint32_t length)
{
	char change[64];

	snprintf(change, sizeof(change), length ? "k%u=%.*s" : "k%u", key, (int)length, "abcdefghijklmnopqrstuvwxyz");
	journal_change(writer, change, 7);
}

static char *text_of(const values state)
{
	char *text = calloc(1, KEYS * 64);
	unsigned int order[KEYS] = {0, 10, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9};

	for (unsigned int i = 0; i < KEYS; i++)
		if (state[order[i]])
			sprintf(text + strlen(text), "k%u=%.*s,me,%u,7 ", order[i],
				state[order[i]] > 20 ? 20 : (int)state[order[i]], "abcdefghijklmnopqrstuvwxyz",
				state[order[i]]);
	return text;
}

static int rewrite(struct journal *journal, bool wait)
{
	struct journal_rewrite job;
	int error = journal_rewrite_begin(journal, &job, newest, 0), file = journal->writer.fd;

	if (error)
		return error;
	for (unsigned int key = 0; key < KEYS; key++)
		if (states[newest][key])
			put(&job.writer, key, states[newest][key]);
	error = journal_rewrite_end(&job);
	if (!error && wait && newest + 1 < REVISIONS) { /* a commit comes in between */
		memcpy(states[newest + 1], states[newest], sizeof(values));
		states[newest + 1][3] = 9;
		journal_begin(journal, newest + 1, 0);
		put(&journal->writer, 3, 9);
		newest += !journal_commit(journal, false);
	}
	if (error) {
		journal_rewrite_cancel(journal, &job);
		return error;
	}
	error = journal_rewrite_switch(journal, &job);
	if (!error)
		durable = newest;
	if (journal->writer.fd != file) /* it has its name, if the directory's sync failed or not */
		synced = journal->end;
	return error;
}

static int commit(struct journal *journal)
{
	bool wait = draw(2);

	memcpy(states[newest + 1], states[newest], sizeof(values));
	journal_begin(journal, newest + 1, 0);
	for (uint32_t n = draw(5); n > 0; n--) {
		unsigned int key = draw(KEYS);

		states[newest + 1][key] = draw(26);
		put(&journal->writer, key, states[newest + 1][key]);
	}
	if (journal_commit(journal, wait))
		return -1;
	newest++;
	if (!wait)
		return 0;
	durable = newest;
	synced = journal->end;
	return 0;
}

/* What is not on the disk may be there or not, a part of it or zeros. */
static void crash_of_the_machine(void)
{
	size_t size;
	uint8_t *bytes = file_read(&size);
	uint64_t written = size, keep;

	while (written > synced && !bytes[written - 1]) /* the room behind it */
		written--;
	keep = synced + draw((uint32_t)(written - synced) + 1);
	if (draw(2))
		memset(bytes + keep, 0, size - keep);
	else
		size = keep;
	file_write(bytes, size);
	free(bytes);
}

static struct journal *restart(bool machine)
{
	struct journal *journal;
	struct error error;
	uint64_t revision;
	char *text, *expected;

	if (machine)
		crash_of_the_machine();
	journal = journal_reopen(&revision, &text, &error);
	if (!journal)
		fail_msg("%s", error.fault[0].message);
	if (machine)
		assert_in_range(revision, durable, newest + 1);
	else
		assert_in_range(revision, newest, newest + 1);
	expected = text_of(states[revision]);
	assert_string_equal(text, expected);
	free(expected);
	free(text);
	newest = durable = revision;
	synced = journal->end;
	return journal;
}

static void one_round(unsigned int round)
{
	struct journal *journal;

	seed = 88172645463325252ULL + round;
	newest = durable = 0;
	memset(states, 0, sizeof(states));
	journal_directory_make();
	journal = journal_must_open(0, "");
	synced = journal->end;
	while (newest + 3 < REVISIONS) {
		bool dead = draw(8) == 0;

		if (draw(6) == 0)
			failing_disk = (struct failing_disk){
				.in = 1 + draw(6), .error = draw(2) ? EIO : ENOSPC, .torn = draw(200), .all = dead};
		for (uint32_t n = 1 + draw(4); n > 0 && newest + 3 < REVISIONS; n--) {
			int failed = journal->broken || draw(7) == 0 ? rewrite(journal, draw(2)) : commit(journal);

			if (failed && dead)
				break;
		}
		failing_disk = (struct failing_disk){0};
		if (!dead && draw(5))
			continue;
		/* The file on the disk is another one where a directory's sync failed; that is a crash of the machine
		 * which this model does not have. */
		journal_close(journal);
		journal = restart(draw(3) == 0);
	}
	journal_close(journal);
	journal_directory_remove();
}

static void test_random(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < ROUNDS; round++)
		one_round(round);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
