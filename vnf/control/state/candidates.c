/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/state/candidates.h"

#include <errno.h>
#include <stdio.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"

/* The next kind that forwards, or protects, of which there are any. */
static int next_kind(const struct snapshot *snapshot, int kind, bool protects)
{
	for (kind = kind_after(kind); kind < RESOURCE_KINDS; kind = kind_after(kind)) {
		const struct kind_ops *ops = kind_ops((enum resource_kind)kind);

		if ((protects ? ops->protects != NULL : ops->forwards != NULL) &&
		    snapshot_count(snapshot, (enum resource_kind)kind))
			break;
	}
	return kind;
}

static bool same_place(const struct resource *resource, const struct vrf_key *key)
{
	const struct vrf_key *other = resource_vrf_key(resource);

	return other->vrf == key->vrf && ip_prefix_compare(&other->prefix, &key->prefix) == 0;
}

/* The kind's first candidate of the prefix, or the one behind `previous`. */
static const struct resource *candidate_of(const struct snapshot *snapshot, enum resource_kind kind,
					   const struct vrf_key *key, const struct resource *previous)
{
	const struct resource_key first = {key->vrf->text, &key->prefix, NULL};
	const struct resource *found;

	if (kind_ops(kind)->key.form != KEY_VRF_PREFIX_OWNER)
		return previous ? NULL : snapshot_find_key(snapshot, kind, &first);
	found = previous ? snapshot_next(snapshot, kind, previous) : snapshot_after(snapshot, kind, &first);
	return found && same_place(found, key) ? found : NULL;
}

static uint8_t preference_of(const struct resource *resource)
{
	const struct kind_ops *ops = kind_ops(resource->kind);

	return ops->preference ? ops->preference(resource) : 1;
}

static bool is_withheld(const struct resource *resource)
{
	const struct kind_ops *ops = kind_ops(resource->kind);

	return ops->withheld && ops->withheld(resource);
}

const struct resource *candidate_protected(const struct snapshot *snapshot, const struct resource *resource)
{
	const struct vrf_key *key = resource_vrf_key(resource);

	for (int kind = next_kind(snapshot, 0, true); kind < RESOURCE_KINDS; kind = next_kind(snapshot, kind, true))
		for (int length = key->prefix.length; length >= 0; length--) {
			const struct ip_prefix prefix = ip_prefix_of(&key->prefix.address, (uint8_t)length);
			const struct resource_key at = {key->vrf->text, &prefix, NULL};
			const struct resource *found = snapshot_find_key(snapshot, (enum resource_kind)kind, &at);

			if (found)
				return kind_ops((enum resource_kind)kind)->protects(found, resource) ? found : NULL;
		}
	return NULL;
}

bool candidate_counts(const struct snapshot *snapshot, const struct resource *resource)
{
	return kind_ops(resource->kind)->forwards(resource) && !is_withheld(resource) &&
	       !candidate_protected(snapshot, resource);
}

const struct resource *candidates_best(const struct snapshot *snapshot, const struct vrf_key *key,
				       const struct resource *but)
{
	const struct resource *best = NULL, *at;

	for (int kind = next_kind(snapshot, 0, false); kind < RESOURCE_KINDS; kind = next_kind(snapshot, kind, false))
		for (at = candidate_of(snapshot, (enum resource_kind)kind, key, NULL); at;
		     at = candidate_of(snapshot, (enum resource_kind)kind, key, at))
			if (at != but && (!best || preference_of(at) < preference_of(best)) &&
			    candidate_counts(snapshot, at))
				best = at;
	return best;
}

bool candidates_vie(const struct snapshot *snapshot)
{
	int first = next_kind(snapshot, 0, false);

	return next_kind(snapshot, 0, true) < RESOURCE_KINDS ||
	       (first < RESOURCE_KINDS && (kind_ops((enum resource_kind)first)->key.form == KEY_VRF_PREFIX_OWNER ||
					   next_kind(snapshot, first, false) < RESOURCE_KINDS));
}

bool candidates_leave(const struct delta *delta)
{
	for (size_t i = 0; i < delta->count; i++) {
		const struct resource *before = delta->entry[i].before;

		if (before && kind_ops(before->kind)->forwards &&
		    kind_ops(before->kind)->key.form == KEY_VRF_PREFIX_OWNER)
			return true;
	}
	return false;
}

bool candidates_mixed(const struct delta *delta)
{
	const struct resource *first = NULL;

	for (size_t i = 0; i < delta->count; i++) {
		const struct delta_entry *entry = &delta->entry[i];
		const struct resource *resource = entry->after ? entry->after : entry->before;
		const struct kind_ops *ops = kind_ops(resource->kind);

		if (ops->protects)
			return true;
		if (!ops->forwards)
			continue;
		if (first && (resource->kind != first->kind ||
			      (ops->key.form == KEY_VRF_PREFIX_OWNER && resource->owner != first->owner)))
			return true;
		first = resource;
	}
	return false;
}

