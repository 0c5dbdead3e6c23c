/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel knows and the dataplane rests on: links, their addresses, their neighbours. A cache that follows
 * rtnetlink (RFC 3549) on the control loop, and the asking that keeps wanted neighbours resolved. Of the network
 * namespace that the thread was in at netlink_new. Control thread only, but for the netlink_read_*.
 */
#ifndef SLUICE_DATAPLANE_NETLINK_H
#define SLUICE_DATAPLANE_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/core/address.h"

struct loop;
struct netlink;

struct netlink_link {
	uint32_t ifindex;
	uint32_t mtu;
	uint32_t lower;	      /* of a VLAN device: the device it is on; else 0 */
	uint32_t xdp_program; /* id of the attached one, ours or another's; 0: none */
	uint16_t vlan_id;     /* of a VLAN device */
	bool up;	      /* administratively up, with carrier */
	bool ethernet;	      /* its frames have Ethernet headers; not so: lo, a tun, a tunnel device */
	uint8_t mac[6];	      /* zeros where it is no Ethernet */
	char name[16];
};

/* An address of a link, unless it is tentative or a duplicate (RFC 4862 5.4); the list is the cache's and lives until
 * the loop runs again. */
struct netlink_address {
	struct netlink_address *next;
	struct ip_address address;
	uint8_t prefix_length;
	uint32_t seen; /* of the cache */
};

enum netlink_kind { NETLINK_LINK_CHANGED, NETLINK_ADDRESS_CHANGED, NETLINK_NEIGHBOUR_CHANGED, NETLINK_HEARD };

/* Something about the link, or about what is attached to it, became different from what the cache held; of a neighbour,
 * whose address is given (else NULL), whether it can be used, its MAC, or whether it has failed. Or it was heard
 * (netlink_hear). Called from the loop and from netlink_poll; must not call back into netlink. */
typedef void netlink_changed(void *context, enum netlink_kind kind, uint32_t ifindex, const struct ip_address *address);

/* Subscribes and reads all there is (without calling `changed`). Borrows loop. NULL and *error (-errno) on failure. */
struct netlink *netlink_new(struct loop *loop, netlink_changed *changed, void *context, int *error);
void netlink_free(struct netlink *netlink); /* NULL is fine */

/* Takes in what the kernel has announced so far: a command that returned before this call is seen after it. */
void netlink_poll(struct netlink *netlink);

/* NULL: no such link. The result lives until the loop runs again. */
const struct netlink_link *netlink_link_by_name(const struct netlink *netlink, const char *name);
const struct netlink_link *netlink_link_by_index(const struct netlink *netlink, uint32_t ifindex);
/* The kernel's VLAN device with this tag on the link. */
const struct netlink_link *netlink_vlan_device(const struct netlink *netlink, uint32_t lower, uint16_t vlan_id);
const struct netlink_address *netlink_addresses(const struct netlink *netlink, uint32_t ifindex);

/* The neighbour's MAC; false while the kernel has none that may be used (RFC 4861 7.3.2: reachable or to be probed). */
bool netlink_neighbour(const struct netlink *netlink, uint32_t ifindex, const struct ip_address *address,
		       uint8_t mac[6]);

/* The kernel asked for it in vain less than NETLINK_FAILED_MS ago. */
bool netlink_neighbour_failed(const struct netlink *netlink, uint32_t ifindex, const struct ip_address *address);
#define NETLINK_FAILED_MS 5000

/* Visits the addresses of the link's neighbours, those that may be used and those that have failed. */
void netlink_each_neighbour(const struct netlink *netlink, uint32_t ifindex,
			    void (*visit)(void *context, const struct ip_address *address), void *context);

/* Its table had no room for the neighbour, which is wanted, when it was last asked. */
bool netlink_neighbour_refused(const struct netlink *netlink, uint32_t ifindex, const struct ip_address *address);

/*
 * Keep this neighbour resolved: ask for it now and, with growing pauses of 1 to 4 s, for as long as it is not, and have
 * the kernel probe it whenever it turns stale, so that one that is dead is found out. Wanted, even where its link goes,
 * until netlink_unwant by all that wanted it. 0 or -ENOMEM.
 */
enum netlink_wanter { NETLINK_GATEWAYS = 1, NETLINK_HOSTS = 2 };
int netlink_want(struct netlink *netlink, uint32_t ifindex, const struct ip_address *address, enum netlink_wanter who);
void netlink_unwant(struct netlink *netlink, uint32_t ifindex, const struct ip_address *address,
		    enum netlink_wanter who);

/*
 * From now on tells of what stations say of their addresses unasked, on all links: ARP announcements (RFC 5227 3) and
 * unsolicited neighbour advertisements (RFC 4861 7.2.6). At most 50 a second of each; what of more finds no room in a
 * socket is lost. Anyone can say so: it is a reason to ask. 0 or -errno: -EPERM without CAP_NET_RAW.
 */
int netlink_hear(struct netlink *netlink);

/* For any thread: copies. */
bool netlink_read_link(struct netlink *netlink, const char *name, struct netlink_link *link);
bool netlink_read_link_index(struct netlink *netlink, uint32_t ifindex, struct netlink_link *link);
/* Also a neighbour on a VLAN device that is on the link. */
bool netlink_read_neighbour(struct netlink *netlink, uint32_t ifindex, const struct ip_address *address,
			    uint8_t mac[6]);

#endif
