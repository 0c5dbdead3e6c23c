/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_RPC_LISTEN_H
#define SLUICE_RPC_LISTEN_H

#include <stdbool.h>
#include <grpc/grpc.h>

#include "vnf/core/error.h"

/* Has the server listen on "unix:/path" or "address:port"; the port, 1 for a unix socket, or -1 and *error. A unix
 * socket gets mode 0660; one that nobody listens on any more is replaced. Beyond loopback only where `insecure` allows.
 */
int listen_add(grpc_server *server, const char *address, bool insecure, struct error *error);

#endif
