/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CONTROL_SEEN_FILTER_H
#define SLUICE_CONTROL_SEEN_FILTER_H

#include "api/dp/observe.h"
#include "sluice/v1/diagnostics_service.pb-c.h"
#include "vnf/control/state/snapshot.h"
#include "vnf/core/error.h"

#define SEEN_PACKETS_MOST 1000000

/* The filter of a request, NULL: all packets, with names as the snapshot has them. 0, or -1 with *error, whose fields
 * begin with "filter.". */
int seen_filter(const Sluice__V1__PacketFilter *from, const struct snapshot *snapshot, struct dp_observe_filter *filter,
		struct error *error);

/* How many packets are wanted: 0, or -1 with *error. */
int seen_packets(uint64_t packets, struct error *error);

#endif
