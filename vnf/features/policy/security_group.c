/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/policy/members.h"
#include "vnf/features/policy/policy.h"

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__SecurityGroup *from = message;
	size_t count = members_count(decoder, "members", from->n_members);
	struct security_group *group = (struct security_group *)resource_new(
		RESOURCE_SECURITY_GROUP, sizeof(*group) + count * sizeof(group->member[0]));

	if (!group)
		return NULL;
	group->count = count;
	group->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", from->vrf);
	members_decode(decoder, "members", from->members, group->member, count);
	group->stateless =
		from->stateful_set_case == SLUICE__V1__SECURITY_GROUP__STATEFUL_SET_STATEFUL && !from->stateful;
	return &group->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct security_group *group = (const struct security_group *)resource;
	Sluice__V1__SecurityGroup *to = message;

	to->stateful_set_case = SLUICE__V1__SECURITY_GROUP__STATEFUL_SET_STATEFUL;
	to->stateful = !group->stateless;
	if (encode_text(&to->vrf, group->vrf->text))
		return -ENOMEM;
	return group->count ? members_encode(&to->members, &to->n_members, group->member, group->count) : 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct security_group *x = (const struct security_group *)a, *y = (const struct security_group *)b;

	return x->vrf == y->vrf && x->stateless == y->stateless &&
	       members_equal(x->member, x->count, y->member, y->count);
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct security_group *group = (const struct security_group *)resource;

	if (group->vrf)
		visit(&(struct reference){group->vrf, "vrf", -1, NULL, false}, context);
}

static bool find_keep(void *object, void *context)
{
	const struct security_group_rule *rule = object;
	struct check *check = context;
	const struct security_group *group = (const struct security_group *)rule->group->resource;

	if (rule->established == SLUICE__V1__ESTABLISHED__ESTABLISHED_KEEP && group->stateless &&
	    check_is_new(check, &group->resource) && check_attribute(check, &group->resource))
		check_fault(
			check, ERROR_INVALID_ARGUMENT, "stateful", -1, NULL,
			"rule \"%s\" keeps established connections, which a group without `stateful` does not follow: "
			"change the rule as well",
			rule->resource.self->text);
	return true;
}

/* Checks that no group stopped following connections which its rules keep. */
static void check_stateless(struct check *check)
{
	check_walk(check, RESOURCE_SECURITY_GROUP_RULE, find_keep, check);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct security_group *old = (const struct security_group *)before;
	const struct security_group *new = (const struct security_group *)after;

	if (!old || !new)
		return;
	if (old->vrf != new->vrf && after->self->users)
		check_fault(
			check, ERROR_FAILED_PRECONDITION, "vrf", -1, NULL,
			"cannot become \"%s\" while %u references of rules lead to the group: delete these rules first",
			new->vrf->text, after->self->users);
	if (new->stateless && !old->stateless && after->self->users)
		check_at_end(check, check_stateless);
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct security_group *)resource)->vrf;
}

extern const struct kind_ops security_group_ops;
const struct kind_ops security_group_ops = {
	.kind = RESOURCE_SECURITY_GROUP,
	.name = "security_group",
	.label = "security group",
	.plural = "security_groups",
	.limit = LIMIT_security_groups,
	.message = &sluice__v1__security_group__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__SecurityGroup, name), 0},
	.size = sizeof(struct security_group),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.check = check,
	.vrf = vrf,
};
