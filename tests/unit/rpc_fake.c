/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/rpc_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "grpc/health/v1/health.pb-c.h"
#include "sluice/v1/config_service.pb-c.h"
#include "vnf/rpc/services/health.h"

#define CONFIG (&sluice__v1__config_service__descriptor)
#define HEALTH (&grpc__health__v1__health__descriptor)

struct rpc_fixture test = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
void rpc_fake_wait(unsigned int *counter, unsigned int value)
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
	{CONFIG, "ApplyChanges", RPC_UNARY, .handle = apply, .cancelled = apply_cancelled},
	{CONFIG, "BeginTransaction", RPC_UNARY, .handle = nothing},
	{CONFIG, "StageChanges", RPC_CLIENT_STREAM, .handle = stage},
	{CONFIG, "ValidateTransaction", RPC_UNARY, .handle = nothing},
	{CONFIG, "CommitTransaction", RPC_UNARY, .max_request = 100, .handle = nothing},
	{CONFIG, "AbortTransaction", RPC_UNARY, .handle = nothing},
	{CONFIG, "ReplaceOwned", RPC_CLIENT_STREAM, .handle = nothing},
	{CONFIG, "WriteStream", RPC_BIDI, .handle = nothing},
	{CONFIG, "ConfirmCommit", RPC_UNARY, .handle = nothing},
	{CONFIG, "Rollback", RPC_UNARY, .handle = nothing},
	{HEALTH, "Check", RPC_UNARY, .answer = health_check},
	{HEALTH, "Watch", RPC_SERVER_STREAM, .handle = health_watch, .cancelled = health_watch_cancelled},
	{.service = NULL},
};

int rpc_fake_start(void **state)
{
	const char *listen[] = {test.target, NULL};
	const struct rpc_options options = {.listen = listen, .max_message = 65536};
	struct rpc_dispatch dispatch;
	struct error error = {0};

	(void)state;
	strcpy(test.directory, "/tmp/rpc-test-XXXXXX");
	if (!mkdtemp(test.directory))
		return -1;
	snprintf(test.target, sizeof(test.target), "unix:%s/socket", test.directory);
	test.held = NULL;
	test.cancelled = test.ended = 0;
	if (services_init(&test.context, methods))
		return -1;
	dispatch = services_dispatch(&test.context, NULL);
	test.server = rpc_server_new(&options, &dispatch, &error);
	if (!test.server || rpc_server_start(test.server))
		return -1;
	test.client = rpc_client_new(test.target);
	return test.client ? 0 : -1;
}

int rpc_fake_stop(void **state)
{
	(void)state;
	rpc_client_free(test.client);
	rpc_server_stop(test.server, 1000);
	rpc_server_free(test.server);
	services_clear(&test.context);
	return rmdir(test.directory); /* the socket is gone with the server */
}

uint64_t rpc_fake_apply(struct rpc_client *client, const char *owner, uint64_t expected, unsigned int timeout_ms,
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
