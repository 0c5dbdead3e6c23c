/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unix sockets, which the server accepts by itself: core does not say who connected. Each connection is handed to core
 * as a descriptor, whose peer the kernel knows (call_identity.h). A thread of its own accepts; where there is no room
 * for one more descriptor it waits and goes on.
 */
#ifndef SLUICE_RPC_LISTEN_UNIX_H
#define SLUICE_RPC_LISTEN_UNIX_H

#include <grpc/grpc.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "vnf/core/error.h"

struct access;
struct unix_listeners;

struct unix_listeners *unix_listeners_new(void); /* NULL: out of memory or descriptors */
/* Stops, and takes the sockets' names away. NULL is fine. */
void unix_listeners_free(struct unix_listeners *listeners);

/* Listens at the path, where nobody does, with that mode; or, where somebody does, at another name in its directory
 * until unix_listeners_take_names. 0, or -1 and *error. Before start. */
int unix_listeners_add(struct unix_listeners *listeners, const struct sockaddr_un *local, mode_t mode, bool beside,
		       struct error *error);
/* Takes the paths for those that are beside them, each in one step: who connects meets the one before or this one. 0 or
 * -errno. */
int unix_listeners_take_names(struct unix_listeners *listeners);

/* Accepts from now on for the server, which has started; connections beyond a peer's quota are closed at once. `access`
 * NULL: there are none. 0 or -errno. */
int unix_listeners_start(struct unix_listeners *listeners, grpc_server *server, struct access *access);
/* Accepts no more; before the server is shut down. */
void unix_listeners_stop(struct unix_listeners *listeners);

#endif
