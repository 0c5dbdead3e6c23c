/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps wanted neighbours resolved: asks the kernel, again after growing pauses. Internal to this folder. */
#ifndef SLUICE_DATAPLANE_NETLINK_RESOLVE_H
#define SLUICE_DATAPLANE_NETLINK_RESOLVE_H

#include "vnf/dataplane/kernel/netlink_cache.h"
#include "vnf/dataplane/kernel/netlink_request.h"

struct event;

struct netlink_resolver {
	struct netlink_cache *cache;
	struct netlink_request *request;
	struct event *tick; /* pending while anything is wanted, or has failed lately */
	/* Called when the kernel's table has no room for a neighbour, or has room again, and when one that has failed
	 * may be tried again. */
	void (*changed)(void *context, const struct neighbour_entry *entry);
	void *context;
};

/* Borrows all; `changed` and its context are the caller's to set. 0 or -ENOMEM. */
int netlink_resolver_init(struct netlink_resolver *resolver, struct loop *loop, struct netlink_cache *cache,
			  struct netlink_request *request);
void netlink_resolver_end(struct netlink_resolver *resolver); /* a zeroed one is fine */

int netlink_resolver_want(struct netlink_resolver *resolver, uint32_t ifindex, const struct ip_address *address,
			  enum netlink_wanter who);
void netlink_resolver_unwant(struct netlink_resolver *resolver, uint32_t ifindex, const struct ip_address *address,
			     enum netlink_wanter who);

/* What the kernel says about the neighbour has changed. */
void netlink_resolver_changed(struct netlink_resolver *resolver, struct neighbour_entry *entry);
/* The link came up: whatever is wanted there may answer now. */
void netlink_resolver_link_up(struct netlink_resolver *resolver, uint32_t ifindex);

#endif
