/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/kernel_socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vnf/core/log.h"

#define ANSWER_S 10

struct question {
	struct nlmsghdr header;
	union {
		struct {
			struct rtmsg message;
			struct rtattr table;
			uint32_t value;
		} route;
		struct nhmsg nexthop;
		struct ifinfomsg link;
		struct ndmsg neighbour;
	};
};

static int open_socket(int flags)
{
	const struct sockaddr_nl any = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE), error;

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static int open_announcements(struct kernel_sockets *sockets, size_t receive)
{
	static const int group[] = {RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_NEXTHOP, RTNLGRP_LINK,
				    RTNLGRP_IPV4_IFADDR};
	int size = (int)(receive / 2); /* the kernel doubles it */

	sockets->announcements = open_socket(SOCK_NONBLOCK);
	if (sockets->announcements < 0)
		return sockets->announcements;
	/* Past net.core.rmem_max only with CAP_NET_ADMIN. */
	if (setsockopt(sockets->announcements, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(sockets->announcements, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (size_t i = 0; i < sizeof(group) / sizeof(group[0]); i++)
		if (setsockopt(sockets->announcements, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group[i],
			       sizeof(group[i])) < 0)
			return -errno;
	return 0;
}

static int open_questions(struct kernel_sockets *sockets)
{
	const struct timeval patience = {.tv_sec = ANSWER_S};
	struct sockaddr_nl name;
	socklen_t size = sizeof(name);
	const int one = 1;

	sockets->questions = open_socket(0);
	if (sockets->questions < 0)
		return sockets->questions;
	/* Without it, before Linux 4.20, a dump has all tables: their messages say which. */
	setsockopt(sockets->questions, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	if (setsockopt(sockets->questions, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    getsockname(sockets->questions, (struct sockaddr *)&name, &size) < 0)
		return -errno;
	sockets->port = name.nl_pid;
	return 0;
}

int kernel_sockets_open(struct kernel_sockets *sockets, size_t receive, const atomic_bool *stop)
{
	int error;

	*sockets = (struct kernel_sockets){.announcements = -1, .questions = -1, .stop = stop};
	sockets->buffer = malloc(KERNEL_BUFFER);
	error = sockets->buffer ? open_announcements(sockets, receive) : -ENOMEM;
	if (!error)
		error = open_questions(sockets);
	if (error)
		kernel_sockets_close(sockets);
	return error;
}

int kernel_sockets_hear_neighbours(struct kernel_sockets *sockets, bool hear)
{
	const int group = RTNLGRP_NEIGH;

	return setsockopt(sockets->announcements, SOL_NETLINK, hear ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP,
			  &group, sizeof(group)) < 0
		       ? -errno
		       : 0;
}

void kernel_sockets_close(struct kernel_sockets *sockets)
{
	if (sockets->announcements >= 0)
		close(sockets->announcements);
	if (sockets->questions >= 0)
		close(sockets->questions);
	free(sockets->buffer);
	*sockets = (struct kernel_sockets){.announcements = -1, .questions = -1};
}

int kernel_sockets_receive(struct kernel_sockets *sockets, size_t most, kernel_message *take, void *context)
{
	bool lost = false;

	for (size_t i = 0; i < most;) {
		ssize_t size = recv(sockets->announcements, sockets->buffer, KERNEL_BUFFER, 0);
		const struct nlmsghdr *message = (const void *)sockets->buffer;
		unsigned int left = size > 0 ? (unsigned int)size : 0;

		if (size < 0 && errno == ENOBUFS)
			lost = true; /* what is left in the socket is older than what was lost */
		else if (size < 0 && errno != EINTR)
			return lost ? -ENOBUFS : 1;
		for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left))
			take(context, message);
		i += !lost;
	}
	return 0;
}

static int ask(struct kernel_sockets *sockets, struct question *question, size_t size, uint16_t type, uint16_t flags)
{
	question->header = (struct nlmsghdr){.nlmsg_len = (uint32_t)(sizeof(question->header) + size),
					     .nlmsg_type = type,
					     .nlmsg_flags = NLM_F_REQUEST | flags,
					     .nlmsg_seq = ++sockets->sequence};
	return send(sockets->questions, question, question->header.nlmsg_len, 0) < 0 ? -errno : 0;
}

struct answer {
	kernel_message *take;
	void *context;
	bool done, changed;
	int error;
};

static int error_of(const struct nlmsghdr *message)
{
	int error;

	if (message->nlmsg_len < sizeof(*message) + sizeof(error))
		return 0;
	memcpy(&error, message + 1, sizeof(error));
	return error;
}

static void take_answer(struct kernel_sockets *sockets, struct answer *answer, unsigned int left)
{
	const struct nlmsghdr *message = (const void *)sockets->buffer;

	for (; NLMSG_OK(message, left) && !answer->done; message = NLMSG_NEXT(message, left)) {
		if (message->nlmsg_seq != sockets->sequence)
			continue; /* of a question whose answer nobody waited for */
		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			answer->changed = true;
		if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
			answer->done = true;
			if (!answer->error)
				answer->error = error_of(message);
		} else if (!answer->error) {
			answer->error = answer->take(answer->context, message);
		}
	}
}

static int receive_answers(struct kernel_sockets *sockets, struct answer *answer)
{
	while (!answer->done) {
		ssize_t size;

		if (atomic_load(sockets->stop))
			return -ECANCELED;
		size = recv(sockets->questions, sockets->buffer, KERNEL_BUFFER, 0);
		if (size < 0 && errno != EINTR)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (size > 0)
			take_answer(sockets, answer, (unsigned int)size);
	}
	return answer->error ? answer->error : answer->changed;
}

int kernel_sockets_dump(struct kernel_sockets *sockets, uint16_t type, uint8_t family, uint32_t table,
			kernel_message *take, void *context)
{
	struct question question = {0};
	struct answer answer = {.take = take, .context = context};
	size_t size;
	int error;

	if (type == RTM_GETROUTE) {
		question.route.message.rtm_family = family;
		question.route.table = (struct rtattr){.rta_len = RTA_LENGTH(sizeof(uint32_t)), .rta_type = RTA_TABLE};
		question.route.value = table;
		size = sizeof(question.route);
	} else if (type == RTM_GETLINK) {
		question.link.ifi_family = family;
		size = sizeof(question.link);
	} else if (type == RTM_GETNEIGH) {
		question.neighbour.ndm_family = family;
		size = sizeof(question.neighbour);
	} else {
		question.nexthop.nh_family = family;
		size = sizeof(question.nexthop);
	}
	error = ask(sockets, &question, size, type, NLM_F_DUMP);
	return error ? error : receive_answers(sockets, &answer);
}

/* The kernel answers errors alone, and has done all when send returns. */
void kernel_sockets_order(struct kernel_sockets *sockets, size_t size)
{
	if (send(sockets->questions, sockets->buffer, size, 0) < 0)
		log_warning("routes are not acknowledged: %s", strerror(errno));
	while (recv(sockets->questions, sockets->buffer, KERNEL_BUFFER, MSG_DONTWAIT) > 0)
		continue;
}

static int ignore(void *context, const struct nlmsghdr *message)
{
	(void)context;
	(void)message;
	return 0;
}

/* A question about a link that takes the lock under which links change; the answer, a link or an error, is of no
 * interest. */
void kernel_sockets_wait_links(struct kernel_sockets *sockets)
{
	struct question question = {.link = {.ifi_family = AF_UNSPEC, .ifi_index = 1}};
	struct answer answer = {.take = ignore};

	if (ask(sockets, &question, sizeof(question.link), RTM_GETLINK, NLM_F_ACK) == 0)
		receive_answers(sockets, &answer);
}
