/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "api/dp/counters.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/policy/match_fields.h"
#include "vnf/features/policy/policy.h"

/* The other end: at most one of three fields. */
static void decode_remote(struct decoder *decoder, const Sluice__V1__SecurityGroupRule *from,
			  struct security_group_rule *to, struct family *family)
{
	decode_end(decoder, "remote_prefix", from->remote_prefix, &to->remote, family);
	if (*from->remote_group)
		to->remote_group = decode_name(decoder, RESOURCE_SECURITY_GROUP, "remote_group", from->remote_group);
	if (*from->remote_address_group)
		to->remote_addresses = decode_name(decoder, RESOURCE_ADDRESS_GROUP, "remote_address_group",
						   from->remote_address_group);
	if (*from->remote_prefix && *from->remote_group)
		decode_fault(decoder, "remote_group", "is set beside remote_prefix: the other end is one of them");
	if (*from->remote_address_group && (*from->remote_prefix || *from->remote_group))
		decode_fault(decoder, "remote_address_group", "is set beside %s: the other end is one of them",
			     *from->remote_prefix ? "remote_prefix" : "remote_group");
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__SecurityGroupRule *from = message;
	struct security_group_rule *rule;
	struct family family = {0};

	rule = (struct security_group_rule *)resource_new(RESOURCE_SECURITY_GROUP_RULE, sizeof(*rule));
	if (!rule)
		return NULL;
	rule->group = decode_name(decoder, RESOURCE_SECURITY_GROUP, "security_group", from->security_group);
	if (from->direction != SLUICE__V1__DIRECTION__DIRECTION_INGRESS &&
	    from->direction != SLUICE__V1__DIRECTION__DIRECTION_EGRESS)
		decode_fault(decoder, "direction", "%d is none: DIRECTION_INGRESS or DIRECTION_EGRESS",
			     (int)from->direction);
	rule->direction = (uint8_t)from->direction;
	decode_family(decoder, from->family, &rule->family, &family);
	decode_remote(decoder, from, rule, &family);
	decode_protocol(decoder, from->protocol, &rule->protocol, &family);
	decode_ports(decoder, "ports", from->ports, rule->protocol, &rule->ports);
	decode_icmp(decoder, from->icmp, rule->protocol, &rule->icmp);
	decode_established(decoder, from->established, &rule->established);
	return &rule->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct security_group_rule *rule = (const struct security_group_rule *)resource;
	Sluice__V1__SecurityGroupRule *to = message;

	to->direction = (Sluice__V1__Direction)rule->direction;
	to->family = (Sluice__V1__IpFamily)rule->family;
	to->protocol = rule->protocol;
	to->established = (Sluice__V1__Established)rule->established;
	if (encode_text(&to->security_group, rule->group->text) || encode_ports(&to->ports, &rule->ports) ||
	    encode_icmp(&to->icmp, &rule->icmp) || encode_prefix(&to->remote_prefix, &rule->remote))
		return -ENOMEM;
	if (rule->remote_group)
		return encode_text(&to->remote_group, rule->remote_group->text);
	return rule->remote_addresses ? encode_text(&to->remote_address_group, rule->remote_addresses->text) : 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct security_group_rule *x = (const struct security_group_rule *)a;
	const struct security_group_rule *y = (const struct security_group_rule *)b;

	return x->group == y->group && x->direction == y->direction && x->family == y->family &&
	       x->protocol == y->protocol && x->established == y->established && ports_equal(&x->ports, &y->ports) &&
	       icmp_equal(&x->icmp, &y->icmp) && ip_prefix_compare(&x->remote, &y->remote) == 0 &&
	       x->remote_group == y->remote_group && x->remote_addresses == y->remote_addresses;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct security_group_rule *rule = (const struct security_group_rule *)resource;

	if (rule->group)
		visit(&(struct reference){rule->group, "security_group", -1, NULL, false}, context);
	if (rule->remote_group)
		visit(&(struct reference){rule->remote_group, "remote_group", -1, NULL, false}, context);
	if (rule->remote_addresses)
		visit(&(struct reference){rule->remote_addresses, "remote_address_group", -1, NULL, false}, context);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct security_group_rule *rule = (const struct security_group_rule *)after;
	const struct security_group *group, *remote;

	(void)before;
	if (!rule || !rule->group->resource)
		return;
	group = (const struct security_group *)rule->group->resource;
	if (group->stateless && rule->established == SLUICE__V1__ESTABLISHED__ESTABLISHED_KEEP)
		check_fault(check, ERROR_INVALID_ARGUMENT, "established", -1, NULL,
			    "there is nothing to keep: security group \"%s\" is not stateful", rule->group->text);
	if (!rule->remote_group || !rule->remote_group->resource)
		return;
	remote = (const struct security_group *)rule->remote_group->resource;
	if (remote->vrf != group->vrf)
		check_fault(check, ERROR_INVALID_ARGUMENT, "remote_group", -1, NULL,
			    "\"%s\" is of VRF \"%s\", but security group \"%s\" is of VRF \"%s\": name a group of that",
			    rule->remote_group->text, remote->vrf->text, rule->group->text, group->vrf->text);
}

extern const struct kind_ops security_group_rule_ops;
const struct kind_ops security_group_rule_ops = {
	.kind = RESOURCE_SECURITY_GROUP_RULE,
	.name = "security_group_rule",
	.label = "security group rule",
	.plural = "security_group_rules",
	.limit = LIMIT_policy_rules,
	.ids_of = RESOURCE_POLICY_RULE,
	.message = &sluice__v1__security_group_rule__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__SecurityGroupRule, name), 0},
	.size = sizeof(struct security_group_rule),
	.counters = {{DP_COUNTER_POLICY, offsetof(Sluice__V1__ResourceState, counters)}},
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.check = check,
};
