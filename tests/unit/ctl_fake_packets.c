/* SPDX-License-Identifier: Apache-2.0 */
/* The control plane's packets, for test_ctl: what explain, trace and capture answer. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ctl_fake.h"
#include "vnf/control/control.h"
#include "vnf/control/packet_stream.h"
#include "vnf/json/field.h"

static Sluice__V1__Fact *fact(const char *name, const char *value, Sluice__V1__ResourceKind kind)
{
	Sluice__V1__Fact *one = (void *)field_message_new(&sluice__v1__fact__descriptor);

	one->name = strdup(name);
	one->value = strdup(value);
	one->kind = kind;
	one->key = strdup(kind ? value : "");
	return one;
}

static Sluice__V1__Step *step(const char *stage, const char *reason, size_t facts, ...)
{
	Sluice__V1__Step *one = (void *)field_message_new(&sluice__v1__step__descriptor);
	va_list list;

	one->stage = strdup(stage);
	one->description = strdup("does its work");
	one->reason = strdup(reason);
	one->facts = calloc(facts, sizeof(*one->facts));
	va_start(list, facts);
	while (one->n_facts < facts)
		one->facts[one->n_facts++] = va_arg(list, Sluice__V1__Fact *);
	va_end(list);
	return one;
}

static Sluice__V1__PacketVerdict *verdict(bool dropped)
{
	Sluice__V1__PacketVerdict *one = (void *)field_message_new(&sluice__v1__packet_verdict__descriptor);

	one->reason = strdup(dropped ? "denied" : "forwarded");
	one->description = strdup(dropped ? "a rule denies it" : "routed to a neighbour");
	one->verdict = dropped ? SLUICE__V1__VERDICT__VERDICT_DROPPED : SLUICE__V1__VERDICT__VERDICT_FORWARDED;
	one->remedy = strdup(dropped ? "look at the rule" : "");
	one->interface = strdup(dropped ? "" : "up0");
	one->device = strdup(dropped ? "" : "eth1");
	return one;
}

static void add_steps(Sluice__V1__Step ***steps, size_t *count, bool dropped)
{
	*steps = calloc(3, sizeof(**steps));
	(*steps)[(*count)++] = step("parse_ip", "", 2, fact("source", "10.0.0.1", 0), fact("source_port", "9", 0));
	(*steps)[(*count)++] = step("admit", "", 0);
	(*steps)[(*count)++] = step("policy", dropped ? "denied" : "", 1,
				    fact("rule", "web", SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_POLICY_RULE));
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

/* Interface "none" is not there. A packet to port 80, or whose first byte is 0xdd, is dropped. */
int control_explain(struct control *control, const Sluice__V1__ExplainRequest *request,
		    Sluice__V1__ExplainResponse *response, struct error *error)
{
	const bool frame = request->packet_case == SLUICE__V1__EXPLAIN_REQUEST__PACKET_FRAME;
	const bool dropped = frame ? request->frame.data[0] == 0xdd : request->fields->destination_port == 80;

	(void)control;
	if (strcmp(request->interface, "none") == 0) {
		error_add(error, ERROR_NOT_FOUND, "interface", "there is no interface \"none\"; there are: in0");
		return -1;
	}
	response->frame.len = frame ? request->frame.len : 54 + request->fields->tcp_flags;
	response->frame.data = calloc(1, response->frame.len);
	response->revision = *request->transaction_id ? 8 : 7;
	response->generation = 9;
	response->program = strdup("xdp");
	response->verdict = verdict(dropped);
	add_steps(&response->steps, &response->n_steps, dropped);
	return 0;
}

#define THERE 3 /* packets; who asks for more waits for them */

typedef ProtobufCMessage *make_message(uint64_t number);

struct packet_stream {
	uint64_t wanted, told;
	make_message *make;
};

static make_message traced, captured, measured;

static struct packet_stream *stream_new(uint64_t wanted, make_message *make, struct error *error)
{
	struct packet_stream *stream = calloc(1, sizeof(*stream));

	stream->wanted = wanted;
	stream->make = make;
	if (wanted != 999)
		return stream;
	free(stream);
	error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "eight sessions are open");
	return NULL;
}

struct packet_stream *control_trace(struct control *control, const Sluice__V1__TraceRequest *request,
				    packet_stream_ready *ready, void *context, struct error *error)
{
	(void)control;
	(void)ready;
	(void)context;
	return stream_new(request->packets, traced, error);
}

