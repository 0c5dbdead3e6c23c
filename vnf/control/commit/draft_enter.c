/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/draft_enter.h"

#include <stdio.h>

#include "api/dp/limits.h"
#include "vnf/control/resources/check.h"
#include "vnf/control/resources/kinds.h"
#include "vnf/control/resources/names.h"

struct tally {
	int step; /* +1 or -1 */
	bool ipv6_route;
};

static void count_user(const struct reference *reference, void *context)
{
	const struct tally *tally = context;

	reference->name->users += (uint32_t)tally->step;
	if (tally->ipv6_route && reference->name->kind == RESOURCE_NEXT_HOP_GROUP)
		reference->name->ipv6_users += (uint32_t)tally->step;
}

static void count_references(const struct resource *resource, int step)
{
	struct tally tally = {.step = step};

	if (!kind_ops(resource->kind)->references)
		return;
	if (resource->kind == RESOURCE_ROUTE)
		tally.ipv6_route = ((const struct route *)resource)->prefix.address.family == 6;
	kind_ops(resource->kind)->references(resource, count_user, &tally);
}

struct claiming {
	struct claims *claims;
	struct check check; /* to word faults; without an error while nothing can be wrong */
	bool failed;
};

static void keep_claim(const struct claim *claim, void *context)
{
	struct claiming *claiming = context;

	claiming->failed |= claims_keep(claiming->claims, &claim->key) != 0;
}

static void release_claim(const struct claim *claim, void *context)
{
	claims_release(((struct claiming *)context)->claims, &claim->key);
}

static void remove_claim(const struct claim *claim, void *context)
{
	claims_remove(((struct claiming *)context)->claims, &claim->key);
}

static void taken(struct check *check, const struct claim *claim, const struct name *holder)
{
	const char *text = holder->text;

	switch ((enum claim_rule)claim->key.rule) {
	case CLAIM_DEVICE:
		check_fault(check, ERROR_INVALID_ARGUMENT, claim->field, claim->index, claim->member,
			    "interface \"%s\" has this device with the same VLANs", text);
		break;
	case CLAIM_USE:
		check_fault(check, ERROR_INVALID_ARGUMENT, claim->field, claim->index, claim->member,
			    "%s \"%s\" belongs to %s \"%s\" already", kind_ops(claim->key.name->kind)->label,
			    claim->key.name->text, kind_ops(holder->kind)->label, text);
		break;
	case CLAIM_TUNNEL:
		check_fault(check, ERROR_INVALID_ARGUMENT, claim->field, claim->index, claim->member,
			    "tunnel endpoint \"%s\" has the same underlay VRF, addresses, kind and UDP port", text);
		break;
	case CLAIM_PORT:
		check_fault(check, ERROR_INVALID_ARGUMENT, claim->field, claim->index, claim->member,
			    "%s tunnels use this UDP port of the local address", text);
		break;
	case CLAIM_BINDING:
	case CLAIM_VNI:
		check_fault(check, ERROR_INVALID_ARGUMENT, claim->field, claim->index, claim->member,
			    "VNI %u is bound to VRF \"%s\" on this local address, kind and UDP port", claim->key.number,
			    text);
	}
}

static void add_claim(const struct claim *claim, void *context)
{
	struct claiming *claiming = context;
	const struct name *holder = claims_add(claiming->claims, claim);

	if (holder && claiming->check.error)
		taken(&claiming->check, claim, holder);
}

static void each_claim(const struct resource *resource, claim_visit visit, struct claiming *claiming)
{
	if (resource && kind_ops(resource->kind)->claims)
		kind_ops(resource->kind)->claims(resource, visit, claiming);
}

/* Claims that may have to be made again, by the draft or when it is taken back. */
static void each_kept(struct draft *draft, claim_visit visit, struct claiming *claiming)
{
	for (size_t i = 0; i < draft->delta.count; i++) {
		each_claim(draft->delta.entry[i].before, visit, claiming);
		each_claim(draft->delta.entry[i].after, visit, claiming);
	}
}

