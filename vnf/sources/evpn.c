/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/evpn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "vnf/core/log.h"
#include "vnf/sources/evpn_table.h"

struct evpn {
	struct evpn_table *table;
	uint32_t reading; /* number of the newest one, from 1 */
	uint64_t version;
	bool lost, full;
};

/* Links before what is on them; a reading of AF_UNSPEC has the neighbours of IPv4 and IPv6, but no bridge's. */
const struct evpn_dump evpn_dumps[EVPN_DUMPS] = {
	{RTM_GETLINK, AF_UNSPEC},
	{RTM_GETNEIGH, AF_UNSPEC},
	{RTM_GETNEIGH, AF_BRIDGE},
};

struct evpn *evpn_new(void)
{
	struct evpn *evpn = calloc(1, sizeof(*evpn));

	if (!evpn)
		return NULL;
	evpn->table = evpn_table_new();
	if (!evpn->table) {
		free(evpn);
		return NULL;
	}
	evpn->reading = 1;
	evpn->version = 1;
	return evpn;
}

void evpn_free(struct evpn *evpn)
{
	if (!evpn)
		return;
	evpn_table_free(evpn->table);
	free(evpn);
}

void evpn_read_begin(struct evpn *evpn)
{
	evpn->reading += evpn->reading == UINT32_MAX ? 2 : 1; /* 0 is no reading's */
	evpn->lost = evpn->full = false;
}

void evpn_read_end(struct evpn *evpn)
{
	evpn_table_sweep(evpn->table, evpn->reading);
	evpn->version++;
}

bool evpn_lost(const struct evpn *evpn)
{
	return evpn->lost;
}

uint64_t evpn_version(const struct evpn *evpn)
{
	return evpn->version;
}

/* Of evpn_table_set_*: has something changed? */
static bool note(struct evpn *evpn, int result)
{
	if (result == -ENOMEM)
		evpn->lost = true;
	if (result == -ENOSPC && !evpn->full) {
		evpn->full = true;
		log_warning("EVPN: more than %d links or %d neighbours and MACs of bridges: the rest is not followed",
			    EVPN_LINKS, EVPN_ENTRIES);
	}
	return result > 0;
}

static bool concerns(const struct evpn_link *link)
{
	return link && link->device.kind != EVPN_OTHER;
}

static bool take_link(struct evpn *evpn, const struct nlmsghdr *message)
{
	struct evpn_device device;
	struct evpn_link *link;
	uint32_t ifindex;
	bool concerned;

	if (!evpn_parse_link(message, &ifindex, &device))
		return false;
	link = evpn_table_link(evpn->table, ifindex);
	concerned = concerns(link);
	if (message->nlmsg_type == RTM_DELLINK) {
		if (link)
			evpn_table_remove_link(evpn->table, link);
		return concerned;
	}
	return note(evpn, evpn_table_set_link(evpn->table, ifindex, &device, evpn->reading)) &&
	       (concerned || device.kind != EVPN_OTHER);
}

static bool leads_into_tunnels(const struct evpn *evpn, const struct evpn_link *link)
{
	return link && (link->device.kind == EVPN_VXLAN ||
			(link->device.kind == EVPN_BRIDGE && evpn_table_port(evpn->table, link->ifindex, NULL)));
}

static bool take_entry(struct evpn *evpn, const struct nlmsghdr *message)
{
	struct evpn_entry *entry;
	struct evpn_value value;
	struct evpn_key key;
	bool gone, changed;

	if (!evpn_parse_entry(message, &key, &value, &gone))
		return false;
	if (!gone) {
		changed = note(evpn, evpn_table_set_entry(evpn->table, &key, &value, evpn->reading));
		return changed && leads_into_tunnels(evpn, evpn_table_link(evpn->table, key.ifindex));
	}
	entry = evpn_table_entry(evpn->table, &key);
	/* A MAC that has moved: what was said last counts, and the way to another VTEP is known to be gone. */
	if (!entry || (value.remote.family && ip_address_compare(&entry->value.remote, &value.remote) != 0))
		return false;
	changed = leads_into_tunnels(evpn, entry->link);
	evpn_table_remove_entry(evpn->table, entry);
	return changed;
}

bool evpn_take(struct evpn *evpn, const struct nlmsghdr *message)
{
	bool changed = false;

	if (message->nlmsg_type == RTM_NEWLINK || message->nlmsg_type == RTM_DELLINK)
		changed = take_link(evpn, message);
	else if (message->nlmsg_type == RTM_NEWNEIGH || message->nlmsg_type == RTM_DELNEIGH)
		changed = take_entry(evpn, message);
	evpn->version += changed;
	return changed;
}

