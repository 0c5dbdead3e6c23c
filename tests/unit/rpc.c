/* SPDX-License-Identifier: Apache-2.0 */
/* A real server and a real client on a unix socket; the handlers of ConfigService are ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "grpc/health/v1/health.pb-c.h"
#include "sluice/v1/config_service.pb-c.h"
#include "vnf/rpc/client.h"
#include "vnf/rpc/server.h"

#define CONFIG	   (&sluice__v1__config_service__descriptor)
#define HEALTH	   (&grpc__health__v1__health__descriptor)
#define TIMEOUT_MS 20000

static struct {
	char directory[32], target[64];
	struct rpc_server *server;
	struct rpc_client *client;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct rpc_call *held; /* a call that the handler has not finished */
	unsigned int cancelled, ended;
} test = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void wait_for(unsigned int *counter, unsigned int value)
{
	struct timespec deadline;

	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += 20;
	pthread_mutex_lock(&test.lock);
	while (*counter < value)
		assert_int_equal(pthread_cond_timedwait(&test.changed, &test.lock, &deadline), 0);
	pthread_mutex_unlock(&test.lock);
}

static void count_up(unsigned int *counter)
{
	pthread_mutex_lock(&test.lock);
	++*counter;
	pthread_cond_broadcast(&test.changed);
	pthread_mutex_unlock(&test.lock);
}

/* The owner says what becomes of the call. */
static void apply(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	const Sluice__V1__ApplyChangesRequest *request = (const void *)message;
	Sluice__V1__ApplyChangesResponse response = SLUICE__V1__APPLY_CHANGES_RESPONSE__INIT;
	Sluice__V1__WriteResult result = SLUICE__V1__WRITE_RESULT__INIT;
	const char *owner = request->options ? request->options->owner : "";
	struct error error = {0};

	(void)context;
	result.revision = request->options ? request->options->expected_revision + 1 : 1;
	response.result = &result;
	if (!strcmp(owner, "fail")) {
		error_add(&error, ERROR_FAILED_PRECONDITION, "changes[0].resource.vrf", "is in use");
		error_add(&error, ERROR_INVALID_ARGUMENT, "changes[1].id", "is bad");
	} else if (!strcmp(owner, "many")) {
		for (int i = 0; i < 40; i++)
			error_add(&error, ERROR_INVALID_ARGUMENT, "changes[0].resource.route.prefix", "%0300d", i);
	} else if (!strcmp(owner, "plain")) {
		error_add(&error, ERROR_ABORTED, NULL, "the revision is 7");
	} else if (!strcmp(owner, "hold")) {
		pthread_mutex_lock(&test.lock);
		test.held = call;
		pthread_cond_broadcast(&test.changed);
		pthread_mutex_unlock(&test.lock);
		return;
	}
	rpc_finish(call, &response.base, &error);
}

static void apply_cancelled(struct rpc_call *call, void *context)
{
	bool ours;

	(void)context;
	pthread_mutex_lock(&test.lock);
	ours = test.held == call;
	if (ours)
		test.held = NULL;
	pthread_mutex_unlock(&test.lock);
	if (ours)
		rpc_finish(call, NULL, NULL);
	count_up(&test.cancelled);
}

static void stage(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	const Sluice__V1__StageChangesRequest *request = (const void *)message;
	Sluice__V1__StageChangesResponse response = SLUICE__V1__STAGE_CHANGES_RESPONSE__INIT;
	struct error error = {0};

	(void)context;
	if (request && strcmp(request->transaction_id, "refuse")) {
		rpc_set_data(call, (char *)rpc_data(call) + 1);
		rpc_next(call);
		return;
	}
	if (request)
		error_add(&error, ERROR_NOT_FOUND, "transaction_id", "there is no such transaction");
	response.staged = (uintptr_t)rpc_data(call);
	rpc_finish(call, &response.base, &error);
	count_up(&test.ended);
}

static void nothing(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	struct error error = {0};

	(void)message;
	(void)context;
	error_add(&error, ERROR_UNIMPLEMENTED, NULL, "not in this test");
	rpc_finish(call, NULL, &error);
}

