/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink messages to routes and nexthop objects: whatever comes, prefixes have no bits beyond their length, hops
 * have a family that there is, and nothing is read beyond a message. */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "netlink_messages.h"
#include "vnf/sources/mirror.h"
#include "vnf/sources/nexthop_table.h"
#include "vnf/sources/route_message.h"

struct found {
	unsigned int routes, hops, nexthops, members;
	struct nexthop_table table;
};

static void check_hop(const struct kernel_hop *hop)
{
	uint8_t family = hop->gateway.family;

	if ((family != 0 && family != 4 && family != 6) || hop->kind > SOURCE_HOP_BLACKHOLE || !hop->weight)
		abort();
}

static void check_route(const struct route_message *route, struct found *found)
{
	const struct ip_prefix *prefix = &route->prefix;
	struct ip_prefix cut;

	if ((prefix->address.family != 4 && prefix->address.family != 6) ||
	    prefix->length > (prefix->address.family == 4 ? 32 : 128))
		abort();
	cut = ip_prefix_of(&prefix->address, prefix->length);
	if (ip_prefix_compare(&cut, prefix) != 0 || route->hops > ROUTE_HOPS)
		abort();
	for (size_t i = 0; i < route->hops; i++)
		check_hop(&route->hop[i]);
	found->routes++;
	found->hops += (unsigned int)route->hops;
}

static void take(const struct nlmsghdr *message, void *context)
{
	static struct route_message route;
	struct found *found = context;
	const struct nexthop *nexthop;
	uint32_t id;

	if (route_message_read(message, &route))
		check_route(&route, found);
	if (nexthop_table_take(&found->table, message, &id) <= 0)
		return;
	nexthop = nexthop_table_find(&found->table, id);
	if (!nexthop)
		return;
	check_hop(&nexthop->hop);
	for (size_t i = 0; i < nexthop->members; i++)
		if (!nexthop->member[i].weight)
			abort();
	found->nexthops++;
	found->members += (unsigned int)nexthop->members;
}

static struct found take_all(const uint8_t *data, size_t size)
{
	struct found found = {0};

	each_message(data, size, take, &found);
	nexthop_table_end(&found.table);
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	take_all(data, size);
	return 0;
}

static struct nlmsghdr *put_route(uint8_t *bytes, uint8_t length)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(message, sizeof(*route));

	message->nlmsg_type = RTM_NEWROUTE;
	*route = (struct rtmsg){.rtm_family = AF_INET,
				.rtm_dst_len = length,
				.rtm_table = RT_TABLE_MAIN,
				.rtm_protocol = 186,
				.rtm_type = RTN_UNICAST};
	mnl_attr_put_u32(message, RTA_TABLE, 1000);
	mnl_attr_put_u32(message, RTA_DST, htonl(0xcb007100));
	mnl_attr_put_u32(message, RTA_PRIORITY, 20);
	return message;
}

/* By two gateways, the other one of IPv6. */
static size_t put_multipath(uint8_t *bytes)
{
	static const uint8_t via[18] = {AF_INET6, 0, 0xfe, 0x80, [17] = 2};
	struct nlmsghdr *message = put_route(bytes, 24);
	struct nlattr *list = mnl_attr_nest_start(message, RTA_MULTIPATH);
	struct rtnexthop *hop = mnl_nlmsg_get_payload_tail(message);

	*hop = (struct rtnexthop){.rtnh_len = sizeof(*hop) + 8, .rtnh_ifindex = 3, .rtnh_hops = 6};
	message->nlmsg_len += sizeof(*hop);
	mnl_attr_put_u32(message, RTA_GATEWAY, htonl(0x0a000002));
	hop = mnl_nlmsg_get_payload_tail(message);
	*hop = (struct rtnexthop){.rtnh_len = sizeof(*hop) + 24, .rtnh_ifindex = 4};
	message->nlmsg_len += sizeof(*hop);
	mnl_attr_put(message, RTA_VIA, sizeof(via), via);
	mnl_attr_nest_end(message, list);
	return message->nlmsg_len;
}

static size_t put_single(uint8_t *bytes)
{
	struct nlmsghdr *message = put_route(bytes, 25);

	mnl_attr_put_u32(message, RTA_GATEWAY, htonl(0x0a000002));
	mnl_attr_put_u32(message, RTA_OIF, 3);
	mnl_attr_put_u32(message, RTA_NH_ID, 7);
	return message->nlmsg_len;
}

static size_t put_nexthops(uint8_t *bytes)
{
	static const struct nexthop_grp group[] = {{.id = 7, .weight = 2}, {.id = 8}};
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct nhmsg *nexthop = mnl_nlmsg_put_extra_header(message, sizeof(*nexthop));
	size_t first;

	message->nlmsg_type = RTM_NEWNEXTHOP;
	nexthop->nh_family = AF_INET;
	mnl_attr_put_u32(message, NHA_ID, 7);
	mnl_attr_put_u32(message, NHA_GATEWAY, htonl(0x0a000002));
	mnl_attr_put_u32(message, NHA_OIF, 3);
	first = message->nlmsg_len;
	message = mnl_nlmsg_put_header(bytes + first);
	mnl_nlmsg_put_extra_header(message, sizeof(*nexthop));
	message->nlmsg_type = RTM_NEWNEXTHOP;
	mnl_attr_put_u32(message, NHA_ID, 9);
	mnl_attr_put(message, NHA_GROUP, sizeof(group), group);
	return first + message->nlmsg_len;
}

/* One of each in a datagram, as a dump has them. */
size_t fuzz_corpus(unsigned int n, uint8_t *bytes)
{
	_Alignas(8) uint8_t aligned[FUZZ_BYTES] = {0};
	size_t size;

	if (n)
		return 0;
	size = put_multipath(aligned);
	size += put_single(aligned + size);
	size += put_nexthops(aligned + size);
	memcpy(bytes, aligned, size);
	return size;
}

void fuzz_must_accept(const uint8_t *data, size_t size)
{
	struct found found = take_all(data, size);

	if (found.routes != 2 || found.hops != 3 || found.nexthops != 2 || found.members != 2)
		abort();
}
