/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that every router makes of the same names and fields alike, so that all send the same flow to the same
 * member, and that outlive restarts. */
#ifndef SLUICE_FEATURES_SERVICE_ROWS_H
#define SLUICE_FEATURES_SERVICE_ROWS_H

#include "vnf/features/service/service.h"

/* Of name and VIP. */
uint32_t load_balancer_seed(const struct load_balancer *balancer);
/* Of name, VIP, protocol and ports. Never 0. */
uint32_t listener_incarnation(const struct listener *listener, const struct ip_address *vip);
/* Of the names of pool and member, and of the way there: address, port and next-hop group. Never 0. */
uint32_t member_incarnation(const struct member *member);

static inline bool listener_is_range(const struct listener *listener)
{
	return listener->first_port != listener->last_port;
}

#endif