static const struct rpc_method methods[] = {
	{"ApplyChanges", RPC_UNARY, apply, apply_cancelled},
	{"BeginTransaction", RPC_UNARY, nothing, NULL},
	{"StageChanges", RPC_CLIENT_STREAM, stage, NULL},
	{"ValidateTransaction", RPC_UNARY, nothing, NULL},
	{"CommitTransaction", RPC_UNARY, nothing, NULL},
	{"AbortTransaction", RPC_UNARY, nothing, NULL},
	{0},
};

static int start(void **state)
{
	const struct rpc_service service = {CONFIG, methods, NULL};
	const char *listen[] = {test.target, NULL};
	const struct rpc_options options = {listen, false, 65536};
	struct error error = {0};

	(void)state;
	strcpy(test.directory, "/tmp/rpc-test-XXXXXX");
	if (!mkdtemp(test.directory))
		return -1;
	snprintf(test.target, sizeof(test.target), "unix:%s/socket", test.directory);
	test.server = rpc_server_new(&options, &service, 1, &error);
	if (!test.server || rpc_server_start(test.server))
		return -1;
	test.client = rpc_client_new(test.target);
	test.held = NULL;
	test.cancelled = test.ended = 0;
	return test.client ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	rpc_client_free(test.client);
	rpc_server_stop(test.server, 1000);
	rpc_server_free(test.server);
	return rmdir(test.directory); /* the socket is gone with the server */
}

/* The revision answered, or 0 and *error. */
static uint64_t apply_as(struct rpc_client *client, const char *owner, uint64_t expected, unsigned int timeout_ms,
			 struct error *error)
{
	Sluice__V1__ApplyChangesRequest request = SLUICE__V1__APPLY_CHANGES_REQUEST__INIT;
	Sluice__V1__WriteOptions write = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__ApplyChangesResponse *response;
	uint64_t revision;

	write.owner = (char *)owner;
	write.expected_revision = expected;
	request.options = &write;
	response = (void *)rpc_client_call(client, CONFIG, "ApplyChanges", &request.base, timeout_ms, error);
	if (!response)
		return 0;
	revision = response->result->revision;
	protobuf_c_message_free_unpacked(&response->base, NULL);
	return revision;
}

static void unary(void **state)
{
	struct error error = {0};

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(apply_as(test.client, "me", i, TIMEOUT_MS, &error), i + 1);
	assert_int_equal(error.count, 0);
}

static void errors_come_back_with_their_fields(void **state)
{
	struct error error = {0}, plain = {0}, many = {0};

	(void)state;
	assert_int_equal(apply_as(test.client, "fail", 0, TIMEOUT_MS, &error), 0);
	assert_int_equal(error.code, ERROR_FAILED_PRECONDITION);
	assert_int_equal(error.count, 2);
	assert_string_equal(error.fault[0].field, "changes[0].resource.vrf");
	assert_string_equal(error.fault[0].message, "is in use");
	assert_string_equal(error.fault[1].field, "changes[1].id");

	assert_int_equal(apply_as(test.client, "plain", 0, TIMEOUT_MS, &plain), 0);
	assert_int_equal(plain.code, ERROR_ABORTED);
	assert_int_equal(plain.count, 1);
	assert_string_equal(plain.fault[0].message, "the revision is 7");

	/* more than a header may hold: cut to what fits */
	assert_int_equal(apply_as(test.client, "many", 0, TIMEOUT_MS, &many), 0);
	assert_int_equal(many.code, ERROR_INVALID_ARGUMENT);
	assert_in_range(many.count, 10, 16);
}

static void bad_text_is_refused_before_the_handler(void **state)
{
	struct error error = {0};

	(void)state;
	assert_int_equal(apply_as(test.client, "\xff", 0, TIMEOUT_MS, &error), 0);
	assert_int_equal(error.code, ERROR_INVALID_ARGUMENT);
	assert_string_equal(error.fault[0].field, "options.owner");
}

