/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "api/dp/counters.h"
#include "api/dp/service.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"
#include "vnf/features/policy/match_fields.h"
#include "vnf/features/policy/policy.h"
#include "vnf/features/policy/policy_match.h"

/* By action: where its name is in the message, and what it is the name of. */
static const struct target {
	const char *field;
	size_t offset;
	enum resource_kind kind;
} targets[] = {
#define TARGET(ACTION, kind, field)                                                                                    \
	[SLUICE__V1__POLICY_RULE__ACTION_##ACTION] = {#field, offsetof(Sluice__V1__PolicyRule, field), kind}
	TARGET(NEXT_HOP_GROUP, RESOURCE_NEXT_HOP_GROUP, next_hop_group),
	TARGET(PORT_CHAIN, RESOURCE_PORT_CHAIN, port_chain),
	TARGET(QOS_POLICY, RESOURCE_QOS_POLICY, qos_policy),
#undef TARGET
	/* In a message of its own. */
	[SLUICE__V1__POLICY_RULE__ACTION_SERVICE_POOL] = {"service_pool.pool", 0, RESOURCE_POOL},
};

static void decode_service_pool(struct decoder *decoder, const Sluice__V1__ServicePool *from, struct policy_rule *to)
{
	size_t above = decoder_enter_field(decoder, "service_pool");

	to->target = decode_name(decoder, RESOURCE_POOL, "pool", from->pool);
	if (decode_range(decoder, "per_mille", from->per_mille, 0, DP_SHARE_ALL))
		to->per_mille = (uint16_t)(from->per_mille ? from->per_mille : DP_SHARE_ALL);
	decoder_leave(decoder, above);
}

static void decode_action(struct decoder *decoder, const Sluice__V1__PolicyRule *from, struct policy_rule *to)
{
	const struct target *target;

	to->action = (uint8_t)from->action_case;
	switch (from->action_case) {
	case SLUICE__V1__POLICY_RULE__ACTION_ACCESS:
		decode_range(decoder, "access", (uint32_t)from->access, SLUICE__V1__ACCESS__ACCESS_ALLOW,
			     SLUICE__V1__ACCESS__ACCESS_REJECT);
		to->what = (uint8_t)from->access;
		return;
	case SLUICE__V1__POLICY_RULE__ACTION_OBSERVE:
		decode_range(decoder, "observe", (uint32_t)from->observe, SLUICE__V1__OBSERVE__OBSERVE_COUNT,
			     SLUICE__V1__OBSERVE__OBSERVE_COUNT);
		to->what = (uint8_t)from->observe;
		return;
	case SLUICE__V1__POLICY_RULE__ACTION_NEXT_HOP_GROUP:
	case SLUICE__V1__POLICY_RULE__ACTION_PORT_CHAIN:
	case SLUICE__V1__POLICY_RULE__ACTION_QOS_POLICY:
		target = &targets[from->action_case];
		if (!kind_ops(target->kind))
			decode_fault(decoder, target->field, "is not supported by this router");
		else
			to->target = decode_name(decoder, target->kind, target->field, from->next_hop_group);
		return;
	case SLUICE__V1__POLICY_RULE__ACTION_SERVICE_POOL:
		decode_service_pool(decoder, from->service_pool, to);
		return;
	default:
		decode_fault(decoder, "",
			     "has no action: set access, next_hop_group, port_chain, qos_policy, service_pool or "
			     "observe");
	}
}

static bool allows(const struct policy_rule *rule)
{
	return rule->action == SLUICE__V1__POLICY_RULE__ACTION_ACCESS && rule->what == SLUICE__V1__ACCESS__ACCESS_ALLOW;
}

/* Only who lets connections in can say what becomes of them. */
static void decode_connections(struct decoder *decoder, const Sluice__V1__PolicyRule *from, struct policy_rule *to)
{
	decode_established(decoder, from->established, &to->established);
	to->stateful = from->stateful;
	if (to->stateful && !allows(to))
		decode_fault(decoder, "stateful", "needs access ACCESS_ALLOW: other rules let no connection in");
	if (to->established > SLUICE__V1__ESTABLISHED__ESTABLISHED_REEVALUATE && !allows(to))
		decode_fault(decoder, "established",
			     "%s needs access ACCESS_ALLOW: put it on the rule that lets the connections in",
			     to->established == SLUICE__V1__ESTABLISHED__ESTABLISHED_KEEP ? "ESTABLISHED_KEEP"
											  : "ESTABLISHED_RESET");
	else if (to->established == SLUICE__V1__ESTABLISHED__ESTABLISHED_KEEP && !to->stateful)
		decode_fault(decoder, "established",
			     "ESTABLISHED_KEEP needs stateful: without, nothing is there to keep");
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__PolicyRule *from = message;
	struct policy_rule *rule = (struct policy_rule *)resource_new(RESOURCE_POLICY_RULE, sizeof(*rule));

	if (!rule)
		return NULL;
	rule->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", from->vrf);
	if (decode_range(decoder, "priority", from->priority, 0, 65535))
		rule->priority = (uint16_t)from->priority;
	policy_match_decode(decoder, from->match, &rule->match);
	decode_action(decoder, from, rule);
	decode_connections(decoder, from, rule);
	return &rule->resource;
}

static int encode_service_pool(const struct policy_rule *from, Sluice__V1__PolicyRule *to)
{
	to->service_pool = message_new(&sluice__v1__service_pool__descriptor);
	if (!to->service_pool)
		return -ENOMEM;
	to->action_case = SLUICE__V1__POLICY_RULE__ACTION_SERVICE_POOL;
	to->service_pool->per_mille = from->per_mille;
	return encode_text(&to->service_pool->pool, from->target->text);
}

static int encode(const struct resource *resource, void *message)
{
	const struct policy_rule *rule = (const struct policy_rule *)resource;
	Sluice__V1__PolicyRule *to = message;

	to->priority = rule->priority;
	to->stateful = rule->stateful;
	to->established = (Sluice__V1__Established)rule->established;
	if (encode_text(&to->vrf, rule->vrf->text) || policy_match_encode(&rule->match, &to->match))
		return -ENOMEM;
	if (rule->action == SLUICE__V1__POLICY_RULE__ACTION_SERVICE_POOL)
		return encode_service_pool(rule, to);
	/* The names are one union; a case that is set owns its name. */
	if (rule->target && !(to->next_hop_group = strdup(rule->target->text)))
		return -ENOMEM;
	to->action_case = (Sluice__V1__PolicyRule__ActionCase)rule->action;
	if (rule->action == SLUICE__V1__POLICY_RULE__ACTION_ACCESS)
		to->access = (Sluice__V1__Access)rule->what;
	else if (rule->action == SLUICE__V1__POLICY_RULE__ACTION_OBSERVE)
		to->observe = (Sluice__V1__Observe)rule->what;
	return 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct policy_rule *x = (const struct policy_rule *)a, *y = (const struct policy_rule *)b;

	return x->vrf == y->vrf && x->priority == y->priority && x->action == y->action && x->what == y->what &&
	       x->target == y->target && x->per_mille == y->per_mille && x->established == y->established &&
	       x->stateful == y->stateful && policy_match_equal(&x->match, &y->match);
}

/* IPv6 packets may match, and go to its next hops. */
static bool sends_ipv6(const struct policy_rule *rule)
{
	return rule->action == SLUICE__V1__POLICY_RULE__ACTION_NEXT_HOP_GROUP && policy_match_family(&rule->match) != 4;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct policy_rule *rule = (const struct policy_rule *)resource;

	if (rule->vrf)
		visit(&(struct reference){rule->vrf, "vrf", -1, NULL, false}, context);
	if (rule->target)
		visit(&(struct reference){rule->target, targets[rule->action].field, -1, NULL, sends_ipv6(rule)},
		      context);
	policy_match_references(&rule->match, visit, context);
}

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct policy_rule *rule = (const struct policy_rule *)resource;
	struct holding holding = {.holder = rule->vrf, .shared = true, .field = "vrf", .index = -1};

	holding.key.rule = &vrf_use_rule;
	holding.key.handle = rule->match.interface;
	if (rule->match.interface)
		visit(&holding, context);
	holding.key.handle = rule->target;
	if (rule->action == SLUICE__V1__POLICY_RULE__ACTION_PORT_CHAIN)
		visit(&holding, context);
	holding.holder = rule->target;
	holding.key = (struct unique_key){
		.rule = &pool_use_rule, .handle = rule->target, .number = policy_match_family(&rule->match)};
	if (rule->action == SLUICE__V1__POLICY_RULE__ACTION_SERVICE_POOL && rule->target)
		visit(&holding, context);
}

