/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/access/watch.h"

#include <errno.h>
#include <event2/event.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vnf/access/access.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"

/* The facts that change with every way to replace a file. */
struct version {
	ino_t inode;
	off_t size;
	struct timespec modified;
};

struct access_watch {
	struct access *access;
	const char *path;
	int fd;
	struct event *changed, *hangup;
	struct version version; /* of the file that was read last */
};

static struct version look(const char *path)
{
	struct stat stat_of;

	if (stat(path, &stat_of))
		return (struct version){0};
	return (struct version){stat_of.st_ino, stat_of.st_size, stat_of.st_mtim};
}

static void load(struct access_watch *watch)
{
	struct access_status status;
	struct error error = {0};

	watch->version = look(watch->path);
	if (access_load(watch->access, watch->path, &error)) {
		log_faults("access policy", &error);
		log_warning("%s: is not taken: the policy that was read before stays in force", watch->path);
		return;
	}
	access_status(watch->access, &status);
	log_info("%s: was read again: %zu rules are in force", watch->path, status.rules);
}

static void on_changed(evutil_socket_t fd, short events, void *context)
{
	struct access_watch *watch = context;
	struct version now = look(watch->path);
	char bytes[4096];

	(void)events;
	while (read(fd, bytes, sizeof(bytes)) > 0)
		continue; /* it does not matter which file it was */
	if (now.inode != watch->version.inode || now.size != watch->version.size ||
	    now.modified.tv_sec != watch->version.modified.tv_sec ||
	    now.modified.tv_nsec != watch->version.modified.tv_nsec)
		load(watch);
}

static void on_hangup(evutil_socket_t number, short events, void *context)
{
	(void)number;
	(void)events;
	load(context);
}

static int watch_directory(struct access_watch *watch)
{
	char directory[PATH_MAX];
	char *slash;

	snprintf(directory, sizeof(directory), "%s", watch->path);
	slash = strrchr(directory, '/');
	if (slash)
		slash[slash == directory] = '\0';
	return inotify_add_watch(watch->fd, slash ? directory : ".",
				 IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE) < 0
		       ? -1
		       : 0;
}

struct access_watch *access_watch_new(struct loop *loop, struct access *access, const char *path)
{
	struct access_watch *watch = calloc(1, sizeof(*watch));
	int error;

	if (!watch)
		return NULL;
	watch->access = access;
	watch->path = path;
	watch->version = look(path);
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd < 0 || watch_directory(watch))
		goto err;
	watch->changed = event_new(loop_base(loop), watch->fd, EV_READ | EV_PERSIST, on_changed, watch);
	watch->hangup = evsignal_new(loop_base(loop), SIGHUP, on_hangup, watch);
	if (watch->changed && watch->hangup && !event_add(watch->changed, NULL) && !event_add(watch->hangup, NULL))
		return watch;
	errno = ENOMEM;
err:
	error = errno;
	access_watch_free(watch);
	errno = error;
	return NULL;
}

void access_watch_free(struct access_watch *watch)
{
	if (!watch)
		return;
	if (watch->changed)
		event_free(watch->changed);
	if (watch->hangup)
		event_free(watch->hangup);
	if (watch->fd >= 0)
		close(watch->fd);
	free(watch);
}
