/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/lifecycle.h"

#include <string.h>

#include "orchestration/client.h"
#include "orchestration/interrupt.h"
#include "orchestration/readiness.h"
#include "vnf/client/client.h"

const struct driver_ops *driver_ops_of(enum spec_driver driver)
{
	return driver == SPEC_LIBVIRT ? &libvirt_driver : &netns_driver;
}

struct configuration *lifecycle_day0(const struct lifecycle *lifecycle, uint32_t replica, struct error *error)
{
	const char *file = lifecycle->ops->day0_inside ? NULL : spec_day0(lifecycle->spec, replica);

	return file ? configuration_from_file(file, error) : NULL;
}

int lifecycle_write(const struct instance *instance, const struct configuration *configuration, struct error *error)
{
	struct rpc_client *client = client_open(instance, error);
	int rc = client ? configuration_write(configuration, client, error) : -1;

	rpc_client_free(client);
	return rc;
}

struct configuration *lifecycle_read(const struct instance *instance, struct error *error)
{
	struct rpc_client *client = client_open(instance, error);
	struct configuration *configuration = client ? configuration_read(client, error) : NULL;

	rpc_client_free(client);
	return configuration;
}

int lifecycle_make_ready(struct lifecycle *lifecycle, struct instance *instance,
			 const struct configuration *configuration, struct error *error)
{
	char name[INSTANCE_NAME];

	instance_name(instance, name);
	progress_phase(lifecycle->progress, name, "gRPC serving");
	if (readiness_wait_serving(lifecycle->driver, lifecycle->ops, instance, lifecycle->progress, error))
		return -1;
	if (lifecycle->ops->day0_inside && instance->role == ROLE_ACTIVE &&
	    spec_day0(lifecycle->spec, instance->replica)) {
		progress_phase(lifecycle->progress, name, "day 0 applied");
		if (readiness_wait_day0(instance, lifecycle->progress, error))
			return -1;
	}
	if (configuration) {
		progress_phase(lifecycle->progress, name, "%zu resources written", configuration_count(configuration));
		if (lifecycle_write(instance, configuration, error))
			return -1;
	}
	if (lifecycle->spec->stages) {
		progress_phase(lifecycle->progress, name, "chain of %zu stages up", lifecycle->spec->stages);
		if (readiness_wait_chain(instance, lifecycle->progress, error))
			return -1;
	}
	progress_end(lifecycle->progress);
	return 0;
}

void lifecycle_take_back(struct lifecycle *lifecycle, const struct instance *instance)
{
	struct error ignored = {0};

	/* The interrupt has done its work: the removal shall not stop by it. */
	interrupt_forget();
	lifecycle->ops->destroy(lifecycle->driver, instance, &ignored);
}

int lifecycle_down(const struct driver_ops *ops, struct driver *driver, const char *vnf, struct progress *progress,
		   size_t *count, struct error *error)
{
	struct instance_list list = {0};
	int rc = ops->find(driver, vnf, &list, error);

	for (size_t i = 0; i < list.count; i++) {
		char name[INSTANCE_NAME];

		progress_phase(progress, instance_name(&list.instance[i], name), "taken down");
		/* An instance that cannot be taken down does not keep the others. */
		if (ops->destroy(driver, &list.instance[i], error)) {
			progress_fail(progress);
			rc = -1;
		}
	}
	progress_end(progress);
	*count = list.count;
	instance_list_free(&list);
	return rc;
}
