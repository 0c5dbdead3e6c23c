/* SPDX-License-Identifier: Apache-2.0 */
/* The connections of unix sockets, by whose they are: for the quota on them. One thread. */
#ifndef SLUICE_RPC_UNIX_PEERS_H
#define SLUICE_RPC_UNIX_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/access/access.h"

/* A connection that core has. Core closes it without a word: it is known to be gone when its number is another's. */
struct unix_peer {
	int fd;
	uint64_t cookie; /* SO_COOKIE: no other socket ever has it */
	struct access_caller *caller;
};

/* Empty when zeroed, but for `access` (NULL: all are admitted). */
struct unix_peers {
	struct access *access;
	struct unix_peer *peer;
	size_t count, room;
};

/* Counts the connection among its peer's; false: the peer has as many as it may, or there is no memory. */
bool unix_peers_admit(struct unix_peers *peers, int fd);
void unix_peers_clear(struct unix_peers *peers);

#endif
