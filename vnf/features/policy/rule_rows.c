/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/policy/rule_rows.h"

#include <string.h>

#include "vnf/features/policy/match_fields.h"

/* Orders: priority, then action, then id. Rules of security groups all allow, before their default. */
#define PRIORITY_SHIFT 48
#define ACTION_SHIFT   40
#define DEFAULT_ORDER  (1ULL << 63)
#define POOL_BITS      16 /* of a target that is a pool, under its per mille */

_Static_assert(DP_MAX_POOLS < 1 << POOL_BITS, "a pool fits");

/* Bits of dp_policy_guard.fragments: not a fragment, the first one, a later one. */
enum { UNFRAGMENTED = 1, FIRST_FRAGMENT = 2, LATER_FRAGMENT = 4 };

static const struct {
	uint8_t action, category;
} actions[] = {
	[SLUICE__V1__POLICY_RULE__ACTION_NEXT_HOP_GROUP] = {DP_POLICY_GROUP, DP_POLICY_STEER},
	[SLUICE__V1__POLICY_RULE__ACTION_PORT_CHAIN] = {DP_POLICY_STAGE, DP_POLICY_STEER},
	[SLUICE__V1__POLICY_RULE__ACTION_QOS_POLICY] = {DP_POLICY_QOS_TO, DP_POLICY_QOS},
	[SLUICE__V1__POLICY_RULE__ACTION_SERVICE_POOL] = {DP_POLICY_POOL, DP_POLICY_STEER},
	[SLUICE__V1__POLICY_RULE__ACTION_OBSERVE] = {DP_POLICY_COUNT, DP_POLICY_OBSERVE},
};

static const struct {
	uint8_t action, rank;
} accesses[] = {
	[SLUICE__V1__ACCESS__ACCESS_DENY] = {DP_POLICY_DENY, 0},
	[SLUICE__V1__ACCESS__ACCESS_REJECT] = {DP_POLICY_REJECT, 1},
	[SLUICE__V1__ACCESS__ACCESS_ALLOW] = {DP_POLICY_ALLOW, 2},
};

static uint8_t flags_of(uint8_t established, bool stateful)
{
	return (uint8_t)((established == SLUICE__V1__ESTABLISHED__ESTABLISHED_KEEP ? DP_POLICY_KEEP : 0) |
			 (established == SLUICE__V1__ESTABLISHED__ESTABLISHED_RESET ? DP_POLICY_RESET : 0) |
			 (stateful ? DP_POLICY_STATEFUL : 0));
}

/* Any packet. */
static void begin(struct policy_entry *entry, uint16_t vrf)
{
	memset(entry, 0, sizeof(*entry));
	entry->vrf = vrf;
	entry->pattern.source.port_last = entry->pattern.destination.port_last = UINT16_MAX;
	entry->pattern.protocol = DP_POLICY_NO_PROTOCOL;
}

static void put_ports(struct policy_end *end, const struct policy_ports *ports)
{
	end->port_first = ports->first;
	end->port_last = ports->last;
}

/* Type and code stand where the destination's port does. */
static void put_icmp(struct policy_end *destination, const struct policy_icmp *icmp)
{
	if (!icmp->has)
		return;
	destination->port_first = (uint16_t)(icmp->type << 8 | (icmp->has_code ? icmp->code : 0));
	destination->port_last = (uint16_t)(icmp->type << 8 | (icmp->has_code ? icmp->code : UINT8_MAX));
}

static uint8_t fragments_of(uint8_t match)
{
	switch ((Sluice__V1__FragmentMatch)match) {
	case SLUICE__V1__FRAGMENT_MATCH__FRAGMENT_MATCH_NONE:
		return UNFRAGMENTED;
	case SLUICE__V1__FRAGMENT_MATCH__FRAGMENT_MATCH_ANY:
		return FIRST_FRAGMENT | LATER_FRAGMENT;
	case SLUICE__V1__FRAGMENT_MATCH__FRAGMENT_MATCH_FIRST:
		return FIRST_FRAGMENT;
	case SLUICE__V1__FRAGMENT_MATCH__FRAGMENT_MATCH_LATER:
		return LATER_FRAGMENT;
	default:
		return 0;
	}
}

static uint64_t first_bytes(const uint8_t bytes[8])
{
	uint64_t number = 0;

	for (int i = 0; i < 8; i++)
		number = number << 8 | bytes[i];
	return number;
}

