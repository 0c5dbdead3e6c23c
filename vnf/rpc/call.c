/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/call.h"

#include <stdlib.h>
#include <grpc/support/alloc.h>

#include "vnf/core/log.h"

void rpc_call_put(struct rpc_call *call)
{
	struct rpc_shared *shared = call->shared;

	if (atomic_fetch_sub(&call->references, 1) != 1)
		return;
	grpc_byte_buffer_destroy(call->received);
	grpc_byte_buffer_destroy(call->outgoing);
	grpc_byte_buffer_destroy(call->last);
	grpc_slice_unref(call->status_text);
	grpc_slice_unref(call->details.key);
	grpc_slice_unref(call->details.value);
	if (call->counted[0])
		access_give(call->caller, QUOTA_REQUESTS);
	if (call->counted[1])
		access_give(call->caller, QUOTA_STREAMS);
	access_caller_put(call->caller);
	gpr_free(call->peer);
	grpc_call_unref(call->core);
	free(call->ahead); /* empty */
	free(call->broken);
	pthread_mutex_destroy(&call->lock);
	pthread_mutex_destroy(&call->callbacks);
	free(call);
	live_calls_end(&shared->live);
}

void rpc_call_batch(struct rpc_call *call, struct rpc_batch *batch, const grpc_op *ops, size_t count)
{
	grpc_call_error failed;

	atomic_fetch_add(&call->references, 1);
	rpc_tag_arm(&batch->tag, batch->done);
	failed = grpc_call_start_batch(call->core, ops, count, batch, NULL);
	if (failed == GRPC_CALL_OK)
		return;
	log_error("gRPC refuses a batch for %s: %s", call->peer, grpc_call_error_to_string(failed));
	atomic_fetch_sub(&call->references, 1); /* never the last: the caller has one */
}

void rpc_call_receive(struct rpc_call *call)
{
	grpc_op op = {.op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &call->received};

	call->reading = true;
	rpc_call_batch(call, &call->receiving, &op, 1);
}

void rpc_call_read_on(struct rpc_call *call)
{
	if (!call->reading && !call->ended && !call->finished && call->ahead_count < RPC_AHEAD &&
	    call->ahead_bytes < RPC_AHEAD_BYTES)
		rpc_call_receive(call);
}

bool rpc_call_take_ahead(struct rpc_call *call)
{
	const struct rpc_ahead *ahead;

	if (!call->ahead_count)
		return false;
	ahead = &call->ahead[call->ahead_first];
	call->message = ahead->message;
	call->memory = ahead->memory;
	call->ahead_bytes -= ahead->size;
	call->ahead_first = (call->ahead_first + 1) % RPC_AHEAD;
	call->ahead_count--;
	return true;
}

ProtobufCMessage *rpc_call_response(const struct rpc_call *call)
{
	ProtobufCMessage *response = calloc(1, call->descriptor->output->sizeof_message);

	if (response)
		protobuf_c_message_init(call->descriptor->output, response);
	return response;
}
