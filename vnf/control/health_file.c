/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/health_file.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vnf/core/clock.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"
#include "vnf/reconcile/health.h"

#define FILE_NAME  "health"
#define FILE_NEW   "health.new"
#define FILE_BYTES ((off_t)256 << 20) /* no file of ours is as large */
#define PAUSE_MS   1000

struct health_file {
	struct health_targets *targets;
	struct event *write;
	int directory;
	uint64_t written_ms; /* monotonic */
	bool waits, failed;
};

static int write_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t done = write(fd, text, size);

		if (done < 0 && errno != EINTR)
			return -errno;
		text += done > 0 ? done : 0;
		size -= done > 0 ? (size_t)done : 0;
	}
	return 0;
}

static int write_file(const struct health_file *file, const char *text, size_t size)
{
	int fd = openat(file->directory, FILE_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error = fd < 0 ? -errno : write_all(fd, text, size);

	if (fd >= 0 && close(fd) && !error)
		error = -errno;
	if (!error && renameat(file->directory, FILE_NEW, file->directory, FILE_NAME))
		error = -errno;
	return error;
}

static void write_now(struct health_file *file)
{
	size_t size;
	char *text = health_write_text(file->targets, &size);
	int error = text ? write_file(file, text, size) : -ENOMEM;

	free(text);
	file->waits = false;
	file->written_ms = monotonic_ms();
	if (error && !file->failed)
		log_warning("health: %s in the state directory cannot be written: %s; a restart will probe anew",
			    FILE_NAME, strerror(-error));
	file->failed = error;
}

static void on_write(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	write_now(context);
}

void health_file_changed(struct health_file *file)
{
	uint64_t since;
	struct timeval pause = {0};

	if (!file || file->waits)
		return;
	since = monotonic_ms() - file->written_ms;
	if (since < PAUSE_MS)
		pause.tv_usec = (suseconds_t)(PAUSE_MS - since) * 1000;
	if (pause.tv_usec == PAUSE_MS * 1000)
		pause = (struct timeval){.tv_sec = 1};
	file->waits = !loop_start_timer(file->write, &pause);
}

/* NULL: there is none, or errno says why. */
static char *read_file(const struct health_file *file, size_t *size)
{
	int fd = openat(file->directory, FILE_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat status;
	char *text = NULL;
	ssize_t got = 0;

	if (fd < 0)
		return NULL;
	errno = EFBIG;
	if (fstat(fd, &status) || status.st_size >= FILE_BYTES || !(text = malloc((size_t)status.st_size + 1)))
		goto out;
	*size = 0;
	while (*size < (size_t)status.st_size && (got = read(fd, text + *size, (size_t)status.st_size - *size)) > 0)
		*size += (size_t)got;
	if (got < 0) {
		free(text);
		text = NULL;
	}
out:
	close(fd);
	return text;
}

static void take_up(const struct health_file *file)
{
	size_t size;
	char *text = read_file(file, &size);
	int error = text ? health_read_text(file->targets, text, size) : -errno;

	if (error && error != -ENOENT)
		log_warning("health: " FILE_NAME " in the state directory %s: all targets are up until they are probed",
			    error == -EINVAL ? "is damaged" : strerror(-error));
	free(text);
}

struct health_file *health_file_open(struct loop *loop, struct health_targets *targets, const char *directory)
{
	struct health_file *file = calloc(1, sizeof(*file));
	int error = ENOMEM;

	if (!file)
		goto err;
	file->targets = targets;
	file->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->directory < 0)
		error = errno;
	file->write = evtimer_new(loop_base(loop), on_write, file);
	if (file->directory < 0 || !file->write)
		goto err;
	take_up(file);
	return file;
err:
	log_warning("health: what probes find out is not kept over a restart: %s", strerror(error));
	health_file_free(file);
	return NULL;
}

void health_file_free(struct health_file *file)
{
	if (!file)
		return;
	if (file->waits)
		write_now(file);
	if (file->write)
		event_free(file->write);
	if (file->directory >= 0)
		close(file->directory);
	free(file);
}
