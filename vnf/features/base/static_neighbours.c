/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/base/static_neighbours.h"

#include <string.h>

struct static_neighbour {
	uint32_t vrf; /* 0: none */
	struct ip_address address;
	uint8_t mac[6];
	uint8_t pad;
};

_Static_assert(sizeof(struct static_neighbour) == 28, "no holes");

void static_neighbours_open(struct static_neighbours *neighbours)
{
	neighbours->neighbour = id_array_of(sizeof(struct static_neighbour));
	neighbours->index = id_index_new();
}

void static_neighbours_close(struct static_neighbours *neighbours)
{
	id_array_free(&neighbours->neighbour);
	id_index_free(&neighbours->index);
}

uint32_t neighbour_hash(uint32_t vrf, const struct ip_address *address)
{
	return id_hash(id_hash(ID_HASH_START, &vrf, sizeof(vrf)), address, sizeof(*address)) | 1;
}

static struct static_neighbour at(const struct static_neighbours *neighbours, uint32_t id)
{
	return *(const struct static_neighbour *)id_array_get(&neighbours->neighbour, id);
}

bool static_neighbours_find(const struct static_neighbours *neighbours, uint32_t vrf, const struct ip_address *address,
			    uint8_t mac[6])
{
	uint32_t id = id_index_first(&neighbours->index, neighbour_hash(vrf, address));

	for (; id; id = id_index_next(&neighbours->index, id)) {
		const struct static_neighbour neighbour = at(neighbours, id);

		if (neighbour.vrf != vrf || ip_address_compare(&neighbour.address, address) != 0)
			continue;
		memcpy(mac, neighbour.mac, sizeof(neighbour.mac));
		return true;
	}
	return false;
}

bool static_neighbours_set(struct static_neighbours *neighbours, struct undo_log *log, uint32_t id,
			   const struct vrf_key *key, const uint8_t mac[6], uint32_t touched[2])
{
	const struct static_neighbour old = at(neighbours, id);
	struct static_neighbour new = {0};

	if (key) {
		new.vrf = key->vrf->id;
		new.address = key->prefix.address;
		memcpy(new.mac, mac, sizeof(new.mac));
	}
	if (!id_array_set(&neighbours->neighbour, log, id, &new))
		return false;
	touched[0] = old.vrf ? neighbour_hash(old.vrf, &old.address) : 0;
	touched[1] = new.vrf ? neighbour_hash(new.vrf, &new.address) : 0;
	if (touched[0])
		id_index_remove(&neighbours->index, log, touched[0], id);
	if (touched[1])
		id_index_add(&neighbours->index, log, touched[1], id);
	return true;
}
