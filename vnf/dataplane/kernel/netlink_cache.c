/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/kernel/netlink_cache.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t no_mac[6];

struct netlink_cache *netlink_cache_new(void)
{
	struct netlink_cache *cache = calloc(1, sizeof(*cache));

	if (cache)
		pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

static void link_entry_free(struct link_entry *entry)
{
	for (struct netlink_address *address = entry->addresses, *next; address; address = next) {
		next = address->next;
		free(address);
	}
	free(entry);
}

void netlink_cache_free(struct netlink_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < NETLINK_LINK_BUCKETS; i++) {
		for (struct link_entry *entry = cache->by_index[i], *next; entry; entry = next) {
			next = entry->next_by_index;
			link_entry_free(entry);
		}
	}
	for (size_t i = 0; i < NETLINK_NEIGHBOUR_BUCKETS; i++) {
		for (struct neighbour_entry *entry = cache->neighbours[i], *next; entry; entry = next) {
			next = entry->next;
			free(entry);
		}
	}
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

static size_t name_bucket(const char *name)
{
	uint32_t h = 2166136261U; /* FNV-1a */

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 16777619U;
	return h % NETLINK_LINK_BUCKETS;
}

static size_t neighbour_bucket(uint32_t ifindex, const struct ip_address *address)
{
	uint32_t h = 2166136261U ^ ifindex;

	for (size_t i = 0; i < sizeof(address->byte); i++)
		h = (h ^ address->byte[i]) * 16777619U;
	return h % NETLINK_NEIGHBOUR_BUCKETS;
}

struct link_entry *netlink_cache_link(const struct netlink_cache *cache, uint32_t ifindex)
{
	struct link_entry *entry = cache->by_index[ifindex % NETLINK_LINK_BUCKETS];

	while (entry && entry->link.ifindex != ifindex)
		entry = entry->next_by_index;
	return entry;
}

struct link_entry *netlink_cache_name(const struct netlink_cache *cache, const char *name)
{
	struct link_entry *entry = cache->by_name[name_bucket(name)];

	while (entry && strcmp(entry->link.name, name) != 0)
		entry = entry->next_by_name;
	return entry;
}

struct neighbour_entry *netlink_cache_neighbour(const struct netlink_cache *cache, uint32_t ifindex,
						const struct ip_address *address)
{
	struct neighbour_entry *entry = cache->neighbours[neighbour_bucket(ifindex, address)];

	while (entry && (entry->ifindex != ifindex || ip_address_compare(&entry->address, address) != 0))
		entry = entry->next;
	return entry;
}

static void unlink_name(struct netlink_cache *cache, struct link_entry *entry)
{
	struct link_entry **position = &cache->by_name[name_bucket(entry->link.name)];

	while (*position != entry)
		position = &(*position)->next_by_name;
	*position = entry->next_by_name;
}

static struct link_entry **lower_bucket(struct netlink_cache *cache, uint32_t lower, uint16_t vlan_id)
{
	return &cache->by_lower[(lower * 4099 + vlan_id) % NETLINK_LINK_BUCKETS];
}

struct link_entry *netlink_cache_vlan(const struct netlink_cache *cache, uint32_t lower, uint16_t vlan_id)
{
	struct link_entry *entry = *lower_bucket((struct netlink_cache *)cache, lower, vlan_id);

