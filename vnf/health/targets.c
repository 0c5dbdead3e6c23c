/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/health/targets.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/log.h"
#include "vnf/health/target.h"
#include "vnf/health/weights.h"

static uint32_t hash_of(const char *key)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (; *key; key++)
		hash = (hash ^ (uint8_t)*key) * 16777619U;
	return hash % TARGETS_BUCKETS;
}

static struct target **key_head(struct targets *targets, const char *key)
{
	return &targets->by_key[hash_of(key)];
}

static struct target **id_head(struct targets *targets, uint64_t id)
{
	return &targets->by_id[(id ^ id >> 32) % TARGETS_BUCKETS];
}

struct targets *targets_new(struct prober *prober, const struct config *config,
			    bool (*send)(void *context, const Sluice__V1__HealthReports *reports), void *context)
{
	struct targets *targets = calloc(1, sizeof(*targets));

	if (!targets)
		return NULL;
	targets->prober = prober;
	targets->config = config;
	targets->send = send;
	targets->context = context;
	if (!reports_open(targets))
		return targets;
	targets_free(targets);
	return NULL;
}

static struct monitor_group *group_of(struct targets *targets, const Sluice__V1__HealthMonitor *monitor)
{
	struct monitor_group *group = targets->groups;

	while (group && strcmp(group->name, monitor->name) != 0)
		group = group->next;
	if (!group) {
		group = calloc(1, sizeof(*group));
		if (group)
			group->name = strdup(monitor->name);
		if (!group || !group->name) {
			free(group);
			return NULL;
		}
		group->next = targets->groups;
		targets->groups = group;
	}
	group->panic.percent = monitor->panic_percent ? monitor->panic_percent : 50;
	return group;
}

static void leave_group(struct target *target)
{
	struct monitor_group *group = target->group, **place = &target->all->groups;
	struct target **at = &group->first;

	while (*at != target)
		at = &(*at)->next_in_group;
	*at = target->next_in_group;
	group->failing -= target->counted;
	if (--group->count) {
		group_update_panic(group);
		return;
	}
	while (*place != group)
		place = &(*place)->next;
	*place = group->next;
	free(group->name);
	free(group);
}

static void unlink_id(struct target *target)
{
	struct target **at = id_head(target->all, target->id);

	while (*at && *at != target)
		at = &(*at)->next_by_id;
	if (*at)
		*at = target->next_by_id;
}

static void target_free(struct target *target)
{
	struct target **at = key_head(target->all, target->key);

	target_stop(target);
	unlink_id(target);
	while (*at && *at != target)
		at = &(*at)->next_by_key;
	if (*at)
		*at = target->next_by_key;
	target_report_forget(target);
	if (target->group)
		leave_group(target);
	if (target->message)
		sluice__v1__health_target__free_unpacked(target->message, NULL);
	free(target->packed);
	free(target->key);
	free(target);
}

static void each_target(struct targets *targets, void (*visit)(struct target *target))
{
	for (size_t i = 0; i < TARGETS_BUCKETS; i++)
		for (struct target *each = targets->by_key[i], *next; each; each = next) {
			next = each->next_by_key;
			visit(each);
		}
}

void targets_free(struct targets *targets)
{
	if (!targets)
		return;
	each_target(targets, target_free);
	reports_close(targets);
	free(targets);
}

static void become_stale(struct target *target)
{
	target->stale = true;
	target->told = false;
}

void targets_begin(struct targets *targets)
{
	targets->whole = false;
	memset(targets->by_id, 0, sizeof(targets->by_id));
	reports_forget(targets);
	each_target(targets, become_stale);
}

/* NULL: out of memory. */
static uint8_t *pack(Sluice__V1__HealthTarget *message, size_t *size)
{
	const uint64_t id = message->id;
	const uint32_t factor = message->weight_factor_per_mille;
	uint8_t *packed;

	message->id = 0;
	message->weight_factor_per_mille = 0;
	*size = sluice__v1__health_target__get_packed_size(message);
	packed = malloc(*size + 1);
	if (packed)
		sluice__v1__health_target__pack(message, packed);
	message->id = id;
	message->weight_factor_per_mille = factor;
	return packed;
}

static void copy_device(char to[16], const char *from)
{
	snprintf(to, 16, "%s", from);
}

