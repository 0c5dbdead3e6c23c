/* SPDX-License-Identifier: Apache-2.0 */
/* sluice.v1.BalancerService */
#ifndef SLUICE_RPC_BALANCER_H
#define SLUICE_RPC_BALANCER_H

#include "vnf/rpc/services/context.h"

rpc_answer balancer_drain_status;

#endif
