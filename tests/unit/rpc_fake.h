/* SPDX-License-Identifier: Apache-2.0 */
/* A real server and a real client on a unix socket; the handlers of ConfigService are fakes. */
#ifndef TESTS_UNIT_RPC_FAKE_H
#define TESTS_UNIT_RPC_FAKE_H

#include <pthread.h>
#include <stdint.h>

#include "vnf/client/client.h"
#include "vnf/rpc/server.h"
#include "vnf/rpc/services/services.h"

#define TIMEOUT_MS 20000

struct rpc_fixture {
	char directory[32], target[64];
	struct services_context context;
	struct rpc_server *server;
	struct rpc_client *client;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct rpc_call *held; /* a call that the handler has not finished */
	unsigned int cancelled, ended;
};

extern struct rpc_fixture test;

/* Setup and teardown of every case. */
int rpc_fake_start(void **state);
int rpc_fake_stop(void **state);

/* Until a counter of the fixture has come to `value`; fails the test after 20 s. */
void rpc_fake_wait(unsigned int *counter, unsigned int value);

/* ApplyChanges: the revision answered, or 0 and *error. The owner says what the fake does: "fail" (two faults with
 * fields), "many" (forty), "plain" (one without), "hold" (leaves the call in test.held), else expected + 1. */
uint64_t rpc_fake_apply(struct rpc_client *client, const char *owner, uint64_t expected, unsigned int timeout_ms,
			struct error *error);

#endif
