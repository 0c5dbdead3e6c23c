/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/unix_peers.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "vnf/core/clock.h"
#include "vnf/core/log.h"

/* 0: that is no socket any more. */
static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) ? 0 : cookie;
}

static void forget(struct unix_peers *peers, size_t i)
{
	access_give(peers->peer[i].caller, QUOTA_CONNECTIONS);
	access_caller_put(peers->peer[i].caller);
	peers->peer[i] = peers->peer[--peers->count];
}

/* Forgets those that are gone, of one caller or (NULL) of all. */
static void sweep(struct unix_peers *peers, const struct access_caller *caller)
{
	for (size_t i = 0; i < peers->count;) {
		const struct unix_peer *peer = &peers->peer[i];

		if ((!caller || peer->caller == caller) && cookie_of(peer->fd) != peer->cookie)
			forget(peers, i);
		else
			i++;
	}
}

static bool make_room(struct unix_peers *peers)
{
	size_t room = peers->room ? 2 * peers->room : 32;
	struct unix_peer *grown;

	if (peers->count < peers->room)
		return true;
	sweep(peers, NULL);
	if (peers->count < peers->room / 2)
		return true;
	grown = realloc(peers->peer, room * sizeof(*grown));
	if (!grown)
		return peers->count < peers->room;
	peers->peer = grown;
	peers->room = room;
	return true;
}

/* Logs one line a second: clients can connect as often as they like. */
static void refuse(struct access_caller *caller)
{
	static _Atomic uint64_t last;
	struct error error = {0};

	if (!first_in_second(&last))
		return;
	access_quota_fault(caller, QUOTA_CONNECTIONS, &error);
	log_warning("a connection was closed: %s", error.fault[0].message);
}

bool unix_peers_admit(struct unix_peers *peers, int fd)
{
	struct access_caller *caller;
	struct identity identity;

	if (!peers->access)
		return true;
	identity_of_socket(&identity, fd);
	caller = make_room(peers) ? access_caller(peers->access, &identity) : NULL;
	if (!caller)
		return false;
	if (access_take(caller, QUOTA_CONNECTIONS, NULL)) {
		sweep(peers, caller);
		if (access_take(caller, QUOTA_CONNECTIONS, NULL)) {
			refuse(caller);
			access_caller_put(caller);
			return false;
		}
	}
	peers->peer[peers->count++] = (struct unix_peer){fd, cookie_of(fd), caller};
	return true;
}

void unix_peers_clear(struct unix_peers *peers)
{
	while (peers->count)
		forget(peers, 0);
	free(peers->peer);
	*peers = (struct unix_peers){0};
}
