/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of the tables that show prints. */
#ifndef SLUICE_CTL_COLUMNS_H
#define SLUICE_CTL_COLUMNS_H

#include <protobuf-c/protobuf-c.h>

#include "vnf/ctl/table.h"

/* The columns of a kind's ResourceStates; a kind without its own gets key, owner, counters and state. */
const struct column *columns_of_kind(const ProtobufCFieldDescriptor *kind);

extern const struct column route_columns[]; /* of a route's or source route's ResourceState */
extern const struct column route_source_columns[];
extern const struct column protected_prefix_columns[];
extern const struct column tap_service_columns[], tap_flow_columns[];	      /* columns_taps.c */
extern const struct column verdict_columns[];				      /* of a PacketCounter */
extern const struct column port_columns[];				      /* of a Port */
extern const struct column limit_columns[];				      /* of a Limit */
extern const struct column connection_columns[], connection_source_columns[]; /* of a Connection */
extern const struct column drain_columns[];				      /* of a MemberDrain, with seconds */
extern const struct column revision_columns[];				      /* of a Revision */
extern const struct column verdict_count_columns[];			      /* of a VerdictCount */

#endif
