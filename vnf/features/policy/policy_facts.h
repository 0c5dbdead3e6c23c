/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables of policy know of each other. */
#ifndef SLUICE_FEATURES_POLICY_POLICY_FACTS_H
#define SLUICE_FEATURES_POLICY_POLICY_FACTS_H

#include "vnf/features/policy/rule_rows.h"
#include "vnf/reconcile/table.h"

/* The rule in the engine becomes `after`; each may be none (vrf 0). 0 or -ENOMEM. */
int policy_replace_rule(struct tables *tables, const struct policy_entry *before, const struct policy_entry *after);
/* Makes the members of a set in a VRF, `before`, those of `after`; both are sorted. 0 or -ENOMEM. */
int policy_replace_members(struct tables *tables, uint16_t vrf, uint32_t set, const struct ip_prefix *before,
			   size_t before_count, const struct ip_prefix *after, size_t after_count);

/* A rule of the VRF more (step 1) or less (-1) refers to the address group. */
void address_set_use(struct tables *tables, uint16_t vrf, uint32_t group, int step);

/* The VRF has a rule more or less; 0: its rules or members are others. */
void policy_vrf_count(struct tables *tables, uint16_t vrf, int step);
/* Index among the VRF's options, with one user more; -ENOSPC: it has as many others. */
int policy_option_take(struct tables *tables, uint16_t vrf, uint32_t option);
void policy_option_leave(struct tables *tables, uint16_t vrf, uint32_t option);

#endif
