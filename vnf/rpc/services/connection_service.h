/* SPDX-License-Identifier: Apache-2.0 */
/* sluice.v1.ConnectionService */
#ifndef SLUICE_RPC_CONNECTION_SERVICE_H
#define SLUICE_RPC_CONNECTION_SERVICE_H

#include "vnf/rpc/services/context.h"

rpc_answer connections_list, connections_forget;

#endif
