/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CLIENT_TLS_H
#define SLUICE_CLIENT_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <grpc/grpc_security.h>

#include "vnf/client/client.h"

/* NULL and *error: a file that cannot be used. The caller releases them. */
grpc_channel_credentials *client_tls_credentials(const struct rpc_client_tls *tls, struct error *error);

/* The end of the certificate that the server has shown; 0: it showed none. */
time_t client_tls_server_expiry(const grpc_auth_context *server);

#define CLIENT_TLS_HINT 192

/* Explains core's text about a failed connection to the caller, who has TLS and a certificate of its own or not, and
 * calls the files by these names. False: TLS has nothing to do with it. */
bool client_tls_hint(char hint[CLIENT_TLS_HINT], const char *text, bool tls, bool identified,
		     const struct rpc_client_tls *names);

#endif
