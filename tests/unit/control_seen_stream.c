/* SPDX-License-Identifier: Apache-2.0 */
/* Trace and Capture as streams of messages: what is asked for, what is told, and what does not fit. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/dp/reason.h"
#include "control_fixture.h"
#include "control_fixture_observer.h"
#include "control_reads_base.h"
#include "failing.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/packet_stream.h"
#include "vnf/control/seen/queue.h"
#include "vnf/core/clock.h"

static struct fixture fixture;
static struct error error;
static unsigned int woken;

static void on_ready(void *context)
{
	assert_ptr_equal(context, &woken);
	woken++;
}

static int set_up(void **state)
{
	(void)state;
	fixture_new(&fixture);
	fake_observer_give(fixture.control);
	must_apply(&fixture, base);
	woken = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_false(fake_observer.open);
	fixture_free(&fixture);
	return 0;
}

static uint16_t id_of(enum resource_kind kind, const char *name)
{
	return (uint16_t)resource_id(snapshot_find(history_newest(&fixture.control->history), kind, name));
}

static struct packet_stream *trace(const char *line)
{
	Sluice__V1__TraceRequest *request = message_of(&sluice__v1__trace_request__descriptor, line);
	struct packet_stream *stream;

	error = (struct error){0};
	stream = control_trace(fixture.control, request, on_ready, &woken, &error);
	message_free(request);
	return stream;
}

static struct packet_stream *capture(const char *line)
{
	Sluice__V1__CaptureRequest *request = message_of(&sluice__v1__capture_request__descriptor, line);
	struct packet_stream *stream;

	error = (struct error){0};
	stream = control_capture(fixture.control, request, on_ready, &woken, &error);
	message_free(request);
	return stream;
}

static void must_fault(struct packet_stream *stream, enum error_code code, const char *field, const char *text)
{
	assert_null(stream);
	assert_int_equal(error.code, code);
	assert_string_equal(error.fault[0].field, field);
	assert_non_null(strstr(error.fault[0].message, text));
	assert_false(fake_observer.open);
}

static void test_requests(void **state)
{
	struct packet_stream *stream;

	(void)state;
	must_fault(trace(""), ERROR_INVALID_ARGUMENT, "packets", "say how many, 1 to 1,000,000");
	must_fault(trace("packets=1000001"), ERROR_INVALID_ARGUMENT, "packets", "say how many");
	must_fault(trace("packets=1 filter.vrf=nope"), ERROR_NOT_FOUND, "filter.vrf", "there are: red, under");
	must_fault(trace("packets=1 seconds=86401"), ERROR_INVALID_ARGUMENT, "seconds", "1 to 86400, or 0");
	must_fault(capture("packets=1 seconds=86401"), ERROR_INVALID_ARGUMENT, "seconds", "1 to 86400, or 0");
	must_fault(capture(""), ERROR_INVALID_ARGUMENT, "packets", "say how many");
	must_fault(capture("packets=1 snap_length=13"), ERROR_INVALID_ARGUMENT, "snap_length", "14 to 1664");
	must_fault(capture("packets=1 snap_length=1665"), ERROR_INVALID_ARGUMENT, "snap_length", "14 to 1664");
	must_fault(capture("packets=1 stages[0]=3"), ERROR_INVALID_ARGUMENT, "stages", "CAPTURE_STAGE_OUT");
	fake_observer.refuses = true;
	must_fault(trace("packets=1"), ERROR_RESOURCE_EXHAUSTED, "", "eight");
	fake_observer.refuses = false;
	stream = trace("packets=5 filter.interface=in");
	assert_int_equal(fake_observer.wish.packets, 5);
	assert_true(fake_observer.wish.steps);
	assert_int_equal(fake_observer.wish.in_snap, 0);
	assert_int_equal(fake_observer.wish.filter.interface, id_of(RESOURCE_INTERFACE, "in"));
	packet_stream_close(stream);
	stream = capture("packets=5 stages[0]=1 snap_length=100");
	assert_false(fake_observer.wish.steps);
	assert_int_equal(fake_observer.wish.in_snap, 100);
	assert_int_equal(fake_observer.wish.out_snap, 0);
	packet_stream_close(stream);
	stream = capture("packets=5");
	assert_int_equal(fake_observer.wish.in_snap, 256);
	assert_int_equal(fake_observer.wish.out_snap, 256);
	packet_stream_close(stream);
	control_set_observer(fixture.control, NULL);
	must_fault(trace("packets=1"), ERROR_UNAVAILABLE, "", "no observer");
}

static struct dp_observation head;
static struct dp_step steps[2];

static void see(const char *in, const char *out)
{
	const struct observed observed = {&head, (const uint8_t *)in, (const uint8_t *)out, steps};

	fake_observer_see(&observed);
}

static void make_head(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	head = (struct dp_observation){.time = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec,
				       .generation = 9,
				       .packet = 77,
				       .cpu = 3,
				       .ifindex = 1,
				       .out_ifindex = 2,
				       .in_length = 100,
				       .out_length = 150,
				       .steps = 2,
				       .reason = DP_REASON_encapsulated,
				       .interface = id_of(RESOURCE_INTERFACE, "in")};
	head.last.vrf = id_of(RESOURCE_VRF, "red");
	head.last.encapsulated = id_of(RESOURCE_TUNNEL_ENDPOINT, "t1");
	steps[0] = (struct dp_step){.kind = DP_STEP_parse_link, .reason = -1, .length = 100, .prefix_length = 255};
	steps[1] = steps[0];
	steps[1].kind = DP_STEP_transmit;
	steps[1].reason = DP_REASON_encapsulated;
}

static void check_time(uint64_t time_ns)
{
	const uint64_t now = (uint64_t)time(NULL) * 1000000000;

	assert_true(time_ns > now - 5000000000 && time_ns < now + 5000000000);
}

static void test_trace(void **state)
{
	struct packet_stream *stream = trace("packets=4");
	ProtobufCMessage *message[8];
	Sluice__V1__TraceResponse *told;
	bool over;

	(void)state;
	make_head();
	assert_int_equal(packet_stream_take(stream, message, 8, &over), 0);
	assert_false(over);
	see(NULL, NULL);
	see(NULL, NULL);
	assert_int_equal(woken, 1); /* once, until all was taken */
	assert_int_equal(packet_stream_take(stream, message, 1, &over), 1);
	assert_false(over);
	told = (Sluice__V1__TraceResponse *)message[0];
	assert_int_equal(told->packet, 77);
	assert_int_equal(told->cpu, 3);
	assert_int_equal(told->generation, 9);
	assert_string_equal(told->interface, "in");
	assert_string_equal(told->program, "xdp");
	assert_string_equal(told->verdict->reason, "encapsulated");
	assert_string_equal(told->verdict->device, "eth1");
	assert_int_equal(told->n_steps, 2);
	assert_string_equal(told->steps[1]->reason, "encapsulated");
	check_time(told->time);
	message_free(told);
	fake_observer.lost = 2; /* by the ring: they are still owed */
	see(NULL, NULL);
	assert_int_equal(woken, 1);
	assert_int_equal(packet_stream_take(stream, message, 8, &over), 2);
	assert_false(over);
	assert_int_equal(((Sluice__V1__TraceResponse *)message[1])->lost, 2);
	message_free(message[0]);
	message_free(message[1]);
	see(NULL, NULL);
	assert_int_equal(packet_stream_take(stream, message, 8, &over), 1);
	assert_true(over);
	message_free(message[0]);
	packet_stream_close(stream);
}

