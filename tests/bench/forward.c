/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets a second through one core: generator, router and sink run on the same CPU, in the veth lab that forward.sh
 * makes. The router is Sluice's XDP program with its tables filled in here, the kernel, or a program that only
 * redirects. All have the full table and meet the same frames, turn by turn; the median of the
 * rounds counts. Each frame has another destination than the 131,071 before it, which no cache likes; "Zipf" has
 * favourites, and the last case only so many destinations as a cache can hold.
 *
 *   bench_forward NAMESPACE_PREFIX [--quick]	a JSON object a line on stdout, progress on stderr
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "api/dp/bank.h"
#include "tests/bench/forward.h"
#include "tests/bench/forward_frames.h"
#include "tests/bench/forward_lab.h"
#include "tests/bench/forward_peer.h"
#include "tests/bench/forward_router.h"
#include "vnf/dataplane/dataplane.h"
#include "tests/bench/forward_traffic.h"
#include "tests/unit/internet.h"

#include "bench_forward.skel.h"

#define ROUNDS 15 /* short turns: what else the machine does changes within seconds */
#define BATCH  64
#define FEW    1024

enum subject { BARE, PLAIN, PLAIN_TEN, DECAP, CHAIN, XDP_FORWARD, KERNEL, KERNEL_VXLAN, SUBJECTS };

static const struct {
	const char *name;
	bool tunnel;
	uint16_t vrf; /* Sluice's, of the first port; 0: not Sluice */
} subjects[SUBJECTS] = {
	[BARE] = {"bare redirect", false, 0},
	[PLAIN] = {"sluice ipv4", false, VRF_FULL},
	[PLAIN_TEN] = {"sluice ipv4, 10 routes", false, VRF_TEN},
	[DECAP] = {"sluice vxlan", true, VRF_UNDERLAY},
	[CHAIN] = {"sluice chain of two", false, VRF_CHAINED},
	[XDP_FORWARD] = {"xdp-forward ipv4", false, 0},
	[KERNEL] = {"kernel ipv4", false, 0},
	[KERNEL_VXLAN] = {"kernel vxlan", true, 0},
};

static struct lab lab;
static struct bench_forward *bench;
static struct dataplane *router;
static int xdp_forward;		  /* -1: it takes no part */
static uint32_t frames = 1 << 18; /* that a turn times, after those to all addresses */
static bool turns;		  /* takes turns with another build's bench: forward.sh --against */

static void load(void)
{
	bench = bench_forward__open();
	if (!bench)
		fail("opening the bench's programs");
	bench->rodata->bare_out = lab.out.index;
	if (bench_forward__load(bench))
		fail("loading the bench's programs");
	bench->bss->out = lab.generator.index;
}

static void attach_all(void)
{
	lab_enter("sink");
	lab_attach(&lab.taker, bpf_program__fd(bench->progs.sink));
	lab_enter("stages");
	bench->bss->stage_out[0] = lab.stage_peer[1].index;
	bench->bss->stage_out[1] = lab.stage_peer[3].index;
	lab_attach(&lab.stage_peer[0], bpf_program__fd(bench->progs.stage_first));
	lab_attach(&lab.stage_peer[2], bpf_program__fd(bench->progs.stage_second));
	lab_enter("router");
	lab_attach(&lab.stage[1], dataplane_program_fd(router));
	lab_attach(&lab.stage[3], dataplane_program_fd(router));
}

/*
 * Packets a second that arrived. Each address is met once before time counts: whose turn was before has emptied the
 * caches. The generator takes the time itself: before and after its frames the kernel's test run waits for grace
 * periods, tens of milliseconds in which no frame is sent.
 */
static double send_frames(uint32_t length)
{
	static uint8_t data[2048];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data, .data_size_in = length,
		    .repeat = TRAFFIC_ADDRESSES + frames, .batch_size = BATCH, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	const struct traffic_time *first = &bench->bss->first, *last = &bench->bss->last;

	bench->bss->first.ns = 0;
	bench->bss->timed_from = bench->bss->sent + TRAFFIC_ADDRESSES;
	if (bpf_prog_test_run_opts(bpf_program__fd(bench->progs.generate), &options))
		fail("test run on live frames");
	if (last->ns == first->ns)
		return 0;
	return (last->received - first->received) * 1e9 / (last->ns - first->ns);
}

