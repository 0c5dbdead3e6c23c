/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_RPC_STAGE_CHANGES_H
#define SLUICE_RPC_STAGE_CHANGES_H

#include "vnf/rpc/server.h"

/* The handler of ConfigService.StageChanges; context is a struct services_context. */
void stage_changes(struct rpc_call *call, const ProtobufCMessage *message, void *context);

#endif
