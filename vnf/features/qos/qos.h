/* SPDX-License-Identifier: Apache-2.0 */
/* Rates and marks: rate limiters, the QoS policies that rules of category QOS lead to, and the protection of VRFs
 * against floods. */
#ifndef SLUICE_FEATURES_QOS_H
#define SLUICE_FEATURES_QOS_H

#include <stdbool.h>

#include "api/dp/ddos.h"
#include "vnf/control/kinds/resource.h"

struct rate_limiter {
	struct resource resource;
	uint64_t rate, burst;		    /* bit/s and bytes, or packets/s and packets */
	uint64_t excess_rate, excess_burst; /* 0: none */
	bool packets;
	uint8_t scope;				/* enum dp_limiter_scope */
	uint8_t source_length4, source_length6; /* of DP_LIMITER_SOURCE */
};

struct qos_policy {
	struct resource resource;
	struct handle *rate_limiter; /* NULL: none */
	uint8_t dscp, excess_dscp;   /* DP_DSCP_KEEP: not set */
};

struct ddos_profile {
	struct resource resource;
	struct handle *vrf;
	uint32_t syn_rate;	     /* a second and destination; 0: SYNs are not looked at */
	uint32_t amplification_rate; /* likewise, of packets from these ports */
	size_t count;
	uint16_t port[];
};

/* As packets charge it. A rate of 0 has no costs. */
struct dp_rate rate_times(uint64_t rate, uint64_t burst, bool packets);

#endif
