/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/store/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define ROOM_BYTES  (256U << 10) /* zeros that are written ahead at a time */
#define PROBE_BYTES 65536
#define BLOCK_BYTES 4096
#define LONG_BYTES  (16U << 20) /* a journal that is no longer than this is never rewritten for its length */

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	record_writer_free(&journal->writer);
	if (journal->writer.fd >= 0)
		close(journal->writer.fd);
	if (journal->directory >= 0)
		close(journal->directory);
	free(journal);
}

void journal_begin(struct journal *journal, uint64_t revision, uint64_t generation)
{
	record_writer_begin(&journal->writer, 0, revision, generation);
	if (journal->broken)
		journal->writer.error = journal->broken;
}

void journal_put(struct journal *journal, const struct entry *entry)
{
	record_writer_put(&journal->writer, entry);
}

/* Takes the group back. What was written of it may have reached the disk: it must not be found there later. */
static void take_back(struct journal *journal)
{
	journal->writer.sequence = journal->sequence;
	journal->writer.offset = journal->end;
	journal->room = journal->end;
	if (ftruncate(journal->writer.fd, (off_t)journal->end) && !journal->broken)
		journal->broken = -errno;
}

/* Zeros for commits to come, behind what was written, where fewer than `size` bytes of them are left. They are on the
 * disk with the next sync. 0 or -errno. */
static int make_room(struct journal *journal, uint64_t size)
{
	static const char zeros[ROOM_BYTES];
	const uint64_t offset = journal->writer.offset;
	const uint64_t from = journal->room > offset ? journal->room : offset;
	const uint64_t room = (from + ROOM_BYTES) / BLOCK_BYTES * BLOCK_BYTES;
	int error;

	if (journal->room >= offset + size)
		return 0;
	error = write_all(journal->writer.fd, zeros, (size_t)(room - from), from);
	if (!error)
		journal->room = room;
	return error;
}

/* After a failed sync the kernel may have forgotten what it has not written: only a new file is known to be whole. */
static int sync_file(struct journal *journal)
{
	if (!fdatasync(journal->writer.fd))
		return 0;
	journal->broken = errno ? -errno : -EIO;
	return journal->broken;
}

int journal_commit(struct journal *journal, bool durable)
{
	int error = record_writer_end(&journal->writer);

	if (!error)
		error = make_room(journal, 0);
	if (!error && durable)
		error = sync_file(journal);
	if (error) {
		take_back(journal);
		return error;
	}
	journal->end = journal->writer.offset;
	journal->sequence = journal->writer.sequence;
	if (durable)
		journal->writer.durable = journal->sequence;
	return 0;
}

bool journal_has_unsynced(const struct journal *journal)
{
	return journal->writer.durable < journal->sequence;
}

int journal_sync(struct journal *journal)
{
	int error = journal->broken;

	if (!error)
		error = sync_file(journal);
	if (!error)
		journal->writer.durable = journal->sequence;
	return error;
}

int journal_probe(struct journal *journal)
{
	int error = journal->broken;

	if (!error)
		error = make_room(journal, PROBE_BYTES);
	if (!error)
		error = sync_file(journal);
	if (error)
		take_back(journal);
	return error;
}

bool journal_is_long(const struct journal *journal)
{
	return journal->layout < FILE_LAYOUT || journal->end > 2 * journal->snapshot_end + LONG_BYTES;
}
