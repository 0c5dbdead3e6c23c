/* SPDX-License-Identifier: Apache-2.0 */
/* Packets on their way as sessions and samples see them: what is told of each, to whom, and how many. */
#include "tests/bpf/router/explain.h"

#include <bpf/bpf.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "vnf/observe/state.h"

#define PLAIN	 .dst = MAC_ROUTER, .src = MAC_HOST
#define TO(to)	 .ip = {.src = "172.16.0.1", .dst = to, .src_port = 4000, .dst_port = 53, .payload = 150}
#define WAIT_MS	 5000
#define LOOPBACK 1
#define ALL	 1000000

static const struct frame_spec forwarded = {PLAIN, TO("10.1.0.1")}, discarded = {PLAIN, TO("10.8.0.1")},
			       no_route = {PLAIN, TO("192.0.2.77")},
			       others = {.dst = MAC_HOST, .src = MAC_HOST, TO("10.1.0.1")},
			       tunnelled = {
				       PLAIN,
				       .vlan = PORT_VLAN(PORT_UNDERLAY),
				       .inner_dst = MAC_VTEP,
				       .tunnel = VXLAN,
				       .outer = {.src = REMOTE4, .dst = LOCAL4, .src_port = 50000, .dst_port = 4789},
				       .vni = VNI_TENANT,
				       TO("10.1.0.1")};

/* What a session has been told. */
struct heard {
	pthread_mutex_t lock;
	uint32_t count;
	uint64_t lost;
	struct dp_observation head; /* of the last */
	uint8_t in[DP_OBSERVED_FRAME], out[DP_OBSERVED_FRAME];
	struct dp_step step[DP_OBSERVED_STEPS];
	bool holds; /* it is told of no more until this is false */
};

#define HEARD_NONE                                                                                                     \
	{                                                                                                              \
		.lock = PTHREAD_MUTEX_INITIALIZER                                                                      \
	}

static void take(void *context, const struct observed *observed, uint64_t lost)
{
	struct heard *heard = context;

	while (__atomic_load_n(&heard->holds, __ATOMIC_ACQUIRE))
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	pthread_mutex_lock(&heard->lock);
	heard->count++;
	heard->lost = lost;
	heard->head = *observed->head;
	if (observed->in)
		memcpy(heard->in, observed->in, observed->head->in_kept);
	if (observed->out)
		memcpy(heard->out, observed->out, observed->head->out_kept);
	if (observed->steps)
		memcpy(heard->step, observed->steps, sizeof(heard->step[0]) * observed->head->steps);
	pthread_mutex_unlock(&heard->lock);
}

static uint32_t count_of(struct heard *heard)
{
	uint32_t count;

	pthread_mutex_lock(&heard->lock);
	count = heard->count;
	pthread_mutex_unlock(&heard->lock);
	return count;
}

