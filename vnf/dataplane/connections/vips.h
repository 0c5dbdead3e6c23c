/* SPDX-License-Identifier: Apache-2.0 */
/* To which listener a flow of a service is: its entry has the VIP, and no listener. */
#ifndef SLUICE_DATAPLANE_VIPS_H
#define SLUICE_DATAPLANE_VIPS_H

#include "vnf/dataplane/connections/connections.h"

/* The load balancers by VRF and VIP. */
struct vips {
	struct vip *vip;
	uint32_t count, room;
	uint64_t generation; /* of which it was made */
};

/* Makes it what the rows say. 0 or -ENOMEM. */
int vips_make(struct vips *vips, const struct conntracks *how);
void vips_free(struct vips *vips); /* frees what it points to */

/* The load balancer whose VIP a connection of SERVICE is to; 0: there is none any more. */
uint32_t vips_balancer(const struct vips *vips, const struct connection *connection);
/* The listener of a connection of SERVICE; 0: there is none any more. */
uint32_t vips_listener(const struct vips *vips, const struct conntracks *how, const struct connection *connection);

#endif
