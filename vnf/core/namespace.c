/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_here(int fd)
{
	struct stat there, here;

	return !fstat(fd, &there) && !stat("/proc/thread-self/ns/net", &here) && there.st_dev == here.st_dev &&
	       there.st_ino == here.st_ino;
}

int namespace_enter(const char *name)
{
	char path[PATH_MAX];
	int fd, error = 0;

	snprintf(path, sizeof(path), "%s%s", name[0] == '/' ? "" : "/run/netns/", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!is_here(fd) && setns(fd, CLONE_NEWNET))
		error = -errno;
	close(fd);
	return error;
}
