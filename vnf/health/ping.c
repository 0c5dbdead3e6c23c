/* SPDX-License-Identifier: Apache-2.0 */
/* PING: an echo request (RFC 792, RFC 4443) by a socket that needs no privilege, whose identifier is the kernel's. The
 * answer has the request's nonce. */
#include <errno.h>
#include <event2/event.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "vnf/health/probe.h"

struct echo {
	uint8_t type, code;
	uint16_t checksum, id, sequence;
	uint64_t nonce;
} __attribute__((packed));

static void on_ready(evutil_socket_t fd, short what, void *context)
{
	struct socket_attempt *attempt = context;
	bool ipv4 = attempt->probe->address.family == 4;
	struct echo echo;
	ssize_t size = recv(fd, &echo, sizeof(echo), 0);

	(void)what;
	if (size < 0 && errno != EAGAIN)
		socket_attempt_done(attempt, false, false, strerror(errno));
	else if (size == sizeof(echo) && echo.type == (ipv4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) &&
		 echo.nonce == attempt->nonce)
		socket_attempt_done(attempt, true, true, "");
}

static int start(struct probe *probe)
{
	bool ipv4 = probe->address.family == 4;
	struct echo echo = {.type = ipv4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST, .sequence = htons(1)};
	struct sockaddr_storage address;
	socklen_t length = probe_sockaddr(&probe->address, 0, &address);
	int fd = probe_socket(probe, SOCK_DGRAM, ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6), error;

	if (fd < 0)
		return fd;
	if (getrandom(&echo.nonce, sizeof(echo.nonce), 0) != sizeof(echo.nonce) ||
	    connect(fd, (struct sockaddr *)&address, length) || send(fd, &echo, sizeof(echo), 0) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	error = socket_attempt_begin(probe, fd, EV_READ | EV_PERSIST, on_ready);
	if (!error)
		((struct socket_attempt *)probe->attempt)->nonce = echo.nonce;
	return error;
}

const struct probe_kind ping_probe = {.name = "PING", .start = start, .stop = socket_attempt_stop};
