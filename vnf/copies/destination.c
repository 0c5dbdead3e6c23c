/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/copies/destination.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct copy_destination {
	struct copy_target target;
	int fd;
	uint32_t sequence; /* of the next copy in ERSPAN */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_ll link;
	} to;
	socklen_t to_size;
};

static void set_remote(struct copy_destination *destination)
{
	const struct copy_target *target = &destination->target;
	uint16_t port = target->kind == COPY_VXLAN ? htons(target->udp_port) : 0;

	if (target->remote.family == 4) {
		destination->to.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
		memcpy(&destination->to.v4.sin_addr, target->remote.byte, 4);
		destination->to_size = sizeof(destination->to.v4);
	} else {
		destination->to.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
		memcpy(&destination->to.v6.sin6_addr, target->remote.byte, 16);
		destination->to_size = sizeof(destination->to.v6);
	}
}

/* What is too large for the link goes in fragments. */
static int allow_fragments(const struct copy_destination *destination)
{
	int dont = destination->to.any.sa_family == AF_INET ? IP_PMTUDISC_DONT : IPV6_PMTUDISC_DONT;

	if (destination->to.any.sa_family == AF_INET)
		return setsockopt(destination->fd, IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof(dont));
	return setsockopt(destination->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &dont, sizeof(dont));
}

/* 0 or -1 with errno. What comes in is nobody's: the least room is kept for it. */
static int open_tunnel(struct copy_destination *destination)
{
	bool udp = destination->target.kind == COPY_VXLAN;
	int least = 0;

	set_remote(destination);
	destination->fd = socket(destination->to.any.sa_family, (udp ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC,
				 udp ? 0 : IPPROTO_GRE);
	if (destination->fd < 0 || setsockopt(destination->fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)))
		return -1;
	return allow_fragments(destination);
}

static int open_port(struct copy_destination *destination)
{
	destination->to.link =
		(struct sockaddr_ll){.sll_family = AF_PACKET, .sll_ifindex = (int)destination->target.ifindex};
	destination->to_size = sizeof(destination->to.link);
	destination->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* of no protocol: nothing comes in */
	return destination->fd < 0 ? -1 : 0;
}

struct copy_destination *copy_destination_open(const struct copy_target *target, int *error)
{
	struct copy_destination *destination = calloc(1, sizeof(*destination));

	if (!destination) {
		*error = -ENOMEM;
		return NULL;
	}
	destination->target = *target;
	destination->fd = -1;
	if (!(target->kind == COPY_PORT ? open_port(destination) : open_tunnel(destination)))
		return destination;
	*error = -errno;
	copy_destination_close(destination);
	return NULL;
}

void copy_destination_close(struct copy_destination *destination)
{
	if (!destination)
		return;
	if (destination->fd >= 0)
		close(destination->fd);
	free(destination);
}

int copy_destination_send(struct copy_destination *destination, const uint8_t *frame, uint32_t kept, uint32_t length)
{
	const struct copy_target *target = &destination->target;
	uint8_t header[COPY_HEADER];
	struct iovec part[] = {{header, 0}, {(void *)frame, kept}};
	struct msghdr message = {
		.msg_name = &destination->to, .msg_namelen = destination->to_size, .msg_iov = part, .msg_iovlen = 2};

	if (target->kind == COPY_VXLAN)
		part[0].iov_len = copy_put_vxlan(header, target->vni);
	if (target->kind == COPY_ERSPAN)
		part[0].iov_len =
			copy_put_erspan(header, target->session_id, destination->sequence++, frame, kept, length);
	return sendmsg(destination->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}
