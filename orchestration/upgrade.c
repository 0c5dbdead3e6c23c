/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upgrade: the standby starts beside the active one and gets its configuration, then its networks; then the old one
 * ends. The roles, which are kept with the instances, show how far an interrupted upgrade came:
 *
 *	active + standby    nothing has happened yet: begin anew
 *	retired + standby   the networks were on their way: bring them over
 *	active + retired    only the old one's end is missing
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "orchestration/lifecycle.h"
#include "orchestration/readiness.h"

#define COPIES 5

static int remove_old(struct lifecycle *lifecycle, const struct instance *old, struct error *error)
{
	char name[INSTANCE_NAME];

	progress_phase(lifecycle->progress, instance_name(old, name), "drained and removed");
	if (lifecycle->ops->destroy(lifecycle->driver, old, error))
		return -1;
	progress_end(lifecycle->progress);
	return 0;
}

/* Copies until the old one has not changed since it was read. A resource that its owner deletes on the old one
 * between two reads stays on the new one, where the owner deletes it again. */
static int copy(struct lifecycle *lifecycle, const struct instance *old, struct instance *fresh, struct error *error)
{
	struct readiness_system system;
	uint64_t revision = 0;
	char name[INSTANCE_NAME];

	instance_name(fresh, name);
	for (unsigned int i = 0; i < COPIES; i++) {
		struct configuration *configuration = lifecycle_read(old, error);
		int rc = -1;

		if (configuration) {
			revision = configuration_revision(configuration);
			rc = lifecycle_make_ready(lifecycle, fresh, configuration, error);
		}
		configuration_free(configuration);
		if (rc || readiness_system(old, &system, error))
			return -1;
		if (system.revision == revision)
			return 0;
	}
	error_add(error, ERROR_ABORTED, name, "its configuration changes faster than it can be copied: try again");
	return -1;
}

/* The networks to the new one; back again where it cannot use them. */
static int switch_to(struct lifecycle *lifecycle, struct instance *old, struct instance *fresh, struct error *error)
{
	int interfaces = readiness_interfaces(old);
	char name[INSTANCE_NAME];

	progress_phase(lifecycle->progress, instance_name(fresh, name), "networks switched");
	if (lifecycle->ops->switch_over(lifecycle->driver, lifecycle->spec, old, fresh, error) == 0 &&
	    readiness_wait_interfaces(fresh, interfaces, lifecycle->progress, error) == 0) {
		progress_end(lifecycle->progress);
		return 0;
	}
	progress_fail(lifecycle->progress);
	progress_phase(lifecycle->progress, instance_name(old, name), "networks switched back");
	lifecycle->ops->switch_over(lifecycle->driver, lifecycle->spec, fresh, old, error);
	progress_end(lifecycle->progress);
	return -1;
}

static int replace(struct lifecycle *lifecycle, struct instance *old, const char *image, struct error *error)
{
	struct instance fresh = *old;
	char name[INSTANCE_NAME];

	fresh.slot = old->slot == 'a' ? 'b' : 'a';
	fresh.role = ROLE_STANDBY;
	fresh.running = false;
	fresh.stages = 0;
	snprintf(fresh.image, sizeof(fresh.image), "%s", image);
	if (readiness_health(old) != HEALTH_SERVING) {
		error_add(error, ERROR_FAILED_PRECONDITION, instance_name(old, name),
			  "does not serve, so its configuration cannot be copied: sluice-orch heal first");
		return -1;
	}
	if (lifecycle->ops->create(lifecycle->driver, lifecycle->spec, &fresh, lifecycle->progress, error) == 0 &&
	    copy(lifecycle, old, &fresh, error) == 0 && switch_to(lifecycle, old, &fresh, error) == 0)
		return remove_old(lifecycle, old, error);
	progress_fail(lifecycle->progress);
	lifecycle_take_back(lifecycle, &fresh);
	return -1;
}

/* The networks were on their way, while the old one still took changes. */
static int bring_over(struct lifecycle *lifecycle, struct instance *old, struct instance *fresh, struct error *error)
{
	if (readiness_health(old) == HEALTH_SERVING && copy(lifecycle, old, fresh, error))
		return -1;
	return switch_to(lifecycle, old, fresh, error);
}

static int upgrade_one(struct lifecycle *lifecycle, struct instance_list *found, uint32_t replica, const char *image,
		       struct error *error)
{
	struct instance *active = instance_list_find(found, replica, ROLE_ACTIVE);
	struct instance *standby = instance_list_find(found, replica, ROLE_STANDBY);
	struct instance *retired = instance_list_find(found, replica, ROLE_RETIRED);

	if (!active && standby && retired) {
		if (bring_over(lifecycle, retired, standby, error))
			return -1;
		active = standby;
		standby = NULL;
	}
	if (retired && remove_old(lifecycle, retired, error))
		return -1;
	if (standby && remove_old(lifecycle, standby, error))
		return -1;
	/* Another upgrade was interrupted than the one that is asked for, or none. */
	if (active && (!retired || strcmp(active->image, image) != 0))
		return replace(lifecycle, active, image, error);
	return 0;
}

int lifecycle_upgrade(struct lifecycle *lifecycle, const char *image, struct error *error)
{
	struct instance_list found = {0};
	int rc = lifecycle->ops->find(lifecycle->driver, lifecycle->spec->name.text, &found, error);

	if (rc == 0 && !found.count) {
		error_add(error, ERROR_NOT_FOUND, lifecycle->spec->name.text, "is not up: sluice-orch up first");
		rc = -1;
	}
	for (uint32_t replica = 0; rc == 0 && replica < SPEC_REPLICAS; replica++)
		rc = upgrade_one(lifecycle, &found, replica, image, error);
	instance_list_free(&found);
	return rc;
}
