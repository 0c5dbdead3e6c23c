/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/methods.h"

#include <stdbool.h>
#include <string.h>

static bool has_row(const struct rpc_method *row, const ProtobufCServiceDescriptor *service, const char *name)
{
	for (; row->service; row++)
		if (row->service == service && !strcmp(row->name, name))
			return true;
	return false;
}

int methods_check(const struct rpc_dispatch *dispatch, struct error *error)
{
	for (const struct rpc_method *row = dispatch->methods; row->service; row++) {
		if (!protobuf_c_service_descriptor_get_method_by_name(row->service, row->name)) {
			error_add(error, ERROR_INTERNAL, NULL, "%s has no method %s", row->service->name, row->name);
			return -1;
		}
		if (row->where == RPC_ON_CONTROL_THREAD && !dispatch->loop) {
			error_add(error, ERROR_INTERNAL, NULL, "%s.%s needs a control loop", row->service->name,
				  row->name);
			return -1;
		}
		for (unsigned int n = 0; n < row->service->n_methods; n++) {
			const char *name = row->service->methods[n].name;

			if (has_row(dispatch->methods, row->service, name))
				continue;
			error_add(error, ERROR_INTERNAL, NULL, "%s has no handler for %s", row->service->name, name);
			return -1;
		}
	}
	return 0;
}

const struct rpc_method *methods_find(const struct rpc_method *methods, grpc_slice path)
{
	const char *text = (const char *)GRPC_SLICE_START_PTR(path);
	size_t length = GRPC_SLICE_LENGTH(path);

	for (const struct rpc_method *row = methods; row->service; row++) {
		size_t service = strlen(row->service->name), name = strlen(row->name);

		if (length == service + name + 2 && text[0] == '/' && text[service + 1] == '/' &&
		    !memcmp(text + 1, row->service->name, service) && !memcmp(text + service + 2, row->name, name))
			return row;
	}
	return NULL;
}
