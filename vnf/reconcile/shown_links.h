/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the state service shows of the links of interfaces: the control thread says it, as it works it out, any thread
 * reads it. Numbers of one interface may be of two moments.
 */
#ifndef SLUICE_RECONCILE_SHOWN_LINKS_H
#define SLUICE_RECONCILE_SHOWN_LINKS_H

#include <stdint.h>

/* Why a programmed interface that wants connected routes has none. */
enum link_lack {
	LINK_LACKS_NOTHING,
	LINK_LACKS_VLAN_DEVICE, /* the kernel has no device for its VLANs, and so no addresses */
	LINK_LACKS_ADDRESS,	/* its only addresses are gateway addresses, of which the kernel knows nothing */
};

struct link_facts {
	enum link_lack lack;
	uint32_t hosts;	  /* whose MACs are known, or that are known not to answer */
	uint32_t learned; /* of these: that were heard first */
	uint64_t refused; /* hosts that made room for others, or found none */
};

struct shown_links;

struct shown_links *shown_links_new(uint32_t interfaces); /* ids up to `interfaces`; NULL: out of memory */
void shown_links_free(struct shown_links *links);	  /* NULL is fine */

void shown_link_set_lack(struct shown_links *links, uint32_t interface, enum link_lack lack);
void shown_link_set_hosts(struct shown_links *links, uint32_t interface, uint32_t hosts, uint32_t learned,
			  uint64_t refused);
/* Any thread. Of an id beyond: nothing is lacking. */
void shown_link_read(const struct shown_links *links, uint32_t interface, struct link_facts *facts);

#endif
