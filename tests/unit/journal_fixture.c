/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char journal_directory[64], journal_file[96];

void journal_directory_make(void)
{
	/* Memory, where there is some: what a disk does is played by failing.h. */
	snprintf(journal_directory, sizeof(journal_directory), "%s/sluice-journal.XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	assert_non_null(mkdtemp(journal_directory));
	snprintf(journal_file, sizeof(journal_file), "%s/%s", journal_directory, JOURNAL_FILE);
}

void journal_directory_remove(void)
{
	char new[96];

	snprintf(new, sizeof(new), "%s/%s", journal_directory, JOURNAL_NEW);
	unlink(new);
	unlink(journal_file);
	assert_int_equal(rmdir(journal_directory), 0);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Entries in order of their keys. */
static char *text_of(const struct journal_index *index)
{
	char **line = calloc(index->count + 1, sizeof(*line)), *text = calloc(1, index->count * 128 + 1);
	size_t count = 0;
	struct entry entry;

	for (size_t i = 0; journal_index_get(index, i, &entry); i++) {
		line[count] = malloc(128);
		snprintf(line[count++], 128, "%.*s=%.*s,%.*s,%u,%llu ", (int)entry.key_size, entry.key,
			 entry.value_size > 20 ? 20 : (int)entry.value_size, (const char *)entry.value,
			 (int)entry.owner_size, entry.owner, entry.id, (unsigned long long)entry.revision);
	}
	assert_int_equal(count, index->count);
	qsort(line, count, sizeof(*line), compare);
	for (size_t i = 0; i < count; i++) {
		strcat(text, line[i]);
		free(line[i]);
	}
	free(line);
	return text;
}

struct journal *journal_reopen(uint64_t *revision, char **text, struct error *error)
{
	struct journal_content content;
	struct journal *journal;

	memset(error, 0, sizeof(*error));
	journal = journal_open(journal_directory, &content, error);
	assert_true(!journal == (error->count != 0));
	if (revision)
		*revision = content.revision;
	if (text)
		*text = text_of(&content.index);
	journal_content_free(&content);
	return journal;
}

struct journal *journal_must_open(uint64_t revision, const char *text)
{
	struct error error;
	struct journal *journal;
	uint64_t found;
	char *there;

	journal = journal_reopen(&found, &there, &error);
	if (!journal)
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
	assert_string_equal(there, text);
	assert_int_equal(found, revision);
	free(there);
	return journal;
}

void journal_change(struct record_writer *writer, const char *change, uint64_t revision)
{
	const char *value = strchr(change, '=');
	struct entry entry = {.operation = value ? ENTRY_PUT : ENTRY_DELETE, .kind = 3, .key = change};

	entry.key_size = value ? (size_t)(value - change) : strlen(change);
	if (value) {
		entry.owner = "me";
		entry.owner_size = 2;
		entry.value = (const uint8_t *)value + 1;
		entry.value_size = strlen(value + 1);
		entry.id = (uint32_t)entry.value_size;
		entry.revision = revision;
	}
	record_writer_put(writer, &entry);
}

int journal_write(struct journal *journal, const char *change, uint64_t revision, bool durable)
{
	journal_begin(journal, revision, revision * 2);
	journal_change(&journal->writer, change, revision);
	return journal_commit(journal, durable);
}

uint8_t *file_read(size_t *size)
{
	FILE *file = fopen(journal_file, "re");
	struct stat status;
	uint8_t *bytes;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	*size = (size_t)status.st_size;
	bytes = malloc(*size + 1);
	assert_int_equal(fread(bytes, 1, *size, file), *size);
	fclose(file);
	return bytes;
}

void file_write(const void *bytes, size_t size)
{
	FILE *file = fopen(journal_file, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}
