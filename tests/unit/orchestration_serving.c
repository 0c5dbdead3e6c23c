/* SPDX-License-Identifier: Apache-2.0 */
/* Domains of libvirt's test driver whose routers serve: gRPC on the domains' addresses is answered from here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "orchestration/libvirt/connection.h"
#include "orchestration/lifecycle.h"
#include "orchestration/watched_replica.h"
#include "orchestration/readiness.h"
#include "orchestration_pair.h"
#include "orchestration_text.h"
#include "grpc/health/v1/health.pb-c.h"
#include "sluice/v1/system_service.pb-c.h"
#include "vnf/rpc/server.h"
#include "vnf/rpc/services/health.h"
#include "vnf/rpc/services/services.h"

#define HEALTH (&grpc__health__v1__health__descriptor)
#define SYSTEM (&sluice__v1__system_service__descriptor)

static const char text[] = "name: edge\n"
			   "driver: libvirt\n"
			   "image: image.qcow2\n"
			   "accelerator: tcg\n"
			   "storage: .\n"
			   "insecure: true\n"
			   "management: {bridge: br-mgmt, addresses: [127.0.0.2/8, 127.0.0.3/8, 127.0.0.4/8]}\n"
			   "dataplane: [{name: west, bridge: br-west}]\n";

static struct driver_ops ops;
static struct error error;
static struct spec spec;
static struct services_context services;
static struct lifecycle lifecycle = {.spec = &spec, .ops = &ops};

static int begin(void **state)
{
	const char *const image[] = {"qemu-img", "create", "-q", "-f", "qcow2", "image.qcow2", "1M", NULL};

	enter_folder(state);
	ops = libvirt_driver;
	ops.ready_seconds = 1;
	return command_run(image, NULL, NULL, NULL, &error) || make_pair("one", "IP:127.0.0.2", &error) ||
	       make_pair("two", "IP:127.0.0.2", &error) || read_spec(&spec, text, &error);
}

static int end(void **state)
{
	spec_free(&spec);
	unlink("one.crt");
	unlink("one.key");
	unlink("two.crt");
	unlink("two.key");
	return leave_folder(state);
}

static void answer(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *failure)
{
	(void)context;
	(void)request;
	(void)response;
	(void)failure;
}

/* gRPC's health service, SERVING, and empty answers of the router. */
static struct rpc_server *serve(const char *const *listen, const struct rpc_tls *tls)
{
	static const struct rpc_method methods[] = {
		{SYSTEM, "GetSystem", RPC_UNARY, .answer = answer},
		{SYSTEM, "ListLimits", RPC_UNARY, .answer = answer},
		{SYSTEM, "ListPorts", RPC_UNARY, .answer = answer},
		{SYSTEM, "Preflight", RPC_UNARY, .answer = answer},
		{SYSTEM, "WhoAmI", RPC_UNARY, .answer = answer},
		{HEALTH, "Check", RPC_UNARY, .answer = health_check},
		{HEALTH, "Watch", RPC_SERVER_STREAM, .handle = health_watch, .cancelled = health_watch_cancelled},
		{.service = NULL},
	};
	const struct rpc_options options = {.listen = listen, .tls = tls};
	struct rpc_dispatch dispatch;
	struct rpc_server *server;

	assert_int_equal(services_init(&services, methods), 0);
	dispatch = services_dispatch(&services, NULL);
	server = rpc_server_new(&options, &dispatch, &error);
	if (!server)
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
	assert_int_equal(rpc_server_start(server), 0);
	return server;
}

static void end_server(struct rpc_server *server)
{
	rpc_server_stop(server, 0);
	rpc_server_free(server);
	services_clear(&services);
}

static void assert_domains(const char *const *names)
{
	struct instance_list list = {0};
	char name[INSTANCE_NAME];
	size_t count = 0;

	while (names[count])
		count++;
	assert_int_equal(ops.find(lifecycle.driver, "edge", &list, &error), 0);
	assert_int_equal(list.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(instance_name(&list.instance[i], name), names[i]);
		assert_true(list.instance[i].running);
	}
	instance_list_free(&list);
}

