/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into sluiced by sources.sh: netlink sockets get a receive buffer of 4 KiB, whatever they ask for, so that a
 * burst of routes overruns it.
 */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int setsockopt(int fd, int level, int name, const void *value, socklen_t size);

int setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	const int small = 4096;
	int domain = 0;
	socklen_t length = sizeof(domain);

	if (level == SOL_SOCKET && (name == SO_RCVBUF || name == SO_RCVBUFFORCE) &&
	    !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) && domain == AF_NETLINK) {
		value = &small;
		size = sizeof(small);
	}
	return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
}
