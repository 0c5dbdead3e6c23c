/* SPDX-License-Identifier: Apache-2.0 */
/* Rehearsals: which packets go through both tables, what is told of those that differ, and what cannot be asked for. */
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"
#include "control_fixture_observer.h"
#include "failing.h"
#include "api/dp/reason.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/dataplane/dataplane.h"

static const uint8_t frame[60] = {1};

static const struct dp_observation sampled = {
	.in_length = 100, .in_kept = sizeof(frame), .ifindex = 7, .sampled = 1000};

static void begin(struct fixture *fixture, const struct observed *recent)
{
	fixture_new(fixture);
	must_apply(fixture, LINES("upsert vrf name=red", "upsert interface name=up device=eth0 vrf=red",
				  "upsert policy_rule name=web vrf=red access=1 match.protocol=6"));
	fake_observer_give(fixture->control);
	fake_observer.recent = recent;
	fake_observer.recents = 1;
}

/* The answer: free with message_free. NULL and *error. */
static Sluice__V1__ApplyChangesResponse *rehearse(struct fixture *fixture, uint32_t samples, uint32_t connections,
						  bool validate, struct error *error)
{
	Sluice__V1__ApplyChangesRequest *request = changes_of("test", LINES("upsert vrf name=blue"));
	Sluice__V1__ApplyChangesResponse *response = message_new(&sluice__v1__apply_changes_response__descriptor);
	Sluice__V1__Rehearsal *wish = message_new(&sluice__v1__rehearsal__descriptor);

	wish->samples = samples;
	wish->connections = connections;
	request->options->validate_only = validate;
	request->options->rehearsal = wish;
	memset(error, 0, sizeof(*error));
	if (control_apply(fixture->control, request, response, error)) {
		message_free(response);
		response = NULL;
	}
	message_free(request);
	return response;
}

/* By the banks: forwarded by a rule's leave, and denied. */
static void set_heads(void)
{
	struct dp_observation *live = &fake_observer.head[0], *idle = &fake_observer.head[1];

	live->reason = DP_REASON_forwarded;
	live->out_interface = live->last.vrf = 1;
	live->last.rule[DP_POLICY_ACCESS] = 1;
	live->last.family = 4;
	live->last.protocol = 6;
	memcpy(live->last.src.byte, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x00\x00\x0a", 16);
	memcpy(live->last.dst.byte, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x33\x64\x0a", 16);
	live->last.src_port = 49152;
	live->last.dst_port = 443;
	*idle = *live;
	idle->reason = DP_REASON_denied;
	idle->out_interface = 0;
}

static void told_of(void **state)
{
	const struct observed observed = {.head = &sampled, .in = frame};
	Sluice__V1__ApplyChangesResponse *response;
	const Sluice__V1__RehearsalResult *result;
	struct fixture fixture;
	struct error error;

	(void)state;
	begin(&fixture, &observed);
	set_heads();
	response = rehearse(&fixture, 10, 10, true, &error);
	assert_non_null(response);
	result = response->result->rehearsal;
	assert_int_equal(fake_observer.asked, 2);
	assert_int_equal(fake_observer.ifindex, 7);
	assert_int_equal(fake_observer.length, 100);
	assert_memory_equal(fake_observer.frame, frame, sizeof(frame));
	assert_int_equal(result->samples, 1);
	assert_int_equal(result->samples_changed, 1);
	assert_int_equal(result->n_changes, 1);
	assert_int_equal(result->changes[0]->packets, 1000);
	assert_string_equal(result->changes[0]->vrf, "red");
	assert_string_equal(result->changes[0]->before->reason, "forwarded");
	assert_string_equal(result->changes[0]->before->interface, "up");
	assert_string_equal(result->changes[0]->before->rule, "web");
	assert_string_equal(result->changes[0]->after->reason, "denied");
	assert_string_equal(result->changes[0]->after->interface, "");
	assert_string_equal(result->changes[0]->example, "tcp 10.0.0.10:49152 > 198.51.100.10:443");
	message_free(response);

	fake_observer.head[1] = fake_observer.head[0];
	response = rehearse(&fixture, 10, 10, true, &error);
	assert_int_equal(response->result->rehearsal->samples, 1);
	assert_int_equal(response->result->rehearsal->samples_changed, 0);
	assert_int_equal(response->result->rehearsal->n_changes, 0);
	message_free(response);
	fixture_free(&fixture);
}

static void cannot_be(void **state)
{
	const struct observed observed = {.head = &sampled, .in = frame};
	struct fixture fixture;
	struct error error;

	(void)state;
	begin(&fixture, &observed);
	assert_null(rehearse(&fixture, 1, 1, false, &error));
	assert_string_equal(error.fault[0].field, "options.rehearsal");
	assert_null(rehearse(&fixture, 65537, 1000001, true, &error));
	assert_string_equal(error.fault[0].field, "options.rehearsal.samples");
	assert_string_equal(error.fault[1].field, "options.rehearsal.connections");
	fake_observer.refuses = true;
	assert_null(rehearse(&fixture, 1, 0, true, &error));
	assert_int_equal(error.code, ERROR_UNAVAILABLE);
	control_set_observer(fixture.control, NULL);
	assert_null(rehearse(&fixture, 1, 0, true, &error));
	assert_int_equal(error.code, ERROR_UNAVAILABLE);
	assert_string_equal(error.fault[0].field, "rehearsal");
	fixture_free(&fixture);
}

/* Without memory it is refused, and leaves nothing behind. */
static void memory(void **state)
{
	const struct observed observed = {.head = &sampled, .in = frame};
	Sluice__V1__ApplyChangesResponse *response = NULL;
	struct fixture fixture;
	struct error error;

	(void)state;
	begin(&fixture, &observed);
	set_heads();
	for (unsigned int n = 1; !response; n++) {
		Sluice__V1__ApplyChangesRequest *request = changes_of("test", LINES("upsert vrf name=blue"));

		response = message_new(&sluice__v1__apply_changes_response__descriptor);
		request->options->validate_only = true;
		request->options->rehearsal = message_new(&sluice__v1__rehearsal__descriptor);
		request->options->rehearsal->samples = 1;
		memset(&error, 0, sizeof(error));
		fail_in = n;
		if (control_apply(fixture.control, request, response, &error)) {
			message_free(response);
			response = NULL;
		}
		fail_in = 0;
		message_free(request);
	}
	assert_int_equal(response->result->rehearsal->n_changes, 1);
	message_free(response);
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told_of),
		cmocka_unit_test(cannot_be),
		cmocka_unit_test(memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
