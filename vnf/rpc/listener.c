/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/listener.h"

#include "vnf/core/log.h"
#include "vnf/rpc/core.h"
#include "vnf/rpc/dispatch.h"
#include "vnf/rpc/listen.h"
#include "vnf/rpc/methods.h"

static void reported(struct listener *listener)
{
	struct live_calls *live = &listener->shared->live;

	/* the listener may be closed, and its memory gone, as soon as it is not counted here */
	atomic_fetch_sub(&listener->outstanding, 1);
	live_calls_end(live);
}

static void on_down(struct rpc_tag *tag, bool ok)
{
	(void)ok;
	reported((struct listener *)((char *)tag - offsetof(struct listener, down_tag)));
}

static rpc_done on_accept;

static void accept_next(struct accept *accept)
{
	struct listener *listener = accept->listener;

	grpc_call_details_init(&accept->details);
	grpc_metadata_array_init(&accept->metadata);
	rpc_tag_arm(&accept->tag, on_accept);
	if (grpc_server_request_call(listener->core, &accept->call, &accept->details, &accept->metadata,
				     listener->queue, listener->queue, &accept->tag) != GRPC_CALL_OK)
		reported(listener); /* core shuts down */
}

static void on_accept(struct rpc_tag *tag, bool ok)
{
	struct accept *accept = (struct accept *)tag;
	struct rpc_shared *shared = accept->listener->shared;

	if (ok && rpc_call_start(shared, accept->call, methods_find(shared->dispatch.methods, accept->details.method)))
		log_error("out of memory: a call was refused");
	grpc_call_details_destroy(&accept->details);
	grpc_metadata_array_destroy(&accept->metadata);
	if (ok)
		accept_next(accept);
	else
		reported(accept->listener);
}

int listener_open(struct listener *listener, struct error *error)
{
	const struct rpc_options *options = listener->options;

	listener->core = core_server_create(listener->shared->max_message, options->beside);
	grpc_server_register_completion_queue(listener->core, listener->queue, NULL);
	listener->port = listener->address ? listen_add(listener->core, &listener->local, listener->address, options,
							&listener->tls, error)
					   : listen_add_relayed(listener->core, options, &listener->tls, error);
	return listener->port < 0 ? -1 : 0;
}

void listener_start(struct listener *listener)
{
	grpc_server_start(listener->core);
	if (listener->local && unix_listeners_start(listener->local, listener->core, listener->shared->dispatch.access))
		log_error("gRPC: no thread accepts on %s for now",
			  listener->address); /* it will not answer, and be opened anew */
	for (size_t n = 0; n < ACCEPTS; n++) {
		listener->accepts[n] = (struct accept){.listener = listener};
		live_calls_begin(&listener->shared->live);
		atomic_fetch_add(&listener->outstanding, 1);
		accept_next(&listener->accepts[n]);
	}
}

void listener_shut_down(struct listener *listener)
{
	unix_listeners_free(listener->local);
	listener->local = NULL;
	live_calls_begin(&listener->shared->live);
	atomic_fetch_add(&listener->outstanding, 1);
	rpc_tag_arm(&listener->down_tag, on_down);
	grpc_server_shutdown_and_notify(listener->core, listener->queue, &listener->down_tag);
}

void listener_cancel_calls(struct listener *listener)
{
	if (listener->core)
		grpc_server_cancel_all_calls(listener->core);
}

bool listener_is_down(const struct listener *listener)
{
	return !atomic_load(&listener->outstanding);
}

void listener_close(struct listener *listener)
{
	if (!listener->core)
		return;
	grpc_server_destroy(listener->core);
	server_tls_free(listener->tls);
	listener->core = NULL;
	listener->tls = NULL;
}
