/* SPDX-License-Identifier: Apache-2.0 */
/* Latency as a stream of reports: when they come, what they name, and without memory. */
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

#define ETH 14
#define US  1000ULL

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

static struct packet_stream *latency(const char *line)
{
	Sluice__V1__LatencyRequest *request = message_of(&sluice__v1__latency_request__descriptor, line);
	struct packet_stream *stream;

	error = (struct error){0};
	stream = control_latency(fixture.control, request, on_ready, &woken, &error);
	message_free(request);
	return stream;
}

/* An echo request that is sent to a stage, or comes back from it. */
static void see(bool back, uint64_t ns)
{
	static uint8_t frame[ETH + 28] = {[ETH] = 0x45, [ETH + 5] = 9, [ETH + 20] = 8, [ETH + 25] = 7};
	struct dp_observation head = {.time = 1000 * US + ns, .reason = DP_REASON_steered, .in_kept = sizeof(frame)};
	const struct observed observed = {.head = &head, .in = frame};

	head.out_interface = id_of(RESOURCE_INTERFACE, "in");
	head.last.family = 4;
	head.last.protocol = 1;
	head.last.l3 = ETH;
	head.last.l4 = ETH + 20;
	head.last.port_pair_group = id_of(RESOURCE_PORT_PAIR_GROUP, "s");
	if (back) {
		head.last.from_stage = 1;
		head.reason = DP_REASON_no_route;
	}
	fake_observer_see(&observed);
}

/* The next report, with whatever time has to pass; NULL: there was no memory for it. */
static Sluice__V1__LatencyResponse *report(struct packet_stream *stream, bool *over)
{
	const unsigned int before = woken;
	ProtobufCMessage *message[2];

	assert_int_equal(packet_stream_take(stream, message, 2, over), 0);
	for (int ms = 0; woken == before && ms < 5000; ms++) {
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		fake_observer.wish.tick(fake_observer.wish.context, 0);
	}
	assert_int_equal(woken, before + 1);
	fake_observer.wish.tick(fake_observer.wish.context, 0); /* who knows is not woken again */
	assert_int_equal(woken, before + 1);
	return packet_stream_take(stream, message, 2, over) ? (Sluice__V1__LatencyResponse *)message[0] : NULL;
}

static void test_requests(void **state)
{
	static const struct {
		const char *line, *field, *text;
	} refused[] = {
		{"one_in=3", "one_in", "power of two from 1 to 32768"},
		{"one_in=65536", "one_in", "power of two"},
		{"interval_ms=99", "interval_ms", "100 to 60000"},
		{"interval_ms=60001", "interval_ms", "100 to 60000"},
		{"filter.interface=in", "filter.interface", "leave it out"},
		{"filter.out_interface=in", "filter.out_interface", "leave it out"},
		{"filter.vrf=red", "filter.vrf", "leave it out"},
		{"filter.vni=100", "filter.vni", "leave it out"},
		{"filter.tunnel=t1", "filter.tunnel", "leave it out"},
		{"filter.rule=x", "filter.rule", "leave it out"},
		{"filter.reason=no_route", "filter.reason", "leave it out"},
		{"filter.verdicts[0]=1", "filter.verdicts", "leave it out"},
		{"filter.source=10.0.0.1/8", "filter.source", "bits beyond"},
	};
	struct packet_stream *stream;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		assert_null(latency(refused[i].line));
		assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
		assert_string_equal(error.fault[0].field, refused[i].field);
		assert_non_null(strstr(error.fault[0].message, refused[i].text));
		assert_false(fake_observer.open);
	}
	stream = latency("one_in=16 filter.destination=10.9.0.0/16 filter.protocol=6 filter.destination_port=80");
	assert_non_null(stream);
	assert_int_equal(fake_observer.wish.filter.flows, 15);
	assert_int_equal(fake_observer.wish.filter.either, 1);
	assert_int_equal(fake_observer.wish.filter.dst_port, 80);
	assert_false(fake_observer.wish.steps);
	packet_stream_close(stream);
	stream = latency("");
	assert_int_equal(fake_observer.wish.filter.flows, 0);
	packet_stream_close(stream);
}

static void test_reports(void **state)
{
	struct packet_stream *stream = latency("interval_ms=100 reports=2");
	Sluice__V1__LatencyResponse *response;
	bool over = false;

	(void)state;
	assert_non_null(stream);
	response = report(stream, &over);
	assert_int_equal(response->n_rows, 0);
	assert_int_equal(response->packets, 0);
	assert_false(over);
	message_free(response);
	see(false, 0);
	fake_observer.lost = 4;
	see(true, 70 * US);
	response = report(stream, &over);
	assert_true(over);
	assert_int_equal(response->packets, 2);
	assert_int_equal(response->lost, 4);
	assert_int_equal(response->n_rows, 1);
	assert_int_equal(response->rows[0]->kind, SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_PORT_PAIR_GROUP);
	assert_string_equal(response->rows[0]->key, "s");
	assert_string_equal(response->rows[0]->interface, "in");
	assert_int_equal(response->rows[0]->sent, 1);
	assert_int_equal(response->rows[0]->returned, 1);
	assert_int_equal(response->rows[0]->longest, 70 * US);
	assert_int_equal(response->rows[0]->n_buckets, 17); /* 65,536 ns and more */
	assert_int_equal(response->rows[0]->buckets[16], 1);
	message_free(response);
	packet_stream_close(stream);
}

/* Each allocation fails once: the call is refused, or a report is left out and the next one comes. */
static void test_memory(void **state)
{
	unsigned int refused = 0, left_out = 0;
	bool done = false;

	(void)state;
	for (unsigned int i = 1; !done; i++) {
		Sluice__V1__LatencyRequest *request =
			message_of(&sluice__v1__latency_request__descriptor, "interval_ms=100 reports=1");
		Sluice__V1__LatencyResponse *response;
		struct packet_stream *stream;
		bool over = false;

		error = (struct error){0};
		atomic_store(&fail_in, i);
		stream = control_latency(fixture.control, request, on_ready, &woken, &error);
		if (stream) {
			see(false, 0);
			see(true, US);
			response = report(stream, &over);
			done = atomic_load(&fail_in) != 0;
			atomic_store(&fail_in, 0);
			left_out += !response;
			if (!response) {
				assert_false(over);
				response = report(stream, &over);
			}
			assert_true(over);
			assert_int_equal(response->packets, 2);
			message_free(response);
		} else {
			atomic_store(&fail_in, 0);
			assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
			refused++;
		}
		packet_stream_close(stream);
		message_free(request);
	}
	assert_true(refused > 0 && left_out > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_requests, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reports, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
