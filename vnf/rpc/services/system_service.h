/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers of sluice.v1.SystemService. */
#ifndef SLUICE_RPC_SYSTEM_SERVICE_H
#define SLUICE_RPC_SYSTEM_SERVICE_H

#include "vnf/rpc/services/context.h"

rpc_answer system_get, system_limits, system_ports, system_preflight, system_who_am_i;

#endif
