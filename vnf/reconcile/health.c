/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/health.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/reconcile/health_entry.h"

struct health_targets *health_targets_new(void)
{
	struct health_targets *health = calloc(1, sizeof(*health));

	if (health)
		pthread_mutex_init(&health->lock, NULL);
	return health;
}

static void forget_staged(struct health_targets *health)
{
	for (size_t i = 0; i < health->staged_count; i++)
		health_entry_free(health->staged[i]);
	health->staged_count = 0;
}

void health_targets_free(struct health_targets *health)
{
	if (!health)
		return;
	forget_staged(health);
	for (uint32_t slot = 1; slot <= health->slots; slot++)
		health_entry_free(health->slot[slot]);
	free(health->bucket);
	free(health->slot);
	free(health->round);
	free(health->staged);
	free(health->queue);
	pthread_mutex_destroy(&health->lock);
	free(health);
}

/* Owns the entry, also when it fails. */
static int stage(struct health_targets *health, struct health_entry *entry)
{
	size_t capacity = health->staged_capacity ? health->staged_capacity * 2 : 16;
	struct health_entry **grown;

	if (entry && health->staged_count == health->staged_capacity) {
		grown = realloc(health->staged, capacity * sizeof(struct health_entry *));
		if (!grown)
			goto err;
		health->staged = grown;
		health->staged_capacity = capacity;
	}
	if (!entry || !health_reserve(health, health->staged_count + 1))
		goto err;
	health->staged[health->staged_count++] = entry;
	return 0;
err:
	health_entry_free(entry);
	return -ENOMEM;
}

int health_set_target(struct health_targets *health, const struct health_target *target)
{
	char key[HEALTH_KEY_BYTES];
	struct health_entry *entry = health_entry_new(health_key_text(&target->key, key));

	if (!entry)
		return -ENOMEM;
	entry->target = *target;
	entry->target.key.group = strdup(target->key.group);
	entry->target.key.name = strdup(target->key.name);
	entry->target.monitor = strdup(target->monitor);
	entry->target.vrf = strdup(target->vrf);
	if (entry->target.key.group && entry->target.key.name && entry->target.monitor && entry->target.vrf)
		return stage(health, entry);
	health_entry_free(entry);
	return -ENOMEM;
}

int health_unset_target(struct health_targets *health, const struct health_key *key)
{
	char text[HEALTH_KEY_BYTES];
	struct health_entry *entry;

	/* Most runs are about what was never probed. */
	if (!health_find(health, health_key_text(key, text)) && !health->staged_count)
		return 0;
	entry = health_entry_new(text);
	if (entry)
		entry->gone = true;
	return stage(health, entry);
}

static void enqueue(struct health_targets *health, struct health_entry *entry)
{
	if (!health->changed || entry->queued)
		return;
	entry->queued = true;
	health->queue[health->queue_end++] = entry->id;
}

static void remove_entry(struct health_targets *health, struct health_entry *entry)
{
	enqueue(health, entry);
	health_remove(health, entry);
}

static void apply(struct health_targets *health, struct health_entry *entry)
{
	struct health_entry *known = health_find(health, entry->key);
	struct health_target target = entry->target;

	if (entry->gone) {
		if (known)
			remove_entry(health, known);
		health_entry_free(entry);
		return;
	}
	if (!known) {
		health_add(health, entry);
		enqueue(health, entry);
		return;
	}
	entry->target = known->target;
	known->target = target;
	enqueue(health, known);
	health_entry_free(entry);
}

static void drop_untargeted(struct health_targets *health)
{
	for (uint32_t slot = 1; slot <= health->slots; slot++)
		if (health->slot[slot] && !health->slot[slot]->target.monitor)
			health_remove(health, health->slot[slot]);
	health->taken_up = false;
}

static void call_listener(const struct health_targets *health)
{
	if (health->changed && health->queue_first < health->queue_end)
		health->changed(health->context);
}

