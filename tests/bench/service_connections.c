/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New TCP connections a second through what is between two namespaces: each is opened, closed from both ends, and the
 * next one begins. Clients and servers are XDP programs (service_connections.bpf.c) on g0 and s0; all of it, and what
 * is between, runs on the last CPU, this process on the first.
 *
 *   bench_service_connections GENERATOR_NAMESPACE SINK_NAMESPACE ROUTER_MAC ADDRESS PORT AT_A_TIME MILLISECONDS
 *
 * Answer: {"completed", "answered", "seconds", "rate", "lost"}; `lost`: of those at a time, how many came to nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tests/bench/service_connections.h"

#include "bench_service_connections.skel.h"

static struct bench_service_connections *bench;

static void fail(const char *what)
{
	fprintf(stderr, "bench service_connections: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* This process onto one CPU, so that what its frames cause runs there. */
static void pin(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		fail("sched_setaffinity");
}

static int attach(const char *namespace, const char *device, const struct bpf_program *program)
{
	char path[256];
	int fd, index;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
	index = (int)if_nametoindex(device);
	if (!index || bpf_xdp_attach(index, bpf_program__fd(program), XDP_FLAGS_DRV_MODE, NULL))
		fail(device);
	return index;
}

static uint16_t checksum(const uint8_t *at, int octets, uint32_t sum)
{
	for (int i = 0; i < octets; i += 2)
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t) ~(sum + (sum >> 16)));
}

/* The SYN of a connection. */
static void write_syn(uint8_t *at, const uint8_t *macs, uint32_t to, uint16_t port, uint32_t number)
{
	static const uint8_t rest[] = {8, 0, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6};
	uint32_t source = htonl(CONNECTIONS_NETWORK + number / CONNECTIONS_PORTS),
		 sequence = htonl(number * 0x9e3779b1U);
	uint16_t source_port = htons((uint16_t)(CONNECTIONS_FIRST + number % CONNECTIONS_PORTS));
	uint16_t destination_port = htons(port), sum;

	memset(at, 0, CONNECTIONS_FRAME);
	memcpy(at, macs, 12);
	memcpy(at + 12, rest, sizeof(rest));
	memcpy(at + 26, &source, 4);
	memcpy(at + 30, &to, 4);
	sum = checksum(at + 14, 20, 0);
	memcpy(at + 24, &sum, 2);
	memcpy(at + 34, &source_port, 2);
	memcpy(at + 36, &destination_port, 2);
	memcpy(at + 38, &sequence, 4);
	at[46] = 5 << 4;
	at[47] = 2;
	at[48] = at[49] = 0xff;
	sum = checksum(at + 26, 28, 6 + 20);
	memcpy(at + 50, &sum, 2);
}

static void begin(int device, const char *router_mac, uint32_t to, uint16_t port, uint32_t count)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct sockaddr_ll out = {.sll_family = AF_PACKET, .sll_ifindex = device, .sll_halen = 6};
	struct ifreq request = {0};
	uint8_t macs[12], frame[CONNECTIONS_FRAME];

	if_indextoname((unsigned int)device, request.ifr_name);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request) ||
	    sscanf(router_mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &macs[0], &macs[1], &macs[2], &macs[3], &macs[4],
		   &macs[5]) != 6)
		fail("the generator's device");
	memcpy(macs + 6, request.ifr_hwaddr.sa_data, 6);
	memcpy(out.sll_addr, macs, 6);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t number = __sync_fetch_and_add(&bench->bss->connections.next, 1) & (CONNECTIONS_MOST - 1);

		bench->bss->open_now[number] = 1;
		write_syn(frame, macs, to, port, number);
		if (sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&out, sizeof(out)) != sizeof(frame))
			fail("sending");
	}
	close(fd);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void pass(uint32_t milliseconds)
{
	struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};

	nanosleep(&time, NULL);
}

/* Those that are open come to their end, or to nothing. */
static uint32_t drain(void)
{
	uint64_t before;

	bench->bss->connections.stopped = 1;
	do {
		before = bench->bss->connections.completed;
		pass(100);
	} while (bench->bss->connections.completed != before);
	return (uint32_t)(bench->bss->connections.next - bench->bss->connections.completed);
}

int main(int argc, char **argv)
{
	volatile struct connections_run *run;
	uint64_t completed, answered;
	double start, seconds;
	int device;

	if (argc != 8) {
		fprintf(stderr,
			"usage: bench_service_connections GENERATOR_NS SINK_NS ROUTER_MAC ADDRESS PORT AT_A_TIME "
			"MILLISECONDS\n");
		return 2;
	}
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	bench = bench_service_connections__open_and_load();
	if (!bench)
		fail("loading the bench's programs");
	run = &bench->bss->connections;
	attach(argv[2], "s0", bench->progs.server);
	device = attach(argv[1], "g0", bench->progs.client);
	pin((int)sysconf(_SC_NPROCESSORS_ONLN) - 1);
	begin(device, argv[3], inet_addr(argv[4]), (uint16_t)atoi(argv[5]), (uint32_t)atoi(argv[6]));
	pin(0);
	pass(200);
	completed = run->completed;
	answered = run->answered;
	start = now();
	pass((uint32_t)atoi(argv[7]));
	completed = run->completed - completed;
	answered = run->answered - answered;
	seconds = now() - start;
	printf("{\"completed\": %llu, \"answered\": %llu, \"seconds\": %.3f, \"rate\": %.0f, \"lost\": %u}\n",
	       (unsigned long long)completed, (unsigned long long)answered, seconds, (double)completed / seconds,
	       drain());
	bpf_xdp_attach(device, -1, XDP_FLAGS_DRV_MODE, NULL);
	bench_service_connections__destroy(bench);
	return 0;
}
