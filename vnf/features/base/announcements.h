/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_FEATURES_BASE_ANNOUNCEMENTS_H
#define SLUICE_FEATURES_BASE_ANNOUNCEMENTS_H

#include "vnf/reconcile/table.h"

/* Has an address that is new in the VRF announced on its ports. 0 or -ENOMEM. */
int announce_on_ports(struct tables *tables, const struct resource *vrf, const struct ip_address *address);

#endif
