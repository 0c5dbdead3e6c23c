/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/state/history.h"

#include <errno.h>
#include <stdlib.h>

#include "vnf/core/rcu.h"

int history_init(struct history *history, struct handles *handles)
{
	struct snapshot *first = calloc(1, sizeof(*first));

	if (!first)
		return -ENOMEM;
	history->handles = handles;
	history->oldest = first;
	atomic_store_explicit(&history->newest, first, memory_order_release);
	return 0;
}

/* What one resource that is gone holds: its struct, its texts, its place in a delta. */
#define GONE_BYTES 320

void history_publish(struct history *history, struct snapshot *next, struct delta delta, struct pmap_node *garbage)
{
	struct snapshot *previous = history_newest(history);

	previous->newer = next;
	previous->delta = delta;
	previous->garbage = garbage;
	previous->bytes = sizeof(*previous) + delta.count * GONE_BYTES + pmap_garbage_bytes(garbage);
	history->held += 1 + delta.count;
	history->bytes += previous->bytes;
	next->weight = previous->weight + previous->bytes;
	/* As rcu_assign_pointer(), in words that thread sanitizers understand. */
	atomic_store_explicit(&history->newest, next, memory_order_release);
}

static void free_oldest(struct history *history)
{
	struct snapshot *snapshot = history->oldest;

	for (size_t i = 0; i < snapshot->delta.count; i++)
		resource_free(history->handles, (struct resource *)snapshot->delta.entry[i].before);
	history->held -= 1 + snapshot->delta.count;
	history->bytes -= snapshot->bytes;
	free(snapshot->delta.entry);
	pmap_garbage_free(snapshot->garbage);
	history->oldest = snapshot->newer;
	free(snapshot);
}

bool history_reclaim(struct history *history)
{
	struct snapshot *newest = history_newest(history);
	bool waited = false;

	while (history->oldest != newest) {
		if (!history->oldest->unseen && !waited) {
			urcu_memb_synchronize_rcu();
			waited = true;
			for (struct snapshot *old = history->oldest; old != newest; old = old->newer)
				old->unseen = true;
		}
		if (atomic_load_explicit(&history->oldest->pins, memory_order_acquire))
			return false;
		free_oldest(history);
	}
	return true;
}

static bool free_resource(void *object, void *context)
{
	resource_free(context, object);
	return true;
}

void history_clear(struct history *history)
{
	struct snapshot *newest = history_newest(history);

	if (!newest)
		return;
	while (history->oldest != newest)
		free_oldest(history);
	for (int kind = RESOURCE_VRF; kind < RESOURCE_KINDS; kind++) {
		pmap_walk(&newest->map[kind], free_resource, history->handles);
		pmap_clear(&newest->map[kind]);
	}
	free(newest);
	*history = (struct history){0};
}

const struct snapshot *history_pin(struct history *history)
{
	struct snapshot *snapshot;

	rcu_reader_enter();
	snapshot = atomic_load_explicit(&history->newest, memory_order_acquire);
	atomic_fetch_add_explicit(&snapshot->pins, 1, memory_order_relaxed);
	rcu_reader_leave();
	return snapshot;
}

/* Pins count on snapshots that are otherwise immutable. */
void snapshot_pin_again(const struct snapshot *snapshot)
{
	atomic_fetch_add_explicit(&((struct snapshot *)snapshot)->pins, 1, memory_order_relaxed);
}

void snapshot_unpin(const struct snapshot *snapshot)
{
	atomic_fetch_sub_explicit(&((struct snapshot *)snapshot)->pins, 1, memory_order_release);
}
