/* SPDX-License-Identifier: Apache-2.0 */
/* Resources of policy as the tables' test needs them. */
#ifndef SLUICE_TESTS_COMPILE_FAKE_POLICY_H
#define SLUICE_TESTS_COMPILE_FAKE_POLICY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "compile_fake.h"
#include "vnf/features/policy/policy.h"

/* Prefixes, NULL behind them. */
static size_t parse(const char *const *texts, struct ip_prefix *to)
{
	size_t count = 0;

	for (; texts && texts[count]; count++)
		assert_int_equal(ip_prefix_parse(texts[count], &to[count]), 0);
	return count;
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Resources that outlive a test's runs. */
static void *made[256];
static size_t made_count;

static void *make(enum resource_kind kind, const char *name, size_t size)
{
	struct resource *resource = calloc(1, size);

	assert_true(resource && made_count < 256);
	made[made_count++] = resource;
	resource->kind = kind;
	resource->self = fake_name(kind, name);
	return resource;
}

static struct resource *address_group(const char *name, const char *const *addresses, const char *nested)
{
	struct address_group *group = make(RESOURCE_ADDRESS_GROUP, name, sizeof(*group) + 1024);

	group->group_count = nested != NULL;
	if (nested)
		group->group[0] = fake_name(RESOURCE_ADDRESS_GROUP, nested);
	group->address = (struct ip_prefix *)(group->group + group->group_count);
	group->count = parse(addresses, group->address);
	return &group->resource;
}

static struct resource *security_group(const char *name, const char *vrf, bool stateless, const char *const *members)
{
	struct security_group *group = make(RESOURCE_SECURITY_GROUP, name, sizeof(*group) + 1024);

	group->vrf = fake_name(RESOURCE_VRF, vrf);
	group->stateless = stateless;
	group->count = parse(members, group->member);
	return &group->resource;
}

static struct policy_rule *rule(const char *name, const char *vrf, uint16_t priority, uint8_t access)
{
	struct policy_rule *made_rule = make(RESOURCE_POLICY_RULE, name, sizeof(*made_rule));

	made_rule->vrf = fake_name(RESOURCE_VRF, vrf);
	made_rule->priority = priority;
	made_rule->action = SLUICE__V1__POLICY_RULE__ACTION_ACCESS;
	made_rule->what = access;
	made_rule->match.source.ports.last = made_rule->match.destination.ports.last = 65535;
	return made_rule;
}

static struct security_group_rule *group_rule(const char *name, const char *group, uint8_t direction, uint16_t port)
{
	struct security_group_rule *made_rule = make(RESOURCE_SECURITY_GROUP_RULE, name, sizeof(*made_rule));

	made_rule->group = fake_name(RESOURCE_SECURITY_GROUP, group);
	made_rule->direction = direction;
	made_rule->protocol = 6;
	made_rule->ports = (struct policy_ports){port, port};
	return made_rule;
}

#endif
