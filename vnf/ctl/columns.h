/* SPDX-License-Identifier: Apache-2.0 */
/* What the table of a kind of resource shows. */
#ifndef SLUICE_CTL_COLUMNS_H
#define SLUICE_CTL_COLUMNS_H

#include <protobuf-c/protobuf-c.h>

#include "vnf/ctl/table.h"

/* Of a ResourceState; a kind that has no columns of its own gets key, owner, counters and state. */
const struct column *columns_of_kind(const ProtobufCFieldDescriptor *kind);

extern const struct column verdict_columns[]; /* of a PacketCounter */
extern const struct column port_columns[];    /* of a Port */
extern const struct column limit_columns[];   /* of a Limit */

#endif
