/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/listen_unix.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <grpc/grpc_posix.h>
#include <grpc/grpc_security.h>

#include "vnf/core/log.h"
#include "vnf/rpc/unix_peers.h"

#define LISTENERS_MAX 16
#define PAUSE_MS      100 /* while there is no room for another connection */

#define BESIDE ".new"

struct listener {
	struct sockaddr_un local, wanted; /* where it listens, and where it shall; the same but for a while */
	dev_t device;			  /* of its name's inode, by which it is known to be still its own */
	ino_t inode;
};

struct unix_listeners {
	grpc_server *server;
	struct unix_peers peers;
	struct pollfd poll[LISTENERS_MAX + 1]; /* the first one ends the thread */
	struct listener listener[LISTENERS_MAX];
	size_t count;
	pthread_t thread;
	bool running;
};

struct unix_listeners *unix_listeners_new(void)
{
	struct unix_listeners *listeners = calloc(1, sizeof(*listeners));

	if (!listeners)
		return NULL;
	listeners->poll[0] = (struct pollfd){eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), POLLIN, 0};
	if (listeners->poll[0].fd >= 0)
		return listeners;
	free(listeners);
	return NULL;
}

void unix_listeners_free(struct unix_listeners *listeners)
{
	if (!listeners)
		return;
	unix_listeners_stop(listeners);
	for (size_t i = 0; i < listeners->count; i++) {
		const struct listener *listener = &listeners->listener[i];
		struct stat stat;

		if (!lstat(listener->local.sun_path, &stat) && stat.st_dev == listener->device &&
		    stat.st_ino == listener->inode)
			unlink(listener->local.sun_path);
		close(listeners->poll[i + 1].fd);
	}
	close(listeners->poll[0].fd);
	unix_peers_clear(&listeners->peers);
	free(listeners);
}

/* The name beside the path. 0 or -ENAMETOOLONG. */
static int name_beside(const struct sockaddr_un *path, struct sockaddr_un *beside)
{
	size_t length = strlen(path->sun_path);

	*beside = *path;
	if (length + sizeof(BESIDE) > sizeof(beside->sun_path))
		return -ENAMETOOLONG;
	memcpy(&beside->sun_path[length], BESIDE, sizeof(BESIDE));
	return 0;
}

static int listen_at(const struct sockaddr_un *local, mode_t mode, struct listener *listener)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;
	struct stat stat;
	mode_t mask;

	if (fd < 0)
		return -errno;
	mask = umask(~mode & 0777);
	if (bind(fd, (const struct sockaddr *)local, sizeof(*local)))
		error = -errno;
	umask(mask);
	if (!error && (listen(fd, SOMAXCONN) || lstat(local->sun_path, &stat)))
		error = -errno;
	if (error) {
		close(fd);
		return error;
	}
	*listener = (struct listener){*local, *local, stat.st_dev, stat.st_ino};
	return fd;
}

static int listen_beside(const struct sockaddr_un *local, mode_t mode, struct listener *listener)
{
	struct sockaddr_un beside;
	int fd = name_beside(local, &beside);

	if (fd)
		return fd;
	(void)unlink(beside.sun_path); /* of one that has not come so far */
	fd = listen_at(&beside, mode, listener);
	listener->wanted = *local;
	return fd;
}

int unix_listeners_take_names(struct unix_listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++) {
		struct listener *listener = &listeners->listener[i];

		if (!strcmp(listener->local.sun_path, listener->wanted.sun_path))
			continue;
		if (rename(listener->local.sun_path, listener->wanted.sun_path))
			return -errno;
		listener->local = listener->wanted;
	}
	return 0;
}

int unix_listeners_add(struct unix_listeners *listeners, const struct sockaddr_un *local, mode_t mode, bool beside,
		       struct error *error)
{
	int fd = -ENOBUFS;

	if (listeners->count < LISTENERS_MAX)
		fd = (beside ? listen_beside : listen_at)(local, mode, &listeners->listener[listeners->count]);
	if (fd < 0) {
		error_add(error, ERROR_UNAVAILABLE, NULL, "cannot listen on unix:%s: %s", local->sun_path,
			  strerror(-fd));
		return -1;
	}
	listeners->poll[++listeners->count] = (struct pollfd){fd, POLLIN, 0};
	return 0;
}

/* All that wait at the socket. 0, or -errno: none can be taken for now. */
static int accept_waiting(struct unix_listeners *listeners, int fd)
{
	grpc_server_credentials *credentials = grpc_insecure_server_credentials_create();
	int status = 0;

	while (!status) {
		int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (connection >= 0 && !unix_peers_admit(&listeners->peers, connection))
			close(connection);
		else if (connection >= 0)
			grpc_server_add_channel_from_fd(listeners->server, connection, credentials);
		else if (errno != ECONNABORTED && errno != EINTR)
			status = -errno;
	}
	grpc_server_credentials_release(credentials);
	return status == -EAGAIN ? 0 : status;
}

static void *serve(void *context)
{
	struct unix_listeners *listeners = context;
	struct pollfd stop = listeners->poll[0];
	int failure = 0;

	for (;;) {
		int status = 0;

		if (poll(listeners->poll, listeners->count + 1, -1) < 0)
			continue;
		if (listeners->poll[0].revents)
			return NULL;
		for (size_t i = 1; i <= listeners->count; i++)
			if (listeners->poll[i].revents && !status)
				status = accept_waiting(listeners, listeners->poll[i].fd);
		if (status && status != failure)
			log_warning("connections have to wait: %s: close some, or raise the limit", strerror(-status));
		failure = status;
		if (status && poll(&stop, 1, PAUSE_MS) > 0)
			return NULL;
	}
}

int unix_listeners_start(struct unix_listeners *listeners, grpc_server *server, struct access *access)
{
	int error;

	listeners->server = server;
	listeners->peers.access = access;
	error = listeners->count ? pthread_create(&listeners->thread, NULL, serve, listeners) : 0;
	listeners->running = listeners->count && !error;
	return -error;
}

void unix_listeners_stop(struct unix_listeners *listeners)
{
	uint64_t one = 1;

	if (!listeners->running)
		return;
	listeners->running = false;
	while (write(listeners->poll[0].fd, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
	pthread_join(listeners->thread, NULL);
}
