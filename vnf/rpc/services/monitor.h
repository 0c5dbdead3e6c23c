/* SPDX-License-Identifier: Apache-2.0 */
/* sluice.v1.HealthService (health_service.proto). */
#ifndef SLUICE_RPC_MONITOR_H
#define SLUICE_RPC_MONITOR_H

#include "vnf/rpc/services/context.h"

rpc_handle monitor_handle;

/* Ends the stream: the server stops. Any thread, once. */
void monitor_stop(struct monitor_service *service);

#endif
