/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of flows through a router that stands between two namespaces, and how many arrive in which time:
 * bench_policy_traffic GENERATOR_NAMESPACE SINK_NAMESPACE GENERATOR_GATEWAY_MAC SINK_GATEWAY_MAC
 *
 * The devices are g0 and s0. All runs on the last CPU. Commands on standard input, one a line, answers one a line:
 *
 *	flows FILE			struct traffic_flow after struct traffic_flow; answer: their number
 *	send client|server FLAGS SEQUENCE ACKNOWLEDGEMENT COUNT WARM
 *					so many frames, the flows' in turn, before which `WARM` are sent that don't
 *count; FLAGS -1: each flow's own. Answer: {"sent", "received", "seconds", "rate"}
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tests/bench/policy_traffic.h"

#include "bench_policy_traffic.skel.h"

#define BATCH 64

/* One end of the router's. */
struct end {
	const char *namespace;
	uint32_t device;
	uint8_t macs[12]; /* of its frames: the router's, its own */
};

static struct bench_policy_traffic *bench;
static struct end client, server;

static void fail(const char *what)
{
	fprintf(stderr, "bench policy_traffic: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void enter(const struct end *end)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", end->namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

static void open_end(struct end *end, const char *namespace, const char *device, const char *gateway)
{
	struct ifreq request = {0};
	int fd;

	end->namespace = namespace;
	enter(end);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	end->device = if_nametoindex(device);
	if (fd < 0 || !end->device || ioctl(fd, SIOCGIFHWADDR, &request))
		fail(device);
	close(fd);
	if (sscanf(gateway, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &end->macs[0], &end->macs[1], &end->macs[2], &end->macs[3],
		   &end->macs[4], &end->macs[5]) != 6)
		fail(gateway);
	memcpy(end->macs + 6, request.ifr_hwaddr.sa_data, 6);
	if (bpf_xdp_attach((int)end->device, bpf_program__fd(bench->progs.sink), XDP_FLAGS_DRV_MODE, NULL))
		fail("attaching the sink");
}

static void read_flows(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t count;

	if (!file)
		fail(path);
	count = fread(bench->bss->flows, sizeof(struct traffic_flow), TRAFFIC_FLOWS, file);
	fclose(file);
	if (!count)
		fail("no flows");
	bench->bss->flow_count = (uint32_t)count;
	printf("%zu\n", count);
}

static void send_frames(const struct end *from, int flags, const uint32_t *sequence, uint32_t count, uint32_t warm)
{
	static uint8_t data[TRAFFIC_SIZE];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data, .data_size_in = sizeof(data),
		    .repeat = (int)(count + warm), .batch_size = BATCH, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	uint64_t arrived = bench->bss->received, sent = bench->bss->sent;
	double seconds;

	memcpy(bench->bss->macs, from->macs, sizeof(from->macs));
	bench->bss->sequence[0] = sequence[0];
	bench->bss->sequence[1] = sequence[1];
	bench->bss->out = from->device;
	bench->bss->reverse = from == &server;
	bench->bss->flags = flags < 0 ? 256 : (uint32_t)flags;
	bench->bss->next_flow = 0;
	bench->bss->first.ns = 0;
	bench->bss->timed_from = bench->bss->sent + warm;
	enter(from);
	if (bpf_prog_test_run_opts(bpf_program__fd(bench->progs.generate), &options))
		fail("test run on live frames");
	seconds = (double)(bench->bss->last.ns - bench->bss->first.ns) / 1e9;
	printf("{\"sent\": %llu, \"received\": %llu, \"seconds\": %.6f, \"rate\": %.0f}\n",
	       (unsigned long long)(bench->bss->sent - sent), (unsigned long long)(bench->bss->received - arrived),
	       seconds, seconds > 0 ? (double)(bench->bss->last.received - bench->bss->first.received) / seconds : 0);
}

static void obey(char *line)
{
	char path[256], side[16];
	uint32_t sequence[2], count, warm;
	int flags;

	if (sscanf(line, "flows %255s", path) == 1) {
		read_flows(path);
	} else if (sscanf(line, "send %15s %d %u %u %u %u", side, &flags, &sequence[0], &sequence[1], &count, &warm) ==
		   6) {
		send_frames(strcmp(side, "server") == 0 ? &server : &client, flags, sequence, count, warm);
	} else {
		fprintf(stderr, "bench policy_traffic: what is %s", line);
		exit(2);
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char line[512];
	cpu_set_t one;

	if (argc != 5) {
		fprintf(stderr,
			"usage: bench_policy_traffic GENERATOR_NS SINK_NS GENERATOR_GATEWAY_MAC SINK_GATEWAY_MAC\n");
		return 2;
	}
	CPU_ZERO(&one);
	CPU_SET((int)sysconf(_SC_NPROCESSORS_ONLN) - 1, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		fail("sched_setaffinity");
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	bench = bench_policy_traffic__open_and_load();
	if (!bench)
		fail("loading the bench's programs");
	open_end(&client, argv[1], "g0", argv[3]);
	open_end(&server, argv[2], "s0", argv[4]);
	while (fgets(line, sizeof(line), stdin))
		obey(line);
	bench_policy_traffic__destroy(bench);
	return 0;
}
