/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CONTROL_SEEN_MESSAGES_H
#define SLUICE_CONTROL_SEEN_MESSAGES_H

#include "sluice/v1/diagnostics_service.pb-c.h"
#include "vnf/control/seen/names.h"
#include "vnf/control/seen/queue.h"

struct reconciler;

/* What messages are made with. */
struct seen_teller {
	struct seen_names names;
	struct reconciler *reconciler;
	uint64_t lost;	/* packets so far */
	int64_t offset; /* from CLOCK_MONOTONIC to CLOCK_REALTIME, in ns */
};

/* Of no packet (NULL): how many are lost. NULL: no memory. */
ProtobufCMessage *seen_trace_message(struct seen_teller *teller, const struct seen_packet *packet);
ProtobufCMessage *seen_capture_message(struct seen_teller *teller, const struct seen_packet *packet);

#endif