static void check_tunnel(struct check *check, const struct policy_rule *rule)
{
	const struct policy_match *match = &rule->match;
	struct unique_key key = {.rule = &vni_binding_rule, .handle = match->tunnel, .number = match->vni};
	const struct handle *bound;

	if (!match->tunnel || !match->tunnel->resource || !match->has_vni)
		return;
	bound = unique_keys_holder(check->unique_keys, &key);
	if (!bound)
		check_fault(check, ERROR_INVALID_ARGUMENT, "match.tunnel.vni", -1, NULL,
			    "tunnel endpoint \"%s\" does not bind VNI %u: add it to its vni_bindings",
			    match->tunnel->text, match->vni);
	else if (bound != rule->vrf)
		check_fault(
			check, ERROR_INVALID_ARGUMENT, "match.tunnel.vni", -1, NULL,
			"%u of tunnel endpoint \"%s\" leads to VRF \"%s\", not to the rule's, \"%s\": no packet would "
			"match",
			match->vni, match->tunnel->text, bound->text, rule->vrf->text);
}

/* Only Geneve has options. */
static void check_option(struct check *check, const struct policy_rule *rule)
{
	const struct handle *tunnel = rule->match.tunnel;
	Sluice__V1__Resource *message;

	if (!rule->match.option.length || !tunnel || !tunnel->resource)
		return;
	message = resource_encode(tunnel->resource);
	if (!message)
		error_no_memory(check->error, NULL);
	else if (message->tunnel_endpoint->kind != SLUICE__V1__TUNNEL_KIND__TUNNEL_KIND_GENEVE)
		check_fault(check, ERROR_INVALID_ARGUMENT, "match.tunnel.geneve_option", -1, NULL,
			    "tunnel endpoint \"%s\" is not of kind TUNNEL_KIND_GENEVE: its packets have no options",
			    tunnel->text);
	message_free(message);
}