static void put_guard(const struct policy_match *match, uint8_t option, struct dp_policy_guard *guard)
{
	guard->asks =
		(uint16_t)((match->tcp_mask ? DP_GUARD_TCP_FLAGS : 0) | (match->has_dscp ? DP_GUARD_DSCP : 0) |
			   (match->fragment ? DP_GUARD_FRAGMENT : 0) | (match->states ? DP_GUARD_STATE : 0) |
			   (match->interface ? DP_GUARD_INTERFACE : 0) | (match->has_tunnel ? DP_GUARD_TUNNEL : 0) |
			   (match->has_vni ? DP_GUARD_VNI : 0) | (match->option.length ? DP_GUARD_OPTION : 0));
	guard->tcp_flags = match->tcp_flags;
	guard->tcp_mask = match->tcp_mask;
	guard->dscp = match->dscp;
	guard->fragments = fragments_of(match->fragment);
	guard->states = match->states;
	guard->interface = match->interface ? (uint16_t)match->interface->id : 0;
	guard->tunnel = match->tunnel ? (uint16_t)match->tunnel->id : 0;
	guard->vni = match->vni;
	guard->option = option;
	guard->option_value = first_bytes(match->option.value);
	guard->option_mask = first_bytes(match->option.mask);
}

static void put_action(const struct policy_rule *rule, uint32_t stage, struct dp_policy_rule *to)
{
	uint64_t rank = 0;

	if (rule->action == SLUICE__V1__POLICY_RULE__ACTION_ACCESS) {
		to->action = accesses[rule->what].action;
		to->category = DP_POLICY_ACCESS;
		rank = accesses[rule->what].rank;
	} else {
		to->action = actions[rule->action].action;
		to->category = actions[rule->action].category;
	}
	if (rule->action == SLUICE__V1__POLICY_RULE__ACTION_PORT_CHAIN)
		to->target = stage;
	else if (rule->action == SLUICE__V1__POLICY_RULE__ACTION_SERVICE_POOL)
		to->target = (uint32_t)rule->per_mille << POOL_BITS | rule->target->id;
	else if (rule->target)
		to->target = rule->target->id;
	to->order = (uint64_t)rule->priority << PRIORITY_SHIFT | rank << ACTION_SHIFT | to->id;
}

void policy_rule_row(const struct policy_rule *rule, uint32_t stage, uint8_t option, struct policy_entry *entry)
{
	const struct policy_match *match = &rule->match;
	struct policy_pattern *pattern = &entry->pattern;

	begin(entry, (uint16_t)rule->vrf->id);
	pattern->family = policy_match_family(match);
	if (match->protocol)
		pattern->protocol = match->protocol;
	pattern->source.set = address_group_set(match->source.group);
	pattern->source.prefix = match->source.prefix;
	put_ports(&pattern->source, &match->source.ports);
	pattern->destination.set = address_group_set(match->destination.group);
	pattern->destination.prefix = match->destination.prefix;
	put_ports(&pattern->destination, &match->destination.ports);
	put_icmp(&pattern->destination, &match->icmp);
	entry->rule.id = rule->resource.self->id;
	entry->rule.flags = flags_of(rule->established, rule->stateful);
	put_action(rule, stage, &entry->rule);
	put_guard(match, option, &entry->guard);
}

void security_group_rule_row(const struct security_group_rule *rule, uint16_t vrf, bool stateful,
			     struct policy_entry *entry)
{
	bool ingress = rule->direction == SLUICE__V1__DIRECTION__DIRECTION_INGRESS;
	struct policy_pattern *pattern = &entry->pattern;
	struct policy_end *own = ingress ? &pattern->destination : &pattern->source;
	struct policy_end *remote = ingress ? &pattern->source : &pattern->destination;

	begin(entry, vrf);
	pattern->family = rule->family			? rule->family
			  : rule->remote.address.family ? rule->remote.address.family
							: protocol_family(rule->protocol);
	if (rule->protocol)
		pattern->protocol = rule->protocol;
	own->set = security_group_set(rule->group);
	remote->prefix = rule->remote;
	remote->set =
		rule->remote_group ? security_group_set(rule->remote_group) : address_group_set(rule->remote_addresses);
	put_ports(&pattern->destination, &rule->ports);
	put_icmp(&pattern->destination, &rule->icmp);
	entry->rule.id = rule->resource.self->id;
	entry->rule.order = entry->rule.id;
	entry->rule.action = DP_POLICY_ALLOW;
	entry->rule.category = ingress ? DP_POLICY_INGRESS : DP_POLICY_EGRESS;
	entry->rule.flags = flags_of(rule->established, stateful);
}

void default_rule_row(const struct security_group *group, Sluice__V1__Direction direction,
		      const struct dp_limits *limits, struct policy_entry *entry)
{
	bool ingress = direction == SLUICE__V1__DIRECTION__DIRECTION_INGRESS;
	struct policy_end *own;

	begin(entry, (uint16_t)group->vrf->id);
	own = ingress ? &entry->pattern.destination : &entry->pattern.source;
	own->set = security_group_set(group->resource.self);
	/* policy_ids() */
	entry->rule.id = limits->policy_rules + 2 * group->resource.self->id - !ingress;
	entry->rule.order = DEFAULT_ORDER | entry->rule.id;
	entry->rule.action = DP_POLICY_DENY;
	entry->rule.category = ingress ? DP_POLICY_INGRESS : DP_POLICY_EGRESS;
}
