/* SPDX-License-Identifier: Apache-2.0 */
/* down and status: by the name of a VNF alone, whatever it runs on; the spec may be lost. */
#include <stdio.h>
#include <string.h>

#include "orchestration/commands.h"
#include "orchestration/interrupt.h"
#include "orchestration/lifecycle.h"
#include "orchestration/status.h"
#include "vnf/json/json_write.h"

#define EVERYTHING -1 /* drivers */

/* The VNFs and drivers that a command is about. */
struct target {
	struct spec spec; /* where one is given */
	const char *vnf;  /* NULL: all */
	const char *connect;
	int driver;
	struct error error;
};

static int begin(struct target *target, const struct options *options, char **arguments)
{
	memset(target, 0, sizeof(*target));
	target->driver = EVERYTHING;
	target->connect = options->connect;
	target->vnf = arguments[0];
	if (!options->spec)
		return 0;
	if (target->vnf) {
		error_add(&target->error, ERROR_INVALID_ARGUMENT, NULL, "a name or -f SPEC, not both");
		return -1;
	}
	/* A wrong spec must not keep a VNF from being taken down. */
	spec_read(&target->spec, options->spec, &target->error);
	if (!target->spec.name.text)
		return -1;
	memset(&target->error, 0, sizeof(target->error));
	target->vnf = target->spec.name.text;
	target->driver = (int)target->spec.driver;
	if (!target->connect)
		target->connect = target->spec.connect.text;
	return 0;
}

static int end(struct target *target)
{
	size_t kept = target->error.count < ERROR_FAULTS ? target->error.count : ERROR_FAULTS;

	for (size_t i = 0; i < kept; i++)
		fprintf(stderr, "error: %s%s%s\n", target->error.fault[i].field,
			*target->error.fault[i].field ? ": " : "", target->error.fault[i].message);
	spec_free(&target->spec);
	return kept ? FAILED : DONE;
}

/* NULL: not one to look at, or it cannot be looked at; the latter is a fault only where it was asked for. */
static struct driver *open_driver(struct target *target, enum spec_driver driver)
{
	bool asked = target->driver == (int)driver || (driver == SPEC_LIBVIRT && target->connect);
	struct error error = {0};
	struct driver *opened;

	if (target->driver != EVERYTHING && target->driver != (int)driver)
		return NULL;
	opened = driver_ops_of(driver)->open(target->connect, NULL, asked ? &target->error : &error);
	if (error.count)
		fprintf(stderr, "note: VNFs on libvirt are left out: %s\n", error.fault[0].message);
	return opened;
}

int command_down(void *context, char **arguments)
{
	const struct options *options = context;
	struct progress progress;
	struct target target;
	size_t count = 0;

	if (!arguments[0] && !options->spec) {
		fprintf(stderr, "error: down needs a name or -f SPEC\n");
		return FAILED;
	}
	progress_init(&progress);
	interrupt_catch();
	if (begin(&target, options, arguments) == 0) {
		for (enum spec_driver i = SPEC_NETNS; i <= SPEC_LIBVIRT; i++) {
			const struct driver_ops *ops = driver_ops_of(i);
			struct driver *driver = open_driver(&target, i);
			size_t found = 0;

			if (driver)
				lifecycle_down(ops, driver, target.vnf, &progress, &found, &target.error);
			ops->close(driver);
			count += found;
		}
		if (!count && !target.error.count)
			printf("%s: nothing is there\n", target.vnf);
	}
	return end(&target);
}

int command_status(void *context, char **arguments)
{
	const struct options *options = context;
	struct json_object *array = options->json ? json_object_new_array() : NULL;
	struct target target;
	bool ready = true;
	size_t count = 0;
	int rc = begin(&target, options, arguments);

	for (enum spec_driver i = SPEC_NETNS; rc == 0 && i <= SPEC_LIBVIRT; i++) {
		const struct driver_ops *ops = driver_ops_of(i);
		struct driver *driver = open_driver(&target, i);
		struct instance_list list = {0};

		if (driver && ops->find(driver, target.vnf, &list, &target.error) == 0)
			rc = options->json ? status_add_json(array, ops->name, &list, &ready)
					   : status_print(ops->name, &list, &ready);
		count += list.count;
		instance_list_free(&list);
		ops->close(driver);
	}
	if (rc == 0 && options->json)
		rc = json_print(array);
	else
		json_object_put(array);
	if (rc && !target.error.count)
		error_no_memory(&target.error, NULL);
	if (rc == 0 && !count && !options->json)
		printf("%s: nothing is there\n", target.vnf ? target.vnf : "VNFs");
	rc = end(&target);
	return rc ? rc : ready && (count || !arguments[0]) ? DONE : NOT_READY;
}
