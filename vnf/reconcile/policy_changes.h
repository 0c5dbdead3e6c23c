/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A commit's changes to the policy engine: done to the engine of one bank (and taken back, if the commit fails), later
 * to the other's. What goes is taken out first, so that what comes is measured by what will be there; so taking back
 * puts rules in again, which may fail: then the engine is out of step, and is filled anew before the next commit.
 * Tables of features list the changes; tables.c and reconciler.c carry them out.
 */
#ifndef SLUICE_RECONCILE_POLICY_CHANGES_H
#define SLUICE_RECONCILE_POLICY_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/dataplane/policy/policy.h"

/* A rule as the engine takes it; vrf 0: there is none. */
struct policy_entry {
	uint16_t vrf;
	struct policy_pattern pattern;
	struct dp_policy_rule rule;
	struct dp_policy_guard guard; /* asks 0: it has none */
};

struct policy_rule_change {
	struct policy_entry before, after;
};

struct policy_member_change {
	uint32_t set;
	uint16_t vrf;
	bool adds;
	struct ip_prefix prefix;
};

/* What a VRF's row in the engine has besides its rules. */
struct policy_vrf_row {
	uint32_t epoch;
	uint32_t option[DP_POLICY_OPTIONS];
	uint8_t options;
};

struct policy_vrf_change {
	uint16_t vrf;
	struct policy_vrf_row before, after;
};

struct policy_changes {
	struct policy_rule_change *rule;
	struct policy_member_change *member;
	struct policy_vrf_change *vrf; /* each VRF whose rules or members change, once */
	size_t rules, members, vrfs;
	size_t rule_room, member_room, vrf_room;
	size_t done;   /* steps, by the engine at hand */
	bool finished; /* the VRFs' rows are done, too */
};

void policy_changes_free(struct policy_changes *changes); /* an empty one is fine */
static inline bool policy_changes_any(const struct policy_changes *changes)
{
	return changes->rules || changes->members || changes->vrfs;
}

/* Each notes one: 0 or -ENOMEM. */
int policy_changes_rule(struct policy_changes *changes, const struct policy_entry *before,
			const struct policy_entry *after);
int policy_changes_member(struct policy_changes *changes, uint16_t vrf, uint32_t set, const struct ip_prefix *prefix,
			  bool adds);
int policy_changes_vrf(struct policy_changes *changes, const struct policy_vrf_change *change);

/* Does all to the engine. 0, or what the engine says about the step changes->done; what was done is then still done. */
int policy_changes_do(struct policy_changes *changes, struct policy *policy);
/* Takes back what was done. false: the engine is out of step. */
bool policy_changes_undo(struct policy_changes *changes, struct policy *policy);
/* Begins anew, with the other engine. */
void policy_changes_rewind(struct policy_changes *changes);
/* The rule that changes->done is about; NULL: a member. */
const struct policy_entry *policy_changes_at(const struct policy_changes *changes);

#endif
