/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/client.h"

#include "vnf/client/client.h"

struct rpc_client *client_open(const struct instance *instance, struct error *error)
{
	static const struct rpc_client_tls names = {"tls.ca", "tls.certificate", "tls.key"}; /* of the spec */
	const struct instance_tls *files = &instance->tls;
	const struct rpc_client_tls tls = {.ca = files->ca, .certificate = files->certificate, .key = files->key};
	struct rpc_client *client;

	if (files->ca[0]) {
		client = rpc_client_new_tls(instance->server, &tls, error);
	} else {
		client = rpc_client_new(instance->server);
		if (!client)
			error_no_memory(error, NULL);
	}
	if (client)
		rpc_client_name_tls(client, &names);
	return client;
}
