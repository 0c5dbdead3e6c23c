/* SPDX-License-Identifier: Apache-2.0 */
/* Hears what stations say of themselves unasked, behind netlink_hear(). Internal to this folder. */
#ifndef SLUICE_DATAPLANE_NETLINK_HEAR_H
#define SLUICE_DATAPLANE_NETLINK_HEAR_H

#include "vnf/dataplane/kernel/netlink.h"

struct event;
struct netlink_hearing;

/* One protocol's packet socket. */
struct netlink_ear {
	struct netlink_hearing *hearing;
	int fd;
	struct event *readable, *pause;
};

/* The first three are the caller's to set, the rest is zero before netlink_hear(). */
struct netlink_hearing {
	struct loop *loop;
	netlink_changed *changed;
	void *context;
	bool open;
	struct netlink_ear arp, nd;
};

void netlink_hearing_end(struct netlink_hearing *hearing); /* one that was never begun is fine */
struct netlink_hearing *netlink_hearing_of(struct netlink *netlink);

#endif
