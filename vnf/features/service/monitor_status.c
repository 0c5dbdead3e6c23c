/* SPDX-License-Identifier: Apache-2.0 */
/* What a health monitor has found out, for who asks for its state. */
#include "vnf/features/service/monitor_status.h"

#include <errno.h>
#include <stdlib.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/state/snapshot.h"
#include "vnf/features/service/service.h"
#include "vnf/reconcile/health.h"
#include "vnf/reconcile/reconciler.h"

struct status_fill {
	struct reconciler *reconciler;
	const char *group;
	Sluice__V1__HealthMonitorStatus *status;
	int error;
};

static bool is_target(const struct handle *handle)
{
	return handle->kind == RESOURCE_NEXT_HOP || handle->kind == RESOURCE_PORT_PAIR;
}

static void count(const struct reference *reference, void *context)
{
	*(size_t *)context += is_target(reference->handle);
}

static void add(const struct reference *reference, void *context)
{
	struct status_fill *fill = context;
	const struct health_key key = {reference->handle->kind, fill->group, reference->handle->text};
	struct health_verdict verdict;
	Sluice__V1__HealthTargetStatus *target;

	if (fill->error || !is_target(reference->handle) || !reconciler_health_facts(fill->reconciler, &key, &verdict))
		return;
	target = message_new(&sluice__v1__health_target_status__descriptor);
	fill->error = -ENOMEM;
	if (!target)
		return;
	fill->status->targets[fill->status->n_targets++] = target;
	target->up = verdict.up;
	target->panic = verdict.panic;
	target->latency_microseconds = verdict.latency;
	if (!encode_text(&target->name, key.name) && !encode_text(&target->detail, verdict.detail))
		fill->error = 0;
}

int health_monitor_status(const struct resource *resource, const struct snapshot *snapshot,
			  struct reconciler *reconciler, Sluice__V1__ResourceState *state)
{
	const struct handle *handle = ((const struct health_monitor *)resource)->target;
	const struct resource *target = snapshot_find(snapshot, handle->kind, handle->text);
	struct status_fill fill = {.reconciler = reconciler, .group = handle->text};
	size_t targets = 0;

	fill.status = state->health_monitor_status = message_new(&sluice__v1__health_monitor_status__descriptor);
	if (!fill.status)
		return -ENOMEM;
	fill.status->probing = reconciler_is_probed(reconciler);
	if (!target || !kind_ops(target->kind)->references)
		return 0;
	kind_ops(target->kind)->references(target, count, &targets);
	fill.status->targets = calloc(targets + 1, sizeof(*fill.status->targets));
	if (!fill.status->targets)
		return -ENOMEM;
	kind_ops(target->kind)->references(target, add, &fill);
	return fill.error;
}
