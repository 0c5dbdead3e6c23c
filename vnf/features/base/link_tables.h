/* SPDX-License-Identifier: Apache-2.0 */
/* What is on the links of interfaces: prefixes of the devices' addresses, and hosts there. */
#ifndef SLUICE_FEATURES_BASE_LINK_TABLES_H
#define SLUICE_FEATURES_BASE_LINK_TABLES_H

#include "vnf/reconcile/table.h"

struct interface;
struct netlink_address;

/* The prefix that the address says is on its link; false: none, for it is alone there, or good for one link only. */
bool link_prefix(const struct netlink_address *address, struct ip_prefix *prefix);

/* Does the interface have connected routes now? */
bool link_is_connected(const struct tables *tables, const struct interface *interface, uint32_t id);

/* For tables behind hosts: has the kernel asked for the tunnel's remote, a host on the link of the interface, until it
 * is known; interface 0: no more. 0 or -ENOMEM. */
int hosts_ask_for_remote(struct tables *tables, uint32_t tunnel, uint32_t interface, const struct ip_address *remote);

#endif
