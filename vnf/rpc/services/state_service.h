/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers of sluice.v1.StateService. */
#ifndef SLUICE_RPC_STATE_SERVICE_H
#define SLUICE_RPC_STATE_SERVICE_H

#include "vnf/rpc/services/context.h"

rpc_answer state_get, state_list, state_packet_counters;

#endif
