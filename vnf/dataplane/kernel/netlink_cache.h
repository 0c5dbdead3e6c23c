/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables behind netlink.h: links by index and by name, neighbours by link and address. The control thread alone
 * changes them, under the lock; it reads them without, other threads with it. Internal to this folder.
 */
#ifndef SLUICE_DATAPLANE_NETLINK_CACHE_H
#define SLUICE_DATAPLANE_NETLINK_CACHE_H

#include <pthread.h>
#include <stddef.h>

#include "vnf/dataplane/kernel/netlink.h"

#define NETLINK_LINK_BUCKETS	  4096
#define NETLINK_NEIGHBOUR_BUCKETS 16384

struct link_entry {
	struct link_entry *next_by_index, *next_by_name, *next_by_lower;
	struct netlink_link link;
	struct netlink_address *addresses;
	uint32_t seen; /* number of the dump that last showed it */
};

struct neighbour_entry {
	struct neighbour_entry *next;
	struct neighbour_entry *next_of_link, *previous_of_link;
	uint32_t ifindex;
	struct ip_address address;
	uint8_t mac[6];
	uint16_t state;	    /* NUD_*; 0: the kernel has no entry */
	uint32_t seen;	    /* as above */
	uint8_t wanted;	    /* enum netlink_wanter, ored */
	bool failed;	    /* until failed_until_ms; so long there is an answer to who sends to it */
	bool refused;	    /* the kernel's table had no room for it when it was last asked for */
	uint32_t pause_ms;  /* between the last asking and the next */
	uint64_t ask_at_ms; /* monotonic, as the next */
	uint64_t failed_until_ms;
};

struct netlink_cache {
	pthread_mutex_t lock;
	struct link_entry *by_index[NETLINK_LINK_BUCKETS];
	struct link_entry *by_name[NETLINK_LINK_BUCKETS];
	struct link_entry *by_lower[NETLINK_LINK_BUCKETS]; /* VLAN devices, by the device they are on and the VLAN */
	struct neighbour_entry *neighbours[NETLINK_NEIGHBOUR_BUCKETS];
	struct neighbour_entry *of_link[NETLINK_LINK_BUCKETS]; /* the same by their link alone */
};

struct netlink_cache *netlink_cache_new(void);	      /* NULL: out of memory */
void netlink_cache_free(struct netlink_cache *cache); /* NULL is fine */

struct link_entry *netlink_cache_link(const struct netlink_cache *cache, uint32_t ifindex);
struct link_entry *netlink_cache_name(const struct netlink_cache *cache, const char *name);
struct neighbour_entry *netlink_cache_neighbour(const struct netlink_cache *cache, uint32_t ifindex,
						const struct ip_address *address);

/* These return 1: the cache is different now, 0: it is not, or -ENOMEM. `seen` is the dump's number. */
int netlink_cache_set_link(struct netlink_cache *cache, const struct netlink_link *link, uint32_t seen);
int netlink_cache_set_address(struct netlink_cache *cache, uint32_t ifindex, const struct ip_address *address,
			      uint8_t prefix_length, uint32_t seen);
/* Finds or makes the entry. NULL: out of memory. */
struct neighbour_entry *netlink_cache_add_neighbour(struct netlink_cache *cache, uint32_t ifindex,
						    const struct ip_address *address);

struct link_entry *netlink_cache_vlan(const struct netlink_cache *cache, uint32_t lower, uint16_t vlan_id);
/* The first of the entries among which are the link's neighbours; the next is next_of_link. */
struct neighbour_entry *netlink_cache_neighbours(const struct netlink_cache *cache, uint32_t ifindex);

/* With its addresses and neighbours; those that are wanted stay. */
bool netlink_cache_remove_link(struct netlink_cache *cache, uint32_t ifindex);
bool netlink_cache_remove_address(struct netlink_cache *cache, uint32_t ifindex, const struct ip_address *address,
				  uint8_t prefix_length);
void netlink_cache_drop_neighbour(struct netlink_cache *cache, struct neighbour_entry *gone);

struct netlink_cache *netlink_cache_of(const struct netlink *netlink);

/* Does the entry carry a MAC that may be used? */
bool neighbour_entry_usable(const struct neighbour_entry *entry);

#endif
