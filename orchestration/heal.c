/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heal looks at every instance once a second, and at once when its driver reports that a part of it ended. While the
 * driver cannot look, since libvirt is away, it asks again later and later.
 */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "orchestration/interrupt.h"
#include "orchestration/watched_replica.h"
#include "vnf/core/log.h"

#define LOOK_MS		 1000
#define LOOK_STARTING_MS 100
#define LONGEST_LOOK_MS	 30000

struct heal {
	struct lifecycle *lifecycle;
	struct event_base *base;
	struct event *look;
	struct watched_replica *replicas;
	size_t count;
	unsigned int blind; /* looks in a row at which the driver could see nothing */
	bool once;
};

/* Returns the watched replica of that number, a new one where it is new; NULL: out of memory. */
static struct watched_replica *replica_of(struct heal *heal, const struct instance *instance)
{
	struct watched_replica *grown;

	for (size_t i = 0; i < heal->count; i++) {
		if (heal->replicas[i].instance.replica == instance->replica)
			return &heal->replicas[i];
	}
	grown = reallocarray(heal->replicas, heal->count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	heal->replicas = grown;
	watched_replica_init(&grown[heal->count], instance);
	return &grown[heal->count++];
}

/* Forgets the replicas that were taken down or scaled in. */
static void forget_gone(struct heal *heal)
{
	char name[INSTANCE_NAME];

	for (size_t i = 0; i < heal->count;) {
		if (heal->replicas[i].found) {
			i++;
			continue;
		}
		log_info("%s: is gone, and watched no more", instance_name(&heal->replicas[i].instance, name));
		watched_replica_free(&heal->replicas[i]);
		heal->replicas[i] = heal->replicas[--heal->count];
	}
}

/* The driver calls it when a process or domain has ended. */
static void on_death(void *context)
{
	struct heal *heal = context;

	event_active(heal->look, EV_TIMEOUT, 0);
}

static void take_in(struct heal *heal, const struct instance_list *found)
{
	struct lifecycle *lifecycle = heal->lifecycle;

	for (size_t i = 0; i < heal->count; i++)
		heal->replicas[i].found = false;
	for (size_t i = 0; i < found->count; i++) {
		struct error error = {0};
		struct watched_replica *replica;

		if (found->instance[i].role != ROLE_ACTIVE)
			continue; /* an upgrade's */
		replica = replica_of(heal, &found->instance[i]);
		if (!replica)
			continue;
		watched_replica_found(replica, &found->instance[i]);
		lifecycle->ops->watch(lifecycle->driver, &replica->instance, on_death, heal, &error);
		watched_replica_log(replica, &error);
	}
	forget_gone(heal);
}

/* Updates the replicas from the driver; -1: the driver cannot look. It logs that once, and again when the driver is
 * back. */
static int look(struct heal *heal)
{
	struct lifecycle *lifecycle = heal->lifecycle;
	struct instance_list found = {0};
	struct error error = {0};
	int rc = lifecycle->ops->find(lifecycle->driver, lifecycle->spec->name.text, &found, &error);

	if (rc == 0)
		take_in(heal, &found);
	if (rc && !interrupted() && heal->blind++ == 0)
		log_faults("cannot look", &error);
	if (rc == 0 && heal->blind) {
		/* nobody asked them meanwhile, so their silence proves nothing */
		for (size_t i = 0; i < heal->count; i++)
			heal->replicas[i].answered = progress_now();
		log_info("can look again, after %u attempts", heal->blind);
		heal->blind = 0;
	}
	instance_list_free(&found);
	return rc;
}

static bool any_starts(const struct heal *heal)
{
	for (size_t i = 0; i < heal->count; i++) {
		if (heal->replicas[i].state == STARTING)
			return true;
	}
	return false;
}

/* heal looks sooner while a replica starts, and later and later while the driver sees nothing. */
static unsigned int next_look_ms(const struct heal *heal)
{
	if (heal->blind)
		return heal->blind > 5 ? LONGEST_LOOK_MS : LOOK_MS << (heal->blind - 1);
	return any_starts(heal) ? LOOK_STARTING_MS : LOOK_MS;
}

static bool all_well(const struct heal *heal)
{
	for (size_t i = 0; i < heal->count; i++) {
		if (!watched_replica_is_healthy(&heal->replicas[i]))
			return false;
	}
	return !heal->blind;
}

static void on_look(evutil_socket_t fd, short events, void *context)
{
	struct heal *heal = context;
	struct timeval next;
	unsigned int ms;

	(void)fd;
	(void)events;
	if (look(heal) == 0) {
		for (size_t i = 0; !interrupted() && i < heal->count; i++)
			watched_replica_check(&heal->replicas[i], heal->lifecycle);
	}
	ms = next_look_ms(heal);
	next = (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
	if (interrupted() || (heal->once && all_well(heal)))
		event_base_loopbreak(heal->base);
	else
		evtimer_add(heal->look, &next);
}

int lifecycle_heal(struct lifecycle *lifecycle, struct event_base *base, bool once, struct error *error)
{
	struct heal heal = {.lifecycle = lifecycle, .base = base, .once = once};

	heal.look = evtimer_new(base, on_look, &heal);
	if (heal.look) {
		log_info("watching %s", lifecycle->spec->name.text);
		event_active(heal.look, EV_TIMEOUT, 0);
		event_base_dispatch(base);
		event_free(heal.look);
	} else {
		error_no_memory(error, NULL);
	}
	for (size_t i = 0; i < heal.count; i++)
		watched_replica_free(&heal.replicas[i]);
	free(heal.replicas);
	return error->count ? -1 : 0;
}
