/* SPDX-License-Identifier: Apache-2.0 */
/* From the mirror's hops to next hops, groups and tunnel endpoints. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/dp/tunnel.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/sources/sources_state.h"
#include "vnf/core/hash.h"
#include "vnf/features/base/base.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"
#include "vnf/reconcile/reconciler.h"

#define LEARNED_NAME 160 /* with the NUL; no client's name has a '/' */

/* What a hop is made into. */
struct resolved {
	const struct handle *via; /* the interface; NULL of others */
	bool usable;
};

/* The interface that the kernel's device is; NULL: none is. */
static const struct resource *interface_of(const struct sources *sources, const struct snapshot *next, uint32_t ifindex)
{
	const struct resource *at = NULL;
	uint16_t vlan_id;
	char device[16];

	if (reconciler_place(sources->committer->reconciler, ifindex, device, &vlan_id))
		return NULL;
	while ((at = snapshot_next(next, RESOURCE_INTERFACE, at))) {
		const struct interface *interface = (const struct interface *)at;

		if (interface->vlan_id == vlan_id && !interface->inner_vlan_id &&
		    strncmp(interface->device, device, sizeof(interface->device)) == 0)
			break;
	}
	return at;
}

static struct resolved resolve(const struct sources *sources, const struct followed *followed,
			       const struct snapshot *next, const struct source_hop *hop)
{
	const struct resource *interface;

	switch (hop->kind) {
	case SOURCE_HOP_GATEWAY:
		interface = interface_of(sources, next, hop->ifindex);
		return (struct resolved){interface ? interface->self : NULL, interface != NULL};
	case SOURCE_HOP_TUNNEL:
		return (struct resolved){NULL, followed->resource->underlay != NULL};
	case SOURCE_HOP_BLACKHOLE:
	case SOURCE_HOP_UNREACHABLE:
	case SOURCE_HOP_PROHIBIT:
		return (struct resolved){NULL, true};
	default: /* onto a link: there is no next hop for that */
		return (struct resolved){NULL, false};
	}
}

static uint64_t signature_of(const struct sources *sources, const struct followed *followed,
			     const struct snapshot *next, const struct source_group *group)
{
	uint64_t signature = 1;

	for (size_t i = 0; i < group->hops; i++) {
		const struct resolved resolved = resolve(sources, followed, next, &group->hop[i]);

		signature = hash_word(hash_word(signature, (uintptr_t)resolved.via), resolved.usable);
	}
	return signature;
}

struct resource *learned_new(struct sources *sources, const struct followed *followed, enum resource_kind kind,
			     size_t size, const char *name)
{
	struct resource *resource = resource_new(kind, size);

	if (!resource)
		return NULL;
	resource->owner = followed->source;
	resource->owner->references++;
	resource->self = handles_get(sources->committer->handles, kind, name);
	if (resource->self)
		return resource;
	resource_free(sources->committer->handles, resource);
	return NULL;
}

static struct handle *again(struct handle *handle)
{
	handle->references++;
	return handle;
}

static void endpoint_name(const struct followed *followed, const struct source_hop *hop, char name[LEARNED_NAME])
{
	char local[IP_ADDRESS_TEXT], remote[IP_ADDRESS_TEXT];

	snprintf(name, LEARNED_NAME, "%s/vxlan %s to %s port %u", followed->source->text,
		 ip_address_format(&hop->local, local), ip_address_format(&hop->remote, remote), hop->udp_port);
}

/* All VNIs that hops of the source use between these two, and this one. */
static size_t vnis_of(const struct followed *followed, const struct source_hop *hop, uint32_t *vni, size_t room)
{
	size_t count = 0;

	vni[count++] = hop->vni;
	for (size_t i = 0; i < followed->groups; i++)
		for (size_t j = 0; followed->group[i].group.number && j < followed->group[i].group.hops; j++) {
			const struct source_hop *other = &followed->group[i].group.hop[j];
			size_t k = 0;

			if (other->kind != SOURCE_HOP_TUNNEL || other->udp_port != hop->udp_port ||
			    ip_address_compare(&other->local, &hop->local) != 0 ||
			    ip_address_compare(&other->remote, &hop->remote) != 0)
				continue;
			while (k < count && vni[k] != other->vni)
				k++;
			if (k == count && count < room)
				vni[count++] = other->vni;
		}
	return count;
}

#define ENDPOINT_VNIS 64

/* 0 or -ENOMEM. */
static int add_endpoint(struct sources *sources, const struct followed *followed, const struct source_hop *hop,
			const char *name, struct changes *changes)
{
	uint32_t vni[ENDPOINT_VNIS];
	size_t count = vnis_of(followed, hop, vni, ENDPOINT_VNIS);
	struct tunnel_endpoint *endpoint =
		(struct tunnel_endpoint *)learned_new(sources, followed, RESOURCE_TUNNEL_ENDPOINT,
						      sizeof(*endpoint) + count * sizeof(endpoint->binding[0]), name);

	if (!endpoint)
		return -ENOMEM;
	endpoint->kind = DP_TUNNEL_VXLAN;
	endpoint->local = hop->local;
	endpoint->remote = hop->remote;
	endpoint->udp_port = hop->udp_port;
	endpoint->underlay_vrf = again(followed->resource->underlay);
	endpoint->count = count;
	for (size_t i = 0; i < count; i++) {
		endpoint->binding[i].vni = vni[i];
		endpoint->binding[i].vrf = again(followed->resource->vrf);
	}
	return learn_add(changes, sources->committer->handles, &endpoint->resource, false);
}