bool candidate_is_alone(const struct snapshot *snapshot, const struct resource *resource)
{
	const struct vrf_key *key = resource_vrf_key(resource);
	const struct resource *at;

	if (next_kind(snapshot, 0, true) < RESOURCE_KINDS)
		return false;
	for (int kind = next_kind(snapshot, 0, false); kind < RESOURCE_KINDS; kind = next_kind(snapshot, kind, false)) {
		const bool owners = kind_ops((enum resource_kind)kind)->key.form == KEY_VRF_PREFIX_OWNER;

		if (!owners && kind == (int)resource->kind)
			continue;
		for (at = candidate_of(snapshot, (enum resource_kind)kind, key, NULL); at;
		     at = candidate_of(snapshot, (enum resource_kind)kind, key, at))
			if (at->kind != resource->kind || at->owner != resource->owner)
				return false;
	}
	return true;
}

void candidates_below(const struct snapshot *snapshot, const struct vrf_key *key,
		      void (*visit)(const struct resource *candidate, void *context), void *context)
{
	const struct resource_key first = {key->vrf->text, &key->prefix, NULL};

	for (int kind = next_kind(snapshot, 0, false); kind < RESOURCE_KINDS; kind = next_kind(snapshot, kind, false)) {
		const bool owners = kind_ops((enum resource_kind)kind)->key.form == KEY_VRF_PREFIX_OWNER;
		const struct resource *at =
			owners ? NULL : snapshot_find_key(snapshot, (enum resource_kind)kind, &first);

		if (!at)
			at = snapshot_after(snapshot, (enum resource_kind)kind, &first);
		/* In order: those below have the prefix's bits, and what has them and comes behind it is below. */
		for (; at && resource_vrf_key(at)->vrf == key->vrf &&
		       ip_prefix_contains(&key->prefix, &resource_vrf_key(at)->prefix.address);
		     at = snapshot_next(snapshot, (enum resource_kind)kind, at))
			visit(at, context);
	}
}

static int set_status(Sluice__V1__CandidateStatus *status, Sluice__V1__CandidateState state, const char *reason)
{
	status->state = state;
	return encode_text(&status->reason, reason);
}

static int describe_protected(Sluice__V1__CandidateStatus *status, const struct resource *by)
{
	char key[RESOURCE_KEY_TEXT], text[RESOURCE_KEY_TEXT + 80];

	snprintf(text, sizeof(text), "protected prefix \"%s\" is for others: add its owner there, or withdraw it",
		 resource_key_format(by, key));
	return set_status(status, SLUICE__V1__CANDIDATE_STATE__CANDIDATE_STATE_SUPPRESSED, text);
}

static int describe_beaten(Sluice__V1__CandidateStatus *status, const struct resource *best, uint8_t preference)
{
	char text[256];

	snprintf(text, sizeof(text), "%s \"%s\" has preference %u, this one %u",
		 resource_is_learned(best) ? "route source" : "owner", best->owner->text, preference_of(best),
		 preference);
	return set_status(status, SLUICE__V1__CANDIDATE_STATE__CANDIDATE_STATE_BEATEN, text);
}

int candidate_status(const struct snapshot *snapshot, const struct resource *resource, const char *withheld,
		     Sluice__V1__ResourceState *state)
{
	const struct resource *best = NULL, *protected_by;
	Sluice__V1__CandidateStatus *status = message_new(&sluice__v1__candidate_status__descriptor);

	state->candidate_status = status;
	if (!status)
		return -ENOMEM;
	if (*withheld)
		return set_status(status, SLUICE__V1__CANDIDATE_STATE__CANDIDATE_STATE_SUPPRESSED, withheld);
	if (!kind_ops(resource->kind)->forwards(resource))
		return set_status(status, SLUICE__V1__CANDIDATE_STATE__CANDIDATE_STATE_UNUSABLE,
				  "none of its next hops is on the link of an interface of the router, or behind a "
				  "VTEP that is known: see its device in `ip route`");
	protected_by = candidate_protected(snapshot, resource);
	if (protected_by)
		return describe_protected(status, protected_by);
	best = candidates_vie(snapshot) ? candidates_best(snapshot, resource_vrf_key(resource), NULL) : resource;
	if (best != resource)
		return describe_beaten(status, best, preference_of(resource));
	return set_status(status, SLUICE__V1__CANDIDATE_STATE__CANDIDATE_STATE_FORWARDING, "");
}
