/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "vnf/dataplane/connections/entry.h"
#include "vnf/dataplane/connections/member_counts.h"
#include "vnf/dataplane/connections/vips.h"

/* Of the two sets of its key the one that is looked into first or second: its first place. */
static uint64_t set_place(const struct connection_tables *tables, const struct entry *entry, uint64_t hash, int which)
{
	uint32_t sets = entry->family == 4 ? tables->sets4 : tables->sets6;
	uint64_t set = (which ? hash >> 32 : hash) & (sets - 1);

	return (entry->family == 4 ? set : set + tables->sets4) * DP_CONNECTION_WAYS;
}

static uint64_t hash_of(const struct connection_tables *tables, const struct entry *entry)
{
	const __u64 low[] = {entry->key[3], entry->key[2]}, high[] = {entry->key[1], entry->key[0]};

	if (entry->family == 4)
		return dp_connection_hash4(tables->head->secret, entry->key[0], entry->rest);
	return dp_connection_hash6(tables->head->secret, low, high, entry->rest);
}

/* Does a look-up find another entry of the same key before it gets to this one? */
static bool is_hidden(const struct connection_tables *tables, const struct entry *entry, uint64_t place)
{
	uint64_t hash = hash_of(tables, entry);

	for (int which = 0; which < 2; which++) {
		uint64_t first = set_place(tables, entry, hash, which);

		for (uint64_t other = first; other < first + DP_CONNECTION_WAYS; other++) {
			struct entry found;

			if (other == place)
				return false;
			if (entry_read(tables, other, &found) && found.rest == entry->rest &&
			    !memcmp(found.key, entry->key, sizeof(found.key)))
				return true;
		}
	}
	return true; /* no look-up gets there: it was made with another secret */
}

/* Packets to a VIP without a listener do not get to the flow's member. */
static bool is_unheard(const struct entry *entry, const struct conntracks *how)
{
	struct connection connection;

	if (!how->vips)
		return false;
	entry_decode(entry, &connection);
	return !vips_listener(how->vips, how, &connection);
}

/* Does it refer to what is no more? */
static bool is_lost(const struct entry *entry, const struct conntracks *how)
{
	const uint32_t listener = (uint32_t)entry->rest;

	if (how->incomplete)
		return false;
	switch (entry_kind(entry)) {
	case DP_CONNECTION_SERVICE:
		return !entry_member(entry, how) || is_unheard(entry, how);
	case DP_CONNECTION_ANSWER:
		return !entry_listener(entry, how);
	case DP_CONNECTION_AFFINITY:
		return !entry_member(entry, how) || listener >= how->listeners ||
		       !how->listener[listener].load_balancer;
	default:
		return false;
	}
}

/* The life that the entry is to have; its own: it is left alone. */
static uint64_t life_to_be(const struct connection_tables *tables, const struct entry *entry,
			   const struct conntracks *how, uint32_t now, uint64_t place)
{
	const uint32_t state = dp_connection_state(entry->life);

	if (entry_age(entry, now) > entry_timeout(entry, how) ||
	    (dp_connection_embryonic(state) && is_hidden(tables, entry, place)))
		return 0;
	if (!is_lost(entry, how))
		return entry->life;
	if (entry_kind(entry) != DP_CONNECTION_SERVICE)
		return 0;
	return dp_connection_over(state) ? entry->life
					 : dp_connection_life(now, DP_CONNECTION_CLOSED,
							      dp_connection_flags(entry->life), (uint32_t)entry->life);
}

/* Not if a packet has come since it was read: it is alive then. */
static void change_life(const struct connection_tables *tables, const struct entry *entry, const struct conntracks *how,
			uint64_t place, uint64_t life)
{
	uint64_t old = entry->life;

	if (__atomic_compare_exchange_n(&entry_at(tables, place)->life, &old, life, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST) &&
	    entry_counts(entry, how))
		member_load_add(tables, entry_id(entry), -1);
}

void conntrack_sweep(const struct connection_tables *tables, const struct conntracks *how, uint64_t *place,
		     uint32_t entries, struct member_counts *counts)
{
	uint64_t end = conntrack_places(tables), last = *place + entries < end ? *place + entries : end, life;
	uint32_t now = conntrack_now();
	struct entry entry;

	if (counts && !*place)
		member_counts_begin(counts, tables);
	for (; *place < last; ++*place) {
		if (!entry_read(tables, *place, &entry))
			continue;
		life = life_to_be(tables, &entry, how, now, *place);
		if (life != entry.life)
			change_life(tables, &entry, how, *place, life);
		else if (counts && entry_counts(&entry, how))
			member_counts_add(counts, entry_id(&entry));
	}
	if (*place < end)
		return;
	*place = 0;
	if (counts)
		member_counts_end(counts, tables);
}
