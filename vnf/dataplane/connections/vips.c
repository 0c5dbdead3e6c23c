/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/connections/vips.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/dp/hash.h"

struct vip {
	struct dp_address address;
	uint32_t vrf, balancer;
};

static int compare(const void *left, const void *right)
{
	const struct vip *a = left, *b = right;

	if (a->vrf != b->vrf)
		return a->vrf < b->vrf ? -1 : 1;
	return memcmp(&a->address, &b->address, sizeof(a->address));
}

int vips_make(struct vips *vips, const struct conntracks *how)
{
	struct vip *vip = vips->vip;

	if (vips->room < how->balancers) {
		vip = realloc(vips->vip, how->balancers * sizeof(*vip));
		if (!vip)
			return -ENOMEM;
		vips->vip = vip;
		vips->room = how->balancers;
	}
	vips->count = 0;
	for (uint32_t id = 1; id < how->balancers; id++)
		if (how->balancer[id].vrf)
			vip[vips->count++] = (struct vip){how->balancer[id].vip, how->balancer[id].vrf, id};
	if (vips->count)
		qsort(vip, vips->count, sizeof(*vip), compare);
	vips->generation = how->generation;
	return 0;
}

void vips_free(struct vips *vips)
{
	free(vips->vip);
	*vips = (struct vips){0};
}

static uint32_t by_port(const struct conntracks *how, const struct dp_listener_port *key)
{
	__u64 word;
	uint32_t hash;

	memcpy(&word, key, sizeof(word));
	hash = dp_hash(&word, 1);
	for (uint32_t i = 0; i < DP_HASH_PROBES && how->ports; i++) {
		const struct dp_listener_port *slot = &how->port[(hash + i) & (how->ports - 1)];

		if (memcmp(slot, key, sizeof(word)) == 0)
			return slot->listener;
	}
	return 0;
}

static uint32_t by_range(const struct dp_load_balancer *balancer, uint8_t protocol, uint16_t port)
{
	for (uint32_t i = 0; i < balancer->ranges && i < DP_BALANCER_RANGES; i++) {
		const struct dp_listener_range *range = &balancer->range[i];

		if ((!range->protocol || range->protocol == protocol) && port >= range->first && port <= range->last)
			return range->listener;
	}
	return 0;
}

uint32_t vips_balancer(const struct vips *vips, const struct connection *connection)
{
	struct vip key = {.vrf = connection->vrf};
	const struct vip *found;

	ip_address_map(&connection->destination, key.address.byte);
	found = vips->count ? bsearch(&key, vips->vip, vips->count, sizeof(key), compare) : NULL;
	return found ? found->balancer : 0;
}

uint32_t vips_listener(const struct vips *vips, const struct conntracks *how, const struct connection *connection)
{
	struct dp_listener_port port = {.load_balancer = vips_balancer(vips, connection),
					.port = connection->destination_port,
					.protocol = connection->protocol};
	uint32_t listener;

	if (!port.load_balancer)
		return 0;
	listener = by_port(how, &port);
	return listener ? listener
			: by_range(&how->balancer[port.load_balancer], connection->protocol,
				   connection->destination_port);
}
