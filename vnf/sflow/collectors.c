/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sflow/collectors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* 0 or -EINVAL. */
static int parse_port(const char *text, uint16_t *port)
{
	unsigned long number;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	number = strtoul(text, &end, 10);
	if (*end || !number || number > UINT16_MAX)
		return -EINVAL;
	*port = (uint16_t)number;
	return 0;
}

static int parse_host(const char *host, uint16_t port, union sflow_collector *collector)
{
	struct ip_address address;

	*collector = (union sflow_collector){0};
	if (ip_address_parse(host, &address))
		return -EINVAL;
	if (address.family == 4) {
		collector->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
		memcpy(&collector->v4.sin_addr, address.byte, 4);
	} else {
		collector->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
		memcpy(&collector->v6.sin6_addr, address.byte, 16);
	}
	return 0;
}

int sflow_collector_parse(const char *text, union sflow_collector *collector)
{
	char host[IP_ADDRESS_TEXT];
	const char *end, *start = text;
	uint16_t port = SFLOW_PORT;

	if (text[0] == '[') {
		start++;
		end = strchr(text, ']');
		if (!end || (end[1] && (end[1] != ':' || parse_port(end + 2, &port))))
			return -EINVAL;
	} else {
		end = strchr(text, ':');
		if (!end || strchr(end + 1, ':')) /* no port, or an IPv6 address without one */
			end = text + strlen(text);
		else if (parse_port(end + 1, &port))
			return -EINVAL;
	}
	if ((size_t)(end - start) >= sizeof(host))
		return -EINVAL;
	memcpy(host, start, (size_t)(end - start));
	host[end - start] = '\0';
	if (text[0] == '[' && !strchr(host, ':'))
		return -EINVAL;
	return parse_host(host, port, collector);
}

static socklen_t size_of(const union sflow_collector *collector)
{
	return collector->any.sa_family == AF_INET ? sizeof(collector->v4) : sizeof(collector->v6);
}

static bool is_loopback(const union sflow_collector *collector)
{
	if (collector->any.sa_family == AF_INET)
		return ntohl(collector->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&collector->v6.sin6_addr);
}

/* The descriptor or -errno. Not connected: the way, and our address on it, may change. */
static int open_one(const union sflow_collector *collector, const char *device)
{
	int fd = socket(collector->any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -errno;
	if (!device || is_loopback(collector) ||
	    !setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int sflow_sockets_open(struct sflow_sockets *sockets, const union sflow_collector *collector, size_t count,
		       const char *device, struct error *error)
{
	*sockets = (struct sflow_sockets){0};
	for (size_t i = 0; i < count && i < SFLOW_COLLECTORS; i++) {
		int fd = open_one(&collector[i], device);

		if (fd < 0) {
			error_add(error, ERROR_UNAVAILABLE, "sflow.collectors", "no socket for number %zu%s%s: %s",
				  i + 1, device ? " by " : "", device ? device : "", strerror(-fd));
			sflow_sockets_close(sockets);
			return -1;
		}
		sockets->collector[i] = collector[i];
		sockets->fd[sockets->count++] = fd;
	}
	return 0;
}

void sflow_sockets_close(struct sflow_sockets *sockets)
{
	while (sockets->count)
		close(sockets->fd[--sockets->count]);
}

void sflow_sockets_local(const struct sflow_sockets *sockets, struct ip_address *address)
{
	union sflow_collector local = {0};
	socklen_t size = sizeof(local);
	int fd;

	*address = (struct ip_address){0};
	if (!sockets->count)
		return;
	fd = socket(sockets->collector[0].any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (!connect(fd, &sockets->collector[0].any, size_of(&sockets->collector[0])) &&
	    !getsockname(fd, &local.any, &size)) {
		bool ipv6 = local.any.sa_family == AF_INET6;

		address->family = ipv6 ? 6 : 4;
		memcpy(address->byte, ipv6 ? (void *)&local.v6.sin6_addr : (void *)&local.v4.sin_addr, ipv6 ? 16 : 4);
	}
	close(fd);
}

void sflow_sockets_send(struct sflow_sockets *sockets, const void *bytes, size_t length)
{
	for (size_t i = 0; i < sockets->count; i++) {
		const union sflow_collector *to = &sockets->collector[i];

		if (sendto(sockets->fd[i], bytes, length, MSG_NOSIGNAL, &to->any, size_of(to)) == (ssize_t)length) {
			sockets->sent++;
			continue;
		}
		sockets->error = errno;
		sockets->lost++;
	}
}
