/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/evpn_table.h"
#include "vnf/core/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_BUCKETS 1024

struct evpn_table *evpn_table_new(void)
{
	struct evpn_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->entries = calloc(FIRST_BUCKETS, sizeof(struct evpn_entry *));
	if (!table->entries) {
		free(table);
		return NULL;
	}
	table->buckets = FIRST_BUCKETS;
	/* Peers choose MACs and addresses: where theirs fall is not for them to know. Without it all works the same. */
	if (getrandom(&table->seed, sizeof(table->seed), GRND_NONBLOCK) != (ssize_t)sizeof(table->seed))
		table->seed = 0;
	return table;
}

void evpn_table_free(struct evpn_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < EVPN_LINK_BUCKETS; i++)
		while (table->links[i])
			evpn_table_remove_link(table, table->links[i]);
	free(table->entries);
	free(table);
}

struct evpn_link *evpn_table_link(const struct evpn_table *table, uint32_t ifindex)
{
	struct evpn_link *link = table->links[ifindex % EVPN_LINK_BUCKETS];

	while (link && link->ifindex != ifindex)
		link = link->next;
	return link;
}

const struct evpn_link *evpn_table_port(const struct evpn_table *table, uint32_t bridge,
					const struct evpn_link *previous)
{
	const struct evpn_link *port = previous ? previous->next_port : table->ports[bridge % EVPN_LINK_BUCKETS];

	while (port && port->device.master != bridge)
		port = port->next_port;
	return port;
}

static struct evpn_entry **entry_bucket(const struct evpn_table *table, const struct evpn_key *key)
{
	uint64_t half[2], h;

	memcpy(half, key->address.byte, sizeof(half));
	h = hash_word(table->seed, (uint64_t)key->ifindex << 8 | key->address.family);
	h = hash_word(hash_word(h, half[0]), half[1]);
	return &table->entries[h & (table->buckets - 1)];
}

struct evpn_entry *evpn_table_entry(const struct evpn_table *table, const struct evpn_key *key)
{
	struct evpn_entry *entry = *entry_bucket(table, key);

	while (entry &&
	       (entry->key.ifindex != key->ifindex || ip_address_compare(&entry->key.address, &key->address) != 0))
		entry = entry->next;
	return entry;
}

static bool is_port(const struct evpn_link *link)
{
	return link->device.kind == EVPN_VXLAN && link->device.master;
}

static void insert_port(struct evpn_table *table, struct evpn_link *link)
{
	struct evpn_link **bucket = &table->ports[link->device.master % EVPN_LINK_BUCKETS];

	if (!is_port(link))
		return;
	link->next_port = *bucket;
	*bucket = link;
}

static void unlink_port(struct evpn_table *table, struct evpn_link *link)
{
	struct evpn_link **place = &table->ports[link->device.master % EVPN_LINK_BUCKETS];

	if (!is_port(link))
		return;
	while (*place != link)
		place = &(*place)->next_port;
	*place = link->next_port;
}

static struct evpn_link *add_link(struct evpn_table *table, uint32_t ifindex, int *error)
{
	struct evpn_link **bucket = &table->links[ifindex % EVPN_LINK_BUCKETS], *link;

	*error = -ENOSPC;
	if (table->link_count >= EVPN_LINKS)
		return NULL;
	*error = -ENOMEM;
	link = calloc(1, sizeof(*link));
	if (!link)
		return NULL;
	link->ifindex = ifindex;
	link->next = *bucket;
	*bucket = link;
	table->link_count++;
	return link;
}

static void unlink_entry(struct evpn_table *table, struct evpn_entry *entry)
{
	struct evpn_entry **place = entry_bucket(table, &entry->key);

	while (*place != entry)
		place = &(*place)->next;
	*place = entry->next;
	*entry->place_in_link = entry->next_of_link;
	if (entry->next_of_link)
		entry->next_of_link->place_in_link = entry->place_in_link;
	table->entry_count--;
	free(entry);
}

void evpn_table_remove_link(struct evpn_table *table, struct evpn_link *link)
{
	struct evpn_link **place = &table->links[link->ifindex % EVPN_LINK_BUCKETS];

	while (link->entries)
		unlink_entry(table, link->entries);
	while (*place != link)
		place = &(*place)->next;
	*place = link->next;
	unlink_port(table, link);
	table->link_count--;
	free(link);
}

void evpn_table_remove_entry(struct evpn_table *table, struct evpn_entry *entry)
{
	struct evpn_link *link = entry->link;

	unlink_entry(table, entry);
	if (!link->entries && link->device.kind == EVPN_UNKNOWN)
		evpn_table_remove_link(table, link);
}

