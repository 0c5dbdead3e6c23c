/* SPDX-License-Identifier: Apache-2.0 */
/* Rules between the resources of services, of which each kind's file checks its own. */
#ifndef SLUICE_FEATURES_SERVICE_RULES_H
#define SLUICE_FEATURES_SERVICE_RULES_H

#include <stddef.h>

#include "vnf/control/kinds/unique_keys.h"
#include "vnf/features/service/service.h"

struct check;

/* Held with a pool's handle: by listeners that lead SCTP there, and by members that have a port. */
extern const struct unique_rule pool_sctp_rule, pool_port_rule;
/* Held with a pool's handle by members that neither have a port nor a port for the monitor. */
extern const struct unique_rule pool_portless_rule;

/* How many listeners of the load balancer have more than one port. */
size_t listener_ranges(const struct unique_keys *unique_keys, const struct handle *balancer);
/* The health monitor of a pool; NULL: it has none. */
const struct health_monitor *pool_monitor(const struct unique_keys *unique_keys, const struct handle *pool);
/* Does the monitor open a port of its targets? */
bool monitor_needs_port(const struct health_monitor *monitor);

/* Faults the VIP that is the address of a member in its VRF: flows would come back without end. */
void check_vip_members(struct check *check, const struct load_balancer *balancer);

/* Can members take what the listener leads to their pools, and to the pools whose overflow_pool these are? */
void check_listener_paths(struct check *check, const struct listener *listener);

/* For check_at_end: the same of all listeners that were there before; */
void check_service_paths(struct check *check);
/* no two listeners of a load balancer take the same packets. */
void check_listener_overlaps(struct check *check);

#endif
