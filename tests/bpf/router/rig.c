/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bpf/router/rig.h"

#include "tests/bpf/router/explain.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/pkt_cls.h>

#include "vnf/dataplane/flow_salt.h"
#include "vnf/dataplane/internal.h"
#include "vnf/dataplane/bank/limits.h"

#define LOOPBACK 1
#define ROUTES	 256 /* counters of routes that the tests need */

static struct dataplane *dataplane;
static enum rig_context context;
static uint32_t segment; /* into which the kernel is to cut the packets of RIG_TC later; 0: it isn't */
static struct dp_counter before[DP_REASON_COUNT];
static bool seen[DP_REASON_COUNT];
static bool few;

const char *const reason_names[DP_REASON_COUNT] = {
#define REASON_NAME(name, verdict, description) [DP_REASON_##name] = #name,
	DP_REASONS(REASON_NAME)
#undef REASON_NAME
};

static const enum dp_verdict verdicts[DP_REASON_COUNT] = {
#define REASON_VERDICT(name, verdict, description) [DP_REASON_##name] = DP_VERDICT_##verdict,
	DP_REASONS(REASON_VERDICT)
#undef REASON_VERDICT
};

int rig_open(const char *profile, enum rig_context in)
{
	struct dataplane_options options = {0};
	int error = limits_profile(profile, &options.limits);
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one),
			 0); /* on which one filter leaves word for the other */
	options.limits.routes = ROUTES;
	if (!error)
		dataplane = dataplane_new(&options, &error);
	if (!error)
		error = explain_open(dataplane, strcmp(profile, "small") == 0);
	memset(before, 0, sizeof(before));
	context = in;
	return error;
}

void rig_close(void)
{
	rig_forget();
	explain_close();
	dataplane_free(dataplane);
	dataplane = NULL;
}

int rig_draws(int usual)
{
	return few ? usual / 10 : usual;
}

void rig_draw_few(bool wanted)
{
	few = wanted;
}

static int program_of(enum rig_context which)
{
	return which == RIG_TC ? dataplane_tc_program_fd(dataplane, TC_ROUTER) : dataplane_program_fd(dataplane);
}

int rig_program(void)
{
	return program_of(context);
}

/* A socket buffer's test run wants an IP header behind an EtherType that says so, and all in one page. */
bool rig_takes(const struct frame *frame)
{
	uint16_t eth_proto = frame->length < 14 ? 0 : frame_get16(frame, 12);
	size_t header = eth_proto == 0x0800 ? 20 : eth_proto == 0x86dd ? 40 : 1;

	if (context == RIG_TC)
		return frame->length >= 14 + header && frame->length <= RIG_PAGE;
	return frame->length >= 14;
}

enum rig_context rig_context(void)
{
	return context;
}

const struct bank *rig_bank(unsigned int index)
{
	return dataplane_bank(dataplane, index);
}

const struct dp_limits *rig_limits(void)
{
	return dataplane_limits(dataplane);
}

void rig_set_generation(uint64_t generation)
{
	dataplane->now->generation = generation;
}

void rig_set_flow_salt(uint64_t salt)
{
	*dataplane->mixed_salt = flow_salt_mixed(salt);
}

struct dp_limiter *rig_limiter(uint32_t id)
{
	return &dataplane->limiters[id];
}

struct dp_member_load *rig_member_load(uint32_t member)
{
	return &dataplane->member_loads[member];
}

void rig_empty_limiter_sets(void)
{
	size_t size = sizeof(struct dp_limiter_set) * maps_limiter_sets(&dataplane->limits);

	memset(dataplane->limiter_sets, 0, size);
	memset(dataplane->ddos_sets, 0, size);
}

const struct connection_tables *rig_connections(void)
{
	return dataplane_connections(dataplane);
}

struct dp_tunnel_path rig_tunnel_path(uint32_t tunnel)
{
	return dataplane_tunnel_path(dataplane, tunnel);
}

