/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink messages to structs: whatever comes, names end, addresses have a family, and nothing is read beyond a
 * message. */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "vnf/dataplane/kernel/netlink_message.h"

struct found {
	unsigned int links, addresses, neighbours;
};

static void check_address(const struct ip_address *address)
{
	static const uint8_t zero[12];

	if (address->family != 4 && address->family != 6)
		abort();
	if (address->family == 4 && memcmp(address->byte + 4, zero, sizeof(zero)) != 0)
		abort();
}

static void parse(const struct nlmsghdr *message, struct found *found)
{
	struct netlink_parsed_neighbour neighbour;
	struct netlink_parsed_address address;
	struct netlink_link link;

	/* The kernel decides which it is by the type; here each is tried on all. */
	if (netlink_parse_link(message, &link)) {
		if (!memchr(link.name, 0, sizeof(link.name)))
			abort();
		found->links++;
	}
	if (netlink_parse_address(message, &address)) {
		check_address(&address.address);
		found->addresses++;
	}
	if (netlink_parse_neighbour(message, &neighbour)) {
		check_address(&neighbour.address);
		found->neighbours++;
	}
}

static struct found parse_all(const uint8_t *data, size_t size)
{
	struct found found = {0};

	while (size >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr header, *message;
		size_t step;

		memcpy(&header, data, sizeof(header));
		if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > size)
			break;
		message = calloc(1, MNL_ALIGN(header.nlmsg_len)); /* its end is the sanitizer's */
		if (!message)
			abort();
		memcpy(message, data, header.nlmsg_len);
		parse(message, &found);
		free(message);
		step = MNL_ALIGN(header.nlmsg_len);
		if (step > size)
			break;
		data += step;
		size -= step;
	}
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse_all(data, size);
	return 0;
}

static size_t put_link(uint8_t *bytes)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(message, sizeof(*link));
	struct nlattr *info, *data;

	message->nlmsg_type = RTM_NEWLINK;
	link->ifi_index = 7;
	link->ifi_type = ARPHRD_ETHER;
	link->ifi_flags = IFF_UP | IFF_LOWER_UP;
	mnl_attr_put_strz(message, IFLA_IFNAME, "eth0.100");
	mnl_attr_put_u32(message, IFLA_MTU, 1500);
	mnl_attr_put_u32(message, IFLA_LINK, 3);
	mnl_attr_put(message, IFLA_ADDRESS, sizeof(mac), mac);
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "vlan");
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	mnl_attr_put_u16(message, IFLA_VLAN_ID, 100);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
	info = mnl_attr_nest_start(message, IFLA_XDP);
	mnl_attr_put_u32(message, IFLA_XDP_PROG_ID, 42);
	mnl_attr_nest_end(message, info);
	return message->nlmsg_len;
}

static size_t put_address(uint8_t *bytes)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct ifaddrmsg *address = mnl_nlmsg_put_extra_header(message, sizeof(*address));

	message->nlmsg_type = RTM_NEWADDR;
	address->ifa_family = AF_INET;
	address->ifa_index = 7;
	address->ifa_prefixlen = 24;
	mnl_attr_put_u32(message, IFA_LOCAL, htonl(0xc0000201));
	mnl_attr_put_u32(message, IFA_ADDRESS, htonl(0xc0000202));
	mnl_attr_put_u32(message, IFA_FLAGS, IFA_F_PERMANENT);
	return message->nlmsg_len;
}

static size_t put_neighbour(uint8_t *bytes)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 2}, ip[16] = {0x20, 1, 0xd, 0xb8, [15] = 2};
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct ndmsg *neighbour = mnl_nlmsg_put_extra_header(message, sizeof(*neighbour));

	message->nlmsg_type = RTM_NEWNEIGH;
	neighbour->ndm_family = AF_INET6;
	neighbour->ndm_ifindex = 7;
	neighbour->ndm_state = NUD_REACHABLE;
	mnl_attr_put(message, NDA_DST, sizeof(ip), ip);
	mnl_attr_put(message, NDA_LLADDR, sizeof(mac), mac);
	return message->nlmsg_len;
}

/* One of each in a datagram, as a dump has them. */
size_t fuzz_corpus(unsigned int n, uint8_t *bytes)
{
	_Alignas(8) uint8_t aligned[FUZZ_BYTES] = {0};
	size_t size;

	if (n)
		return 0;
	size = put_link(aligned);
	size += put_address(aligned + size);
	size += put_neighbour(aligned + size);
	memcpy(bytes, aligned, size);
	return size;
}

void fuzz_must_accept(const uint8_t *data, size_t size)
{
	struct found found = parse_all(data, size);

	if (found.links != 1 || found.addresses != 1 || found.neighbours != 1)
		abort();
}
