/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses that gRPC may be served on: "unix:/path", "192.0.2.1:50051", "[2001:db8::1]:50051". It does not
 * depend on gRPC. */
#ifndef SLUICE_RPC_LISTEN_ADDRESS_H
#define SLUICE_RPC_LISTEN_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "vnf/core/error.h"

union listen_endpoint {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

/* Parses an address of these forms; TCP beyond loopback must be `allowed` (by TLS, or because plain text is wanted).
 * 0, or -1 and *error. Nothing is opened. */
int listen_address_parse(const char *address, bool allowed, union listen_endpoint *endpoint, struct error *error);
int listen_address_check(const char *address, bool allowed, struct error *error);

bool listen_address_is_unix(const char *address);		/* else of TCP */
bool listen_is_loopback(const union listen_endpoint *endpoint); /* of TCP */

#endif
