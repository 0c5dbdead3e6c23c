/* SPDX-License-Identifier: Apache-2.0 */
/* grpc.health.v1: whether the server, "" by name, and each of its services serve. */
#ifndef SLUICE_RPC_HEALTH_H
#define SLUICE_RPC_HEALTH_H

#include "vnf/rpc/server.h"

struct health;

/* Borrows the names of the services' descriptors. All serve from the start. NULL: out of memory. */
struct health *health_new(const struct rpc_service *services, size_t count);
void health_free(struct health *health); /* no watch is left; NULL is fine */

/* Its context is `health`. */
struct rpc_service health_service(struct health *health);

/* NOT_SERVING from now on: the watchers are told, then their calls end. */
void health_stop(struct health *health);

#endif
