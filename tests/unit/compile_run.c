/* SPDX-License-Identifier: Apache-2.0 */
#include "compile_run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/reconcile/devices.h"
#include "vnf/reconcile/health.h"
#include "vnf/reconcile/paths.h"

static bool same_key(const struct resource *a, const struct resource *b)
{
	const struct route *left = (const struct route *)a, *right = (const struct route *)b;

	if (a->self)
		return a->self == b->self;
	return left->key.vrf == right->key.vrf && ip_prefix_compare(&left->key.prefix, &right->key.prefix) == 0;
}

static const struct resource *find(const struct snapshot *snapshot, const struct resource *like)
{
	for (size_t i = 0; i < snapshot->count[like->kind]; i++)
		if (same_key(snapshot->resource[like->kind][i], like))
			return snapshot->resource[like->kind][i];
	return NULL;
}

struct delta fake_delta(const struct snapshot *from, const struct snapshot *to)
{
	struct delta delta = {.entry = calloc(2UL * RESOURCE_KINDS * FAKE_RESOURCES, sizeof(*delta.entry))};

	assert(delta.entry);
	for (int kind = 0; kind < RESOURCE_KINDS; kind++) {
		for (size_t i = 0; i < from->count[kind]; i++)
			if (!find(to, from->resource[kind][i]))
				delta.entry[delta.count++].before = from->resource[kind][i];
		for (size_t i = 0; i < to->count[kind]; i++) {
			const struct resource *after = to->resource[kind][i], *before = find(from, after);

			if (before != after)
				delta.entry[delta.count++] = (struct delta_entry){before, after};
		}
	}
	return delta;
}

static void open_tables(struct fake_run *run)
{
	int unused;

	run->tables = tables_new(dataplane_limits(run->dataplane));
	assert(run->tables);
	run->tables->netlink = netlink_new(NULL, NULL, NULL, &unused);
	run->tables->devices = devices_new(run->dataplane);
	run->tables->paths = paths_new(run->dataplane);
	run->tables->health = health_targets_new();
	run->tables->writer.bank = run->bank;
	run->tables->fib = run->fib;
	run->tables->policy = run->policy;
	memset(&run->shown, 0, sizeof(run->shown));
}

static void close_tables(struct fake_run *run)
{
	devices_free(run->tables->devices);
	paths_free(run->tables->paths);
	health_targets_free(run->tables->health);
	tables_free(run->tables);
}

struct fake_run *fake_run_new(void)
{
	struct fake_run *run = calloc(1, sizeof(*run));

	assert(run);
	run->dataplane = fake_dataplane_new();
	run->bank = dataplane_bank(run->dataplane, dataplane_idle_index(run->dataplane));
	run->fib = fib_new(run->bank->fib, FAKE_FIB_WORDS, run->bank->trees, fake_limits.vrfs);
	run->policy = policy_new(run->bank, &fake_limits);
	assert(run->fib && run->policy);
	open_tables(run);
	return run;
}

void fake_run_free(struct fake_run *run)
{
	close_tables(run);
	fib_free(run->fib);
	policy_free(run->policy);
	dataplane_free(run->dataplane);
	free(run);
}

void fake_run_forget(struct fake_run *run)
{
	close_tables(run);
	open_tables(run);
}

void fake_put_underlay(struct snapshot *snapshot)
{
	fake_link(3, "eth0", true);
	fake_neighbour(3, "192.0.2.1", "02:00:00:00:00:aa");
	fake_neighbour(3, "192.0.2.2", "02:00:00:00:00:bb");
	fake_put(snapshot, fake_vrf("red", NULL));
	fake_put(snapshot, fake_vrf("under", NULL));
	fake_put(snapshot, fake_interface("a", "eth0", "under", 0));
}

static void on_attached(void *context, uint32_t ifindex)
{
	(void)ifindex;
	*(bool *)context = true;
}

static int update(struct fake_run *run, const struct snapshot *snapshot)
{
	const struct facts facts = {.lost = true};
	struct delta delta = fake_delta(&run->shown, snapshot);
	int result;

	memset(&run->error, 0, sizeof(run->error));
	result = tables_update(run->tables, snapshot, &delta, &facts, &run->error);
	if (!result)
		pending_updates_publish(&run->tables->pending);
	tables_finish(run->tables, result);
	route_changes_free(&run->tables->routes);
	policy_changes_free(&run->tables->policies);
	free(delta.entry);
	if (!result)
		run->shown = *snapshot;
	return result;
}

int fake_run(struct fake_run *run, const struct snapshot *snapshot)
{
	bool again = false;
	int result = update(run, snapshot);

	if (result)
		return result;
	devices_apply(run->tables->devices, on_attached, &again);
	return again ? update(run, snapshot) : 0;
}