/* -1: none. */
static int program_of(enum subject subject)
{
	if (subject == BARE)
		return bpf_program__fd(bench->progs.bare);
	if (subject == XDP_FORWARD)
		return xdp_forward;
	return subjects[subject].vrf ? dataplane_program_fd(router) : -1;
}

static bool takes_part(enum subject subject)
{
	return subject != XDP_FORWARD || xdp_forward >= 0;
}

static double run(enum subject subject, const uint16_t *lengths)
{
	uint32_t longest = 0;

	if (!takes_part(subject))
		return 0;
	for (unsigned int i = 0; i < TRAFFIC_SIZES; i++) {
		bench->bss->frames[i] =
			traffic_frame(lengths[i], subjects[subject].tunnel ? VNI : 0, lab.generator.mac, lab.in.mac);
		longest = bench->bss->frames[i].length > longest ? bench->bss->frames[i].length : longest;
	}
	bench->bss->ip_offset = traffic_ip_offset(subjects[subject].tunnel);
	lab_enter("router");
	if (subjects[subject].vrf)
		router_enter(router, &lab, subjects[subject].vrf);
	lab_attach(&lab.in, program_of(subject));
	lab_enter("gen");
	return send_frames(longest);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_row(const char *name, enum subject subject, double value)
{
	if (!takes_part(subject))
		return;
	printf("{\"bench\":\"forward\",\"case\":\"%s\",\"subject\":\"%s\",\"value\":%.0f,\"unit\":\"packets/s\"}\n",
	       name, subjects[subject].name, value);
}

/* The other build's programs were on the devices meanwhile. A line on standard input says that it is our turn. */
static void wait_for_turn(void)
{
	char line[8];

	if (!fgets(line, sizeof(line), stdin))
		exit(0);
	attach_all();
}

/* A round is a row of each subject and an empty line, which are given out once it is over. */
static void measure_in_turns(const char *name, const uint16_t *lengths)
{
	double rate[SUBJECTS];

	for (unsigned int round = 0; round < ROUNDS; round++) {
		wait_for_turn();
		for (enum subject subject = 0; subject < SUBJECTS; subject++)
			rate[subject] = run(subject, lengths);
		for (enum subject subject = 0; subject < SUBJECTS; subject++)
			print_row(name, subject, rate[subject]);
		puts("");
		fflush(stdout);
	}
}

static void measure(const char *name, const uint16_t *lengths)
{
	double rate[SUBJECTS][ROUNDS], median[SUBJECTS];

	if (turns) {
		measure_in_turns(name, lengths);
		return;
	}
	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (enum subject subject = 0; subject < SUBJECTS; subject++)
			rate[subject][round] = run(subject, lengths);
	}
	for (enum subject subject = 0; subject < SUBJECTS; subject++) {
		qsort(rate[subject], ROUNDS, sizeof(**rate), ascending);
		median[subject] = rate[subject][ROUNDS / 2];
		print_row(name, subject, median[subject]);
	}
	fflush(stdout);
	for (enum subject subject = 0; subject < SUBJECTS; subject++) {
		enum subject kernel = subjects[subject].tunnel ? KERNEL_VXLAN : KERNEL;

		if (!takes_part(subject))
			continue;
		fprintf(stderr, "%-14s %-24s %9.0f packets/s  %3.0f%% of bare redirect, %.1f x the kernel\n", name,
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
		fprintf(stderr, "usage: bench_forward NAMESPACE_PREFIX [--quick | --turns]\n");
		return 2;
	}
	if (argc > 2 && !strcmp(argv[2], "--quick"))
		frames = 1 << 14;
	turns = argc > 2 && !strcmp(argv[2], "--turns");
	CPU_ZERO(&one);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		fail("sched_setaffinity");
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	if (!internet_load(&internet))
		fail("memory");
	lab_find(&lab, argv[1]);
	load();
	router = router_open(&lab, &internet);
	xdp_forward = peer_open(getenv("XDP_FORWARD"), &lab);
	attach_all();
	traffic_draw_uniform(bench->bss->address, &internet);
	measure("64 bytes", small);
	measure("IMIX", imix);
	traffic_draw_zipf(bench->bss->address, &internet);
	measure("64 bytes, Zipf", small);
	traffic_draw_few(bench->bss->address, &internet, FEW);
	measure("64 bytes, 1,024 destinations", small);
	internet_free(&internet);
	dataplane_free(router);
	bench_forward__destroy(bench);
	return 0;
}
