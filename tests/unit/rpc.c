/* SPDX-License-Identifier: Apache-2.0 */
/* Calls between a real server and a real client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "grpc/health/v1/health.pb-c.h"
#include "sluice/v1/config_service.pb-c.h"
#include "tests/unit/rpc_fake.h"

#define CONFIG (&sluice__v1__config_service__descriptor)
#define HEALTH (&grpc__health__v1__health__descriptor)

static void unary(void **state)
{
	struct error error = {0};

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(rpc_fake_apply(test.client, "me", i, TIMEOUT_MS, &error), i + 1);
	assert_int_equal(error.count, 0);
}

static void errors_come_back_with_their_fields(void **state)
{
	struct error error = {0}, plain = {0}, many = {0};

	(void)state;
	assert_int_equal(rpc_fake_apply(test.client, "fail", 0, TIMEOUT_MS, &error), 0);
	assert_int_equal(error.code, ERROR_FAILED_PRECONDITION);
	assert_int_equal(error.count, 2);
	assert_string_equal(error.fault[0].field, "changes[0].resource.vrf");
	assert_string_equal(error.fault[0].message, "is in use");
	assert_string_equal(error.fault[1].field, "changes[1].id");

	assert_int_equal(rpc_fake_apply(test.client, "plain", 0, TIMEOUT_MS, &plain), 0);
	assert_int_equal(plain.code, ERROR_ABORTED);
	assert_int_equal(plain.count, 1);
	assert_string_equal(plain.fault[0].message, "the revision is 7");

	/* more than a header may hold: cut to what fits */
	assert_int_equal(rpc_fake_apply(test.client, "many", 0, TIMEOUT_MS, &many), 0);
	assert_int_equal(many.code, ERROR_INVALID_ARGUMENT);
	assert_in_range(many.count, 10, 16);
}

static void bad_text_is_refused_before_the_handler(void **state)
{
	struct error error = {0};

	(void)state;
	assert_int_equal(rpc_fake_apply(test.client, "\xff", 0, TIMEOUT_MS, &error), 0);
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
	assert_int_equal(rpc_fake_apply(test.client, owner, 0, TIMEOUT_MS, &error), 0);
	assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
	free(owner);
}

/* A row of the table may allow less than the server does. */
static void requests_beyond_their_methods_maximum(void **state)
{
	Sluice__V1__CommitTransactionRequest request = SLUICE__V1__COMMIT_TRANSACTION_REQUEST__INIT;
	char id[200];

	(void)state;
	request.transaction_id = id;
	memset(id, 'x', sizeof(id));
	for (size_t size = 50; size <= 150; size += 100) {
		struct error error = {0};

		id[size] = '\0';
		assert_null(
			rpc_client_call(test.client, CONFIG, "CommitTransaction", &request.base, TIMEOUT_MS, &error));
		assert_int_equal(error.code, size < 100 ? ERROR_UNIMPLEMENTED : ERROR_RESOURCE_EXHAUSTED);
		id[size] = 'x';
	}
}

static void a_table_that_lacks_a_method_is_refused(void **state)
{
	static const struct rpc_method lacking[] = {
		{HEALTH, "Check", RPC_UNARY, .where = RPC_ON_RPC_THREAD},
		{.service = NULL},
	};
	static const struct rpc_method wanting_a_loop[] = {
		{HEALTH, "Check", RPC_UNARY, .where = RPC_ON_CONTROL_THREAD},
		{HEALTH, "Watch", RPC_SERVER_STREAM, .where = RPC_ON_RPC_THREAD},
		{.service = NULL},
	};
	static const char *const listen[] = {NULL};
	const struct rpc_options options = {.listen = listen};
	struct error error = {0};

	(void)state;
	assert_null(rpc_server_new(&options, &(struct rpc_dispatch){.methods = lacking}, &error));
	assert_string_equal(error.fault[0].message, "grpc.health.v1.Health has no handler for Watch");
	assert_null(rpc_server_new(&options, &(struct rpc_dispatch){.methods = wanting_a_loop}, &error));
	assert_string_equal(error.fault[1].message, "grpc.health.v1.Health.Check needs a control loop");
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
	rpc_fake_wait(&test.ended, 4);
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
	assert_int_equal(rpc_fake_apply(test.client, "hold", 0, 200, &error), 0);
	assert_int_equal(error.code, ERROR_DEADLINE_EXCEEDED);
	rpc_fake_wait(&test.cancelled, 1);
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
	assert_int_equal(rpc_fake_apply(test.client, "hold", 0, TIMEOUT_MS, &error), 77);
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
		wrong += rpc_fake_apply(client, i % 5 ? "me" : "fail", i, TIMEOUT_MS, &error) != (i % 5 ? i + 1 : 0);
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

	rpc_fake_apply(client, "hold", 0, TIMEOUT_MS, data);
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
	rpc_fake_wait(&test.cancelled, 1);
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_not_equal(unary_error.code, ERROR_NONE);
	assert_int_not_equal(stream_error.code, ERROR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(unary, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(errors_come_back_with_their_fields, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(bad_text_is_refused_before_the_handler, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(messages_beyond_the_maximum, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(requests_beyond_their_methods_maximum, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test(a_table_that_lacks_a_method_is_refused),
		cmocka_unit_test_setup_teardown(client_stream, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(unknown_methods, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(a_deadline_cancels_the_handler, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(another_thread_may_finish, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(health_is_checked, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(many_clients_at_once, rpc_fake_start, rpc_fake_stop),
		cmocka_unit_test_setup_teardown(stop_with_calls_in_flight, rpc_fake_start, rpc_fake_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
