/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTM_NEWROUTE and RTM_DELROUTE to a struct (rtnetlink(7)). The message is not trusted: every length is checked.
 * Internal to vnf/sources.
 */
#ifndef SLUICE_SOURCES_ROUTE_MESSAGE_H
#define SLUICE_SOURCES_ROUTE_MESSAGE_H

#include "vnf/sources/kernel_hop.h"

struct nlmsghdr;

#define ROUTE_HOPS 1024 /* of a message; those beyond are left out, and `cut` says so */

struct route_message {
	bool added;	   /* RTM_NEWROUTE */
	uint16_t flags;	   /* NLM_F_REPLACE, NLM_F_APPEND: how it was added */
	uint32_t port;	   /* of the socket whose request this follows from */
	uint32_t sequence; /* of that request */
	uint32_t table;
	struct ip_prefix prefix;
	uint8_t protocol; /* RTPROT_* */
	/* SOURCE_HOP_BLACKHOLE, UNREACHABLE, PROHIBIT; SOURCE_HOP_GATEWAY: as its hops say; 0: none that forwards, such
	 * as a local or a multicast one */
	uint8_t kind;
	uint8_t scope;	/* RT_SCOPE_* */
	bool offloaded; /* RTM_F_OFFLOAD */
	bool special;	/* it has attributes that are not here: a preferred source, metrics such as an MTU */
	bool cut;
	uint32_t metric;
	uint32_t nexthop; /* id of a nexthop object; 0: none */
	size_t hops;
	struct kernel_hop hop[ROUTE_HOPS];
};

/* False: it is no route that counts for all packets (one for a type of service, for packets from a prefix, or cloned
 * from another), or it is malformed. */
bool route_message_read(const struct nlmsghdr *header, struct route_message *message);

#endif
