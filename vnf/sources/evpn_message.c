/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/evpn_message.h"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static const void *payload(const struct nlmsghdr *message, size_t least)
{
	/* libmnl rounds a message's end up; the kernel's messages end with a whole attribute. */
	if (message->nlmsg_len < MNL_NLMSG_HDRLEN || message->nlmsg_len != MNL_ALIGN(message->nlmsg_len) ||
	    mnl_nlmsg_get_payload_len(message) < least)
		return NULL;
	return mnl_nlmsg_get_payload(message);
}

/* A number in host byte order; what is shorter leaves `otherwise`. */
static uint32_t parse_u32(const struct nlattr *attribute, uint32_t otherwise)
{
	return mnl_attr_get_payload_len(attribute) >= sizeof(uint32_t) ? mnl_attr_get_u32(attribute) : otherwise;
}

static uint16_t parse_port(const struct nlattr *attribute)
{
	const uint8_t *byte = mnl_attr_get_payload(attribute);

	return mnl_attr_get_payload_len(attribute) >= 2 ? (uint16_t)(byte[0] << 8 | byte[1]) : 0;
}

static bool parse_flag(const struct nlattr *attribute)
{
	return mnl_attr_get_payload_len(attribute) >= 1 && mnl_attr_get_u8(attribute);
}

static bool parse_address(const struct nlattr *attribute, struct ip_address *address)
{
	size_t length = mnl_attr_get_payload_len(attribute);

	if (length != 4 && length != 16)
		return false;
	memset(address, 0, sizeof(*address));
	address->family = length == 4 ? 4 : 6;
	memcpy(address->byte, mnl_attr_get_payload(attribute), length);
	return true;
}

static bool is_kind(const struct nlattr *attribute, const char *kind)
{
	size_t length = strlen(kind), have = mnl_attr_get_payload_len(attribute);
	const char *text = mnl_attr_get_payload(attribute);

	return have >= length && memcmp(text, kind, length) == 0 && (have == length || !text[length]);
}

static enum evpn_kind parse_kind(const struct nlattr *attribute)
{
	if (is_kind(attribute, "bridge"))
		return EVPN_BRIDGE;
	if (is_kind(attribute, "vxlan"))
		return EVPN_VXLAN;
	return is_kind(attribute, "vrf") ? EVPN_VRF : EVPN_OTHER;
}

static void parse_vxlan(const struct nlattr *data, struct evpn_device *device)
{
	const struct nlattr *attribute;
	bool many = false;

	mnl_attr_for_each_nested(attribute, data)
	{
		switch (mnl_attr_get_type(attribute)) {
		case IFLA_VXLAN_ID:
			device->vni = parse_u32(attribute, 0);
			break;
		case IFLA_VXLAN_LOCAL:
		case IFLA_VXLAN_LOCAL6:
			parse_address(attribute, &device->local);
			break;
		case IFLA_VXLAN_PORT:
			device->udp_port = parse_port(attribute);
			break;
		case IFLA_VXLAN_COLLECT_METADATA:
			many = parse_flag(attribute);
			break;
		}
	}
	if (many || device->vni > 0xffffff)
		device->vni = 0;
}

static void parse_link_info(const struct nlattr *info, struct evpn_device *device)
{
	const struct nlattr *attribute, *data = NULL;

	mnl_attr_for_each_nested(attribute, info)
	{
		if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
			device->kind = parse_kind(attribute);
		else if (mnl_attr_get_type(attribute) == IFLA_INFO_DATA)
			data = attribute;
	}
	if (!data)
		return;
	if (device->kind == EVPN_VXLAN) {
		parse_vxlan(data, device);
	} else if (device->kind == EVPN_VRF) {
		mnl_attr_for_each_nested(attribute, data)
		{
			if (mnl_attr_get_type(attribute) == IFLA_VRF_TABLE)
				device->table = parse_u32(attribute, 0);
		}
	}
}