	while (entry && (entry->link.lower != lower || entry->link.vlan_id != vlan_id))
		entry = entry->next_by_lower;
	return entry;
}

static void unlink_lower(struct netlink_cache *cache, struct link_entry *entry)
{
	struct link_entry **position = lower_bucket(cache, entry->link.lower, entry->link.vlan_id);

	if (!entry->link.lower)
		return;
	while (*position != entry)
		position = &(*position)->next_by_lower;
	*position = entry->next_by_lower;
}

static void insert_lower(struct netlink_cache *cache, struct link_entry *entry)
{
	struct link_entry **bucket = lower_bucket(cache, entry->link.lower, entry->link.vlan_id);

	if (!entry->link.lower)
		return;
	entry->next_by_lower = *bucket;
	*bucket = entry;
}

static void insert_name(struct netlink_cache *cache, struct link_entry *entry)
{
	struct link_entry **bucket = &cache->by_name[name_bucket(entry->link.name)];

	entry->next_by_name = *bucket;
	*bucket = entry;
}

static bool link_equal(const struct netlink_link *a, const struct netlink_link *b)
{
	return a->ifindex == b->ifindex && a->mtu == b->mtu && a->lower == b->lower && a->vlan_id == b->vlan_id &&
	       a->up == b->up && a->xdp_program == b->xdp_program && memcmp(a->mac, b->mac, sizeof(a->mac)) == 0 &&
	       strcmp(a->name, b->name) == 0;
}

int netlink_cache_set_link(struct netlink_cache *cache, const struct netlink_link *link, uint32_t seen)
{
	struct link_entry *entry = netlink_cache_link(cache, link->ifindex);
	struct link_entry **bucket = &cache->by_index[link->ifindex % NETLINK_LINK_BUCKETS];

	if (entry) {
		entry->seen = seen;
		if (link_equal(&entry->link, link))
			return 0;
		pthread_mutex_lock(&cache->lock);
		unlink_name(cache, entry);
		unlink_lower(cache, entry);
	} else {
		entry = calloc(1, sizeof(*entry));
		if (!entry)
			return -ENOMEM;
		entry->seen = seen;
		pthread_mutex_lock(&cache->lock);
		entry->next_by_index = *bucket;
		*bucket = entry;
	}
	entry->link = *link;
	insert_name(cache, entry);
	insert_lower(cache, entry);
	pthread_mutex_unlock(&cache->lock);
	return 1;
}

static struct netlink_address **find_address(struct link_entry *entry, const struct ip_address *address,
					     uint8_t prefix_length)
{
	struct netlink_address **position = &entry->addresses;

	while (*position &&
	       ((*position)->prefix_length != prefix_length || ip_address_compare(&(*position)->address, address) != 0))
		position = &(*position)->next;
	return position;
}

int netlink_cache_set_address(struct netlink_cache *cache, uint32_t ifindex, const struct ip_address *address,
			      uint8_t prefix_length, uint32_t seen)
{
	struct link_entry *entry = netlink_cache_link(cache, ifindex);
	struct netlink_address **position;

	if (!entry)
		return 0; /* its link is gone already */
	position = find_address(entry, address, prefix_length);
	if (*position) {
		(*position)->seen = seen;
		return 0;
	}
	*position = calloc(1, sizeof(**position));
	if (!*position)
		return -ENOMEM;
	(*position)->address = *address;
	(*position)->prefix_length = prefix_length;
	(*position)->seen = seen;
	return 1;
}

bool netlink_cache_remove_address(struct netlink_cache *cache, uint32_t ifindex, const struct ip_address *address,
				  uint8_t prefix_length)
{
	struct link_entry *entry = netlink_cache_link(cache, ifindex);
	struct netlink_address **position, *gone;

	if (!entry)
		return false;
	position = find_address(entry, address, prefix_length);
	gone = *position;
	if (!gone)
		return false;
	*position = gone->next;
	free(gone);
	return true;
}

struct neighbour_entry *netlink_cache_add_neighbour(struct netlink_cache *cache, uint32_t ifindex,
						    const struct ip_address *address)
{
	struct neighbour_entry *entry = netlink_cache_neighbour(cache, ifindex, address);
	struct neighbour_entry **bucket = &cache->neighbours[neighbour_bucket(ifindex, address)];
	struct neighbour_entry **link = &cache->of_link[ifindex % NETLINK_LINK_BUCKETS];

	if (entry)
		return entry;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->ifindex = ifindex;
	entry->address = *address;
	pthread_mutex_lock(&cache->lock);
	entry->next = *bucket;
	*bucket = entry;
	pthread_mutex_unlock(&cache->lock);
	entry->next_of_link = *link;
	if (*link)
		(*link)->previous_of_link = entry;
	*link = entry;
	return entry;
}

struct neighbour_entry *netlink_cache_neighbours(const struct netlink_cache *cache, uint32_t ifindex)
{
	return cache->of_link[ifindex % NETLINK_LINK_BUCKETS];
}

void netlink_cache_drop_neighbour(struct netlink_cache *cache, struct neighbour_entry *gone)
{
	struct neighbour_entry **position = &cache->neighbours[neighbour_bucket(gone->ifindex, &gone->address)];

	while (*position != gone)
		position = &(*position)->next;
	pthread_mutex_lock(&cache->lock);
	*position = gone->next;
	pthread_mutex_unlock(&cache->lock);
	if (gone->previous_of_link)
		gone->previous_of_link->next_of_link = gone->next_of_link;
	else
		cache->of_link[gone->ifindex % NETLINK_LINK_BUCKETS] = gone->next_of_link;
	if (gone->next_of_link)
		gone->next_of_link->previous_of_link = gone->previous_of_link;
	free(gone);
}

bool netlink_cache_remove_link(struct netlink_cache *cache, uint32_t ifindex)
{
	struct link_entry **position = &cache->by_index[ifindex % NETLINK_LINK_BUCKETS];
	struct link_entry *entry = netlink_cache_link(cache, ifindex);
	struct neighbour_entry *neighbour = netlink_cache_neighbours(cache, ifindex), *next;

	if (!entry)
		return false;
	for (; neighbour; neighbour = next) {
		next = neighbour->next_of_link;
		if (neighbour->ifindex == ifindex && !neighbour->wanted)
			netlink_cache_drop_neighbour(cache, neighbour);
	}
	pthread_mutex_lock(&cache->lock);
	while (*position != entry)
		position = &(*position)->next_by_index;
	*position = entry->next_by_index;
	unlink_name(cache, entry);
	unlink_lower(cache, entry);
	pthread_mutex_unlock(&cache->lock);
	link_entry_free(entry);
	return true;
}

bool neighbour_entry_usable(const struct neighbour_entry *entry)
{
	const uint16_t usable = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP;

	return (entry->state & usable) && memcmp(entry->mac, no_mac, sizeof(no_mac)) != 0;
}
