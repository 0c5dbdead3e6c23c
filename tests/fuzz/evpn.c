/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink messages to EVPN's hops: whatever comes, a hop has two ends of one family, a VNI, a port and one host's
 * MAC, and nothing is read beyond a message. */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "netlink_messages.h"
#include "vnf/sources/evpn.h"

enum { BRIDGE = 7, VXLAN };

static const uint8_t mac[6] = {2, 0, 0, 0, 0, 0xaa};
static const struct ip_address host = {4, {10, 0, 2, 10}}, router = {4, {172, 16, 0, 2}};

static void check(void *context, const struct evpn_host *found)
{
	const struct source_hop *hop = &found->hop;

	if (hop->kind != SOURCE_HOP_TUNNEL || hop->local.family != hop->remote.family ||
	    (hop->local.family != 4 && hop->local.family != 6) || !hop->vni || hop->vni > 0xffffff || !hop->udp_port ||
	    hop->mac[0] & 1)
		abort();
	++*(unsigned int *)context;
}

static void take(const struct nlmsghdr *message, void *context)
{
	evpn_take(context, message);
}

static unsigned int take_all(const uint8_t *data, size_t size)
{
	struct evpn *evpn = evpn_new();
	struct evpn_host asked = {0};
	unsigned int hosts = 0, hops = 0;

	if (!evpn)
		abort();
	each_message(data, size, take, evpn);
	evpn_each_host(evpn, check, &hosts);
	if (evpn_hop(evpn, BRIDGE, &host, &asked.hop) == 0)
		check(&hops, &asked);
	if (evpn_hop(evpn, VXLAN, &router, &asked.hop) == 0)
		check(&hops, &asked);
	evpn_free(evpn);
	return hosts + hops;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	take_all(data, size);
	return 0;
}

static size_t put_link(uint8_t *bytes, int ifindex, const char *kind, uint32_t master)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(message, sizeof(*link));
	struct nlattr *info, *data;

	message->nlmsg_type = RTM_NEWLINK;
	link->ifi_index = ifindex;
	link->ifi_flags = IFF_UP;
	mnl_attr_put_strz(message, IFLA_IFNAME, kind);
	if (master)
		mnl_attr_put_u32(message, IFLA_MASTER, master);
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, kind);
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	mnl_attr_put_u32(message, IFLA_VXLAN_ID, 100);
	mnl_attr_put_u32(message, IFLA_VXLAN_LOCAL, htonl(0xac100001));
	mnl_attr_put_u16(message, IFLA_VXLAN_PORT, htons(4789));
	mnl_attr_put_u8(message, IFLA_VXLAN_COLLECT_METADATA, 0);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
	return message->nlmsg_len;
}

static size_t put_entry(uint8_t *bytes, uint8_t family, int ifindex, const struct ip_address *address)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct ndmsg *entry = mnl_nlmsg_put_extra_header(message, sizeof(*entry));

	message->nlmsg_type = RTM_NEWNEIGH;
	entry->ndm_family = family;
	entry->ndm_ifindex = ifindex;
	entry->ndm_state = NUD_NOARP;
	entry->ndm_flags = NTF_EXT_LEARNED;
	mnl_attr_put(message, NDA_DST, 4, address->byte);
	mnl_attr_put(message, NDA_LLADDR, sizeof(mac), mac);
	return message->nlmsg_len;
}

/* A host behind a VTEP, as two dumps have it, and a route by the vxlan device itself. */
size_t fuzz_corpus(unsigned int n, uint8_t *bytes)
{
	_Alignas(8) uint8_t aligned[FUZZ_BYTES] = {0};
	size_t size;

	if (n)
		return 0;
	size = put_link(aligned, BRIDGE, "bridge", 0);
	size += put_link(aligned + size, VXLAN, "vxlan", BRIDGE);
	size += put_entry(aligned + size, AF_INET, BRIDGE, &host);
	size += put_entry(aligned + size, AF_INET, VXLAN, &router);
	size += put_entry(aligned + size, AF_BRIDGE, VXLAN, &router);
	memcpy(bytes, aligned, size);
	return size;
}

void fuzz_must_accept(const uint8_t *data, size_t size)
{
	if (take_all(data, size) != 3)
		abort();
}
