/* SPDX-License-Identifier: Apache-2.0 */
/* Brings a call's messages to the handler of its method, on the thread that the method's row names. */
#ifndef SLUICE_RPC_DISPATCH_H
#define SLUICE_RPC_DISPATCH_H

#include "vnf/rpc/call.h"

/* Starts the call of `core`, whose method is that row; NULL: the server has no such method. Takes `core`; from here
 * on the call lives by itself. -ENOMEM: core was let go of. */
int rpc_call_start(struct rpc_shared *shared, grpc_call *core, const struct rpc_method *method);

#endif
