/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/call.h"

#include <errno.h>
#include <stdlib.h>
#include <grpc/support/alloc.h>

#include "vnf/core/log.h"
#include "vnf/rpc/status.h"

/* An unpacked message may take this many times the bytes of the largest on the wire. */
#define MEMORY_FACTOR 12

static struct rpc_call *batch_call(struct rpc_tag *tag)
{
	return ((struct rpc_batch *)tag)->call;
}

static bool streams_in(const struct rpc_call *call)
{
	return call->method->flow == RPC_CLIENT_STREAM || call->method->flow == RPC_BIDI;
}

void rpc_call_put(struct rpc_call *call)
{
	struct rpc_server *server = call->server;

	if (atomic_fetch_sub(&call->references, 1) != 1)
		return;
	grpc_byte_buffer_destroy(call->received);
	grpc_byte_buffer_destroy(call->outgoing);
	grpc_byte_buffer_destroy(call->last);
	grpc_slice_unref(call->status_text);
	grpc_slice_unref(call->details.key);
	grpc_slice_unref(call->details.value);
	gpr_free(call->peer);
	grpc_call_unref(call->core);
	free(call->broken);
	pthread_mutex_destroy(&call->lock);
	pthread_mutex_destroy(&call->callbacks);
	free(call);
	rpc_server_call_ends(server);
}

/* With the lock held. The batch takes a reference until it is done. */
static void start(struct rpc_call *call, struct rpc_batch *batch, const grpc_op *ops, size_t count)
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

static void receive(struct rpc_call *call)
{
	grpc_op op = {.op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &call->received};

	start(call, &call->receiving, &op, 1);
}

static size_t add_initial_metadata(struct rpc_call *call, grpc_op *op)
{
	if (call->initial_sent)
		return 0;
	call->initial_sent = true;
	*op = (grpc_op){.op = GRPC_OP_SEND_INITIAL_METADATA};
	return 1;
}

static void start_finish(struct rpc_call *call)
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
	start(call, &call->finishing, ops, count + 1);
}

static void on_finished(struct rpc_tag *tag, bool ok)
{
	(void)ok; /* the client may be gone: its own affair */
	rpc_call_put(batch_call(tag));
}

/* RECV_CLOSE_ON_SERVER: the call is over, or the client has left it. */
static void on_closed(struct rpc_tag *tag, bool ok)
{
	struct rpc_call *call = batch_call(tag);
	bool tell;

	(void)ok;
	pthread_mutex_lock(&call->callbacks);
	pthread_mutex_lock(&call->lock);
	call->closed = call->cancelled;
	tell = call->closed && call->delivered && !call->finished && call->method->cancelled;
	pthread_mutex_unlock(&call->lock);
	if (tell)
		call->method->cancelled(call, call->service->context);
	pthread_mutex_unlock(&call->callbacks);
	rpc_call_put(call);
}

static void refuse(struct rpc_call *call, enum error_code code, const char *why)
{
	struct error error = {0};

	error_add(&error, code, NULL, "%s", why);
	rpc_finish(call, NULL, &error);
}

/* A message that does not unpack. A handler that has seen others of this stream is told that it ends. */
static void on_bad_message(struct rpc_call *call, const struct error *error, bool delivered)
{
	if (!delivered) {
		rpc_finish(call, NULL, error);
		return;
	}
	call->broken = malloc(sizeof(*call->broken));
	if (call->broken)
		*call->broken = *error;
	call->method->handle(call, NULL, call->service->context);
}

static void deliver(struct rpc_call *call, grpc_byte_buffer *buffer, bool delivered, bool closed)
{
	struct error error = {0};

	if (closed && !delivered) {
		refuse(call, ERROR_CANCELLED, "the call was cancelled");
	} else if (!buffer && !streams_in(call)) {
		refuse(call, ERROR_INVALID_ARGUMENT, "the call ended without a request");
	} else if (!buffer) {
		call->method->handle(call, NULL, call->service->context);
	} else {
		wire_memory_init(&call->memory, call->max_message * MEMORY_FACTOR, call->budget);
		call->message = message_unpack(call->descriptor->input, buffer, &call->memory, &error);
		if (call->message)
			call->method->handle(call, call->message, call->service->context);
		else
			on_bad_message(call, &error, delivered);
	}
}

