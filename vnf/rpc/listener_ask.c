/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks a listener whether it lives. That a connection can be made shows nothing, since the kernel makes them for who
 * does not accept any more; an answer does: to the preface of HTTP/2 (RFC 9113, section 3.4) a plain server answers
 * with its settings, one of TLS with an alert or by closing.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vnf/rpc/listen_address.h"
#include "vnf/rpc/listener.h"
#include "vnf/core/clock.h"

#define SLICE_MS 50 /* between looks at *stop */

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"; /* and empty SETTINGS */

/* A wildcard is asked at the loopback address of its family. 0: the address cannot be asked. */
static socklen_t endpoint_of(const struct listener *listener, union listen_endpoint *endpoint)
{
	struct error error = {0};

	memset(endpoint, 0, sizeof(*endpoint));
	if (!listener->address) {
		endpoint->local.sun_family = AF_UNIX;
		strncpy(endpoint->local.sun_path, listener->options->relayed, sizeof(endpoint->local.sun_path) - 1);
		return sizeof(endpoint->local);
	}
	if (listen_address_parse(listener->address, true, endpoint, &error))
		return 0;
	switch (endpoint->any.sa_family) {
	case AF_UNIX:
		return sizeof(endpoint->local);
	case AF_INET:
		endpoint->v4.sin_port = htons((uint16_t)listener->port);
		if (endpoint->v4.sin_addr.s_addr == htonl(INADDR_ANY))
			endpoint->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		break;
	default:
		endpoint->v6.sin6_port = htons((uint16_t)listener->port);
		if (IN6_IS_ADDR_UNSPECIFIED(&endpoint->v6.sin6_addr))
			endpoint->v6.sin6_addr = in6addr_loopback;
	}
	if (listener->options->bind_interface && !listen_is_loopback(endpoint))
		return 0;
	return endpoint->any.sa_family == AF_INET ? sizeof(endpoint->v4) : sizeof(endpoint->v6);
}

/* The next step of asking by a socket; true: it has answered. To close the connection is an answer, too: there may be
 * too many, but they are accepted. */
static bool ask(int fd, size_t *sent)
{
	struct pollfd ready = {.fd = fd, .events = *sent ? POLLIN : POLLOUT};
	char byte;

	if (poll(&ready, 1, SLICE_MS) < 1)
		return false;
	if (!*sent) {
		ssize_t count = send(fd, preface, sizeof(preface) - 1, MSG_NOSIGNAL);

		*sent = count > 0 ? (size_t)count : 0;
		return count < 0 && errno != EAGAIN;
	}
	return recv(fd, &byte, 1, 0) >= 0 || errno == ECONNRESET;
}

/* Connects, if only in time: EAGAIN says that as many wait on its unix socket as may. */
static enum listener_state connect_to(int fd, const union listen_endpoint *endpoint, socklen_t size, uint64_t deadline,
				      const atomic_bool *stop)
{
	while (connect(fd, &endpoint->any, size) && errno != EINPROGRESS) {
		if (errno != EAGAIN)
			return LISTENER_REFUSES;
		if (atomic_load(stop) || monotonic_ms() >= deadline)
			return LISTENER_SILENT;
		poll(NULL, 0, SLICE_MS);
	}
	return LISTENER_ANSWERS;
}

enum listener_state listener_ask(const struct listener *listener, unsigned int milliseconds, const atomic_bool *stop)
{
	uint64_t deadline = monotonic_ms() + milliseconds;
	union listen_endpoint endpoint;
	socklen_t size = endpoint_of(listener, &endpoint);
	enum listener_state state;
	size_t sent = 0;
	bool answered = false;
	int fd;

	if (!size)
		return LISTENER_ANSWERS;
	fd = socket(endpoint.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return LISTENER_ANSWERS; /* it is not known, and not its fault */
	state = connect_to(fd, &endpoint, size, deadline, stop);
	while (state == LISTENER_ANSWERS && !answered && monotonic_ms() < deadline && !atomic_load(stop))
		answered = ask(fd, &sent);
	close(fd);
	return state == LISTENER_ANSWERS && !answered ? LISTENER_SILENT : state;
}
