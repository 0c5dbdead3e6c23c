/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/stage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestration/command.h"
#include "orchestration/device.h"
#include "orchestration/namespace.h"
#include "orchestration/process.h"
#include "orchestration/run_folder.h"

/* Frames between in and out, and none of its own: no spanning tree, nothing to wait for. */
static const char bridge[] = "link add bridge type bridge stp_state 0 forward_delay 0\n"
			     "link set in master bridge up\n"
			     "link set out master bridge up\n"
			     "link set bridge up\n";
static const char no_bridge[] = "link set in up\n"
				"link set out up\n";

size_t stage_port(const struct spec *spec, size_t index, unsigned int side)
{
	return spec->networks + 2 * index + side + 1;
}

/* The mark of its command in /proc. */
static const char *mark_of(const struct instance *instance, const char *name, char mark[NAMESPACE_NAME])
{
	char own[INSTANCE_NAME];

	snprintf(mark, NAMESPACE_NAME, "%s.%s", instance_name(instance, own), name);
	return mark;
}

int stage_add(const struct spec *spec, const struct instance *instance, size_t index, struct error *error)
{
	const struct spec_stage *stage = &spec->stage[index];
	char name[NAMESPACE_NAME], alias[ALIAS_LENGTH];

	snprintf(alias, sizeof(alias), "stage=%zu by=%s", index, stage->command.count ? "command" : "bridge");
	return namespace_add(namespace_name(instance, stage->name.text, name), alias, error);
}

static int disable_ipv6(struct error *error)
{
	static const char file[] = "/proc/sys/net/ipv6/conf/all/disable_ipv6";
	FILE *stream = fopen(file, "we");
	int rc = 0;

	/* A stage speaks only when spoken to: frames in it are frames through it. */
	if (!stream)
		return errno == ENOENT ? 0 : -1;
	if (fputs("1", stream) < 0)
		rc = -1;
	if (fclose(stream) || rc)
		error_add(error, ERROR_INTERNAL, file, "%s", strerror(errno));
	return rc;
}

static int join(const struct spec_stage *stage, struct error *error)
{
	if (disable_ipv6(error) || namespace_ip(NULL, stage->command.count ? no_bridge : bridge, error))
		return -1;
	return 0;
}

/* Starts the stage's command in its namespace. */
static int start_command(const struct spec *spec, const struct instance *instance, size_t index, struct error *error)
{
	const struct spec_stage *stage = &spec->stage[index];
	char mark[NAMESPACE_NAME], file[INSTANCE_VNF + 8], log[RUN_FOLDER_PATH];
	const struct process process = {
		.mark = mark_of(instance, stage->name.text, mark),
		.argv = (const char *const *)stage->command.text,
		.folder = spec->folder,
		.log = log,
	};

	if (!stage->command.count)
		return 0;
	snprintf(file, sizeof(file), "%.32s.log", stage->name.text);
	run_folder_path(instance, file, log);
	return process_start(&process, error);
}

int stage_start(const struct spec *spec, const struct instance *instance, size_t index, struct error *error)
{
	const struct spec_stage *stage = &spec->stage[index];
	char name[NAMESPACE_NAME];
	int outside = namespace_visit(namespace_name(instance, stage->name.text, name), error), rc;

	if (outside < 0)
		return -1;
	rc = join(stage, error);
	if (rc == 0 && stage->setup.count)
		rc = command_run((const char *const *)stage->setup.text, spec->folder, NULL, NULL, error);
	if (rc == 0)
		rc = start_command(spec, instance, index, error);
	namespace_return(outside);
	return rc;
}

int stage_revive(const struct spec *spec, const struct instance *instance, size_t index, struct error *error)
{
	const struct spec_stage *stage = &spec->stage[index];
	char name[NAMESPACE_NAME], mark[NAMESPACE_NAME];
	int outside = namespace_visit(namespace_name(instance, stage->name.text, name), error), rc = 0;

	if (outside < 0)
		return -1;
	if (!device_is_up("in") || !device_is_up("out") || (!stage->command.count && !device_is_up("bridge"))) {
		error_add(error, ERROR_FAILED_PRECONDITION, stage->name.text, "one of its devices is down or gone");
		rc = -1;
	} else if (!process_find(mark_of(instance, stage->name.text, mark))) {
		rc = start_command(spec, instance, index, error);
	}
	namespace_return(outside);
	return rc;
}

