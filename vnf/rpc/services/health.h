/* SPDX-License-Identifier: Apache-2.0 */
/* grpc.health.v1: whether the server, "" by name, and each of its services serve. */
#ifndef SLUICE_RPC_HEALTH_H
#define SLUICE_RPC_HEALTH_H

#include "vnf/rpc/services/context.h"

/* Borrows the table, for the names of its services. All serve from the start. NULL: out of memory. */
struct health_service *health_new(const struct rpc_method *methods);
void health_free(struct health_service *health); /* no watch is left; NULL is fine */

/* While writes are refused, sluice.v1.ConfigService is NOT_SERVING. Any thread. */
void health_set_writable(struct health_service *health, bool writable);

/* Everything is NOT_SERVING from now on: watchers get that as their last message, then their calls end. */
void health_stop(struct health_service *health);

rpc_answer health_check;
rpc_handle health_watch;
void health_watch_cancelled(struct rpc_call *call, void *context);

#endif
