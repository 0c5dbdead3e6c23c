/* SPDX-License-Identifier: Apache-2.0 */
/* TCP: a connection is accepted. It is reset at once, so that neither side keeps it. */
#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <unistd.h>

#include "vnf/health/probe.h"

static void on_connected(evutil_socket_t fd, short what, void *context)
{
	socklen_t size = sizeof(int);
	int error = 0;

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		error = errno;
	socket_attempt_done(context, !error, true, error ? strerror(error) : "");
}

static int start(struct probe *probe)
{
	const struct linger reset = {.l_onoff = 1};
	struct sockaddr_storage address;
	socklen_t length = probe_sockaddr(&probe->address, probe->port, &address);
	int fd = probe_socket(probe, SOCK_STREAM, 0), error;

	if (fd < 0)
		return fd;
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) ||
	    (connect(fd, (struct sockaddr *)&address, length) && errno != EINPROGRESS)) {
		error = -errno;
		close(fd);
		return error;
	}
	return socket_attempt_begin(probe, fd, EV_WRITE, on_connected);
}

const struct probe_kind tcp_probe = {.name = "TCP", .start = start, .stop = socket_attempt_stop};
