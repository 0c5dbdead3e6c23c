/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a VRF: it is there while the VRF has a rule or a member, its tables while it has a rule. */
#ifndef SLUICE_DATAPLANE_POLICY_VRF_H
#define SLUICE_DATAPLANE_POLICY_VRF_H

#include "vnf/dataplane/policy/engine.h"

/* The state, made if it is not there. NULL: out of memory. */
struct policy_vrf *policy_vrf_get(struct policy *policy, uint16_t id);
/* Its tables, if they are not there: 0 or -ENOSPC. */
int policy_vrf_begin(struct policy *policy, struct policy_vrf *vrf);
/* Gives back what is not needed; it may be gone then. */
void policy_vrf_end(struct policy *policy, struct policy_vrf *vrf);
void policy_vrf_free(struct policy_vrf *vrf); /* NULL is fine; the tables are left as they are */

/* Would the key's chain be too long with this rule? -E2BIG. */
int policy_chain_check(const struct policy *policy, const struct policy_vrf *vrf, const struct policy_place *place,
		       uint32_t id, bool guarded);
/* Makes packets find the rule at its place, or find it no more. */
void policy_link(struct policy *policy, struct policy_vrf *vrf, const struct policy_place *place,
		 const struct dp_policy_rule *rule, const struct dp_policy_guard *guard);
void policy_unlink(struct policy *policy, struct policy_vrf *vrf, uint32_t id);

#endif