void rig_set_tunnel_path(uint32_t tunnel, uint64_t path)
{
	dataplane->tunnel_paths[tunnel].path = path;
}

const bool *rig_reasons_seen(void)
{
	return seen;
}

struct dp_counter rig_counter(uint32_t index)
{
	struct dp_counter sum;

	dataplane_counter(dataplane, index, &sum);
	return sum;
}

/* The reason counted since the last time, of which there must be no more than one; -1: none was. */
static int reason_counted(size_t length)
{
	int reason = -1;

	for (int i = 0; i < DP_REASON_COUNT; i++) {
		struct dp_counter now = rig_counter(DP_COUNTER_REASONS + i);

		if (now.packets == before[i].packets)
			continue;
		if (reason >= 0 || now.packets != before[i].packets + 1)
			fail_msg("counted both %s and %s", reason_names[reason < 0 ? i : reason], reason_names[i]);
		assert_int_equal(now.bytes - before[i].bytes, length);
		before[i] = now;
		reason = i;
	}
	if (reason >= 0)
		seen[reason] = true;
	return reason;
}

/* The program's answer for each verdict. */
static const uint32_t answers[][5] = {
	[RIG_XDP] = {[DP_VERDICT_FORWARDED] = XDP_REDIRECT,
		     [DP_VERDICT_PUNTED] = XDP_PASS,
		     [DP_VERDICT_DROPPED] = XDP_DROP},
	[RIG_TC] = {[DP_VERDICT_FORWARDED] = TC_ACT_REDIRECT,
		    [DP_VERDICT_PUNTED] = (uint32_t)TC_ACT_UNSPEC,
		    [DP_VERDICT_DROPPED] = TC_ACT_SHOT,
		    [DP_VERDICT_ANSWERED] = TC_ACT_REDIRECT},
};

static uint32_t run_program(int program, enum rig_context in_context, const struct frame *in, struct frame *out)
{
	struct xdp_md md = {.data_end = in->length, .ingress_ifindex = LOOPBACK};
	struct __sk_buff skb = {.gso_size = segment, .gso_segs = segment ? (in->length + segment - 1) / segment : 0};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = in->byte, .data_size_in = in->length, .data_out = out->byte,
		    .data_size_out = sizeof(out->byte), .repeat = 1);
	int error;

	if (in_context == RIG_XDP) {
		options.ctx_in = &md;
		options.ctx_size_in = sizeof(md);
	} else if (segment) {
		options.ctx_in = &skb;
		options.ctx_size_in = sizeof(skb);
	}
	error = bpf_prog_test_run_opts(program, &options);
	if (error)
		fail_msg("test run of %zu bytes: %s", in->length, strerror(-error));
	out->length = options.data_size_out;
	return options.retval;
}

uint32_t rig_run_filter(enum tc_program which, const struct frame *in, struct frame *out)
{
	return run_program(dataplane_tc_program_fd(dataplane, which), RIG_TC, in, out);
}

/* The answer to one frame: of the clsact qdisc's filters the second has what the first lets go on. */
static uint32_t run(enum rig_context in_context, const struct frame *in, struct frame *out)
{
	uint32_t answer = run_program(program_of(in_context), in_context, in, out);
	struct frame first;

	if (in_context == RIG_XDP || answer != (uint32_t)TC_ACT_UNSPEC)
		return answer;
	first = *out;
	assert_int_equal(first.length, in->length);
	assert_memory_equal(first.byte, in->byte, in->length);
	return rig_run_filter(TC_ANSWERS, &first, out);
}

/* What XDP leaves to the other program is neither counted nor changed. */
static void check_left(const struct frame *in, const struct frame *out)
{
	if (reason_counted(in->length) >= 0)
		fail_msg("XDP counted a packet that it leaves to the other program");
	assert_int_equal(out->length, in->length);
	assert_memory_equal(out->byte, in->byte, in->length);
}

