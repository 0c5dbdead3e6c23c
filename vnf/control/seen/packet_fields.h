/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CONTROL_SEEN_PACKET_FIELDS_H
#define SLUICE_CONTROL_SEEN_PACKET_FIELDS_H

#include "sluice/v1/diagnostics_service.pb-c.h"
#include "vnf/control/seen/frame.h"
#include "vnf/control/state/snapshot.h"
#include "vnf/core/error.h"

struct interface;

/* The frame that comes by the interface, whose device has the MAC. 0, or -1 with *error, whose fields begin with
 * "fields.". */
int seen_frame(const Sluice__V1__PacketFields *fields, const struct interface *interface, const uint8_t mac[6],
	       const struct snapshot *snapshot, struct frame *frame, struct error *error);

#endif
