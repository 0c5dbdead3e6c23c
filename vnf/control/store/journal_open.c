/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vnf/control/store/journal.h"
#include "vnf/control/store/replay.h"
#include "vnf/control/store/scan.h"

#define READ_BYTES 65536

#define REMEDY                                                                                                         \
	"bring back a copy of it, or move it away: the router then starts at revision 0, and controllers apply "       \
	"their configuration again"

static int fault(struct error *error, const char *path, const char *text, int cause)
{
	error_add(error, ERROR_FAILED_PRECONDITION, path, "%s: %s", text, strerror(-cause));
	return -1;
}

/* Descriptor of the directory with the lock; -1 and a fault. */
static int open_directory(const char *path, struct error *error)
{
	int fd;

	if (mkdir(path, 0700) && errno != EEXIST)
		return fault(error, path, "cannot be made", -errno);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fault(error, path, "cannot be opened", -errno);
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	if (errno == EWOULDBLOCK)
		error_add(error, ERROR_FAILED_PRECONDITION, path,
			  "another sluiced keeps its state there: stop it, or give each a state_directory of its own");
	else
		fault(error, path, "cannot be locked", -errno);
	close(fd);
	return -1;
}

/* The directory whose lock was sent, if it is that one. Descriptor, or -1 and a fault. */
static int check_directory(const char *path, int lock, struct error *error)
{
	struct stat named, locked;

	if (!stat(path, &named) && !fstat(lock, &locked) && named.st_dev == locked.st_dev &&
	    named.st_ino == locked.st_ino)
		return lock;
	error_add(error, ERROR_FAILED_PRECONDITION, path,
		  "the sluiced that runs keeps its state in another directory: give this one the same "
		  "state_directory");
	close(lock);
	return -1;
}

/* A journal of nothing, at revision 0. */
static int make_file(struct journal *journal, struct error *error)
{
	struct journal_rewrite rewrite;
	int status = journal_rewrite_begin(journal, &rewrite, 0, 0);

	if (!status) {
		status = journal_rewrite_end(&rewrite);
		if (status)
			journal_rewrite_cancel(journal, &rewrite);
		else
			status = journal_rewrite_switch(journal, &rewrite);
	}
	return status ? fault(error, journal->path, "cannot be made", status) : 0;
}

/* Reads all of it once, so that a bad sector is an error here and not a signal later. */
static int read_through(int fd, uint64_t size)
{
	char buffer[READ_BYTES];
	ssize_t got = 1;

	for (uint64_t at = 0; at < size && got > 0; at += (uint64_t)got)
		got = pread(fd, buffer, sizeof(buffer), (off_t)at);
	return got > 0 ? 0 : got && errno ? -errno : -EIO;
}

static int report(const struct journal *journal, enum scan_result result, const struct scan *scan, int cause,
		  struct error *error)
{
	switch (result) {
	case SCAN_OK:
		return 0;
	case SCAN_STOPPED:
		return fault(error, journal->path, "cannot be read", cause);
	case SCAN_FOREIGN:
		error_add(error, ERROR_FAILED_PRECONDITION, journal->path, "is not a journal of Sluice: " REMEDY);
		return -1;
	case SCAN_LAYOUT:
		error_add(error, ERROR_FAILED_PRECONDITION, journal->path,
			  "was written by another version of Sluice, start that; or " REMEDY);
		return -1;
	case SCAN_DAMAGED:
		break;
	}
	error_add(error, ERROR_FAILED_PRECONDITION, journal->path,
		  "is damaged at byte %llu, behind revision %llu, and not by a write that was cut short: " REMEDY,
		  (unsigned long long)scan->at, (unsigned long long)scan->revision);
	return -1;
}

/* Zeros at the end are room for commits to come, whether the daemon before has written them or a crash left them so. */
static uint64_t without_zeros(const char *bytes, uint64_t begin, uint64_t end)
{
	while (end > begin && !bytes[end - 1])
		end--;
	return end;
}

