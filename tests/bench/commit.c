/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Latency and rate of commits: bench_commit TARGET route|group|policy CLIENTS SECONDS [volatile]
 *
 * route: each client is a thread with a connection of its own and one route of its own (198.18.<client>.0/24 in the VRF
 * "internet"), which every commit moves between the next-hop groups "bench-a" and "bench-b". A commit is one
 * ApplyChanges, answered when the next packet sees it. group: the same with the member of one next-hop group
 * ("bench-moves-<client>"), which routes lie behind. policy: a policy rule of that VRF ("bench-<client>"), which every
 * commit moves between two destinations and ranges of ports. volatile: commits that do not wait for the disk.
 *
 * Prints one line of JSON: commits, seconds, rate and the latencies' p50, p90, p99 and maximum in microseconds.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sluice/v1/config_service.pb-c.h"
#include "vnf/client/client.h"

#define CLIENTS_MAX 64
#define COMMITS_MAX 1000000 /* of one client */
#define TIMEOUT_MS  20000
#define WARM_UP	    20 /* commits that are not counted: connections are made, and the routes */

struct client;

struct bench {
	const char *target;
	int (*change)(struct client *client, unsigned int turn);
	bool volatile_writes;
	double seconds;
	pthread_barrier_t ready;
	struct timespec start; /* written before the second barrier */
	atomic_bool failed;
};

struct client {
	struct bench *bench;
	unsigned int number;
	pthread_t thread;
	struct rpc_client *rpc;
	uint32_t *micros; /* a commit */
	size_t count;
	double elapsed;
	bool warm; /* every commit changes something from here on */
};

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static int commit(struct client *client, Sluice__V1__Resource *resource)
{
	Sluice__V1__ApplyChangesRequest request = SLUICE__V1__APPLY_CHANGES_REQUEST__INIT;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__Change change = SLUICE__V1__CHANGE__INIT, *changes[] = {&change};
	Sluice__V1__ApplyChangesResponse *response;
	struct error error = {0};
	bool replaced;

	options.owner = (char *)"bench";
	if (client->bench->volatile_writes)
		options.durability = SLUICE__V1__DURABILITY__DURABILITY_VOLATILE;
	change.op = SLUICE__V1__OPERATION__OPERATION_UPSERT;
	change.resource = resource;
	request.options = &options;
	request.changes = changes;
	request.n_changes = 1;
	response = (void *)rpc_client_call(client->rpc, &sluice__v1__config_service__descriptor, "ApplyChanges",
					   &request.base, TIMEOUT_MS, &error);
	if (!response) {
		fprintf(stderr, "client %u: %s: %s\n", client->number, error.fault[0].field, error.fault[0].message);
		return -1;
	}
	replaced =
		response->result && (!client->warm || response->result->unchanged == 0) &&
		response->result->n_results == 1 &&
		response->result->results[0]->programmed == SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_PROGRAMMED;
	sluice__v1__apply_changes_response__free_unpacked(response, NULL);
	if (replaced)
		return 0;
	fprintf(stderr, "client %u: a commit changed nothing, or is not programmed\n", client->number);
	return -1;
}

static int change_route(struct client *client, unsigned int turn)
{
	Sluice__V1__Resource resource = SLUICE__V1__RESOURCE__INIT;
	Sluice__V1__Route route = SLUICE__V1__ROUTE__INIT;
	char prefix[32];

	snprintf(prefix, sizeof(prefix), "198.18.%u.0/24", client->number);
	route.vrf = (char *)"internet";
	route.prefix = prefix;
	route.next_hop_group = (char *)(turn % 2 ? "bench-a" : "bench-b");
	resource.kind_case = SLUICE__V1__RESOURCE__KIND_ROUTE;
	resource.route = &route;
	return commit(client, &resource);
}

static int change_group(struct client *client, unsigned int turn)
{
	Sluice__V1__Resource resource = SLUICE__V1__RESOURCE__INIT;
	Sluice__V1__NextHopGroup group = SLUICE__V1__NEXT_HOP_GROUP__INIT;
	Sluice__V1__NextHopGroupMember member = SLUICE__V1__NEXT_HOP_GROUP_MEMBER__INIT, *members[] = {&member};
	char name[32];

	snprintf(name, sizeof(name), "bench-moves-%u", client->number);
	group.name = name;
	member.next_hop = (char *)(turn % 2 ? "bench-a" : "bench-b");
	group.members = members;
	group.n_members = 1;
	resource.kind_case = SLUICE__V1__RESOURCE__KIND_NEXT_HOP_GROUP;
	resource.next_hop_group = &group;
	return commit(client, &resource);
}

