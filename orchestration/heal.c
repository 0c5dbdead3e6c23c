/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heal: looks at every instance once a second, and at once when its driver tells that something of it ended. What died
 * is started again, later and later while that does not help, and gets the configuration back that it had.
 */
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestration/interrupt.h"
#include "orchestration/lifecycle.h"
#include "orchestration/readiness.h"
#include "vnf/core/log.h"

#define LOOK_MS		 1000
#define LOOK_STARTING_MS 100
#define LONGEST_BACK_OFF 60.0 /* seconds */
#define STEADY_SECONDS	 60.0 /* well for so long: earlier failures are forgotten */
#define READ_SHARE	 10.0 /* times as long between two reads of the configuration as one takes */

enum state { WELL, WAITING, STARTING };

struct patient {
	struct instance instance;
	enum state state;
	double since, until; /* of the state: when it began; when to start, or to give up */
	double answered;     /* last time that it did */
	unsigned int failures;
	char boot_id[40];	    /* of the sluiced that has the configuration; "": unknown */
	struct configuration *copy; /* as last read; NULL: not yet */
	double next_read;
	bool found;
};

struct heal {
	struct lifecycle *lifecycle;
	struct event_base *base;
	struct event *look;
	struct patient *patient;
	size_t patients;
	bool once;
};

static void log_errors(const struct patient *patient, const struct error *error)
{
	char name[INSTANCE_NAME];

	log_faults(instance_name(&patient->instance, name), error);
}

static void enter(struct patient *patient, enum state state, double seconds)
{
	patient->state = state;
	patient->since = progress_now();
	patient->until = patient->since + seconds;
}

/* At once the first time, then after 1, 2, 4, ... seconds. */
static void schedule(struct patient *patient, const char *why)
{
	double wait = patient->failures ? (double)(1U << (patient->failures < 7 ? patient->failures - 1 : 6)) : 0;
	char name[INSTANCE_NAME];

	if (wait > LONGEST_BACK_OFF)
		wait = LONGEST_BACK_OFF;
	log_warning("%s: %s: restart in %.0f s", instance_name(&patient->instance, name), why, wait);
	patient->failures++;
	enter(patient, WAITING, wait);
}

/* What is wrong with it; NULL: nothing that is seen from outside. */
static const char *trouble(const struct heal *heal, const struct patient *patient)
{
	static char text[160];

	if (!patient->instance.running)
		return "it ended";
	if (patient->instance.stages < heal->lifecycle->spec->stages)
		return "a stage is gone";
	for (size_t i = 0; i < patient->instance.stages; i++) {
		const struct instance_stage *stage = &patient->instance.stage[i];

		if (!stage->up) {
			snprintf(text, sizeof(text), "stage %s: %s", stage->name, stage->reason);
			return text;
		}
	}
	return NULL;
}

/* Into a sluiced that starts empty: what it had, or else day 0. */
static int reapply(struct heal *heal, struct patient *patient, struct error *error)
{
	const char *file = spec_day0(heal->lifecycle->spec, patient->instance.replica);
	struct configuration *day0 = NULL;
	const struct configuration *configuration = patient->copy;
	char name[INSTANCE_NAME];
	int rc = 0;

	if (!configuration && file) {
		configuration = day0 = configuration_from_file(file, error);
		if (!day0)
			return -1;
	}
	if (configuration) {
		rc = lifecycle_write(&patient->instance, configuration, error);
		if (rc == 0)
			log_info("%s: %zu resources %s", instance_name(&patient->instance, name),
				 configuration_count(configuration), day0 ? "of day 0 applied" : "applied again");
	}
	configuration_free(day0);
	return rc;
}

/* Keeps the copy as new as it can be without keeping the router busy. */
static void read_copy(struct patient *patient, const struct readiness_system *before, struct error *error)
{
	double begun = progress_now();
	struct readiness_system after;
	struct configuration *copy;
	char name[INSTANCE_NAME];

	if ((patient->copy && configuration_revision(patient->copy) == before->revision) || begun < patient->next_read)
		return;
	copy = lifecycle_read(&patient->instance, error);
	/* What an empty one answers that started meanwhile must not replace what it is to get back. */
	if (copy &&
	    (readiness_system(&patient->instance, &after, error) || strcmp(after.boot_id, before->boot_id) != 0)) {
		configuration_free(copy);
		copy = NULL;
	}
	if (!copy)
		return;
	configuration_free(patient->copy);
	patient->copy = copy;
	log_info("%s: read revision %" PRIu64 ", %zu resources", instance_name(&patient->instance, name),
		 configuration_revision(copy), configuration_count(copy));
	patient->next_read = progress_now() + READ_SHARE * (progress_now() - begun);
}

/* It answers. A sluiced that its service manager started again in the VM is as empty as one that we started. */
static void attend(struct heal *heal, struct patient *patient)
{
	struct readiness_system system;
	struct error error = {0};
	char name[INSTANCE_NAME];
	bool changed;

	if (readiness_system(&patient->instance, &system, &error)) {
		log_errors(patient, &error);
		return;
	}
	changed = strcmp(patient->boot_id, system.boot_id) != 0;
	if (changed && (patient->boot_id[0] || patient->state == STARTING) && reapply(heal, patient, &error)) {
		log_errors(patient, &error);
		return;
	}
	if (patient->state == STARTING) {
		log_info("%s: serves again after %.1f s", instance_name(&patient->instance, name),
			 progress_now() - patient->since);
		enter(patient, WELL, 0);
	}
	memcpy(patient->boot_id, system.boot_id, sizeof(patient->boot_id));
	read_copy(patient, &system, &error);
	log_errors(patient, &error);
}

