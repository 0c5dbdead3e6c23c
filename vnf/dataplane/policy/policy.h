/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy engine: the rules of all VRFs in one bank (api/dp/policy.h has the layout). The engine of a bank is told
 * every change of that bank, as the FIB's is. One thread.
 */
#ifndef SLUICE_DATAPLANE_POLICY_H
#define SLUICE_DATAPLANE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"
#include "vnf/dataplane/bank/bank.h"

struct policy;

/* Writes the bank's policy tables, which are zeros. Both are borrowed. NULL: out of memory. */
struct policy *policy_new(const struct bank *bank, const struct dp_limits *limits);
void policy_free(struct policy *policy); /* NULL is fine; the tables are left as they are */

/* An end of a packet: a named set, or a prefix, or any. */
struct policy_end {
	uint32_t set;			/* 1 to POLICY_SETS; 0: none */
	struct ip_prefix prefix;	/* family 0: any; only without a set */
	uint16_t port_first, port_last; /* host order; 0..65535: any. Of ICMP the destination's is type << 8 | code */
};
#define POLICY_SETS 32767

/* What a rule is about but for its guard. */
struct policy_pattern {
	struct policy_end source, destination;
	uint16_t protocol; /* DP_POLICY_NO_PROTOCOL: any */
	uint8_t family;	   /* 4, 6, or 0: both */
};

/* Puts the rule with this id (1 to policy_ids()) into the VRF, or changes it there. `rule` has order, target, id,
 * action, category and flags; the rest is the engine's. `guard` may be NULL. 0; -EINVAL: no such VRF, id, category,
 * set, prefix or port, or addresses of two families; -ENOSPC: a table is full; -E2BIG: too many tuples, layers, values
 * or rules of one key; -ENOMEM. On failure nothing has changed. */
int policy_set(struct policy *policy, uint16_t vrf, const struct policy_pattern *pattern,
	       const struct dp_policy_rule *rule, const struct dp_policy_guard *guard);
/* Takes it out; false: it was not there. Never fails. */
bool policy_unset(struct policy *policy, uint16_t vrf, uint32_t id);

/* Sets are known by their number in a VRF; the same number in another VRF is another set. A set without members matches
 * nothing. Errors as above; -EEXIST: the prefix is in the set. */
int policy_add_member(struct policy *policy, uint16_t vrf, uint32_t set, const struct ip_prefix *prefix);
bool policy_remove_member(struct policy *policy, uint16_t vrf, uint32_t set, const struct ip_prefix *prefix);

/* The options that the VRF's guards refer to, and its epoch. Never fails. */
void policy_set_options(struct policy *policy, uint16_t vrf, const uint32_t option[DP_POLICY_OPTIONS], uint8_t count);
void policy_set_epoch(struct policy *policy, uint16_t vrf, uint32_t epoch);

/* The whole VRF anew, laid out as well as can be: after many changes, or to begin with. 0, or as policy_set and nothing
 * has changed. */
int policy_rebuild(struct policy *policy, uint16_t vrf);

/* The most tuples that any packet of the VRF may have to look into (DP_POLICY_PROBES is the limit), and the ids of up
 * to `most` rules in tuples that make it so many. */
/* Of more than 1,000 rules `probes` may be up to 8 too many since it was last measured, though not beyond the limit;
 * after policy_rebuild it is exact. */
struct policy_cost {
	uint32_t rules, tuples, values;
	uint32_t probes;
	uint64_t bytes; /* of one bank */
};
struct policy_cost policy_cost(struct policy *policy, uint16_t vrf);
size_t policy_costly(struct policy *policy, uint16_t vrf, uint32_t *id, size_t most);

/* Of the pool, in blocks that are in use. */
uint64_t policy_words_used(const struct policy *policy);

#endif
