/* SPDX-License-Identifier: Apache-2.0 */
/* sd_notify(3) and sd_listen_fds(3). */
#include "vnf/core/fd_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vnf/core/instance.h"

#define FIRST_FD 3 /* SD_LISTEN_FDS_START */

int fd_store_is_there(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path && *path;
}

int fd_store_put(const char *name, int fd)
{
	char state[128];

	fd_store_remove(name);
	/* FDPOLL=0: it would drop a BPF map at once, whose descriptor polls as an error. */
	snprintf(state, sizeof(state), "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
	return instance_notify_fd(state, fd);
}

void fd_store_remove(const char *name)
{
	char state[128];

	snprintf(state, sizeof(state), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	instance_notify(state);
}

static long number_of(const char *variable)
{
	const char *text = getenv(variable);

	return text ? strtol(text, NULL, 10) : 0;
}

/* Is the name the first in a list of which each but the last ends with a colon? */
static int is_first(const char *list, const char *name)
{
	size_t length = strcspn(list, ":");

	return length == strlen(name) && !memcmp(list, name, length);
}

int fd_names_find(const char *names, const char *name)
{
	for (int i = 0; *names; i++) {
		if (is_first(names, name))
			return i;
		names += strcspn(names, ":");
		names += *names == ':';
	}
	return -ENOENT;
}

int fd_store_get(const char *name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	int place, fd;

	if (!names || number_of("LISTEN_PID") != (long)getpid())
		return -ENOENT;
	place = fd_names_find(names, name);
	if (place < 0 || place >= number_of("LISTEN_FDS"))
		return -ENOENT;
	fd = fcntl(FIRST_FD + place, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}
