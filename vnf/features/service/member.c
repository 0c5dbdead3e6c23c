/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "api/dp/counters.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/service/member_rules.h"
#include "vnf/features/service/member_status.h"
#include "vnf/features/service/service_fields.h"

#define WEIGHT_MOST 256

static void decode_weight(struct decoder *decoder, const Sluice__V1__Member *from, struct member *to)
{
	to->weight = 1;
	if (from->weight_set_case == SLUICE__V1__MEMBER__WEIGHT_SET_WEIGHT &&
	    decode_range(decoder, "weight", from->weight, 0, WEIGHT_MOST))
		to->weight = (uint16_t)from->weight;
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__Member *from = message;
	struct member *member = (struct member *)resource_new(RESOURCE_MEMBER, sizeof(*member));

	if (!member)
		return NULL;
	member->pool = decode_name(decoder, RESOURCE_POOL, "pool", from->pool);
	decode_routed_host(decoder, "address", from->address, &member->address);
	member->port = (uint16_t)decode_number(decoder, "port", from->port, 1, 65535, 0);
	decode_weight(decoder, from, member);
	member->backup = from->backup;
	member->admin_state = decode_choice(decoder, "admin_state", (unsigned int)from->admin_state,
					    SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_QUARANTINED,
					    SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_ACTIVE);
	if (*from->monitor_address)
		decode_routed_host(decoder, "monitor_address", from->monitor_address, &member->monitor_address);
	member->monitor_port = (uint16_t)decode_number(decoder, "monitor_port", from->monitor_port, 1, 65535, 0);
	if (*from->next_hop_group)
		member->next_hop_group =
			decode_name(decoder, RESOURCE_NEXT_HOP_GROUP, "next_hop_group", from->next_hop_group);
	member->quic_server_id = (uint16_t)decode_number(decoder, "quic_server_id", from->quic_server_id, 1, 65535, 0);
	return &member->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct member *member = (const struct member *)resource;
	Sluice__V1__Member *to = message;

	to->port = member->port;
	to->weight_set_case = SLUICE__V1__MEMBER__WEIGHT_SET_WEIGHT;
	to->weight = member->weight;
	to->backup = member->backup;
	to->admin_state = (Sluice__V1__MemberAdminState)member->admin_state;
	to->monitor_port = member->monitor_port;
	to->quic_server_id = member->quic_server_id;
	if (encode_text(&to->pool, member->pool->text) || encode_address(&to->address, &member->address))
		return -ENOMEM;
	if (member->monitor_address.family && encode_address(&to->monitor_address, &member->monitor_address))
		return -ENOMEM;
	return member->next_hop_group ? encode_text(&to->next_hop_group, member->next_hop_group->text) : 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct member *x = (const struct member *)a, *y = (const struct member *)b;

	return x->pool == y->pool && ip_address_compare(&x->address, &y->address) == 0 && x->port == y->port &&
	       x->weight == y->weight && x->backup == y->backup && x->admin_state == y->admin_state &&
	       ip_address_compare(&x->monitor_address, &y->monitor_address) == 0 &&
	       x->monitor_port == y->monitor_port && x->quic_server_id == y->quic_server_id &&
	       x->next_hop_group == y->next_hop_group;
}

/* What its group's next hops get is of its family, as the VIPs are. */
static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct member *member = (const struct member *)resource;

	if (member->pool)
		visit(&(struct reference){member->pool, "pool", -1, NULL, false}, context);
	if (member->next_hop_group)
		visit(&(struct reference){member->next_hop_group, "next_hop_group", -1, NULL,
					  member->address.family == 6},
		      context);
}

/* A member is programmed once it is by itself, and its way is. */
static const struct handle *pending(const struct resource *resource)
{
	const struct member *member = (const struct member *)resource;

	if (!member->next_hop_group || atomic_load_explicit(&resource->self->pending, memory_order_relaxed))
		return resource->self;
	return member->next_hop_group;
}

static uint32_t counter_start(const struct dp_limits *limits)
{
	return dp_counter_members(limits->routes);
}

extern const struct kind_ops member_ops;
const struct kind_ops member_ops = {
	.kind = RESOURCE_MEMBER,
	.name = "member",
	.label = "member",
	.plural = "members",
	.limit = LIMIT_members,
	.message = &sluice__v1__member__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__Member, name), 0},
	.size = sizeof(struct member),
	.counters = {{0, offsetof(Sluice__V1__ResourceState, counters)}},
	.counter_start = counter_start,
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = member_unique_keys,
	.check = member_check,
	.pending = pending,
	.status = member_status,
};
