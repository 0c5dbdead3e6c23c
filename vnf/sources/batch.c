/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/sources/acknowledge.h"
#include "vnf/sources/guard.h"

static int compare(const void *a, const void *b)
{
	const struct source_change *one = a, *other = b;

	return ip_prefix_compare(&one->prefix, &other->prefix);
}

/* Is the batch full, or has the prefix lost its last route just now? */
static bool must_wait(const struct batch *batch, const struct route *head)
{
	if (batch->batch.changes == batch->room)
		return true;
	return !(head->flags & ROUTE_LIVE) && batch->now_us - head->metric < batch->hold_us;
}

/* Puts a dirty head's prefix into the batch. */
static void collect(struct source *source, struct batch *batch, const struct route_table *table, struct route *head)
{
	head->flags = (uint8_t)((head->flags & ~ROUTE_DIRTY) | ROUTE_OUT);
	source->dirty--;
	batch->batch.change[batch->batch.changes++].prefix = route_prefix(table, head);
}

static void collect_listed(struct source *source, struct batch *batch)
{
	size_t kept = 0;

	for (size_t i = 0; i < source->listed_used; i++) {
		const struct ip_prefix prefix = source->listed[i];
		const struct route_table *table = source_table(source, prefix.address.family);
		struct route *head = route_table_head(table, &prefix);

		if (!head || !(head->flags & ROUTE_DIRTY))
			continue;
		if (must_wait(batch, head))
			source->listed[kept++] = prefix;
		else
			collect(source, batch, table, head);
	}
	source->listed_used = kept;
}

static void collect_all(struct source *source, struct batch *batch)
{
	for (int i = 0; i < 2; i++) {
		const struct route_table *table = &source->routes[i];

		for (size_t j = 0; j < table->size; j++) {
			struct route *route = route_table_slot(table, j);

			if ((route->flags & ROUTE_DIRTY) && !must_wait(batch, route))
				collect(source, batch, table, route);
		}
	}
	source->scan = source->dirty > 0;
}

/* The change is what the prefix is now; the receiver counts as having it. */
static void fill(struct source *source, struct batch *batch, size_t index)
{
	struct source_change *change = &batch->batch.change[index];
	const struct route_table *table = source_table(source, change->prefix.address.family);
	struct route *head = route_table_head(table, &change->prefix), *best = source_best(table, head);

	batch->before[index] = head->told;
	if (best) {
		change->group = source->paths.path[best->path].group;
		change->metric = best->metric;
		change->protocol = best->protocol;
		change->guard = (uint8_t)guard_check(&source->config, &change->prefix);
		group_set_tell(&source->groups, change->group);
	}
	if (head->told)
		group_set_untell(&source->groups, head->told);
	head->told = change->group;
	if (head->flags & ROUTE_GUARDED)
		source->guarded--;
	head->flags &= (uint8_t)~ROUTE_GUARDED;
	if (change->guard) {
		source->guarded++;
		head->flags |= ROUTE_GUARDED;
	}
}

/* Lists the groups that the receiver hasn't. Their hops are copies: the set's may go before the batch does. */
static bool list_groups(struct source *source, struct source_batch *batch)
{
	struct source_hop *hop;
	size_t groups = 0, hops = 0, most;

	for (size_t i = 0; i < batch->changes; i++) {
		uint32_t number = batch->change[i].group;
		struct group *group = &source->groups.group[number];

		if (!number || group->known || group->listed)
			continue;
		group->listed = true;
		groups++;
		hops += group_set_content(&source->groups, number).hops;
	}
	most = groups ? groups : 1;
	batch->group = malloc(most * sizeof(batch->group[0]) + hops * sizeof(*hop));
	hop = (void *)(batch->group + most);
	for (size_t i = 0; i < batch->changes; i++) {
		uint32_t number = batch->change[i].group;
		struct source_group content;

		if (!number || !source->groups.group[number].listed)
			continue;
		source->groups.group[number].listed = false;
		if (!batch->group)
			continue;
		content = group_set_content(&source->groups, number);
		memcpy(hop, content.hop, content.hops * sizeof(*hop));
		content.hop = hop;
		hop += content.hops;
		batch->group[batch->groups++] = content;
	}
	for (size_t i = 0; i < batch->groups; i++)
		source->groups.group[batch->group[i].number].listed = true;
	return batch->group != NULL;
}