static void restart(struct heal *heal, struct patient *patient)
{
	struct lifecycle *lifecycle = heal->lifecycle;
	struct error error = {0};

	if (lifecycle->ops->restart(lifecycle->driver, lifecycle->spec, &patient->instance, &error)) {
		log_errors(patient, &error);
		schedule(patient, "it could not be started");
		return;
	}
	patient->answered = progress_now();
	enter(patient, STARTING, lifecycle->ops->ready_seconds);
}

static void kill_hung(struct heal *heal, struct patient *patient)
{
	struct error error = {0};
	char why[64];

	snprintf(why, sizeof(why), "no answer for %.0f s", progress_now() - patient->answered);
	heal->lifecycle->ops->kill(heal->lifecycle->driver, &patient->instance, &error);
	log_errors(patient, &error);
	patient->instance.running = false;
	schedule(patient, why);
}

static void examine(struct heal *heal, struct patient *patient)
{
	const char *why = trouble(heal, patient);
	double now = progress_now();

	if (patient->state == WAITING) {
		if (now >= patient->until)
			restart(heal, patient);
		return;
	}
	if (why) {
		schedule(patient, why);
		if (patient->until <= now)
			restart(heal, patient);
	} else if (readiness_health(&patient->instance) == HEALTH_SERVING) {
		patient->answered = now;
		attend(heal, patient);
		if (patient->state == WELL && now - patient->since > STEADY_SECONDS)
			patient->failures = 0;
	} else if (patient->state == STARTING ? now > patient->until
					      : now - patient->answered > heal->lifecycle->ops->hang_seconds) {
		kill_hung(heal, patient);
	}
}

/* The patient of that replica, a new one where it is new; NULL: out of memory. */
static struct patient *patient_of(struct heal *heal, const struct instance *instance)
{
	struct patient *grown;

	for (size_t i = 0; i < heal->patients; i++) {
		if (heal->patient[i].instance.replica == instance->replica)
			return &heal->patient[i];
	}
	grown = reallocarray(heal->patient, heal->patients + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	heal->patient = grown;
	grown += heal->patients++;
	*grown = (struct patient){.instance = *instance, .since = progress_now(), .answered = progress_now()};
	return grown;
}

/* What is gone was taken down or scaled in. */
static void forget_gone(struct heal *heal)
{
	char name[INSTANCE_NAME];

	for (size_t i = 0; i < heal->patients;) {
		if (heal->patient[i].found) {
			i++;
			continue;
		}
		log_info("%s: is gone, and watched no more", instance_name(&heal->patient[i].instance, name));
		configuration_free(heal->patient[i].copy);
		heal->patient[i] = heal->patient[--heal->patients];
	}
}

static void on_look(evutil_socket_t fd, short events, void *context);

/* The driver's word that something ended. */
static void on_death(void *context)
{
	struct heal *heal = context;

	event_active(heal->look, EV_TIMEOUT, 0);
}

static void take_in(struct heal *heal, struct instance_list *found)
{
	struct lifecycle *lifecycle = heal->lifecycle;
	struct error error = {0};

	for (size_t i = 0; i < heal->patients; i++)
		heal->patient[i].found = false;
	for (size_t i = 0; i < found->count; i++) {
		struct patient *patient;

		if (found->instance[i].role != ROLE_ACTIVE)
			continue; /* an upgrade's */
		patient = patient_of(heal, &found->instance[i]);
		if (!patient)
			continue;
		if (patient->instance.letter != found->instance[i].letter)
			patient->boot_id[0] = '\0'; /* another one after an upgrade */
		patient->instance = found->instance[i];
		patient->found = true;
		if (lifecycle->ops->watch(lifecycle->driver, &patient->instance, on_death, heal, &error))
			log_errors(patient, &error);
	}
	forget_gone(heal);
}

/* Sooner while something starts. */
static unsigned int look_after(const struct heal *heal)
{
	for (size_t i = 0; i < heal->patients; i++) {
		if (heal->patient[i].state == STARTING)
			return LOOK_STARTING_MS;
	}
	return LOOK_MS;
}

static bool all_well(const struct heal *heal)
{
	for (size_t i = 0; i < heal->patients; i++) {
		if (heal->patient[i].state != WELL || !heal->patient[i].boot_id[0])
			return false;
	}
	return true;
}

static void on_look(evutil_socket_t fd, short events, void *context)
{
	struct heal *heal = context;
	struct timeval next;
	struct lifecycle *lifecycle = heal->lifecycle;
	struct instance_list found = {0};
	struct error error = {0};

	(void)fd;
	(void)events;
	if (lifecycle->ops->find(lifecycle->driver, lifecycle->spec->name.text, &found, &error) == 0)
		take_in(heal, &found);
	else if (!interrupted())
		log_error("%s: %s", error.fault[0].field, error.fault[0].message);
	for (size_t i = 0; !interrupted() && !error.count && i < heal->patients; i++)
		examine(heal, &heal->patient[i]);
	instance_list_free(&found);
	next = (struct timeval){.tv_sec = look_after(heal) / 1000, .tv_usec = look_after(heal) % 1000 * 1000};
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
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory");
	}
	for (size_t i = 0; i < heal.patients; i++)
		configuration_free(heal.patient[i].copy);
	free(heal.patient);
	return error->count ? -1 : 0;
}
