/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/handover.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define MAGIC 0x31504f5445484c53ULL

/* On the wire: one machine, perhaps two versions. */
struct wire {
	uint64_t magic, revision;
	uint32_t step, seconds;
	char text[sizeof(((struct handover_message *)0)->text)];
};

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int) * HANDOVER_FDS)];
};

/* Descriptor of a socket, with the path's address; or -errno. */
static int open_socket(const char *path, struct sockaddr_un *address)
{
	int fd;

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	strcpy(address->sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

int handover_listen(const char *path)
{
	struct sockaddr_un address;
	int fd = open_socket(path, &address), error = 0;
	mode_t mask;

	if (fd < 0)
		return fd;
	(void)unlink(path);
	mask = umask(0177);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) || listen(fd, 1))
		error = -errno;
	umask(mask);
	if (!error)
		return fd;
	close(fd);
	return error;
}

/* A pidfd of the process at the other end, if it is of our own user. Descriptor or -errno. */
static int peer_of(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	long process;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return -errno;
	if (peer.uid != geteuid() || peer.pid <= 0)
		return -EPERM;
	process = syscall(SYS_pidfd_open, peer.pid, 0);
	return process < 0 ? -errno : (int)process;
}

int handover_accept(int listener, int *process)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), error;

	if (fd < 0)
		return -errno;
	*process = peer_of(fd);
	if (*process >= 0)
		return fd;
	error = *process;
	close(fd);
	return error;
}

int handover_connect(const char *path)
{
	struct sockaddr_un address;
	int fd = open_socket(path, &address), error;

	if (fd < 0 || !connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int handover_send(int fd, const struct handover_message *message)
{
	struct wire wire = {
		.magic = MAGIC, .revision = message->revision, .step = message->step, .seconds = message->seconds};
	const size_t size = sizeof(int) * message->fds;
	union control control = {
		.header = {.cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec bytes = {&wire, sizeof(wire)};
	struct msghdr header = {.msg_iov = &bytes, .msg_iovlen = 1};

	snprintf(wire.text, sizeof(wire.text), "%s", message->text);
	if (size) {
		memcpy(CMSG_DATA(&control.header), message->fd, size);
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(size);
	}
	if (sendmsg(fd, &header, MSG_NOSIGNAL) >= 0)
		return 0;
	return errno == ECONNRESET ? -EPIPE : -errno;
}

static void take_fds(struct msghdr *header, struct handover_message *message)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
		size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(message->fd, CMSG_DATA(part), sizeof(int) * count);
		message->fds = count;
	}
}

int handover_receive(int fd, int milliseconds, struct handover_message *message)
{
	struct wire wire = {0};
	union control control;
	struct iovec bytes = {&wire, sizeof(wire)};
	struct msghdr header = {
		.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	struct pollfd ready = {fd, POLLIN, 0};
	ssize_t got;
	int status;

	*message = (struct handover_message){0};
	status = poll(&ready, 1, milliseconds);
	if (status <= 0)
		return status && errno != EINTR ? -errno : -ETIMEDOUT;
	got = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	if (got <= 0)
		return !got || errno == ECONNRESET ? -EPIPE : -errno;
	take_fds(&header, message);
	if (got != sizeof(wire) || wire.magic != MAGIC || header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		handover_close_fds(message);
		return -EPROTO;
	}
	message->step = wire.step;
	message->seconds = wire.seconds;
	message->revision = wire.revision;
	snprintf(message->text, sizeof(message->text), "%.*s", (int)sizeof(wire.text) - 1, wire.text);
	return 0;
}

void handover_close_fds(struct handover_message *message)
{
	while (message->fds)
		close(message->fd[--message->fds]);
}
