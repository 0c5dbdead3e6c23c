/* SPDX-License-Identifier: Apache-2.0 */
#include "sources_evpn_fixture.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct ip_address address(const char *text)
{
	struct ip_address result;

	assert_int_equal(ip_address_parse(text, &result), 0);
	return result;
}

static void put_address(struct nlmsghdr *header, uint16_t attribute, const char *text)
{
	struct ip_address ip = address(text);

	mnl_attr_put(header, attribute, ip.family == 4 ? 4 : 16, ip.byte);
}

static void put_mac(struct nlmsghdr *header, const char *text)
{
	uint8_t mac[6];

	assert_int_equal(mac_parse(text, mac), 0);
	mnl_attr_put(header, NDA_LLADDR, sizeof(mac), mac);
}

/* Everything but IFLA_LINKINFO. */
static struct message begin_link(uint16_t type, uint32_t ifindex, uint32_t master)
{
	struct message message = {0};
	struct nlmsghdr *header = mnl_nlmsg_put_header(message.bytes);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(header, sizeof(*link));

	header->nlmsg_type = type;
	link->ifi_index = (int)ifindex;
	link->ifi_flags = IFF_UP;
	mnl_attr_put_strz(header, IFLA_IFNAME, "name");
	if (master)
		mnl_attr_put_u32(header, IFLA_MASTER, master);
	return message;
}

struct message link_message(uint16_t type, uint32_t ifindex, const char *kind, uint32_t master)
{
	struct message message = begin_link(type, ifindex, master);
	struct nlattr *info = mnl_attr_nest_start(&message.header, IFLA_LINKINFO);

	mnl_attr_put_strz(&message.header, IFLA_INFO_KIND, kind);
	mnl_attr_nest_end(&message.header, info);
	return message;
}

struct message vxlan_message(uint32_t ifindex, uint32_t master, uint32_t vni, const char *local, uint16_t udp_port)
{
	struct message message = begin_link(RTM_NEWLINK, ifindex, master);
	struct nlmsghdr *header = &message.header;
	struct nlattr *info = mnl_attr_nest_start(header, IFLA_LINKINFO), *data;

	mnl_attr_put_strz(header, IFLA_INFO_KIND, "vxlan");
	data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
	mnl_attr_put_u32(header, IFLA_VXLAN_ID, vni);
	if (local)
		put_address(header, strchr(local, ':') ? IFLA_VXLAN_LOCAL6 : IFLA_VXLAN_LOCAL, local);
	mnl_attr_put_u16(header, IFLA_VXLAN_PORT, htons(udp_port));
	mnl_attr_nest_end(header, data);
	mnl_attr_nest_end(header, info);
	return message;
}

struct message vrf_message(uint32_t ifindex, uint32_t table)
{
	struct message message = begin_link(RTM_NEWLINK, ifindex, 0);
	struct nlmsghdr *header = &message.header;
	struct nlattr *info = mnl_attr_nest_start(header, IFLA_LINKINFO), *data;

	mnl_attr_put_strz(header, IFLA_INFO_KIND, "vrf");
	data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
	mnl_attr_put_u32(header, IFLA_VRF_TABLE, table);
	mnl_attr_nest_end(header, data);
	mnl_attr_nest_end(header, info);
	return message;
}

static struct message begin_entry(uint16_t type, uint8_t family, uint32_t ifindex, uint16_t state)
{
	struct message message = {0};
	struct nlmsghdr *header = mnl_nlmsg_put_header(message.bytes);
	struct ndmsg *entry = mnl_nlmsg_put_extra_header(header, sizeof(*entry));

	header->nlmsg_type = type;
	entry->ndm_family = family;
	entry->ndm_ifindex = (int)ifindex;
	entry->ndm_state = state;
	entry->ndm_flags = NTF_EXT_LEARNED;
	return message;
}

struct message neighbour_message(uint16_t type, uint32_t ifindex, const char *ip, const char *mac)
{
	struct message message =
		begin_entry(type, strchr(ip, ':') ? AF_INET6 : AF_INET, ifindex, mac ? NUD_NOARP : NUD_FAILED);

	put_address(&message.header, NDA_DST, ip);
	if (mac)
		put_mac(&message.header, mac);
	return message;
}

struct message mac_message(uint16_t type, uint32_t ifindex, const char *mac, const char *remote)
{
	struct message message = begin_entry(type, AF_BRIDGE, ifindex, NUD_REACHABLE);

	put_mac(&message.header, mac);
	put_address(&message.header, NDA_DST, remote);
	return message;
}

struct message bridged_message(uint16_t type, uint32_t ifindex, uint32_t bridge, const char *mac)
{
	struct message message = begin_entry(type, AF_BRIDGE, ifindex, NUD_REACHABLE);

	put_mac(&message.header, mac);
	mnl_attr_put_u32(&message.header, NDA_MASTER, bridge);
	return message;
}

bool take(struct evpn *evpn, struct message message)
{
	return evpn_take(evpn, &message.header);
}

struct evpn *new_evpn(void)
{
	struct evpn *evpn = evpn_new();

	assert_non_null(evpn);
	return evpn;
}

struct message object(size_t i)
{
	switch (i) {
	case 0:
		return link_message(RTM_NEWLINK, BRIDGE, "bridge", 0);
	case 1:
		return vxlan_message(VXLAN, BRIDGE, 5000, "172.16.0.1", 4789);
	case 2:
		return neighbour_message(RTM_NEWNEIGH, BRIDGE, "172.16.0.2", ROUTER);
	default:
		return mac_message(RTM_NEWNEIGH, VXLAN, ROUTER, "172.16.0.2");
	}
}

struct evpn *with_objects(void)
{
	struct evpn *evpn = new_evpn();

	for (size_t i = 0; i < OBJECTS; i++)
		take(evpn, object(i));
	return evpn;
}

int ask(const struct evpn *evpn, uint32_t ifindex, const char *gateway, struct source_hop *hop)
{
	struct ip_address ip = address(gateway);

	memset(hop, 0xee, sizeof(*hop));
	return evpn_hop(evpn, ifindex, &ip, hop);
}

int result(const struct evpn *evpn, uint32_t ifindex, const char *gateway)
{
	struct source_hop hop;

	return ask(evpn, ifindex, gateway, &hop);
}

void is_tunnel(const struct source_hop *hop, const char *local, const char *remote, uint32_t vni, uint16_t port,
	       const char *mac)
{
	struct ip_address from = address(local), to = address(remote), none = {0};
	char text[MAC_TEXT];

	assert_int_equal(hop->kind, SOURCE_HOP_TUNNEL);
	assert_int_equal(hop->ifindex, 0);
	assert_int_equal(ip_address_compare(&hop->gateway, &none), 0);
	assert_int_equal(ip_address_compare(&hop->local, &from), 0);
	assert_int_equal(ip_address_compare(&hop->remote, &to), 0);
	assert_int_equal(hop->vni, vni);
	assert_int_equal(hop->udp_port, port);
	assert_string_equal(mac_format(hop->mac, text), mac);
}

void leads_to(const struct evpn *evpn, const char *remote)
{
	struct source_hop hop;

	assert_int_equal(ask(evpn, BRIDGE, "172.16.0.2", &hop), 0);
	is_tunnel(&hop, "172.16.0.1", remote, 5000, 4789, ROUTER);
}