static void tick(void)
{
	fake_observer.wish.tick(fake_observer.wish.context, fake_observer.lost);
}

/* What is lost is told of where no packet comes any more, and a second's end comes without one, too. */
static void test_quiet(void **state)
{
	struct packet_stream *stream = trace("packets=4 seconds=1");
	const uint64_t deadline = monotonic_ns() + 20000000000;
	ProtobufCMessage *message[2];
	Sluice__V1__TraceResponse *told;
	bool over;

	(void)state;
	make_head();
	tick();
	assert_int_equal(woken, 0);
	see(NULL, NULL);
	fake_observer.lost = 3;
	tick();
	assert_int_equal(woken, 1);
	assert_int_equal(packet_stream_take(stream, message, 1, &over), 1);
	assert_int_equal(((Sluice__V1__TraceResponse *)message[0])->lost, 3);
	message_free(message[0]);
	assert_int_equal(packet_stream_take(stream, message, 1, &over), 0);
	assert_false(over);
	fake_observer.lost = 5;
	tick();
	tick();
	assert_int_equal(woken, 2);
	assert_int_equal(packet_stream_take(stream, message, 2, &over), 1);
	assert_false(over);
	told = (Sluice__V1__TraceResponse *)message[0];
	assert_int_equal(told->lost, 5);
	assert_null(told->verdict);
	message_free(told);
	while (woken == 2 && monotonic_ns() < deadline)
		tick();
	assert_int_equal(woken, 3);
	assert_int_equal(packet_stream_take(stream, message, 2, &over), 0);
	assert_true(over);
	packet_stream_close(stream);
}

