/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vnf/core/clock.h"
#include "vnf/health/probe.h"

uint32_t probe_elapsed(const struct probe *probe)
{
	uint64_t elapsed = monotonic_us() - probe->started_us;

	return elapsed ? (uint32_t)elapsed : 1;
}

socklen_t probe_sockaddr(const struct ip_address *address, uint16_t port, struct sockaddr_storage *to)
{
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof(*to));
	if (address->family == 4) {
		ipv4->sin_family = AF_INET;
		ipv4->sin_port = htons(port);
		memcpy(&ipv4->sin_addr, address->byte, sizeof(ipv4->sin_addr));
		return sizeof(*ipv4);
	}
	ipv6->sin6_family = AF_INET6;
	ipv6->sin6_port = htons(port);
	memcpy(&ipv6->sin6_addr, address->byte, sizeof(ipv6->sin6_addr));
	return sizeof(*ipv6);
}

/* The device comes first: what a socket may be bound to depends on it. An unprivileged process may bind a socket to a
 * device once. */
int probe_bind(int fd, const struct probe *probe)
{
	struct sockaddr_storage source;
	socklen_t length;

	if (*probe->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, probe->device, sizeof(probe->device)))
		return -errno;
	if (!probe->source.family || probe->source.family != probe->address.family)
		return 0;
	length = probe_sockaddr(&probe->source, 0, &source);
	return bind(fd, (struct sockaddr *)&source, length) ? -errno : 0;
}

int probe_socket(const struct probe *probe, int type, int protocol)
{
	int family = probe->address.family == 4 ? AF_INET : AF_INET6;
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), error;

	if (fd < 0)
		return -errno;
	error = probe_bind(fd, probe);
	if (!error)
		return fd;
	close(fd);
	return error;
}

static void attempt_free(struct socket_attempt *attempt)
{
	if (attempt->event)
		event_free(attempt->event);
	close(attempt->fd);
	free(attempt);
}

int socket_attempt_begin(struct probe *probe, int fd, short what,
			 void (*ready)(evutil_socket_t fd, short what, void *attempt))
{
	struct socket_attempt *attempt = calloc(1, sizeof(*attempt));

	if (!attempt) {
		close(fd);
		return -ENOMEM;
	}
	attempt->probe = probe;
	attempt->fd = fd;
	attempt->event = event_new(probe->prober->base, fd, what, ready, attempt);
	if (!attempt->event || event_add(attempt->event, NULL)) {
		attempt_free(attempt);
		return -ENOMEM;
	}
	probe->attempt = attempt;
	return 0;
}

void socket_attempt_stop(struct probe *probe)
{
	if (probe->attempt)
		attempt_free(probe->attempt);
	probe->attempt = NULL;
}

void socket_attempt_done(struct socket_attempt *attempt, bool success, bool measured, const char *detail)
{
	struct probe *probe = attempt->probe;
	uint32_t latency = measured ? probe_elapsed(probe) : 0;

	socket_attempt_stop(probe);
	probe->done(probe, success, latency, detail);
}
