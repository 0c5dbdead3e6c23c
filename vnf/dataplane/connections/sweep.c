/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "vnf/dataplane/connections/entry.h"

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

void conntrack_sweep(const struct connection_tables *tables, const struct conntracks *how, uint64_t *place,
		     uint32_t entries)
{
	uint64_t end = conntrack_places(tables), last = *place + entries < end ? *place + entries : end;
	uint32_t now = conntrack_now();
	struct entry entry;

	for (; *place < last; ++*place) {
		if (!entry_read(tables, *place, &entry))
			continue;
		if (entry_age(&entry, now) <= entry_timeout(&entry, how) &&
		    !(dp_connection_embryonic(dp_connection_state(entry.life)) && is_hidden(tables, &entry, *place)))
			continue;
		/* Not if a packet has come since: it is alive then. */
		__atomic_compare_exchange_n(&entry_at(tables, *place)->life, &(__u64){entry.life}, 0, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	}
	if (*place == end)
		*place = 0;
}
