/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/watched_replica.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "orchestration/readiness.h"
#include "vnf/core/log.h"

#define LONGEST_BACK_OFF 60.0 /* seconds */
#define STEADY_SECONDS	 60.0 /* well for so long: earlier failures are forgotten */
#define SETTLE_SECONDS	 5.0
#define REFUSALS_LOGGED	 3
#define READ_SHARE	 10.0 /* times as long between two reads of the configuration as one takes */

void watched_replica_init(struct watched_replica *replica, const struct instance *instance)
{
	*replica = (struct watched_replica){.instance = *instance, .since = progress_now(), .answered = progress_now()};
}

void watched_replica_free(struct watched_replica *replica)
{
	configuration_free(replica->copy);
}

void watched_replica_found(struct watched_replica *replica, const struct instance *instance)
{
	if (replica->instance.slot != instance->slot)
		replica->boot_id[0] = '\0';
	replica->instance = *instance;
	replica->found = true;
}

bool watched_replica_is_healthy(const struct watched_replica *replica)
{
	return replica->state == HEALTHY && replica->boot_id[0];
}

void watched_replica_log(const struct watched_replica *replica, const struct error *error)
{
	char name[INSTANCE_NAME];

	log_faults(instance_name(&replica->instance, name), error);
}

static void enter(struct watched_replica *replica, enum watched_state state, double seconds)
{
	replica->state = state;
	replica->since = progress_now();
	replica->until = replica->since + seconds;
}

/* Schedules a restart: at once the first time, then after 1, 2, 4, ... seconds. */
static void schedule(struct watched_replica *replica, const char *why)
{
	double wait = replica->failures ? (double)(1U << (replica->failures < 7 ? replica->failures - 1 : 6)) : 0;
	char name[INSTANCE_NAME];

	if (wait > LONGEST_BACK_OFF)
		wait = LONGEST_BACK_OFF;
	log_warning("%s: %s: restart in %.0f s", instance_name(&replica->instance, name), why, wait);
	replica->failures++;
	enter(replica, WAITING, wait);
}

/* The reason why the replica must be restarted; NULL: none is visible from outside. */
static const char *trouble(const struct lifecycle *lifecycle, const struct watched_replica *replica)
{
	static char text[160];

	if (!replica->instance.running)
		return "it ended";
	if (replica->instance.stages < lifecycle->spec->stages)
		return "a stage is gone";
	for (size_t i = 0; i < replica->instance.stages; i++) {
		const struct instance_stage *stage = &replica->instance.stage[i];

		if (!stage->up) {
			snprintf(text, sizeof(text), "stage %s: %s", stage->name, stage->reason);
			return text;
		}
	}
	return NULL;
}

/* Writes into a sluiced that starts empty the configuration that it had, or else day 0. */
static int reapply(const struct lifecycle *lifecycle, struct watched_replica *replica, struct error *error)
{
	const char *file = spec_day0(lifecycle->spec, replica->instance.replica);
	struct configuration *day0 = NULL;
	const struct configuration *configuration = replica->copy;
	char name[INSTANCE_NAME];
	int rc = 0;

	if (!configuration && file) {
		configuration = day0 = configuration_from_file(file, error);
		if (!day0)
			return -1;
	}
	if (configuration) {
		rc = lifecycle_write(&replica->instance, configuration, error);
		if (rc == 0)
			log_info("%s: %zu resources %s", instance_name(&replica->instance, name),
				 configuration_count(configuration), day0 ? "of day 0 applied" : "applied again");
	}
	configuration_free(day0);
	return rc;
}

/* Keeps the copy as new as it can be without keeping the router busy. */
static void read_copy(struct watched_replica *replica, const struct readiness_system *before, struct error *error)
{
	double begun = progress_now();
	struct readiness_system after;
	struct configuration *copy;
	char name[INSTANCE_NAME];

	if ((replica->copy && configuration_revision(replica->copy) == before->revision) || begun < replica->next_read)
		return;
	copy = lifecycle_read(&replica->instance, error);
	/* A sluiced that started meanwhile answers as an empty router: that must not replace the copy. */
	if (copy &&
	    (readiness_system(&replica->instance, &after, error) || strcmp(after.boot_id, before->boot_id) != 0)) {
		configuration_free(copy);
		copy = NULL;
	}
	if (!copy)
		return;
	configuration_free(replica->copy);
	replica->copy = copy;
	log_info("%s: read revision %" PRIu64 ", %zu resources", instance_name(&replica->instance, name),
		 configuration_revision(copy), configuration_count(copy));
	replica->next_read = progress_now() + READ_SHARE * (progress_now() - begun);
}

