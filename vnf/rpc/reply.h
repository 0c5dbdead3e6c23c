/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_RPC_REPLY_H
#define SLUICE_RPC_REPLY_H

#include "vnf/rpc/call.h"

/* The `done` of a call's sending batch. */
rpc_done rpc_call_on_sent;

#endif
