/* SPDX-License-Identifier: Apache-2.0 */
/* Rules come and go: all that a rule needs is had first, then it takes the place of what it was before. */
#include "vnf/dataplane/policy/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/dataplane/policy/engine.h"
#include "vnf/dataplane/policy/vrf.h"

struct policy *policy_new(const struct bank *bank, const struct dp_limits *limits)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	uint32_t words = bank_rows(limits, DP_TABLE_policy_words);

	if (!policy)
		return NULL;
	policy->bank = bank;
	policy->limits = *limits;
	policy->vrf = calloc(limits->vrfs + 1, sizeof(struct policy_vrf *));
	policy->place = calloc(policy_ids(limits) + 1, sizeof(*policy->place));
	policy->pool = fib_pool_new(words);
	if (policy->pool)
		policy->fib =
			fib_new_in(policy->pool, bank->policy_words, words, bank->policy_trees, limits->vrfs * 2 + 1);
	if (policy->vrf && policy->place && policy->fib)
		return policy;
	policy_free(policy);
	return NULL;
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (uint32_t i = 0; policy->vrf && i <= policy->limits.vrfs; i++)
		policy_vrf_free(policy->vrf[i]);
	free(policy->vrf);
	free(policy->place);
	fib_free(policy->fib);
	fib_pool_free(policy->pool);
	free(policy);
}

static bool valid_prefix(const struct ip_prefix *prefix)
{
	return (prefix->address.family == 4 && prefix->length <= 32) ||
	       (prefix->address.family == 6 && prefix->length <= 128);
}

static bool valid_end(const struct policy_end *end, uint8_t family)
{
	uint8_t own = end->prefix.address.family;

	if (end->set > POLICY_SETS || end->port_first > end->port_last)
		return false;
	return !own || (!end->set && valid_prefix(&end->prefix) && (!family || family == own));
}

static bool valid(const struct policy *policy, uint16_t vrf, const struct policy_pattern *pattern,
		  const struct dp_policy_rule *rule)
{
	uint8_t source = pattern->source.prefix.address.family,
		destination = pattern->destination.prefix.address.family;

	return vrf && vrf <= policy->limits.vrfs && rule->id && rule->id <= policy_ids(&policy->limits) &&
	       rule->category < DP_POLICY_CATEGORIES &&
	       (!pattern->family || pattern->family == 4 || pattern->family == 6) &&
	       (pattern->protocol <= UINT8_MAX || pattern->protocol == DP_POLICY_NO_PROTOCOL) &&
	       (!source || !destination || source == destination) && valid_end(&pattern->source, pattern->family) &&
	       valid_end(&pattern->destination, pattern->family);
}

static bool asks_ports(const struct policy_end *end)
{
	return end->port_first || end->port_last != UINT16_MAX;
}

static bool asks_prefix(const struct policy_end *end)
{
	return end->prefix.address.family && end->prefix.length;
}

/* A prefix says the family, too; all of a family's addresses are "any". */
static uint8_t flags_of(const struct policy_pattern *pattern, uint8_t category)
{
	uint8_t source = pattern->source.prefix.address.family,
		destination = pattern->destination.prefix.address.family;
	uint8_t family = pattern->family ? pattern->family : source ? source : destination;
	uint8_t flags = category;

	if (family && !asks_prefix(&pattern->source) && !asks_prefix(&pattern->destination))
		flags |= family == 4 ? DP_TUPLE_IPV4 : DP_TUPLE_IPV6;
	if (pattern->protocol != DP_POLICY_NO_PROTOCOL)
		flags |= DP_TUPLE_PROTOCOL;
	return flags;
}

static uint8_t features_of(const struct policy_pattern *pattern, const struct dp_policy_rule *rule,
			   const struct dp_policy_guard *guard)
{
	bool access = rule->category <= DP_POLICY_INGRESS || rule->action == DP_POLICY_STAGE;
	bool ports = asks_ports(&pattern->source) || asks_ports(&pattern->destination);
	uint16_t asks = guard ? guard->asks : 0;

	return (uint8_t)((rule->flags & DP_POLICY_STATEFUL ? DP_POLICY_HAS_STATEFUL : 0) |
			 (asks & DP_GUARD_STATE ? DP_POLICY_HAS_STATES : 0) |
			 (access && ports ? DP_POLICY_HAS_PORTS : 0) |
			 (asks & DP_GUARD_TCP_FLAGS ? DP_POLICY_HAS_FLAGS : 0));
}

