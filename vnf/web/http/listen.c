/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/http/listen.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int set_up(int fd, const union listen_endpoint *endpoint, const char *device)
{
	socklen_t length = endpoint->any.sa_family == AF_INET ? sizeof(endpoint->v4) : sizeof(endpoint->v6);
	const int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		return -errno;
	/* so that 0.0.0.0 and [::] can have the same port */
	if (endpoint->any.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)))
		return -errno;
	if (device && !listen_is_loopback(endpoint) &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1))
		return -errno;
	return bind(fd, &endpoint->any, length) ? -errno : 0;
}

int web_bind(const union listen_endpoint *endpoint, const char *device)
{
	int fd = socket(endpoint->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = fd < 0 ? -errno : set_up(fd, endpoint, device);

	if (error && fd >= 0)
		close(fd);
	return error ? error : fd;
}

unsigned int web_bound_port(int fd)
{
	union listen_endpoint endpoint;
	socklen_t length = sizeof(endpoint);

	if (fd < 0 || getsockname(fd, &endpoint.any, &length))
		return 0;
	return ntohs(endpoint.any.sa_family == AF_INET ? endpoint.v4.sin_port : endpoint.v6.sin6_port);
}
