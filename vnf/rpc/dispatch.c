/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vnf/rpc/call_identity.h"
#include "vnf/rpc/readers.h"
#include "vnf/rpc/reply.h"

/* An unpacked message may take this many times the bytes of the largest on the wire. */
#define MEMORY_FACTOR 12

static bool streams_in(const struct rpc_call *call)
{
	return call->method->flow == RPC_CLIENT_STREAM || call->method->flow == RPC_BIDI;
}

static void on_finished(struct rpc_tag *tag, bool ok)
{
	(void)ok; /* the client may be gone: its own affair */
	rpc_call_put(rpc_batch_call(tag));
}

/* RECV_CLOSE_ON_SERVER is done: the call is over, or the client has left it. */
static void on_closed(struct rpc_tag *tag, bool ok)
{
	struct rpc_call *call = rpc_batch_call(tag);
	bool tell;

	(void)ok;
	pthread_mutex_lock(&call->callbacks);
	pthread_mutex_lock(&call->lock);
	call->closed = call->cancelled;
	tell = call->closed && call->delivered && !call->finished && call->method->cancelled;
	pthread_mutex_unlock(&call->lock);
	if (tell)
		call->method->cancelled(call, call->shared->dispatch.context);
	pthread_mutex_unlock(&call->callbacks);
	rpc_call_put(call);
}

static void refuse(struct rpc_call *call, enum error_code code, const char *why)
{
	struct error error = {0};

	error_add(&error, code, NULL, "%s", why);
	rpc_finish(call, NULL, &error);
}

/* Has a method of one request and one response answer. */
static void answer(struct rpc_call *call)
{
	ProtobufCMessage *response = rpc_call_response(call);
	struct error error = {0};

	if (!response) {
		refuse(call, ERROR_RESOURCE_EXHAUSTED, "out of memory: nothing was done");
		return;
	}
	call->method->answer(call->shared->dispatch.context, call->message, response, &error);
	rpc_finish(call, response, &error);
	protobuf_c_message_free_unpacked(response, NULL);
}

/* Runs the handler, on the caller's behalf, with the message that was unpacked, or with NULL at the stream's end. */
static void handle(struct rpc_call *call)
{
	struct access_caller *caller = access_caller_get(call->caller); /* the handler may end the call */

	access_enter(caller);
	if (call->method->answer)
		answer(call);
	else
		call->method->handle(call, call->message, call->shared->dispatch.context);
	access_leave();
	access_caller_put(caller);
}

static void handle_work(struct loop_work *work)
{
	handle((struct rpc_call *)((char *)work - offsetof(struct rpc_call, work)));
}

static void handle_turn(struct turn *turn)
{
	handle((struct rpc_call *)((char *)turn - offsetof(struct rpc_call, turn)));
}

static void post_turn(struct rpc_call *call)
{
	call->turn.run = handle_turn;
	call->turn.caller = call->caller;
	turns_post(&call->shared->turns, &call->turn);
}

/* What the message needs before it is handled; NULL: nothing. */
static rpc_first *first_of(const struct rpc_call *call)
{
	return call->method->first && call->message ? call->method->first(call->shared->dispatch.context, call->message)
						    : NULL;
}

static void first_work(struct loop_work *work)
{
	struct rpc_call *call = (struct rpc_call *)((char *)work - offsetof(struct rpc_call, work));
	rpc_first *first = first_of(call);

	if (first) /* nobody else has done it meanwhile */
		first(call->shared->dispatch.context);
	post_turn(call);
}

void rpc_call_dispatch(struct rpc_call *call)
{
	if (call->method->where == RPC_ON_RPC_THREAD) {
		handle(call);
		return;
	}
	if (call->method->where == RPC_ON_READER) {
		call->work.run = handle_work;
		readers_post(call->shared->readers, &call->work);
		return;
	}
	if (!first_of(call)) {
		post_turn(call);
		return;
	}
	call->work.run = first_work;
	readers_post(call->shared->readers, &call->work);
}

