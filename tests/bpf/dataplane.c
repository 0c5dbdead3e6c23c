/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon's side of the XDP program, in a network namespace of the test's own:
 *
 *   lo (no native XDP)      left ===veth=== right
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/dp/hash.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/internal.h"

#define ROUTES	1000
#define SKIPPED 77 /* tells ctest */

static struct dataplane *dataplane;
static uint32_t left;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* An IPv4 frame by lo, which no interface claims. */
static int run_once(const struct dataplane *of)
{
	unsigned char frame[64] = {[12] = 0x08, [13] = 0x00, [14] = 0x45};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame));

	assert_int_equal(bpf_prog_test_run_opts(dataplane_program_fd(of), &options), 0);
	return options.retval;
}

static uint32_t attached_id(uint32_t ifindex, uint32_t flags)
{
	uint32_t id = 0;

	assert_int_equal(bpf_xdp_query_id(ifindex, flags, &id), 0);
	return id;
}

static void test_flip(void **state)
{
	const struct bank *first = dataplane_idle_bank(dataplane), *second;

	(void)state;
	assert_int_equal(dataplane_generation(dataplane), 0);
	assert_int_equal(dataplane_idle_index(dataplane), 1);
	assert_int_equal(dataplane_flip(dataplane), 1);
	dataplane_wait_readers(dataplane);
	second = dataplane_idle_bank(dataplane);
	assert_int_equal(dataplane_idle_index(dataplane), 0);
	assert_ptr_equal(first, dataplane_bank(dataplane, 1));
	assert_ptr_equal(second, dataplane_bank(dataplane, 0));
	assert_int_equal(dataplane_flip(dataplane), 2);
	assert_ptr_equal(dataplane_idle_bank(dataplane), first);
}

/* What is stored in the idle bank is what packets meet after the flip, and not before. */
static void test_store_is_seen(void **state)
{
	struct dp_port port = {.ifindex = if_nametoindex("lo"), .vrf = 1, .interface = 9};
	struct dp_counter before, after;
	uint32_t slot;

	(void)state;
	slot = dp_hash((const __u64 *)&port, 1) & (bank_rows(dataplane_limits(dataplane), DP_TABLE_ports) - 1);
	dataplane_idle_bank(dataplane)->ports[slot] = port;
	dataplane_counter(dataplane, DP_COUNTER_RX + 9, &before);
	run_once(dataplane);
	dataplane_counter(dataplane, DP_COUNTER_RX + 9, &after);
	assert_int_equal(after.packets, before.packets);
	dataplane_flip(dataplane);
	run_once(dataplane);
	dataplane_counter(dataplane, DP_COUNTER_RX + 9, &after);
	assert_int_equal(after.packets, before.packets + 1);
	assert_int_equal(after.bytes, before.bytes + 64);
}

static void test_counters(void **state)
{
	struct dp_counter counter;
	uint32_t last = DP_COUNTER_ROUTES + ROUTES;

	(void)state;
	assert_int_equal(dataplane_limits(dataplane)->routes, ROUTES);
	dataplane_counter_reset(dataplane, DP_COUNTER_RX + 9);
	dataplane_counter(dataplane, DP_COUNTER_RX + 9, &counter);
	assert_int_equal(counter.packets + counter.bytes, 0);
	dataplane_counter(dataplane, last, &counter);
	assert_int_equal(counter.packets, 0);
	counter.packets = 77;
	dataplane_counter(dataplane, last + 1, &counter);
	assert_int_equal(counter.packets, 0);
	dataplane_counter_reset(dataplane, last + 1);
	/* What a record says counts already, and a reset takes it back. */
	dataplane->pending[0].record[0] =
		(struct dp_record){.length = 60, .sent = 64, .route = ROUTES, .rx = 9, .tx = 8};
	dataplane->pending[0].record[1] = (struct dp_record){.length = 61, .route = 1, .underlay_route = ROUTES};
	dataplane->pending[0].record[2] = (struct dp_record){.length = 1000, .route = ROUTES};
	dataplane->pending[0].records = 2;
	dataplane_counter(dataplane, last, &counter);
	assert_int_equal(counter.packets, 2);
	assert_int_equal(counter.bytes, 121);
	dataplane_counter(dataplane, DP_COUNTER_TX + 8, &counter);
	assert_int_equal(counter.packets, 1);
	assert_int_equal(counter.bytes, 64);
	dataplane_counter_reset(dataplane, last);
	dataplane_counter(dataplane, last, &counter);
	assert_int_equal(counter.packets + counter.bytes, 0);
	dataplane_counter(dataplane, DP_COUNTER_RX + 9, &counter);
	assert_int_equal(counter.bytes, 60);
	dataplane_counter(dataplane, DP_COUNTER_ROUTES + 1, &counter);
	assert_int_equal(counter.bytes, 61);
	dataplane_counter_reset(dataplane, DP_COUNTER_ROUTES + 1);
	dataplane_counter_reset(dataplane, DP_COUNTER_RX + 9);
	dataplane_counter_reset(dataplane, DP_COUNTER_TX + 8);
	dataplane->pending[0].records = 0;
}

