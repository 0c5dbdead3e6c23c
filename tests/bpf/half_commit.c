/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nobody catches half a commit. Live frames run through the router while the control plane commits changes of a next
 * hop, a tunnel's VNI, a route's group, the address of a service's member, a chain and two rules of a policy together,
 * each carrying the number of its revision into the packets; every packet that arrives must be of one revision.
 *
 *   in0 ===veth=== in1 (generator)      up0 ===veth=== up1 (looks at packets in VXLAN)
 *   sa0 ===veth=== sa1 (looks at packets for the stage)      sb0 ===veth=== sb1
 *
 * Each commit is settled at once, without the pause that an answer to a client would be. So the wait for readers alone
 * keeps the second bank from being written under a packet; and to show that this test would see it, the same is done
 * without the wait. SLUICE_LONG=1 or --long: 100 million packets.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <event2/event.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/bpf/half_commit.h"
#include "tests/bpf/half_commit_config.h"
#include "tests/wants_long.h"
#include "vnf/control/control.h"
#include "vnf/reconcile/pending_updates.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/core/loop.h"
#include "vnf/core/rcu.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/quiesce/cpu_quiesce.h"

#include "half_commit.skel.h"

#define CHANGES	   254 /* even, so that the first follows the last as any other */
#define PACKETS	   1000000ULL
#define LONG	   100000000ULL
#define COMMITS	   200 /* at least, on however busy a machine */
#define SECONDS	   60
#define GENERATORS 2

static struct loop *loop;
static struct dataplane *dataplane;
static struct reconciler *reconciler;
static struct control *control;
static struct half_commit *half;
static Sluice__V1__ApplyChangesRequest *change[CHANGES];
static uint64_t packets = PACKETS;
static bool skip_wait;
static double waited;
static bool stop;

void __real_dataplane_wait_readers(struct dataplane *of);
void __wrap_dataplane_wait_readers(struct dataplane *of);
void __real_cpu_quiesce_start(struct cpu_quiesce *quiesce);
void __wrap_cpu_quiesce_start(struct cpu_quiesce *quiesce);
void __real_pending_updates_publish(const struct pending_updates *updates);
void __wrap_pending_updates_publish(const struct pending_updates *updates);

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void __wrap_dataplane_wait_readers(struct dataplane *of)
{
	double start = seconds();

	if (!skip_wait)
		__real_dataplane_wait_readers(of);
	waited += seconds() - start;
}

/* A few microseconds between the flip and the settling. */
void __wrap_cpu_quiesce_start(struct cpu_quiesce *quiesce)
{
	if (!skip_wait)
		__real_cpu_quiesce_start(quiesce);
}

/* What a commit does first after the flip. */
void __wrap_pending_updates_publish(const struct pending_updates *updates)
{
	if (reconciler)
		reconciler_sync_banks(reconciler);
	__real_pending_updates_publish(updates);
}

static void apply(const Sluice__V1__ApplyChangesRequest *request)
{
	Sluice__V1__ApplyChangesResponse *response = malloc(sizeof(*response));
	struct error error = {0};

	assert_non_null(response);
	sluice__v1__apply_changes_response__init(response);
	if (control_apply(control, request, response, &error))
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
	sluice__v1__apply_changes_response__free_unpacked(response, NULL);
	event_base_loop(loop_base(loop), EVLOOP_NONBLOCK);
}

static void *generate(void *context)
{
	struct xdp_md md = {.data_end = FRAME_BYTES, .ingress_ifindex = if_nametoindex("in0")};
	int cpu = (int)(intptr_t)context, program_fd = bpf_program__fd(half->progs.generate), error = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu % sysconf(_SC_NPROCESSORS_ONLN), &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	while (!error && !__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = half->bss->frame, .data_size_in = FRAME_BYTES,
			    .ctx_in = &md, .ctx_size_in = sizeof(md), .repeat = 4096,
			    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = 64);

		error = bpf_prog_test_run_opts(program_fd, &options);
	}
	return (void *)(intptr_t)error;
}

