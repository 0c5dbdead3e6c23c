/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gRPC server on gRPC core: two threads on one completion queue. All its methods stand in one table; a handler gets
 * the unpacked request on the thread that the method's row names, and finishes the call at once or later.
 */
#ifndef SLUICE_RPC_SERVER_H
#define SLUICE_RPC_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "vnf/rpc/handler.h"

struct rpc_server;

/* PEM files of TLS. */
struct rpc_tls {
	const char *certificate, *key;
	const char *client_ca; /* NULL: clients need no certificate */
};

/* The texts outlive the server: it may have to listen anew. */
struct rpc_options {
	const char *const *listen;  /* "unix:/path", "192.0.2.1:50051", "[::1]:50051"; ends with NULL */
	bool insecure;		    /* allow plain text beyond loopback */
	size_t max_message;	    /* bytes; 0: 16 MiB */
	const struct rpc_tls *tls;  /* of TCP; outlives the server. NULL: plain text */
	const char *bind_interface; /* TCP beyond loopback takes connections from this device only. NULL: from all */
	const char *relayed;	    /* path of a unix socket that is served like TCP. NULL: none */
	bool beside; /* another daemon serves there, and shares its TCP ports, until rpc_server_take_names */
};

/* Can the files be used? 0, or -1 and *error, whose fields name the files. */
int rpc_tls_check(const struct rpc_tls *tls, struct error *error);

/* NULL and *error on failure: an address that is taken, not allowed, not understood. The table and the context outlive
 * the server. */
struct rpc_server *rpc_server_new(const struct rpc_options *options, const struct rpc_dispatch *dispatch,
				  struct error *error);
int rpc_server_start(struct rpc_server *server); /* 0 or -errno */
/* Streams end, no new calls come in, running ones get `grace_ms`, then are cancelled, and connections whose clients do
 * not read are cut. 0: all is down. -ETIMEDOUT: half a second later a handler still has its call: to be called again.
 */
int rpc_server_stop(struct rpc_server *server, unsigned int grace_ms);
void rpc_server_free(struct rpc_server *server); /* after stop, or before start; NULL is fine */

/* Does every address answer, or is it being opened anew? Any thread. */
bool rpc_server_listens(const struct rpc_server *server);

/* Takes the names of the unix sockets from the daemon beside this one, and the TCP ports for this one alone: what is
 * opened anew from now on is so without sharing. 0 or -errno. */
int rpc_server_take_names(struct rpc_server *server);
/* Lets another daemon of this user listen on the TCP ports, too, or no more. */
void rpc_server_share_ports(struct rpc_server *server, bool share);
/* Listens on no TCP port any more: who connects meets the other one. The process ends soon. */
void rpc_server_refuse(const struct rpc_server *server);

/* The port that "host:0" was given, by index of `listen`. */
int rpc_server_port(const struct rpc_server *server, size_t index);

#endif