void health_finish(struct health_targets *health, bool undone)
{
	if (undone) {
		forget_staged(health);
		return;
	}
	if (!health->staged_count && !health->taken_up)
		return;
	pthread_mutex_lock(&health->lock);
	for (size_t i = 0; i < health->staged_count; i++)
		apply(health, health->staged[i]);
	health->staged_count = 0;
	if (health->taken_up)
		drop_untargeted(health);
	pthread_mutex_unlock(&health->lock);
	call_listener(health);
}

static const struct health_entry *entry_of(const struct health_targets *health, const struct health_key *key)
{
	char text[HEALTH_KEY_BYTES];

	return health->count ? health_find(health, health_key_text(key, text)) : NULL;
}

bool health_is_up(const struct health_targets *health, const struct health_key *key)
{
	const struct health_entry *entry = entry_of(health, key);

	return !entry || entry->verdict.up;
}

uint16_t health_weight_factor(const struct health_targets *health, const struct health_key *key)
{
	const struct health_entry *entry = entry_of(health, key);

	return entry ? entry->verdict.weight_factor : HEALTH_FACTOR_ALL;
}

static struct health_entry *by_id(const struct health_targets *health, uint64_t id)
{
	uint32_t slot = (uint32_t)id;
	struct health_entry *entry = slot && slot <= health->slots ? health->slot[slot] : NULL;

	return entry && entry->id == id ? entry : NULL;
}

bool health_knows(const struct health_targets *health, uint64_t id)
{
	uint32_t slot = (uint32_t)id, round = (uint32_t)(id >> 32);

	return slot && slot <= health->slots && round && round <= health->round[slot];
}

int health_listen(struct health_targets *health, void (*changed)(void *context), void *context)
{
	health->queue_first = health->queue_end = 0;
	health->changed = changed;
	health->context = context;
	atomic_store(&health->listened_to, changed != NULL);
	for (uint32_t slot = 1; slot <= health->slots; slot++)
		if (health->slot[slot])
			health->slot[slot]->queued = false;
	if (!changed)
		return 0;
	if (!health_reserve(health, health->count)) {
		health->changed = NULL;
		atomic_store(&health->listened_to, false);
		return -ENOMEM;
	}
	for (uint32_t slot = 1; slot <= health->slots; slot++)
		if (health->slot[slot] && health->slot[slot]->target.monitor)
			enqueue(health, health->slot[slot]);
	return 0;
}

bool health_take(struct health_targets *health, uint64_t *id, struct health_target *target)
{
	struct health_entry *entry;

	if (health->queue_first == health->queue_end) {
		health->queue_first = health->queue_end = 0;
		return false;
	}
	*id = health->queue[health->queue_first++];
	entry = by_id(health, *id);
	*target = entry ? entry->target : (struct health_target){0};
	if (entry) {
		entry->queued = false;
		target->weight_factor = entry->verdict.weight_factor;
	}
	return true;
}

bool health_report(struct health_targets *health, uint64_t id, const struct health_verdict *verdict,
		   struct facts *facts)
{
	struct health_entry *entry = by_id(health, id);
	bool changed;

	if (!entry)
		return false;
	changed = entry->verdict.up != verdict->up || entry->verdict.weight_factor != verdict->weight_factor;
	pthread_mutex_lock(&health->lock);
	entry->verdict = *verdict;
	entry->reported = true;
	pthread_mutex_unlock(&health->lock);
	if (changed)
		facts_push(facts, &(struct fact){.kind = FACT_HEALTH,
						 .resource = entry->target.row_kind,
						 .ifindex = entry->target.row});
	return changed;
}

bool health_is_listened_to(struct health_targets *health)
{
	return atomic_load(&health->listened_to);
}

bool health_facts(struct health_targets *health, const struct health_key *key, struct health_verdict *verdict)
{
	const struct health_entry *entry;

	pthread_mutex_lock(&health->lock);
	entry = entry_of(health, key);
	if (entry)
		*verdict = entry->verdict;
	pthread_mutex_unlock(&health->lock);
	return entry && entry->reported;
}
