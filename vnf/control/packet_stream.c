/* SPDX-License-Identifier: Apache-2.0 */
/* Trace and Capture: sessions of the observer whose packets wait to be taken as messages. */
#include "vnf/control/packet_stream_type.h"

#include <stdlib.h>
#include <time.h>

#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/seen/filter.h"
#include "vnf/control/seen/messages.h"
#include "vnf/core/clock.h"

#define SNAP_LEAST   14
#define SNAP_DEFAULT 256
#define SECONDS_MOST 86400

/* A Trace or Capture. */
struct packets {
	struct packet_stream stream;
	struct seen_queue queue;
	ProtobufCMessage *(*tell)(struct seen_teller *teller, const struct seen_packet *packet);
};

static void on_seen(void *context, const struct observed *observed, uint64_t lost)
{
	struct packets *packets = context;

	if (seen_queue_put(&packets->queue, observed, lost))
		packets->stream.ready(packets->stream.context);
}

static void on_tick(void *context, uint64_t lost)
{
	struct packets *packets = context;

	if (seen_queue_tick(&packets->queue, monotonic_ns(), lost))
		packets->stream.ready(packets->stream.context);
}

struct packet_stream *packet_stream_start(struct packet_stream *stream, const struct observer_wish *wish,
					  struct error *error)
{
	struct observer *observer = stream->control->observer;

	if (observer)
		stream->session = observer_open(observer, wish, error);
	else
		error_add(error, ERROR_UNAVAILABLE, NULL, "this router has no observer: see the daemon's log");
	if (stream->session)
		return stream;
	packet_stream_close(stream);
	return NULL;
}

static size_t take_packets(struct packet_stream *stream, ProtobufCMessage **message, size_t most, bool *over);

static void free_packets(struct packet_stream *stream)
{
	struct packets *packets = (struct packets *)stream;

	seen_queue_clear(&packets->queue);
	free(packets);
}

/* With the filter and the packets that are wanted in place; `seconds` 0: it has no end of its own. NULL and *error. */
static struct packet_stream *start(struct control *control, struct observer_wish *wish, uint32_t seconds,
				   packet_stream_ready *ready, void *context, struct error *error)
{
	struct packets *packets = calloc(1, sizeof(*packets));

	if (!packets) {
		error_no_memory(error, NULL);
		return NULL;
	}
	packets->stream = (struct packet_stream){
		.control = control, .ready = ready, .context = context, .take = take_packets, .free = free_packets};
	packets->tell = wish->steps ? seen_trace_message : seen_capture_message;
	seen_queue_init(&packets->queue, wish->packets,
			seconds ? monotonic_ns() + seconds * 1000000000ULL : UINT64_MAX);
	wish->take = on_seen;
	wish->tick = on_tick;
	wish->context = packets;
	return packet_stream_start(&packets->stream, wish, error);
}

static void check_seconds(uint32_t seconds, struct error *error)
{
	if (seconds > SECONDS_MOST)
		error_add(error, ERROR_INVALID_ARGUMENT, "seconds", "%u is out of range: 1 to %d, or 0 for no such end",
			  seconds, SECONDS_MOST);
}

static void take_filter(struct control *control, const Sluice__V1__PacketFilter *filter, struct observer_wish *wish,
			struct error *error)
{
	const struct snapshot *snapshot = history_pin(control->reader.history);

	seen_filter(filter, snapshot, &wish->filter, error);
	snapshot_unpin(snapshot);
}

struct packet_stream *control_trace(struct control *control, const Sluice__V1__TraceRequest *request,
				    packet_stream_ready *ready, void *context, struct error *error)
{
	struct observer_wish wish = {.packets = request->packets, .steps = true};

	seen_packets(request->packets, error);
	check_seconds(request->seconds, error);
	take_filter(control, request->filter, &wish, error);
	return error->count ? NULL : start(control, &wish, request->seconds, ready, context, error);
}

