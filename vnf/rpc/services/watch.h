/* SPDX-License-Identifier: Apache-2.0 */
/* sluice.v1.WatchService (watch_service.proto). */
#ifndef SLUICE_RPC_WATCH_H
#define SLUICE_RPC_WATCH_H

#include "vnf/rpc/services/context.h"

rpc_handle watch_handle;
void watch_cancelled(struct rpc_call *call, void *context);

void watch_service_init(struct watch_service *service);
/* Ends all streams: the server stops. Any thread. */
void watch_service_stop(struct watch_service *service);
void watch_service_clear(struct watch_service *service); /* after the server */

#endif