struct outcome rig_run(const struct frame *in)
{
	struct outcome outcome = {};
	enum rig_context last = context;
	uint32_t answer;
	int reason;

	explain_packet(in, context);
	answer = run(context, in, &outcome.frame);
	if (context == RIG_XDP && answer == XDP_PASS) {
		check_left(in, &outcome.frame);
		outcome.left = true;
		last = RIG_TC;
		answer = run(RIG_TC, in, &outcome.frame);
	}
	reason = reason_counted(in->length);
	if (reason < 0)
		fail_msg("no reason was counted");
	explain_compare(reason, &outcome.frame);
	outcome.reason = (enum dp_reason)reason;
	outcome.verdict = verdicts[reason];
	if (answer != answers[last][outcome.verdict])
		fail_msg("reason %s with answer %u", reason_names[reason], answer);
	if (context == RIG_XDP && outcome.verdict == DP_VERDICT_PUNTED)
		assert_true(outcome.left);
	return outcome;
}

static struct outcome run_expecting(const struct frame *in, uint32_t expected)
{
	struct outcome outcome = {};
	uint32_t answer;
	int reason;

	if (!segment) /* a test run of who explains has none */
		explain_packet(in, RIG_TC);
	answer = run(RIG_TC, in, &outcome.frame);
	reason = reason_counted(in->length);
	explain_compare(reason, expected == TC_ACT_REDIRECT ? &outcome.frame : NULL);
	if (reason < 0 || answer != expected)
		fail_msg("reason %s without an answer: %u", reason < 0 ? "none" : reason_names[reason], answer);
	outcome.reason = (enum dp_reason)reason;
	outcome.verdict = verdicts[reason];
	return outcome;
}

struct outcome rig_run_answered(const struct frame *in)
{
	return run_expecting(in, TC_ACT_REDIRECT);
}

struct outcome rig_run_segmented(const struct frame *in, uint32_t size)
{
	struct outcome outcome;

	segment = size;
	outcome = run_expecting(in, TC_ACT_REDIRECT);
	segment = 0;
	return outcome;
}

struct outcome rig_run_learned(const struct frame *in)
{
	return run_expecting(in, (uint32_t)TC_ACT_UNSPEC);
}

bool rig_run_either(const struct frame *in)
{
	struct frame out;
	uint32_t answer = run(RIG_TC, in, &out);

	reason_counted(in->length);
	return answer == TC_ACT_REDIRECT;
}

void rig_run_unseen(const struct frame *in, struct frame *out)
{
	run(context, in, out);
}

uint32_t rig_repeat(const struct frame *in, int times)
{
	struct xdp_md md = {.data_end = (uint32_t)in->length, .ingress_ifindex = LOOPBACK};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = in->byte, .data_size_in = (uint32_t)in->length,
		    .repeat = times);

	if (context == RIG_XDP) {
		options.ctx_in = &md;
		options.ctx_size_in = sizeof(md);
	}
	assert_int_equal(bpf_prog_test_run_opts(rig_program(), &options), 0);
	return options.duration;
}

void rig_run_explained(const struct frame *in)
{
	struct frame out;
	uint32_t answer;
	int reason;

	explain_packet(in, context);
	answer = run(context, in, &out);
	if (context == RIG_XDP && answer == XDP_PASS) {
		check_left(in, &out);
		answer = run(RIG_TC, in, &out);
	}
	reason = reason_counted(in->length);
	if (reason < 0)
		fail_msg("no reason was counted");
	/* An error may be allowed that was not, a moment ago. */
	explain_compare(reason, verdicts[reason] == DP_VERDICT_FORWARDED ? &out : NULL);
}

void rig_forget_counted(void)
{
	for (int i = 0; i < DP_REASON_COUNT; i++)
		before[i] = rig_counter(DP_COUNTER_REASONS + i);
}
