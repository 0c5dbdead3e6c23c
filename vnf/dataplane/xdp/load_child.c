/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vnf/core/privileges.h"
#include "vnf/dataplane/xdp/load_helper.h"

#define SOCKET 3

/* The one descriptor besides the standard ones: the child holds nothing of the daemon's open. */
static void keep_one(int socket)
{
	if (socket != SOCKET && dup2(socket, SOCKET) < 0)
		_exit(EXIT_FAILURE);
	(void)syscall(SYS_close_range, SOCKET + 1, ~0U, 0);
}

/* Who looks for the daemon, by its name or by what its environment is marked with, finds the daemon alone. */
static void take_another_name(void)
{
	(void)prctl(PR_SET_NAME, "sluice-loader");
	for (char **entry = environ; entry && *entry; entry++)
		memset(*entry, 0, strlen(*entry));
}

/* Is there another request, or has the daemon gone? */
static int more(void)
{
	struct pollfd poller = {.fd = SOCKET, .events = POLLIN};
	char byte;

	while (poll(&poller, 1, -1) < 0)
		if (errno != EINTR)
			return 0;
	return recv(SOCKET, &byte, sizeof(byte), MSG_PEEK | MSG_TRUNC) > 0;
}

static void serve(int socket)
{
	keep_one(socket);
	take_another_name();
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	privileges_drop_to_load();
	while (more())
		(void)loader_serve(SOCKET); /* what failed is in the answer, and in the log */
	_exit(EXIT_SUCCESS);
}

int loader_child(pid_t *child)
{
	int pair[2], status;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	*child = fork();
	if (*child == 0)
		serve(pair[1]);
	status = *child < 0 ? -errno : 0;
	close(pair[1]);
	if (!status)
		return pair[0];
	close(pair[0]);
	return status;
}
