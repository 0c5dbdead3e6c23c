/* SPDX-License-Identifier: Apache-2.0 */
/* gRPC to the router of an instance. */
#ifndef SLUICE_ORCHESTRATION_CLIENT_H
#define SLUICE_ORCHESTRATION_CLIENT_H

#include "orchestration/instance.h"

struct rpc_client;

/* The connection is over TLS where the instance has certificates. NULL and *error: they cannot be used, or no
 * memory. */
struct rpc_client *client_open(const struct instance *instance, struct error *error);

#endif