bool evpn_parse_link(const struct nlmsghdr *message, uint32_t *ifindex, struct evpn_device *device)
{
	const struct ifinfomsg *link = payload(message, sizeof(*link));
	const struct nlattr *attribute;
	bool named = false;

	/* With AF_BRIDGE a bridge speaks of its port: an RTM_DELLINK says then that the port has left it. */
	if (!link || link->ifi_family != AF_UNSPEC || link->ifi_index <= 0)
		return false;
	memset(device, 0, sizeof(*device));
	device->kind = EVPN_OTHER;
	device->up = link->ifi_flags & IFF_UP;
	*ifindex = (uint32_t)link->ifi_index;
	mnl_attr_for_each(attribute, message, sizeof(*link))
	{
		switch (mnl_attr_get_type(attribute)) {
		case IFLA_IFNAME:
			named = true;
			break;
		case IFLA_MASTER:
			device->master = parse_u32(attribute, 0);
			break;
		case IFLA_LINKINFO:
			parse_link_info(attribute, device);
			break;
		}
	}
	/* Wireless extensions announce themselves in link messages without a name, and without all else. */
	return message->nlmsg_type == RTM_DELLINK || named;
}

struct attributes {
	const struct nlattr *lladdr, *destination, *vni, *port, *group;
};

static struct attributes read_attributes(const struct nlmsghdr *message)
{
	struct attributes found = {0};
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct ndmsg))
	{
		switch (mnl_attr_get_type(attribute)) {
		case NDA_LLADDR:
			found.lladdr = attribute;
			break;
		case NDA_DST:
			found.destination = attribute;
			break;
		case NDA_VNI:
			found.vni = attribute;
			break;
		case NDA_PORT:
			found.port = attribute;
			break;
		case NDA_NH_ID:
			found.group = attribute;
			break;
		}
	}
	return found;
}

/* One host's: neither zeros nor a group address. */
static bool parse_mac(const struct nlattr *attribute, uint8_t mac[6])
{
	static const uint8_t none[6];

	if (!attribute || mnl_attr_get_payload_len(attribute) != 6)
		return false;
	memcpy(mac, mnl_attr_get_payload(attribute), 6);
	return !(mac[0] & 1) && memcmp(mac, none, sizeof(none)) != 0;
}

/* One VTEP's: packets to a group or to nowhere are no way for a route. */
static bool is_one(const struct ip_address *address)
{
	static const uint8_t none[16];

	if (memcmp(address->byte, none, sizeof(none)) == 0)
		return false;
	return address->family == 4 ? address->byte[0] < 224 : address->byte[0] != 0xff;
}

static bool parse_mac_entry(const struct attributes *found, struct evpn_key *key, struct evpn_value *value, bool *gone)
{
	uint8_t mac[6];

	if (!parse_mac(found->lladdr, mac))
		return false;
	memcpy(key->address.byte, mac, sizeof(mac));
	if (!found->destination) {
		*gone = true; /* it leads to several VTEPs now (multihoming): none that can be named here */
		return found->group;
	}
	if (!parse_address(found->destination, &value->remote))
		return false;
	if (!*gone && !is_one(&value->remote)) {
		*gone = true;
		memset(&value->remote, 0, sizeof(value->remote)); /* whatever there was before */
	}
	return true;
}

static bool parse_neighbour(const struct ndmsg *neighbour, const struct attributes *found, struct evpn_key *key,
			    struct evpn_value *value, bool *gone)
{
	const uint16_t usable = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP;

	if (!found->destination || !parse_address(found->destination, &key->address) ||
	    key->address.family != (neighbour->ndm_family == AF_INET ? 4 : 6))
		return false;
	if (!(neighbour->ndm_state & usable) || !parse_mac(found->lladdr, value->mac))
		*gone = true;
	return true;
}

bool evpn_parse_entry(const struct nlmsghdr *message, struct evpn_key *key, struct evpn_value *value, bool *gone)
{
	const struct ndmsg *neighbour = payload(message, sizeof(*neighbour));
	struct attributes found;

	if (!neighbour || neighbour->ndm_ifindex <= 0 || neighbour->ndm_flags & NTF_PROXY)
		return false;
	found = read_attributes(message);
	memset(key, 0, sizeof(*key));
	memset(value, 0, sizeof(*value));
	key->ifindex = (uint32_t)neighbour->ndm_ifindex;
	value->learned = neighbour->ndm_flags & NTF_EXT_LEARNED;
	value->vni = found.vni ? parse_u32(found.vni, 0) & 0xffffff : 0;
	value->udp_port = found.port ? parse_port(found.port) : 0;
	*gone = message->nlmsg_type == RTM_DELNEIGH;
	if (neighbour->ndm_family == AF_BRIDGE)
		return parse_mac_entry(&found, key, value, gone);
	if (neighbour->ndm_family == AF_INET || neighbour->ndm_family == AF_INET6)
		return parse_neighbour(neighbour, &found, key, value, gone);
	return false;
}
