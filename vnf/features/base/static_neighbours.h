/* SPDX-License-Identifier: Apache-2.0 */
/* Neighbours whose MACs a feature gives, by VRF and address; part of the state of the next hops' table. */
#ifndef SLUICE_FEATURES_BASE_STATIC_NEIGHBOURS_H
#define SLUICE_FEATURES_BASE_STATIC_NEIGHBOURS_H

#include "vnf/control/kinds/resource.h"
#include "vnf/reconcile/id_array.h"

struct static_neighbours {
	struct id_array neighbour; /* struct static_neighbour by the feature's id */
	struct id_index index;
};

void static_neighbours_open(struct static_neighbours *neighbours);
void static_neighbours_close(struct static_neighbours *neighbours);

uint32_t neighbour_hash(uint32_t vrf, const struct ip_address *address); /* never 0 */
bool static_neighbours_find(const struct static_neighbours *neighbours, uint32_t vrf, const struct ip_address *address,
			    uint8_t mac[6]);
/* `key` NULL: there is none with the id any more. false: nothing changes; else gives the hashes of the neighbours that
 * do, 0 for none. */
bool static_neighbours_set(struct static_neighbours *neighbours, struct undo_log *log, uint32_t id,
			   const struct vrf_key *key, const uint8_t mac[6], uint32_t touched[2]);

#endif
