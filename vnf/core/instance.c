/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/instance.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Fills in a unix address; a name that starts with '@' is in the abstract namespace. Returns its length, 0: too long.
 */
static socklen_t unix_address(struct sockaddr_un *address, const char *name)
{
	size_t length = strlen(name);

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (length >= sizeof(address->sun_path))
		return 0;
	memcpy(address->sun_path, name, length);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

int instance_claim(void)
{
	struct sockaddr_un address;
	socklen_t length = unix_address(&address, "@sluiced");
	int fd;

	/* Abstract names belong to the network namespace and go with their socket: a lock that cannot be left behind.
	 */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, length)) {
		int error = -errno;

		close(fd);
		return error;
	}
	return 0; /* the descriptor stays open as long as the process lives */
}

/* A descriptor that is negative is none. */
static int notify(const char *state, int with)
{
	const char *path = getenv("NOTIFY_SOCKET");
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {{.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec text = {(void *)state, strlen(state)};
	struct sockaddr_un address;
	struct msghdr message = {.msg_name = &address, .msg_iov = &text, .msg_iovlen = 1};
	int fd, error = 0;

	if (!path || (path[0] != '/' && path[0] != '@'))
		return -ENOENT;
	message.msg_namelen = unix_address(&address, path);
	if (!message.msg_namelen)
		return -ENAMETOOLONG;
	if (with >= 0) {
		memcpy(CMSG_DATA(&control.header), &with, sizeof(with));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
		error = -errno;
	close(fd);
	return error;
}

void instance_notify(const char *state)
{
	(void)notify(state, -1);
}

int instance_notify_fd(const char *state, int fd)
{
	return notify(state, fd);
}
