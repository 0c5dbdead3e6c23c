/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/kernel/netlink_message.h"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static bool parse_ip(const struct nlattr *attribute, uint8_t family, struct ip_address *address)
{
	size_t length = family == AF_INET ? 4 : 16;

	memset(address, 0, sizeof(*address));
	if ((family != AF_INET && family != AF_INET6) || !attribute || mnl_attr_get_payload_len(attribute) != length)
		return false;
	address->family = family == AF_INET ? 4 : 6;
	memcpy(address->byte, mnl_attr_get_payload(attribute), length);
	return true;
}

/* IFLA_LINKINFO: the tag of a VLAN device, 0 of any other. */
static uint16_t parse_vlan_id(const struct nlattr *info)
{
	const struct nlattr *attribute, *data = NULL;
	bool is_vlan = false;
	uint16_t id = 0;

	mnl_attr_for_each_nested(attribute, info)
	{
		if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
			is_vlan = mnl_attr_get_payload_len(attribute) >= 4 &&
				  memcmp(mnl_attr_get_payload(attribute), "vlan", 4) == 0 &&
				  (mnl_attr_get_payload_len(attribute) == 4 || mnl_attr_get_str(attribute)[4] == 0);
		else if (mnl_attr_get_type(attribute) == IFLA_INFO_DATA)
			data = attribute;
	}
	if (!is_vlan || !data)
		return 0;
	mnl_attr_for_each_nested(attribute, data)
	{
		if (mnl_attr_get_type(attribute) == IFLA_VLAN_ID && mnl_attr_get_payload_len(attribute) >= 2)
			id = mnl_attr_get_u16(attribute);
	}
	return id;
}

/* IFLA_XDP: the program's id; that of one of them where there are several (generic and in the driver). */
static uint32_t parse_xdp_program(const struct nlattr *xdp)
{
	const struct nlattr *attribute;
	uint32_t id = 0;

	mnl_attr_for_each_nested(attribute, xdp)
	{
		int type = mnl_attr_get_type(attribute);

		if ((type == IFLA_XDP_PROG_ID || type == IFLA_XDP_DRV_PROG_ID || type == IFLA_XDP_SKB_PROG_ID) &&
		    mnl_attr_get_payload_len(attribute) >= sizeof(id))
			id = mnl_attr_get_u32(attribute);
	}
	return id;
}

bool netlink_parse_link(const struct nlmsghdr *header, struct netlink_link *link)
{
	const struct ifinfomsg *message = mnl_nlmsg_get_payload(header);
	const struct nlattr *attribute;
	uint32_t lower = 0;

	/* A bridge speaks of its ports in link messages too (AF_BRIDGE). */
	if (mnl_nlmsg_get_payload_len(header) < sizeof(*message) || message->ifi_family != AF_UNSPEC)
		return false;
	memset(link, 0, sizeof(*link));
	link->ifindex = (uint32_t)message->ifi_index;
	mnl_attr_for_each(attribute, header, sizeof(*message))
	{
		size_t length = mnl_attr_get_payload_len(attribute);

		switch (mnl_attr_get_type(attribute)) {
		case IFLA_IFNAME:
			if (length <= sizeof(link->name) && memchr(mnl_attr_get_payload(attribute), 0, length))
				strcpy(link->name, mnl_attr_get_str(attribute));
			break;
		case IFLA_MTU:
			if (length >= sizeof(uint32_t))
				link->mtu = mnl_attr_get_u32(attribute);
			break;
		case IFLA_ADDRESS:
			if (length == sizeof(link->mac))
				memcpy(link->mac, mnl_attr_get_payload(attribute), sizeof(link->mac));
			break;
		case IFLA_LINK:
			if (length >= sizeof(uint32_t))
				lower = mnl_attr_get_u32(attribute);
			break;
		case IFLA_XDP:
			link->xdp_program = parse_xdp_program(attribute);
			break;
		case IFLA_LINKINFO:
			link->vlan_id = parse_vlan_id(attribute);
			break;
		}
	}
	link->ethernet = message->ifi_type == ARPHRD_ETHER;
	if (link->vlan_id)
		link->lower = lower; /* of others, a veth say, IFLA_LINK means something else */
	/* Carrier (IFF_LOWER_UP) rather than IFF_RUNNING, which may lag behind it by a second (linkwatch). */
	link->up = (message->ifi_flags & IFF_UP) && (message->ifi_flags & IFF_LOWER_UP) &&
		   !(message->ifi_flags & IFF_DORMANT);
	/* Wireless extensions announce themselves in link messages without a name. */
	return header->nlmsg_type == RTM_DELLINK || link->name[0];
}

static bool is_ours(uint32_t flags)
{
	/* An optimistic address may be used meanwhile (RFC 4429 3.3). */
	return !(flags & IFA_F_DADFAILED) && (!(flags & IFA_F_TENTATIVE) || flags & IFA_F_OPTIMISTIC);
}

bool netlink_parse_address(const struct nlmsghdr *header, struct netlink_parsed_address *address)
{
	const struct ifaddrmsg *message = mnl_nlmsg_get_payload(header);
	const struct nlattr *attribute, *local = NULL, *peer = NULL;
	uint32_t flags;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*message))
		return false;
	flags = message->ifa_flags;
	mnl_attr_for_each(attribute, header, sizeof(*message))
	{
		if (mnl_attr_get_type(attribute) == IFA_LOCAL)
			local = attribute;
		else if (mnl_attr_get_type(attribute) == IFA_ADDRESS)
			peer = attribute; /* ours where there is no IFA_LOCAL */
		else if (mnl_attr_get_type(attribute) == IFA_FLAGS &&
			 mnl_attr_get_payload_len(attribute) >= sizeof(flags))
			flags = mnl_attr_get_u32(attribute); /* all of them */
	}
	address->ifindex = message->ifa_index;
	address->prefix_length = message->ifa_prefixlen;
	address->ours = is_ours(flags);
	return parse_ip(local ? local : peer, message->ifa_family, &address->address);
}

bool netlink_parse_neighbour(const struct nlmsghdr *header, struct netlink_parsed_neighbour *neighbour)
{
	const struct ndmsg *message = mnl_nlmsg_get_payload(header);
	const struct nlattr *attribute, *destination = NULL;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*message) || message->ndm_flags & NTF_PROXY)
		return false;
	memset(neighbour, 0, sizeof(*neighbour));
	neighbour->ifindex = (uint32_t)message->ndm_ifindex;
	neighbour->state = message->ndm_state;
	mnl_attr_for_each(attribute, header, sizeof(*message))
	{
		if (mnl_attr_get_type(attribute) == NDA_DST)
			destination = attribute;
		else if (mnl_attr_get_type(attribute) == NDA_LLADDR &&
			 mnl_attr_get_payload_len(attribute) == sizeof(neighbour->mac))
			memcpy(neighbour->mac, mnl_attr_get_payload(attribute), sizeof(neighbour->mac));
	}
	return parse_ip(destination, message->ndm_family, &neighbour->address);
}
