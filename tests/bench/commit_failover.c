/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failover of a next-hop group, seen by packets: bench_commit_failover TARGET ROUNDS SENDER SINK-A SINK-B ADDRESS
 *
 * SENDER, SINK-A and SINK-B are names of network namespaces; datagrams to ADDRESS (IPv4, of both sinks) leave SENDER
 * every 50 us with a number, and the group "failover" leads them to sink A or B. Each round changes the group's member
 * from "failover-a" to "failover-b" or back with one commit, and notes when the first packet that reached the other
 * sink had been sent. A packet sent after the commit's answer that still reached the old sink is late: the answer was
 * untrue.
 *
 * Prints one line of JSON: medians in microseconds from the request, and what was late or lost.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sluice/v1/config_service.pb-c.h"
#include "vnf/client/client.h"

#define PACKETS	   (1U << 20)
#define PAUSE_NS   50000
#define PORT	   9000
#define SETTLED	   100 /* packets by the other member that end a round */
#define ROUND_NS   5000000000LL
#define ROUNDS_MAX 1000
#define TIMEOUT_MS 20000

struct sink {
	int socket;
	pthread_t thread;
	_Atomic uint32_t received;
};

static struct sink sinks[2];
static int64_t sent_at[PACKETS];	 /* monotonic, before the send */
static _Atomic uint8_t arrived[PACKETS]; /* sink + 1 */
static _Atomic uint32_t sent;
static atomic_bool stop;

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "bench_commit_failover: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* A socket of that namespace; the thread comes back to its own. */
static int socket_in(const char *name)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), other, fd;
	char path[128];

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	other = open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0 || other < 0 || setns(other, CLONE_NEWNET))
		die(path);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setns(own, CLONE_NEWNET))
		die("socket");
	close(own);
	close(other);
	return fd;
}

static void *receive(void *context)
{
	struct sink *sink = context;
	uint32_t number;

	while (!atomic_load(&stop)) {
		if (recv(sink->socket, &number, sizeof(number), 0) != sizeof(number) || number >= PACKETS)
			continue;
		atomic_store(&arrived[number], (uint8_t)(sink - sinks + 1));
		atomic_fetch_add(&sink->received, 1);
	}
	return NULL;
}

static void *send_all(void *context)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	int fd = *(int *)context;

	for (uint32_t number = 0; number < PACKETS && !atomic_load(&stop); number++) {
		sent_at[number] = now();
		atomic_store(&sent, number + 1);
		if (send(fd, &number, sizeof(number), 0) < 0 && errno != ECONNREFUSED)
			die("send");
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	return NULL;
}

static void move_group(struct rpc_client *client, unsigned int to)
{
	Sluice__V1__ApplyChangesRequest request = SLUICE__V1__APPLY_CHANGES_REQUEST__INIT;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__Change change = SLUICE__V1__CHANGE__INIT, *changes[] = {&change};
	Sluice__V1__Resource resource = SLUICE__V1__RESOURCE__INIT;
	Sluice__V1__NextHopGroup group = SLUICE__V1__NEXT_HOP_GROUP__INIT;
	Sluice__V1__NextHopGroupMember member = SLUICE__V1__NEXT_HOP_GROUP_MEMBER__INIT, *members[] = {&member};
	struct error error = {0};
	ProtobufCMessage *response;

	member.next_hop = (char *)(to ? "failover-b" : "failover-a");
	group.name = (char *)"failover";
	group.members = members;
	group.n_members = 1;
	resource.kind_case = SLUICE__V1__RESOURCE__KIND_NEXT_HOP_GROUP;
	resource.next_hop_group = &group;
	change.op = SLUICE__V1__OPERATION__OPERATION_UPSERT;
	change.resource = &resource;
	options.owner = (char *)"bench";
	request.options = &options;
	request.changes = changes;
	request.n_changes = 1;
	response = rpc_client_call(client, &sluice__v1__config_service__descriptor, "ApplyChanges", &request.base,
				   TIMEOUT_MS, &error);
	if (!response) {
		fprintf(stderr, "bench_commit_failover: %s\n", error.fault[0].message);
		exit(EXIT_FAILURE);
	}
	protobuf_c_message_free_unpacked(response, NULL);
}

/* Until `count` more have come to the sink. */
static void wait_for(struct sink *sink, uint32_t count)
{
	uint32_t goal = atomic_load(&sink->received) + count;
	int64_t deadline = now() + ROUND_NS;
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	while (atomic_load(&sink->received) < goal) {
		if (now() > deadline || atomic_load(&sent) == PACKETS) {
			fprintf(stderr, "bench_commit_failover: no packets come by the group's member\n");
			exit(EXIT_FAILURE);
		}
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	static double answered[ROUNDS_MAX], first[ROUNDS_MAX];
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	unsigned int rounds = argc == 7 ? (unsigned int)atoi(argv[2]) : 0, late = 0, lost = 0;
	const struct timeval second = {.tv_usec = 200000};
	struct rpc_client *client;
	pthread_t sender;
	int out;

	if (rounds < 1 || rounds > ROUNDS_MAX || inet_pton(AF_INET, argv[6], &address.sin_addr) != 1) {
		fprintf(stderr, "usage: bench_commit_failover TARGET ROUNDS SENDER SINK-A SINK-B ADDRESS\n");
		return 2;
	}
	client = rpc_client_new(argv[1]);
	out = socket_in(argv[3]);
	if (!client || connect(out, (struct sockaddr *)&address, sizeof(address)))
		die("connect");
	for (int i = 0; i < 2; i++) {
		sinks[i].socket = socket_in(argv[4 + i]);
		if (bind(sinks[i].socket, (struct sockaddr *)&address, sizeof(address)) ||
		    setsockopt(sinks[i].socket, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second)))
			die("bind");
		if (pthread_create(&sinks[i].thread, NULL, receive, &sinks[i]))
			die("thread");
	}
	move_group(client, 0);
	if (pthread_create(&sender, NULL, send_all, &out))
		die("thread");
	wait_for(&sinks[0], SETTLED);
	for (unsigned int round = 0; round < rounds; round++) {
		unsigned int to = (round + 1) % 2;
		uint32_t begin = atomic_load(&sent), n;
		int64_t asked = now(), done;

		move_group(client, to);
		done = now();
		wait_for(&sinks[to], SETTLED);
		answered[round] = (double)(done - asked) / 1e3;
		for (n = begin; n < atomic_load(&sent) && atomic_load(&arrived[n]) != to + 1; n++)
			;
		first[round] = (double)(sent_at[n] - asked) / 1e3;
		for (; n < atomic_load(&sent); n++)
			late += atomic_load(&arrived[n]) == 2 - to && sent_at[n] > done;
	}
	atomic_store(&stop, true);
	pthread_join(sender, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(sinks[i].thread, NULL);
	for (uint32_t n = 0; n < atomic_load(&sent); n++)
		lost += !atomic_load(&arrived[n]);
	qsort(answered, rounds, sizeof(*answered), compare);
	qsort(first, rounds, sizeof(*first), compare);
	printf("{\"rounds\": %u, \"packets\": %u, \"answered\": %.1f, \"first\": %.1f, \"first_max\": %.1f, \"late\": "
	       "%u, "
	       "\"lost\": %u}\n",
	       rounds, atomic_load(&sent), answered[rounds / 2], first[rounds / 2], first[rounds - 1], late, lost);
	rpc_client_free(client);
	return EXIT_SUCCESS;
}