/* Waits until it has been told of so many. */
static void expect(struct heard *heard, uint32_t count)
{
	for (int ms = 0; ms < WAIT_MS && count_of(heard) < count; ms++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	assert_int_equal(count_of(heard), count);
}

static struct observer_session *look(const struct observer_wish *wish, struct heard *heard)
{
	struct observer_wish own = *wish;
	struct error error = {0};
	struct observer_session *session;

	own.take = take;
	own.context = heard;
	session = observer_open(explain_observer(), &own, &error);
	if (!session)
		fail_msg("%s", error.fault[0].message);
	return session;
}

/* What has been seen has been told of. */
static void observer_settle(struct observer *observer)
{
	pthread_mutex_lock(&observer->lock);
	observer_drain(observer);
	pthread_mutex_unlock(&observer->lock);
}

static struct outcome send_one(const struct frame_spec *spec)
{
	struct frame frame = frame_build(spec);

	return rig_run(&frame);
}

static void what_is_told(void **state)
{
	const struct observer_wish wish = {.packets = 3, .in_snap = 100, .out_snap = DP_OBSERVED_FRAME, .steps = true};
	struct frame in = frame_build(&forwarded);
	struct heard heard = HEARD_NONE;
	struct observer_session *session = look(&wish, &heard);
	struct outcome outcome = {};

	(void)state;
	for (int i = 0; i < 5; i++)
		outcome = rig_run(&in);
	expect(&heard, 3);
	observer_close(session);
	assert_int_equal(count_of(&heard), 3);
	assert_int_equal(heard.head.reason, DP_REASON_forwarded);
	assert_int_equal(heard.head.program, rig_context() == RIG_XDP ? DP_OBSERVED_XDP : DP_OBSERVED_TC);
	assert_int_equal(heard.head.ifindex, LOOPBACK);
	assert_int_equal(heard.head.out_ifindex, LOOPBACK);
	assert_int_equal(heard.head.interface, PORT_TENANT);
	assert_int_equal(heard.head.out_interface, WAY_INTERFACE(WAY_PLAIN));
	assert_int_equal(heard.head.in_length, in.length);
	assert_int_equal(heard.head.in_kept, 100);
	assert_memory_equal(heard.in, in.byte, 100);
	assert_int_equal(heard.head.out_length, outcome.frame.length);
	assert_int_equal(heard.head.out_kept, outcome.frame.length);
	assert_memory_equal(heard.out, outcome.frame.byte, outcome.frame.length);
	assert_int_equal(heard.head.last.vrf, VRF_TENANT);
	assert_int_equal(heard.head.last.route, WAY_PLAIN);
	assert_int_equal(heard.head.last.next_hop, WAY_PLAIN);
	assert_int_equal(heard.head.last.dst_port, 53);
	assert_true(heard.head.steps > 6);
	for (int i = 0; i + 1 < heard.head.steps; i++)
		assert_int_equal(heard.step[i].reason, -1);
	assert_int_equal(heard.step[0].kind, DP_STEP_parse_link);
	assert_int_equal(heard.step[heard.head.steps - 1].kind, DP_STEP_transmit);
	assert_int_equal(heard.step[heard.head.steps - 1].reason, DP_REASON_forwarded);
	assert_int_equal(heard.step[heard.head.steps - 1].out_mac[5], WAY_MAC(WAY_PLAIN));
}

/* Wherever a packet ends, it is told of once. */
static void every_end(void **state)
{
	static const struct {
		const struct frame_spec *spec;
		enum dp_reason reason;
	} ends[] = {{&forwarded, DP_REASON_forwarded},
		    {&discarded, DP_REASON_discard},
		    {&no_route, DP_REASON_no_route},
		    {&others, DP_REASON_wrong_mac},
		    {&tunnelled, DP_REASON_forwarded}};
	const struct observer_wish wish = {.packets = ALL, .in_snap = DP_OBSERVED_FRAME};
	struct heard heard = HEARD_NONE;
	struct observer_session *session = look(&wish, &heard);

	(void)state;
	for (uint32_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct frame in = frame_build(ends[i].spec);

		rig_run_either(&in);
		expect(&heard, i + 1);
		assert_int_equal(heard.head.reason, ends[i].reason);
		assert_int_equal(heard.head.in_kept, in.length);
		assert_memory_equal(heard.in, in.byte, in.length);
	}
	assert_int_equal(heard.head.last.vni, VNI_TENANT);
	observer_close(session);
}

struct filter_case {
	const char *name;
	struct dp_observe_filter fits, misses;
};

static void set_mask(struct dp_address *mask)
{
	memset(mask, 0xff, sizeof(*mask));
}

/* Two sessions at once: one that the packet fits, one that it does not. */
static void check_filter(const struct filter_case *test)
{
	struct observer_wish fits = {.filter = test->fits, .packets = ALL},
			     misses = {.filter = test->misses, .packets = ALL};
	struct heard heard = HEARD_NONE, nothing = HEARD_NONE;
	struct observer_session *one = look(&fits, &heard), *other = look(&misses, &nothing);

	send_one(&tunnelled);
	expect(&heard, 1);
	observer_close(one);
	observer_close(other);
	if (count_of(&nothing))
		fail_msg("%s: a packet that does not fit", test->name);
}

static void filters(void **state)
{
	static const struct filter_case tests[] = {
		{"interface", {.interface = PORT_UNDERLAY}, {.interface = PORT_TENANT}},
		{"out interface", {.out_interface = WAY_INTERFACE(WAY_PLAIN)}, {.out_interface = PORT_UNDERLAY}},
		{"VRF", {.vrf = VRF_TENANT}, {.vrf = VRF_UNDERLAY}},
		{"protocol", {.protocol = 17}, {.protocol = 6}},
		{"family", {.family = 4}, {.family = 6}},
		{"VNI", {.vni = VNI_TENANT}, {.vni = VNI_CHAINED}},
		{"tunnel", {.tunnel = TUNNEL_IN(0, VXLAN)}, {.tunnel = 77}},
		{"route", {.route = WAY_PLAIN}, {.route = WAY_VLAN}},
		{"reason", {.reason = DP_REASON_forwarded + 1}, {.reason = DP_REASON_discard + 1}},
		{"verdict", {.verdicts = 1 << DP_VERDICT_FORWARDED}, {.verdicts = 1 << DP_VERDICT_DROPPED}},
		{"source port", {.src_port = 4000}, {.src_port = 53}},
		{"destination port", {.dst_port = 53}, {.dst_port = 4000}},
		{"either", {.dst_port = 4000, .either = 1}, {.dst_port = 4000}},
		{"rule", {.rule = 0}, {.rule = 9}},
	};
	struct filter_case addresses = {.name = "addresses"};

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		check_filter(&tests[i]);
	set_mask(&addresses.fits.dst_mask);
	addresses.fits.dst = rig_address("10.1.0.1");
	addresses.misses = addresses.fits;
	addresses.misses.dst = rig_address("10.1.0.2");
	check_filter(&addresses);
	addresses = (struct filter_case){.name = "source"};
	set_mask(&addresses.fits.src_mask);
	addresses.fits.src = rig_address("172.16.0.1");
	addresses.misses = addresses.fits;
	addresses.misses.src = rig_address(REMOTE4);
	check_filter(&addresses);
}

/* Of many flows some are looked at, of each all packets, of both directions. */
static void some_flows(void **state)
{
	enum { FLOWS = 512, ONE_IN = 8 };
	const struct observer_wish wish = {.filter = {.flows = ONE_IN - 1}, .packets = ALL};
	struct heard heard = HEARD_NONE;
	struct observer_session *session = look(&wish, &heard);
	struct frame_spec there = forwarded, back = {PLAIN, .ip = {.src = "10.1.0.1", .dst = "172.16.0.1"}};
	uint32_t flows = 0, before;

	(void)state;
	for (uint16_t i = 0; i < FLOWS; i++) {
		there.ip.src_port = back.ip.dst_port = (uint16_t)(1000 + i);
		back.ip.src_port = there.ip.dst_port;
		before = count_of(&heard);
		for (int times = 0; times < 2; times++) {
			struct frame in = frame_build(times ? &back : &there);

			rig_run_either(&in);
		}
		observer_settle(explain_observer());
		assert_true(count_of(&heard) == before || count_of(&heard) == before + 2);
		flows += count_of(&heard) != before;
	}
	observer_close(session);
	assert_in_range(flows, FLOWS / ONE_IN / 2, FLOWS / ONE_IN * 2);
}

/* Where the ring has no room, what is lost is counted, and the session is owed it still. */
static void lost(void **state)
{
	enum { PACKETS = 3000 };
	const struct observer_wish wish = {.packets = ALL, .in_snap = DP_OBSERVED_FRAME, .out_snap = DP_OBSERVED_FRAME};
	struct frame_spec large = forwarded;
	struct heard heard = HEARD_NONE;
	struct observer_session *session;
	struct frame frame, out;

	(void)state;
	large.ip.payload = 1400;
	frame = frame_build(&large);
	heard.holds = true;
	session = look(&wish, &heard);
	for (int i = 0; i < PACKETS; i++)
		rig_run_unseen(&frame, &out);
	__atomic_store_n(&heard.holds, false, __ATOMIC_RELEASE);
	while (count_of(&heard) < 1)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	rig_run_unseen(&frame, &out); /* whose lost ones are told of */
	for (int ms = 0; ms < WAIT_MS && count_of(&heard) + heard.lost < PACKETS + 1; ms++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	observer_close(session);
	assert_true(heard.lost > 0);
	assert_int_equal(heard.count + heard.lost, PACKETS + 1);
	rig_forget_counted();
}

static void count_sample(void *context, const struct observed *observed, uint64_t lost_ones)
{
	assert_int_equal(lost_ones, 0);
	assert_int_equal(observed->head->observers, DP_OBSERVED_SAMPLE);
	assert_int_equal(observed->head->in_kept, 64);
	__atomic_fetch_add((uint32_t *)context, 1, __ATOMIC_RELAXED);
}

static void see_sample(void *context, const struct observed *observed, uint64_t lost_ones)
{
	(void)lost_ones;
	assert_int_equal(observed->head->reason, DP_REASON_discard);
	(*(uint32_t *)context)++;
}

/* One in N, and that what has been is remembered. A packet that is dropped stays as it is. */
static void samples(void **state)
{
	enum { PACKETS = 100000, EVERY = 100 };
	struct frame frame = frame_build(&discarded);
	uint32_t sampled = 0, recent = 0;
	struct error error = {0};

	(void)state;
	assert_int_equal(observer_take_samples(explain_observer(), count_sample, &sampled, &error), 0);
	assert_int_equal(observer_sample(explain_observer(), EVERY, 64, &error), 0);
	rig_repeat(&frame, PACKETS);
	for (int ms = 0; ms < 500; ms++) /* more than enough for the thread */
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	assert_int_equal(observer_sample(explain_observer(), 0, 0, &error), 0);
	observer_stop_samples(explain_observer(), count_sample, &sampled);
	if (fabs((double)sampled - PACKETS / EVERY) > 3 * sqrt((double)PACKETS / EVERY))
		fail_msg("%u samples of %d packets, one in %d", sampled, PACKETS, EVERY);
	assert_int_equal(observer_recent(explain_observer(), 10, see_sample, &recent), 10);
	assert_int_equal(recent, 10);
	rig_forget_counted();
}

/* What it costs a packet, of which nobody is told, while somebody looks. */
static void cost(void **state)
{
	enum { RUNS = 200000 };
	const struct observer_wish wish = {.filter = {.vni = 77}, .packets = ALL, .in_snap = 128, .steps = true},
				   heads = {.filter = {.vni = 77}, .packets = ALL};
	struct frame frame = frame_build(&discarded);
	struct heard heard = HEARD_NONE;
	struct observer_session *session;
	struct error error = {0};
	uint32_t off = rig_repeat(&frame, RUNS), sampled, traced, looked;

	(void)state;
	assert_int_equal(observer_sample(explain_observer(), 1000, 128, &error), 0);
	sampled = rig_repeat(&frame, RUNS);
	assert_int_equal(observer_sample(explain_observer(), 0, 0, &error), 0);
	session = look(&heads, &heard);
	looked = rig_repeat(&frame, RUNS);
	observer_close(session);
	session = look(&wish, &heard);
	traced = rig_repeat(&frame, RUNS);
	observer_close(session);
	assert_int_equal(count_of(&heard), 0);
	print_message("a dropped packet: %u ns, one in 1000 sampled %u ns, beside a session's filter %u ns, with steps "
		      "%u ns\n",
		      off, sampled, looked, traced);
	rig_forget_counted();
}

static void too_many(void **state)
{
	const struct observer_wish wish = {.packets = 1, .take = take};
	struct observer_session *session[DP_OBSERVERS];
	struct heard heard = HEARD_NONE;
	struct error error = {0};

	(void)state;
	for (int i = 0; i < DP_OBSERVERS; i++)
		session[i] = look(&wish, &heard);
	assert_null(observer_open(explain_observer(), &wish, &error));
	assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
	for (int i = 0; i < DP_OBSERVERS; i++)
		observer_close(session[i]);
}

int observe_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told), cmocka_unit_test(every_end), cmocka_unit_test(filters),
		cmocka_unit_test(some_flows),	cmocka_unit_test(lost),	     cmocka_unit_test(samples),
		cmocka_unit_test(too_many),	cmocka_unit_test(cost),
	};

	return cmocka_run_group_tests_name("observe", tests, NULL, NULL);
}
