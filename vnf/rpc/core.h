/* SPDX-License-Identifier: Apache-2.0 */
/* Sets gRPC core up for the server. */
#ifndef SLUICE_RPC_CORE_H
#define SLUICE_RPC_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <grpc/grpc.h>

/* Core's own errors go to our log, or nowhere while their causes come back as errors (it cannot listen). */
void core_log_start(void);
void core_log_quiet(void);

/* A server with our limits, keepalive and the rest of the channel arguments; with TCP ports that another process of
 * this user shares, or not. */
grpc_server *core_server_create(size_t max_message, bool share_ports);

#endif