static void take_stages(const Sluice__V1__CaptureRequest *request, uint16_t snap, struct observer_wish *wish,
			struct error *error)
{
	for (size_t i = 0; i < request->n_stages; i++) {
		switch (request->stages[i]) {
		case SLUICE__V1__CAPTURE_STAGE__CAPTURE_STAGE_IN:
			wish->in_snap = snap;
			break;
		case SLUICE__V1__CAPTURE_STAGE__CAPTURE_STAGE_OUT:
			wish->out_snap = snap;
			break;
		default:
			error_add(error, ERROR_INVALID_ARGUMENT, "stages",
				  "%d is none: CAPTURE_STAGE_IN or CAPTURE_STAGE_OUT", (int)request->stages[i]);
		}
	}
	if (!request->n_stages)
		wish->in_snap = wish->out_snap = snap;
}

struct packet_stream *control_capture(struct control *control, const Sluice__V1__CaptureRequest *request,
				      packet_stream_ready *ready, void *context, struct error *error)
{
	const uint32_t snap = request->snap_length ? request->snap_length : SNAP_DEFAULT;
	struct observer_wish wish = {.packets = request->packets};

	seen_packets(request->packets, error);
	if (snap < SNAP_LEAST || snap > DP_OBSERVED_FRAME)
		error_add(error, ERROR_INVALID_ARGUMENT, "snap_length", "%u is out of range: %d to %d, or 0 for %d",
			  snap, SNAP_LEAST, DP_OBSERVED_FRAME, SNAP_DEFAULT);
	take_stages(request, (uint16_t)snap, &wish, error);
	check_seconds(request->seconds, error);
	take_filter(control, request->filter, &wish, error);
	return error->count ? NULL : start(control, &wish, request->seconds, ready, context, error);
}

int64_t packet_stream_clock(void)
{
	struct timespec monotonic, real;

	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_REALTIME, &real);
	return (int64_t)(real.tv_sec - monotonic.tv_sec) * 1000000000 + real.tv_nsec - monotonic.tv_nsec;
}

/* Makes messages of the packets, which it frees, as far as there is memory. */
static size_t tell_all(struct packets *packets, struct seen_packet *packet, uint64_t lost, ProtobufCMessage **message)
{
	struct control *control = packets->stream.control;
	struct seen_teller teller = {
		.reconciler = control->committer.reconciler, .offset = packet_stream_clock(), .lost = lost};
	const struct snapshot *snapshot = history_pin(control->reader.history);
	struct seen_packet *next;
	size_t count = 0;

	seen_names_init(&teller.names, snapshot, handles_limits(control->handles));
	for (; packet; packet = next) {
		next = packet->next;
		message[count] = packets->tell(&teller, packet);
		if (message[count])
			count++;
		else
			teller.lost += seen_queue_refuse(&packets->queue);
		free(packet);
	}
	seen_names_clear(&teller.names);
	snapshot_unpin(snapshot);
	return count;
}

/* That more are lost, of which no packet tells. */
static size_t tell_loss(const struct packets *packets, uint64_t lost, ProtobufCMessage **message)
{
	struct seen_teller teller = {.lost = lost};

	*message = packets->tell(&teller, NULL);
	return *message != NULL;
}

static size_t take_packets(struct packet_stream *stream, ProtobufCMessage **message, size_t most, bool *over)
{
	struct packets *packets = (struct packets *)stream;
	struct seen_taken taken;
	size_t count = 0;

	do {
		taken = seen_queue_take(&packets->queue, most);
		if (taken.first)
			count = tell_all(packets, taken.first, taken.lost, message);
		else if (taken.more_lost)
			count = tell_loss(packets, taken.lost, message);
	} while (taken.first && !count);
	*over = taken.over;
	return count;
}

size_t packet_stream_take(struct packet_stream *stream, ProtobufCMessage **message, size_t most, bool *over)
{
	return stream->take(stream, message, most, over);
}

void packet_stream_close(struct packet_stream *stream)
{
	if (!stream)
		return;
	if (stream->session)
		observer_close(stream->session);
	stream->free(stream);
}
