/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/patient.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "orchestration/readiness.h"
#include "vnf/core/log.h"

#define LONGEST_BACK_OFF 60.0 /* seconds */
#define STEADY_SECONDS	 60.0 /* well for so long: earlier failures are forgotten */
#define SETTLE_SECONDS	 5.0
#define REFUSALS_TOLD	 3
#define READ_SHARE	 10.0 /* times as long between two reads of the configuration as one takes */

void patient_init(struct patient *patient, const struct instance *instance)
{
	*patient = (struct patient){.instance = *instance, .since = progress_now(), .answered = progress_now()};
}

void patient_free(struct patient *patient)
{
	configuration_free(patient->copy);
}

void patient_found(struct patient *patient, const struct instance *instance)
{
	if (patient->instance.letter != instance->letter)
		patient->boot_id[0] = '\0';
	patient->instance = *instance;
	patient->found = true;
}

bool patient_is_well(const struct patient *patient)
{
	return patient->state == WELL && patient->boot_id[0];
}

void patient_log(const struct patient *patient, const struct error *error)
{
	char name[INSTANCE_NAME];

	log_faults(instance_name(&patient->instance, name), error);
}

static void enter(struct patient *patient, enum patient_state state, double seconds)
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
static const char *trouble(const struct lifecycle *lifecycle, const struct patient *patient)
{
	static char text[160];

	if (!patient->instance.running)
		return "it ended";
	if (patient->instance.stages < lifecycle->spec->stages)
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
static int reapply(const struct lifecycle *lifecycle, struct patient *patient, struct error *error)
{
	const char *file = spec_day0(lifecycle->spec, patient->instance.replica);
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

/* Once for each certificate. */
static void tell_expiry(struct patient *patient, const struct readiness_system *system)
{
	char name[INSTANCE_NAME], reason[128];

	if (patient->expiry_told == system->expiry || readiness_certificate(system, reason))
		return;
	log_warning("%s: %s", instance_name(&patient->instance, name), reason);
	patient->expiry_told = system->expiry;
}

/* It answers. A sluiced that its service manager started again in the VM is as empty as one that we started. */
static void attend(const struct lifecycle *lifecycle, struct patient *patient)
{
	struct readiness_system system;
	struct error error = {0};
	char name[INSTANCE_NAME];
	bool changed;

	if (readiness_system(&patient->instance, &system, &error)) {
		patient_log(patient, &error);
		return;
	}
	changed = strcmp(patient->boot_id, system.boot_id) != 0;
	if (changed && (patient->boot_id[0] || patient->state == STARTING) && reapply(lifecycle, patient, &error)) {
		patient_log(patient, &error);
		return;
	}
	if (patient->state == STARTING) {
		log_info("%s: serves again after %.1f s", instance_name(&patient->instance, name),
			 progress_now() - patient->since);
		enter(patient, WELL, 0);
	}
	memcpy(patient->boot_id, system.boot_id, sizeof(patient->boot_id));
	tell_expiry(patient, &system);
	read_copy(patient, &system, &error);
	patient_log(patient, &error);
}

static void restart(const struct lifecycle *lifecycle, struct patient *patient)
{
	struct error error = {0};

	if (lifecycle->ops->restart(lifecycle->driver, lifecycle->spec, &patient->instance, &error)) {
		patient_log(patient, &error);
		schedule(patient, "it could not be started");
		return;
	}
	patient->answered = progress_now();
	enter(patient, STARTING, lifecycle->ops->ready_seconds);
}

static void kill_hung(const struct lifecycle *lifecycle, struct patient *patient)
{
	struct error error = {0};
	char why[64];

	snprintf(why, sizeof(why), "no answer for %.0f s", progress_now() - patient->answered);
	lifecycle->ops->kill(lifecycle->driver, &patient->instance, &error);
	patient_log(patient, &error);
	patient->instance.running = false;
	schedule(patient, why);
}

/* Certificates are wrong, which no restart mends: the log says so, once. A sluiced that ends closes connections, too.
 */
static void tell_refusal(struct patient *patient)
{
	struct readiness_system system;
	struct error error = {0};

	if (++patient->refusals != REFUSALS_TOLD)
		return;
	if (readiness_system(&patient->instance, &system, &error) == 0)
		patient->refusals = 0;
	patient_log(patient, &error);
}

void patient_examine(struct patient *patient, const struct lifecycle *lifecycle)
{
	const char *why = trouble(lifecycle, patient);
	double now = progress_now();
	enum health health;

	if (patient->state == WAITING) {
		if (now >= patient->until)
			restart(lifecycle, patient);
		return;
	}
	/* Devices of stages come up a moment after they were made. */
	if (why && patient->state == STARTING && patient->instance.running && now < patient->since + SETTLE_SECONDS)
		return;
	if (why) {
		schedule(patient, why);
		if (patient->until <= now)
			restart(lifecycle, patient);
		return;
	}
	health = readiness_health(&patient->instance);
	if (health == HEALTH_SERVING || health == HEALTH_REFUSED)
		patient->answered = now;
	if (health == HEALTH_REFUSED) {
		tell_refusal(patient);
		return;
	}
	patient->refusals = 0;
	if (health == HEALTH_SERVING) {
		attend(lifecycle, patient);
		if (patient->state == WELL && now - patient->since > STEADY_SECONDS)
			patient->failures = 0;
	} else if (patient->state == STARTING ? now > patient->until
					      : now - patient->answered > lifecycle->ops->hang_seconds) {
		kill_hung(lifecycle, patient);
	}
}
