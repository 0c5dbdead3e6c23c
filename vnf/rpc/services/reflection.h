/* SPDX-License-Identifier: Apache-2.0 */
/* gRPC server reflection: v1 and v1alpha share one handler. */
#ifndef SLUICE_RPC_REFLECTION_H
#define SLUICE_RPC_REFLECTION_H

#include "vnf/rpc/services/context.h"

/* v1 under its older name: the messages are the same on the wire. */
extern const ProtobufCServiceDescriptor reflection_v1alpha_descriptor;

rpc_handle reflection_handle;

#endif
