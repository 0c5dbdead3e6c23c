/* SPDX-License-Identifier: Apache-2.0 */
/* Tap services and tap flows: their rules, what the observer is asked for them, and what becomes of them. */
#include "control_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control_fixture_observer.h"
#include "failing.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/copies/flow.h"

#define PORTS "upsert vrf name=red", "upsert interface name=a vrf=red", "upsert interface name=b vrf=red"
#define SERVICE                                                                                                        \
	"upsert tap_service name=ids vxlan.remote=192.0.2.1 vxlan.vni=7 "                                              \
	"vxlan.udp_port=9"

/* In place of sockets, by which nothing leaves. */
static struct {
	struct copy_target target; /* of the last that was opened */
	unsigned int open, sent;
	int error; /* of opening and sending */
} fake_destination;

struct copy_destination *copy_destination_open(const struct copy_target *target, int *error)
{
	*error = fake_destination.error;
	if (*error)
		return NULL;
	fake_destination.target = *target;
	fake_destination.open++;
	return (struct copy_destination *)&fake_destination;
}

void copy_destination_close(struct copy_destination *destination)
{
	fake_destination.open -= destination != NULL;
}

int copy_destination_send(struct copy_destination *destination, const uint8_t *frame, uint32_t kept, uint32_t length)
{
	assert_ptr_equal(destination, &fake_destination);
	assert_true(frame && kept <= length);
	fake_destination.sent += !fake_destination.error;
	return fake_destination.error;
}

static void begin(struct fixture *fixture)
{
	memset(&fake_destination, 0, sizeof(fake_destination));
	fixture_new(fixture);
	fake_observer_give(fixture->control);
	must_apply(fixture, LINES(PORTS));
	fixture_turn(fixture);
}

static Sluice__V1__GetResourceResponse *get(struct fixture *fixture, int kind, const char *key)
{
	Sluice__V1__GetResourceRequest request = SLUICE__V1__GET_RESOURCE_REQUEST__INIT;
	Sluice__V1__GetResourceResponse *response = message_new(&sluice__v1__get_resource_response__descriptor);
	struct error error = {0};

	request.kind = (Sluice__V1__ResourceKind)kind;
	request.key = (char *)key;
	assert_int_equal(control_get(fixture->control, &request, response, &error), 0);
	return response;
}

static void assert_programmed(struct fixture *fixture, int kind, const char *key, const char *reason)
{
	Sluice__V1__GetResourceResponse *response = get(fixture, kind, key);

	if (!strstr(response->state->reason, reason) || !*reason != !*response->state->reason)
		fail_msg("%s: \"%s\", not \"%s\"", key, response->state->reason, reason);
	message_free(response);
}

#define SERVICE_KIND SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_TAP_SERVICE
#define FLOW_KIND    SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_TAP_FLOW

