/* SPDX-License-Identifier: Apache-2.0 */
/* The look-up of the packet programs (bpf/policy_find.h), in the daemon: which rules a packet would meet in a bank. */
#ifndef SLUICE_DATAPLANE_POLICY_FIND_H
#define SLUICE_DATAPLANE_POLICY_FIND_H

#include "bpf/policy_find.h"
#include "vnf/dataplane/bank/bank.h"

/* Where a packet of the VRF is looked up. Borrows the bank. */
struct policy_tables policy_tables_of(const struct bank *bank, const struct dp_limits *limits, uint16_t vrf);

/* 0, or -1: the tables contradict themselves. */
int policy_find(const struct bank *bank, const struct dp_limits *limits, const struct policy_query *query,
		struct policy_found *found);

#endif