static void test_too_many_routes(void **state)
{
	struct dataplane_options options = {.limits = {.routes = DP_MAX_ROUTES + 1}};
	int error = 0;

	(void)state;
	assert_null(dataplane_new(&options, &error));
	assert_int_equal(error, -EINVAL);
}

enum { ROUTER = 81, ANSWERS }; /* priorities of Sluice's filters */

/* Has the device a filter of our handle at ingress? tc(8) is not needed to look. */
static uint32_t filter_at(uint32_t ifindex, uint32_t priority)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = 0x51, .priority = priority);

	return bpf_tc_query(&hook, &options) ? 0 : options.prog_id;
}

static int take_filter_off(uint32_t ifindex, uint32_t priority)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = 0x51, .priority = priority);

	return bpf_tc_detach(&hook, &options);
}

static void test_attach(void **state)
{
	enum xdp_mode mode;
	char reason[160];
	uint32_t id, filter, answers;

	(void)state;
	assert_int_equal(dataplane_attach(dataplane, left, &mode, reason, sizeof(reason)), 0);
	assert_int_equal(mode, XDP_NATIVE);
	assert_string_equal(reason, "");
	id = attached_id(left, XDP_FLAGS_DRV_MODE);
	filter = filter_at(left, ROUTER);
	assert_int_not_equal(id, 0);
	assert_int_not_equal(filter, 0);
	assert_int_equal(dataplane_attach(dataplane, left, &mode, reason, sizeof(reason)), 0);
	assert_int_equal(mode, XDP_NATIVE);
	assert_int_equal(attached_id(left, XDP_FLAGS_DRV_MODE), id);
	/* Taken off behind our back: attaching again mends it. */
	assert_int_equal(bpf_xdp_detach(left, XDP_FLAGS_DRV_MODE, NULL), 0);
	assert_int_equal(dataplane_attach(dataplane, left, &mode, reason, sizeof(reason)), 0);
	assert_int_equal(attached_id(left, XDP_FLAGS_DRV_MODE), id);
	assert_int_equal(filter_at(left, ROUTER), filter);
	answers = filter_at(left, ANSWERS);
	assert_int_not_equal(answers, 0);
	for (uint32_t priority = ROUTER; priority <= ANSWERS; priority++) {
		assert_int_equal(take_filter_off(left, priority), 0);
		assert_int_equal(dataplane_attach(dataplane, left, &mode, reason, sizeof(reason)), 0);
		assert_int_equal(filter_at(left, ROUTER), filter);
		assert_int_equal(filter_at(left, ANSWERS), answers);
	}
	dataplane_detach(dataplane, left);
	assert_int_equal(attached_id(left, 0), 0);
	assert_int_equal(filter_at(left, ROUTER), 0);
	assert_int_equal(filter_at(left, ANSWERS), 0);
	dataplane_detach(dataplane, left);
}