static int id_of(const char *name)
{
	virDomainPtr domain = virDomainLookupByName(lifecycle.driver->connection, name);
	int id = (int)virDomainGetID(domain);

	virDomainFree(domain);
	return id;
}

static void scaling_touches_no_other_replica(void **state)
{
	const char *const all[] = {"127.0.0.2:50051", "127.0.0.3:50051", "127.0.0.4:50051", NULL};
	struct rpc_server *server = serve(all, NULL);
	int first;

	(void)state;
	lifecycle.driver = ops.open("test:///default", NULL, &error);
	assert_int_equal(lifecycle_up(&lifecycle, 1, &error), 0);
	assert_domains((const char *const[]){"edge-0a", NULL});
	first = id_of("edge-0a");
	assert_int_equal(lifecycle_up(&lifecycle, 3, &error), 0);
	assert_domains((const char *const[]){"edge-0a", "edge-1a", "edge-2a", NULL});
	assert_int_equal(access("edge-2a.qcow2", F_OK), 0);
	assert_int_equal(lifecycle_up(&lifecycle, 1, &error), 0);
	assert_domains((const char *const[]){"edge-0a", NULL});
	assert_int_equal(id_of("edge-0a"), first);
	assert_int_not_equal(access("edge-1a.qcow2", F_OK), 0);
	assert_int_not_equal(access("edge-2a-seed.iso", F_OK), 0);
	/* What does not run is made anew. */
	assert_int_equal(
		ops.kill(lifecycle.driver, &(struct instance){.vnf = "edge", .slot = 'a', .role = ROLE_ACTIVE}, &error),
		0);
	assert_int_equal(lifecycle_up(&lifecycle, 1, &error), 0);
	assert_domains((const char *const[]){"edge-0a", NULL});
	assert_int_not_equal(id_of("edge-0a"), first);
	assert_int_equal(lifecycle_up(&lifecycle, 0, &error), 0);
	assert_domains((const char *const[]){NULL});
	ops.close(lifecycle.driver);
	end_server(server);
}

static void what_does_not_serve_is_taken_back(void **state)
{
	struct rpc_server *server = serve((const char *const[]){"127.0.0.2:50051", NULL}, NULL);

	(void)state;
	lifecycle.driver = ops.open("test:///default", NULL, &error);
	assert_int_equal(lifecycle_up(&lifecycle, 1, &error), 0);
	assert_int_equal(lifecycle_up(&lifecycle, 2, &error), -1);
	assert_string_equal(error.fault[0].field, "edge-1a");
	assert_non_null(strstr(error.fault[0].message, "no answer on 127.0.0.3:50051 within 1 s"));
	memset(&error, 0, sizeof(error));
	assert_domains((const char *const[]){"edge-0a", NULL});
	assert_int_not_equal(access("edge-1a.qcow2", F_OK), 0);
	assert_int_equal(lifecycle_up(&lifecycle, 0, &error), 0);
	ops.close(lifecycle.driver);
	end_server(server);
}

/* Somebody is there, though it is none that we trust, or that trusts us: not a hung router. */
static void wrong_certificates_are_no_silence(void **state)
{
	static const struct {
		struct instance_tls tls;
		enum health health;
		const char *says; /* in the terms of the spec */
	} cases[] = {
		{{"one.crt", "two.crt", "two.key"}, HEALTH_SERVING, NULL},
		{{"two.crt", "two.crt", "two.key"}, HEALTH_REFUSED, "not by the CA that was given (tls.ca)"},
		{{"one.crt", "one.crt", "one.key"},
		 HEALTH_REFUSED,
		 "not trust the client's certificate (tls.certificate)"},
		{{"one.crt", "two.crt", "one.key"}, HEALTH_REFUSED, "is not the key of two.crt"},
		{{"gone.crt", "two.crt", "two.key"}, HEALTH_REFUSED, "it must be there and readable"},
		{{"", "", ""}, HEALTH_REFUSED, "it may want TLS (tls.ca)"},
	};
	const struct rpc_tls tls = {.certificate = "one.crt", .key = "one.key", .client_ca = "two.crt"};
	struct rpc_server *server = serve((const char *const[]){"127.0.0.2:50051", NULL}, &tls);
	struct instance instance = {.vnf = "edge", .server = "127.0.0.2:50051"};
	struct readiness_system system;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		instance.tls = cases[i].tls;
		if (readiness_health(&instance) != cases[i].health)
			fail_msg("case %zu: %s", i, readiness_health_name(readiness_health(&instance)));
		if (!cases[i].says)
			continue;
		assert_int_equal(readiness_system(&instance, &system, &error), -1);
		assert_non_null(strstr(error.fault[0].message, cases[i].says));
		memset(&error, 0, sizeof(error));
	}
	end_server(server);
	instance.tls = cases[0].tls;
	assert_int_equal(readiness_health(&instance), HEALTH_NO_ANSWER);
}