static void take_out(const struct resource *resource, struct claiming *claiming)
{
	if (!resource)
		return;
	count_references(resource, -1);
	each_claim(resource, remove_claim, claiming);
	if (resource->self)
		resource->self->resource = NULL;
}

static void put_in(const struct resource *resource, struct claiming *claiming)
{
	if (!resource)
		return;
	count_references(resource, 1);
	each_claim(resource, add_claim, claiming);
	if (resource->self)
		resource->self->resource = resource;
}

static int check_limits(const struct draft *draft, struct error *error)
{
	size_t faults = error->count;

	for (int kind = RESOURCE_VRF; kind < RESOURCE_KINDS; kind++) {
		size_t count = draft->next->map[kind].count;
		uint32_t maximum = names_maximum(draft->base.names, (enum resource_kind)kind);

		if (count > maximum)
			error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "%s: %zu needed, the limit is %u",
				  kind_ops((enum resource_kind)kind)->plural, count, maximum);
	}
	if (draft->next->vni_bindings > DP_MAX_VNI_BINDINGS)
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "vni_bindings: %u needed, the limit is %d",
			  draft->next->vni_bindings, DP_MAX_VNI_BINDINGS);
	return error->count > faults ? -1 : 0;
}

static int take_ids(struct draft *draft, struct error *error)
{
	for (; draft->ids < draft->delta.count; draft->ids++) {
		struct delta_entry *entry = &draft->delta.entry[draft->ids];
		struct resource *after = (struct resource *)entry->after;
		uint32_t id;

		if (entry->before || !after)
			continue;
		/* A name that lost its resource since both banks were last the same still has its id in one. */
		id = after->self && after->self->id ? 0 : names_take_id(draft->base.names, after->kind);
		if (!id) {
			error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
				  "%s: deleted ones make room only for the next commit: delete first, then create",
				  kind_ops(after->kind)->plural);
			return -1;
		}
		if (after->self)
			atomic_store_explicit(&after->self->id, id, memory_order_relaxed);
		else
			after->route_id = id;
	}
	return 0;
}

static void give_ids(struct draft *draft)
{
	while (draft->ids > 0) {
		struct delta_entry *entry = &draft->delta.entry[--draft->ids];
		struct resource *after = (struct resource *)entry->after;

		if (entry->before || !after)
			continue;
		names_give_id(draft->base.names, after->kind, after->self ? after->self->id : after->route_id);
		if (after->self)
			atomic_store_explicit(&after->self->id, 0, memory_order_relaxed);
		else
			after->route_id = 0;
	}
}

int draft_enter(struct draft *draft, struct error *error)
{
	struct claiming claiming = {.claims = draft->base.claims, .check = {.draft = draft, .error = error}};
	size_t faults;

	if (check_limits(draft, error))
		return -1;
	draft->keeps = true;
	each_kept(draft, keep_claim, &claiming);
	if (claiming.failed) {
		error_no_memory(error, NULL);
		return -1;
	}
	draft->entered = true;
	for (size_t i = 0; i < draft->delta.count; i++)
		take_out(draft->delta.entry[i].before, &claiming);
	faults = error->count;
	for (size_t i = 0; i < draft->delta.count; i++) {
		if (draft->delta.entry[i].after)
			claiming.check.kind = draft->delta.entry[i].after->kind;
		claiming.check.change = draft_change(draft, i);
		put_in(draft->delta.entry[i].after, &claiming);
	}
	if (error->count > faults)
		return -1;
	return take_ids(draft, error);
}

void draft_leave(struct draft *draft)
{
	struct claiming claiming = {.claims = draft->base.claims};

	give_ids(draft);
	if (draft->entered) {
		for (size_t i = 0; i < draft->delta.count; i++)
			take_out(draft->delta.entry[i].after, &claiming);
		for (size_t i = 0; i < draft->delta.count; i++)
			put_in(draft->delta.entry[i].before, &claiming);
	}
	draft_release(draft);
	draft->entered = false;
}

void draft_release(struct draft *draft)
{
	struct claiming claiming = {.claims = draft->base.claims};

	if (draft->keeps)
		each_kept(draft, release_claim, &claiming);
	draft->keeps = false;
}
