/* SPDX-License-Identifier: Apache-2.0 */
/* Packets that a filter selects, as messages for whoever asked for them. What nobody takes costs at most 4 MiB: packets
 * beyond are lost, which is counted. */
#ifndef SLUICE_CONTROL_PACKET_STREAM_H
#define SLUICE_CONTROL_PACKET_STREAM_H

#include <stdbool.h>

#include "sluice/v1/diagnostics_service.pb-c.h"
#include "vnf/core/error.h"

struct control;
struct packet_stream;

/* Is called on a thread of the observer's, which it must not block: there is something to take, where the last take
 * left nothing. */
typedef void packet_stream_ready(void *context);

/* Any thread known to RCU; the first one takes a second. NULL and *error. */
struct packet_stream *control_trace(struct control *control, const Sluice__V1__TraceRequest *request,
				    packet_stream_ready *ready, void *context, struct error *error);
struct packet_stream *control_capture(struct control *control, const Sluice__V1__CaptureRequest *request,
				      packet_stream_ready *ready, void *context, struct error *error);

struct packet_stream *control_latency(struct control *control, const Sluice__V1__LatencyRequest *request,
				      packet_stream_ready *ready, void *context, struct error *error);

/* Up to `most` messages, a response of the method each, which become the caller's. *over: nothing comes any
 * more. Any thread known to RCU, one at a time. */
size_t packet_stream_take(struct packet_stream *stream, ProtobufCMessage **message, size_t most, bool *over);

/* On return `ready` is called no more. Any thread but the observer's; NULL is fine. */
void packet_stream_close(struct packet_stream *stream);

#endif
