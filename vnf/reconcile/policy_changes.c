/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/policy_changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 16

void policy_changes_free(struct policy_changes *changes)
{
	free(changes->rule);
	free(changes->member);
	free(changes->vrf);
	*changes = (struct policy_changes){0};
}

/* Room for one more. The array, moved maybe; NULL: out of memory, and it is where it was. */
static void *more(void *array, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room ? *room * 2 : FIRST_ROOM;
	void *grown;

	if (count < *room)
		return array;
	grown = realloc(array, wanted * size);
	if (grown)
		*room = wanted;
	return grown;
}

int policy_changes_rule(struct policy_changes *changes, const struct policy_entry *before,
			const struct policy_entry *after)
{
	struct policy_rule_change *rule =
		more(changes->rule, changes->rules, &changes->rule_room, sizeof(*changes->rule));

	if (!rule)
		return -ENOMEM;
	changes->rule = rule;
	rule[changes->rules++] = (struct policy_rule_change){*before, *after};
	return 0;
}

int policy_changes_member(struct policy_changes *changes, uint16_t vrf, uint32_t set, const struct ip_prefix *prefix,
			  bool adds)
{
	struct policy_member_change *member =
		more(changes->member, changes->members, &changes->member_room, sizeof(*changes->member));

	if (!member)
		return -ENOMEM;
	changes->member = member;
	member[changes->members++] =
		(struct policy_member_change){.set = set, .vrf = vrf, .adds = adds, .prefix = *prefix};
	return 0;
}

int policy_changes_vrf(struct policy_changes *changes, const struct policy_vrf_change *change)
{
	struct policy_vrf_change *vrf = more(changes->vrf, changes->vrfs, &changes->vrf_room, sizeof(*changes->vrf));

	if (!vrf)
		return -ENOMEM;
	changes->vrf = vrf;
	vrf[changes->vrfs++] = *change;
	return 0;
}

static int set_rule(struct policy *policy, const struct policy_entry *entry)
{
	const struct dp_policy_guard *guard = entry->guard.asks ? &entry->guard : NULL;
	int error = policy_set(policy, entry->vrf, &entry->pattern, &entry->rule, guard);

	/* After many changes another layout may have room. */
	if ((error == -E2BIG || error == -ENOSPC) && !policy_rebuild(policy, entry->vrf))
		error = policy_set(policy, entry->vrf, &entry->pattern, &entry->rule, guard);
	return error;
}

static int add_member(struct policy *policy, const struct policy_member_change *change)
{
	int error = policy_add_member(policy, change->vrf, change->set, &change->prefix);

	if ((error == -E2BIG || error == -ENOSPC) && !policy_rebuild(policy, change->vrf))
		error = policy_add_member(policy, change->vrf, change->set, &change->prefix);
	return error;
}

static void remove_member(struct policy *policy, const struct policy_member_change *change)
{
	policy_remove_member(policy, change->vrf, change->set, &change->prefix);
}

/*
 * The steps, each about one change: rules out, members out, members in, rules in. A rule that changes is only set. So
 * no set loses members while rules look at it that will go, and sets are whole before rules come that do.
 */
enum phase { RULES_OUT, MEMBERS_OUT, MEMBERS_IN, RULES_IN, PHASES };

static enum phase phase_of(const struct policy_changes *changes, size_t step, size_t *index)
{
	const size_t length[PHASES] = {changes->rules, changes->members, changes->members, changes->rules};
	int phase = RULES_OUT;

	while (step >= length[phase])
		step -= length[phase++];
	*index = step;
	return (enum phase)phase;
}

static size_t steps(const struct policy_changes *changes)
{
	return 2 * (changes->rules + changes->members);
}

static int do_step(const struct policy_changes *changes, size_t step, struct policy *policy)
{
	size_t i;

	switch (phase_of(changes, step, &i)) {
	case RULES_OUT:
		if (!changes->rule[i].after.vrf)
			policy_unset(policy, changes->rule[i].before.vrf, changes->rule[i].before.rule.id);
		return 0;
	case MEMBERS_OUT:
		if (!changes->member[i].adds)
			remove_member(policy, &changes->member[i]);
		return 0;
	case MEMBERS_IN:
		return changes->member[i].adds ? add_member(policy, &changes->member[i]) : 0;
	default:
		return changes->rule[i].after.vrf ? set_rule(policy, &changes->rule[i].after) : 0;
	}
}

static int undo_step(const struct policy_changes *changes, size_t step, struct policy *policy)
{
	size_t i;

	switch (phase_of(changes, step, &i)) {
	case RULES_OUT:
		return changes->rule[i].after.vrf ? 0 : set_rule(policy, &changes->rule[i].before);
	case MEMBERS_OUT:
		return changes->member[i].adds ? 0 : add_member(policy, &changes->member[i]);
	case MEMBERS_IN:
		if (changes->member[i].adds)
			remove_member(policy, &changes->member[i]);
		return 0;
	default:
		if (changes->rule[i].after.vrf && changes->rule[i].before.vrf)
			return set_rule(policy, &changes->rule[i].before);
		if (changes->rule[i].after.vrf)
			policy_unset(policy, changes->rule[i].after.vrf, changes->rule[i].after.rule.id);
		return 0;
	}
}

static void set_row(struct policy *policy, uint16_t vrf, const struct policy_vrf_row *row)
{
	policy_set_options(policy, vrf, row->option, row->options);
	policy_set_epoch(policy, vrf, row->epoch);
}

int policy_changes_do(struct policy_changes *changes, struct policy *policy)
{
	size_t count = steps(changes);

	for (; changes->done < count; changes->done++) {
		int error = do_step(changes, changes->done, policy);

		if (error)
			return error;
	}
	for (size_t i = 0; i < changes->vrfs; i++)
		set_row(policy, changes->vrf[i].vrf, &changes->vrf[i].after);
	changes->finished = true;
	return 0;
}

bool policy_changes_undo(struct policy_changes *changes, struct policy *policy)
{
	for (size_t i = 0; changes->finished && i < changes->vrfs; i++)
		set_row(policy, changes->vrf[i].vrf, &changes->vrf[i].before);
	changes->finished = false;
	for (; changes->done > 0; changes->done--)
		if (undo_step(changes, changes->done - 1, policy))
			return false;
	return true;
}

void policy_changes_rewind(struct policy_changes *changes)
{
	changes->done = 0;
	changes->finished = false;
}

const struct policy_entry *policy_changes_at(const struct policy_changes *changes)
{
	size_t i;

	if (changes->done >= steps(changes) || phase_of(changes, changes->done, &i) != RULES_IN)
		return NULL;
	return &changes->rule[i].after;
}
