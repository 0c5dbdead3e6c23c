/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vnf/control/store/journal.h"

#define COPY_BYTES 65536

static int write_file_header(int fd)
{
	struct file_header header = {.magic = FILE_MAGIC, .layout = FILE_LAYOUT};

	header.time = (uint64_t)time(NULL) * 1000000000;
	header.crc = file_header_crc(&header);
	return write_all(fd, &header, sizeof(header), 0);
}

int journal_rewrite_begin(struct journal *journal, struct journal_rewrite *rewrite, uint64_t revision,
			  uint64_t generation)
{
	int fd = openat(journal->directory, JOURNAL_NEW, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int error;

	*rewrite = (struct journal_rewrite){.writer = {.fd = fd}, .from = journal->end, .sequence = journal->sequence};
	if (fd < 0)
		return -errno;
	error = write_file_header(fd);
	if (error) {
		journal_rewrite_cancel(journal, rewrite);
		return error;
	}
	rewrite->writer.offset = sizeof(struct file_header);
	rewrite->writer.sequence = rewrite->writer.durable = journal->sequence;
	record_writer_begin(&rewrite->writer, RECORD_SNAPSHOT, revision, generation);
	return 0;
}

void journal_rewrite_put(struct journal_rewrite *rewrite, const struct entry *entry)
{
	record_writer_put(&rewrite->writer, entry);
}

int journal_rewrite_end(struct journal_rewrite *rewrite)
{
	int error = record_writer_end(&rewrite->writer);

	if (!error && fsync(rewrite->writer.fd))
		error = errno ? -errno : -EIO;
	return error;
}

void journal_rewrite_cancel(struct journal *journal, struct journal_rewrite *rewrite)
{
	record_writer_free(&rewrite->writer);
	if (rewrite->writer.fd >= 0)
		close(rewrite->writer.fd);
	rewrite->writer.fd = -1;
	unlinkat(journal->directory, JOURNAL_NEW, 0);
}

/* What the old file has got since the rewrite began, as it is. */
static int copy_tail(const struct journal *journal, struct journal_rewrite *rewrite)
{
	uint64_t from = rewrite->from, to = rewrite->writer.offset;
	char buffer[COPY_BYTES];

	while (from < journal->end) {
		size_t size = journal->end - from < sizeof(buffer) ? (size_t)(journal->end - from) : sizeof(buffer);
		ssize_t got = pread(journal->writer.fd, buffer, size, (off_t)from);
		int error;

		if (got <= 0)
			return got && errno ? -errno : -EIO;
		error = write_all(rewrite->writer.fd, buffer, (size_t)got, to);
		if (error)
			return error;
		from += (uint64_t)got;
		to += (uint64_t)got;
	}
	return from == rewrite->from || !fsync(rewrite->writer.fd) ? 0 : errno ? -errno : -EIO;
}

/* The new file is the journal from here on, whatever becomes of its name on the disk. */
static void take_over(struct journal *journal, struct journal_rewrite *rewrite)
{
	uint64_t tail = journal->end - rewrite->from;

	if (journal->writer.fd >= 0)
		close(journal->writer.fd);
	journal->writer.fd = rewrite->writer.fd;
	rewrite->writer.fd = -1;
	journal->snapshot_end = rewrite->writer.offset;
	journal->end = journal->writer.offset = journal->room = rewrite->writer.offset + tail;
	journal->writer.durable = journal->writer.sequence = journal->sequence;
	journal->layout = FILE_LAYOUT;
	journal->broken = 0;
	record_writer_free(&rewrite->writer);
}

int journal_rewrite_switch(struct journal *journal, struct journal_rewrite *rewrite)
{
	int error = 0;

	if (rewrite->from < journal->end)
		error = journal->broken ? journal->broken : copy_tail(journal, rewrite);
	if (!error && renameat(journal->directory, JOURNAL_NEW, journal->directory, JOURNAL_FILE))
		error = -errno;
	if (error) {
		journal_rewrite_cancel(journal, rewrite);
		return error;
	}
	take_over(journal, rewrite);
	/* Until the directory is on the disk, a crash of the machine brings the old file back. */
	if (fsync(journal->directory))
		journal->broken = errno ? -errno : -EIO;
	return journal->broken;
}
