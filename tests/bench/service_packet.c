/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a packet of a known flow costs: Sluice's program as a running sluiced has attached it, next to Katran's balancer
 * program, in turns in the test-run loop.
 *
 *   bench_service_packet NAMESPACE DEVICE ROUTER_MAC REPEAT ROUNDS PORT BACKENDS SUBJECT=VIP...
 *
 * BACKENDS: addresses with commas between them. The subject "katran" is the object that KATRAN_OBJECT names; there may
 * be none. Others are VIPs of the sluiced in NAMESPACE, whose packets come in by DEVICE. A JSON object a line on
 * stdout.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tests/bench/service_katran.h"
#include "tests/bench/service_packet.h"

#include "bench_service_packet.skel.h"

#define SUBJECTS   8
#define BACKENDS   64
#define FIRST_PORT 20000
#define ACK	   16

static const uint16_t flow_masks[] = {0, 1023, 32767};
enum { CASES = sizeof(flow_masks) / sizeof(*flow_masks) };

struct subject {
	const char *name;
	uint32_t vip, action;
	int program;
	bool katran;
};

static struct bench_service_packet *bench;
static struct subject subject[SUBJECTS];
static int device, repeat, rounds, subjects;
static uint16_t port;
static uint8_t router_mac[6];

static void fail(const char *what)
{
	fprintf(stderr, "bench service: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static uint16_t ipv4_checksum(const uint8_t *header)
{
	uint32_t sum = 0;

	for (int i = 0; i < 20; i += 2)
		sum += (uint32_t)header[i] << 8 | header[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t) ~(sum + (sum >> 16)));
}

/* A segment without options to the VIP. TCP's checksum is not right: neither program looks at it. */
static void write_frame(uint32_t vip)
{
	static const uint8_t host_mac[6] = {2, 0, 0, 0, 0, 2}, ethertype[2] = {8, 0};
	uint8_t *at = (uint8_t *)bench->bss->frame.word;
	const uint32_t source = inet_addr("10.0.0.2");
	uint16_t length = htons(sizeof(bench->bss->frame.word) - 14), destination_port = htons(port), sum;

	memset(at, 0, sizeof(bench->bss->frame.word));
	memcpy(at, router_mac, 6);
	memcpy(at + 6, host_mac, 6);
	memcpy(at + 12, ethertype, 2);
	at[14] = 0x45;
	memcpy(at + 16, &length, 2);
	at[22] = 64;
	at[23] = 6;
	memcpy(at + 26, &source, 4);
	memcpy(at + 30, &vip, 4);
	sum = ipv4_checksum(at + 14);
	memcpy(at + 24, &sum, 2);
	memcpy(at + 36, &destination_port, 2);
	at[46] = 5 << 4;
	at[47] = ACK;
	at[48] = 32;
}

/* Nanoseconds a run, the loop and what sets the frame back included. */
static double run(int program, bool frags, uint32_t action, int times)
{
	struct xdp_md context = {.data_end = sizeof(bench->bss->frame.word), .ingress_ifindex = (uint32_t)device};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = bench->bss->frame.word,
		    .data_size_in = sizeof(bench->bss->frame.word), .ctx_in = &context, .ctx_size_in = sizeof(context),
		    .repeat = times);
	struct bpf_map *array = frags ? bench->maps.measured_frags : bench->maps.measured;
	uint32_t zero = 0;

	if (bpf_map_update_elem(bpf_map__fd(array), &zero, &program, BPF_ANY))
		fail("program array");
	bench->bss->frame.flow = 0;
	if (bpf_prog_test_run_opts(bpf_program__fd(frags ? bench->progs.restore_frags : bench->progs.restore_plain),
				   &options))
		fail("test run");
	if (options.retval != action) {
		fprintf(stderr, "bench service: a program's action is %u, not %u, for %d.%d.%d.%d\n", options.retval,
			action, ((uint8_t *)bench->bss->frame.word)[30], ((uint8_t *)bench->bss->frame.word)[31],
			((uint8_t *)bench->bss->frame.word)[32], ((uint8_t *)bench->bss->frame.word)[33]);
		exit(EXIT_FAILURE);
	}
	return options.duration;
}

/* Each flow has had a packet: in mid-flow, as Sluice's XDP leaves SYNs to its TC program, which a test run has not. */
static void open_flows(const struct subject *one, uint16_t mask)
{
	write_frame(one->vip);
	run(one->program, !one->katran, one->action, mask + 1);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, (size_t)rounds, sizeof(*values), ascending);
	return values[rounds / 2];
}

