/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "orchestration/readiness.h"
#include "vnf/json/json_write.h"

/* One instance as it is now. */
struct view {
	char name[INSTANCE_NAME], reason[sizeof(struct fault) + 2];
	enum health health;
	struct readiness_system system;
	bool ready;
};

/* The field is a file that cannot be used, or nothing. */
static void tell(const struct fault *fault, char *reason, size_t size)
{
	snprintf(reason, size, "%s%s%s", fault->field, *fault->field ? ": " : "", fault->message);
}

static void look(const struct instance *instance, struct view *view)
{
	struct error error = {0};

	*view = (struct view){.health = HEALTH_NO_ANSWER};
	instance_name(instance, view->name);
	if (!instance->running)
		snprintf(view->reason, sizeof(view->reason), "it has ended: sluice-orch heal, or up");
	else
		view->health = readiness_health(instance);
	if (view->health != HEALTH_NO_ANSWER)
		readiness_system(instance, &view->system, &error);
	if (view->health == HEALTH_SERVING)
		readiness_chain(instance, view->reason);
	else if (view->health == HEALTH_REFUSED && error.count)
		tell(&error.fault[0], view->reason, sizeof(view->reason));
	else if (instance->running)
		snprintf(view->reason, sizeof(view->reason), "%s on gRPC", readiness_health_name(view->health));
	if (instance->role != ROLE_ACTIVE && !view->reason[0])
		snprintf(view->reason, sizeof(view->reason), "an upgrade is under way, or was interrupted");
	view->ready = !view->reason[0];
}

static unsigned int stages_up(const struct instance *instance)
{
	unsigned int up = 0;

	for (size_t i = 0; i < instance->stages; i++)
		up += instance->stage[i].up;
	return up;
}

int status_print(const char *driver, const struct instance_list *list, bool *ready)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct instance *instance = &list->instance[i];
		char reason[128];
		struct view view;

		if (i == 0)
			printf("%-14s %-8s %-8s %-12s %-8s %-8s %s\n", "INSTANCE", "DRIVER", "ROLE", "HEALTH", "STAGES",
			       "REVISION", "SERVER");
		look(instance, &view);
		printf("%-14s %-8s %-8s %-12s %u/%-6zu %-8" PRIu64 " %s\n", view.name, driver,
		       instance_role_name(instance->role),
		       instance->running ? readiness_health_name(view.health) : "ended", stages_up(instance),
		       instance->stages, view.system.revision, instance->server);
		if (!view.ready)
			printf("  %s\n", view.reason);
		if (!readiness_certificate(&view.system, reason))
			printf("  %s\n", reason);
		*ready = *ready && view.ready;
	}
	return 0;
}

static struct json_object *stage_object(const struct instance_stage *stage)
{
	struct json_object *object = json_object_new_object();

	if (json_add(object, "name", json_object_new_string(stage->name)) ||
	    json_add(object, "up", json_object_new_boolean(stage->up)) ||
	    json_add(object, "reason", json_object_new_string(stage->reason))) {
		json_object_put(object);
		return NULL;
	}
	return object;
}

static struct json_object *stage_array(const struct instance *instance)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < instance->stages; i++) {
		struct json_object *stage = stage_object(&instance->stage[i]);

		if (!stage || json_object_array_add(array, stage)) {
			json_object_put(stage);
			json_object_put(array);
			return NULL;
		}
	}
	return array;
}

/* The files for sluicectl's --tls-ca, --tls-cert and --tls-key. */
static struct json_object *tls_object(const struct instance_tls *tls)
{
	struct json_object *object = json_object_new_object();

	if (json_add(object, "ca", json_object_new_string(tls->ca)) ||
	    json_add(object, "certificate", json_object_new_string(tls->certificate)) ||
	    json_add(object, "key", json_object_new_string(tls->key))) {
		json_object_put(object);
		return NULL;
	}
	return object;
}

/* RFC 3339. */
static struct json_object *time_string(time_t time)
{
	struct tm utc;
	char text[32];

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &utc));
	return json_object_new_string(text);
}

static struct json_object *instance_object(const char *driver, const struct instance *instance, const struct view *view)
{
	struct json_object *object = json_object_new_object();
	int rc = json_add(object, "instance", json_object_new_string(view->name));

	rc |= json_add(object, "vnf", json_object_new_string(instance->vnf));
	rc |= json_add(object, "replica", json_object_new_uint64(instance->replica));
	rc |= json_add(object, "driver", json_object_new_string(driver));
	rc |= json_add(object, "role", json_object_new_string(instance_role_name(instance->role)));
	rc |= json_add(object, "running", json_object_new_boolean(instance->running));
	rc |= json_add(object, "health", json_object_new_string(readiness_health_name(view->health)));
	rc |= json_add(object, "ready", json_object_new_boolean(view->ready));
	rc |= json_add(object, "reason", json_object_new_string(view->reason));
	rc |= json_add(object, "version", json_object_new_string(view->system.version));
	rc |= json_add(object, "revision", json_object_new_uint64(view->system.revision));
	rc |= json_add(object, "server", json_object_new_string(instance->server));
	if (instance->tls.ca[0])
		rc |= json_add(object, "tls", tls_object(&instance->tls));
	if (view->system.expiry)
		rc |= json_add(object, "certificate_expires", time_string(view->system.expiry));
	rc |= json_add(object, "image", json_object_new_string(instance->image));
	rc |= json_add(object, "stages", stage_array(instance));
	if (rc) {
		json_object_put(object);
		return NULL;
	}
	return object;
}

int status_add_json(struct json_object *array, const char *driver, const struct instance_list *list, bool *ready)
{
	for (size_t i = 0; i < list->count; i++) {
		struct json_object *object;
		struct view view;

		look(&list->instance[i], &view);
		object = instance_object(driver, &list->instance[i], &view);
		if (!object || json_object_array_add(array, object)) {
			json_object_put(object);
			return -1;
		}
		*ready = *ready && view.ready;
	}
	return 0;
}
