/* SPDX-License-Identifier: Apache-2.0 */
/* TLS of one of the server's TCP ports, from files, which are read again when they have changed. */
#ifndef SLUICE_RPC_SERVER_TLS_H
#define SLUICE_RPC_SERVER_TLS_H

#include <grpc/grpc_security.h>

#include "vnf/rpc/server.h"

struct server_tls;

/* NULL and *error: a file that cannot be read or does not fit, or no memory. The names are borrowed. */
struct server_tls *server_tls_new(const struct rpc_tls *files, struct error *error);
void server_tls_free(struct server_tls *tls); /* after the server that uses it; NULL is fine */

/* Called once, for the port; the caller releases them. */
grpc_server_credentials *server_tls_credentials(struct server_tls *tls);

/* Called when the port could not be added. Is the cause in the files, which were right in server_tls_new and which
 * core reads once more? Then *error has it. `tls` may be NULL. */
bool server_tls_failed(const struct server_tls *tls, struct error *error);

#endif
