/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "vnf/core/log.h"

/* What keeps others out of the namespace, as long as a process has it open: the lock on the file, and the name. */
static int held[INSTANCE_LOCKS] = {-1, -1};

/* Fills in a unix address; a name that starts with '@' is in the abstract namespace. Returns its length, 0: too long.
 */
static socklen_t unix_address(struct sockaddr_un *address, const char *name)
{
	size_t length = strlen(name);

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (length >= sizeof(address->sun_path))
		return 0;
	memcpy(address->sun_path, name, length);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

/* A directory that others than its owner may write to would let them put a file of theirs there. -errno or a
 * descriptor. */
static int open_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat stat;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &stat) && (stat.st_uid == 0 || stat.st_uid == geteuid() || geteuid() == 0) &&
	    !(stat.st_mode & (S_ISVTX | S_IWOTH)))
		return fd;
	close(fd);
	return -EPERM;
}

/* The namespace's file, which only the directory's owner and root can open: so nobody else can lock it. -errno or a
 * descriptor. */
static int open_lock(int directory, const char *name)
{
	int fd = openat(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat stat;

	if (fd < 0)
		return -errno;
	/* root leaves no file that the service's own user could not open */
	if (geteuid() == 0 && !fstat(directory, &stat) && fchown(fd, stat.st_uid, stat.st_gid)) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

static int lock_file(const char *path)
{
	int directory = open_directory(path), fd, error = 0;
	struct stat namespace;
	char name[48];

	if (directory < 0)
		return directory;
	/* the thread's, which may have entered another than the process was started in */
	if (stat("/proc/thread-self/ns/net", &namespace))
		error = -errno;
	snprintf(name, sizeof(name), "netns-%llu.lock", (unsigned long long)namespace.st_ino);
	fd = error ? error : open_lock(directory, name);
	close(directory);
	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | LOCK_NB))
		error = errno == EWOULDBLOCK ? -EADDRINUSE : -errno;
	if (error)
		close(fd);
	else
		held[0] = fd; /* stays open as long as the process lives */
	return error;
}

/* Is it root, or our own user, who listens there? */
static bool is_held_by_us(const struct sockaddr_un *address, socklen_t length)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct ucred holder = {.uid = (uid_t)-1};
	socklen_t size = sizeof(holder);
	bool connected;

	if (fd < 0)
		return true;
	/* EAGAIN: so many others ask that the kernel does not say who holds it */
	connected = connect(fd, (const struct sockaddr *)address, length) == 0;
	if (connected && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &holder, &size))
		connected = false;
	close(fd);
	return connected && (holder.uid == 0 || holder.uid == geteuid());
}

/* Abstract names belong to the network namespace and go with their socket. */
static int take_name(void)
{
	struct sockaddr_un address;
	socklen_t length = unix_address(&address, "@sluiced");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error = 0;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, length) || listen(fd, 1))
		error = -errno;
	if (!error) {
		held[1] = fd; /* stays open as long as the process lives */
		return 0;
	}
	close(fd);
	if (error != -EADDRINUSE || is_held_by_us(&address, length))
		return error;
	log_warning("a process of another user holds the name @sluiced in this network namespace: going on without it");
	return 0;
}

int instance_claim(const char *directory)
{
	int error = lock_file(directory);

	return error ? error : take_name();
}

size_t instance_locks(int fd[INSTANCE_LOCKS])
{
	size_t count = 0;

	for (size_t i = 0; i < INSTANCE_LOCKS; i++)
		if (held[i] >= 0)
			fd[count++] = held[i];
	return count;
}

void instance_inherit(const int fd[], size_t count)
{
	for (size_t i = 0; i < count && i < INSTANCE_LOCKS; i++)
		held[i] = fd[i];
}

/* A descriptor that is negative is none. */
static int notify(const char *state, int with)
{
	const char *path = getenv("NOTIFY_SOCKET");
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {{.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec text = {(void *)state, strlen(state)};
	struct sockaddr_un address;
	struct msghdr message = {.msg_name = &address, .msg_iov = &text, .msg_iovlen = 1};
	int fd, error = 0;

	if (!path || (path[0] != '/' && path[0] != '@'))
		return -ENOENT;
	message.msg_namelen = unix_address(&address, path);
	if (!message.msg_namelen)
		return -ENAMETOOLONG;
	if (with >= 0) {
		memcpy(CMSG_DATA(&control.header), &with, sizeof(with));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
		error = -errno;
	close(fd);
	return error;
}

void instance_notify(const char *state)
{
	(void)notify(state, -1);
}

int instance_notify_fd(const char *state, int fd)
{
	return notify(state, fd);
}
