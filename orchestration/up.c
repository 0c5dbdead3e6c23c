/* SPDX-License-Identifier: Apache-2.0 */
/* up and scale: as many replicas as there shall be, all of them ready. */
#include <stdio.h>
#include <string.h>

#include "orchestration/interrupt.h"
#include "orchestration/lifecycle.h"
#include "orchestration/readiness.h"

/* Is the instance complete? One that a dead orchestrator left half made is not, nor is one that has died. */
static bool is_whole(const struct lifecycle *lifecycle, const struct instance *instance)
{
	if (!instance->running || instance->stages != lifecycle->spec->stages)
		return false;
	for (size_t i = 0; i < instance->stages; i++) {
		if (!instance->stage[i].up)
			return false;
	}
	return readiness_health(instance) == HEALTH_SERVING;
}

static int remove_one(struct lifecycle *lifecycle, const struct instance *instance, const char *why,
		      struct error *error)
{
	char name[INSTANCE_NAME];

	progress_phase(lifecycle->progress, instance_name(instance, name), "%s", why);
	if (lifecycle->ops->destroy(lifecycle->driver, instance, error))
		return -1;
	progress_end(lifecycle->progress);
	return 0;
}

/* Removes the instances that must not stay; marks in `there` the replicas that are complete. */
static int clear_away(struct lifecycle *lifecycle, const struct instance_list *found, uint32_t replicas,
		      bool there[SPEC_REPLICAS], struct error *error)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct instance *instance = &found->instance[i];
		const struct instance *active = instance_list_find(found, instance->replica, ROLE_ACTIVE);
		char name[INSTANCE_NAME];
		int rc = 0;

		if (instance->replica >= replicas) {
			rc = remove_one(lifecycle, instance, "one replica less", error);
		} else if (instance->role != ROLE_ACTIVE && !active) {
			error_add(error, ERROR_FAILED_PRECONDITION, instance_name(instance, name),
				  "an upgrade was interrupted: sluice-orch upgrade goes on with it");
			rc = -1;
		} else if (instance->role != ROLE_ACTIVE) {
			rc = remove_one(lifecycle, instance, "left by an upgrade: removed", error);
		} else if (!is_whole(lifecycle, instance)) {
			rc = remove_one(lifecycle, instance, "found broken: made anew", error);
		} else {
			there[instance->replica] = true;
			progress_phase(lifecycle->progress, instance_name(instance, name), "is up already");
			progress_end(lifecycle->progress);
		}
		if (rc)
			return -1;
	}
	return 0;
}

static struct instance first_instance(const struct spec *spec, uint32_t replica)
{
	struct instance instance = {.replica = replica, .slot = 'a', .role = ROLE_ACTIVE};

	snprintf(instance.vnf, sizeof(instance.vnf), "%s", spec->name.text);
	return instance;
}

/* All start before the first is waited for: machines boot side by side. */
static int create_missing(struct lifecycle *lifecycle, uint32_t replicas, const bool there[SPEC_REPLICAS],
			  struct instance_list *made, struct error *error)
{
	for (uint32_t replica = 0; replica < replicas; replica++) {
		struct instance *instance;

		if (there[replica])
			continue;
		instance = instance_list_add(made);
		if (!instance) {
			error_no_memory(error, NULL);
			return -1;
		}
		*instance = first_instance(lifecycle->spec, replica);
		if (lifecycle->ops->create(lifecycle->driver, lifecycle->spec, instance, lifecycle->progress, error))
			return -1;
		if (interrupted()) {
			error_add(error, ERROR_CANCELLED, NULL, "interrupted");
			return -1;
		}
	}
	progress_end(lifecycle->progress);
	return 0;
}

static int make_all_ready(struct lifecycle *lifecycle, struct instance_list *made, struct error *error)
{
	char name[INSTANCE_NAME];

	for (size_t i = 0; i < made->count; i++) {
		struct configuration *day0 = lifecycle_day0(lifecycle, made->instance[i].replica, error);
		int rc = error->count ? -1 : lifecycle_make_ready(lifecycle, &made->instance[i], day0, error);

		configuration_free(day0);
		if (rc)
			return -1;
		instance_name(&made->instance[i], name);
		progress_phase(lifecycle->progress, name, "ready: sluicectl --server %s", made->instance[i].server);
		progress_end(lifecycle->progress);
	}
	return 0;
}

int lifecycle_up(struct lifecycle *lifecycle, uint32_t replicas, struct error *error)
{
	struct instance_list found = {0}, made = {0};
	bool there[SPEC_REPLICAS] = {false};
	int rc = lifecycle->ops->find(lifecycle->driver, lifecycle->spec->name.text, &found, error);

	if (rc == 0)
		rc = clear_away(lifecycle, &found, replicas, there, error);
	if (rc == 0)
		rc = create_missing(lifecycle, replicas, there, &made, error);
	if (rc == 0)
		rc = make_all_ready(lifecycle, &made, error);
	if (rc) {
		progress_fail(lifecycle->progress);
		for (size_t i = 0; i < made.count; i++)
			lifecycle_take_back(lifecycle, &made.instance[i]);
	}
	instance_list_free(&found);
	instance_list_free(&made);
	return rc;
}
