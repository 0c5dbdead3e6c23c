/* SPDX-License-Identifier: Apache-2.0 */
/* What readers see of a source. */
#include <errno.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/sources/sources_state.h"
#include "vnf/control/state/candidates.h"
#include "vnf/core/clock.h"

struct suppressed {
	const struct snapshot *snapshot;
	const struct handle *owner;
	uint64_t count;
};

static void count_protected(const struct resource *candidate, void *context)
{
	struct suppressed *suppressed = context;
	const struct kind_ops *ops = kind_ops(candidate->kind);

	if (candidate->owner == suppressed->owner && !(ops->withheld && ops->withheld(candidate)) &&
	    candidate_protected(suppressed->snapshot, candidate))
		suppressed->count++;
}

uint64_t sources_suppressed(const struct snapshot *snapshot, const struct resource *source)
{
	struct suppressed suppressed = {.snapshot = snapshot, .owner = source->self};
	const struct vrf_key *last = NULL;
	const struct resource *at = NULL;

	while ((at = snapshot_next(snapshot, RESOURCE_PROTECTED_PREFIX, at))) {
		const struct vrf_key *key = resource_vrf_key(at);

		if (key->vrf != kind_ops(source->kind)->vrf(source) ||
		    (last && ip_prefix_contains(&last->prefix, &key->prefix.address)))
			continue;
		candidates_below(snapshot, key, count_protected, &suppressed);
		last = key;
	}
	return suppressed.count;
}

int sources_status(struct sources *sources, const struct resource *source, Sluice__V1__ResourceState *state)
{
	const uint32_t id = resource_id(source);
	struct shown_source *shown = &sources->shown[id < sources->shown_count ? id : 0];
	struct mirror *mirror = atomic_load_explicit(&sources->mirror, memory_order_acquire);
	Sluice__V1__RouteSourceStatus *status = message_new(&sluice__v1__route_source_status__descriptor);
	struct source_facts facts = {.state = SOURCE_STARTING};
	char refused[sizeof(shown->refused)];

	state->route_source_status = status;
	if (!status)
		return -ENOMEM;
	if (mirror)
		mirror_facts(mirror, shown->number, &facts);
	pthread_mutex_lock(&sources->lock);
	memcpy(refused, shown->refused, sizeof(refused));
	pthread_mutex_unlock(&sources->lock);
	status->state = *refused ? SLUICE__V1__SOURCE_STATE__SOURCE_STATE_FROZEN : (Sluice__V1__SourceState)facts.state;
	status->routes = facts.routes;
	status->suppressed = facts.guarded;
	status->unusable = shown->unusable;
	status->groups = facts.groups;
	status->updates = facts.updates;
	status->resyncs = facts.resyncs;
	if (facts.last_resync_ms)
		status->last_resync_ms_ago = monotonic_ms() - facts.last_resync_ms;
	status->lag_us = shown->lag_us;
	status->lag_most_us = shown->lag_most_us > shown->earlier_most_us ? shown->lag_most_us : shown->earlier_most_us;
	status->acknowledged = facts.acknowledged;
	if (encode_text(&status->reason, *refused ? refused : facts.reason))
		return -ENOMEM;
	return encode_text(&status->last_resync, facts.last_resync);
}
