/* SPDX-License-Identifier: Apache-2.0 */
/* netlink.h's lookups. */
#include <string.h>

#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/dataplane/kernel/netlink_cache.h"

const struct netlink_link *netlink_link_by_name(const struct netlink *netlink, const char *name)
{
	const struct link_entry *entry = netlink_cache_name(netlink_cache_of(netlink), name);

	return entry ? &entry->link : NULL;
}

const struct netlink_link *netlink_link_by_index(const struct netlink *netlink, uint32_t ifindex)
{
	const struct link_entry *entry = netlink_cache_link(netlink_cache_of(netlink), ifindex);

	return entry ? &entry->link : NULL;
}

const struct netlink_link *netlink_vlan_device(const struct netlink *netlink, uint32_t lower, uint16_t vlan_id)
{
	const struct link_entry *entry = netlink_cache_vlan(netlink_cache_of(netlink), lower, vlan_id);

	return entry ? &entry->link : NULL;
}

const struct netlink_address *netlink_addresses(const struct netlink *netlink, uint32_t ifindex)
{
	const struct link_entry *entry = netlink_cache_link(netlink_cache_of(netlink), ifindex);

	return entry ? entry->addresses : NULL;
}

bool netlink_neighbour(const struct netlink *netlink, uint32_t ifindex, const struct ip_address *address,
		       uint8_t mac[6])
{
	const struct neighbour_entry *entry = netlink_cache_neighbour(netlink_cache_of(netlink), ifindex, address);

	if (!entry || !neighbour_entry_usable(entry))
		return false;
	memcpy(mac, entry->mac, sizeof(entry->mac));
	return true;
}

bool netlink_neighbour_refused(const struct netlink *netlink, uint32_t ifindex, const struct ip_address *address)
{
	const struct neighbour_entry *entry = netlink_cache_neighbour(netlink_cache_of(netlink), ifindex, address);

	return entry && entry->refused;
}

bool netlink_neighbour_failed(const struct netlink *netlink, uint32_t ifindex, const struct ip_address *address)
{
	const struct neighbour_entry *entry = netlink_cache_neighbour(netlink_cache_of(netlink), ifindex, address);

	return entry && entry->failed;
}

void netlink_each_neighbour(const struct netlink *netlink, uint32_t ifindex,
			    void (*visit)(void *context, const struct ip_address *address), void *context)
{
	const struct neighbour_entry *entry = netlink_cache_neighbours(netlink_cache_of(netlink), ifindex);

	for (; entry; entry = entry->next_of_link)
		if (entry->ifindex == ifindex && (entry->failed || neighbour_entry_usable(entry)))
			visit(context, &entry->address);
}

bool netlink_read_link(struct netlink *netlink, const char *name, struct netlink_link *link)
{
	struct netlink_cache *cache = netlink_cache_of(netlink);
	const struct link_entry *entry;

	pthread_mutex_lock(&cache->lock);
	entry = netlink_cache_name(cache, name);
	if (entry)
		*link = entry->link;
	pthread_mutex_unlock(&cache->lock);
	return entry;
}

bool netlink_read_link_index(struct netlink *netlink, uint32_t ifindex, struct netlink_link *link)
{
	struct netlink_cache *cache = netlink_cache_of(netlink);
	const struct link_entry *entry;

	pthread_mutex_lock(&cache->lock);
	entry = netlink_cache_link(cache, ifindex);
	if (entry)
		*link = entry->link;
	pthread_mutex_unlock(&cache->lock);
	return entry;
}

bool netlink_read_neighbour(struct netlink *netlink, uint32_t ifindex, const struct ip_address *address, uint8_t mac[6])
{
	struct netlink_cache *cache = netlink_cache_of(netlink);
	bool found;

	pthread_mutex_lock(&cache->lock);
	found = netlink_neighbour(netlink, ifindex, address, mac);
	for (size_t i = 0; i < NETLINK_LINK_BUCKETS && !found; i++)
		for (const struct link_entry *entry = cache->by_index[i]; entry && !found; entry = entry->next_by_index)
			if (entry->link.lower == ifindex)
				found = netlink_neighbour(netlink, entry->link.ifindex, address, mac);
	pthread_mutex_unlock(&cache->lock);
	return found;
}