struct packet_stream *control_capture(struct control *control, const Sluice__V1__CaptureRequest *request,
				      packet_stream_ready *ready, void *context, struct error *error)
{
	(void)control;
	(void)ready;
	(void)context;
	return stream_new(request->packets, captured, error);
}

/* One flow in 3 is refused. */
struct packet_stream *control_latency(struct control *control, const Sluice__V1__LatencyRequest *request,
				      packet_stream_ready *ready, void *context, struct error *error)
{
	(void)control;
	(void)ready;
	(void)context;
	if (request->one_in != 3)
		return stream_new(request->reports ? request->reports : THERE, measured, error);
	error_add(error, ERROR_INVALID_ARGUMENT, "one_in", "3 is not a power of two");
	return NULL;
}

static ProtobufCMessage *measured(uint64_t number)
{
	static const Sluice__V1__ResourceKind kinds[] = {SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_PORT_PAIR_GROUP,
							 SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_NEXT_HOP};
	Sluice__V1__LatencyResponse *message = (void *)field_message_new(&sluice__v1__latency_response__descriptor);

	message->time = 1700000000123456789;
	message->packets = 100 * number;
	message->lost = number;
	message->rows = calloc(2, sizeof(*message->rows));
	for (size_t i = 0; number && i < 2; i++) {
		Sluice__V1__LatencyRow *row = (void *)field_message_new(&sluice__v1__latency_row__descriptor);

		row->kind = kinds[i];
		row->key = strdup(i ? "gw" : "ids");
		row->interface = strdup(i ? "" : "s1-in");
		row->sent = 10;
		row->returned = i ? 0 : 9;
		row->p50 = i ? 0 : 950;
		row->p99 = i ? 0 : 3210000;
		row->longest = i ? 0 : 2000000000;
		message->rows[message->n_rows++] = row;
	}
	return &message->base;
}

static ProtobufCMessage *traced(uint64_t number)
{
	Sluice__V1__TraceResponse *message = (void *)field_message_new(&sluice__v1__trace_response__descriptor);

	message->packet = number;
	message->cpu = 1;
	message->time = 1700000000123456789;
	message->generation = 9;
	message->interface = strdup("in0");
	message->program = strdup("xdp");
	message->lost = number;
	message->verdict = verdict(number);
	add_steps(&message->steps, &message->n_steps, number);
	return &message->base;
}

static Sluice__V1__CapturedFrame *frame(bool out)
{
	static const uint8_t bytes[] = {2, 0,  0, 0, 0, 1,  2, 0, 0, 0,	 0, 2, 8, 0, 0x45, 0, 0,   40, 0, 0, 0,
					0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 9,	   1, 187, 0,  0, 0, 0};
	Sluice__V1__CapturedFrame *one = (void *)field_message_new(&sluice__v1__captured_frame__descriptor);

	one->stage = out ? SLUICE__V1__CAPTURE_STAGE__CAPTURE_STAGE_OUT : SLUICE__V1__CAPTURE_STAGE__CAPTURE_STAGE_IN;
	one->bytes.len = sizeof(bytes);
	one->bytes.data = malloc(sizeof(bytes));
	memcpy(one->bytes.data, bytes, sizeof(bytes));
	one->length = out ? 104 : 54;
	one->interface = strdup(out ? "up0" : "in0");
	one->device = strdup(out ? "eth1" : "eth0");
	return one;
}

static ProtobufCMessage *captured(uint64_t number)
{
	Sluice__V1__CaptureResponse *message = (void *)field_message_new(&sluice__v1__capture_response__descriptor);

	message->packet = number;
	message->cpu = 1;
	message->time = 1700000000123456789;
	message->generation = 9;
	message->lost = number;
	message->verdict = verdict(number);
	message->vrf = strdup("red");
	message->out_tunnel = strdup(number ? "" : "t1");
	message->frames = calloc(2, sizeof(*message->frames));
	message->frames[message->n_frames++] = frame(false);
	if (!number)
		message->frames[message->n_frames++] = frame(true);
	return &message->base;
}

size_t packet_stream_take(struct packet_stream *stream, ProtobufCMessage **message, size_t most, bool *over)
{
	size_t count = 0;

	for (; count < most && stream->told < stream->wanted && stream->told < THERE; stream->told++)
		message[count++] = stream->make(stream->told);
	*over = stream->told == stream->wanted;
	return count;
}

void packet_stream_close(struct packet_stream *stream)
{
	free(stream);
}
