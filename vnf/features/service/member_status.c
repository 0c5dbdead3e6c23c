/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/service/member_status.h"

#include <errno.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/state/snapshot.h"
#include "vnf/features/service/service.h"
#include "vnf/reconcile/health.h"
#include "vnf/reconcile/reconciler.h"

int member_status(const struct resource *resource, const struct snapshot *snapshot, struct reconciler *reconciler,
		  Sluice__V1__ResourceState *state)
{
	const struct member *member = (const struct member *)resource;
	const struct health_key key = {RESOURCE_MEMBER, member->pool->text, resource->self->text};
	struct health_verdict verdict = {.up = true, .weight_factor = HEALTH_FACTOR_ALL};
	Sluice__V1__MemberStatus *status = message_new(&sluice__v1__member_status__descriptor);
	const struct pool *pool = (const struct pool *)snapshot_find(snapshot, RESOURCE_POOL, member->pool->text);
	struct member_facts facts;

	if (!status)
		return -ENOMEM;
	state->member_status = status;
	reconciler_member(reconciler, resource_id(resource), &facts);
	reconciler_health_facts(reconciler, &key, &verdict);
	status->state = (Sluice__V1__MemberState)facts.state;
	status->connections = facts.connections;
	status->opened = facts.opened;
	status->share_per_mille = facts.share;
	status->weight_factor_per_mille = pool && pool->latency_weights.on ? verdict.weight_factor : HEALTH_FACTOR_ALL;
	status->latency_microseconds = verdict.latency;
	return encode_text(&status->health, verdict.detail);
}