static int ask_of(struct policy_vrf *vrf, const struct policy_end *end, int field, struct policy_ask *ask)
{
	struct policy_extent extent = policy_extent_of(&end->prefix);

	*ask = (struct policy_ask){.last = UINT16_MAX};
	if (field >= SOURCE_PORT) {
		*ask = (struct policy_ask){.first = end->port_first, .last = end->port_last};
	} else if (end->set) {
		*ask = (struct policy_ask){.set = policy_set_get(vrf, end->set)};
		return ask->set ? 0 : -ENOMEM;
	} else if (asks_prefix(end)) {
		*ask = (struct policy_ask){.bits = extent.bits, .family = extent.family, .length = extent.length};
	}
	return 0;
}

static int use_value(struct policy *policy, struct policy_vrf *vrf, const struct policy_pattern *pattern, int field,
		     uint16_t *id)
{
	const struct policy_end *end =
		field == SOURCE || field == SOURCE_PORT ? &pattern->source : &pattern->destination;
	struct policy_ask ask;
	int status = ask_of(vrf, end, field, &ask);

	if (!status)
		status = policy_value_use(policy, vrf, field, &ask, id);
	if (status && ask.set)
		policy_set_tidy(vrf, ask.set);
	return status;
}

static void leave_values(struct policy *policy, struct policy_vrf *vrf, const struct policy_place *place)
{
	for (int f = 0; f < FIELDS; f++)
		policy_value_leave(policy, vrf, f, place->value[f]);
	policy_protocol_leave(policy, vrf, place->protocol, place->number);
}

/* Where there are too many tuples, a better layout may have fewer. */
static int use_tuple(struct policy *policy, struct policy_vrf *vrf, struct policy_place *place, uint64_t order)
{
	int status = policy_tuple_use(policy, vrf, place, order);

	if (status == -E2BIG && !policy_relayout(policy, vrf, (1U << FIELDS) - 1))
		status = policy_tuple_use(policy, vrf, place, order);
	return status;
}

/* What the rule needs, all or nothing. */
static int use(struct policy *policy, struct policy_vrf *vrf, const struct policy_pattern *pattern,
	       const struct dp_policy_rule *rule, bool guarded, struct policy_place *place)
{
	int status = 0;

	for (int f = 0; f < FIELDS && !status; f++)
		status = use_value(policy, vrf, pattern, f, &place->value[f]);
	if (!status && place->flags & DP_TUPLE_PROTOCOL)
		status = policy_protocol_use(policy, vrf, place->protocol, &place->number);
	if (!status)
		status = use_tuple(policy, vrf, place, rule->order);
	if (status) {
		leave_values(policy, vrf, place);
		return status;
	}
	status = policy_key_reserve(policy, vrf, place);
	if (!status)
		status = policy_chain_check(policy, vrf, place, rule->id, guarded);
	if (status) {
		policy_tuple_leave(policy, vrf, place);
		leave_values(policy, vrf, place);
	}
	return status;
}

uint64_t policy_words_used(const struct policy *policy)
{
	struct fib_pool_usage usage;

	fib_pool_usage(policy->pool, &usage);
	return usage.live;
}

/* Takes the rule out of where it is. */
static void take_out(struct policy *policy, struct policy_vrf *vrf, uint32_t id)
{
	struct policy_place place = policy->place[id];
	uint64_t words = policy_words_used(policy);

	policy_unlink(policy, vrf, id);
	policy_tuple_leave(policy, vrf, &place);
	leave_values(policy, vrf, &place);
	vrf->words += policy_words_used(policy) - words;
}

int policy_set(struct policy *policy, uint16_t vrf_id, const struct policy_pattern *pattern,
	       const struct dp_policy_rule *rule, const struct dp_policy_guard *guard)
{
	uint64_t words = policy_words_used(policy);
	struct policy_place place = {.vrf = vrf_id};
	struct policy_vrf *vrf;
	uint16_t before;
	int status;

	if (!valid(policy, vrf_id, pattern, rule))
		return -EINVAL;
	if (rule->id > UINT16_MAX) /* a key's slot has 16 bits for the row */
		return -ENOSPC;
	place.flags = flags_of(pattern, rule->category);
	place.protocol = place.flags & DP_TUPLE_PROTOCOL ? (uint8_t)pattern->protocol : 0;
	place.features = features_of(pattern, rule, guard);
	vrf = policy_vrf_get(policy, vrf_id);
	if (!vrf)
		return -ENOMEM;
	status = policy_vrf_begin(policy, vrf);
	if (!status)
		status = use(policy, vrf, pattern, rule, guard != NULL, &place);
	if (status) {
		vrf->words += policy_words_used(policy) - words;
		policy_vrf_end(policy, vrf);
		return status;
	}
	before = policy->place[rule->id].vrf;
	vrf->words += policy_words_used(policy) - words;
	if (before)
		take_out(policy, policy->vrf[before], rule->id);
	policy_link(policy, vrf, &place, rule, guard);
	if (before && before != vrf_id)
		policy_vrf_end(policy, policy->vrf[before]);
	return 0;
}

