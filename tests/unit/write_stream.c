/* SPDX-License-Identifier: Apache-2.0 */
/* WriteStream's handler over the real control plane: order, the window, STOP, streams that break, and every allocation
 * failing in turn. The test plays the call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"
#include "failing.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/core/loop.h"
#include "vnf/rpc/services/config_service.h"

#define ANSWERS 20000

struct rpc_call {
	void *data;
	unsigned int asked; /* for messages that did not come yet */
	const ProtobufCMessage *message;
	unsigned int ahead; /* so many times it is here already */
	void (*sent)(struct rpc_call *call, bool ok);
	bool in_flight, packed, hold; /* answers are on their way, and stay there */
	bool unpackable;	      /* there is no memory for the bytes of an answer */
	bool aborted, finished;
	enum error_code code;
	char field[192];
	/* of the answers that arrived */
	size_t count;
	enum error_code refused[ANSWERS];
	uint64_t revision[ANSWERS];
};

static struct fixture fixture;
static struct rpc_call call;

void rpc_set_data(struct rpc_call *of, void *data)
{
	of->data = data;
}

void *rpc_data(const struct rpc_call *of)
{
	return of->data;
}

struct loop *rpc_loop(const struct rpc_call *of)
{
	(void)of;
	return fixture.loop;
}

const ProtobufCMessage *rpc_more(struct rpc_call *of)
{
	assert_false(of->finished);
	if (of->ahead) {
		of->ahead--;
		return of->message;
	}
	of->asked++;
	return NULL;
}

void rpc_abort(struct rpc_call *of)
{
	of->aborted = true;
}

static void read_answers(struct rpc_call *of, const Sluice__V1__WriteStreamResponse *response)
{
	for (size_t i = 0; i < response->n_answers; i++, of->count++) {
		const Sluice__V1__CommitAnswer *answer = response->answers[i];

		assert_true(of->count < ANSWERS);
		assert_int_equal(answer->sequence, of->count + 1);
		if (answer->answer_case == SLUICE__V1__COMMIT_ANSWER__ANSWER_REFUSED) {
			assert_int_not_equal(answer->refused->code, 0);
			of->refused[of->count] = (enum error_code)answer->refused->code;
		} else {
			assert_non_null(answer->done->result);
			of->revision[of->count] = answer->done->result->revision;
		}
	}
}

/* As core does it: packed before it returns, or not for lack of memory. */
void rpc_send(struct rpc_call *of, const ProtobufCMessage *message, void (*sent)(struct rpc_call *call, bool ok))
{
	size_t size = protobuf_c_message_get_packed_size(message);
	uint8_t *bytes = of->unpackable ? NULL : malloc(size);
	Sluice__V1__WriteStreamResponse *response;

	assert_false(of->in_flight || of->finished);
	of->in_flight = true;
	of->packed = bytes;
	of->sent = sent;
	if (!bytes)
		return;
	protobuf_c_message_pack(message, bytes);
	response = sluice__v1__write_stream_response__unpack(NULL, size, bytes);
	assert_true(response->n_answers > 0);
	read_answers(of, response);
	sluice__v1__write_stream_response__free_unpacked(response, NULL);
	free(bytes);
}

void rpc_finish(struct rpc_call *of, const ProtobufCMessage *response, const struct error *error)
{
	assert_null(response);
	assert_false(of->finished || of->in_flight);
	of->finished = true;
	of->code = error ? error->code : ERROR_NONE;
	if (error && error->count)
		snprintf(of->field, sizeof(of->field), "%s", error->fault[0].field);
}

/* Until nothing moves any more. */
static void settle(void)
{
	do {
		fixture_turn(&fixture);
		if (call.in_flight && !call.hold) {
			call.in_flight = false;
			call.sent(&call, call.packed && !call.aborted);
		}
		fixture_turn(&fixture);
	} while (call.in_flight && !call.hold);
}

static void handle(const Sluice__V1__WriteStreamRequest *request)
{
	struct services_context context = {.control = fixture.control};

	assert_int_equal(call.asked, 1);
	call.asked = 0;
	config_write_stream(&call, request ? &request->base : NULL, &context);
}

