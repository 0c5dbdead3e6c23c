/* SPDX-License-Identifier: Apache-2.0 */
/* Where a server listens, and where it refuses to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "grpc/health/v1/health.pb-c.h"
#include "vnf/client/client.h"
#include "vnf/rpc/listen_address.h"
#include "vnf/rpc/server.h"

static char directory[32];

static void check(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	(void)context;
	(void)request;
	(void)error;
	((Grpc__Health__V1__HealthCheckResponse *)response)->status =
		GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
}

static void watch(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	(void)message;
	(void)context;
	rpc_finish(call, NULL, NULL);
}

static const struct rpc_method methods[] = {
	{&grpc__health__v1__health__descriptor, "Check", RPC_UNARY, .answer = check},
	{&grpc__health__v1__health__descriptor, "Watch", RPC_SERVER_STREAM, .handle = watch},
	{.service = NULL},
};

static struct rpc_server *server_on(const char *address, bool insecure, struct error *error)
{
	const char *listen[] = {address, NULL};
	const struct rpc_options options = {.listen = listen, .insecure = insecure};
	const struct rpc_dispatch dispatch = {.methods = methods};

	return rpc_server_new(&options, &dispatch, error);
}

static bool answers(const char *target, struct error *error)
{
	Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
	struct rpc_client *client = rpc_client_new(target);
	ProtobufCMessage *response =
		rpc_client_call(client, &grpc__health__v1__health__descriptor, "Check", &request.base, 10000, error);

	if (response)
		protobuf_c_message_free_unpacked(response, NULL);
	rpc_client_free(client);
	return response;
}

static void refusals_name_address_and_remedy(void **state)
{
	static const struct {
		const char *address, *says;
		enum error_code code;
	} cases[] = {
		{"192.0.2.1:50051", "--insecure", ERROR_PERMISSION_DENIED},
		{"0.0.0.0:50051", "--insecure", ERROR_PERMISSION_DENIED},
		{"[::]:50051", "--insecure", ERROR_PERMISSION_DENIED},
		{"[2001:db8::1]:1", "--insecure", ERROR_PERMISSION_DENIED},
		{"nonsense", "give unix:/path", ERROR_INVALID_ARGUMENT},
		{"127.0.0.1", "give unix:/path", ERROR_INVALID_ARGUMENT},
		{"127.0.0.1:", "give unix:/path", ERROR_INVALID_ARGUMENT},
		{"127.0.0.1:70000", "give unix:/path", ERROR_INVALID_ARGUMENT},
		{"127.0.0.1:1x", "give unix:/path", ERROR_INVALID_ARGUMENT},
		{"[::1:50051", "give unix:/path", ERROR_INVALID_ARGUMENT},
		{":50051", "give unix:/path", ERROR_INVALID_ARGUMENT},
		{"", "give unix:/path", ERROR_INVALID_ARGUMENT},
		{"unix:relative", "absolute path", ERROR_INVALID_ARGUMENT},
		{"unix:", "absolute path", ERROR_INVALID_ARGUMENT},
		{"unix:/nonexistent/directory/socket", "No such file", ERROR_UNAVAILABLE},
		{"unix:/etc/passwd", "not a socket", ERROR_UNAVAILABLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = {0};

		assert_null(server_on(cases[i].address, false, &error));
		assert_int_equal(error.code, cases[i].code);
		assert_non_null(strstr(error.fault[0].message, cases[i].address));
		assert_non_null(strstr(error.fault[0].message, cases[i].says));
	}
}

/* What `sluiced -n` asks: the same rules, and nothing is opened. */
static void addresses_are_checked_without_listening(void **state)
{
	static const struct {
		const char *address;
		bool insecure;
		enum error_code code;
	} cases[] = {
		{"unix:/nonexistent/directory/socket", false, ERROR_NONE},
		{"127.0.0.1:50051", false, ERROR_NONE},
		{"127.1.2.3:50051", false, ERROR_NONE},
		{"[::1]:50051", false, ERROR_NONE},
		{"0.0.0.0:50051", true, ERROR_NONE},
		{"0.0.0.0:50051", false, ERROR_PERMISSION_DENIED},
		{"[::]:50051", false, ERROR_PERMISSION_DENIED},
		{"unix:relative", true, ERROR_INVALID_ARGUMENT},
		{"nonsense", true, ERROR_INVALID_ARGUMENT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = {0};

		assert_int_equal(listen_address_check(cases[i].address, cases[i].insecure, &error),
				 cases[i].code == ERROR_NONE ? 0 : -1);
		assert_int_equal(error.code, cases[i].code);
	}
}

static void a_tcp_port_is_owned_by_one(void **state)
{
	struct error error = {0};
	struct rpc_server *server = server_on("127.0.0.1:0", false, &error);
	char address[32];

	(void)state;
	assert_non_null(server);
	assert_int_equal(rpc_server_start(server), 0);
	snprintf(address, sizeof(address), "127.0.0.1:%d", rpc_server_port(server, 0));
	assert_true(answers(address, &error));
	assert_null(server_on(address, false, &error));
	assert_int_equal(error.code, ERROR_UNAVAILABLE);
	assert_non_null(strstr(error.fault[0].message, "in use"));
	rpc_server_stop(server, 100);
	rpc_server_free(server);
}

static void a_unix_socket_is_owned_by_one(void **state)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct error error = {0}, taken = {0}, nobody = {0};
	struct rpc_server *server;
	char target[64];
	struct stat stat_;
	int fd;

	(void)state;
	snprintf(target, sizeof(target), "unix:%s/run/socket", directory);
	assert_false(answers(target, &nobody));
	assert_int_equal(nobody.code, ERROR_UNAVAILABLE);
	assert_non_null(strstr(nobody.fault[0].message, "is it running?"));

	/* the directory is made; a socket whose owner died is replaced */
	server = server_on(target, false, &error);
	assert_non_null(server);
	rpc_server_free(server);
	strcpy(local.sun_path, target + 5);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&local, sizeof(local)), 0);
	close(fd);
	server = server_on(target, false, &error);
	assert_non_null(server);
	assert_int_equal(rpc_server_start(server), 0);
	assert_int_equal(stat(target + 5, &stat_), 0);
	assert_int_equal(stat_.st_mode & 0777, 0660);
	assert_true(answers(target, &error));

	/* one that is alive is not */
	assert_null(server_on(target, false, &taken));
	assert_non_null(strstr(taken.fault[0].message, "another process answers"));
	assert_true(answers(target, &error));
	rpc_server_stop(server, 100);
	rpc_server_free(server);
	unlink(target + 5);
	*strrchr(target, '/') = '\0';
	assert_int_equal(rmdir(target + 5), 0);
}

static int make_directory(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/rpc-test-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_name_address_and_remedy),
		cmocka_unit_test(addresses_are_checked_without_listening),
		cmocka_unit_test(a_tcp_port_is_owned_by_one),
		cmocka_unit_test(a_unix_socket_is_owned_by_one),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
