/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "vnf/health/bfd.h"
#include "vnf/health/bfd_session.h"

#define TTL	 255 /* RFC 5881 5: a packet from the link has it still */
#define TOGETHER 64  /* packets, before the loop goes on */

struct bfd_socket {
	struct bfd_socket *next;
	struct bfd_sockets *all;
	struct bfd_listener *listeners;
	struct event *event;
	char device[16];
	uint8_t family;
	uint16_t port;
	int fd;
};

static struct bfd_listener *find(const struct bfd_socket *socket, const struct sockaddr_storage *from,
				 const struct bfd_packet *packet)
{
	struct bfd_listener *listener = socket->listeners;
	struct sockaddr_storage wanted;

	if (packet->your_discriminator) {
		while (listener && listener->discriminator != packet->your_discriminator)
			listener = listener->next;
		return listener;
	}
	for (; listener; listener = listener->next) {
		probe_sockaddr(&listener->probe->address, 0, &wanted);
		if (from->ss_family == AF_INET
			    ? ((const struct sockaddr_in *)from)->sin_addr.s_addr ==
				      ((struct sockaddr_in *)&wanted)->sin_addr.s_addr
			    : !memcmp(&((const struct sockaddr_in6 *)from)->sin6_addr,
				      &((struct sockaddr_in6 *)&wanted)->sin6_addr, sizeof(struct in6_addr)))
			return listener;
	}
	return NULL;
}

/* The TTL or hop limit with which the packet came; -1: the kernel does not say. */
static int ttl_of(struct msghdr *message)
{
	int ttl = -1;

	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control))
		if ((control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_TTL) ||
		    (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_HOPLIMIT))
			memcpy(&ttl, CMSG_DATA(control), sizeof(ttl));
	return ttl;
}

/* False: nothing is left. */
static bool receive(struct bfd_socket *socket)
{
	uint8_t bytes[128];
	char control[64];
	struct sockaddr_storage from;
	struct iovec data = {bytes, sizeof(bytes)};
	struct msghdr message = {.msg_name = &from,
				 .msg_namelen = sizeof(from),
				 .msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	ssize_t size = recvmsg(socket->fd, &message, 0);
	struct bfd_listener *listener;
	struct bfd_packet packet;

	if (size < 0)
		return errno == EINTR;
	if ((socket->port == BFD_PORT_ONE_HOP && ttl_of(&message) != TTL) ||
	    bfd_packet_parse(bytes, (size_t)size, &packet))
		return true;
	listener = find(socket, &from, &packet);
	if (listener)
		listener->received(listener, &packet);
	return true;
}

static void on_ready(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	for (int i = 0; i < TOGETHER && receive(context); i++)
		;
}

static int set_up(const struct bfd_socket *socket, const struct probe *probe)
{
	const struct ip_address any = {.family = socket->family};
	struct sockaddr_storage address;
	socklen_t length = probe_sockaddr(&any, socket->port, &address);
	const int one = 1;

	if ((*probe->device &&
	     setsockopt(socket->fd, SOL_SOCKET, SO_BINDTODEVICE, probe->device, sizeof(probe->device))) ||
	    (socket->family == 4 ? setsockopt(socket->fd, IPPROTO_IP, IP_RECVTTL, &one, sizeof(one))
				 : setsockopt(socket->fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &one, sizeof(one)) ||
					   setsockopt(socket->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one))) ||
	    bind(socket->fd, (struct sockaddr *)&address, length))
		return -errno;
	return 0;
}

static void socket_free(struct bfd_socket *socket)
{
	if (socket->event)
		event_free(socket->event);
	if (socket->fd >= 0)
		close(socket->fd);
	free(socket);
}

static struct bfd_socket *socket_open(const struct probe *probe, uint16_t port, int *error)
{
	struct bfd_socket *new = calloc(1, sizeof(*new));

	*error = -ENOMEM;
	if (!new)
		return NULL;
	memcpy(new->device, probe->device, sizeof(new->device));
	new->family = probe->address.family;
	new->port = port;
	new->all = probe->prober->bfd;
	new->fd = socket(new->family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	*error = new->fd < 0 ? -errno : set_up(new, probe);
	if (!*error) {
		new->event = event_new(probe->prober->base, new->fd, EV_READ | EV_PERSIST, on_ready, new);
		*error = !new->event || event_add(new->event, NULL) ? -ENOMEM : 0;
	}
	if (*error) {
		socket_free(new);
		return NULL;
	}
	new->next = new->all->first;
	new->all->first = new;
	return new;
}

struct bfd_socket *bfd_socket_join(struct bfd_listener *listener, int *error)
{
	const struct probe *probe = listener->probe;
	uint16_t port = probe->on_link ? BFD_PORT_ONE_HOP : BFD_PORT_MULTIHOP;
	struct bfd_socket *found = probe->prober->bfd->first;

	while (found && (found->port != port || found->family != probe->address.family ||
			 strncmp(found->device, probe->device, sizeof(found->device)) != 0))
		found = found->next;
	if (!found)
		found = socket_open(probe, port, error);
	if (!found)
		return NULL;
	listener->next = found->listeners;
	found->listeners = listener;
	return found;
}

void bfd_socket_leave(struct bfd_socket *socket, struct bfd_listener *listener)
{
	struct bfd_listener **at = &socket->listeners;
	struct bfd_socket **place = &socket->all->first;

	while (*at != listener)
		at = &(*at)->next;
	*at = listener->next;
	if (socket->listeners)
		return;
	while (*place != socket)
		place = &(*place)->next;
	*place = socket->next;
	socket_free(socket);
}
