/* SPDX-License-Identifier: Apache-2.0 */
/* sluice.v1.DiagnosticsService (diagnostics_service.proto). */
#ifndef SLUICE_RPC_DIAGNOSTICS_H
#define SLUICE_RPC_DIAGNOSTICS_H

#include "vnf/rpc/services/context.h"

rpc_answer diagnostics_explain;
rpc_handle diagnostics_trace, diagnostics_capture, diagnostics_latency;
void diagnostics_cancelled(struct rpc_call *call, void *context);

struct diagnostics_service *diagnostics_new(void); /* NULL: out of memory */
void diagnostics_free(struct diagnostics_service *service);

/* Ends the streams: the server stops. Any thread. */
void diagnostics_stop(struct diagnostics_service *service);

#endif