static struct tally total(void)
{
	struct tally sum = {0};

	for (int i = 0; i < TALLIES; i++) {
		const volatile struct tally *one = &half->bss->tally[i];

		sum.tunnelled += one->tunnelled;
		sum.steered += one->steered;
		sum.halves += one->halves;
		if (one->halves)
			memcpy(sum.half, (const void *)one->half, sizeof(sum.half));
	}
	return sum;
}

static uint64_t dropped(void)
{
	struct dp_counter counter;
	uint64_t sum = 0;

#define DROPPED(name, verdict, text)                                                                                   \
	if (DP_VERDICT_##verdict == DP_VERDICT_DROPPED && DP_REASON_##name != DP_REASON_denied) {                      \
		dataplane_counter(dataplane, DP_COUNTER_REASONS + DP_REASON_##name, &counter);                         \
		sum += counter.packets;                                                                                \
	}
	DP_REASONS(DROPPED)
#undef DROPPED
	return sum;
}

static uint64_t denied(void)
{
	struct dp_counter counter;

	dataplane_counter(dataplane, DP_COUNTER_REASONS + DP_REASON_denied, &counter);
	return counter.packets;
}

/* Commits under load until `wanted` packets have arrived, or a half commit where `until_half`. */
static struct tally load(uint64_t wanted, bool until_half, unsigned int *commits)
{
	const struct sched_param first = {.sched_priority = 1}, usual = {0};
	const struct timespec pause = {.tv_nsec = 50000}; /* for the packets: the CPUs are theirs as well */
	double start = seconds(), limit = packets > PACKETS ? 40.0 * SECONDS : SECONDS;
	pthread_t generator[GENERATORS];
	struct tally sum = {0};

	memset(half->bss->tally, 0, sizeof(half->bss->tally));
	stop = false;
	waited = 0;
	for (intptr_t i = 0; i < GENERATORS; i++)
		assert_int_equal(pthread_create(&generator[i], NULL, generate, (void *)i), 0);
	/* Else the generators leave it a commit now and then. */
	pthread_setschedparam(pthread_self(), SCHED_FIFO, &first);
	for (*commits = 0; seconds() - start < limit; ++*commits) {
		apply(change[*commits % CHANGES]);
		nanosleep(&pause, NULL);
		sum = total();
		if (until_half ? sum.halves > 0 : sum.tunnelled + sum.steered >= wanted && *commits >= COMMITS)
			break;
	}
	pthread_setschedparam(pthread_self(), SCHED_OTHER, &usual);
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	for (int i = 0; i < GENERATORS; i++) {
		void *error;

		pthread_join(generator[i], &error);
		assert_int_equal((intptr_t)error, 0);
	}
	sum = total();
	print_message("%u commits, %.0f a second, each waiting %.0f us; %llu packets in VXLAN, %llu to the stage, %llu "
		      "of two revisions\n",
		      *commits, *commits / (seconds() - start), waited * 1e6 / *commits,
		      (unsigned long long)sum.tunnelled, (unsigned long long)sum.steered,
		      (unsigned long long)sum.halves);
	return sum;
}

static void test_nobody_catches_half_a_commit(void **state)
{
	unsigned int commits;
	struct tally sum;

	(void)state;
	sum = load(packets, false, &commits);
	if (sum.halves)
		fail_msg("next hop %u, inner MAC %u, VNI %u, group %u, port %u", sum.half[0], sum.half[1], sum.half[2],
			 sum.half[3], sum.half[4]);
	assert_int_equal(dropped(), 0);
	assert_true(sum.tunnelled + sum.steered >= packets);
	assert_true(sum.tunnelled > packets / 10);
	assert_true(sum.steered > packets / 20);
	assert_true(denied() > packets / 20);
	assert_true(commits >= COMMITS);
}

static void test_without_the_wait_it_is_seen(void **state)
{
	unsigned int commits;
	struct tally sum;

	(void)state;
	skip_wait = true;
	sum = load(UINT64_MAX, true, &commits);
	skip_wait = false;
	assert_true(sum.halves > 0);
}

/* 64 bytes: Ethernet to in0's router, IPv4 from 10.1.0.2 to 10.9.0.1, UDP. */
static void make_frame(void)
{
	static const uint8_t ip[20] = {0x45, 0, 0, FRAME_BYTES - 14, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 1, 0, 2, 10,
				       9,    0, 1};
	static const uint8_t udp[8] = {0x10, 0, 0, PORT_GATED, 0, FRAME_BYTES - 34};
	int socket_fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq request = {.ifr_name = "in0"};
	uint8_t *frame = half->bss->frame;
	uint32_t sum = 0;

	assert_int_equal(ioctl(socket_fd, SIOCGIFHWADDR, &request), 0);
	close(socket_fd);
	memcpy(frame, request.ifr_hwaddr.sa_data, 6);
	frame[6] = 2;
	frame[12] = 0x08;
	memcpy(frame + 14, ip, sizeof(ip));
	memcpy(frame + 34, udp, sizeof(udp));
	for (int i = 0; i < 20; i += 2)
		sum += (uint32_t)(frame[14 + i] << 8 | frame[15 + i]);
	sum = (sum & 0xffff) + (sum >> 16);
	frame[24] = (uint8_t)(~sum >> 8);
	frame[25] = (uint8_t)~sum;
}

static int attach(const char *device, const struct bpf_program *looks)
{
	return bpf_xdp_attach((int)if_nametoindex(device), bpf_program__fd(looks), XDP_FLAGS_DRV_MODE, NULL);
}

static int setup(void **state)
{
	struct dataplane_options options = {.limits = {.routes = 1000}, .xdp = XDP_ALWAYS};
	Sluice__V1__ApplyChangesRequest *first;
	uint32_t zero = 0;
	struct error error = {0};
	int status, router;

	(void)state;
	rcu_thread_enter();
	loop = loop_new();
	dataplane = dataplane_new(&options, &status);
	assert_non_null(dataplane);
	reconciler = reconciler_new(loop, dataplane, &error);
	assert_non_null(reconciler);
	control = control_new(loop, dataplane, reconciler);
	assert_non_null(control);
	half = half_commit__open_and_load();
	assert_non_null(half);
	router = dataplane_program_fd(dataplane);
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(half->maps.router), &zero, &router, BPF_ANY), 0);
	assert_int_equal(attach("up1", half->progs.look), 0);
	assert_int_equal(attach("sa1", half->progs.look_at_stage), 0);
	make_frame();
	for (unsigned int i = 0; i < CHANGES; i++)
		change[i] = config_change(i + 1);
	first = config_first();
	apply(first);
	message_free(first);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (int i = 0; i < CHANGES; i++)
		message_free(change[i]);
	control_free(control);
	reconciler_free(reconciler);
	dataplane_free(dataplane);
	half_commit__destroy(half);
	loop_free(loop);
	rcu_thread_leave();
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_catches_half_a_commit),
		cmocka_unit_test(test_without_the_wait_it_is_seen),
	};

	if (wants_long(argc, argv))
		packets = LONG;
	if (geteuid() || unshare(CLONE_NEWNET)) {
		printf("SKIP: a network namespace and a BPF program take root\n");
		return 77;
	}
	if (system("set -e; for i in in up sa sb; do ip link add ${i}0 type veth peer name ${i}1;"
		   "for j in 0 1; do echo 1 >/proc/sys/net/ipv6/conf/$i$j/disable_ipv6; ip link set $i$j up; done; "
		   "done;"
		   "ip address add 203.0.113.1/24 dev up0")) {
		fprintf(stderr, "cannot make veth pairs\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
