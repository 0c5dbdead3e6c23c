/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The embedded driver: the VNF is a sluiced in a network namespace, whose ports are veth pairs to bridges of the host,
 * to devices of the host, or to the namespaces of the stages. An upgrade moves the ports from one namespace to another.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orchestration/command.h"
#include "orchestration/device.h"
#include "orchestration/driver.h"
#include "orchestration/namespace.h"
#include "orchestration/netns/netns_daemon.h"
#include "orchestration/netns/netns_links.h"
#include "orchestration/netns/netns_watch.h"
#include "orchestration/run_folder.h"
#include "orchestration/stage.h"

#define DAEMON_GRACE_MS 7000 /* sluiced lets calls finish for 5 s */

static int set_alias(const struct instance *instance, struct error *error)
{
	char name[NAMESPACE_NAME], alias[ALIAS_LENGTH];

	snprintf(alias, sizeof(alias), "role=%s image=%.*s", instance_role_name(instance->role), NETNS_IMAGE,
		 instance->image);
	return namespace_set_alias(namespace_name(instance, NULL, name), alias, error);
}

static void check(const struct spec *spec, struct error *error)
{
	char image[INSTANCE_FILE];

	if (spec->image.text && strlen(spec->image.text) > NETNS_IMAGE)
		spec_fault(spec, spec->image.line, "image", error, "its path has more than %d bytes", NETNS_IMAGE);
	netns_daemon_image(image);
	if (!spec->image.text && !command_exists(image, NULL))
		spec_fault(spec, 1, "image", error,
			   "no sluiced is installed: install it, or name one with image: /path/to/sluiced");
	if (!command_exists("ip", NULL))
		error_add(error, ERROR_FAILED_PRECONDITION, "ip", "is not on PATH: install iproute2");
	if (geteuid() != 0)
		error_add(error, ERROR_PERMISSION_DENIED, NULL, "namespaces and XDP need root: run it with sudo");
	for (size_t i = 0; i < spec->networks; i++) {
		const struct spec_text *bridge = &spec->network[i].bridge;
		char path[64];

		snprintf(path, sizeof(path), "dataplane[%zu].bridge", i);
		if (bridge->text && !device_is_bridge(bridge->text))
			spec_fault(spec, bridge->line, path, error,
				   "there is no bridge %s: ip link add %s type bridge && ip link set %s up",
				   bridge->text, bridge->text, bridge->text);
	}
	stage_check(spec, error);
}

/* There is nothing to connect to: the driver keeps only the watches for heal. */
struct driver {
	struct event_base *base;
	struct netns_watch *watch;
};

static struct driver *open_driver(const char *connect, struct event_base *base, struct error *error)
{
	struct driver *driver = calloc(1, sizeof(*driver));

	(void)connect;
	if (!driver)
		error_no_memory(error, NULL);
	else
		driver->base = base;
	return driver;
}

static void close_driver(struct driver *driver)
{
	if (driver)
		netns_watch_free(driver->watch);
	free(driver);
}

/* --- finding --- */

struct search {
	const char *vnf;
	struct instance_list *list;
	struct error *error;
};

static void read_alias(struct instance *instance, char *alias)
{
	char *image = strstr(alias, " image=");

	if (image) {
		*image = '\0';
		snprintf(instance->image, sizeof(instance->image), "%s", image + strlen(" image="));
	}
	if (strncmp(alias, "role=", 5) == 0)
		instance->role = instance_role_parse(alias + 5);
}

static void set_server(struct instance *instance)
{
	char path[RUN_FOLDER_PATH];

	snprintf(instance->server, sizeof(instance->server), "unix:%.150s",
		 instance->role == ROLE_ACTIVE ? run_folder_server(instance, path)
					       : run_folder_path(instance, "sluice.sock", path));
}

static int add_found(const char *name, const struct instance *found, const char *stage, void *context)
{
	struct search *search = context;
	struct instance *instance;
	char alias[ALIAS_LENGTH];

	/* It is the first that is made and the last to go: stages without it are a VM's. */
	if (stage || (search->vnf && strcmp(search->vnf, found->vnf) != 0))
		return 0;
	instance = instance_list_add(search->list);
	if (!instance) {
		error_no_memory(search->error, NULL);
		return -1;
	}
	*instance = *found;
	if (namespace_alias(name, alias, search->error))
		return -1;
	read_alias(instance, alias);
	set_server(instance);
	instance->running = netns_daemon_runs(instance);
	return stage_find_all(instance, search->error);
}

static int find(struct driver *driver, const char *vnf, struct instance_list *list, struct error *error)
{
	struct search search = {.vnf = vnf, .list = list, .error = error};
	int rc = namespace_each(add_found, &search);

	(void)driver;
	instance_list_sort(list);
	return rc;
}

/* --- making and taking away --- */

