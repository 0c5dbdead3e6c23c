/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_RPC_LISTEN_H
#define SLUICE_RPC_LISTEN_H

#include <grpc/grpc.h>

#include "vnf/rpc/listen_unix.h"
#include "vnf/rpc/server.h"
#include "vnf/rpc/server_tls.h"

/*
 * Makes the server listen on "unix:/path" or "address:port"; returns the port, 1 for a unix socket, or -1 and
 * *error. A unix socket gets mode 0660; a stale one is replaced; *listeners then accepts for the server, else NULL. TCP
 * is served with `tls` where the options name its files: *tls is then the port's, for server_tls_free after the server;
 * else NULL.
 */
int listen_add(grpc_server *server, struct unix_listeners **listeners, const char *address,
	       const struct rpc_options *options, struct server_tls **tls, struct error *error);

/* Makes it listen on the unix socket to which the relay passes TCP's connections. TLS decides on permissions here as
 * for TCP, so everybody may connect: mode 0666. */
int listen_add_relayed(grpc_server *server, const struct rpc_options *options, struct server_tls **tls,
		       struct error *error);

#endif