static void hop_name(const struct followed *followed, const struct source_hop *hop, const struct handle *via,
		     char name[LEARNED_NAME])
{
	static const char *const kinds[] = {[SOURCE_HOP_BLACKHOLE] = "blackhole",
					    [SOURCE_HOP_UNREACHABLE] = "unreachable",
					    [SOURCE_HOP_PROHIBIT] = "prohibit"};
	char address[IP_ADDRESS_TEXT], mac[MAC_TEXT];

	if (hop->kind == SOURCE_HOP_GATEWAY)
		snprintf(name, LEARNED_NAME, "%s/%s by %s", followed->source->text,
			 ip_address_format(&hop->gateway, address), via->text);
	else if (hop->kind == SOURCE_HOP_TUNNEL)
		snprintf(name, LEARNED_NAME, "%s/%s port %u vni %u mac %s", followed->source->text,
			 ip_address_format(&hop->remote, address), hop->udp_port, hop->vni, mac_format(hop->mac, mac));
	else
		snprintf(name, LEARNED_NAME, "%s/%s", followed->source->text, kinds[hop->kind]);
}

static enum discard_reason discard_of(enum source_hop_kind kind)
{
	return kind == SOURCE_HOP_UNREACHABLE ? DISCARD_UNREACHABLE
	       : kind == SOURCE_HOP_PROHIBIT  ? DISCARD_PROHIBIT
					      : DISCARD_BLACKHOLE;
}

/* The next hop, with a reference; NULL: no memory. */
static struct handle *add_hop(struct sources *sources, const struct followed *followed, const struct source_hop *hop,
			      const struct handle *via, struct changes *changes)
{
	struct handles *handles = sources->committer->handles;
	char name[LEARNED_NAME], endpoint[LEARNED_NAME];
	struct next_hop *next_hop;
	struct handle *handle;

	hop_name(followed, hop, via, name);
	next_hop = (struct next_hop *)learned_new(sources, followed, RESOURCE_NEXT_HOP, sizeof(*next_hop), name);
	if (!next_hop)
		return NULL;
	handle = again(next_hop->resource.self);
	next_hop->target = NEXT_HOP_DISCARD;
	next_hop->discard = discard_of(hop->kind);
	if (hop->kind == SOURCE_HOP_GATEWAY) {
		next_hop->target = NEXT_HOP_GATEWAY;
		next_hop->via = again((struct handle *)via);
		next_hop->address = hop->gateway;
	} else if (hop->kind == SOURCE_HOP_TUNNEL) {
		endpoint_name(followed, hop, endpoint);
		next_hop->target = NEXT_HOP_TUNNEL;
		next_hop->via = handles_get(handles, RESOURCE_TUNNEL_ENDPOINT, endpoint);
		next_hop->vni = hop->vni;
		next_hop->has_mac = true;
		memcpy(next_hop->mac, hop->mac, sizeof(next_hop->mac));
		if (!next_hop->via || add_endpoint(sources, followed, hop, endpoint, changes)) {
			resource_free(handles, &next_hop->resource);
			handles_put(handles, handle);
			return NULL;
		}
	}
	if (!learn_add(changes, handles, &next_hop->resource, false))
		return handle;
	handles_put(handles, handle);
	return NULL;
}

/* By content, so that it stays the same however often the source is read anew. */
static void group_name(const struct followed *followed, const struct source_group *group, const struct handle *only,
		       char name[LEARNED_NAME])
{
	uint64_t content = group->hops;

	if (group->hops == 1) {
		snprintf(name, LEARNED_NAME, "%s", only->text);
		return;
	}
	for (size_t i = 0; i < group->hops; i++) {
		const struct source_hop *hop = &group->hop[i];
		uint64_t half[2], mac = 0;

		memcpy(half, hop->kind == SOURCE_HOP_TUNNEL ? hop->remote.byte : hop->gateway.byte, sizeof(half));
		memcpy(&mac, hop->mac, sizeof(hop->mac));
		content = hash_word(hash_word(hash_word(content, half[0]), half[1]), mac);
		content = hash_word(hash_word(hash_word(content, (uint64_t)hop->kind << 32 | hop->ifindex), hop->vni),
				    hop->weight);
	}
	snprintf(name, LEARNED_NAME, "%s/%zu hops %016llx", followed->source->text, group->hops,
		 (unsigned long long)content);
}

static void put_all(struct handles *handles, struct next_hop_member *member, size_t count)
{
	for (size_t i = 0; i < count; i++)
		handles_put(handles, member[i].next_hop);
}

