/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/services.h"

#include <errno.h>

#include "vnf/rpc/services/diagnostics.h"
#include "vnf/rpc/services/health.h"
#include "vnf/rpc/services/monitor.h"
#include "vnf/rpc/services/watch.h"

int services_init(struct services_context *context, const struct rpc_method *methods)
{
	context->methods = methods;
	watch_service_init(&context->watch);
	context->health = health_new(methods);
	context->diagnostics = diagnostics_new();
	if (context->health && context->diagnostics)
		return 0;
	services_clear(context);
	return -ENOMEM;
}

void services_clear(struct services_context *context)
{
	if (context->methods)
		watch_service_clear(&context->watch);
	context->methods = NULL;
	health_free(context->health);
	context->health = NULL;
	diagnostics_free(context->diagnostics);
	context->diagnostics = NULL;
}

static void stopping(void *context)
{
	health_stop(((struct services_context *)context)->health);
	monitor_stop(&((struct services_context *)context)->monitor);
	diagnostics_stop(((struct services_context *)context)->diagnostics);
	watch_service_stop(&((struct services_context *)context)->watch);
}

struct rpc_dispatch services_dispatch(struct services_context *context, struct loop *loop)
{
	context->monitor = (struct monitor_service){.loop = loop};
	return (struct rpc_dispatch){context->methods, context, loop, stopping, context->access};
}

void services_set_writable(void *context, bool writable)
{
	health_set_writable(((struct services_context *)context)->health, writable);
}
