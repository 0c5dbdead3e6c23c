/* SPDX-License-Identifier: Apache-2.0 */
/* The services of a server: the caller's, and health and reflection, which every server has. */
#ifndef SLUICE_RPC_REGISTRY_H
#define SLUICE_RPC_REGISTRY_H

#include <grpc/slice.h>

#include "vnf/rpc/server.h"

struct registry {
	struct rpc_service *services;
	size_t count;
	struct health *health;
	struct reflection *reflection;
};

/* 0, or -1 and *error; registry_clear is due either way. */
int registry_init(struct registry *registry, const struct rpc_service *services, size_t count, struct error *error);
void registry_clear(struct registry *registry);

/* The method of a path "/package.Service/Method"; NULL: none. */
const struct rpc_method *registry_find(const struct registry *registry, grpc_slice path,
				       const struct rpc_service **service);

#endif