static void messages_beyond_the_maximum(void **state)
{
	struct error error = {0};
	char *owner = malloc(100000);

	(void)state;
	memset(owner, 'x', 99999);
	owner[99999] = '\0';
	assert_int_equal(apply_as(test.client, owner, 0, TIMEOUT_MS, &error), 0);
	assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
	free(owner);
}

static uint64_t stage_all(const char *const *ids, struct error *error)
{
	struct rpc_stream *stream = rpc_stream_open(test.client, CONFIG, "StageChanges", TIMEOUT_MS, error);
	Sluice__V1__StageChangesRequest request = SLUICE__V1__STAGE_CHANGES_REQUEST__INIT;
	Sluice__V1__StageChangesResponse *response;
	uint64_t staged;

	assert_non_null(stream);
	for (; *ids; ids++) {
		request.transaction_id = (char *)*ids;
		if (rpc_stream_send(stream, &request.base))
			break;
	}
	response = (void *)rpc_stream_finish(stream, error);
	if (!response)
		return UINT64_MAX;
	staged = response->staged;
	protobuf_c_message_free_unpacked(&response->base, NULL);
	return staged;
}

static void client_stream(void **state)
{
	static const char *const none[] = {NULL}, *const five[] = {"a", "b", "c", "d", "e", NULL};
	static const char *const refused[] = {"a", "refuse", "c", NULL}, *const bad[] = {"a", "\xff", NULL};
	struct error error = {0}, second = {0};

	(void)state;
	assert_int_equal(stage_all(none, &error), 0);
	assert_int_equal(stage_all(five, &error), 5);
	assert_int_equal(error.count, 0);
	assert_int_equal(stage_all(refused, &error), UINT64_MAX);
	assert_int_equal(error.code, ERROR_NOT_FOUND);
	assert_string_equal(error.fault[0].field, "transaction_id");
	/* The handler is told of the end, the client of the reason. */
	assert_int_equal(stage_all(bad, &second), UINT64_MAX);
	assert_int_equal(second.code, ERROR_INVALID_ARGUMENT);
	assert_string_equal(second.fault[0].field, "transaction_id");
	wait_for(&test.ended, 4);
}

static void unknown_methods(void **state)
{
	static const ProtobufCMethodDescriptor method = {"Nope", &sluice__v1__begin_transaction_request__descriptor,
							 &sluice__v1__begin_transaction_response__descriptor};
	ProtobufCServiceDescriptor service = *CONFIG;
	Sluice__V1__BeginTransactionRequest request = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	static const unsigned int order[] = {0};
	static const char *const names[] = {"sluice.v1.ConfigService", "sluice.v1.Nope", "", "sluice.v1.Config"};

	(void)state;
	service.n_methods = 1;
	service.methods = &method;
	service.method_indices_by_name = order;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct error error = {0};

		service.name = names[i];
		assert_null(rpc_client_call(test.client, &service, "Nope", &request.base, TIMEOUT_MS, &error));
		assert_int_equal(error.code, ERROR_UNIMPLEMENTED);
	}
}

static void a_deadline_cancels_the_handler(void **state)
{
	struct error error = {0};

	(void)state;
	assert_int_equal(apply_as(test.client, "hold", 0, 200, &error), 0);
	assert_int_equal(error.code, ERROR_DEADLINE_EXCEEDED);
	wait_for(&test.cancelled, 1);
}

static void *finish_held(void *data)
{
	Sluice__V1__ApplyChangesResponse response = SLUICE__V1__APPLY_CHANGES_RESPONSE__INIT;
	Sluice__V1__WriteResult result = SLUICE__V1__WRITE_RESULT__INIT;
	struct rpc_call *call;

	(void)data;
	pthread_mutex_lock(&test.lock);
	while (!test.held)
		pthread_cond_wait(&test.changed, &test.lock);
	call = test.held;
	test.held = NULL;
	pthread_mutex_unlock(&test.lock);
	result.revision = 77;
	response.result = &result;
	rpc_finish(call, &response.base, NULL);
	return NULL;
}