static void each_mistake(void **state)
{
	static const struct {
		const char *line, *field, *text;
	} cases[] = {
		{"upsert tap_service name=x", "", "set interface, vxlan or erspan"},
		{"upsert tap_service name=x interface=nope", "interface", "nope"},
		{"upsert tap_service name=x vxlan.remote=x vxlan.vni=1", "vxlan.remote", ""},
		{"upsert tap_service name=x vxlan.remote=10.0.0.1", "vxlan.vni", "1 to 16777215"},
		{"upsert tap_service name=x vxlan.remote=10.0.0.1 vxlan.vni=1 vxlan.udp_port=65536", "vxlan.udp_port",
		 ""},
		{"upsert tap_service name=x erspan.remote=10.0.0.1 erspan.session_id=1024", "erspan.session_id",
		 "1023"},
		{"upsert tap_flow name=x vrf=red", "tap_service", ""},
		{"upsert tap_flow name=x tap_service=ids", "", "set interface or vrf"},
		{"upsert tap_flow name=x tap_service=ids vrf=red direction=4", "direction", "0 to 3"},
		{"upsert tap_flow name=x tap_service=ids vrf=red one_in=1000001", "one_in", "1000000"},
		{"upsert tap_flow name=x tap_service=ids vrf=red snap_length=63", "snap_length", "64 to 1664"},
		{"upsert tap_flow name=x tap_service=ids vrf=red filter.source_port=1", "filter.protocol",
		 "with ports"},
		{"upsert tap_flow name=x tap_service=ids vrf=red filter.protocol=256", "filter.protocol", "255"},
		{"upsert tap_flow name=x tap_service=ids vrf=red filter.source=10.0.0.1", "filter.source", ""},
		{"upsert tap_flow name=x tap_service=ids vrf=red filter.vni=16777216", "filter.vni", ""},
		{"upsert tap_flow name=x tap_service=ids vrf=red filter.source=10.0.0.0/8 filter.destination=2000::/3",
		 "filter.destination", "address family"},
		{"upsert tap_flow name=x tap_service=out interface=b", "interface",
		 "where tap service \"out\" sends copies"},
		{"upsert tap_service name=out interface=a", "interface", "what tap flow \"f\" copies"},
		{"delete tap_service name=ids", "", "g"},
	};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	must_apply(&fixture, LINES(SERVICE, "upsert tap_service name=out interface=b",
				   "upsert tap_flow name=f tap_service=out interface=a",
				   "upsert tap_flow name=g tap_service=ids vrf=red"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *kind = strstr(cases[i].line, "tap_service ") ? "tap_service" : "tap_flow";
		char field[128];

		snprintf(field, sizeof(field), "changes[0].resource.%s%s%s", kind, *cases[i].field ? "." : "",
			 cases[i].field);
		if (!strncmp(cases[i].line, "delete", 6))
			must_refuse(&fixture, ERROR_FAILED_PRECONDITION, "changes[0].resource", "g",
				    LINES(cases[i].line));
		else
			must_refuse(&fixture, ERROR_INVALID_ARGUMENT, field, cases[i].text, LINES(cases[i].line));
	}
	fixture_free(&fixture);
}

static void what_was_written_is_read(void **state)
{
	struct fixture fixture;
	Sluice__V1__GetResourceResponse *response;
	const Sluice__V1__TapFlow *flow;

	(void)state;
	begin(&fixture);
	must_apply(&fixture,
		   LINES("upsert tap_service name=e erspan.remote=2001:db8::1 erspan.session_id=5",
			 "upsert tap_flow name=f tap_service=e vrf=red direction=1 one_in=10 snap_length=64 "
			 "filter.source=10.0.0.0/8 filter.protocol=6 filter.destination_port=80 filter.either=1"));
	response = get(&fixture, SERVICE_KIND, "e");
	assert_string_equal(response->state->resource->tap_service->erspan->remote, "2001:db8::1");
	assert_int_equal(response->state->resource->tap_service->erspan->session_id, 5);
	message_free(response);
	response = get(&fixture, FLOW_KIND, "f");
	flow = response->state->resource->tap_flow;
	assert_int_equal(flow->direction, 1);
	assert_int_equal(flow->one_in, 10);
	assert_int_equal(flow->snap_length, 64);
	assert_string_equal(flow->filter->source, "10.0.0.0/8");
	assert_string_equal(flow->filter->destination, "");
	assert_int_equal(flow->filter->destination_port, 80);
	assert_true(flow->filter->either);
	message_free(response);
	fixture_free(&fixture);
}

static void the_observer_is_asked(void **state)
{
	struct fixture fixture;
	const struct dp_observe_filter *filter = &fake_observer.wish.filter;

	(void)state;
	begin(&fixture);
	must_apply(&fixture, LINES(SERVICE, "upsert tap_flow name=f tap_service=ids vrf=red snap_length=64 "
					    "filter.source=10.1.0.0/16 filter.protocol=17 filter.source_port=53"));
	assert_programmed(&fixture, FLOW_KIND, "f", "being started");
	fixture_turn(&fixture);
	assert_true(fake_observer.open);
	assert_programmed(&fixture, SERVICE_KIND, "ids", "");
	assert_programmed(&fixture, FLOW_KIND, "f", "");
	assert_int_equal(filter->vrf, 1);
	assert_int_equal(filter->interface, 0);
	assert_int_equal(filter->family, 4);
	assert_int_equal(filter->protocol, 17);
	assert_int_equal(filter->src_port, 53);
	assert_memory_equal(filter->src.byte, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x01\0\0", 16);
	assert_memory_equal(filter->src_mask.byte, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0", 16);
	assert_int_equal(filter->dst_mask.word[3], 0);
	assert_int_equal(fake_observer.wish.in_snap, 96); /* what it takes to know copies again */
	assert_int_equal(fake_observer.wish.out_snap, 96);

	must_apply(&fixture, LINES("upsert tap_flow name=f tap_service=ids interface=b direction=2"));
	fixture_turn(&fixture);
	assert_true(fake_observer.open);
	assert_int_equal(filter->vrf, 0);
	assert_int_equal(filter->out_interface, 2);
	assert_int_equal(fake_observer.wish.in_snap, 0);
	assert_int_equal(fake_observer.wish.out_snap, 1664);
	must_apply(&fixture, LINES("delete tap_flow name=f"));
	fixture_turn(&fixture);
	assert_false(fake_observer.open);
	fixture_free(&fixture);
}

static void copies_are_counted(void **state)
{
	const struct dp_observation head = {.ifindex = 1, .in_kept = 60, .in_length = 60};
	const uint8_t frame[60] = {0};
	const struct observed observed = {.head = &head, .in = frame};
	Sluice__V1__GetResourceResponse *response;
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	must_apply(&fixture, LINES(SERVICE, "upsert tap_flow name=f tap_service=ids vrf=red direction=1"));
	fixture_turn(&fixture);
	fake_observer_see(&observed);
	fake_observer.lost = 4;
	fake_observer_see(&observed);
	fake_destination.error = -EAGAIN;
	fake_observer_see(&observed);
	fake_destination.error = 0;
	assert_int_equal(fake_destination.sent, 2);
	response = get(&fixture, FLOW_KIND, "f");
	assert_int_equal(response->state->tap_flow_status->packets, 2);
	assert_int_equal(response->state->tap_flow_status->bytes, 120);
	assert_int_equal(response->state->tap_flow_status->lost, 1);
	assert_int_equal(response->state->tap_flow_status->missed, 4);
	message_free(response);
	must_apply(&fixture, LINES("delete tap_flow name=f"));
	must_apply(&fixture, LINES("upsert tap_flow name=g tap_service=ids vrf=red direction=1"));
	response = get(&fixture, FLOW_KIND, "g"); /* which has the id */
	assert_int_equal(response->state->tap_flow_status->packets, 0);
	message_free(response);
	fixture_free(&fixture);
}

static void without_a_session_it_waits(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fake_observer.refuses = true;
	must_apply(&fixture, LINES(SERVICE, "upsert tap_flow name=f tap_service=ids vrf=red"));
	fixture_turn(&fixture);
	assert_programmed(&fixture, SERVICE_KIND, "ids", "");
	assert_programmed(&fixture, FLOW_KIND, "f", "end a trace, a capture");
	fake_observer.refuses = false;
	must_apply(&fixture, LINES("upsert tap_flow name=f tap_service=ids vrf=red one_in=2"));
	fixture_turn(&fixture);
	assert_programmed(&fixture, FLOW_KIND, "f", "");
	fixture_free(&fixture);
}

/* The control thread does not wait while programs are loaded; it asks again until they are. */
static bool is_open(struct fixture *fixture)
{
	fake_observer.loads = fake_observer.behind < 3;
	fixture_turn(fixture);
	return fake_observer.open;
}

static void it_does_not_wait_for_the_observer(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fake_observer.loads = true;
	must_apply(&fixture, LINES(SERVICE));
	fixture_turn(&fixture);
	assert_int_equal(fake_observer.behind, 0); /* no flow, no need */
	must_apply(&fixture, LINES("upsert tap_flow name=f tap_service=ids vrf=red"));
	fixture_turn(&fixture);
	assert_int_equal(fake_observer.behind, 1);
	assert_false(fake_observer.open);
	assert_programmed(&fixture, SERVICE_KIND, "ids", "");
	assert_programmed(&fixture, FLOW_KIND, "f", "it is being started");
	fixture_wait(&fixture, is_open);
	assert_programmed(&fixture, FLOW_KIND, "f", "");
	assert_int_equal(fake_observer.prepared, 0);
	fixture_free(&fixture);
}

static void without_a_socket_it_waits(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fake_destination.error = -EPERM;
	must_apply(&fixture, LINES(SERVICE, "upsert tap_flow name=f tap_service=ids vrf=red"));
	fixture_turn(&fixture);
	assert_programmed(&fixture, SERVICE_KIND, "ids", "no socket could be opened");
	assert_programmed(&fixture, FLOW_KIND, "f", "tap service is not programmed");
	fake_destination.error = 0;
	must_apply(&fixture, LINES("upsert tap_service name=ids vxlan.remote=192.0.2.1 vxlan.vni=8"));
	fixture_turn(&fixture);
	assert_programmed(&fixture, FLOW_KIND, "f", "");
	assert_int_equal(fake_destination.target.vni, 8);
	assert_int_equal(fake_destination.target.udp_port, 4789);
	fixture_free(&fixture);
	assert_int_equal(fake_destination.open, 0);
}

static void without_a_device_it_waits(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fake_program.missing_device = "b";
	must_apply(&fixture, LINES("upsert tap_service name=out interface=b",
				   "upsert tap_flow name=f tap_service=out interface=a direction=1"));
	fixture_turn(&fixture);
	assert_programmed(&fixture, SERVICE_KIND, "out", "device does not exist");
	assert_programmed(&fixture, FLOW_KIND, "f", "tap service is not programmed");
	assert_false(fake_observer.open);
	fake_program.missing_device = NULL;
	must_apply(&fixture, LINES("upsert interface name=b device=c vrf=red")); /* another one is there */
	fixture_turn(&fixture);
	assert_programmed(&fixture, FLOW_KIND, "f", "");
	assert_int_equal(fake_destination.target.kind, COPY_PORT);
	assert_int_equal(fake_destination.target.ifindex, 7);
	fixture_free(&fixture);
}

/* Of each allocation that fails while it is begun: it is not programmed, and the next try has it. */
static void memory_runs_out(void **state)
{
	bool failed = true;

	(void)state;
	for (unsigned int n = 1; failed; n++) {
		struct fixture fixture;

		begin(&fixture);
		must_apply(&fixture, LINES(SERVICE, "upsert tap_flow name=f tap_service=ids vrf=red"));
		fail_in = n;
		fixture_turn(&fixture);
		failed = fail_in == 0;
		fail_in = 0;
		assert_int_equal(fake_observer.open, !failed);
		must_apply(&fixture, LINES("upsert tap_flow name=f tap_service=ids vrf=red one_in=2"));
		fixture_turn(&fixture);
		assert_programmed(&fixture, FLOW_KIND, "f", "");
		fixture_free(&fixture);
		assert_in_range(n, 1, 20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake),
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(the_observer_is_asked),
		cmocka_unit_test(copies_are_counted),
		cmocka_unit_test(without_a_session_it_waits),
		cmocka_unit_test(it_does_not_wait_for_the_observer),
		cmocka_unit_test(without_a_socket_it_waits),
		cmocka_unit_test(without_a_device_it_waits),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
