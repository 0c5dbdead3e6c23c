/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets a second through one core: generator, router and sink run on the same CPU, in the veth lab that forward.sh
 * makes. The router is Sluice's XDP program with its tables filled in here, the kernel, or a program that only
 * redirects. All have the full table and meet the same frames, turn by turn; the median of the rounds counts.
 *
 *   bench_forward NAMESPACE_PREFIX [--quick]	a JSON object a line on stdout, progress on stderr
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "api/dp/hash.h"
#include "tests/bench/forward.h"
#include "tests/bench/forward_frames.h"
#include "tests/unit/internet.h"
#include "vnf/dataplane/fib.h"

#include "bench_forward.skel.h"
#include "router.skel.h"

#define ROUNDS	 5
#define BATCH	 64
#define BURST	 (1 << 15) /* frames between two looks at the clock */
#define VNI	 100
#define ROUTES	 (1 << 20)
#define UNDERLAY 3
#define CHAINED	 4

enum subject { BARE, PLAIN, PLAIN_TEN, DECAP, CHAIN, KERNEL, KERNEL_VXLAN, SUBJECTS };

static const struct {
	const char *name;
	bool tunnel;
	uint16_t vrf; /* Sluice's, of the first port; 0: not Sluice */
} subjects[SUBJECTS] = {
	[BARE] = {"bare redirect", false, 0},
	[PLAIN] = {"sluice ipv4", false, 1},
	[PLAIN_TEN] = {"sluice ipv4, 10 routes", false, 2},
	[DECAP] = {"sluice vxlan", true, UNDERLAY},
	[CHAIN] = {"sluice chain of two", false, CHAINED},
	[KERNEL] = {"kernel ipv4", false, 0},
	[KERNEL_VXLAN] = {"kernel vxlan", true, 0},
};

struct device {
	uint32_t index;
	uint8_t mac[6];
};

static const char *prefix;
static struct bench_forward *bench;
static struct router_bpf *router;
static struct device generator, in, out, taker, stage[4], stage_peer[4];
static uint64_t randomness = 20240229;
static double seconds = 0.4;

