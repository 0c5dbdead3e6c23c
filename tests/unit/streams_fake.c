/* SPDX-License-Identifier: Apache-2.0 */
/* DiagnosticsService and WatchService without a control plane: nothing is looked at, nobody watches. */
#include "vnf/control/control.h"
#include "vnf/control/packet_stream.h"
#include "vnf/core/error.h"

static void *refuse(struct error *error)
{
	error_add(error, ERROR_UNAVAILABLE, NULL, "there is no router");
	return NULL;
}

int control_prepare_explain(struct control *control, struct error *error)
{
	(void)control;
	(void)error;
	return 0;
}

bool control_explains(const struct control *control)
{
	(void)control;
	return true;
}

int control_explain(struct control *control, const Sluice__V1__ExplainRequest *request,
		    Sluice__V1__ExplainResponse *response, struct error *error)
{
	(void)control;
	(void)request;
	(void)response;
	refuse(error);
	return -1;
}

struct packet_stream *control_trace(struct control *control, const Sluice__V1__TraceRequest *request,
				    packet_stream_ready *ready, void *context, struct error *error)
{
	(void)control;
	(void)request;
	(void)ready;
	(void)context;
	return refuse(error);
}

struct packet_stream *control_capture(struct control *control, const Sluice__V1__CaptureRequest *request,
				      packet_stream_ready *ready, void *context, struct error *error)
{
	(void)control;
	(void)request;
	(void)ready;
	(void)context;
	return refuse(error);
}

struct packet_stream *control_latency(struct control *control, const Sluice__V1__LatencyRequest *request,
				      packet_stream_ready *ready, void *context, struct error *error)
{
	(void)control;
	(void)request;
	(void)ready;
	(void)context;
	return refuse(error);
}

size_t packet_stream_take(struct packet_stream *stream, ProtobufCMessage **message, size_t most, bool *over)
{
	(void)stream;
	(void)message;
	(void)most;
	*over = true;
	return 0;
}

void packet_stream_close(struct packet_stream *stream)
{
	(void)stream;
}

struct watch *control_watch_open(struct control *control, const Sluice__V1__WatchRequest *request,
				 void (*changed)(void *context), void *context, struct error *error)
{
	(void)control;
	(void)request;
	(void)changed;
	(void)context;
	return refuse(error);
}

int control_watch_fill(struct watch *watch, Sluice__V1__WatchResponse *response)
{
	(void)watch;
	(void)response;
	return 0;
}

uint64_t control_watch_revision(struct watch *watch)
{
	(void)watch;
	return 0;
}

void control_watch_close(struct watch *watch)
{
	(void)watch;
}
