/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/connections.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "vnf/core/clock.h"
#include "vnf/core/log.h"
#include "vnf/rpc/listen_address.h"

#define VALIDATE_MS 50 /* at most so often, connections are looked at for those that core has closed */

/* Who connects, for the count; all zeros: nobody's share is counted. */
struct peer {
	uint8_t byte[16];
};

struct connection {
	int fd;
	int listener;	 /* its descriptor */
	uint64_t cookie; /* SO_COOKIE: of this socket, whatever has its descriptor later */
	struct peer peer;
	int unread;		  /* bytes that wait for its client, when it was last looked */
	uint64_t unread_since_ms; /* monotonic; as many */
};

static struct {
	pthread_mutex_t lock; /* guards all */
	atomic_uint users;
	char relayed[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int spare; /* a descriptor to be given up for one connection that is to be refused; -1: there is none */
	size_t count;
	uint64_t validated_ms; /* monotonic */
	unsigned long refused;
	_Atomic uint64_t warned; /* first_in_second */
	struct connection connection[CONNECTIONS_MOST];
} guard = {.lock = PTHREAD_MUTEX_INITIALIZER, .spare = -1};

/* 0: it is no socket (any more). */
static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) ? 0 : cookie;
}

/* Core closes connections without saying so; the lock is held. */
static void forget_closed(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < guard.count; i++)
		if (cookie_of(guard.connection[i].fd) == guard.connection[i].cookie)
			guard.connection[kept++] = guard.connection[i];
	guard.count = kept;
	guard.validated_ms = monotonic_ms();
}

static void open_spare(void)
{
	if (guard.spare < 0)
		guard.spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void close_spare(void)
{
	if (guard.spare >= 0)
		close(guard.spare);
	guard.spare = -1;
}

void connections_begin(const char *relayed)
{
	pthread_mutex_lock(&guard.lock);
	guard.users++;
	snprintf(guard.relayed, sizeof(guard.relayed), "%s", relayed ? relayed : "");
	open_spare();
	pthread_mutex_unlock(&guard.lock);
}

void connections_end(void)
{
	pthread_mutex_lock(&guard.lock);
	if (!--guard.users) {
		guard.count = 0;
		close_spare();
	}
	pthread_mutex_unlock(&guard.lock);
}

size_t connections_count(void)
{
	size_t count;

	pthread_mutex_lock(&guard.lock);
	forget_closed();
	count = guard.count;
	pthread_mutex_unlock(&guard.lock);
	return count;
}

unsigned long connections_refused(void)
{
	unsigned long refused;

	pthread_mutex_lock(&guard.lock);
	refused = guard.refused;
	pthread_mutex_unlock(&guard.lock);
	return refused;
}

/* Has its client read nothing for too long? */
static bool is_unread(struct connection *connection, uint64_t now)
{
	int unread = 0;

	if (ioctl(connection->fd, SIOCOUTQ, &unread))
		unread = 0;
	if (!unread || unread != connection->unread)
		connection->unread_since_ms = now;
	connection->unread = unread;
	return now - connection->unread_since_ms >= CONNECTIONS_UNREAD_MS;
}

void connections_cut_unread(void)
{
	uint64_t now = monotonic_ms();
	size_t cut = 0;

	pthread_mutex_lock(&guard.lock);
	forget_closed();
	for (size_t i = 0; i < guard.count; i++)
		if (is_unread(&guard.connection[i], now))
			cut += !shutdown(guard.connection[i].fd, SHUT_RDWR);
	pthread_mutex_unlock(&guard.lock);
	if (cut)
		log_warning("gRPC: %zu connections were cut: their clients have read nothing for %d s", cut,
			    CONNECTIONS_UNREAD_MS / 1000);
}

void connections_shut_down(void)
{
	pthread_mutex_lock(&guard.lock);
	forget_closed();
	for (size_t i = 0; i < guard.count; i++)
		shutdown(guard.connection[i].fd, SHUT_RDWR);
	pthread_mutex_unlock(&guard.lock);
}

static struct peer peer_of_process(int fd, int listener)
{
	struct peer peer = {{0}};
	struct sockaddr_un address = {0};
	socklen_t size = sizeof(address), length = sizeof(struct ucred);
	struct ucred process;

	if (!getsockname(listener, (struct sockaddr *)&address, &size) && guard.relayed[0] &&
	    !strcmp(address.sun_path, guard.relayed))
		return peer;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &process, &length))
		return peer;
	peer.byte[0] = 1;
	memcpy(&peer.byte[4], &process.pid, sizeof(process.pid));
	return peer;
}

static struct peer peer_of(int fd, int listener)
{
	union listen_endpoint endpoint;
	socklen_t size = sizeof(endpoint);
	struct peer peer = {{0}};

