/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to rtnetlink that it answers at once, on a socket of their own. Internal to this folder. */
#ifndef SLUICE_DATAPLANE_NETLINK_REQUEST_H
#define SLUICE_DATAPLANE_NETLINK_REQUEST_H

#include <libmnl/libmnl.h>
#include <stdint.h>

#include "vnf/core/address.h"

struct netlink_request {
	struct mnl_socket *socket;
	uint32_t sequence;
};

/* 0 or -errno. */
int netlink_request_open(struct netlink_request *request);
void netlink_request_close(struct netlink_request *request); /* a zeroed or closed one is fine */

/* Has `parse` called with every message of a dump (RTM_GETLINK, RTM_GETADDR, RTM_GETNEIGH). 0; -EINTR: what is dumped
 * changed meanwhile, the dump may lack something; else -errno. */
int netlink_request_dump(struct netlink_request *request, uint16_t type, mnl_cb_t parse, void *context);

/* Has the kernel behave as if it wanted to send to this neighbour: create the entry and resolve it, or probe it if it
 * is stale (NTF_USE). 0 or -errno. */
int netlink_request_use(struct netlink_request *request, uint32_t ifindex, const struct ip_address *address);

#endif
