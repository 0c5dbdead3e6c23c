/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The paths of a source: how routes of the kernel's forward, by hops of their own or by a nexthop object. Equal ones
 * are one path, which leads to a group; when a nexthop object changes, its paths lead to other groups. Internal to
 * vnf/sources.
 */
#ifndef SLUICE_SOURCES_PATH_SET_H
#define SLUICE_SOURCES_PATH_SET_H

#include "vnf/sources/evpn.h"
#include "vnf/sources/group_set.h"
#include "vnf/sources/nexthop_table.h"
#include "vnf/sources/route_message.h"

/* What is interned. */
struct path_content {
	uint32_t nexthop; /* id of the object; 0: none */
	uint8_t kind;	  /* as of struct route_message */
	uint8_t cut, special;
	uint8_t scope;
	struct kernel_hop hop[ROUTE_HOPS]; /* without a nexthop object */
};

struct path {
	uint32_t group;
	bool moved; /* it leads to another group than before */
	bool dead;  /* its nexthop object is gone, and with it the kernel's routes */
};

struct path_set {
	struct intern content;
	struct path *path; /* by number */
	uint32_t paths;	   /* room */
	struct group_set *groups;
	const struct nexthop_table *nexthops;
	struct hop_list *list;	 /* to work with */
	bool dead, moved;	 /* some may be */
	uint64_t version;	 /* of the nexthop objects when path_set_update was done */
	const struct evpn *evpn; /* NULL: bridges are links like others; may be set at any time, then update */
	uint64_t evpn_version;	 /* as version; 0: without EVPN */
};

void path_set_init(struct path_set *set, struct group_set *groups, const struct nexthop_table *nexthops,
		   struct hop_list *list); /* borrows all */
void path_set_end(struct path_set *set);

/* The number of the message's path, with one more reference; 0: out of memory. */
uint32_t path_set_take(struct path_set *set, const struct route_message *message);
/* Its number without one; 0: no route has it. */
uint32_t path_set_find(const struct path_set *set, const struct route_message *message);
/* What the path is without those of its hops that the message has: its number, with one more reference. *none: no hop
 * is left. 0: out of memory, or none is. */
uint32_t path_set_without(struct path_set *set, uint32_t number, const struct route_message *message, bool *none);
void path_set_release(struct path_set *set, uint32_t number);

/* How many hops it has of its own. */
size_t path_set_hops(const struct path_set *set, uint32_t number);

/* Can the path have siblings: is it IPv6's kind of ECMP, where every hop has a gateway and is its own? */
bool path_set_is_ecmp(const struct path_set *set, uint32_t number);

/* The nexthop object is gone: its paths are dead. */
void path_set_lose_nexthop(struct path_set *set, uint32_t id);
/* Works out anew where paths lead, if nexthop objects or EVPN's hops have changed. 0; -ENOMEM: call it again. */
int path_set_update(struct path_set *set);
/* All routes of paths that are dead or have moved have been seen to. */
void path_set_settled(struct path_set *set);

#endif
