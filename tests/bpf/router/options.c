/* SPDX-License-Identifier: Apache-2.0 */
/* IPv6 options by the upper bits of their types (RFC 8200 4.2): a router passes them on unread, whatever they say
 * (RFC 8200 4.3), and as the destination of a packet does what they say. */
#include "tests/bpf/router/answer.h"

#include <string.h>

enum { IPV6_HEADER = 40, OPTIONS = 8 };

struct option_case {
	const char *name;
	uint8_t bytes[6];      /* behind the header's first two */
	enum dp_reason reason; /* of an echo request to the router with it */
	uint32_t pointer;      /* of the Parameter Problem; 0: there is none */
};

static const struct option_case cases[] = {
	{"padding", {1, 4}, DP_REASON_echo_answered},
	{"Pad1", {0, 0, 0, 0, 0, 0}, DP_REASON_echo_answered},
	{"router alert", {5, 2, 0, 0, 1, 0}, DP_REASON_echo_answered},
	{"unknown, skip", {0x1e, 4}, DP_REASON_echo_answered},
	{"unknown, discard", {0x5e, 4}, DP_REASON_bad_option},
	{"unknown, tell", {0x9e, 4}, DP_REASON_bad_option, 42},
	{"unknown, tell unless multicast", {0, 0, 0xde, 2}, DP_REASON_bad_option, 44},
	{"jumbo payload", {0xc2, 4, 0, 1}, DP_REASON_bad_option, 42},
	{"beyond its header", {0x1e, 5}, DP_REASON_bad_option},
};

/* Of UDP to a host, or of an echo request to the router, in a header of this kind. */
static struct frame_spec spec_with(bool destination, const char *to)
{
	struct frame_spec spec = {TO_ROUTER, .ip = {.src = HOST6, .dst = to, .payload = 57}};

	*(destination ? &spec.ip.destination_options : &spec.ip.options) = OPTIONS;
	if (!strcmp(to, OWN6)) {
		spec.ip.protocol = ICMPV6;
		spec.ip.icmp_type = 128;
	}
	return spec;
}

static struct frame build(const struct frame_spec *spec, const struct option_case *test)
{
	struct frame frame = frame_build(spec);

	memcpy(frame.byte + ETHERNET + IPV6_HEADER + 2, test->bytes, sizeof(test->bytes));
	return frame;
}

static void passed_on_unread(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		struct frame_spec spec = spec_with(i % 2, "2001:db8:1::1"), sent = spec;
		struct frame in = build(&spec, &cases[i / 2]), want;
		struct outcome outcome = rig_run(&in);

		sent.dst = WAY_MAC(WAY_PLAIN);
		sent.src = MAC_OUT;
		sent.ip.ttl = 63;
		want = build(&sent, &cases[i / 2]);
		assert_string_equal(reason_names[outcome.reason], "forwarded");
		answer_same(cases[i / 2].name, &outcome.frame, &want);
	}
}

/* The error about the frame, from the address that it was sent to. */
static struct frame parameter_problem(const struct frame *about, uint32_t pointer)
{
	const size_t quoted = about->length - ETHERNET;
	struct frame_spec spec = {SENT,
				  .ip = {.src = OWN6, .dst = HOST6, .protocol = ICMPV6, .payload = (uint16_t)quoted}};
	struct frame frame = frame_build(&spec);

	memcpy(frame.byte + ETHERNET + IPV6_HEADER, (const uint8_t[]){4, 2, 0, 0, 0, 0, 0, (uint8_t)pointer}, 8);
	memcpy(frame.byte + ETHERNET + IPV6_HEADER + 8, about->byte + ETHERNET, quoted);
	answer_fix_icmp(&frame, ETHERNET);
	return frame;
}

static void read_by_the_destination(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		const struct option_case *test = &cases[i / 2];
		struct frame_spec spec = spec_with(i % 2, OWN6);
		struct frame in = build(&spec, test), want;
		bool answered = test->pointer || test->reason == DP_REASON_echo_answered;
		struct outcome outcome = answered ? rig_run_answered(&in) : rig_run(&in);

		if (outcome.reason != test->reason)
			fail_msg("%s: %s", test->name, reason_names[outcome.reason]);
		if (!test->pointer)
			continue;
		want = parameter_problem(&in, test->pointer);
		answer_same(test->name, &outcome.frame, &want);
	}
}

/* Nobody looks for ever. */
static void many_of_them(void **state)
{
	struct frame_spec spec = spec_with(false, OWN6);
	struct frame in;

	(void)state;
	spec.ip.options = 64; /* of Pad1, 62 */
	in = frame_build(&spec);
	memset(in.byte + ETHERNET + IPV6_HEADER + 2, 0, 62);
	assert_int_equal(rig_run(&in).reason, DP_REASON_bad_option);
}

int option_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(passed_on_unread),
	};
	static const struct CMUnitTest answered[] = {
		cmocka_unit_test_setup_teardown(read_by_the_destination, answer_set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(many_of_them, answer_set_up, answer_tear_down),
	};
	int failed = cmocka_run_group_tests_name("options", tests, NULL, NULL);

	if (rig_context() == RIG_TC)
		failed += cmocka_run_group_tests_name("options to the router", answered, NULL, NULL);
	return failed;
}
