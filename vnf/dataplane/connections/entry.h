/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of the tables of connections, as it was read; for the files beside this one. */
#ifndef SLUICE_DATAPLANE_CONNECTION_ENTRY_H
#define SLUICE_DATAPLANE_CONNECTION_ENTRY_H

#include "vnf/dataplane/connections/connections.h"

struct entry {
	uint64_t key[4]; /* the words in front of `rest`, backwards: of IPv4 the first is both addresses */
	uint64_t rest, life, note;
	uint8_t family;
};

struct dp_connection *entry_at(const struct connection_tables *tables, uint64_t place);
/* False: there is no connection at the place. */
bool entry_read(const struct connection_tables *tables, uint64_t place, struct entry *entry);
static inline enum dp_connection_kind entry_kind(const struct entry *entry)
{
	return (enum dp_connection_kind)(entry->rest >> DP_CONNECTION_KIND_SHIFT);
}

/* The id of a member, or with ANSWER a listener, that an entry of a service remembers. */
static inline uint32_t entry_id(const struct entry *entry)
{
	return (uint32_t)(entry->note & 0xfffff);
}

/* The member of an entry of kind SERVICE or AFFINITY; NULL: it is gone, or it has become another one. */
const struct dp_member *entry_member(const struct entry *entry, const struct conntracks *how);
/* The same of a listener, of ANSWER. */
const struct dp_listener *entry_listener(const struct entry *entry, const struct conntracks *how);
/* Is it one of the connections that its member has (struct dp_member_load)? */
bool entry_counts(const struct entry *entry, const struct conntracks *how);

void entry_decode(const struct entry *entry, struct connection *connection); /* all but its times */

/* Ticks without a packet behind which it is forgotten. */
uint32_t entry_timeout(const struct entry *entry, const struct conntracks *how);

/* Ticks since its last packet, which may have come a moment after `now`. */
static inline uint32_t entry_age(const struct entry *entry, uint32_t now)
{
	uint32_t age = dp_connection_age(entry->life, now);

	return age > DP_CONNECTION_TIME - 8 ? 0 : age;
}

#endif