static int load(struct journal *journal, struct journal_content *content, struct error *error)
{
	struct replay replay = {.index = &content->index, .revisions = content->revisions};
	struct scan scan = {.visit = replay_entry, .group = replay_group, .context = &replay};
	enum scan_result result = SCAN_FOREIGN;
	int cause = read_through(journal->writer.fd, content->size);
	void *bytes = MAP_FAILED;

	if (!cause && content->size) {
		bytes = mmap(NULL, content->size, PROT_READ, MAP_PRIVATE, journal->writer.fd, 0);
		if (bytes == MAP_FAILED)
			cause = -errno;
	}
	if (cause)
		return fault(error, journal->path, "cannot be read", cause);
	if (content->size) {
		content->bytes = bytes;
		result = scan_journal(bytes, content->size, &scan, &cause);
		if (replay_end(&replay) && result == SCAN_OK) {
			result = SCAN_STOPPED;
			cause = -ENOMEM;
		}
	}
	if (report(journal, result, &scan, cause, error))
		return -1;
	journal_index_sort(&content->index);
	content->revision = scan.revision;
	content->generation = scan.generation;
	content->cut = without_zeros(bytes, scan.end, content->size) - scan.end;
	journal->room = content->size;
	journal->end = journal->writer.offset = scan.end;
	journal->snapshot_end = scan.snapshot_end;
	journal->layout = scan.layout;
	journal->sequence = journal->writer.sequence = scan.sequence;
	return 0;
}

/* What the daemon before has left unfinished goes, and what it has not waited for is made durable. */
static void tidy(struct journal *journal, const struct journal_content *content)
{
	if (journal->broken)
		return;
	unlinkat(journal->directory, JOURNAL_NEW, 0);
	if (content->cut)
		journal->room = journal->end;
	if (content->cut && ftruncate(journal->writer.fd, (off_t)journal->end))
		journal->broken = -errno;
	else if (fdatasync(journal->writer.fd))
		journal->broken = errno ? -errno : -EIO;
	else
		journal->writer.durable = journal->sequence;
}

static int open_file(struct journal *journal, struct journal_content *content, struct error *error)
{
	struct stat status;
	int fd = openat(journal->directory, JOURNAL_FILE, O_RDWR | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return make_file(journal, error);
	if (fd < 0) { /* a file system that is read-only now */
		journal->broken = -errno;
		fd = openat(journal->directory, JOURNAL_FILE, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return fault(error, journal->path, "cannot be opened", -errno);
	journal->writer.fd = fd;
	if (fstat(fd, &status))
		return fault(error, journal->path, "cannot be read", -errno);
	content->size = (size_t)status.st_size;
	if (load(journal, content, error))
		return -1;
	tidy(journal, content);
	return 0;
}

/* Lock -1: it is to be had. */
static struct journal *open_journal(const char *directory, int lock, struct journal_content *content,
				    struct error *error)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	*content = (struct journal_content){.revisions = revisions_new()};
	if (!journal || !content->revisions) {
		error_no_memory(error, NULL);
		free(journal);
		journal_content_free(content);
		if (lock >= 0)
			close(lock);
		return NULL;
	}
	journal->writer.fd = -1;
	snprintf(journal->path, sizeof(journal->path), "%s/" JOURNAL_FILE, directory);
	journal->directory = lock < 0 ? open_directory(directory, error) : check_directory(directory, lock, error);
	if (journal->directory >= 0 && !open_file(journal, content, error))
		return journal;
	journal_content_free(content);
	journal_close(journal);
	return NULL;
}

struct journal *journal_open(const char *directory, struct journal_content *content, struct error *error)
{
	return open_journal(directory, -1, content, error);
}

struct journal *journal_open_locked(const char *directory, int lock, struct journal_content *content,
				    struct error *error)
{
	return open_journal(directory, lock, content, error);
}

int journal_inspect(const char *directory, struct journal_content *content, struct error *error)
{
	struct journal journal = {.directory = -1};
	struct stat status;
	int result = -1;

	*content = (struct journal_content){.revisions = revisions_new()};
	if (!content->revisions) {
		error_no_memory(error, NULL);
		return -1;
	}
	snprintf(journal.path, sizeof(journal.path), "%s/" JOURNAL_FILE, directory);
	journal.writer.fd = open(journal.path, O_RDONLY | O_CLOEXEC);
	if (journal.writer.fd < 0) {
		if (errno != ENOENT)
			fault(error, journal.path, "cannot be opened", -errno);
	} else if (fstat(journal.writer.fd, &status)) {
		fault(error, journal.path, "cannot be read", -errno);
	} else {
		content->size = (size_t)status.st_size;
		result = load(&journal, content, error);
	}
	if (journal.writer.fd >= 0)
		close(journal.writer.fd);
	if (result)
		journal_content_free(content);
	return result;
}

void journal_content_free(struct journal_content *content)
{
	journal_index_free(&content->index);
	revisions_free(content->revisions);
	if (content->bytes)
		munmap(content->bytes, content->size);
	*content = (struct journal_content){0};
}