/* From where probes go out. A gateway and a box are reached by their devices, all else through the VRF's. */
static void set_place(struct target *target)
{
	const Sluice__V1__HealthTarget *message = target->message;
	const struct config_vrf *vrf = config_find(target->all->config, message->vrf);
	struct probe *probe = &target->probe;

	probe->prober = target->all->prober;
	probe->port = (uint16_t)message->port;
	(void)ip_address_parse(message->address, &probe->address);
	copy_device(probe->device, message->device);
	copy_device(probe->egress_device, message->egress_device);
	probe->on_link = *message->device && probe->address.family;
	if (*message->device)
		return;
	if (!vrf) {
		log_warning("%s: VRF %s has no entry in the configuration: probes go out as this host's routes have it",
			    target->key, message->vrf);
		return;
	}
	copy_device(probe->device, vrf->device);
	probe->source = probe->address.family == 4 ? vrf->ipv4_source : vrf->ipv6_source;
}

/* Steps go on from where sluiced has the weight, also behind a start of this process. */
static uint16_t first_factor(const Sluice__V1__HealthTarget *message)
{
	const uint32_t now = message->weight_factor_per_mille;

	return message->latency_weights && now && now < WEIGHTS_ALL ? (uint16_t)now : WEIGHTS_ALL;
}

/* A target that is new, or probed in another way now. */
static int set_up(struct target *target, Sluice__V1__HealthTarget *message, uint8_t *packed, size_t size)
{
	target->message = message;
	target->packed = packed;
	target->packed_size = size;
	target->factor = first_factor(message);
	target->group = group_of(target->all, message->monitor);
	if (!target->group)
		return -ENOMEM;
	target->group->panic.window_ms =
		(uint64_t)(message->monitor->delay_milliseconds ? message->monitor->delay_milliseconds : 5000) *
			(message->monitor->max_retries_down + 1) +
		message->monitor->timeout_milliseconds;
	target->next_in_group = target->group->first;
	target->group->first = target;
	target->group->count++;
	set_place(target);
	return target_start(target);
}

static struct target *find(struct targets *targets, const char *key)
{
	struct target *target = *key_head(targets, key);

	while (target && strcmp(target->key, key) != 0)
		target = target->next_by_key;
	return target;
}

static struct target *target_new(struct targets *targets, const char *key)
{
	struct target *target = calloc(1, sizeof(*target)), **head = key_head(targets, key);

	if (!target)
		return NULL;
	target->key = strdup(key);
	if (!target->key) {
		free(target);
		return NULL;
	}
	target->all = targets;
	target->next_by_key = *head;
	*head = target;
	return target;
}

static void take_id(struct target *target, uint64_t id)
{
	struct target **head = id_head(target->all, id);

	target->id = id;
	target->stale = false;
	target->next_by_id = *head;
	*head = target;
	target_judged(target); /* a stream that is new is told what is known */
}

/* Owns the message. */
static void take(struct targets *targets, Sluice__V1__HealthTarget *message)
{
	struct target *target;
	char key[520];
	size_t size;
	uint8_t *packed = pack(message, &size);

	snprintf(key, sizeof(key), "%s/%s", message->monitor ? message->monitor->name : "", message->name);
	target = find(targets, key);
	if (target && packed && target->packed_size == size && !memcmp(target->packed, packed, size)) {
		unlink_id(target);
		take_id(target, message->id);
		free(packed);
		sluice__v1__health_target__free_unpacked(message, NULL);
		return;
	}
	if (target)
		target_free(target);
	target = packed && message->monitor ? target_new(targets, key) : NULL;
	if (!target) {
		log_error("%s: out of memory: it is not probed", key);
		free(packed);
		sluice__v1__health_target__free_unpacked(message, NULL);
		return;
	}
	if (set_up(target, message, packed, size)) {
		log_error("%s: out of memory: it is not probed", key);
		target_free(target);
		return;
	}
	take_id(target, message->id);
}

static void forget(struct targets *targets, uint64_t id)
{
	struct target *target = *id_head(targets, id);

	while (target && target->id != id)
		target = target->next_by_id;
	if (target)
		target_free(target);
}

static void free_stale(struct target *target)
{
	if (target->stale)
		target_free(target);
}

void targets_take(struct targets *targets, Sluice__V1__HealthTargets *message)
{
	for (size_t i = 0; i < message->n_targets; i++) {
		if (message->targets[i]->gone) {
			forget(targets, message->targets[i]->id);
			continue;
		}
		take(targets, message->targets[i]);
		message->targets[i] = NULL;
	}
	if (message->complete && !targets->whole) {
		targets->whole = true;
		each_target(targets, free_stale);
	}
}
