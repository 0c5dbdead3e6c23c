/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a device should have XDP. */
#ifndef SLUICE_DATAPLANE_ATTACH_CHOOSE_H
#define SLUICE_DATAPLANE_ATTACH_CHOOSE_H

#include "vnf/dataplane/xdp/attach.h"
#include "vnf/dataplane/xdp/probe.h"

/* Why the device should have the programs of the clsact qdisc alone; NULL: XDP is right for it, if its driver can. */
const char *xdp_objection(const struct probe_device *device, enum xdp_choice choice);

#endif
