/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HealthService.Monitor: targets to the one who probes, reports from it. All of it runs on the control thread, but for
 * on_sent. One message of targets is on its way at a time; those that change meanwhile go with the next. The call is
 * finished by its handler alone: where the client's next message is waited for, it is broken off first.
 */
#include "vnf/rpc/services/monitor.h"

#include <stddef.h>
#include <stdlib.h>

#include "vnf/control/control.h"
#include "vnf/core/loop.h"

#define TOGETHER 256 /* targets in one message */

struct monitor_stream {
	struct control_prober prober; /* first */
	struct monitor_service *service;
	struct rpc_call *call;
	struct control *control;
	struct loop_work sent, turn;
	bool posted;	    /* `turn` is under way */
	bool in_flight;	    /* targets are on their way, or `sent` is */
	bool changed;	    /* there are targets to be taken */
	bool waiting;	    /* for the client's next message, or its end */
	bool over;	    /* it is to end, */
	struct error error; /* with this */
};

/* On an RPC thread. A stream that is broken ends, and its handler hears of that. */
static void on_sent(struct rpc_call *call, bool ok)
{
	struct monitor_stream *stream = rpc_data(call);

	(void)ok;
	loop_post(rpc_loop(call), &stream->sent);
}

static void send_targets(struct monitor_stream *stream)
{
	Sluice__V1__HealthTargets *targets = malloc(sizeof(*targets));

	if (!targets) {
		error_no_memory(&stream->error, NULL);
		stream->over = true;
		return;
	}
	sluice__v1__health_targets__init(targets);
	if (!control_prober_take(stream->control, TOGETHER, targets, &stream->error)) {
		stream->changed = !targets->complete;
		stream->in_flight = true;
		rpc_send(stream->call, &targets->base, on_sent);
	}
	protobuf_c_message_free_unpacked(&targets->base, NULL);
	stream->over |= stream->error.code != ERROR_NONE;
}

/* Sends what can be sent, or ends the call where nothing is left to be done. */
static void go_on(struct monitor_stream *stream)
{
	if (stream->changed && !stream->in_flight && !stream->over)
		send_targets(stream);
	if (stream->over && stream->waiting)
		rpc_abort(stream->call);
	if (!stream->over || stream->waiting || stream->in_flight || stream->posted)
		return;
	control_prober_close(stream->control);
	stream->service->stream = NULL;
	rpc_set_data(stream->call, NULL);
	rpc_finish(stream->call, NULL, &stream->error);
	free(stream);
}

static void on_sent_work(struct loop_work *work)
{
	struct monitor_stream *stream = (struct monitor_stream *)((char *)work - offsetof(struct monitor_stream, sent));

	stream->in_flight = false;
	go_on(stream);
}

static void on_turn(struct loop_work *work)
{
	struct monitor_stream *stream = (struct monitor_stream *)((char *)work - offsetof(struct monitor_stream, turn));

	stream->posted = false;
	go_on(stream);
}

/* In the middle of a commit: its resources are not to be looked at yet. */
static void on_changed(struct control_prober *prober)
{
	struct monitor_stream *stream = (struct monitor_stream *)prober;

	stream->changed = true;
	if (stream->posted)
		return;
	stream->posted = true;
	loop_post(rpc_loop(stream->call), &stream->turn);
}

/* NULL and *error: there is no room, or another one. */
static struct monitor_stream *stream_new(struct rpc_call *call, struct services_context *context, struct error *error)
{
	struct monitor_stream *stream = calloc(1, sizeof(*stream));

	if (!stream) {
		error_no_memory(error, NULL);
		return NULL;
	}
	stream->prober.changed = on_changed;
	stream->service = &context->monitor;
	stream->call = call;
	stream->control = context->control;
	stream->sent.run = on_sent_work;
	stream->turn.run = on_turn;
	stream->changed = true;
	if (stream->service->stopping)
		error_add(error, ERROR_UNAVAILABLE, NULL, "the server stops");
	if (stream->service->stopping || control_prober_open(stream->control, &stream->prober, error)) {
		free(stream);
		return NULL;
	}
	stream->service->stream = stream;
	rpc_set_data(call, stream);
	return stream;
}

void monitor_handle(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	struct monitor_stream *stream = rpc_data(call);
	struct error error = {0};

	if (!stream)
		stream = stream_new(call, context, &error);
	if (!stream) {
		rpc_finish(call, NULL, &error);
		return;
	}
	stream->waiting = false;
	if (message && !stream->over)
		control_prober_report(stream->control, (const Sluice__V1__HealthReports *)message, &stream->error);
	stream->over |= !message || stream->error.code != ERROR_NONE;
	if (!stream->over) {
		stream->waiting = true;
		rpc_next(call);
	}
	go_on(stream);
}

static void on_stop(struct loop_work *work)
{
	struct monitor_service *service =
		(struct monitor_service *)((char *)work - offsetof(struct monitor_service, stop));

	service->stopping = true;
	if (!service->stream)
		return;
	if (service->stream->error.code == ERROR_NONE)
		error_add(&service->stream->error, ERROR_UNAVAILABLE, NULL, "the server stops");
	service->stream->over = true;
	go_on(service->stream);
}

void monitor_stop(struct monitor_service *service)
{
	service->stop.run = on_stop;
	if (service->loop)
		loop_post(service->loop, &service->stop);
}