/* Warns once for each certificate. */
static void warn_of_expiry(struct watched_replica *replica, const struct readiness_system *system)
{
	char name[INSTANCE_NAME], reason[128];

	if (replica->expiry_logged == system->expiry || readiness_certificate(system, reason))
		return;
	log_warning("%s: %s", instance_name(&replica->instance, name), reason);
	replica->expiry_logged = system->expiry;
}

/* It answers. A sluiced that its service manager started again in the VM is as empty as one that we started. */
static void on_answer(const struct lifecycle *lifecycle, struct watched_replica *replica)
{
	struct readiness_system system;
	struct error error = {0};
	char name[INSTANCE_NAME];
	bool changed;

	if (readiness_system(&replica->instance, &system, &error)) {
		watched_replica_log(replica, &error);
		return;
	}
	changed = strcmp(replica->boot_id, system.boot_id) != 0;
	if (changed && (replica->boot_id[0] || replica->state == STARTING) && reapply(lifecycle, replica, &error)) {
		watched_replica_log(replica, &error);
		return;
	}
	if (replica->state == STARTING) {
		log_info("%s: serves again after %.1f s", instance_name(&replica->instance, name),
			 progress_now() - replica->since);
		enter(replica, HEALTHY, 0);
	}
	memcpy(replica->boot_id, system.boot_id, sizeof(replica->boot_id));
	warn_of_expiry(replica, &system);
	read_copy(replica, &system, &error);
	watched_replica_log(replica, &error);
}

static void restart(const struct lifecycle *lifecycle, struct watched_replica *replica)
{
	struct error error = {0};

	if (lifecycle->ops->restart(lifecycle->driver, lifecycle->spec, &replica->instance, &error)) {
		watched_replica_log(replica, &error);
		schedule(replica, "it could not be started");
		return;
	}
	replica->answered = progress_now();
	enter(replica, STARTING, lifecycle->ops->ready_seconds);
}

static void kill_hung(const struct lifecycle *lifecycle, struct watched_replica *replica)
{
	struct error error = {0};
	char why[64];

	snprintf(why, sizeof(why), "no answer for %.0f s", progress_now() - replica->answered);
	lifecycle->ops->kill(lifecycle->driver, &replica->instance, &error);
	watched_replica_log(replica, &error);
	replica->instance.running = false;
	schedule(replica, why);
}

/* Certificates are wrong, which no restart mends: the log says so, once. A sluiced that ends closes connections, too.
 */
static void log_refusal(struct watched_replica *replica)
{
	struct readiness_system system;
	struct error error = {0};

	if (++replica->refusals != REFUSALS_LOGGED)
		return;
	if (readiness_system(&replica->instance, &system, &error) == 0)
		replica->refusals = 0;
	watched_replica_log(replica, &error);
}

void watched_replica_check(struct watched_replica *replica, const struct lifecycle *lifecycle)
{
	const char *why = trouble(lifecycle, replica);
	double now = progress_now();
	enum health health;

	if (replica->state == WAITING) {
		if (now >= replica->until)
			restart(lifecycle, replica);
		return;
	}
	/* Devices of stages come up a moment after they were made. */
	if (why && replica->state == STARTING && replica->instance.running && now < replica->since + SETTLE_SECONDS)
		return;
	if (why) {
		schedule(replica, why);
		if (replica->until <= now)
			restart(lifecycle, replica);
		return;
	}
	health = readiness_health(&replica->instance);
	if (health == HEALTH_SERVING || health == HEALTH_REFUSED)
		replica->answered = now;
	if (health == HEALTH_REFUSED) {
		log_refusal(replica);
		return;
	}
	replica->refusals = 0;
	if (health == HEALTH_SERVING) {
		on_answer(lifecycle, replica);
		if (replica->state == HEALTHY && now - replica->since > STEADY_SECONDS)
			replica->failures = 0;
	} else if (replica->state == STARTING ? now > replica->until
					      : now - replica->answered > lifecycle->ops->hang_seconds) {
		kill_hung(lifecycle, replica);
	}
}