bool policy_unset(struct policy *policy, uint16_t vrf, uint32_t id)
{
	if (!vrf || !id || id > policy_ids(&policy->limits) || policy->place[id].vrf != vrf)
		return false;
	take_out(policy, policy->vrf[vrf], id);
	policy_vrf_end(policy, policy->vrf[vrf]);
	return true;
}

/* The set as a value of the field, if rules name it there. */
static struct policy_value *value_of(const struct policy_vrf *vrf, const struct policy_set *set, int field)
{
	return set->value[field] ? vrf->field[field].value[set->value[field]] : NULL;
}

static int extend(struct policy *policy, struct policy_vrf *vrf, struct policy_set *set, const struct ip_prefix *prefix)
{
	struct policy_value *source = value_of(vrf, set, SOURCE), *destination = value_of(vrf, set, DESTINATION);
	struct policy_extent extent = policy_extent_of(prefix);
	int status = source ? policy_value_extend(policy, vrf, SOURCE, source, &extent) : 0;

	if (status || !destination)
		return status;
	status = policy_value_extend(policy, vrf, DESTINATION, destination, &extent);
	if (status && source)
		policy_value_shrink(policy, vrf, SOURCE, source, &extent);
	return status;
}

int policy_add_member(struct policy *policy, uint16_t vrf_id, uint32_t number, const struct ip_prefix *prefix)
{
	uint64_t words = policy_words_used(policy);
	struct policy_set *set;
	struct policy_vrf *vrf;
	int status = -ENOMEM;

	if (!vrf_id || vrf_id > policy->limits.vrfs || !number || number > POLICY_SETS || !valid_prefix(prefix))
		return -EINVAL;
	vrf = policy_vrf_get(policy, vrf_id);
	if (!vrf)
		return -ENOMEM;
	set = policy_set_get(vrf, number);
	if (set)
		status = policy_set_insert(set, prefix);
	if (!status) {
		status = extend(policy, vrf, set, prefix);
		if (status)
			policy_set_remove(set, prefix);
	}
	vrf->words += policy_words_used(policy) - words;
	vrf->measured &= status != 0;
	if (status && set)
		policy_set_tidy(vrf, set);
	if (status)
		policy_vrf_end(policy, vrf);
	return status;
}

bool policy_remove_member(struct policy *policy, uint16_t vrf_id, uint32_t number, const struct ip_prefix *prefix)
{
	struct policy_vrf *vrf = vrf_id <= policy->limits.vrfs ? policy->vrf[vrf_id] : NULL;
	struct policy_set *set = vrf ? policy_set_find(vrf, number) : NULL;
	struct policy_extent extent = policy_extent_of(prefix);
	uint64_t words = policy_words_used(policy);

	if (!set || !policy_set_remove(set, prefix))
		return false;
	for (int f = SOURCE; f <= DESTINATION; f++)
		if (set->value[f])
			policy_value_shrink(policy, vrf, f, value_of(vrf, set, f), &extent);
	vrf->words += policy_words_used(policy) - words;
	vrf->measured = false;
	policy_set_tidy(vrf, set);
	policy_vrf_end(policy, vrf);
	return true;
}

void policy_set_options(struct policy *policy, uint16_t vrf, const uint32_t option[DP_POLICY_OPTIONS], uint8_t count)
{
	struct dp_policy *row = &policy->bank->policies[vrf];

	row->option_count = count;
	for (uint8_t i = 0; i < DP_POLICY_OPTIONS; i++)
		row->option[i] = i < count ? option[i] : 0;
}

void policy_set_epoch(struct policy *policy, uint16_t vrf, uint32_t epoch)
{
	policy->bank->policies[vrf].epoch = epoch;
}

int policy_rebuild(struct policy *policy, uint16_t vrf_id)
{
	struct policy_vrf *vrf = vrf_id <= policy->limits.vrfs ? policy->vrf[vrf_id] : NULL;
	uint64_t words = policy_words_used(policy);
	int status;

	if (!vrf || !vrf->rules)
		return 0;
	status = policy_relayout(policy, vrf, (1U << FIELDS) - 1);
	vrf->words += policy_words_used(policy) - words;
	return status;
}