static void on_received(struct rpc_tag *tag, bool ok)
{
	struct rpc_call *call = batch_call(tag);
	bool finished, delivered, closed;
	grpc_byte_buffer *buffer;

	(void)ok; /* no message then */
	pthread_mutex_lock(&call->callbacks);
	pthread_mutex_lock(&call->lock);
	buffer = call->received;
	call->received = NULL;
	finished = call->finished;
	closed = call->closed;
	delivered = call->delivered;
	call->delivered = true;
	pthread_mutex_unlock(&call->lock);
	if (!finished)
		deliver(call, buffer, delivered, closed);
	pthread_mutex_unlock(&call->callbacks);
	grpc_byte_buffer_destroy(buffer);
	rpc_call_put(call);
}

static void on_sent(struct rpc_tag *tag, bool ok)
{
	struct rpc_call *call = batch_call(tag);
	bool finished;

	pthread_mutex_lock(&call->callbacks);
	pthread_mutex_lock(&call->lock);
	ok = ok && call->outgoing; /* without: it could not be packed */
	grpc_byte_buffer_destroy(call->outgoing);
	call->outgoing = NULL;
	call->in_flight = false;
	finished = call->finished;
	if (call->finish_waits)
		start_finish(call);
	pthread_mutex_unlock(&call->lock);
	if (!finished && call->sent)
		call->sent(call, ok);
	pthread_mutex_unlock(&call->callbacks);
	rpc_call_put(call);
}

int rpc_call_start(struct rpc_server *server, grpc_call *core, const struct rpc_service *service,
		   const struct rpc_method *method, size_t max_message, struct wire_budget *budget)
{
	grpc_op op = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
	struct rpc_call *call = calloc(1, sizeof(*call));

	if (!call) {
		grpc_call_unref(core);
		return -ENOMEM;
	}
	atomic_init(&call->references, 1);
	call->server = server;
	call->core = core;
	call->service = service;
	call->method = method;
	call->max_message = max_message;
	call->budget = budget;
	call->peer = grpc_call_get_peer(core);
	call->status_text = call->details.key = call->details.value = grpc_empty_slice();
	call->closing = (struct rpc_batch){.done = on_closed, .call = call};
	call->receiving = (struct rpc_batch){.done = on_received, .call = call};
	call->sending = (struct rpc_batch){.done = on_sent, .call = call};
	call->finishing = (struct rpc_batch){.done = on_finished, .call = call};
	pthread_mutex_init(&call->callbacks, NULL);
	pthread_mutex_init(&call->lock, NULL);
	rpc_server_call_begins(server);

	pthread_mutex_lock(&call->lock);
	op.data.recv_close_on_server.cancelled = &call->cancelled;
	start(call, &call->closing, &op, 1);
	if (method) {
		call->descriptor = protobuf_c_service_descriptor_get_method_by_name(service->descriptor, method->name);
		receive(call);
	}
	pthread_mutex_unlock(&call->lock);
	if (!method)
		refuse(call, ERROR_UNIMPLEMENTED, "the server has no such method");
	return 0;
}

ProtobufCMessage *rpc_call_response(const struct rpc_call *call)
{
	ProtobufCMessage *response = calloc(1, call->descriptor->output->sizeof_message);

	if (response)
		protobuf_c_message_init(call->descriptor->output, response);
	return response;
}

void rpc_set_data(struct rpc_call *call, void *data)
{
	call->data = data;
}

void *rpc_data(const struct rpc_call *call)
{
	return call->data;
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
	receive(call);
	pthread_mutex_unlock(&call->lock);
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
	start(call, &call->sending, ops, count); /* an empty batch is done at once */
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

	if (call->broken)
		error = call->broken;
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
	if (call->in_flight)
		call->finish_waits = true;
	else
		start_finish(call);
	pthread_mutex_unlock(&call->lock);
	rpc_call_put(call);
}
