/* SPDX-License-Identifier: Apache-2.0 */
/* down and status: by the name of a VNF alone, whatever it runs on; the spec may be lost. */
#include <stdio.h>
#include <string.h>

#include "orchestration/commands.h"
#include "orchestration/interrupt.h"
#include "orchestration/lifecycle.h"
#include "orchestration/status.h"
#include "vnf/ctl/json_write.h"

#define EVERYTHING -1 /* drivers */

/* Which VNF, on which drivers. */
struct survey {
	struct spec spec; /* where one is given */
	const char *vnf;  /* NULL: all */
	const char *connect;
	int driver;
	struct error error;
};

static int begin(struct survey *survey, const struct options *options, char **arguments)
{
	memset(survey, 0, sizeof(*survey));
	survey->driver = EVERYTHING;
	survey->connect = options->connect;
	survey->vnf = arguments[0];
	if (!options->spec)
		return 0;
	if (survey->vnf) {
		error_add(&survey->error, ERROR_INVALID_ARGUMENT, NULL, "a name or -f SPEC, not both");
		return -1;
	}
	/* What it says that is wrong does not keep it from being taken down. */
	spec_read(&survey->spec, options->spec, &survey->error);
	if (!survey->spec.name.text)
		return -1;
	memset(&survey->error, 0, sizeof(survey->error));
	survey->vnf = survey->spec.name.text;
	survey->driver = (int)survey->spec.driver;
	if (!survey->connect)
		survey->connect = survey->spec.connect.text;
	return 0;
}

static int end(struct survey *survey)
{
	size_t kept = survey->error.count < ERROR_FAULTS ? survey->error.count : ERROR_FAULTS;

	for (size_t i = 0; i < kept; i++)
		fprintf(stderr, "error: %s%s%s\n", survey->error.fault[i].field,
			*survey->error.fault[i].field ? ": " : "", survey->error.fault[i].message);
	spec_free(&survey->spec);
	return kept ? FAILED : DONE;
}

/* NULL: not one to look at, or it cannot be looked at; the latter is a fault only where it was asked for. */
static struct driver *open_driver(struct survey *survey, enum spec_driver driver)
{
	bool asked = survey->driver == (int)driver || (driver == SPEC_LIBVIRT && survey->connect);
	struct error error = {0};
	struct driver *opened;

	if (survey->driver != EVERYTHING && survey->driver != (int)driver)
		return NULL;
	opened = driver_ops_of(driver)->open(survey->connect, NULL, asked ? &survey->error : &error);
	if (error.count)
		fprintf(stderr, "note: VNFs on libvirt are left out: %s\n", error.fault[0].message);
	return opened;
}

int command_down(void *context, char **arguments)
{
	const struct options *options = context;
	struct progress progress;
	struct survey survey;
	size_t count = 0;

	if (!arguments[0] && !options->spec) {
		fprintf(stderr, "error: down needs a name or -f SPEC\n");
		return FAILED;
	}
	progress_init(&progress);
	interrupt_catch();
	if (begin(&survey, options, arguments) == 0) {
		for (enum spec_driver i = SPEC_NETNS; i <= SPEC_LIBVIRT; i++) {
			const struct driver_ops *ops = driver_ops_of(i);
			struct driver *driver = open_driver(&survey, i);
			size_t found = 0;

			if (driver)
				lifecycle_down(ops, driver, survey.vnf, &progress, &found, &survey.error);
			ops->close(driver);
			count += found;
		}
		if (!count && !survey.error.count)
			printf("%s: nothing is there\n", survey.vnf);
	}
	return end(&survey);
}

int command_status(void *context, char **arguments)
{
	const struct options *options = context;
	struct json_object *array = options->json ? json_object_new_array() : NULL;
	struct survey survey;
	bool ready = true;
	size_t count = 0;
	int rc = begin(&survey, options, arguments);

	for (enum spec_driver i = SPEC_NETNS; rc == 0 && i <= SPEC_LIBVIRT; i++) {
		const struct driver_ops *ops = driver_ops_of(i);
		struct driver *driver = open_driver(&survey, i);
		struct instance_list list = {0};

		if (driver && ops->find(driver, survey.vnf, &list, &survey.error) == 0)
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
	if (rc && !survey.error.count)
		error_no_memory(&survey.error, NULL);
	if (rc == 0 && !count && !options->json)
		printf("%s: nothing is there\n", survey.vnf ? survey.vnf : "VNFs");
	rc = end(&survey);
	return rc ? rc : ready && (count || !arguments[0]) ? DONE : NOT_READY;
}