static int change_policy(struct client *client, unsigned int turn)
{
	Sluice__V1__Resource resource = SLUICE__V1__RESOURCE__INIT;
	Sluice__V1__PolicyRule rule = SLUICE__V1__POLICY_RULE__INIT;
	Sluice__V1__PolicyMatch match = SLUICE__V1__POLICY_MATCH__INIT;
	Sluice__V1__PortRange ports = SLUICE__V1__PORT_RANGE__INIT;
	char name[32], prefix[32];

	snprintf(name, sizeof(name), "bench-%u", client->number);
	snprintf(prefix, sizeof(prefix), "198.%u.%u.0/24", 18 + turn % 2, client->number);
	ports.first = 8000 + turn % 2;
	ports.last = 8100;
	match.source_prefix = (char *)"198.51.100.0/24";
	match.destination_prefix = prefix;
	match.protocol = 6;
	match.destination_ports = &ports;
	rule.name = name;
	rule.vrf = (char *)"internet";
	rule.priority = 20000;
	rule.match = &match;
	rule.action_case = SLUICE__V1__POLICY_RULE__ACTION_ACCESS;
	rule.access = SLUICE__V1__ACCESS__ACCESS_DENY;
	resource.kind_case = SLUICE__V1__RESOURCE__KIND_POLICY_RULE;
	resource.policy_rule = &rule;
	return commit(client, &resource);
}

static void measure(struct client *client)
{
	struct bench *bench = client->bench;

	for (unsigned int turn = 0; client->count < COMMITS_MAX && !atomic_load(&bench->failed); turn++) {
		struct timespec before;

		if (seconds_since(&bench->start) >= bench->seconds)
			break;
		clock_gettime(CLOCK_MONOTONIC, &before);
		if (bench->change(client, turn)) {
			atomic_store(&bench->failed, true);
			return;
		}
		client->micros[client->count++] = (uint32_t)(seconds_since(&before) * 1e6);
	}
	client->elapsed = seconds_since(&bench->start);
}

static void *run(void *context)
{
	struct client *client = context;
	struct bench *bench = client->bench;

	client->rpc = rpc_client_new(bench->target);
	client->micros = malloc(COMMITS_MAX * sizeof(*client->micros));
	if (!client->rpc || !client->micros)
		atomic_store(&bench->failed, true);
	for (unsigned int turn = 0; turn < WARM_UP && !atomic_load(&bench->failed); turn++)
		if (bench->change(client, turn))
			atomic_store(&bench->failed, true);
	client->warm = true;
	if (pthread_barrier_wait(&bench->ready) == PTHREAD_BARRIER_SERIAL_THREAD)
		clock_gettime(CLOCK_MONOTONIC, &bench->start);
	pthread_barrier_wait(&bench->ready);
	measure(client);
	rpc_client_free(client->rpc);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int print(const struct client *clients, unsigned int count)
{
	size_t total = 0, at = 0;
	double elapsed = 0;
	uint32_t *micros;

	for (unsigned int i = 0; i < count; i++) {
		total += clients[i].count;
		elapsed = clients[i].elapsed > elapsed ? clients[i].elapsed : elapsed;
	}
	micros = malloc((total + 1) * sizeof(*micros));
	if (!micros || !total || elapsed <= 0)
		return EXIT_FAILURE;
	for (unsigned int i = 0; i < count; i++) {
		memcpy(micros + at, clients[i].micros, clients[i].count * sizeof(*micros));
		at += clients[i].count;
	}
	qsort(micros, total, sizeof(*micros), compare);
	printf("{\"commits\": %zu, \"seconds\": %.3f, \"rate\": %.1f, \"p50\": %u, \"p90\": %u, \"p99\": %u, \"max\": "
	       "%u}\n",
	       total, elapsed, (double)total / elapsed, micros[total / 2], micros[total * 9 / 10],
	       micros[total * 99 / 100], micros[total - 1]);
	free(micros);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static struct client clients[CLIENTS_MAX];
	struct bench bench = {0};
	const bool counted = argc == 5 || (argc == 6 && strcmp(argv[5], "volatile") == 0);
	unsigned int count = counted ? (unsigned int)atoi(argv[3]) : 0;
	int result = EXIT_FAILURE;

	if (counted) {
		bench.volatile_writes = argc == 6;
		bench.target = argv[1];
		bench.change = strcmp(argv[2], "group") == 0	? change_group
			       : strcmp(argv[2], "policy") == 0 ? change_policy
								: change_route;
		bench.seconds = atof(argv[4]);
	}
	if (count < 1 || count > CLIENTS_MAX || bench.seconds <= 0 || bench.seconds > 60) {
		fprintf(stderr,
			"usage: bench_commit TARGET route|group|policy CLIENTS SECONDS [volatile] (at most %d and "
			"60)\n",
			CLIENTS_MAX);
		return 2;
	}
	pthread_barrier_init(&bench.ready, NULL, count);
	for (unsigned int i = 0; i < count; i++) {
		clients[i].bench = &bench;
		clients[i].number = i;
		if (pthread_create(&clients[i].thread, NULL, run, &clients[i])) {
			perror("bench_commit");
			exit(EXIT_FAILURE); /* the others wait at the barrier */
		}
	}
	for (unsigned int i = 0; i < count; i++)
		pthread_join(clients[i].thread, NULL);
	if (!atomic_load(&bench.failed))
		result = print(clients, count);
	for (unsigned int i = 0; i < count; i++)
		free(clients[i].micros);
	pthread_barrier_destroy(&bench.ready);
	return result;
}