/* One message with a commit a line; "" is one without options. */
static Sluice__V1__WriteStreamRequest *stream_message(const char *const *lines, size_t times)
{
	Sluice__V1__WriteStreamRequest *request = message_new(&sluice__v1__write_stream_request__descriptor);
	size_t count = 0;

	while (lines[count])
		count++;
	request->commits = calloc(count * times + 1, sizeof(*request->commits));
	for (size_t i = 0; i < count * times; i++) {
		const char *line = lines[i % count];

		request->commits[request->n_commits++] =
			*line ? changes_of("test", LINES(line))
			      : message_new(&sluice__v1__apply_changes_request__descriptor);
	}
	return request;
}

static void end_stream(void)
{
	settle();
	if (!call.finished && call.asked)
		handle(NULL);
	settle();
	assert_true(call.finished);
	assert_int_equal(call.asked, 0);
}

static void begin(void)
{
	call = (struct rpc_call){.asked = 1};
}

static int set_up(void **state)
{
	(void)state;
	fixture_new(&fixture);
	begin();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_free(&fixture);
	return 0;
}

static void run(const char *const *lines, Sluice__V1__OnError on_error)
{
	Sluice__V1__WriteStreamRequest *request = stream_message(lines, 1);

	request->on_error = on_error;
	handle(request);
	end_stream();
	message_free(request);
}

