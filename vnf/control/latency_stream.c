/* SPDX-License-Identifier: Apache-2.0 */
/* Latency: a session of the observer over whole flows, whose packets are paired as they come; a report at each
 * interval. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/packet_stream_type.h"
#include "vnf/control/seen/filter.h"
#include "vnf/control/seen/names.h"
#include "vnf/core/clock.h"
#include "vnf/observe/latency.h"

#define FLOWS_MOST	 32768
#define INTERVAL_LEAST	 100 /* ms */
#define INTERVAL_MOST	 60000
#define INTERVAL_DEFAULT 1000

struct latency_stream {
	struct packet_stream stream;
	uint64_t interval;    /* ns */
	uint64_t reports;     /* that are to come */
	pthread_mutex_t lock; /* guards the rest */
	uint64_t next;	      /* CLOCK_MONOTONIC: when a report is due */
	bool due;	      /* it is, and who takes it knows */
	uint64_t packets, lost;
	struct latency *latency;
};

static void on_seen(void *context, const struct observed *observed, uint64_t lost)
{
	struct latency_stream *stream = context;

	pthread_mutex_lock(&stream->lock);
	stream->packets++;
	stream->lost = lost;
	latency_take(stream->latency, observed);
	pthread_mutex_unlock(&stream->lock);
}

static void on_tick(void *context, uint64_t lost)
{
	struct latency_stream *stream = context;
	bool wakes = false;

	(void)lost;
	pthread_mutex_lock(&stream->lock);
	if (!stream->due && monotonic_ns() >= stream->next)
		wakes = stream->due = true;
	pthread_mutex_unlock(&stream->lock);
	if (wakes)
		stream->stream.ready(stream->stream.context);
}

/* 0 or -ENOMEM. */
static int fill_row(struct seen_names *names, const struct latency_row *from, Sluice__V1__LatencyRow *row)
{
	static const enum resource_kind kinds[] = {[LATENCY_STAGE] = RESOURCE_PORT_PAIR_GROUP,
						   [LATENCY_TUNNEL] = RESOURCE_TUNNEL_ENDPOINT,
						   [LATENCY_NEXT_HOP] = RESOURCE_NEXT_HOP};
	const struct resource *resource = seen_resource(names, kinds[from->of], from->id);
	const struct resource *interface = seen_resource(names, RESOURCE_INTERFACE, from->interface);
	size_t buckets = LATENCY_BUCKETS;

	row->kind = (Sluice__V1__ResourceKind)kinds[from->of];
	row->sent = from->sent;
	row->returned = from->returned;
	row->p50 = latency_quantile(from, 500);
	row->p99 = latency_quantile(from, 990);
	row->longest = from->longest;
	while (buckets && !from->bucket[buckets - 1])
		buckets--;
	row->buckets = buckets ? malloc(buckets * sizeof(*row->buckets)) : NULL;
	if (buckets && !row->buckets)
		return -ENOMEM;
	row->n_buckets = buckets;
	if (buckets)
		memcpy(row->buckets, from->bucket, buckets * sizeof(*row->buckets));
	if (resource && encode_text(&row->key, resource->self->text))
		return -ENOMEM;
	return interface ? encode_text(&row->interface, interface->self->text) : 0;
}

static int fill_rows(struct seen_names *names, const struct latency_row *from, size_t count,
		     Sluice__V1__LatencyResponse *response)
{
	response->rows = count ? malloc(count * sizeof(*response->rows)) : NULL;
	if (count && !response->rows)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		Sluice__V1__LatencyRow *row = message_new(&sluice__v1__latency_row__descriptor);

		if (!row)
			return -ENOMEM;
		response->rows[response->n_rows++] = row;
		if (fill_row(names, &from[i], row))
			return -ENOMEM;
	}
	return 0;
}

/* Of the moment; the lock is held. NULL: no memory. */
static ProtobufCMessage *report(struct latency_stream *stream)
{
	Sluice__V1__LatencyResponse *response = message_new(&sluice__v1__latency_response__descriptor);
	const struct control *control = stream->stream.control;
	const struct latency_row *rows;
	const struct snapshot *snapshot;
	struct seen_names names;
	size_t count;
	int status;

	if (!response)
		return NULL;
	response->time = monotonic_ns() + (uint64_t)packet_stream_clock();
	response->packets = stream->packets;
	response->lost = stream->lost;
	count = latency_rows(stream->latency, &rows);
	snapshot = history_pin(control->reader.history);
	seen_names_init(&names, snapshot, handles_limits(control->handles));
	status = fill_rows(&names, rows, count, response);
	seen_names_clear(&names);
	snapshot_unpin(snapshot);
	if (!status)
		return &response->base;
	message_free(response);
	return NULL;
}