/* By itself Sluice has no XDP on a veth, and takes off what another left there; it says why. */
static void test_attach_auto(void **state)
{
	struct dataplane_options options = {.limits = {.routes = ROUTES}};
	struct dataplane *automatic;
	enum xdp_mode mode;
	char reason[160];
	int error;

	(void)state;
	automatic = dataplane_new(&options, &error);
	assert_non_null(automatic);
	assert_int_equal(bpf_xdp_attach(left, dataplane_program_fd(dataplane), XDP_FLAGS_DRV_MODE, NULL), 0);
	for (int i = 0; i < 2; i++) {
		reason[0] = '\0';
		assert_int_equal(dataplane_attach(automatic, left, &mode, reason, sizeof(reason)), 0);
		assert_int_equal(mode, XDP_TC);
		assert_non_null(strstr(reason, "veth"));
		assert_int_equal(attached_id(left, 0), 0);
		assert_int_not_equal(filter_at(left, ROUTER), 0);
	}
	dataplane_free(automatic);
	assert_int_equal(filter_at(left, ROUTER), 0);
}

/* Another's filter of our handle stays; so does every other filter. */
static void test_attach_filters(void **state)
{
	/* r0 = TC_ACT_UNSPEC; exit */
	struct bpf_insn pass[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = -1}, {.code = BPF_JMP | BPF_EXIT}};
	int other = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "another", "GPL", pass, 2, NULL);
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)left, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, beside, .handle = 7, .priority = 81, .prog_fd = other);
	enum xdp_mode mode;
	char reason[160] = "";
	uint32_t id;

	(void)state;
	assert_true(other >= 0);
	for (uint32_t priority = ROUTER; priority <= ANSWERS; priority++) {
		LIBBPF_OPTS(bpf_tc_opts, same, .handle = 0x51, .priority = priority, .prog_fd = other);

		assert_int_equal(bpf_tc_attach(&hook, &same), 0);
		id = filter_at(left, priority);
		assert_int_equal(dataplane_attach(dataplane, left, &mode, reason, sizeof(reason)), -EBUSY);
		assert_non_null(strstr(reason, "another"));
		assert_int_equal(filter_at(left, priority), id);
		assert_int_equal(filter_at(left, ROUTER + ANSWERS - priority), 0);
		assert_int_equal(take_filter_off(left, priority), 0);
	}
	assert_int_equal(bpf_tc_attach(&hook, &beside), 0);
	assert_int_equal(dataplane_attach(dataplane, left, &mode, reason, sizeof(reason)), 0);
	dataplane_detach(dataplane, left);
	beside.flags = beside.prog_fd = beside.prog_id = 0;
	assert_int_equal(bpf_tc_query(&hook, &beside), 0);
	beside.flags = beside.prog_fd = beside.prog_id = 0;
	assert_int_equal(bpf_tc_detach(&hook, &beside), 0);
	close(other);
}

static void test_attach_not_ethernet(void **state)
{
	uint32_t lo = if_nametoindex("lo");
	enum xdp_mode mode;
	char reason[160];

	(void)state;
	assert_int_equal(dataplane_attach(dataplane, lo, &mode, reason, sizeof(reason)), -EOPNOTSUPP);
	assert_int_equal(mode, XDP_NONE);
	assert_non_null(strstr(reason, "Ethernet"));
	assert_int_equal(attached_id(lo, 0), 0);
}

static void test_attach_refused(void **state)
{
	/* r0 = XDP_PASS; exit */
	struct bpf_insn pass[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS}, {.code = BPF_JMP | BPF_EXIT}};
	int other = bpf_prog_load(BPF_PROG_TYPE_XDP, "another", "GPL", pass, 2, NULL);
	enum xdp_mode mode = XDP_TC;
	char reason[160] = "";
	uint32_t id;

	(void)state;
	assert_true(other >= 0);
	assert_int_equal(dataplane_attach(dataplane, 99999, &mode, reason, sizeof(reason)), -ENODEV);
	assert_int_equal(mode, XDP_NONE);
	/* Somebody else's program stays. */
	assert_int_equal(bpf_xdp_attach(left, other, XDP_FLAGS_DRV_MODE, NULL), 0);
	id = attached_id(left, XDP_FLAGS_DRV_MODE);
	assert_int_equal(dataplane_attach(dataplane, left, &mode, reason, sizeof(reason)), -EBUSY);
	assert_non_null(strstr(reason, "another"));
	assert_int_equal(attached_id(left, XDP_FLAGS_DRV_MODE), id);
	dataplane_detach(dataplane, left);
	assert_int_equal(attached_id(left, XDP_FLAGS_DRV_MODE), id);
	assert_int_equal(bpf_xdp_detach(left, XDP_FLAGS_DRV_MODE, NULL), 0);
	close(other);
}