static void test_capture(void **state)
{
	struct packet_stream *stream = capture("packets=2");
	ProtobufCMessage *message[2];
	Sluice__V1__CaptureResponse *told;
	bool over;

	(void)state;
	make_head();
	head.in_kept = 3;
	head.out_kept = 4;
	see("abc", "wxyz");
	head.reason = DP_REASON_no_route;
	see("abc", NULL);
	assert_int_equal(packet_stream_take(stream, message, 2, &over), 2);
	assert_true(over);
	told = (Sluice__V1__CaptureResponse *)message[0];
	assert_int_equal(told->n_frames, 2);
	assert_int_equal(told->frames[0]->stage, SLUICE__V1__CAPTURE_STAGE__CAPTURE_STAGE_IN);
	assert_int_equal(told->frames[0]->bytes.len, 3);
	assert_memory_equal(told->frames[0]->bytes.data, "abc", 3);
	assert_int_equal(told->frames[0]->length, 100);
	assert_string_equal(told->frames[0]->interface, "in");
	assert_string_equal(told->frames[0]->device, "in");
	assert_int_equal(told->frames[1]->stage, SLUICE__V1__CAPTURE_STAGE__CAPTURE_STAGE_OUT);
	assert_memory_equal(told->frames[1]->bytes.data, "wxyz", 4);
	assert_int_equal(told->frames[1]->length, 150);
	assert_string_equal(told->frames[1]->interface, "");
	assert_string_equal(told->frames[1]->device, "eth1");
	assert_string_equal(told->vrf, "red");
	assert_string_equal(told->in_tunnel, "");
	assert_string_equal(told->out_tunnel, "t1");
	message_free(told);
	told = (Sluice__V1__CaptureResponse *)message[1];
	assert_int_equal(told->n_frames, 1);
	assert_string_equal(told->verdict->reason, "no_route");
	assert_true(strlen(told->verdict->remedy) > 0);
	message_free(told);
	packet_stream_close(stream);
}

/* Nobody takes: 4 MiB are held, and the rest is counted. */
static void test_bounds(void **state)
{
	struct packet_stream *stream = capture("packets=10000 snap_length=1664");
	const uint64_t size = sizeof(struct seen_packet) + 2 * sizeof(struct dp_step) + 1664;
	static char frame[1664];
	ProtobufCMessage *message[64];
	uint64_t told = 0, lost = 0;
	bool over = false;

	(void)state;
	make_head();
	head.in_kept = sizeof(frame);
	for (int i = 0; i < 10000; i++)
		see(frame, NULL);
	assert_int_equal(woken, 1);
	while (!over) {
		size_t count = packet_stream_take(stream, message, 64, &over);

		assert_true(count > 0);
		told += count;
		lost = ((Sluice__V1__CaptureResponse *)message[0])->lost;
		for (size_t i = 0; i < count; i++)
			message_free(message[i]);
	}
	assert_int_equal(told, SEEN_QUEUE_BYTES / size);
	assert_int_equal(told + lost, 10000);
	packet_stream_close(stream);
}

/* Each allocation fails once, in turn: what is seen meanwhile is told, or counted as lost. */
static void test_memory(void **state)
{
	unsigned int refused = 0, lost = 0;
	bool done = false;

	(void)state;
	make_head();
	head.in_kept = 3;
	for (unsigned int i = 1; !done; i++) {
		Sluice__V1__CaptureRequest *request = message_of(&sluice__v1__capture_request__descriptor, "packets=2");
		ProtobufCMessage *message[2];
		struct packet_stream *stream;
		bool over = false;
		size_t count;

		error = (struct error){0};
		atomic_store(&fail_in, i);
		stream = control_capture(fixture.control, request, on_ready, &woken, &error);
		if (stream) {
			see("abc", NULL);
			see("abc", NULL);
			count = packet_stream_take(stream, message, 2, &over);
			done = atomic_load(&fail_in) != 0;
			atomic_store(&fail_in, 0);
			assert_true(over);
			assert_in_range(count, 1, 2);
			lost += count == 1;
			for (size_t j = 0; j < count; j++)
				message_free(message[j]);
		} else {
			atomic_store(&fail_in, 0);
			assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
			refused++;
		}
		packet_stream_close(stream);
		message_free(request);
	}
	assert_true(refused > 0 && lost > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_requests, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_trace, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_quiet, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_capture, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bounds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