/* A chain is of the VRF of its classifiers. */
static void find_vrf(const struct reference *reference, void *context)
{
	const struct handle **found = context, *handle = reference->handle;

	if (handle->kind == RESOURCE_FLOW_CLASSIFIER && handle->resource)
		*found = kind_ops(handle->kind)->vrf(handle->resource);
}

static void check_chain(struct check *check, const struct policy_rule *rule)
{
	const struct handle *found = NULL;

	if (rule->target->resource)
		kind_ops(RESOURCE_PORT_CHAIN)->references(rule->target->resource, find_vrf, &found);
	if (found && found != rule->vrf)
		check_fault(check, ERROR_INVALID_ARGUMENT, "port_chain", -1, NULL,
			    "port chain \"%s\" is of VRF \"%s\", not of the rule's, \"%s\": name a chain of that",
			    rule->target->text, found->text, rule->vrf->text);
}

/* A pool is of the rule's VRF, and its members can take what matches. */
static void check_pool(struct check *check, const struct policy_rule *rule)
{
	const struct resource *pool = rule->target->resource;
	const struct handle *vrf = pool ? kind_ops(RESOURCE_POOL)->vrf(pool) : rule->vrf;
	uint8_t family = policy_match_family(&rule->match);

	if (vrf != rule->vrf)
		check_fault(check, ERROR_INVALID_ARGUMENT, "service_pool.pool", -1, NULL,
			    "pool \"%s\" is of VRF \"%s\", not of the rule's, \"%s\": name a pool of that",
			    rule->target->text, vrf->text, rule->vrf->text);
	if (family && check_pool_has_family(check, rule->target, family == 4 ? 6 : 4))
		check_fault(check, ERROR_INVALID_ARGUMENT, "service_pool.pool", -1, NULL,
			    "pool \"%s\" has members of IPv%d, but only IPv%d packets match: name a pool of members of "
			    "that family",
			    rule->target->text, family == 4 ? 6 : 4, family);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct policy_rule *rule = (const struct policy_rule *)after;
	const struct interface *interface;

	(void)before;
	if (!rule)
		return;
	if (sends_ipv6(rule) && rule->target->resource && check_group_has_ipv4_gateway(check, rule->target))
		check_fault(check, ERROR_INVALID_ARGUMENT, "next_hop_group", -1, NULL,
			    "IPv6 packets cannot go to next-hop group \"%s\", which has an IPv4 gateway: say "
			    "match.family IP_FAMILY_IPV4, or name a group of IPv6 gateways",
			    rule->target->text);
	if (rule->action == SLUICE__V1__POLICY_RULE__ACTION_PORT_CHAIN)
		check_chain(check, rule);
	if (rule->action == SLUICE__V1__POLICY_RULE__ACTION_SERVICE_POOL)
		check_pool(check, rule);
	interface = rule->match.interface ? (const struct interface *)rule->match.interface->resource : NULL;
	if (interface && interface->vrf != rule->vrf)
		check_fault(check, ERROR_INVALID_ARGUMENT, "match.interface", -1, NULL,
			    "interface \"%s\" is of VRF \"%s\", not of the rule's, \"%s\": no packet would match",
			    rule->match.interface->text, interface->vrf->text, rule->vrf->text);
	check_tunnel(check, rule);
	check_option(check, rule);
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct policy_rule *)resource)->vrf;
}

/* A rule is programmed once what it leads to is. */
static const struct handle *pending(const struct resource *resource)
{
	const struct policy_rule *rule = (const struct policy_rule *)resource;

	return rule->target ? rule->target : resource->self;
}

extern const struct kind_ops policy_rule_ops;
const struct kind_ops policy_rule_ops = {
	.kind = RESOURCE_POLICY_RULE,
	.name = "policy_rule",
	.label = "policy rule",
	.plural = "policy_rules",
	.limit = LIMIT_policy_rules,
	.message = &sluice__v1__policy_rule__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__PolicyRule, name), 0},
	.size = sizeof(struct policy_rule),
	.counters = {{DP_COUNTER_POLICY, offsetof(Sluice__V1__ResourceState, counters)}},
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.check = check,
	.vrf = vrf,
	.pending = pending,
};