/* The MAC's entry of that device, if packets can take it. */
static const struct evpn_entry *vtep_of(const struct evpn *evpn, const struct evpn_link *vxlan, const uint8_t mac[6])
{
	struct evpn_key key = {.ifindex = vxlan->ifindex};
	const struct evpn_entry *entry;

	memcpy(key.address.byte, mac, 6);
	entry = evpn_table_entry(evpn->table, &key);
	if (!entry || !vxlan->device.up || entry->value.remote.family != vxlan->device.local.family ||
	    (!vxlan->device.vni && !entry->value.vni) || (!vxlan->device.udp_port && !entry->value.udp_port))
		return NULL;
	return entry;
}

/* NULL: none of the bridge's devices knows the MAC, or two do. */
static const struct evpn_entry *vtep_of_bridge(const struct evpn *evpn, uint32_t bridge, const uint8_t mac[6])
{
	const struct evpn_entry *found = NULL, *entry;
	const struct evpn_link *port = NULL;

	while ((port = evpn_table_port(evpn->table, bridge, port))) {
		entry = vtep_of(evpn, port, mac);
		if (entry && found)
			return NULL;
		if (entry)
			found = entry;
	}
	return found;
}

static int hop_of(const struct evpn *evpn, const struct evpn_entry *neighbour, struct source_hop *hop)
{
	const struct evpn_link *link = neighbour->link;
	const struct evpn_entry *vtep;
	const struct evpn_device *device;

	if (link->device.kind == EVPN_VXLAN)
		vtep = vtep_of(evpn, link, neighbour->value.mac);
	else
		vtep = vtep_of_bridge(evpn, link->ifindex, neighbour->value.mac);
	if (!vtep)
		return -EAGAIN;
	device = &vtep->link->device;
	hop->kind = SOURCE_HOP_TUNNEL;
	hop->ifindex = 0;
	memset(&hop->gateway, 0, sizeof(hop->gateway));
	hop->local = device->local;
	hop->remote = vtep->value.remote;
	hop->vni = vtep->value.vni ? vtep->value.vni : device->vni;
	hop->udp_port = vtep->value.udp_port ? vtep->value.udp_port : device->udp_port;
	memcpy(hop->mac, neighbour->value.mac, sizeof(hop->mac));
	return 0;
}

int evpn_hop(const struct evpn *evpn, uint32_t ifindex, const struct ip_address *gateway, struct source_hop *hop)
{
	const struct evpn_key key = {.ifindex = ifindex, .address = *gateway};
	const struct evpn_link *link = evpn_table_link(evpn->table, ifindex);
	const struct evpn_entry *neighbour;

	if (!leads_into_tunnels(evpn, link))
		return -ENOENT;
	/* Family 0 is the key of MACs. */
	neighbour = gateway->family ? evpn_table_entry(evpn->table, &key) : NULL;
	return neighbour ? hop_of(evpn, neighbour, hop) : -EAGAIN;
}

/* FRR writes an IPv4 VTEP as the gateway of IPv6 routes, too: mapped, ::ffff:a.b.c.d. */
static bool is_vtep(const struct ip_address *address, const struct ip_address *remote)
{
	uint8_t mapped[16], other[16];

	ip_address_map(address, mapped);
	ip_address_map(remote, other);
	return memcmp(mapped, other, sizeof(mapped)) == 0;
}

static bool is_link_local(const struct ip_address *address)
{
	if (address->family == 4)
		return address->byte[0] == 169 && address->byte[1] == 254;
	return address->byte[0] == 0xfe && (address->byte[1] & 0xc0) == 0x80;
}

static uint32_t table_of(const struct evpn *evpn, const struct evpn_link *bridge)
{
	const struct evpn_link *vrf = NULL;

	if (bridge->device.master)
		vrf = evpn_table_link(evpn->table, bridge->device.master);
	return vrf && vrf->device.kind == EVPN_VRF ? vrf->device.table : RT_TABLE_MAIN;
}

static void visit_hosts(const struct evpn *evpn, const struct evpn_link *bridge,
			void (*visit)(void *context, const struct evpn_host *host), void *context)
{
	struct evpn_host host = {.table = table_of(evpn, bridge), .ifindex = bridge->ifindex};

	for (const struct evpn_entry *entry = bridge->entries; entry; entry = entry->next_of_link) {
		if (!entry->value.learned || is_link_local(&entry->key.address) || hop_of(evpn, entry, &host.hop) < 0 ||
		    is_vtep(&entry->key.address, &host.hop.remote))
			continue;
		host.address = entry->key.address;
		host.hop.weight = 1;
		visit(context, &host);
	}
}

void evpn_each_host(const struct evpn *evpn, void (*visit)(void *context, const struct evpn_host *host), void *context)
{
	for (size_t i = 0; i < EVPN_LINK_BUCKETS; i++)
		for (const struct evpn_link *link = evpn->table->links[i]; link; link = link->next)
			if (link->device.kind == EVPN_BRIDGE && leads_into_tunnels(evpn, link))
				visit_hosts(evpn, link, visit, context);
}
