/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/connections/connections.h"

#include <netinet/in.h>
#include <string.h>
#include <time.h>

#include "vnf/dataplane/connections/entry.h"
#include "vnf/dataplane/connections/member_counts.h"
#include "vnf/dataplane/connections/vips.h"

#define TICK_MS(ticks) (((uint64_t)(ticks) << DP_CONNECTION_SHIFT) / 1000000)

uint32_t conntrack_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now); /* which packets look at, too */
	return (uint32_t)(((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec) >> DP_CONNECTION_SHIFT) &
	       DP_CONNECTION_TIME;
}

uint64_t conntrack_places(const struct connection_tables *tables)
{
	return ((uint64_t)tables->sets4 + tables->sets6) * DP_CONNECTION_WAYS;
}

static uint64_t load(const __u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

struct dp_connection *entry_at(const struct connection_tables *tables, uint64_t place)
{
	uint64_t set = place / DP_CONNECTION_WAYS, way = place % DP_CONNECTION_WAYS;

	if (set < tables->sets4)
		return &tables->set4[set].way[way].connection;
	return &tables->set6[set - tables->sets4].way[way].connection;
}

bool entry_read(const struct connection_tables *tables, uint64_t place, struct entry *entry)
{
	const struct dp_connection *connection = entry_at(tables, place);
	uint32_t state;

	entry->life = load(&connection->life);
	state = dp_connection_state(entry->life);
	if (state == DP_CONNECTION_EMPTY || state == DP_CONNECTION_BUSY)
		return false;
	entry->family = place / DP_CONNECTION_WAYS < tables->sets4 ? 4 : 6;
	memset(entry->key, 0, sizeof(entry->key));
	for (int i = 1; i <= (entry->family == 4 ? 1 : 4); i++) /* the addresses are in front of it */
		entry->key[i - 1] = load(&connection->rest - i);
	entry->rest = load(&connection->rest);
	entry->note = load(&connection->note);
	/* Another's may have come into its place; only its time and state may have changed. */
	return (uint32_t)load(&connection->life) == (uint32_t)entry->life && load(&connection->rest) == entry->rest;
}

static struct ip_address address_of(const struct entry *entry, bool high)
{
	struct ip_address address = {.family = entry->family};

	if (entry->family == 4) {
		uint32_t word = (uint32_t)(high ? entry->key[0] : entry->key[0] >> 32);

		memcpy(address.byte, &word, sizeof(word));
	} else {
		const uint64_t half[2] = {entry->key[high ? 1 : 3], entry->key[high ? 0 : 2]};

		memcpy(address.byte, half, sizeof(half));
	}
	return address;
}

static const struct dp_conntrack *row_of(const struct conntracks *how, uint16_t vrf)
{
	static const struct dp_conntrack defaults;

	return vrf < how->count ? &how->row[vrf] : &defaults;
}

const struct dp_member *entry_member(const struct entry *entry, const struct conntracks *how)
{
	uint32_t id = entry_id(entry);

	return id < how->members && how->member[id].incarnation == (uint32_t)entry->life ? &how->member[id] : NULL;
}

const struct dp_listener *entry_listener(const struct entry *entry, const struct conntracks *how)
{
	uint32_t id = entry_id(entry);

	return id < how->listeners && how->listener[id].incarnation == (uint32_t)entry->life ? &how->listener[id]
											     : NULL;
}

bool entry_counts(const struct entry *entry, const struct conntracks *how)
{
	return entry_kind(entry) == DP_CONNECTION_SERVICE && !dp_connection_over(dp_connection_state(entry->life)) &&
	       entry_member(entry, how);
}

/* As long as the pool says; with a member that is gone it is not old. */
static uint32_t affinity_timeout(const struct entry *entry, const struct conntracks *how)
{
	const struct dp_member *member = entry_member(entry, how);

	return member && member->pool < how->pools ? how->pool[member->pool].affinity : UINT32_MAX;
}

uint32_t entry_timeout(const struct entry *entry, const struct conntracks *how)
{
	if (entry_kind(entry) == DP_CONNECTION_AFFINITY)
		return affinity_timeout(entry, how);
	return dp_connection_timeout(row_of(how, (uint16_t)(entry->rest >> 32)), dp_connection_state(entry->life),
				     (uint8_t)(entry->rest >> 48));
}

static void take_ends(const struct entry *entry, struct connection *connection)
{
	bool by_high = dp_connection_flags(entry->life) & DP_CONNECTION_BY_HIGH;
	uint16_t low = (uint16_t)entry->rest, high = (uint16_t)(entry->rest >> 16);

	connection->source = address_of(entry, by_high);
	connection->destination = address_of(entry, !by_high);
	connection->source_port = by_high ? high : low;
	connection->destination_port = by_high ? low : high;
	if (connection->protocol == IPPROTO_ICMP || connection->protocol == IPPROTO_ICMPV6) {
		connection->destination_port = connection->source_port;
		connection->source_port = 0;
	}
}

/* What the note says of a service. */
static void decode_service(const struct entry *entry, struct connection *connection)
{
	connection->rule = 0;
	if (connection->kind == DP_CONNECTION_ANSWER) {
		connection->listener = entry_id(entry);
		connection->seen_port = (uint16_t)(entry->note >> 20);
		return;
	}
	connection->member = entry_id(entry);
	connection->generation = (uint32_t)(entry->note >> 20);
	if (connection->kind != DP_CONNECTION_AFFINITY)
		return;
	connection->listener = (uint32_t)entry->rest;
	connection->source_port = connection->destination_port = 0;
}

void entry_decode(const struct entry *entry, struct connection *connection)
{
	*connection = (struct connection){
		.family = entry->family,
		.protocol = (uint8_t)(entry->rest >> 48),
		.pinned = dp_connection_flags(entry->life) & DP_CONNECTION_PINNED,
		.state = (enum dp_connection_state)dp_connection_state(entry->life),
		.vrf = (uint16_t)(entry->rest >> 32),
		.rule = (uint16_t)entry->note,
		.epoch = (uint32_t)entry->life,
		.kind = entry_kind(entry),
	};
	take_ends(entry, connection);
	if (connection->kind != DP_CONNECTION_POLICY)
		decode_service(entry, connection);
}

static void decode(const struct entry *entry, const struct conntracks *how, struct connection *connection)
{
	entry_decode(entry, connection);
	if (connection->kind == DP_CONNECTION_SERVICE && how->vips)
		connection->listener = vips_listener(how->vips, how, connection);
}

static bool is_to_balancer(const struct conntracks *how, uint32_t balancer, const struct connection *connection)
{
	if (connection->kind == DP_CONNECTION_SERVICE)
		return how->vips && vips_balancer(how->vips, connection) == balancer;
	return connection->listener && connection->listener < how->listeners &&
	       how->listener[connection->listener].load_balancer == balancer;
}

static bool selects(const struct connection_filter *filter, const struct conntracks *how,
		    const struct connection *connection)
{
	if (filter->member && filter->member != connection->member)
		return false;
	if (filter->listener && filter->listener != connection->listener)
		return false;
	if (filter->balancer && !is_to_balancer(how, filter->balancer, connection))
		return false;
	if (filter->vrf && filter->vrf != connection->vrf)
		return false;
	if (filter->protocol && filter->protocol != connection->protocol)
		return false;
	if (filter->rule && filter->rule != connection->rule)
		return false;
	if (filter->port && filter->port != connection->source_port && filter->port != connection->destination_port)
		return false;
	return !filter->prefix.address.family || ip_prefix_contains(&filter->prefix, &connection->source) ||
	       ip_prefix_contains(&filter->prefix, &connection->destination);
}

bool conntrack_next(const struct connection_tables *tables, const struct conntracks *how,
		    const struct connection_filter *filter, uint64_t *place, struct connection *connection)
{
	uint64_t end = conntrack_places(tables);
	uint32_t now = conntrack_now(), age, timeout;
	struct entry entry;

	while (*place < end) {
		if (!entry_read(tables, (*place)++, &entry))
			continue;
		age = entry_age(&entry, now);
		timeout = entry_timeout(&entry, how);
		if (age > timeout)
			continue;
		decode(&entry, how, connection);
		if (!selects(filter, how, connection))
			continue;
		connection->idle_ms = TICK_MS(age);
		connection->timeout_ms = TICK_MS(timeout);
		return true;
	}
	return false;
}

/* Forgets it, and *entry is what it was at last. False: packets keep changing it. */
static bool forget(struct dp_connection *connection, struct entry *entry)
{
	uint64_t life = entry->life;

	for (int i = 0; i < 100; i++) {
		entry->life = life;
		if (__atomic_compare_exchange_n(&connection->life, &life, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
		if (dp_connection_state(life) == DP_CONNECTION_EMPTY ||
		    dp_connection_state(life) == DP_CONNECTION_BUSY || load(&connection->rest) != entry->rest)
			return false; /* another one's by now */
	}
	return false;
}

uint64_t conntrack_delete(const struct connection_tables *tables, const struct conntracks *how,
			  const struct connection_filter *filter)
{
	uint64_t end = conntrack_places(tables), deleted = 0;
	struct connection connection;
	struct entry entry;

	for (uint64_t place = 0; place < end; place++) {
		if (!entry_read(tables, place, &entry))
			continue;
		decode(&entry, how, &connection);
		if (!selects(filter, how, &connection) || !forget(entry_at(tables, place), &entry))
			continue;
		deleted++;
		if (entry_counts(&entry, how))
			member_load_add(tables, connection.member, -1);
	}
	return deleted;
}

struct connection_counts conntrack_count(const struct connection_tables *tables)
{
	uint64_t end = conntrack_places(tables), first6 = (uint64_t)tables->sets4 * DP_CONNECTION_WAYS;
	struct connection_counts counts = {0};

	for (uint64_t place = 0; place < end; place++) {
		uint32_t state = dp_connection_state(load(&entry_at(tables, place)->life));

		if (dp_connection_embryonic(state))
			counts.embryonic++;
		else if (dp_connection_over(state))
			counts.over++;
		else if (state != DP_CONNECTION_EMPTY && state != DP_CONNECTION_BUSY)
			counts.established++;
		else
			continue;
		counts.ipv6 += place >= first6;
	}
	return counts;
}
