/* SPDX-License-Identifier: Apache-2.0 */
/* A case of a table: one packet in, and what is expected of it, byte by byte. */
#include "tests/bpf/router/rig.h"

#include <string.h>

static void dump(const char *title, const struct frame *frame)
{
	print_error("%s, %zu bytes", title, frame->length);
	for (size_t i = 0; i < frame->length && i < 192; i++)
		print_error("%s%02x", i % 16 ? " " : "\n  ", frame->byte[i]);
	print_error("\n");
}

/* Entropy is the router's to choose: the UDP source port of the dynamic range, IPv6 flow label. */
static void take_entropy(struct frame *want, const struct frame *got, const struct frame_spec *spec)
{
	size_t ip = frame_outer_ip(spec), udp = frame_tunnel(spec) - 8;

	if (spec->tunnel != IPIP) {
		assert_in_range(frame_get16(got, udp), 49152, 65535);
		frame_put16(want, udp, frame_get16(got, udp));
	}
	if (want->byte[ip] >> 4 == 6) {
		want->byte[ip + 1] = (want->byte[ip + 1] & 0xf0) | (got->byte[ip + 1] & 0x0f);
		frame_put16(want, ip + 2, frame_get16(got, ip + 2));
	}
}

/* A test run does not give back the tag that stands beside a buffer: tests/lab/test_vlan.sh sees it. */
static void take_tag(const struct frame *want, struct frame *got)
{
	memmove(got->byte + 16, got->byte + 12, got->length - 12);
	memcpy(got->byte + 12, want->byte + 12, 4);
	got->length += 4;
}

void rig_check(const struct rig_case *test)
{
	struct frame in = frame_build(&test->in), want;
	struct outcome outcome;

	if (test->change)
		test->change(&in, &test->in);
	if (!rig_takes(&in))
		return;
	outcome = rig_run(&in);
	if (outcome.reason != test->reason) {
		dump("in", &in);
		fail_msg("%s: %s instead of %s", test->name, reason_names[outcome.reason], reason_names[test->reason]);
	}
	want = in;
	if (outcome.verdict == DP_VERDICT_FORWARDED) {
		want = frame_build(&test->out);
		if (test->change_out)
			test->change_out(&want, &test->out);
		if ((rig_context() == RIG_TC || outcome.left) && test->out.vlan)
			take_tag(&want, &outcome.frame);
	}
	if (test->reason == DP_REASON_encapsulated && outcome.frame.length == want.length)
		take_entropy(&want, &outcome.frame, &test->out);
	if (outcome.frame.length != want.length || memcmp(outcome.frame.byte, want.byte, want.length)) {
		dump("in", &in);
		dump("want", &want);
		dump("got", &outcome.frame);
		fail_msg("%s: another frame than expected", test->name);
	}
}

void rig_check_all(const struct rig_case *tests, size_t count)
{
	for (size_t i = 0; i < count; i++)
		rig_check(&tests[i]);
}
