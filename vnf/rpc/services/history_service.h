/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers of sluice.v1.HistoryService. */
#ifndef SLUICE_RPC_HISTORY_SERVICE_H
#define SLUICE_RPC_HISTORY_SERVICE_H

#include "vnf/rpc/services/context.h"

rpc_answer history_list, history_diff, history_verdicts;

#endif