/* The one that is shown, not a file here that may be newer. */
static void a_certificate_s_end_is_told(void **state)
{
	const struct rpc_tls tls = {.certificate = "one.crt", .key = "one.key", .client_ca = "two.crt"};
	struct rpc_server *server = serve((const char *const[]){"127.0.0.2:50051", NULL}, &tls);
	struct instance instance = {.server = "127.0.0.2:50051", .tls = {"one.crt", "two.crt", "two.key"}};
	struct readiness_system system;
	time_t now = time(NULL);
	char reason[128];

	(void)state;
	assert_int_equal(readiness_system(&instance, &system, &error), 0);
	assert_in_range(system.expiry, now + 86400, now + 2 * 86400); /* make_pair's two days */
	assert_false(readiness_certificate(&system, reason));
	assert_non_null(strstr(reason, "its certificate expires on 20"));
	system.expiry = now + (SPEC_EXPIRY_DAYS + 1) * 86400;
	assert_true(readiness_certificate(&system, reason));
	end_server(server);

	server = serve((const char *const[]){"127.0.0.2:50051", NULL}, NULL);
	instance = (struct instance){.server = "127.0.0.2:50051"};
	assert_int_equal(readiness_system(&instance, &system, &error), 0);
	assert_int_equal(system.expiry, 0);
	assert_true(readiness_certificate(&system, reason));
	end_server(server);
}

static unsigned int kills;

static int count_kill(struct driver *driver, const struct instance *instance, struct error *failed)
{
	(void)driver;
	(void)instance;
	(void)failed;
	kills++;
	return 0;
}

/* Whom heal can ask nothing since certificates are wrong is not hung; who is silent is. */
static void heal_leaves_alone_who_refuses(void **state)
{
	const struct rpc_tls tls = {.certificate = "one.crt", .key = "one.key", .client_ca = "two.crt"};
	const struct instance instance = {.vnf = "edge",
					  .slot = 'a',
					  .running = true,
					  .server = "127.0.0.2:50051",
					  .tls = {"one.crt", "one.crt", "one.key"}};
	struct rpc_server *server = serve((const char *const[]){"127.0.0.2:50051", NULL}, &tls);
	struct driver_ops impatient = ops;
	const struct lifecycle watched = {.spec = &spec, .ops = &impatient};
	struct watched_replica replica;

	(void)state;
	impatient.kill = count_kill;
	impatient.hang_seconds = 0;
	watched_replica_init(&replica, &instance);
	for (int i = 0; i < 5; i++) {
		watched_replica_check(&replica, &watched);
		assert_int_equal(replica.state, HEALTHY);
		assert_false(watched_replica_is_healthy(&replica));
	}
	assert_int_equal(kills, 0);
	end_server(server);
	watched_replica_check(&replica, &watched);
	assert_int_equal(kills, 1);
	assert_int_equal(replica.state, WAITING);
	watched_replica_free(&replica);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scaling_touches_no_other_replica),
		cmocka_unit_test(what_does_not_serve_is_taken_back),
		cmocka_unit_test(wrong_certificates_are_no_silence),
		cmocka_unit_test(a_certificate_s_end_is_told),
		cmocka_unit_test(heal_leaves_alone_who_refuses),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
