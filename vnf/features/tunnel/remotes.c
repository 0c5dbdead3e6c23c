/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/tunnel/remotes.h"

struct place {
	uint32_t vrf;
	struct ip_address remote;
	uint32_t id; /* of the endpoint; 0: before all that have the address */
};

static struct place place_of(const struct tunnel_endpoint *endpoint)
{
	return (struct place){endpoint->underlay_vrf->id, endpoint->remote, resource_id(&endpoint->resource)};
}

static int compare(const void *key, const void *object)
{
	const struct place *place = key, other = place_of(object);
	int order;

	if (place->vrf != other.vrf)
		return place->vrf < other.vrf ? -1 : 1;
	order = ip_address_compare(&place->remote, &other.remote);
	if (order)
		return order;
	return place->id < other.id ? -1 : place->id > other.id;
}

void remotes_close(struct remotes *remotes)
{
	remotes_finish(remotes, true);
	pmap_clear(&remotes->now);
}

bool remotes_replace(struct remotes *remotes, const struct tunnel_endpoint *before, const struct tunnel_endpoint *after)
{
	struct place place;
	void *previous;

	if (!remotes->editing) {
		remotes->before = remotes->now;
		pmap_edit_begin(&remotes->edit, ++remotes->runs);
		remotes->editing = true;
	}
	if (before) {
		place = place_of(before);
		if (pmap_remove(&remotes->now, &remotes->edit, compare, &place, &previous))
			return false;
	}
	if (!after)
		return true;
	place = place_of(after);
	return !pmap_set(&remotes->now, &remotes->edit, compare, &place, (void *)after, &previous);
}

void remotes_finish(struct remotes *remotes, bool undone)
{
	if (!remotes->editing)
		return;
	remotes->editing = false;
	if (undone) {
		pmap_edit_abort(&remotes->edit);
		remotes->now = remotes->before;
	} else {
		pmap_garbage_free(pmap_edit_finish(&remotes->edit));
	}
}

const struct tunnel_endpoint *remotes_next(const struct remotes *remotes, const struct handle *vrf,
					   const struct ip_prefix *prefix, const struct tunnel_endpoint *previous)
{
	struct place place = {vrf->id, prefix->address, 0};
	const struct tunnel_endpoint *next;

	if (previous)
		place = place_of(previous);
	next = pmap_next(&remotes->now, compare, &place);
	if (!next || next->underlay_vrf != vrf || !ip_prefix_contains(prefix, &next->remote))
		return NULL;
	return next;
}
