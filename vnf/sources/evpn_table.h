/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What evpn.h knows: links, and per link its neighbours or, of a vxlan device, the MACs behind VTEPs. Entries may come
 * before their link does. Internal to vnf/sources; one thread at a time.
 */
#ifndef SLUICE_SOURCES_EVPN_TABLE_H
#define SLUICE_SOURCES_EVPN_TABLE_H

#include <stddef.h>

#include "vnf/sources/evpn_message.h"

#define EVPN_LINKS	  65536 /* at most */
#define EVPN_ENTRIES	  (1 << 20)
#define EVPN_LINK_BUCKETS 4096

struct evpn_link {
	struct evpn_link *next, *next_port;
	uint32_t ifindex;
	uint32_t seen; /* number of the reading that last showed it; 0: only its entries are known */
	struct evpn_device device;
	struct evpn_entry *entries;
};

struct evpn_entry {
	struct evpn_entry *next, *next_of_link, **place_in_link;
	struct evpn_link *link;
	uint32_t seen;
	struct evpn_key key;
	struct evpn_value value;
};

struct evpn_table {
	struct evpn_link *links[EVPN_LINK_BUCKETS];
	struct evpn_link *ports[EVPN_LINK_BUCKETS]; /* vxlan devices by their bridge; the next is next_port */
	size_t link_count;
	struct evpn_entry **entries; /* a power of two of buckets */
	size_t buckets, entry_count;
	uint64_t seed;
};

struct evpn_table *evpn_table_new(void); /* NULL: out of memory */
void evpn_table_free(struct evpn_table *table);

struct evpn_link *evpn_table_link(const struct evpn_table *table, uint32_t ifindex);
struct evpn_entry *evpn_table_entry(const struct evpn_table *table, const struct evpn_key *key);
/* The next vxlan device in that bridge after `previous` (NULL: the first one), or NULL. */
const struct evpn_link *evpn_table_port(const struct evpn_table *table, uint32_t bridge,
					const struct evpn_link *previous);

/* These return 1: it is different now, 0: it is as it was, -ENOMEM, or -ENOSPC: there are as many as may be. Entries of
 * links of the kinds other and VRF are not kept. */
int evpn_table_set_link(struct evpn_table *table, uint32_t ifindex, const struct evpn_device *device, uint32_t seen);
int evpn_table_set_entry(struct evpn_table *table, const struct evpn_key *key, const struct evpn_value *value,
			 uint32_t seen);

void evpn_table_remove_link(struct evpn_table *table, struct evpn_link *link); /* with its entries */
void evpn_table_remove_entry(struct evpn_table *table, struct evpn_entry *entry);

/* Removes what the reading of that number did not show. */
void evpn_table_sweep(struct evpn_table *table, uint32_t seen);

#endif
