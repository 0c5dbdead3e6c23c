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

void instance_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	socklen_t length;
	int fd;

	if (!path || (path[0] != '/' && path[0] != '@'))
		return;
	length = unix_address(&address, path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (length)
		sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, length);
	close(fd);
}
