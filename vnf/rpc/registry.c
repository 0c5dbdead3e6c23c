/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/rpc/services/health.h"
#include "vnf/rpc/services/reflection.h"

static int add_services(struct registry *registry, const struct rpc_service *services, size_t count)
{
	registry->services = calloc(count + 3, sizeof(*registry->services));
	if (!registry->services)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		registry->services[i] = services[i];
	registry->health = health_new(services, count);
	registry->reflection = reflection_new();
	if (!registry->health || !registry->reflection)
		return -ENOMEM;
	registry->services[count++] = health_service(registry->health);
	registry->services[count++] = reflection_service_v1(registry->reflection);
	registry->services[count++] = reflection_service_v1alpha(registry->reflection);
	registry->count = count;
	reflection_set_services(registry->reflection, registry->services, count);
	return 0;
}

/* A method without a handler would be found at its first call: better now. */
static int check_services(const struct registry *registry, struct error *error)
{
	for (size_t i = 0; i < registry->count; i++) {
		const ProtobufCServiceDescriptor *descriptor = registry->services[i].descriptor;

		for (unsigned int n = 0; n < descriptor->n_methods; n++) {
			const struct rpc_method *method = registry->services[i].methods;

			while (method->name && strcmp(method->name, descriptor->methods[n].name))
				method++;
			if (method->name)
				continue;
			error_add(error, ERROR_INTERNAL, NULL, "%s has no handler for %s", descriptor->name,
				  descriptor->methods[n].name);
			return -1;
		}
	}
	return 0;
}

int registry_init(struct registry *registry, const struct rpc_service *services, size_t count, struct error *error)
{
	if (add_services(registry, services, count)) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory");
		return -1;
	}
	return check_services(registry, error);
}

void registry_clear(struct registry *registry)
{
	reflection_free(registry->reflection);
	health_free(registry->health);
	free(registry->services);
}

const struct rpc_method *registry_find(const struct registry *registry, grpc_slice path,
				       const struct rpc_service **service)
{
	const char *text = (const char *)GRPC_SLICE_START_PTR(path);
	size_t length = GRPC_SLICE_LENGTH(path);

	for (size_t i = 0; i < registry->count; i++) {
		const char *name = registry->services[i].descriptor->name;
		size_t size = strlen(name);

		if (length < size + 2 || text[0] != '/' || text[size + 1] != '/' || memcmp(text + 1, name, size))
			continue;
		*service = &registry->services[i];
		for (const struct rpc_method *method = (*service)->methods; method->name; method++)
			if (strlen(method->name) == length - size - 2 &&
			    !memcmp(method->name, text + size + 2, length - size - 2))
				return method;
	}
	return NULL;
}
