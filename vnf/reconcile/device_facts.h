/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a device, from the kernel's links and from the list of ports. Any thread. Internal to reconciler.c.
 */
#ifndef SLUICE_RECONCILE_DEVICE_FACTS_H
#define SLUICE_RECONCILE_DEVICE_FACTS_H

#include "vnf/reconcile/reconciler.h"

struct devices;
struct netlink;

/* As reconciler_device and reconciler_port. */
void device_facts_find(struct netlink *netlink, struct devices *devices, const char *device,
		       struct device_facts *facts);
int device_facts_nth(struct netlink *netlink, struct devices *devices, size_t n, struct device_facts *facts);

#endif
