/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/client/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>

#include "vnf/client/client_tls.h"
#include "vnf/rpc/message.h"
#include "vnf/rpc/status.h"

#define MAX_MESSAGE (256 << 20) /* answers; the server bounds its pages */
#define MEMORY	    ((size_t)1 << 30)

static const struct rpc_client_tls file_names = {"ca", "certificate", "key"};

struct rpc_client {
	char *target;
	bool tls, identified; /* with a certificate of its own */
	bool refused;	      /* the last call, because of TLS */
	const struct rpc_client_tls *names;
	grpc_channel *channel;
	grpc_completion_queue *queue; /* plucked */
	grpc_auth_context *server;    /* of the last call that was answered; NULL: none was */
};

struct rpc_stream {
	struct rpc_client *client;
	const ProtobufCMethodDescriptor *method;
	unsigned int timeout_ms;
	grpc_call *call;
	grpc_metadata_array initial, trailing;
	grpc_status_code status;
	grpc_slice status_text;
	grpc_byte_buffer *answer;
	bool answering;				   /* the server's initial metadata was asked for */
	char opened, sent, closed, done, received; /* tags */
};

static void log_nothing(gpr_log_func_args *args)
{
	(void)args; /* every failure comes back as a status */
}

/* `authority`: what a server is asked for as; NULL: the target. Takes the credentials. */
static struct rpc_client *client_new(const char *target, grpc_channel_credentials *credentials, const char *authority)
{
	grpc_arg args[] = {
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, {.integer = MAX_MESSAGE}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_ENABLE_HTTP_PROXY, {.integer = 0}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_ENABLE_RETRIES, {.integer = 0}},
		/* clients of one process would otherwise share a connection */
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, {.integer = 1}},
		{GRPC_ARG_STRING, (char *)GRPC_ARG_DEFAULT_AUTHORITY, {.string = (char *)authority}},
	};
	grpc_channel_args list = {sizeof(args) / sizeof(args[0]) - !authority, args};
	struct rpc_client *client = calloc(1, sizeof(*client));

	if (client)
		client->target = strdup(target);
	if (!client || !client->target) {
		grpc_channel_credentials_release(credentials);
		free(client);
		return NULL;
	}
	gpr_set_log_function(log_nothing);
	grpc_init();
	client->names = &file_names;
	client->channel = grpc_channel_create(target, credentials, &list);
	grpc_channel_credentials_release(credentials);
	client->queue = grpc_completion_queue_create_for_pluck(NULL);
	return client;
}

struct rpc_client *rpc_client_new(const char *target)
{
	return client_new(target, grpc_insecure_credentials_create(), "localhost");
}

struct rpc_client *rpc_client_new_tls(const char *target, const struct rpc_client_tls *tls, struct error *error)
{
	grpc_channel_credentials *credentials = client_tls_credentials(tls, error);
	struct rpc_client *client;

	if (!credentials)
		return NULL;
	client = client_new(target, credentials, NULL);
	if (!client) {
		error_no_memory(error, NULL);
		return NULL;
	}
	client->tls = true;
	client->identified = tls->certificate;
	return client;
}

void rpc_client_name_tls(struct rpc_client *client, const struct rpc_client_tls *names)
{
	client->names = names;
}

bool rpc_client_refused(const struct rpc_client *client)
{
	return client->refused;
}

time_t rpc_client_server_expiry(const struct rpc_client *client)
{
	return client->server ? client_tls_server_expiry(client->server) : 0;
}

void rpc_client_free(struct rpc_client *client)
{
	if (!client)
		return;
	grpc_auth_context_release(client->server);
	grpc_channel_destroy(client->channel);
	grpc_completion_queue_shutdown(client->queue);
	grpc_completion_queue_destroy(client->queue);
	grpc_shutdown();
	free(client->target);
	free(client);
}

/* The call's deadline ends every wait. */
static bool pluck(struct rpc_stream *stream, void *tag)
{
	return grpc_completion_queue_pluck(stream->client->queue, tag, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL)
		.success;
}

static bool run(struct rpc_stream *stream, const grpc_op *ops, size_t count, void *tag)
{
	return grpc_call_start_batch(stream->call, ops, count, tag, NULL) == GRPC_CALL_OK && pluck(stream, tag);
}

