/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explain, and the streams Trace, Capture and Latency. A stream's packets come on the observer's thread, messages are
 * made of them on a reader's, a few at a time, and sent one by one. Of each stream one thread at a time is at work:
 * whoever has something for it while it is busy leaves a note (`again`).
 */
#include "vnf/rpc/services/diagnostics.h"

#include <pthread.h>
#include <stdlib.h>

#include "vnf/control/control.h"
#include "vnf/control/packet_stream.h"

#define TOGETHER 64 /* messages that are made at a time */

struct diagnostics_service {
	pthread_mutex_t lock; /* guards the rest, and what says so below; taken before that of a call */
	struct packets_call *calls;
	bool stopping;
};

/* One of the streams. It is in the list, and its call's data, until it is finished. */
struct packets_call {
	struct packets_call *next, **link; /* with the lock */
	struct diagnostics_service *service;
	struct rpc_call *call;
	struct control *control;
	const ProtobufCMessage *request;
	struct packet_stream *stream; /* NULL: it has yet to begin */
	struct loop_work work;
	bool busy, again, gone; /* with the lock */
	ProtobufCMessage *message[TOGETHER];
	size_t count, position;
	bool over; /* nothing comes behind these */
};

static void take_turn(struct loop_work *work);

/* Has it look at what there is. Any thread; the lock is held. */
static void wake(struct packets_call *packets)
{
	packets->again = true;
	if (packets->busy)
		return;
	packets->busy = true;
	rpc_read(packets->call, &packets->work);
}

/* On the observer's thread. */
static void on_ready(void *context)
{
	struct packets_call *packets = context;

	pthread_mutex_lock(&packets->service->lock);
	wake(packets);
	pthread_mutex_unlock(&packets->service->lock);
}

static void finish(struct packets_call *packets, const struct error *error)
{
	struct rpc_call *call = packets->call;

	packet_stream_close(packets->stream);
	pthread_mutex_lock(&packets->service->lock);
	*packets->link = packets->next;
	if (packets->next)
		packets->next->link = packets->link;
	rpc_set_data(call, NULL);
	pthread_mutex_unlock(&packets->service->lock);
	while (packets->position < packets->count)
		protobuf_c_message_free_unpacked(packets->message[packets->position++], NULL);
	rpc_finish(call, NULL, error);
	free(packets);
}

static void on_sent(struct rpc_call *call, bool ok);

static void send_next(struct packets_call *packets)
{
	ProtobufCMessage *message = packets->message[packets->position++];

	rpc_send(packets->call, message, on_sent);
	protobuf_c_message_free_unpacked(message, NULL);
}

/* On an RPC thread; it is busy all the while. */
static void on_sent(struct rpc_call *call, bool ok)
{
	struct packets_call *packets = rpc_data(call); /* nobody finishes it while it sends */
	bool go_on;

	pthread_mutex_lock(&packets->service->lock);
	packets->gone |= !ok;
	go_on = !packets->gone && packets->position < packets->count;
	pthread_mutex_unlock(&packets->service->lock);
	if (go_on)
		send_next(packets);
	else
		rpc_read(call, &packets->work);
}

/* NULL and *error. */
static struct packet_stream *begin(struct packets_call *packets, struct error *error)
{
	if (packets->request->descriptor == &sluice__v1__trace_request__descriptor)
		return control_trace(packets->control, (const Sluice__V1__TraceRequest *)packets->request, on_ready,
				     packets, error);
	if (packets->request->descriptor == &sluice__v1__latency_request__descriptor)
		return control_latency(packets->control, (const Sluice__V1__LatencyRequest *)packets->request, on_ready,
				       packets, error);
	return control_capture(packets->control, (const Sluice__V1__CaptureRequest *)packets->request, on_ready,
			       packets, error);
}

/* Is it to end, as nobody listens any more? Else what came before this moment is no longer news. */
static bool has_to_end(struct packets_call *packets, struct error *error)
{
	bool ends;

	pthread_mutex_lock(&packets->service->lock);
	packets->again = false;
	if (packets->service->stopping)
		error_add(error, ERROR_UNAVAILABLE, NULL, "the server stops");
	else if (packets->gone)
		error_add(error, ERROR_CANCELLED, NULL, "the client has gone");
	ends = packets->service->stopping || packets->gone;
	pthread_mutex_unlock(&packets->service->lock);
	return ends;
}