static bool same_device(const struct evpn_device *a, const struct evpn_device *b)
{
	return a->kind == b->kind && a->master == b->master && a->up == b->up && a->vni == b->vni &&
	       a->udp_port == b->udp_port && a->table == b->table && ip_address_compare(&a->local, &b->local) == 0;
}

static bool keeps_entries(const struct evpn_link *link)
{
	return link->device.kind != EVPN_OTHER && link->device.kind != EVPN_VRF;
}

int evpn_table_set_link(struct evpn_table *table, uint32_t ifindex, const struct evpn_device *device, uint32_t seen)
{
	struct evpn_link *link = evpn_table_link(table, ifindex);
	int error;

	if (!link) {
		link = add_link(table, ifindex, &error);
		if (!link)
			return error;
	}
	link->seen = seen;
	if (same_device(&link->device, device))
		return 0;
	unlink_port(table, link);
	link->device = *device;
	insert_port(table, link);
	while (!keeps_entries(link) && link->entries)
		unlink_entry(table, link->entries);
	return 1;
}

/* Chains only get longer where there is no memory for more buckets. */
static void grow(struct evpn_table *table)
{
	struct evpn_entry **old = table->entries, **wider;
	size_t buckets = table->buckets;

	if (table->entry_count < buckets)
		return;
	wider = calloc(buckets * 2, sizeof(struct evpn_entry *));
	if (!wider)
		return;
	table->entries = wider;
	table->buckets = buckets * 2;
	for (size_t i = 0; i < buckets; i++) {
		for (struct evpn_entry *entry = old[i], *next; entry; entry = next) {
			struct evpn_entry **bucket = entry_bucket(table, &entry->key);

			next = entry->next;
			entry->next = *bucket;
			*bucket = entry;
		}
	}
	free(old);
}

static int add_entry(struct evpn_table *table, struct evpn_link *link, const struct evpn_key *key,
		     struct evpn_entry **added)
{
	struct evpn_entry *entry, **bucket;

	if (table->entry_count >= EVPN_ENTRIES)
		return -ENOSPC;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	grow(table);
	bucket = entry_bucket(table, key);
	entry->key = *key;
	entry->link = link;
	entry->next = *bucket;
	*bucket = entry;
	entry->next_of_link = link->entries;
	if (link->entries)
		link->entries->place_in_link = &entry->next_of_link;
	link->entries = entry;
	entry->place_in_link = &link->entries;
	table->entry_count++;
	*added = entry;
	return 0;
}

static bool same_value(const struct evpn_value *a, const struct evpn_value *b)
{
	return memcmp(a->mac, b->mac, sizeof(a->mac)) == 0 && a->learned == b->learned && a->vni == b->vni &&
	       a->udp_port == b->udp_port && ip_address_compare(&a->remote, &b->remote) == 0;
}

int evpn_table_set_entry(struct evpn_table *table, const struct evpn_key *key, const struct evpn_value *value,
			 uint32_t seen)
{
	struct evpn_entry *entry = evpn_table_entry(table, key);
	struct evpn_link *link;
	int error;

	if (!entry) {
		link = evpn_table_link(table, key->ifindex);
		if (link && !keeps_entries(link))
			return 0;
		if (!link)
			link = add_link(table, key->ifindex, &error);
		if (!link)
			return error;
		error = add_entry(table, link, key, &entry);
		if (error) {
			if (!link->entries && link->device.kind == EVPN_UNKNOWN)
				evpn_table_remove_link(table, link);
			return error;
		}
	} else if (same_value(&entry->value, value)) {
		entry->seen = seen;
		return 0;
	}
	entry->seen = seen;
	entry->value = *value;
	return 1;
}

static void sweep_link(struct evpn_table *table, struct evpn_link *link, uint32_t seen)
{
	struct evpn_entry *entry = link->entries, *next;

	if (link->device.kind != EVPN_UNKNOWN && link->seen != seen) {
		unlink_port(table, link);
		memset(&link->device, 0, sizeof(link->device));
	}
	for (; entry; entry = next) {
		next = entry->next_of_link;
		if (entry->seen != seen)
			unlink_entry(table, entry);
	}
	if (!link->entries && link->device.kind == EVPN_UNKNOWN)
		evpn_table_remove_link(table, link);
}

void evpn_table_sweep(struct evpn_table *table, uint32_t seen)
{
	for (size_t i = 0; i < EVPN_LINK_BUCKETS; i++) {
		for (struct evpn_link *link = table->links[i], *next; link; link = next) {
			next = link->next;
			sweep_link(table, link, seen);
		}
	}
}