/* Ends a call whose message does not unpack. A handler that has seen others of this stream sees the stream end. */
static void on_bad_message(struct rpc_call *call, const struct error *error, bool delivered)
{
	if (!delivered) {
		rpc_finish(call, NULL, error);
		return;
	}
	call->broken = malloc(sizeof(*call->broken));
	if (call->broken)
		*call->broken = *error;
	rpc_call_dispatch(call);
}

static size_t max_request(const struct rpc_call *call)
{
	return call->method->max_request ? call->method->max_request : call->shared->max_message;
}

static ProtobufCMessage *unpack(struct rpc_call *call, grpc_byte_buffer *buffer, struct wire_memory *memory,
				struct error *error)
{
	size_t most = max_request(call);

	if (grpc_byte_buffer_length(buffer) > most) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "the request is larger than %zu bytes", most);
		return NULL;
	}
	wire_memory_init(memory, most * MEMORY_FACTOR, &call->shared->budget);
	return message_unpack(call->descriptor->input, buffer, memory, error);
}

static void deliver(struct rpc_call *call, grpc_byte_buffer *buffer, bool delivered, bool closed)
{
	struct error error = {0};

	if (closed && !delivered) {
		refuse(call, ERROR_CANCELLED, "the call was cancelled");
	} else if (!buffer && !streams_in(call)) {
		refuse(call, ERROR_INVALID_ARGUMENT, "the call ended without a request");
	} else if (!buffer) {
		rpc_call_dispatch(call);
	} else {
		call->message = unpack(call, buffer, &call->memory, &error);
		if (call->message)
			rpc_call_dispatch(call);
		else
			on_bad_message(call, &error, delivered);
	}
}

/* Puts the message behind those that wait. 0, or -1: out of memory. */
static int put_ahead(struct rpc_call *call, const struct rpc_ahead *received)
{
	if (!call->ahead)
		call->ahead = calloc(RPC_AHEAD, sizeof(*call->ahead));
	if (!call->ahead)
		return -1;
	call->ahead[(call->ahead_first + call->ahead_count++) % RPC_AHEAD] = *received;
	call->ahead_bytes += received->size;
	return 0;
}

/* A stream's second message, or a later one: it waits until the handler takes it. What cannot be read ends the stream
 * behind those that wait. */
static void receive_ahead(struct rpc_call *call, grpc_byte_buffer *buffer)
{
	struct rpc_ahead received = {.size = buffer ? grpc_byte_buffer_length(buffer) : 0};
	struct error error = {0};
	bool wake = false;

	if (buffer)
		received.message = unpack(call, buffer, &received.memory, &error);
	pthread_mutex_lock(&call->lock);
	if (received.message && (call->finished || put_ahead(call, &received))) {
		wire_free(received.message, &received.memory);
		received.message = NULL;
		if (!call->finished)
			error_no_memory(&error, "the message was not read");
	}
	if (!received.message && !call->finished) {
		call->ended = true;
		if (error.count)
			call->broken = malloc(sizeof(*call->broken));
		if (call->broken)
			*call->broken = error;
		else if (error.count)
			grpc_call_cancel_with_status(call->core, GRPC_STATUS_RESOURCE_EXHAUSTED, "out of memory", NULL);
	}
	if (call->idle && !call->finished) {
		wake = true;
		call->idle = false;
		rpc_call_take_ahead(call);
	}
	rpc_call_read_on(call);
	pthread_mutex_unlock(&call->lock);
	if (wake)
		rpc_call_dispatch(call);
}