static struct rpc_stream *stream_new(struct rpc_client *client, const ProtobufCServiceDescriptor *service,
				     const char *method, unsigned int timeout_ms, struct error *error)
{
	struct rpc_stream *stream = calloc(1, sizeof(*stream));
	gpr_timespec deadline;
	char path[256];
	grpc_slice slice;

	if (!stream) {
		error_no_memory(error, NULL);
		return NULL;
	}
	client->refused = false;
	stream->client = client;
	stream->timeout_ms = timeout_ms;
	stream->method = protobuf_c_service_descriptor_get_method_by_name(service, method);
	if (!stream->method) {
		error_add(error, ERROR_UNIMPLEMENTED, NULL, "%s has no method %s", service->name, method);
		free(stream);
		return NULL;
	}
	snprintf(path, sizeof(path), "/%s/%s", service->name, method);
	slice = grpc_slice_from_copied_string(path);
	deadline = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(timeout_ms, GPR_TIMESPAN));
	stream->call = grpc_channel_create_call(client->channel, NULL, GRPC_PROPAGATE_DEFAULTS, client->queue, slice,
						NULL, deadline, NULL);
	grpc_slice_unref(slice);
	grpc_metadata_array_init(&stream->initial);
	grpc_metadata_array_init(&stream->trailing);
	stream->status_text = grpc_empty_slice();
	return stream;
}

static grpc_op receive_status(struct rpc_stream *stream)
{
	grpc_op status = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};

	status.data.recv_status_on_client.trailing_metadata = &stream->trailing;
	status.data.recv_status_on_client.status = &stream->status;
	status.data.recv_status_on_client.status_details = &stream->status_text;
	return status;
}