static void assert_codes(size_t count, const enum error_code *codes)
{
	assert_int_equal(call.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(call.refused[i], codes[i]);
}

static void test_one_flip_in_order(void **state)
{
	static const enum error_code codes[] = {0, ERROR_INVALID_ARGUMENT, 0, ERROR_INVALID_ARGUMENT, 0};

	(void)state;
	run(LINES("upsert vrf name=a", "", "upsert vrf name=b", "upsert vrf name=", "upsert vrf name=a"), 0);
	assert_codes(5, codes);
	assert_int_equal(fake_program.commits, 1);
	assert_int_equal(call.revision[0], 1);
	assert_int_equal(call.revision[2], 2);
	assert_int_equal(call.revision[4], 2);
	assert_int_equal(call.code, ERROR_NONE);
}

/* One that only the dataplane refuses, when those behind it wait for the same flip. */
static void test_stop_at_the_flip(void **state)
{
	static const enum error_code goes_on[] = {0, ERROR_RESOURCE_EXHAUSTED, 0, 0};
	static const enum error_code stops[] = {0, ERROR_RESOURCE_EXHAUSTED, ERROR_ABORTED, ERROR_ABORTED};
	static const enum error_code wrong_too[] = {0, ERROR_RESOURCE_EXHAUSTED, ERROR_ABORTED, ERROR_INVALID_ARGUMENT};
	const char *const *lines = LINES("upsert vrf name=a", "upsert vrf name=z", "upsert vrf name=b", "");

	(void)state;
	fake_program.full = "m";
	run(LINES("upsert vrf name=a", "upsert vrf name=z", "upsert vrf name=b", "upsert vrf name=c"),
	    SLUICE__V1__ON_ERROR__ON_ERROR_CONTINUE);
	assert_codes(4, goes_on);
	begin();
	must_apply(&fixture, LINES("delete vrf name=b", "delete vrf name=c"));
	run(lines, SLUICE__V1__ON_ERROR__ON_ERROR_STOP);
	assert_codes(4, wrong_too); /* what is refused at once stops nothing that came before it */
	begin();
	run(LINES("upsert vrf name=a", "upsert vrf name=z", "upsert vrf name=b", "upsert vrf name=c"),
	    SLUICE__V1__ON_ERROR__ON_ERROR_STOP);
	assert_codes(4, stops);
	begin();
	run(LINES("upsert vrf name=", "upsert vrf name=b"), SLUICE__V1__ON_ERROR__ON_ERROR_STOP);
	assert_int_equal(call.refused[1], ERROR_ABORTED);
}

/* A client that reads nothing: no further message is asked for, and of the one at hand only a window's worth is done.
 */
static void test_window(void **state)
{
	Sluice__V1__WriteStreamRequest *request = stream_message(LINES("upsert vrf name=a", "delete vrf name=a"), 512);
	size_t messages = 0, before;

	(void)state;
	call.hold = true;
	for (; call.asked && messages < 100; messages++) {
		handle(request);
		for (int i = 0; i < 40; i++)
			settle();
	}
	assert_in_range(messages, 2, 8);
	before = call.count;
	for (int i = 0; i < 40; i++)
		settle();
	assert_int_equal(call.count, before);
	call.hold = false;
	end_stream();
	assert_int_equal(call.count, messages * 1024);
	assert_int_equal(call.revision[call.count - 1], messages * 1024);
	message_free(request);
}

/* Messages that are here already share the flip, up to a turn's commits. */
static void test_ahead(void **state)
{
	Sluice__V1__WriteStreamRequest *request = stream_message(
		LINES("upsert interface name=i vrf=a device=e0", "upsert interface name=i vrf=a device=e1"), 1);

	must_apply(&fixture, LINES("upsert vrf name=a"));
	(void)state;
	call.message = &request->base;
	call.ahead = 31;
	handle(request);
	settle();
	assert_int_equal(call.count, 64);
	assert_int_equal(fake_program.commits, 2);
	call.ahead = 99;
	handle(request);
	end_stream();
	assert_int_equal(call.count, 264);
	assert_int_equal(fake_program.commits, 6);
	message_free(request);
}

static void test_broken(void **state)
{
	Sluice__V1__WriteStreamRequest *request = stream_message(LINES("upsert vrf name=a", "delete vrf name=a"), 512);

	(void)state;
	for (int turns = 0; turns < 12; turns++) {
		begin();
		call.hold = true;
		handle(request);
		for (int i = 0; i < turns; i++)
			fixture_turn(&fixture);
		call.hold = false;
		call.aborted = true; /* the client is gone */
		end_stream();
	}
	message_free(request);
	must_apply(&fixture, LINES("upsert vrf name=after"));
}

static void test_what_ends_it(void **state)
{
	Sluice__V1__WriteStreamRequest *request = stream_message(LINES("upsert vrf name=a"), 1);

	(void)state;
	handle(request);
	settle();
	request->on_error = SLUICE__V1__ON_ERROR__ON_ERROR_STOP;
	handle(request);
	settle();
	assert_true(call.finished);
	assert_int_equal(call.code, ERROR_INVALID_ARGUMENT);
	assert_string_equal(call.field, "on_error");
	assert_int_equal(call.count, 1);
	message_free(request);
	begin();
	request = stream_message(LINES("upsert vrf name=a"), 1025);
	handle(request);
	settle();
	assert_true(call.finished);
	assert_string_equal(call.field, "commits");
	assert_int_equal(call.count, 0);
	message_free(request);
}

/* Whatever fails: the stream ends, what was answered is so, and nothing leaks. */
static void test_allocations(void **state)
{
	const char *const *lines =
		LINES("upsert vrf name=a", "upsert interface name=i vrf=a", "upsert vrf name=", "upsert vrf name=b",
		      "delete interface name=i", "delete vrf name=b");
	Sluice__V1__WriteStreamRequest *request = stream_message(lines, 1);
	unsigned int n = 0, ended = 0, refused = 0;
	bool failed = true;

	(void)state;
	while (failed) {
		uint64_t revision = history_newest(&fixture.control->history)->revision;

		begin();
		fail_in = ++n;
		handle(request);
		settle();
		failed = fail_in == 0;
		fail_in = 0;
		end_stream();
		assert_true(call.code == ERROR_NONE || call.code == ERROR_RESOURCE_EXHAUSTED);
		for (size_t i = 0; i < call.count; i++) {
			refused += call.refused[i] == ERROR_RESOURCE_EXHAUSTED;
			assert_true(call.refused[i] || call.revision[i] >= revision);
		}
		ended += call.code != ERROR_NONE;
		assert_true(call.count == 6 || call.code != ERROR_NONE || call.aborted);
		must_apply(&fixture, LINES("delete interface name=i", "delete vrf name=b", "delete vrf name=a"));
	}
	assert_true(n > 50 && ended > 5 && refused > 20);
	/* The one allocation of the answer's bytes, which other threads' may hide above. */
	begin();
	call.unpackable = true;
	handle(request);
	end_stream();
	assert_true(call.aborted);
	message_free(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_flip_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stop_at_the_flip, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_window, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ahead, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_broken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_ends_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_allocations, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
