/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of sluice.v1 for rpc_server_new. Writes run on the control thread and are answered from there, so the
 * loop must run until rpc_server_stop has returned: stop the server from another thread, and the loop after it.
 */
#ifndef SLUICE_RPC_SERVICES_H
#define SLUICE_RPC_SERVICES_H

#include "vnf/rpc/server.h"

struct control;
struct control_answer;
struct loop;

/* Borrowed by the services; outlives the server. */
struct services_context {
	struct loop *loop;
	struct control *control;
};

struct rpc_service config_service(struct services_context *context);
struct rpc_service state_service(struct services_context *context);
struct rpc_service system_service(struct services_context *context);

/* --- for the services themselves --- */

/* What a handler has the control plane do: fills the response of its method; 0, or -1 and *error. */
typedef int perform_function(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
			     struct error *error);

/* Answers the call here and now; for reads. */
void answer_call(struct rpc_call *call, const ProtobufCMessage *request, struct control *control,
		 perform_function *perform);

/* Answers it on the control thread; for writes. */
void post_call(struct rpc_call *call, const ProtobufCMessage *request, struct services_context *context,
	       perform_function *perform);

/* The same for what may be done together with others, and is answered when `answer` is called. */
typedef void submit_function(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
			     struct error *error, struct control_answer *answer);
void submit_call(struct rpc_call *call, const ProtobufCMessage *request, struct services_context *context,
		 submit_function *submit);

#endif
