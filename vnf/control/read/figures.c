/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/read/figures.h"

#include <errno.h>
#include <stdlib.h>

#include "vnf/control/kinds/kinds.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/state/delta.h"
#include "vnf/reconcile/policy_costs.h"
#include "vnf/reconcile/reconciler.h"

static struct vrf_counts *counts_of(struct figures *figures, uint32_t id)
{
	return &figures->vrf[id < figures->vrfs ? id : 0];
}

static void count(struct figures *figures, const struct resource *resource, uint64_t by)
{
	struct vrf_counts *counts;

	if (!resource || !kind_ops(resource->kind)->forwards)
		return;
	counts = counts_of(figures, atomic_load_explicit(&resource_vrf_key(resource)->vrf->id, memory_order_relaxed));
	atomic_fetch_add_explicit(resource_is_learned(resource) ? &counts->learned : &counts->routes, by,
				  memory_order_relaxed);
}

static void set_policy(struct vrf_counts *counts, uint32_t rules, uint32_t probes)
{
	atomic_store_explicit(&counts->policy_rules, rules, memory_order_relaxed);
	atomic_store_explicit(&counts->policy_probes, probes, memory_order_relaxed);
}

static void on_published(struct subscriber *subscriber, const struct snapshot *snapshot, const struct delta *delta)
{
	struct figures *figures = (struct figures *)subscriber;
	const struct policy_costs *costs = reconciler_policy_costs(figures->reconciler);

	(void)snapshot;
	for (size_t i = 0; costs && i < costs->count; i++)
		set_policy(counts_of(figures, atomic_load(&costs->vrf[i].vrf->id)), costs->vrf[i].cost.rules,
			   costs->vrf[i].cost.probes);
	for (size_t i = 0; i < delta->count; i++) {
		const struct delta_entry *entry = &delta->entry[i];

		if (entry->before && entry->after)
			continue; /* the key is the same, and with it the VRF */
		count(figures, entry->before, UINT64_MAX);
		count(figures, entry->after, 1);
		if (entry->before && entry->before->kind == RESOURCE_VRF)
			set_policy(counts_of(figures, resource_id(entry->before)), 0, 0);
	}
}

int figures_init(struct figures *figures, struct events *events, struct reconciler *reconciler, uint32_t vrfs)
{
	figures->vrf = calloc(vrfs + 1, sizeof(*figures->vrf));
	if (!figures->vrf)
		return -ENOMEM;
	figures->vrfs = vrfs + 1;
	figures->reconciler = reconciler;
	figures->subscriber.published = on_published;
	events_subscribe(events, &figures->subscriber);
	return 0;
}

void figures_clear(struct figures *figures)
{
	free(figures->vrf);
	figures->vrf = NULL;
}

void figures_read(const struct figures *figures, uint32_t vrf, struct vrf_figures *reading)
{
	const struct vrf_counts *counts = &figures->vrf[vrf < figures->vrfs ? vrf : 0];

	*reading = (struct vrf_figures){
		.routes = atomic_load_explicit(&counts->routes, memory_order_relaxed),
		.learned = atomic_load_explicit(&counts->learned, memory_order_relaxed),
		.policy_rules = atomic_load_explicit(&counts->policy_rules, memory_order_relaxed),
		.policy_probes = atomic_load_explicit(&counts->policy_probes, memory_order_relaxed)};
}