/* False: something has come meanwhile. */
static bool rest(struct packets_call *packets)
{
	bool rests;

	pthread_mutex_lock(&packets->service->lock);
	rests = !packets->again;
	packets->busy = !rests;
	pthread_mutex_unlock(&packets->service->lock);
	return rests;
}

/* On a reader's thread. */
static void take_turn(struct loop_work *work)
{
	struct packets_call *packets = (struct packets_call *)((char *)work - offsetof(struct packets_call, work));
	struct error error;

	error.code = ERROR_NONE; /* its texts are long: they are not zeroed */
	error.count = 0;
	do {
		if (has_to_end(packets, &error) || packets->over ||
		    (!packets->stream && !(packets->stream = begin(packets, &error)))) {
			finish(packets, &error);
			return;
		}
		packets->position = 0;
		packets->count = packet_stream_take(packets->stream, packets->message, TOGETHER, &packets->over);
		if (packets->count) {
			send_next(packets);
			return;
		}
		if (packets->over) {
			finish(packets, &error);
			return;
		}
	} while (!rest(packets));
}

static void refuse(struct rpc_call *call, enum error_code code, const char *why)
{
	struct error error = {0};

	error_add(&error, code, NULL, "%s", why);
	rpc_finish(call, NULL, &error);
}

/* On an RPC thread: the call's cancellation is not told of before this returns. */
static void handle(struct rpc_call *call, const ProtobufCMessage *request, struct services_context *context)
{
	struct diagnostics_service *service = context->diagnostics;
	struct packets_call *packets = calloc(1, sizeof(*packets));
	bool stopping;

	if (!packets) {
		refuse(call, ERROR_RESOURCE_EXHAUSTED, "out of memory");
		return;
	}
	packets->service = service;
	packets->call = call;
	packets->control = context->control;
	packets->request = request;
	packets->work.run = take_turn;
	pthread_mutex_lock(&service->lock);
	stopping = service->stopping;
	if (!stopping) {
		packets->next = service->calls;
		packets->link = &service->calls;
		if (packets->next)
			packets->next->link = &packets->next;
		service->calls = packets;
		rpc_set_data(call, packets);
		wake(packets);
	}
	pthread_mutex_unlock(&service->lock);
	if (!stopping)
		return;
	free(packets);
	refuse(call, ERROR_UNAVAILABLE, "the server stops");
}

void diagnostics_trace(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	handle(call, message, context);
}

void diagnostics_capture(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	handle(call, message, context);
}

void diagnostics_latency(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	handle(call, message, context);
}

void diagnostics_cancelled(struct rpc_call *call, void *context)
{
	struct diagnostics_service *service = ((struct services_context *)context)->diagnostics;
	struct packets_call *packets;

	pthread_mutex_lock(&service->lock);
	packets = rpc_data(call);
	if (packets) {
		packets->gone = true;
		wake(packets);
	}
	pthread_mutex_unlock(&service->lock);
}

void diagnostics_explain(void *context, const ProtobufCMessage *request, ProtobufCMessage *response,
			 struct error *error)
{
	control_explain(services_control(context), (const Sluice__V1__ExplainRequest *)request,
			(Sluice__V1__ExplainResponse *)response, error);
}

struct diagnostics_service *diagnostics_new(void)
{
	struct diagnostics_service *service = calloc(1, sizeof(*service));

	if (service)
		pthread_mutex_init(&service->lock, NULL);
	return service;
}

void diagnostics_free(struct diagnostics_service *service)
{
	if (!service)
		return;
	pthread_mutex_destroy(&service->lock);
	free(service);
}

void diagnostics_stop(struct diagnostics_service *service)
{
	pthread_mutex_lock(&service->lock);
	service->stopping = true;
	for (struct packets_call *packets = service->calls; packets; packets = packets->next)
		wake(packets);
	pthread_mutex_unlock(&service->lock);
}
