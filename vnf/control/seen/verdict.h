/* SPDX-License-Identifier: Apache-2.0 */
/* How a packet's way ended, for people. */
#ifndef SLUICE_CONTROL_SEEN_VERDICT_H
#define SLUICE_CONTROL_SEEN_VERDICT_H

#include "api/dp/observe.h"
#include "sluice/v1/diagnostics_service.pb-c.h"
#include "vnf/control/seen/names.h"

struct reconciler;

/* PacketCounter.name; "": there is no such reason. */
const char *reason_name(uint32_t reason);
/* What to change, or to look at, so that such a packet would be forwarded; "": there is no such thing. */
const char *reason_remedy(uint32_t reason);

/* By which device it leaves is the reconciler's to say. NULL: no memory. */
Sluice__V1__PacketVerdict *seen_verdict(struct seen_names *names, const struct dp_observation *head,
					struct reconciler *reconciler);

/* "xdp" or "tc" */
const char *seen_program(uint8_t program);

#endif