static void fail(const char *what)
{
	fprintf(stderr, "bench forward: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void enter(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s-%s", prefix, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

static struct device device(const char *name)
{
	struct ifreq request = {};
	struct device device;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	device.index = if_nametoindex(name);
	if (fd < 0 || !device.index || ioctl(fd, SIOCGIFHWADDR, &request))
		fail(name);
	memcpy(device.mac, request.ifr_hwaddr.sa_data, 6);
	close(fd);
	return device;
}

static void attach(uint32_t index, const struct bpf_program *program)
{
	if (bpf_xdp_attach(index, program ? bpf_program__fd(program) : -1, XDP_FLAGS_DRV_MODE, NULL))
		fail("attaching an XDP program");
}

static void find_devices(void)
{
	static const char *const names[4] = {"a0", "a1", "b0", "b1"};

	enter("gen");
	generator = device("g0");
	enter("sink");
	taker = device("s0");
	enter("stages");
	for (unsigned int i = 0; i < 4; i++)
		stage_peer[i] = device(names[i]);
	enter("router");
	in = device("in0");
	out = device("out0");
	for (unsigned int i = 0; i < 4; i++)
		stage[i] = device(names[i]);
}

static struct dp_address ipv4(const char *text)
{
	struct dp_address address = {};

	address.word[2] = htonl(0xffff);
	address.word[3] = inet_addr(text);
	return address;
}

static struct dp_egress egress_to(const struct device *from, const struct device *to, uint16_t id)
{
	struct dp_egress egress = {.ifindex = from->index, .mtu = 1600, .interface = id};

	memcpy(egress.dst_mac, to->mac, 6);
	memcpy(egress.src_mac, from->mac, 6);
	return egress;
}

/* Puts an entry into an open-addressed table. */
static void put(void *table, size_t slots, const void *entry, size_t size, unsigned int key_words)
{
	__u64 key[4];
	uint32_t slot;

	memcpy(key, entry, key_words * sizeof(*key));
	slot = dp_hash(key, key_words) & (slots - 1);
	while (*(uint32_t *)((char *)table + slot * size) && memcmp((char *)table + slot * size, key, key_words * 8))
		slot = (slot + 1) & (slots - 1);
	memcpy((char *)table + slot * size, entry, size);
}

static void port(const struct device *device, uint16_t id, uint16_t vrf, uint16_t next_stage, bool from_stage)
{
	struct dp_port port = {
		.ifindex = device->index, .vrf = vrf, .interface = id, .stage = next_stage, .from_stage = from_stage};

	memcpy(port.mac, device->mac, 6);
	put(router->bss->dp.bank[0].ports, DP_PORT_SLOTS, &port, sizeof(port), 1);
}

static void fill_tables(const struct internet *internet)
{
	static const char *const ten[10] = {"0.0.0.0/1",    "128.0.0.0/1", "8.0.0.0/8",	  "24.0.0.0/16",
					    "64.0.0.0/12",  "96.0.0.0/24", "100.0.0.0/8", "160.0.0.0/9",
					    "192.0.0.0/20", "200.0.0.0/16"};
	struct dp_bank *bank = &router->bss->dp.bank[0];
	struct fib *fib = fib_new(bank->fib, DP_FIB_WORDS, bank->vrfs);
	struct dp_vtep vtep = {.local = ipv4("172.16.0.1"),
			       .underlay_vrf = UNDERLAY,
			       .udp_port = htons(4789),
			       .id = 1,
			       .kind = DP_TUNNEL_VXLAN};
	struct dp_vni vni = {.remote = ipv4("172.16.0.2"), .vni = VNI, .vtep = 1, .vrf = 1, .tunnel = 1};
	struct ip_prefix route;

	if (!fib)
		fail("memory");
	for (size_t i = 0; i < internet->ipv4; i++) {
		if (fib_set(fib, 1, &internet->prefix[i], (struct dp_fib_leaf){1, i}))
			fail("the FIB is full");
	}
	for (unsigned int i = 0; i < 10; i++) {
		if (ip_prefix_parse(ten[i], &route) || fib_set(fib, 2, &route, (struct dp_fib_leaf){1, i}))
			fail(ten[i]);
	}
	/* The trees stay as they are from here on, so one VRF can borrow another's. */
	bank->vrfs[CHAINED] = bank->vrfs[1];
	bank->vrfs[CHAINED].classifier_count = 1;
	bank->classifiers[0] = (struct dp_classifier){
		.src_port_last = 65535, .dst_port_last = 65535, .family = 4, .stage = 1, .id = 1};
	for (uint16_t vrf = 1; vrf <= CHAINED; vrf++)
		memcpy(bank->vrfs[vrf].router_mac, in.mac, 6);
	bank->next_hops[1] = (struct dp_next_hop){.kind = DP_NEXT_HOP_GATEWAY, .egress = egress_to(&out, &taker, 2)};
	for (unsigned int i = 0; i < DP_GROUP_BUCKETS; i++)
		bank->groups[1].bucket[i] = 1;
	for (uint16_t i = 0; i < 2; i++) {
		struct dp_stage *one = &bank->stages[1 + i];

		one->count = 1;
		one->port_pair_group = 1 + i;
		one->member[0] = egress_to(&stage[2 * i], &stage_peer[2 * i], 3 + 2 * i);
		port(&stage[2 * i + 1], 4 + 2 * i, CHAINED, i ? 0 : 2, true);
	}
	put(bank->vteps, DP_VTEP_SLOTS, &vtep, sizeof(vtep), 3);
	put(bank->vnis, DP_VNI_SLOTS, &vni, sizeof(vni), 3);
	bank->tunnel_ports[4789 / 64] |= 1ULL << 4789 % 64;
	fib_free(fib);
}

static void load(void)
{
	int cpus = libbpf_num_possible_cpus();
	uint32_t stride = DP_COUNTER_ROUTES + ROUTES;

	bench = bench_forward__open();
	router = router_bpf__open();
	if (!bench || !router)
		fail("opening the BPF programs");
	bench->rodata->bare_out = out.index;
	router->rodata->counter_stride = stride;
	if (cpus < 1 || bpf_map__set_max_entries(router->maps.counters, stride * cpus) || bench_forward__load(bench) ||
	    router_bpf__load(router))
		fail("loading the BPF programs");
}

static void attach_all(void)
{
	enter("sink");
	attach(taker.index, bench->progs.sink);
	enter("stages");
	bench->bss->stage_out[0] = stage_peer[1].index;
	bench->bss->stage_out[1] = stage_peer[3].index;
	attach(stage_peer[0].index, bench->progs.stage_first);
	attach(stage_peer[2].index, bench->progs.stage_second);
	enter("router");
	attach(stage[1].index, router->progs.sluice_router);
	attach(stage[3].index, router->progs.sluice_router);
}

static void fill_traffic(const struct internet *internet)
{
	for (uint32_t i = 0; i < TRAFFIC_ADDRESSES;) {
		const struct ip_prefix *one = &internet->prefix[random_below(&randomness, internet->ipv4)];
		struct ip_address address = one->address;

		address_randomise(&address, one->length, &randomness);
		if (!address.byte[0] || address.byte[0] == 127 || address.byte[0] >= 224)
			continue;
		memcpy(&bench->bss->address[i++], address.byte, 4);
	}
	bench->bss->out = generator.index;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Packets a second that arrived. */
static double send_frames(uint32_t length)
{
	static uint8_t data[2048];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data, .data_size_in = length, .repeat = BURST,
		    .batch_size = BATCH, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	uint64_t before = bench->bss->received;
	double start = now();

	do {
		if (bpf_prog_test_run_opts(bpf_program__fd(bench->progs.generate), &options))
			fail("test run on live frames");
	} while (now() - start < seconds);
	return (bench->bss->received - before) / (now() - start);
}

static double run(enum subject subject, const uint16_t *lengths)
{
	const struct bpf_program *program = subject == BARE	    ? bench->progs.bare
					    : subjects[subject].vrf ? router->progs.sluice_router
								    : NULL;
	uint32_t longest = 0;

	for (unsigned int i = 0; i < TRAFFIC_SIZES; i++) {
		bench->bss->frames[i] =
			traffic_frame(lengths[i], subjects[subject].tunnel ? VNI : 0, generator.mac, in.mac);
		longest = bench->bss->frames[i].length > longest ? bench->bss->frames[i].length : longest;
	}
	bench->bss->ip_offset = traffic_ip_offset(subjects[subject].tunnel);
	enter("router");
	if (subjects[subject].vrf)
		port(&in, 1, subjects[subject].vrf, 0, false);
	attach(in.index, program);
	enter("gen");
	return send_frames(longest);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const char *name, const uint16_t *lengths)
{
	double rate[SUBJECTS][ROUNDS], median[SUBJECTS];

	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (enum subject subject = 0; subject < SUBJECTS; subject++)
			rate[subject][round] = run(subject, lengths);
	}
	for (enum subject subject = 0; subject < SUBJECTS; subject++) {
		qsort(rate[subject], ROUNDS, sizeof(**rate), ascending);
		median[subject] = rate[subject][ROUNDS / 2];
		printf("{\"bench\":\"forward\",\"case\":\"%s\",\"subject\":\"%s\",\"value\":%.0f,\"unit\":\"packets/"
		       "s\"}\n",
		       name, subjects[subject].name, median[subject]);
	}
	fflush(stdout);
	for (enum subject subject = 0; subject < SUBJECTS; subject++) {
		enum subject kernel = subjects[subject].tunnel ? KERNEL_VXLAN : KERNEL;

		fprintf(stderr, "%-8s %-24s %9.0f packets/s  %3.0f%% of bare redirect, %.1f x the kernel\n", name,
			subjects[subject].name, median[subject], 100 * median[subject] / median[BARE],
			median[subject] / median[kernel]);
	}
}

int main(int argc, char **argv)
{
	static const uint16_t small[TRAFFIC_SIZES] = {60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60};
	static const uint16_t imix[TRAFFIC_SIZES] = {60, 590, 60, 60, 590, 60, 1514, 60, 590, 60, 590, 60};
	struct internet internet;
	cpu_set_t one;

	if (argc < 2) {
		fprintf(stderr, "usage: bench_forward NAMESPACE_PREFIX [--quick]\n");
		return 2;
	}
	prefix = argv[1];
	if (argc > 2 && !strcmp(argv[2], "--quick"))
		seconds = 0.05;
	CPU_ZERO(&one);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		fail("sched_setaffinity");
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	if (!internet_load(&internet))
		fail("memory");
	find_devices();
	load();
	fill_tables(&internet);
	fill_traffic(&internet);
	attach_all();
	measure("64 bytes", small);
	measure("IMIX", imix);
	internet_free(&internet);
	router_bpf__destroy(router);
	bench_forward__destroy(bench);
	return 0;
}
