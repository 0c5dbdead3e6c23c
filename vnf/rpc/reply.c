/* SPDX-License-Identifier: Apache-2.0 */
/* Implements handler.h's functions, which a handler calls on its call. */
#include "vnf/rpc/reply.h"

#include <stdlib.h>

#include "vnf/rpc/readers.h"
#include "vnf/rpc/status.h"

static size_t add_initial_metadata(struct rpc_call *call, grpc_op *op)
{
	if (call->initial_sent)
		return 0;
	call->initial_sent = true;
	*op = (grpc_op){.op = GRPC_OP_SEND_INITIAL_METADATA};
	return 1;
}

static void end_call(struct rpc_call *call)
{
	grpc_op ops[3];
	size_t count = add_initial_metadata(call, ops);

	if (call->last)
		ops[count++] = (grpc_op){.op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = call->last};
	ops[count] = (grpc_op){.op = GRPC_OP_SEND_STATUS_FROM_SERVER};
	ops[count].data.send_status_from_server.status = call->status;
	ops[count].data.send_status_from_server.status_details = &call->status_text;
	ops[count].data.send_status_from_server.trailing_metadata = &call->details;
	ops[count].data.send_status_from_server.trailing_metadata_count = call->details_count;
	rpc_call_batch(call, &call->finishing, ops, count + 1);
}

void rpc_call_on_sent(struct rpc_tag *tag, bool ok)
{
	struct rpc_call *call = rpc_batch_call(tag);
	bool finished;

	pthread_mutex_lock(&call->callbacks);
	pthread_mutex_lock(&call->lock);
	ok = ok && call->outgoing; /* without: it could not be packed */
	grpc_byte_buffer_destroy(call->outgoing);
	call->outgoing = NULL;
	call->in_flight = false;
	finished = call->finished;
	if (call->finish_waits)
		end_call(call);
	pthread_mutex_unlock(&call->lock);
	if (!finished && call->sent)
		call->sent(call, ok);
	pthread_mutex_unlock(&call->callbacks);
	rpc_call_put(call);
}

void rpc_set_data(struct rpc_call *call, void *data)
{
	call->data = data;
}

void *rpc_data(const struct rpc_call *call)
{
	return call->data;
}

struct loop *rpc_loop(const struct rpc_call *call)
{
	return call->shared->dispatch.loop;
}

void rpc_read(struct rpc_call *call, struct loop_work *work)
{
	readers_post(call->shared->readers, work);
}

void rpc_abort(struct rpc_call *call)
{
	grpc_call_cancel_with_status(call->core, GRPC_STATUS_ABORTED, "the server broke the call off", NULL);
}

const char *rpc_peer(const struct rpc_call *call)
{
	return call->peer;
}

static void free_message(struct rpc_call *call)
{
	if (call->message)
		wire_free(call->message, &call->memory);
	call->message = NULL;
}

void rpc_next(struct rpc_call *call)
{
	free_message(call);
	pthread_mutex_lock(&call->lock);
	rpc_call_receive(call);
	pthread_mutex_unlock(&call->lock);
}

const ProtobufCMessage *rpc_more(struct rpc_call *call)
{
	const ProtobufCMessage *message = NULL;
	bool end = false;

	free_message(call);
	pthread_mutex_lock(&call->lock);
	if (rpc_call_take_ahead(call)) {
		message = call->message;
	} else {
		end = call->ended;
		call->idle = !end; /* from here on the next one may come at any time */
	}
	rpc_call_read_on(call);
	pthread_mutex_unlock(&call->lock);
	if (end)
		rpc_call_dispatch(call);
	return message;
}

void rpc_send(struct rpc_call *call, const ProtobufCMessage *message, void (*sent)(struct rpc_call *call, bool ok))
{
	grpc_byte_buffer *buffer = message_pack(message);
	grpc_op ops[2];
	size_t count = 0;

	pthread_mutex_lock(&call->lock);
	call->sent = sent;
	call->outgoing = buffer;
	call->in_flight = true;
	if (buffer) {
		count = add_initial_metadata(call, ops);
		ops[count++] = (grpc_op){.op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = buffer};
	}
	rpc_call_batch(call, &call->sending, ops, count); /* an empty batch is done at once */
	pthread_mutex_unlock(&call->lock);
}

static void set_status(struct rpc_call *call, const struct error *error)
{
	char text[STATUS_MESSAGE_TEXT];
	uint8_t *details;
	size_t size;

	call->status = (grpc_status_code)error->code;
	call->status_text = grpc_slice_from_copied_string(status_message(error, text));
	details = status_details(error, &size);
	if (!details)
		return;
	call->details.key = grpc_slice_from_static_string(STATUS_DETAILS_KEY);
	call->details.value = message_slice(details, size);
	call->details_count = 1;
}

void rpc_finish(struct rpc_call *call, const ProtobufCMessage *response, const struct error *error)
{
	static const struct error no_memory = {
		ERROR_RESOURCE_EXHAUSTED, 1, {{.message = "no memory for the answer: it was done, ask again"}}};

	pthread_mutex_lock(&call->lock);
	if (call->broken) /* a message that was read ahead may break the stream at any time */
		error = call->broken;
	pthread_mutex_unlock(&call->lock);
	if (error && error->code != ERROR_NONE) {
		set_status(call, error);
	} else if (response) {
		call->last = message_pack(response);
		if (!call->last)
			set_status(call, &no_memory);
	}
	free_message(call);
	pthread_mutex_lock(&call->lock);
	call->finished = true;
	while (rpc_call_take_ahead(call))
		free_message(call);
	if (call->in_flight)
		call->finish_waits = true;
	else
		end_call(call);
	pthread_mutex_unlock(&call->lock);
	rpc_call_put(call);
}
