/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/commands.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestration/interrupt.h"
#include "orchestration/lifecycle.h"
#include "orchestration/spec/spec_check.h"
#include "vnf/core/log.h"

/* The state of a command that has a spec. */
struct work {
	struct spec spec;
	struct event_base *base; /* of heal */
	struct error error;
	struct progress progress;
	struct lifecycle lifecycle;
};

static int report(const struct error *error)
{
	size_t kept = error->count < ERROR_FAULTS ? error->count : ERROR_FAULTS;

	for (size_t i = 0; i < kept; i++) {
		const struct fault *fault = &error->fault[i];

		fprintf(stderr, "error: %s%s%s\n", fault->field, *fault->field ? ": " : "", fault->message);
	}
	if (error->count > kept)
		fprintf(stderr, "error: and %zu more\n", error->count - kept);
	return error->count ? FAILED : DONE;
}

static int begin(struct work *work, const struct options *options)
{
	memset(work, 0, sizeof(*work));
	if (!options->spec) {
		error_add(&work->error, ERROR_INVALID_ARGUMENT, "-f SPEC",
			  "is missing: the file that describes the VNF");
		return -1;
	}
	return spec_read(&work->spec, options->spec, &work->error);
}

/* Reads the spec, checks that this machine has all that it needs, and connects the driver. */
static int begin_lifecycle(struct work *work, const struct options *options, struct event_base *base)
{
	if (begin(work, options))
		return -1;
	work->base = base;
	work->lifecycle.spec = &work->spec;
	work->lifecycle.ops = driver_ops_of(work->spec.driver);
	work->lifecycle.progress = &work->progress;
	progress_init(&work->progress);
	interrupt_catch();
	work->lifecycle.ops->check(&work->spec, &work->error);
	if (work->error.count)
		return -1;
	work->lifecycle.driver = work->lifecycle.ops->open(work->spec.connect.text, work->base, &work->error);
	return work->lifecycle.driver ? 0 : -1;
}

static int end(struct work *work)
{
	int rc = report(&work->error);

	if (work->lifecycle.ops)
		work->lifecycle.ops->close(work->lifecycle.driver);
	spec_free(&work->spec);
	return rc;
}

int command_check(void *context, char **arguments)
{
	const struct options *options = context;
	struct work work;

	(void)arguments;
	if (begin(&work, options) == 0)
		driver_ops_of(work.spec.driver)->check(&work.spec, &work.error);
	if (!work.error.count)
		printf("%s: %s, %u replica%s, %zu network%s, %zu stage%s: all is well\n", options->spec,
		       work.spec.name.text, work.spec.replicas, work.spec.replicas == 1 ? "" : "s", work.spec.networks,
		       work.spec.networks == 1 ? "" : "s", work.spec.stages, work.spec.stages == 1 ? "" : "s");
	return end(&work);
}

static int bring_up(struct work *work, uint32_t replicas)
{
	double begun = progress_now();

	if (work->spec.insecure)
		fprintf(stderr,
			"warning: %s:%u: insecure: gRPC is plain text: whoever reaches %s programs %s; tls has the "
			"remedy\n",
			work->spec.file, work->spec.insecure_line, work->spec.management.bridge.text,
			work->spec.name.text);
	if (lifecycle_up(&work->lifecycle, replicas, &work->error))
		return -1;
	printf("%-12s %-60s %7.2f s\n", work->spec.name.text, "ready", progress_now() - begun);
	return 0;
}

int command_up(void *context, char **arguments)
{
	const struct options *options = context;
	struct work work;

	(void)arguments;
	if (begin_lifecycle(&work, options, NULL) == 0)
		bring_up(&work, work.spec.replicas);
	return end(&work);
}

int command_scale(void *context, char **arguments)
{
	const struct options *options = context;
	unsigned long replicas;
	struct work work;
	char *rest;

	replicas = strtoul(arguments[0], &rest, 10);
	if (arguments[0][0] < '0' || arguments[0][0] > '9' || *rest || replicas < 1 || replicas > SPEC_REPLICAS) {
		fprintf(stderr, "error: scale %s: a number from 1 to %d is expected\n", arguments[0], SPEC_REPLICAS);
		return FAILED;
	}
	if (begin_lifecycle(&work, options, NULL) == 0) {
		spec_check_replicas(&work.spec, (uint32_t)replicas, &work.error);
		if (!work.error.count)
			bring_up(&work, (uint32_t)replicas);
	}
	return end(&work);
}

int command_heal(void *context, char **arguments)
{
	const struct options *options = context;
	struct event_base *base = event_base_new();
	struct work work;
	int rc;

	(void)arguments;
	if (!base) {
		fprintf(stderr, "error: out of memory\n");
		return FAILED;
	}
	if (begin_lifecycle(&work, options, base) == 0) {
		log_init(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
		lifecycle_heal(&work.lifecycle, base, options->once, &work.error);
	}
	rc = end(&work);
	event_base_free(base);
	return rc;
}

int command_upgrade(void *context, char **arguments)
{
	const struct options *options = context;
	struct work work;
	char *image;

	(void)arguments;
	if (!options->image) {
		fprintf(stderr, "error: upgrade needs --image NEW\n");
		return FAILED;
	}
	image = realpath(options->image, NULL);
	if (begin_lifecycle(&work, options, NULL) == 0) {
		if (!image || access(image, work.spec.driver == SPEC_NETNS ? X_OK : R_OK))
			error_add(&work.error, ERROR_NOT_FOUND, "--image", "%s: %s", options->image,
				  image && work.spec.driver == SPEC_NETNS ? "not executable: it must be a sluiced"
									  : "there is no such file");
		else
			lifecycle_upgrade(&work.lifecycle, image, &work.error);
	}
	free(image);
	return end(&work);
}

int command_xml(void *context, char **arguments)
{
	const struct options *options = context;
	struct instance instance = {.replica = options->replica, .slot = 'a', .role = ROLE_ACTIVE};
	struct work work;
	char *xml = NULL;

	(void)arguments;
	if (begin(&work, options) == 0) {
		spec_check_replicas(&work.spec, options->replica + 1, &work.error);
		snprintf(instance.vnf, sizeof(instance.vnf), "%s", work.spec.name.text);
		if (!work.error.count)
			xml = driver_ops_of(work.spec.driver)->xml(&work.spec, &instance, &work.error);
		if (xml)
			fputs(xml, stdout);
	}
	free(xml);
	return end(&work);
}
