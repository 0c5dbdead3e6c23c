/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink messages to structs. Each returns false for what is none of ours or malformed. Internal to this folder. */
#ifndef SLUICE_DATAPLANE_NETLINK_MESSAGE_H
#define SLUICE_DATAPLANE_NETLINK_MESSAGE_H

#include <linux/netlink.h>

#include "vnf/dataplane/kernel/netlink.h"

struct netlink_parsed_address {
	uint32_t ifindex;
	struct ip_address address;
	uint8_t prefix_length;
	bool ours; /* not while duplicate address detection runs, nor once it has failed (RFC 4862 5.4) */
};

struct netlink_parsed_neighbour {
	uint32_t ifindex;
	struct ip_address address;
	uint16_t state; /* NUD_* */
	uint8_t mac[6]; /* zeros: none */
};

/* Of an RTM_DELLINK only the ifindex is sure. */
bool netlink_parse_link(const struct nlmsghdr *header, struct netlink_link *link);
bool netlink_parse_address(const struct nlmsghdr *header, struct netlink_parsed_address *address);
bool netlink_parse_neighbour(const struct nlmsghdr *header, struct netlink_parsed_neighbour *neighbour);

#endif