/* No more messages from here, and the answer. */
static void ask_answer(struct rpc_stream *stream, grpc_op ops[3])
{
	ops[0] = (grpc_op){.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
	ops[1] = (grpc_op){.op = GRPC_OP_RECV_INITIAL_METADATA};
	ops[1].data.recv_initial_metadata.recv_initial_metadata = &stream->initial;
	ops[2] = (grpc_op){.op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &stream->answer};
}

struct rpc_stream *rpc_stream_open(struct rpc_client *client, const ProtobufCServiceDescriptor *service,
				   const char *method, unsigned int timeout_ms, struct error *error)
{
	struct rpc_stream *stream = stream_new(client, service, method, timeout_ms, error);
	grpc_op status, open = {.op = GRPC_OP_SEND_INITIAL_METADATA};

	if (!stream)
		return NULL;
	status = receive_status(stream);
	grpc_call_start_batch(stream->call, &status, 1, &stream->done, NULL);
	run(stream, &open, 1, &stream->opened); /* the status explains a failure */
	return stream;
}

int rpc_stream_send(struct rpc_stream *stream, const ProtobufCMessage *message)
{
	grpc_byte_buffer *buffer = message_pack(message);
	grpc_op op = {.op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = buffer};
	bool sent;

	if (!buffer) {
		grpc_call_cancel_with_status(stream->call, GRPC_STATUS_RESOURCE_EXHAUSTED, "out of memory", NULL);
		return -1;
	}
	sent = run(stream, &op, 1, &stream->sent);
	grpc_byte_buffer_destroy(buffer);
	return sent ? 0 : -1;
}

static bool status_faults(const struct rpc_stream *stream, enum error_code code, struct error *error)
{
	for (size_t i = 0; i < stream->trailing.count; i++) {
		grpc_slice value = stream->trailing.metadata[i].value;

		if (!grpc_slice_str_cmp(stream->trailing.metadata[i].key, STATUS_DETAILS_KEY))
			return !status_details_parse(GRPC_SLICE_START_PTR(value), GRPC_SLICE_LENGTH(value), code,
						     error);
	}
	return false;
}

/* The codes that sluiced itself answers come through; others mean that something between is wrong. */
static enum error_code known_code(grpc_status_code status)
{
	switch (status) {
	case GRPC_STATUS_UNKNOWN:
	case GRPC_STATUS_OUT_OF_RANGE:
	case GRPC_STATUS_DATA_LOSS:
	case GRPC_STATUS_UNAUTHENTICATED:
		return ERROR_INTERNAL;
	default:
		return (enum error_code)status;
	}
}

static void explain_connection(struct rpc_stream *stream, struct error *error)
{
	struct rpc_client *client = stream->client;
	char *text = grpc_slice_to_c_string(stream->status_text);
	char hint[CLIENT_TLS_HINT];

	client->refused = client_tls_hint(hint, text, client->tls, client->identified, client->names);
	if (client->refused)
		error_add(error, ERROR_UNAVAILABLE, NULL, "%s: %s", client->target, hint);
	else
		error_add(error, ERROR_UNAVAILABLE, NULL, "sluiced does not answer on %s: is it running?",
			  client->target);
	gpr_free(text);
}

static void explain(struct rpc_stream *stream, struct error *error)
{
	enum error_code code = known_code(stream->status);
	struct rpc_client *client = stream->client;

	if (stream->status == GRPC_STATUS_UNAVAILABLE &&
	    grpc_channel_check_connectivity_state(client->channel, 0) == GRPC_CHANNEL_TRANSIENT_FAILURE)
		explain_connection(stream, error);
	else if (stream->status == GRPC_STATUS_DEADLINE_EXCEEDED)
		error_add(error, code, NULL, "no answer from %s within %u ms", client->target, stream->timeout_ms);
	else if (!status_faults(stream, code, error))
		error_add(error, code, NULL, "%.*s", (int)GRPC_SLICE_LENGTH(stream->status_text),
			  (const char *)GRPC_SLICE_START_PTR(stream->status_text));
}

static ProtobufCMessage *unpack_answer(struct rpc_stream *stream, struct error *error)
{
	ProtobufCMessage *message;
	struct wire_memory memory;

	if (!stream->answer) {
		error_add(error, ERROR_INTERNAL, NULL, "the server answered OK without a response");
		return NULL;
	}
	wire_memory_init(&memory, MEMORY, NULL);
	/* the memory's blocks are malloc's: the caller frees them without it */
	message = message_unpack(stream->method->output, stream->answer, &memory, error);
	if (!message)
		error->code = ERROR_INTERNAL;
	return message;
}

static void stream_free(struct rpc_stream *stream)
{
	grpc_byte_buffer_destroy(stream->answer);
	grpc_metadata_array_destroy(&stream->initial);
	grpc_metadata_array_destroy(&stream->trailing);
	grpc_slice_unref(stream->status_text);
	grpc_call_unref(stream->call);
	free(stream);
}

static void remember_server(struct rpc_stream *stream)
{
	grpc_auth_context_release(stream->client->server);
	stream->client->server = grpc_call_auth_context(stream->call);
}

static ProtobufCMessage *stream_end(struct rpc_stream *stream, struct error *error)
{
	ProtobufCMessage *message = NULL;

	if (stream->status == GRPC_STATUS_OK) {
		remember_server(stream);
		message = unpack_answer(stream, error);
	} else {
		explain(stream, error);
	}
	stream_free(stream);
	return message;
}

ProtobufCMessage *rpc_stream_finish(struct rpc_stream *stream, struct error *error)
{
	grpc_op ops[3];

	ask_answer(stream, ops);
	run(stream, ops, 3, &stream->received);
	pluck(stream, &stream->done);
	return stream_end(stream, error);
}

void rpc_stream_half_close(struct rpc_stream *stream)
{
	/* the status explains a failure */
	run(stream, &(grpc_op){.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}, 1, &stream->closed);
}

ProtobufCMessage *rpc_stream_receive(struct rpc_stream *stream, struct error *error)
{
	grpc_op ops[2] = {{.op = GRPC_OP_RECV_MESSAGE}, {.op = GRPC_OP_RECV_INITIAL_METADATA}};
	ProtobufCMessage *message;

	ops[0].data.recv_message.recv_message = &stream->answer;
	ops[1].data.recv_initial_metadata.recv_initial_metadata = &stream->initial;
	run(stream, ops, stream->answering ? 1 : 2, &stream->received);
	stream->answering = true;
	if (!stream->answer)
		return NULL;
	message = unpack_answer(stream, error);
	if (!message)
		grpc_call_cancel_with_status(stream->call, GRPC_STATUS_RESOURCE_EXHAUSTED, "no memory", NULL);
	grpc_byte_buffer_destroy(stream->answer);
	stream->answer = NULL;
	return message;
}

void rpc_stream_cancel(struct rpc_stream *stream)
{
	grpc_call_cancel(stream->call, NULL);
}

int rpc_stream_end(struct rpc_stream *stream, struct error *error)
{
	const bool ok = pluck(stream, &stream->done) && stream->status == GRPC_STATUS_OK;

	if (ok)
		remember_server(stream);
	else if (!error->count)
		explain(stream, error);
	stream_free(stream);
	return ok ? 0 : -1;
}

/* All in one batch: core writes the request at once, and there is one wait. */
ProtobufCMessage *rpc_client_call(struct rpc_client *client, const ProtobufCServiceDescriptor *service,
				  const char *method, const ProtobufCMessage *request, unsigned int timeout_ms,
				  struct error *error)
{
	struct rpc_stream *stream = stream_new(client, service, method, timeout_ms, error);
	grpc_byte_buffer *buffer;
	grpc_op ops[6] = {{.op = GRPC_OP_SEND_INITIAL_METADATA}, {.op = GRPC_OP_SEND_MESSAGE}};

	if (!stream)
		return NULL;
	buffer = message_pack(request);
	if (!buffer)
		grpc_call_cancel_with_status(stream->call, GRPC_STATUS_RESOURCE_EXHAUSTED, "out of memory", NULL);
	ops[1].data.send_message.send_message = buffer;
	ask_answer(stream, &ops[2]);
	ops[5] = receive_status(stream);
	if (buffer)
		run(stream, ops, 6, &stream->done);
	else
		run(stream, &ops[5], 1, &stream->done); /* the status explains a failure */
	grpc_byte_buffer_destroy(buffer);
	return stream_end(stream, error);
}