static bool list_gone(struct source *source, struct source_batch *batch)
{
	size_t room = 0;
	uint32_t number;

	while ((number = group_set_next_gone(&source->groups))) {
		if (batch->gone == room) {
			size_t more = room ? room * 2 : 16;
			uint32_t *gone = reallocarray(batch->gone_group, more, sizeof(*gone));

			if (!gone) {
				group_set_gone(&source->groups, number, false);
				return false;
			}
			batch->gone_group = gone;
			room = more;
		}
		batch->gone_group[batch->gone++] = number;
	}
	return true;
}

static struct batch *make_room(const struct source *source)
{
	size_t most = source->dirty;
	struct batch *batch = calloc(1, sizeof(*batch));

	if (!batch)
		return NULL;
	if (source->handed_out && most > MIRROR_CHANGES)
		most = MIRROR_CHANGES;
	batch->room = most;
	batch->batch.source = source->config.source;
	batch->batch.first = !source->handed_out;
	batch->batch.received_ns = source->changed_ns;
	batch->batch.change = calloc(most ? most : 1, sizeof(batch->batch.change[0]));
	batch->before = calloc(most ? most : 1, sizeof(batch->before[0]));
	if (!batch->batch.change || !batch->before) {
		batch_free(batch);
		return NULL;
	}
	return batch;
}

int batch_new(struct source *source, uint64_t now_ns, uint64_t hold_ns, struct batch **result)
{
	struct batch *batch = make_room(source);

	*result = NULL;
	if (!batch)
		return -ENOMEM;
	batch->source = source;
	batch->now_us = (uint32_t)(now_ns / 1000);
	batch->hold_us = (uint32_t)(hold_ns / 1000);
	if (source->scan)
		collect_all(source, batch);
	else
		collect_listed(source, batch);
	source->changed_ns = now_ns; /* of what waits */
	if (!batch->batch.changes && source->handed_out) {
		batch_free(batch);
		return 0;
	}
	qsort(batch->batch.change, batch->batch.changes, sizeof(batch->batch.change[0]), compare);
	for (size_t i = 0; i < batch->batch.changes; i++)
		fill(source, batch, i);
	source->out = batch;
	if (!list_groups(source, &batch->batch) || !list_gone(source, &batch->batch)) {
		batch_end(source, batch, false, now_ns);
		return -ENOMEM;
	}
	*result = batch;
	return 0;
}

/* A change that the receiver hasn't taken. */
static void take_back(struct source *source, const struct source_change *change, uint32_t before, struct route *head,
		      uint64_t now_ns)
{
	if (before)
		group_set_tell(&source->groups, before);
	if (change->group)
		group_set_untell(&source->groups, change->group);
	head->told = before;
	source_touch(source, head, now_ns);
}

static void end_change(struct source *source, const struct batch *batch, size_t index, bool programmed, uint64_t now_ns)
{
	const struct source_change *change = &batch->batch.change[index];
	struct route_table *table = source_table(source, change->prefix.address.family);
	struct route *head = route_table_head(table, &change->prefix);

	head->flags &= (uint8_t)~ROUTE_OUT;
	if (!programmed)
		take_back(source, change, batch->before[index], head, now_ns);
	if (!(head->flags & ROUTE_LIVE) && !head->told)
		source_remove_head(source, table, head);
}

void batch_end(struct source *source, struct batch *batch, bool programmed, uint64_t now_ns)
{
	for (size_t i = 0; i < batch->batch.changes; i++)
		end_change(source, batch, i, programmed, now_ns);
	for (size_t i = 0; i < batch->batch.groups; i++)
		group_set_listed(&source->groups, batch->batch.group[i].number, programmed);
	for (size_t i = 0; i < batch->batch.gone; i++)
		group_set_gone(&source->groups, batch->batch.gone_group[i], programmed);
	source->out = NULL;
	if (programmed)
		source->handed_out = true;
	if (programmed && source->config.acknowledge)
		acknowledge_queue(source, batch);
	batch_free(batch);
}

void batch_free(struct batch *batch)
{
	free(batch->batch.change);
	free(batch->batch.group);
	free(batch->batch.gone_group);
	free(batch->before);
	free(batch);
}