static void row(unsigned int which, const char *what, const char *name, double value, const char *unit)
{
	printf("{\"bench\":\"service\",\"case\":\"a packet, %u "
	       "%s%s\",\"subject\":\"%s\",\"value\":%.3g,\"unit\":\"%s\"}\n",
	       flow_masks[which] + 1U, flow_masks[which] ? "flows" : "flow", what, name, value, unit);
	fflush(stdout);
}

/* What is over the bare loop; a frame that has become longer is shortened by the loop, which is not the program's. */
static double over_bare(double ns, double bare, double longer, bool lengthens)
{
	return ns - bare - (lengthens ? (longer - bare) / 2 : 0);
}

static void measure(unsigned int which, const struct subject *katran)
{
	double ns[SUBJECTS][64], ratio[SUBJECTS][64], bare, longer;

	bench->bss->frame.flow_mask = flow_masks[which];
	for (int i = 0; i < subjects; i++)
		open_flows(&subject[i], flow_masks[which]);
	for (int round = 0; round < rounds; round++) {
		bare = run(bpf_program__fd(bench->progs.bare), false, 3, repeat);
		longer = run(bpf_program__fd(bench->progs.bare_longer), false, 3, repeat);
		for (int i = 0; i < subjects; i++) {
			write_frame(subject[i].vip);
			ns[i][round] = over_bare(run(subject[i].program, !subject[i].katran, subject[i].action, repeat),
						 bare, longer, subject[i].katran);
		}
		for (int i = 0; katran && i < subjects; i++)
			ratio[i][round] = ns[i][round] / ns[katran - subject][round];
	}
	for (int i = 0; i < subjects; i++)
		row(which, "", subject[i].name, median(ns[i]), "ns over bare");
	for (int i = 0; katran && i < subjects; i++)
		if (&subject[i] != katran)
			row(which, " of katran", subject[i].name, median(ratio[i]), "x");
}

static void enter(const char *namespace)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

/* The program that sluiced has attached to the device. */
static int attached(void)
{
	uint32_t id = 0;
	int fd;

	if (bpf_xdp_query_id(device, 0, &id))
		fail("asking for the device's program");
	fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		fail("the device has no program");
	return fd;
}

static uint32_t read_backends(char *list, uint32_t *backend)
{
	uint32_t count = 0;

	for (char *one = strtok(list, ","); one && count < BACKENDS; one = strtok(NULL, ","))
		backend[count++] = inet_addr(one);
	return count;
}

static void add_subject(char *text, const uint32_t *backend, uint32_t backends)
{
	char *vip = strchr(text, '='), *object = getenv("KATRAN_OBJECT");
	struct subject *one = &subject[subjects];

	if (!vip || subjects == SUBJECTS)
		exit(2);
	*vip++ = '\0';
	*one = (struct subject){.name = text, .vip = inet_addr(vip), .action = 4, .katran = !strcmp(text, "katran")};
	if (one->katran) {
		one->action = 3;
		one->program = object ? katran_open(object, one->vip, port, backend, backends) : -ENOENT;
	} else {
		one->program = attached();
	}
	if (one->program >= 0)
		subjects++;
	else if (object)
		exit(EXIT_FAILURE);
	else
		fprintf(stderr, "Katran takes no part: KATRAN_OBJECT=balancer.bpf.o, built from its source, lets it\n");
}

int main(int argc, char **argv)
{
	uint32_t backend[BACKENDS], backends;
	const struct subject *katran = NULL;

	if (argc < 9) {
		fprintf(stderr, "usage: bench_service_packet NAMESPACE DEVICE ROUTER_MAC REPEAT ROUNDS PORT BACKENDS "
				"SUBJECT=VIP...\n");
		return 2;
	}
	enter(argv[1]);
	device = (int)if_nametoindex(argv[2]);
	if (!device || sscanf(argv[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &router_mac[0], &router_mac[1], &router_mac[2],
			      &router_mac[3], &router_mac[4], &router_mac[5]) != 6)
		fail(argv[2]);
	repeat = atoi(argv[4]);
	rounds = atoi(argv[5]);
	port = (uint16_t)atoi(argv[6]);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	bench = bench_service_packet__open_and_load();
	if (!bench)
		fail("loading the bench's programs");
	bench->bss->frame.first_port = FIRST_PORT;
	backends = read_backends(argv[7], backend);
	for (int i = 8; i < argc; i++)
		add_subject(argv[i], backend, backends);
	for (int i = 0; i < subjects; i++)
		if (subject[i].katran)
			katran = &subject[i];
	for (unsigned int which = 0; which < CASES; which++)
		measure(which, katran);
	bench_service_packet__destroy(bench);
	return 0;
}