/* A report for which there is no memory is left out. */
static size_t take_report(struct packet_stream *of, ProtobufCMessage **message, size_t most, bool *over)
{
	struct latency_stream *stream = (struct latency_stream *)of;
	size_t count = 0;

	(void)most;
	pthread_mutex_lock(&stream->lock);
	if (stream->due) {
		*message = report(stream);
		count = *message != NULL;
		stream->due = false;
		stream->next = monotonic_ns() + stream->interval;
		stream->reports -= count;
	}
	*over = !stream->reports;
	pthread_mutex_unlock(&stream->lock);
	return count;
}

static void free_stream(struct packet_stream *of)
{
	struct latency_stream *stream = (struct latency_stream *)of;

	latency_free(stream->latency);
	pthread_mutex_destroy(&stream->lock);
	free(stream);
}

/* What says nothing about the way of packets: on their way back it would be another. */
static void check_filter(const Sluice__V1__PacketFilter *filter, struct error *error)
{
	static const char why[] =
		"a packet has it on its way out, or on its way back: leave it out, and select flows by "
		"source, destination, protocol and ports";
	const struct {
		const char *field;
		bool is_set;
	} fields[] = {
		{"filter.interface", *filter->interface},
		{"filter.out_interface", *filter->out_interface},
		{"filter.vrf", *filter->vrf},
		{"filter.vni", filter->vni},
		{"filter.tunnel", *filter->tunnel},
		{"filter.rule", *filter->rule},
		{"filter.reason", *filter->reason},
		{"filter.verdicts", filter->n_verdicts},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (fields[i].is_set)
			error_add(error, ERROR_INVALID_ARGUMENT, fields[i].field, "%s", why);
}

static void take_request(struct control *control, const Sluice__V1__LatencyRequest *request, struct observer_wish *wish,
			 struct error *error)
{
	const uint32_t one_in = request->one_in ? request->one_in : 1;
	const struct snapshot *snapshot;

	if (request->filter)
		check_filter(request->filter, error);
	if (one_in > FLOWS_MOST || one_in & (one_in - 1))
		error_add(error, ERROR_INVALID_ARGUMENT, "one_in",
			  "%u is not a power of two from 1 to %d: one flow in so many is looked at", one_in,
			  FLOWS_MOST);
	if (request->interval_ms && (request->interval_ms < INTERVAL_LEAST || request->interval_ms > INTERVAL_MOST))
		error_add(error, ERROR_INVALID_ARGUMENT, "interval_ms", "%u is out of range: %d to %d, or 0 for %d",
			  request->interval_ms, INTERVAL_LEAST, INTERVAL_MOST, INTERVAL_DEFAULT);
	snapshot = history_pin(control->reader.history);
	seen_filter(request->filter, snapshot, &wish->filter, error);
	snapshot_unpin(snapshot);
	wish->filter.either = 1;
	wish->filter.flows = (uint16_t)(one_in - 1);
}

struct packet_stream *control_latency(struct control *control, const Sluice__V1__LatencyRequest *request,
				      packet_stream_ready *ready, void *context, struct error *error)
{
	struct observer_wish wish = {.packets = UINT64_MAX, .in_snap = LATENCY_SNAP, .take = on_seen, .tick = on_tick};
	struct latency_stream *stream;

	take_request(control, request, &wish, error);
	if (error->count)
		return NULL;
	stream = calloc(1, sizeof(*stream));
	if (stream)
		stream->latency = latency_new();
	if (!stream || !stream->latency) {
		free(stream);
		error_no_memory(error, NULL);
		return NULL;
	}
	stream->stream = (struct packet_stream){
		.control = control, .ready = ready, .context = context, .take = take_report, .free = free_stream};
	pthread_mutex_init(&stream->lock, NULL);
	stream->interval = (request->interval_ms ? request->interval_ms : INTERVAL_DEFAULT) * 1000000ULL;
	stream->reports = request->reports ? request->reports : UINT64_MAX;
	stream->next = monotonic_ns() + stream->interval;
	wish.context = stream;
	return packet_stream_start(&stream->stream, &wish, error);
}
