/* SPDX-License-Identifier: Apache-2.0 */
/* Random changes of policies: address groups in each other, security groups and rules of both kinds, in VRFs v0 to v3.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_changes.h"
#include "reconciler_fixture.h"
#include "vnf/features/policy/policy.h"

#define VRFS	4
#define GROUPS	5
#define RULES	12
#define MEMBERS 4

static const char *const prefixes[] = {"10.0.0.0/8",	  "10.0.0.0/24",      "10.0.1.0/24",  "10.1.0.0/16",
				       "10.1.0.1/32",	  "10.1.0.2/32",      "192.0.2.0/24", "2001:db8::/32",
				       "2001:db8:1::/48", "2001:db8:1::1/128"};

static const char *name(const char *lead, unsigned int number)
{
	static char text[4][16];
	static unsigned int next;
	char *to = text[next++ % 4];

	snprintf(to, sizeof(text[0]), "%s%u", lead, number);
	return to;
}

static struct ip_prefix some_prefix(void)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(prefixes[any(sizeof(prefixes) / sizeof(*prefixes))], &prefix), 0);
	return prefix;
}

/* Sorted, each once. */
static size_t some_prefixes(struct ip_prefix *to)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes) && count < MEMBERS; i++)
		if (any(3) == 0)
			assert_int_equal(ip_prefix_parse(prefixes[i], &to[count++]), 0);
	return count;
}

static bool exists(enum resource_kind kind, const char *text)
{
	return there_is(kind, text) && !is_changed(kind, text);
}

static void change_address_group(void)
{
	unsigned int number = any(GROUPS);
	struct address_group *group;

	if (any(5) == 0) {
		remove_unused(RESOURCE_ADDRESS_GROUP, name("a", number));
		return;
	}
	group = fake_make(RESOURCE_ADDRESS_GROUP, name("a", number), sizeof(*group) + 1024);
	if (number && any(2) && exists(RESOURCE_ADDRESS_GROUP, name("a", number - 1)))
		group->group[group->group_count++] = fake_name(RESOURCE_ADDRESS_GROUP, name("a", number - 1));
	group->address = (struct ip_prefix *)(group->group + group->group_count);
	group->count = some_prefixes(group->address);
	put(&group->resource);
}

static void change_security_group(void)
{
	unsigned int number = any(GROUPS);
	struct security_group *group;

	if (any(5) == 0) {
		remove_unused(RESOURCE_SECURITY_GROUP, name("s", number));
		return;
	}
	group = fake_make(RESOURCE_SECURITY_GROUP, name("s", number), sizeof(*group) + 1024);
	group->vrf = fake_name(RESOURCE_VRF, name("v", number % VRFS));
	group->stateless = any(2);
	group->count = some_prefixes(group->member);
	put(&group->resource);
}

static struct policy_ports some_ports(void)
{
	static const struct policy_ports ports[] = {{0, 65535}, {80, 80}, {80, 443}, {1024, 65535}};

	return ports[any(4)];
}

static void change_group_rule(void)
{
	const char *group = name("s", any(GROUPS)), *addresses = name("a", any(GROUPS));
	const char *text = name("g", any(RULES));
	struct security_group_rule *rule;

	if (any(4) == 0 || !exists(RESOURCE_SECURITY_GROUP, group)) {
		remove_unused(RESOURCE_SECURITY_GROUP_RULE, text);
		return;
	}
	/* Both kinds of rules share their ids. */
	fake_name(RESOURCE_SECURITY_GROUP_RULE, text);
	rule = fake_make(RESOURCE_SECURITY_GROUP_RULE, text, sizeof(*rule));
	rule->resource.self->id = 100 + (uint32_t)strtoul(text + 1, NULL, 10);
	rule->group = fake_name(RESOURCE_SECURITY_GROUP, group);
	rule->direction = (uint8_t)(1 + any(2));
	rule->protocol = 6;
	rule->ports = some_ports();
	switch (any(4)) {
	case 0:
		rule->remote = some_prefix();
		break;
	case 1:
		rule->remote_group = rule->group;
		break;
	case 2:
		if (exists(RESOURCE_ADDRESS_GROUP, addresses))
			rule->remote_addresses = fake_name(RESOURCE_ADDRESS_GROUP, addresses);
	}
	put(&rule->resource);
}

static void some_end(struct policy_end_match *end, uint8_t *family)
{
	const char *addresses = name("a", any(GROUPS));

	end->ports = some_ports();
	if (any(2)) {
		if (exists(RESOURCE_ADDRESS_GROUP, addresses))
			end->group = fake_name(RESOURCE_ADDRESS_GROUP, addresses);
	} else if (any(2)) {
		end->prefix = some_prefix();
		if (*family && end->prefix.address.family != *family)
			end->prefix = (struct ip_prefix){0};
		else
			*family = end->prefix.address.family;
	}
}

static void change_rule(void)
{
	const char *text = name("r", any(RULES));
	struct policy_rule *rule;
	uint8_t family = 0;

	if (any(4) == 0) {
		remove_unused(RESOURCE_POLICY_RULE, text);
		return;
	}
	rule = fake_make(RESOURCE_POLICY_RULE, text, sizeof(*rule));
	rule->vrf = fake_name(RESOURCE_VRF, name("v", any(VRFS)));
	rule->priority = (uint16_t)any(4);
	rule->action = SLUICE__V1__POLICY_RULE__ACTION_ACCESS;
	rule->what = (uint8_t)(SLUICE__V1__ACCESS__ACCESS_ALLOW + any(3));
	rule->stateful = any(2);
	rule->match.protocol = 6;
	some_end(&rule->match.source, &family);
	some_end(&rule->match.destination, &family);
	rule->match.has_dscp = any(4) == 0;
	rule->match.dscp = (uint8_t)any(3);
	put(&rule->resource);
}

void change_policy(void)
{
	switch (any(5)) {
	case 0:
		change_security_group();
		break;
	case 1:
		change_group_rule();
		break;
	case 2:
		change_address_group();
		break;
	default:
		change_rule();
	}
}