static void on_received(struct rpc_tag *tag, bool ok)
{
	struct rpc_call *call = rpc_batch_call(tag);
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
	call->reading = false;
	call->ended |= !buffer;
	pthread_mutex_unlock(&call->lock);
	if (!finished && delivered && call->method->ahead)
		receive_ahead(call, buffer);
	else if (!finished)
		deliver(call, buffer, delivered, closed);
	if (!delivered && call->method->ahead) {
		pthread_mutex_lock(&call->lock);
		rpc_call_read_on(call);
		pthread_mutex_unlock(&call->lock);
	}
	pthread_mutex_unlock(&call->callbacks);
	grpc_byte_buffer_destroy(buffer);
	rpc_call_put(call);
}

/* Is there room in the caller's quotas? They are given back with the call. 0, or -1 and the fault. */
static int count(struct rpc_call *call, struct error *error)
{
	if (access_take(call->caller, QUOTA_REQUESTS, error))
		return -1;
	call->counted[0] = true;
	if (call->method->flow == RPC_UNARY)
		return 0;
	if (access_take(call->caller, QUOTA_STREAMS, error))
		return -1;
	call->counted[1] = true;
	return 0;
}

/* May the caller call the method? false: the call was refused. With no lock held. */
static bool admit(struct rpc_call *call)
{
	static const enum access_role role[] = {[RPC_NEEDS_NOTHING] = ROLE_NONE,
						[RPC_NEEDS_READ] = ROLE_READ,
						[RPC_NEEDS_READ_SCOPE] = ROLE_READ,
						[RPC_NEEDS_WRITE] = ROLE_WRITE,
						[RPC_NEEDS_ADMIN] = ROLE_ADMIN};
	const struct rpc_method *method = call->method;
	enum rpc_needs needs = method->needs;
	struct identity identity;
	struct error error = {0};
	char name[160];

	if (!call->shared->dispatch.access)
		return true;
	if (needs == RPC_NEEDS_BY_THREAD)
		needs = method->where == RPC_ON_CONTROL_THREAD ? RPC_NEEDS_WRITE : RPC_NEEDS_READ;
	call_identity(call->core, call->peer, &identity);
	call->caller = access_caller(call->shared->dispatch.access, &identity);
	snprintf(name, sizeof(name), "%s/%s", method->service->name, method->name);
	if (!call->caller)
		error_no_memory(&error, "nothing was done");
	else if (!access_check_call(call->caller, name, role[needs], needs == RPC_NEEDS_READ_SCOPE, &error) &&
		 !count(call, &error))
		return true;
	rpc_finish(call, NULL, &error);
	return false;
}

int rpc_call_start(struct rpc_shared *shared, grpc_call *core, const struct rpc_method *method)
{
	grpc_op op = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
	struct rpc_call *call = calloc(1, sizeof(*call));

	if (!call) {
		grpc_call_unref(core);
		return -ENOMEM;
	}
	atomic_init(&call->references, 1);
	call->shared = shared;
	call->core = core;
	call->method = method;
	call->peer = grpc_call_get_peer(core);
	call->status_text = call->details.key = call->details.value = grpc_empty_slice();
	call->closing = (struct rpc_batch){.done = on_closed, .call = call};
	call->receiving = (struct rpc_batch){.done = on_received, .call = call};
	call->sending = (struct rpc_batch){.done = rpc_call_on_sent, .call = call};
	call->finishing = (struct rpc_batch){.done = on_finished, .call = call};
	pthread_mutex_init(&call->callbacks, NULL);
	pthread_mutex_init(&call->lock, NULL);
	live_calls_begin(&shared->live);

	pthread_mutex_lock(&call->lock);
	op.data.recv_close_on_server.cancelled = &call->cancelled;
	rpc_call_batch(call, &call->closing, &op, 1);
	pthread_mutex_unlock(&call->lock);
	if (!method) {
		refuse(call, ERROR_UNIMPLEMENTED, "the server has no such method");
		return 0;
	}
	call->descriptor = protobuf_c_service_descriptor_get_method_by_name(method->service, method->name);
	if (!admit(call))
		return 0;
	pthread_mutex_lock(&call->lock);
	rpc_call_receive(call);
	pthread_mutex_unlock(&call->lock);
	return 0;
}