/* A new daemon takes a port over from one that is going, in whatever mode that had it; the old one's end harms nothing.
 */
static void test_take_over(void **state)
{
	struct dataplane_options options = {.limits = {.routes = ROUTES}, .xdp = XDP_ALWAYS};
	struct dataplane *next;
	enum xdp_mode mode;
	char reason[160];
	uint32_t id, old;
	int error;

	(void)state;
	assert_int_equal(dataplane_attach(dataplane, left, &mode, reason, sizeof(reason)), 0);
	old = attached_id(left, XDP_FLAGS_DRV_MODE);
	next = dataplane_new(&options, &error);
	assert_non_null(next);
	assert_int_equal(dataplane_attach(next, left, &mode, reason, sizeof(reason)), 0);
	id = attached_id(left, XDP_FLAGS_DRV_MODE);
	assert_int_not_equal(id, old);
	dataplane_detach(dataplane, left);
	assert_int_equal(attached_id(left, XDP_FLAGS_DRV_MODE), id);
	dataplane_free(next);
	assert_int_equal(attached_id(left, 0), 0);
	/* Left behind in generic mode. */
	assert_int_equal(bpf_xdp_attach(left, dataplane_program_fd(dataplane), XDP_FLAGS_SKB_MODE, NULL), 0);
	assert_int_equal(dataplane_attach(dataplane, left, &mode, reason, sizeof(reason)), 0);
	assert_int_equal(mode, XDP_NATIVE);
	assert_int_equal(attached_id(left, XDP_FLAGS_SKB_MODE), 0);
	dataplane_detach(dataplane, left);
}

static void *run_until_told(void *stop)
{
	while (!__atomic_load_n((bool *)stop, __ATOMIC_ACQUIRE))
		run_once(dataplane);
	return NULL;
}

/* Every flip and wait while packets run: it must end, and this is what it takes. */
static void test_wait(void **state)
{
	unsigned int rounds = 50;
	bool stop = false;
	pthread_t thread;
	double start, took;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, run_until_told, &stop), 0);
	start = seconds();
	for (unsigned int i = 0; i < rounds; i++) {
		dataplane_flip(dataplane);
		dataplane_wait_readers(dataplane);
	}
	took = seconds() - start;
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	print_message("flip and wait: %.2f ms on average\n", took * 1e3 / rounds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flip),	       cmocka_unit_test(test_store_is_seen),
		cmocka_unit_test(test_counters),       cmocka_unit_test(test_too_many_routes),
		cmocka_unit_test(test_attach),	       cmocka_unit_test(test_attach_auto),
		cmocka_unit_test(test_attach_filters), cmocka_unit_test(test_attach_not_ethernet),
		cmocka_unit_test(test_attach_refused), cmocka_unit_test(test_take_over),
		cmocka_unit_test(test_wait),
	};
	struct dataplane_options options = {.limits = {.routes = ROUTES}, .xdp = XDP_ALWAYS};
	int failed, error = 0;
	double start;

	if (geteuid() || unshare(CLONE_NEWNET)) {
		printf("SKIP: a network namespace and a BPF program take root\n");
		return SKIPPED;
	}
	if (system("ip link set lo up && ip link add left type veth peer name right && ip link set left up && "
		   "ip link set right up")) {
		fprintf(stderr, "cannot make a veth pair\n");
		return 1;
	}
	left = if_nametoindex("left");
	start = seconds();
	dataplane = dataplane_new(&options, &error);
	if (!dataplane) {
		fprintf(stderr, "the program does not load: %s\n", strerror(-error));
		return 1;
	}
	printf("loaded in %.0f ms, %llu MiB of tables\n", (seconds() - start) * 1e3,
	       (unsigned long long)bank_bytes(dataplane_limits(dataplane)) >> 20);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	dataplane_free(dataplane);
	return failed != 0;
}
