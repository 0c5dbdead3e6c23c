/* SPDX-License-Identifier: Apache-2.0 */
/* UDP: a datagram of one byte, to which no ICMP unreachable comes back in time. An answer is one, too, and ends it. */
#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <unistd.h>

#include "vnf/health/probe.h"

static void on_ready(evutil_socket_t fd, short what, void *context)
{
	char byte;
	int error = recv(fd, &byte, 1, 0) < 0 ? errno : 0;

	(void)what;
	if (error == EAGAIN)
		return;
	socket_attempt_done(context, !error, !error, error ? strerror(error) : "");
}

static int start(struct probe *probe)
{
	struct sockaddr_storage address;
	socklen_t length = probe_sockaddr(&probe->address, probe->port, &address);
	int fd = probe_socket(probe, SOCK_DGRAM, 0), error;

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&address, length) || send(fd, "", 1, 0) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	return socket_attempt_begin(probe, fd, EV_READ | EV_PERSIST, on_ready);
}

const struct probe_kind udp_probe = {
	.name = "UDP", .silence_is_success = true, .start = start, .stop = socket_attempt_stop};