static void another_thread_may_finish(void **state)
{
	struct error error = {0};
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, finish_held, NULL), 0);
	assert_int_equal(apply_as(test.client, "hold", 0, TIMEOUT_MS, &error), 77);
	pthread_join(thread, NULL);
}

static void health_is_checked(void **state)
{
	Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
	static const char *const names[] = {"", "sluice.v1.ConfigService", "nobody"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		Grpc__Health__V1__HealthCheckResponse *response;
		struct error error = {0};

		request.service = (char *)names[i];
		response = (void *)rpc_client_call(test.client, HEALTH, "Check", &request.base, TIMEOUT_MS, &error);
		if (i < 2) {
			assert_non_null(response);
			assert_int_equal(response->status, 1);
			protobuf_c_message_free_unpacked(&response->base, NULL);
		} else {
			assert_null(response);
			assert_int_equal(error.code, ERROR_NOT_FOUND);
		}
	}
}

static void *call_often(void *data)
{
	struct rpc_client *client = rpc_client_new(test.target);
	struct error error = {0};
	uintptr_t wrong = 0;

	(void)data;
	for (uint64_t i = 0; i < 200; i++)
		wrong += apply_as(client, i % 5 ? "me" : "fail", i, TIMEOUT_MS, &error) != (i % 5 ? i + 1 : 0);
	rpc_client_free(client);
	return (void *)wrong;
}

static void many_clients_at_once(void **state)
{
	pthread_t threads[4];
	void *wrong;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_often, NULL), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
}

static void *hold_a_call(void *data)
{
	struct rpc_client *client = rpc_client_new(test.target);

	apply_as(client, "hold", 0, TIMEOUT_MS, data);
	rpc_client_free(client);
	return NULL;
}

static void *hold_a_stream(void *data)
{
	struct rpc_client *client = rpc_client_new(test.target);
	struct rpc_stream *stream = rpc_stream_open(client, CONFIG, "StageChanges", 2000, data);
	Sluice__V1__StageChangesRequest request = SLUICE__V1__STAGE_CHANGES_REQUEST__INIT;
	ProtobufCMessage *response;

	while (!rpc_stream_send(stream, &request.base))
		continue;
	response = rpc_stream_finish(stream, data);
	if (response)
		protobuf_c_message_free_unpacked(response, NULL);
	rpc_client_free(client);
	return NULL;
}

/* Calls that run are given their time, then cancelled; the client hears of it. */
static void stop_with_calls_in_flight(void **state)
{
	struct error unary_error = {0}, stream_error = {0};
	pthread_t threads[2];

	(void)state;
	assert_int_equal(pthread_create(&threads[0], NULL, hold_a_call, &unary_error), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, hold_a_stream, &stream_error), 0);
	pthread_mutex_lock(&test.lock);
	while (!test.held)
		pthread_cond_wait(&test.changed, &test.lock);
	pthread_mutex_unlock(&test.lock);
	rpc_server_stop(test.server, 50);
	wait_for(&test.cancelled, 1);
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_not_equal(unary_error.code, ERROR_NONE);
	assert_int_not_equal(stream_error.code, ERROR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(unary, start, stop),
		cmocka_unit_test_setup_teardown(errors_come_back_with_their_fields, start, stop),
		cmocka_unit_test_setup_teardown(bad_text_is_refused_before_the_handler, start, stop),
		cmocka_unit_test_setup_teardown(messages_beyond_the_maximum, start, stop),
		cmocka_unit_test_setup_teardown(client_stream, start, stop),
		cmocka_unit_test_setup_teardown(unknown_methods, start, stop),
		cmocka_unit_test_setup_teardown(a_deadline_cancels_the_handler, start, stop),
		cmocka_unit_test_setup_teardown(another_thread_may_finish, start, stop),
		cmocka_unit_test_setup_teardown(health_is_checked, start, stop),
		cmocka_unit_test_setup_teardown(many_clients_at_once, start, stop),
		cmocka_unit_test_setup_teardown(stop_with_calls_in_flight, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
