/* SPDX-License-Identifier: Apache-2.0 */
/* gRPC server reflection, v1 and v1alpha by one handler. */
#ifndef SLUICE_RPC_REFLECTION_H
#define SLUICE_RPC_REFLECTION_H

#include "vnf/rpc/server.h"

struct reflection;

struct reflection *reflection_new(void);	     /* NULL: out of memory */
void reflection_free(struct reflection *reflection); /* NULL is fine */

/* What list_services names. Borrowed. */
void reflection_set_services(struct reflection *reflection, const struct rpc_service *services, size_t count);

struct rpc_service reflection_service_v1(struct reflection *reflection);
struct rpc_service reflection_service_v1alpha(struct reflection *reflection);

#endif