	memset(&endpoint, 0, sizeof(endpoint));
	if (getpeername(fd, &endpoint.any, &size))
		return peer;
	switch (endpoint.any.sa_family) {
	case AF_UNIX:
		return peer_of_process(fd, listener);
	case AF_INET:
		peer.byte[0] = 4;
		memcpy(&peer.byte[12], &endpoint.v4.sin_addr, 4);
		break;
	case AF_INET6:
		if (IN6_IS_ADDR_V4MAPPED(&endpoint.v6.sin6_addr)) {
			peer.byte[0] = 4;
			memcpy(&peer.byte[12], &endpoint.v6.sin6_addr.s6_addr[12], 4);
		} else {
			peer.byte[0] = 6;
			memcpy(&peer.byte[8], &endpoint.v6.sin6_addr, 8);
		}
		break;
	}
	return peer;
}

static bool is_one_too_many(const struct connection *new)
{
	static const struct peer nobody;
	bool counted = memcmp(&new->peer, &nobody, sizeof(nobody)) != 0;
	size_t of_listener = 0, of_peer = 0;

	for (size_t i = 0; i < guard.count; i++) {
		const struct connection *other = &guard.connection[i];

		of_listener += other->listener == new->listener;
		of_peer += counted && !memcmp(&other->peer, &new->peer, sizeof(new->peer));
	}
	return guard.count == CONNECTIONS_MOST || of_listener >= CONNECTIONS_OF_LISTENER ||
	       of_peer >= CONNECTIONS_OF_PEER;
}

static bool is_of_reserve(int fd)
{
	struct rlimit limit;
	rlim_t reserve = CONNECTIONS_RESERVE;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return false;
	if (reserve > limit.rlim_cur / 4)
		reserve = limit.rlim_cur / 4;
	return (rlim_t)fd + reserve >= limit.rlim_cur;
}

static void count_refused(const char *why)
{
	guard.refused++;
	if (!first_in_second(&guard.warned))
		return;
	log_warning("gRPC: a connection was closed at once: %s (%zu are open, %lu were refused so far)", why,
		    guard.count, guard.refused);
}

/* Takes the connection into the list; false: it is to be closed. The lock is held. */
static bool admit(int fd, int listener)
{
	struct connection new = {
		.fd = fd, .listener = listener, .cookie = cookie_of(fd), .peer = peer_of(fd, listener)};
	size_t kept = 0;

	/* who had the descriptor before has gone */
	for (size_t i = 0; i < guard.count; i++)
		if (guard.connection[i].fd != fd)
			guard.connection[kept++] = guard.connection[i];
	guard.count = kept;
	if (is_of_reserve(fd)) {
		count_refused("the limit of open files is near");
		return false;
	}
	if (is_one_too_many(&new) && monotonic_ms() - guard.validated_ms >= VALIDATE_MS)
		forget_closed();
	if (is_one_too_many(&new)) {
		count_refused("there are too many of its peer, or in all");
		return false;
	}
	guard.connection[guard.count++] = new;
	return true;
}

/* No descriptor is left for the connection that waits: the spare one is given up for as long as it takes to close it.
 * The lock is held. */
static bool refuse_by_spare(int listener)
{
	int fd;

	if (guard.spare < 0)
		return false;
	close_spare();
	fd = (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		close(fd);
	open_spare();
	count_refused("no file can be opened any more");
	return fd >= 0;
}

/* Errors of the connection that was to be accepted, not of the listener: accept(2). */
static bool is_of_connection(int error)
{
	return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM || error == ENETDOWN ||
	       error == ENOPROTOOPT || error == EHOSTDOWN || error == ENONET || error == EHOSTUNREACH ||
	       error == ENETUNREACH;
}

/* Nothing can be accepted for now: core tries again when the next connection comes. */
static bool is_for_now(int error)
{
	return error == EAGAIN || error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* The descriptor; -1 and *error; or -1 and *error 0: one was refused. */
static int accept_guarded(int listener, struct sockaddr *address, socklen_t *length, int flags, int *error)
{
	int fd;

	pthread_mutex_lock(&guard.lock);
	fd = (int)syscall(SYS_accept4, listener, address, length, flags);
	*error = fd < 0 ? errno : 0;
	if (fd >= 0 && !admit(fd, listener)) {
		close(fd);
		fd = -1;
	} else if (*error == EMFILE && refuse_by_spare(listener)) {
		*error = 0;
	}
	pthread_mutex_unlock(&guard.lock);
	if (is_of_connection(*error))
		*error = 0;
	return fd;
}

/* The process's, in the place of the C library's. What was refused is not reported, since core would not ask for those
 * that wait behind it; nor is an error that would end core's listening, unless it is the listener's own. */
int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags)
{
	socklen_t room = length ? *length : 0;
	int fd, error = 0;

	if (!atomic_load(&guard.users))
		return (int)syscall(SYS_accept4, listener, address, length, flags);
	do {
		if (length)
			*length = room;
		fd = accept_guarded(listener, address, length, flags, &error);
	} while (fd < 0 && !error);
	if (fd < 0)
		errno = is_for_now(error) ? EAGAIN : error;
	return fd;
}