int stage_revive_all(const struct spec *spec, const struct instance *instance, struct error *error)
{
	for (size_t i = 0; i < spec->stages; i++) {
		if (stage_revive(spec, instance, i, error))
			return -1;
	}
	return 0;
}

int stage_delete(const struct instance *instance, const char *name, struct error *error)
{
	char namespace[NAMESPACE_NAME];

	return namespace_delete(namespace_name(instance, name, namespace), STAGE_GRACE_MS, error);
}

/* The reason why a stage is not up; "" where it is. */
static const char *trouble(const struct instance *instance, const char *name, const char *alias, struct error *error)
{
	char namespace[NAMESPACE_NAME], mark[NAMESPACE_NAME];
	bool up, bridged = strstr(alias, "by=bridge") != NULL;
	int outside = namespace_visit(namespace_name(instance, name, namespace), error);

	if (outside < 0)
		return "its namespace cannot be entered";
	up = device_is_up("in") && device_is_up("out") && (!bridged || device_is_up("bridge"));
	namespace_return(outside);
	if (!up)
		return "one of its devices is down or gone";
	return bridged || process_find(mark_of(instance, name, mark)) ? "" : "its command has ended";
}

struct search {
	struct instance *instance;
	size_t place[SPEC_STAGES];
	struct error *error;
};

static bool same(const struct instance *a, const struct instance *b)
{
	return a->replica == b->replica && a->slot == b->slot && strcmp(a->vnf, b->vnf) == 0;
}

static int add_found(const char *name, const struct instance *owner, const char *stage, void *context)
{
	struct search *search = context;
	struct instance *instance = search->instance;
	struct instance_stage *found;
	char alias[ALIAS_LENGTH];
	size_t place, i;

	if (!stage || !same(owner, instance) || instance->stages == SPEC_STAGES)
		return 0;
	if (namespace_alias(name, alias, search->error))
		return -1;
	place = strncmp(alias, "stage=", 6) == 0 ? strtoul(alias + 6, NULL, 10) : SPEC_STAGES;
	for (i = instance->stages++; i > 0 && search->place[i - 1] > place; i--) {
		instance->stage[i] = instance->stage[i - 1];
		search->place[i] = search->place[i - 1];
	}
	search->place[i] = place;
	found = &instance->stage[i];
	snprintf(found->name, sizeof(found->name), "%s", stage);
	snprintf(found->reason, sizeof(found->reason), "%s", trouble(instance, stage, alias, search->error));
	found->up = !found->reason[0];
	return 0;
}

int stage_find_all(struct instance *instance, struct error *error)
{
	struct search search = {.instance = instance, .error = error};

	instance->stages = 0;
	return namespace_each(add_found, &search);
}

static int delete_found(const char *name, const struct instance *owner, const char *stage, void *context)
{
	struct search *search = context;

	(void)name;
	return stage && same(owner, search->instance) ? stage_delete(owner, stage, search->error) : 0;
}

int stage_delete_all(const struct instance *instance, struct error *error)
{
	struct instance copy = *instance;
	struct search search = {.instance = &copy, .error = error};

	return namespace_each(delete_found, &search);
}

static void check_command(const struct spec *spec, const struct spec_list *command, const char *path,
			  struct error *error)
{
	if (command->count && !command_exists(command->text[0], spec->folder))
		spec_fault(spec, command->line, path, error, "there is no program %s: install it, or correct its name",
			   command->text[0]);
}

void stage_check(const struct spec *spec, struct error *error)
{
	for (size_t i = 0; i < spec->stages; i++) {
		char path[64];

		snprintf(path, sizeof(path), "chain[%zu].setup", i);
		check_command(spec, &spec->stage[i].setup, path, error);
		snprintf(path, sizeof(path), "chain[%zu].command", i);
		check_command(spec, &spec->stage[i].command, path, error);
	}
}