static int compare_members(const void *a, const void *b)
{
	return strcmp(((const struct next_hop_member *)a)->next_hop->text,
		      ((const struct next_hop_member *)b)->next_hop->text);
}

/* Each next hop once; hops that the kernel tells apart may be one here. */
static size_t merge_members(struct handles *handles, struct next_hop_member *member, size_t count)
{
	size_t kept = 0;

	qsort(member, count, sizeof(*member), compare_members);
	for (size_t i = 0; i < count; i++) {
		if (!kept || member[kept - 1].next_hop != member[i].next_hop) {
			member[kept++] = member[i];
			continue;
		}
		if (member[kept - 1].weight + member[i].weight <= 100)
			member[kept - 1].weight = (uint8_t)(member[kept - 1].weight + member[i].weight);
		handles_put(handles, member[i].next_hop);
	}
	return kept;
}

/* 0 or -ENOMEM; none where no hop can be used. */
static int make(struct sources *sources, struct followed *followed, const struct snapshot *next,
		struct known_group *known, struct changes *changes)
{
	struct handles *handles = sources->committer->handles;
	struct next_hop_member member[SOURCE_HOPS];
	struct next_hop_group *group;
	char name[LEARNED_NAME];
	size_t count = 0;

	handles_put(handles, known->handle);
	known->handle = NULL;
	for (size_t i = 0; i < known->group.hops && i < SOURCE_HOPS; i++) {
		const struct source_hop *hop = &known->group.hop[i];
		const struct resolved resolved = resolve(sources, followed, next, hop);

		if (!resolved.usable)
			continue;
		member[count] = (struct next_hop_member){
			.next_hop = add_hop(sources, followed, hop, resolved.via, changes), .weight = hop->weight};
		if (!member[count++].next_hop) {
			put_all(handles, member, count - 1);
			return -ENOMEM;
		}
	}
	known->signature = signature_of(sources, followed, next, &known->group);
	if (!count)
		return 0;
	count = merge_members(handles, member, count);
	group_name(followed, &known->group, member[0].next_hop, name);
	group = (struct next_hop_group *)learned_new(sources, followed, RESOURCE_NEXT_HOP_GROUP,
						     sizeof(*group) + count * sizeof(group->member[0]), name);
	if (!group) {
		put_all(handles, member, count);
		return -ENOMEM;
	}
	memcpy(group->member, member, count * sizeof(member[0]));
	group->count = count;
	known->handle = again(group->resource.self);
	return learn_add(changes, handles, &group->resource, false);
}

struct handle *known_group_ensure(struct sources *sources, struct followed *followed, const struct snapshot *next,
				  uint32_t number, struct changes *changes, int *error)
{
	struct known_group *known = number < followed->groups ? &followed->group[number] : NULL;

	*error = 0;
	if (!known || !known->group.number)
		return NULL;
	if (known->piece != sources->pieces && !(known->handle && known->handle->resource)) {
		*error = make(sources, followed, next, known, changes);
		if (!*error)
			known->piece = sources->pieces;
	}
	return *error ? NULL : known->handle;
}

static void drop(struct sources *sources, struct known_group *known)
{
	handles_put(sources->committer->handles, known->handle);
	free(known->group.hop);
	*known = (struct known_group){0};
}

int known_groups_add(struct sources *sources, struct followed *followed, const struct source_batch *batch)
{
	for (size_t i = 0; i < batch->groups; i++) {
		const struct source_group *group = &batch->group[i];
		struct known_group *known;
		struct source_hop *hop;

		if (group->number >= followed->groups) {
			size_t groups = group->number * 2 + 16;
			struct known_group *grown = realloc(followed->group, groups * sizeof(*grown));

			if (!grown)
				return -ENOMEM;
			memset(grown + followed->groups, 0, (groups - followed->groups) * sizeof(*grown));
			followed->group = grown;
			followed->groups = groups;
		}
		hop = malloc((group->hops + 1) * sizeof(*hop));
		if (!hop)
			return -ENOMEM;
		memcpy(hop, group->hop, group->hops * sizeof(*hop));
		known = &followed->group[group->number];
		drop(sources, known);
		known->group = *group;
		known->group.hop = hop;
	}
	return 0;
}

void known_groups_drop(struct sources *sources, struct followed *followed, const struct source_batch *batch)
{
	for (size_t i = 0; i < batch->gone; i++)
		if (batch->gone_group[i] < followed->groups)
			drop(sources, &followed->group[batch->gone_group[i]]);
}

void known_groups_clear(struct sources *sources, struct followed *followed)
{
	for (size_t i = 0; i < followed->groups; i++)
		drop(sources, &followed->group[i]);
	free(followed->group);
	followed->group = NULL;
	followed->groups = 0;
}

bool known_groups_differ(struct sources *sources, struct followed *followed, const struct snapshot *next)
{
	for (size_t i = 0; i < followed->groups; i++) {
		const struct known_group *known = &followed->group[i];

		if (known->group.number && known->piece &&
		    known->signature != signature_of(sources, followed, next, &known->group))
			return true;
	}
	return false;
}
