/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/call_identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <grpc/grpc_security.h>
#include <grpc/grpc_security_constants.h>

/* The context's first property of that name, which ends with a NUL that is not part of it; NULL: it has none. */
static const char *property(const grpc_auth_context *context, const char *name)
{
	grpc_auth_property_iterator iterator = grpc_auth_context_find_properties_by_name(context, name);
	const grpc_auth_property *found = grpc_auth_property_iterator_next(&iterator);

	return found && found->value && strlen(found->value) == found->value_length ? found->value : NULL;
}

static void identity_of_context(const grpc_auth_context *context, struct identity *identity)
{
	if (!grpc_auth_context_peer_is_authenticated(context)) {
		identity_unproved(identity);
		return;
	}
	identity_of_certificate(identity, property(context, GRPC_PEER_SPIFFE_ID_PROPERTY_NAME),
				property(context, GRPC_PEER_DNS_PROPERTY_NAME),
				property(context, GRPC_X509_CN_PROPERTY_NAME));
}

void call_identity(grpc_call *call, const char *peer, struct identity *identity)
{
	grpc_auth_context *context;
	int fd;

	if (peer && sscanf(peer, "fd:%d", &fd) == 1) {
		identity_of_socket(identity, fd);
		return;
	}
	context = grpc_call_auth_context(call);
	if (context)
		identity_of_context(context, identity);
	else
		identity_unproved(identity);
	grpc_auth_context_release(context);
}
