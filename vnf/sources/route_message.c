/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/route_message.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "vnf/sources/attributes.h"
#include "vnf/sources/mirror.h"

bool kernel_address(struct ip_address *address, const void *bytes, size_t size)
{
	if (size != 4 && size != 16)
		return false;
	memset(address, 0, sizeof(*address));
	address->family = size == 4 ? 4 : 6;
	memcpy(address->byte, bytes, size);
	return true;
}

/* struct rtvia: the family, and an address of it. */
static bool take_via(struct kernel_hop *hop, const struct rtattr *attribute)
{
	const uint8_t *bytes = attribute_bytes(attribute);
	size_t size = attribute_size(attribute);
	uint16_t family;

	if (size < sizeof(family))
		return false;
	memcpy(&family, bytes, sizeof(family));
	size -= sizeof(family);
	return (family == AF_INET ? size == 4 : family == AF_INET6 && size == 16) &&
	       kernel_address(&hop->gateway, bytes + sizeof(family), size);
}

bool kernel_hop_take(struct kernel_hop *hop, const struct rtattr *attribute)
{
	switch (attribute_type(attribute)) {
	case RTA_OIF:
		return attribute_u32(attribute, &hop->ifindex);
	case RTA_GATEWAY:
		return kernel_address(&hop->gateway, attribute_bytes(attribute), attribute_size(attribute));
	case RTA_VIA:
		return take_via(hop, attribute);
	case RTA_ENCAP_TYPE:
		hop->kind = 0;
		return true;
	default:
		return true;
	}
}

/* A gateway or a link, unless the hop has an encapsulation. */
static void name_kind(struct kernel_hop *hop)
{
	if (hop->kind)
		hop->kind = hop->gateway.family ? SOURCE_HOP_GATEWAY : SOURCE_HOP_LINK;
}

/* A list of struct rtnexthop, each with attributes of its own. */
static bool take_multipath(struct route_message *message, const struct rtattr *attribute)
{
	const uint8_t *at = attribute_bytes(attribute);
	size_t left = attribute_size(attribute);

	message->hops = 0;
	while (left >= sizeof(struct rtnexthop)) {
		struct rtnexthop nexthop;
		struct kernel_hop *hop;
		struct attributes list;
		const struct rtattr *inner;
		size_t step;

		memcpy(&nexthop, at, sizeof(nexthop));
		if (nexthop.rtnh_len < sizeof(nexthop) || nexthop.rtnh_len > left)
			return false;
		if (message->hops == ROUTE_HOPS) {
			message->cut = true;
			return true;
		}
		hop = &message->hop[message->hops++];
		*hop = (struct kernel_hop){.ifindex = (uint32_t)nexthop.rtnh_ifindex,
					   .weight = (uint16_t)(nexthop.rtnh_hops + 1),
					   .onlink = (nexthop.rtnh_flags & RTNH_F_ONLINK) != 0,
					   .kind = SOURCE_HOP_LINK};
		list = attributes_of(at + sizeof(nexthop), nexthop.rtnh_len - sizeof(nexthop));
		while ((inner = attributes_next(&list)))
			if (!kernel_hop_take(hop, inner))
				return false;
		if (list.malformed)
			return false;
		name_kind(hop);
		step = RTNH_ALIGN(nexthop.rtnh_len);
		step = step < left ? step : left;
		at += step;
		left -= step;
	}
	return true;
}

static bool take_destination(struct route_message *message, const struct rtattr *attribute)
{
	struct ip_address address;

	if (!kernel_address(&address, attribute_bytes(attribute), attribute_size(attribute)) ||
	    address.family != message->prefix.address.family)
		return false;
	message->prefix = ip_prefix_of(&address, message->prefix.length);
	return true;
}

static bool take_attribute(struct route_message *message, const struct rtattr *attribute)
{
	switch (attribute_type(attribute)) {
	case RTA_DST:
		return take_destination(message, attribute);
	case RTA_TABLE:
		return attribute_u32(attribute, &message->table);
	case RTA_PRIORITY:
		return attribute_u32(attribute, &message->metric);
	case RTA_NH_ID:
		return attribute_u32(attribute, &message->nexthop);
	case RTA_MULTIPATH:
		return take_multipath(message, attribute);
	case RTA_PREFSRC:
	case RTA_METRICS:
	case RTA_FLOW:
		message->special = true;
		return true;
	default:
		return true;
	}
}

static uint8_t kind_of(uint8_t rtm_type)
{
	switch (rtm_type) {
	case RTN_UNICAST:
		return SOURCE_HOP_GATEWAY;
	case RTN_BLACKHOLE:
		return SOURCE_HOP_BLACKHOLE;
	case RTN_UNREACHABLE:
		return SOURCE_HOP_UNREACHABLE;
	case RTN_PROHIBIT:
		return SOURCE_HOP_PROHIBIT;
	default:
		return 0; /* local, broadcast, anycast, multicast: not for forwarding */
	}
}

static bool take_header(struct route_message *message, const struct nlmsghdr *header, const struct rtmsg *route)
{
	if (route->rtm_family != AF_INET && route->rtm_family != AF_INET6)
		return false;
	if (route->rtm_dst_len > (route->rtm_family == AF_INET ? 32 : 128) || route->rtm_src_len || route->rtm_tos ||
	    (route->rtm_flags & RTM_F_CLONED))
		return false;
	message->added = header->nlmsg_type == RTM_NEWROUTE;
	message->flags = header->nlmsg_flags;
	message->port = header->nlmsg_pid;
	message->sequence = header->nlmsg_seq;
	message->table = route->rtm_table;
	message->prefix = (struct ip_prefix){.address.family = route->rtm_family == AF_INET ? 4 : 6,
					     .length = route->rtm_dst_len};
	message->protocol = route->rtm_protocol;
	message->kind = kind_of(route->rtm_type);
	message->scope = route->rtm_scope;
	message->offloaded = route->rtm_flags & RTM_F_OFFLOAD;
	message->special = message->cut = false;
	message->metric = message->nexthop = 0;
	message->hops = 0;
	return true;
}

bool route_message_read(const struct nlmsghdr *header, struct route_message *message)
{
	const struct rtmsg *route = (const void *)(header + 1);
	struct kernel_hop single = {.weight = 1, .kind = SOURCE_HOP_LINK};
	const struct rtattr *attribute;
	struct attributes list;

	if (header->nlmsg_len < sizeof(*header) + sizeof(*route) ||
	    (header->nlmsg_type != RTM_NEWROUTE && header->nlmsg_type != RTM_DELROUTE) ||
	    !take_header(message, header, route))
		return false;
	list = attributes_of(route + 1, header->nlmsg_len - sizeof(*header) - sizeof(*route));
	while ((attribute = attributes_next(&list)))
		if (!take_attribute(message, attribute) || !kernel_hop_take(&single, attribute))
			return false;
	if (list.malformed)
		return false;
	/* The kernel calls it a blackhole for as long as its nexthop object is one. */
	if (message->nexthop && message->kind == SOURCE_HOP_BLACKHOLE)
		message->kind = SOURCE_HOP_GATEWAY;
	if (message->kind != SOURCE_HOP_GATEWAY) {
		message->hops = 0;
	} else if (!message->hops && (single.ifindex || single.gateway.family)) {
		name_kind(&single);
		single.onlink = (route->rtm_flags & RTNH_F_ONLINK) != 0;
		message->hop[0] = single;
		message->hops = 1;
	}
	return true;
}
