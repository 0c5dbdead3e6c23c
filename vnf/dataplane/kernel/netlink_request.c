/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/kernel/netlink_request.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define DUMP_BUFFER 65536 /* the kernel fills up to 32 KiB a message batch (NLMSG_GOODSIZE aside) */

int netlink_request_open(struct netlink_request *request)
{
	/* The kernel answers in the caller's context; the timeout only guards against a lost answer. */
	const struct timeval timeout = {.tv_sec = 5};
	int strict = 1;
	int error;

	request->sequence = 0;
	request->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!request->socket)
		return -errno;
	if (mnl_socket_bind(request->socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(request->socket), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0) {
		error = -errno;
		netlink_request_close(request);
		return error;
	}
	/* A question that is put wrongly is refused, rather than guessed at and complained of in the kernel's log. */
	(void)mnl_socket_setsockopt(request->socket, NETLINK_GET_STRICT_CHK, &strict, sizeof(strict));
	return 0;
}

void netlink_request_close(struct netlink_request *request)
{
	if (request->socket)
		mnl_socket_close(request->socket);
	request->socket = NULL;
}

/* Of the fixed header that such a question begins with; all zeros, it asks for every family and every link. */
static size_t fixed_header_size(uint16_t type)
{
	switch (type) {
	case RTM_GETADDR:
		return sizeof(struct ifaddrmsg);
	case RTM_GETNEIGH:
		return sizeof(struct ndmsg);
	default:
		return sizeof(struct ifinfomsg);
	}
}

/* The last message, NLMSG_DONE or NLMSG_ERROR, begins with an error; libmnl by itself reads it of the latter only. */
static int on_end(const struct nlmsghdr *header, void *context)
{
	const int *error = mnl_nlmsg_get_payload(header);

	(void)context;
	if (mnl_nlmsg_get_payload_len(header) < sizeof(*error) || !*error)
		return MNL_CB_STOP;
	errno = -*error;
	return MNL_CB_ERROR;
}

int netlink_request_dump(struct netlink_request *request, uint16_t type, mnl_cb_t parse, void *context)
{
	static mnl_cb_t end[] = {[NLMSG_ERROR] = on_end, [NLMSG_DONE] = on_end};
	union {
		struct nlmsghdr header;
		char bytes[NLMSG_SPACE(sizeof(struct ifinfomsg))];
	} message;
	struct nlmsghdr *header = mnl_nlmsg_put_header(&message);
	char *buffer = malloc(DUMP_BUFFER);
	ssize_t size;
	int more = MNL_CB_OK, error = 0;

	if (!buffer)
		return -ENOMEM;
	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = ++request->sequence;
	mnl_nlmsg_put_extra_header(header, fixed_header_size(type));
	if (mnl_socket_sendto(request->socket, header, header->nlmsg_len) < 0) {
		error = -errno;
		goto out;
	}
	while (more > MNL_CB_STOP) {
		size = mnl_socket_recvfrom(request->socket, buffer, DUMP_BUFFER);
		if (size < 0) {
			error = -errno;
			goto out;
		}
		/* A stray answer to an earlier question has an earlier sequence number. */
		if (mnl_nlmsg_ok((struct nlmsghdr *)buffer, (int)size) &&
		    ((struct nlmsghdr *)buffer)->nlmsg_seq != request->sequence)
			continue;
		more = mnl_cb_run2(buffer, (size_t)size, request->sequence, mnl_socket_get_portid(request->socket),
				   parse, context, end, sizeof(end) / sizeof(*end));
		if (more < 0)
			error = -errno;
	}
out:
	free(buffer);
	return error;
}

int netlink_request_use(struct netlink_request *request, uint32_t ifindex, const struct ip_address *address)
{
	union {
		struct nlmsghdr header;
		char bytes[128];
	} message;
	char answer[512];
	struct nlmsghdr *header = mnl_nlmsg_put_header(&message);
	size_t length = address->family == 4 ? 4 : 16;
	struct ndmsg *neighbour;
	ssize_t size;

	header->nlmsg_type = RTM_NEWNEIGH;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE;
	header->nlmsg_seq = ++request->sequence;
	neighbour = mnl_nlmsg_put_extra_header(header, sizeof(*neighbour));
	neighbour->ndm_family = address->family == 4 ? AF_INET : AF_INET6;
	neighbour->ndm_ifindex = (int)ifindex;
	neighbour->ndm_state = NUD_NONE;
	neighbour->ndm_flags = NTF_USE;
	mnl_attr_put(header, NDA_DST, length, address->byte);
	if (mnl_socket_sendto(request->socket, header, header->nlmsg_len) < 0)
		return -errno;
	do {
		size = recv(mnl_socket_get_fd(request->socket), answer, sizeof(answer), MSG_DONTWAIT);
		if (size < 0)
			return -errno;
	} while (!mnl_nlmsg_ok((struct nlmsghdr *)answer, (int)size) ||
		 ((struct nlmsghdr *)answer)->nlmsg_seq != request->sequence);
	if (mnl_cb_run(answer, (size_t)size, request->sequence, mnl_socket_get_portid(request->socket), NULL, NULL) < 0)
		return -errno;
	return 0;
}