/* Makes it the one that the replica's name leads to. */
static int activate(struct instance *instance, struct error *error)
{
	instance->role = ROLE_ACTIVE;
	if (set_alias(instance, error) || run_folder_point(instance, error))
		return -1;
	set_server(instance);
	return 0;
}

static int create(struct driver *driver, const struct spec *spec, struct instance *instance, struct progress *progress,
		  struct error *error)
{
	char name[NAMESPACE_NAME], own[INSTANCE_NAME];

	(void)driver;
	instance_name(instance, own);
	set_server(instance);
	if (!instance->image[0] && spec->image.text)
		snprintf(instance->image, sizeof(instance->image), "%s", spec->image.text);
	else if (!instance->image[0])
		netns_daemon_image(instance->image);
	if (run_folder_make(instance, error))
		return -1;
	progress_phase(progress, own, "namespace, %zu network%s", spec->networks, spec->networks == 1 ? "" : "s");
	if (namespace_add(namespace_name(instance, NULL, name), "", error) || set_alias(instance, error) ||
	    (instance->role == ROLE_ACTIVE && netns_links_add(spec, instance, error)))
		return -1;
	for (size_t i = 0; i < spec->stages; i++) {
		progress_phase(progress, own, "stage %s", spec->stage[i].name.text);
		if (stage_add(spec, instance, i, error) || netns_links_add_stage(spec, instance, i, error) ||
		    stage_start(spec, instance, i, error))
			return -1;
	}
	progress_phase(progress, own, "sluiced started");
	if (netns_daemon_start(spec, instance, error))
		return -1;
	return instance->role == ROLE_ACTIVE ? activate(instance, error) : 0;
}

/* A stage is made anew, its ports with it: sluiced takes a port that appears. */
static int restart(struct driver *driver, const struct spec *spec, struct instance *instance, struct error *error)
{
	char name[NAMESPACE_NAME];

	(void)driver;
	if (!namespace_exists(namespace_name(instance, NULL, name))) {
		error_add(error, ERROR_NOT_FOUND, name, "is gone: sluice-orch up makes it again");
		return -1;
	}
	for (size_t i = 0; i < spec->stages; i++) {
		struct error why = {0};

		if (stage_revive(spec, instance, i, &why) == 0)
			continue;
		if (netns_links_delete_stage(spec, instance, i, error) ||
		    stage_delete(instance, spec->stage[i].name.text, error) || stage_add(spec, instance, i, error) ||
		    netns_links_add_stage(spec, instance, i, error) || stage_start(spec, instance, i, error))
			return -1;
	}
	return instance->running ? 0 : netns_daemon_start(spec, instance, error);
}

static bool alive(struct driver *driver, const struct instance *instance, char words[160])
{
	bool runs = netns_daemon_runs(instance);

	(void)driver;
	if (!runs)
		netns_daemon_last_words(instance, words);
	return runs;
}

static int kill_daemon(struct driver *driver, const struct instance *instance, struct error *error)
{
	(void)driver;
	(void)error;
	netns_daemon_stop(instance, 0);
	return 0;
}

static int switch_over(struct driver *driver, const struct spec *spec, struct instance *from, struct instance *to,
		       struct error *error)
{
	(void)driver;
	from->role = ROLE_RETIRED;
	if (set_alias(from, error) || netns_links_move(spec, from, to, error))
		return -1;
	return activate(to, error);
}

static int destroy(struct driver *driver, const struct instance *instance, struct error *error)
{
	char name[NAMESPACE_NAME];
	struct instance going = *instance;
	struct error ignored = {0};
	int rc;

	(void)driver;
	going.role = ROLE_RETIRED; /* so that heal lets it go */
	if (namespace_exists(namespace_name(instance, NULL, name)))
		set_alias(&going, &ignored);
	netns_daemon_stop(instance, DAEMON_GRACE_MS);
	netns_links_delete(instance);
	rc = stage_delete_all(instance, error);
	if (namespace_delete(name, DAEMON_GRACE_MS, error))
		rc = -1;
	run_folder_remove(instance);
	return rc;
}

static char *xml(const struct spec *spec, const struct instance *instance, struct error *error)
{
	(void)instance;
	spec_fault(spec, 1, "driver", error, "a VNF in a namespace has no domain: xml is for driver: libvirt");
	return NULL;
}

static int watch(struct driver *driver, const struct instance *instance, void (*died)(void *context), void *context,
		 struct error *error)
{
	return netns_watch_add(&driver->watch, driver->base, instance, died, context, error);
}

const struct driver_ops netns_driver = {
	.name = "netns",
	.ready_seconds = 30,
	.hang_seconds = 10,
	.check = check,
	.open = open_driver,
	.close = close_driver,
	.find = find,
	.create = create,
	.restart = restart,
	.alive = alive,
	.kill = kill_daemon,
	.switch_over = switch_over,
	.destroy = destroy,
	.xml = xml,
	.watch = watch,
};
