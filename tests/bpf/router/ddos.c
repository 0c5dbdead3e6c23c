/* SPDX-License-Identifier: Apache-2.0 */
/* Floods: SYNs beyond the rate are answered with a wrong number, byte for byte, and whoever resets it is believed;
 * responses that nobody asked for are limited. One an hour and destination passes unlooked at. */
#include "tests/bpf/router/policy.h"

#include <string.h>

#define HOUR	     (3600000000000ULL << DP_LIMITER_UNIT)
#define CLIENT(from) .src = from, .dst = "10.1.0.1", .protocol = TCP, .src_port = 5555, .dst_port = 80
#define SERVER(to)   .src = "10.1.0.1", .dst = to, .protocol = TCP, .src_port = 80, .dst_port = 5555
#define CLIENT6	     .src = HOST6, .dst = "2001:db8:1::1", .protocol = TCP, .src_port = 5555, .dst_port = 80
#define SERVER6	     .src = "2001:db8:1::1", .dst = HOST6, .protocol = TCP, .src_port = 80, .dst_port = 5555
#define DNS	     53

enum { SYN = 2, RST = 4, ACK = 16, SEQUENCE = 0x01020304 };

static int ddos_set_up(void **state)
{
	const struct bank *bank = rig_bank(0);
	const struct dp_rate one = {.cost = HOUR << DP_LIMITER_PACKETS, .burst = HOUR};

	bank->vrfs[VRF_TENANT].features |= DP_FEATURE_DDOS;
	for (uint32_t i = 0; i < bank_rows(rig_limits(), DP_TABLE_ports); i++)
		if (bank->ports[i].ifindex && bank->ports[i].vrf == VRF_TENANT)
			bank->ports[i].features |= DP_FEATURE_DDOS;
	bank->ddos_profiles[VRF_TENANT] =
		(struct dp_ddos){.syn = one, .amplification = one, .filter = dp_ddos_bit(DNS), .port = {DNS}};
	rig_empty_limiter_sets();
	return answer_set_up(state);
}

static void put32(struct frame *frame, size_t at, uint32_t value)
{
	frame_put16(frame, at, (uint16_t)(value >> 16));
	frame_put16(frame, at + 2, (uint16_t)value);
}

static size_t tcp_of(const struct frame_spec *spec, const struct frame *frame)
{
	return frame_ip(spec) + (frame->byte[frame_ip(spec)] >> 4 == 6 ? 40 : 20);
}

static struct frame segment(const struct frame_spec *spec, uint8_t flags, uint32_t sequence)
{
	struct frame frame = frame_build(spec);
	size_t tcp = tcp_of(spec, &frame);

	put32(&frame, tcp + 4, sequence);
	frame.byte[tcp + 13] = flags;
	return frame;
}

static void must_meet(enum dp_reason reason, const struct frame *in)
{
	assert_string_equal(reason_names[rig_run(in).reason], reason_names[reason]);
}

/* RFC 9293 3.1. */
static uint16_t tcp_sum(const struct frame *frame, size_t ip, size_t size)
{
	bool ipv6 = frame->byte[ip] >> 4 == 6;
	size_t tcp = ip + (ipv6 ? 40 : 20), addresses = ipv6 ? ip + 8 : ip + 12;
	uint32_t sum = TCP + (uint32_t)size;

	for (size_t i = addresses; i < tcp + size; i += 2)
		sum += frame_get16(frame, i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The SYN's answer, which must be right but for its numbers: the one that it acknowledges. */
static uint32_t challenged(const struct frame_spec *syn, const struct frame_spec *answer)
{
	struct frame in = segment(syn, SYN, SEQUENCE), want = segment(answer, SYN | ACK, 0), *got;
	struct outcome outcome = rig_run_answered(&in);
	size_t tcp = tcp_of(answer, &want);

	got = &outcome.frame;
	assert_string_equal(reason_names[outcome.reason], "syn_challenged");
	assert_int_equal(got->length, want.length);
	assert_int_equal(tcp_sum(got, frame_ip(answer), 20), 0xffff);
	memcpy(want.byte + tcp + 4, got->byte + tcp + 4, 8);
	memcpy(want.byte + tcp + 14, got->byte + tcp + 14, 4);
	answer_same("SYN-ACK", got, &want);
	assert_int_equal(frame_get16(got, tcp + 14), 0); /* no window */
	return (uint32_t)frame_get16(got, tcp + 8) << 16 | frame_get16(got, tcp + 10);
}

static void syns(void **state)
{
	static const struct frame_spec in = {TENANT, .ip = {CLIENT(HOST4)}};
	static const struct frame_spec other = {TENANT, .ip = {CLIENT("172.16.9.9")}};
	static const struct frame_spec out = {SENT, .ip = {SERVER(HOST4), .ttl = 64}};
	struct frame syn = segment(&in, SYN, SEQUENCE), of_other = segment(&other, SYN, SEQUENCE), reset;
	uint32_t number;

	(void)state;
	must_meet(DP_REASON_forwarded, &syn); /* the rate's */
	number = challenged(&in, &out);
	assert_true(number != SEQUENCE + 1);
	assert_int_equal(challenged(&in, &out), number);
	/* Another number proves nothing, nor does this one in anybody else's. */
	reset = segment(&in, RST, number + 1);
	must_meet(DP_REASON_forwarded, &reset);
	reset = segment(&other, RST, number);
	must_meet(DP_REASON_forwarded, &reset);
	challenged(&in, &out);
	reset = segment(&in, RST, number);
	must_meet(DP_REASON_forwarded, &reset);
	must_meet(DP_REASON_forwarded, &syn);
	must_meet(DP_REASON_forwarded, &syn);
	assert_string_equal(reason_names[rig_run_answered(&of_other).reason], "syn_challenged");
	syn.byte[tcp_of(&in, &syn) + 13] = ACK; /* what is of a connection is nobody's affair here */
	must_meet(DP_REASON_forwarded, &syn);
}

static void syns_of_ipv6(void **state)
{
	static const struct frame_spec in = {TENANT, .ip = {CLIENT6}}, out = {SENT, .ip = {SERVER6, .ttl = 64}};
	static const struct frame_spec neighbour = {
		TENANT, .ip = {.src = "2001:db8:abcd::99", .dst = "2001:db8:1::1", .protocol = TCP, .dst_port = 80}};
	struct frame syn = segment(&in, SYN, SEQUENCE), reset;

	(void)state;
	must_meet(DP_REASON_forwarded, &syn);
	reset = segment(&in, RST, challenged(&in, &out));
	must_meet(DP_REASON_forwarded, &reset);
	must_meet(DP_REASON_forwarded, &syn);
	syn = segment(&neighbour, SYN, SEQUENCE); /* of the same /64 */
	must_meet(DP_REASON_forwarded, &syn);
}

static void for_the_router(void **state)
{
	static const struct frame_spec in = {TENANT,
					     .ip = {.src = HOST4, .dst = OWN4, .protocol = TCP, .dst_port = 22}};
	struct frame syn = segment(&in, SYN, SEQUENCE);

	(void)state;
	rig_bank(0)->vrf_answers[VRF_TENANT].kernel = 1;
	for (int i = 0; i < 3; i++)
		must_meet(DP_REASON_local, &syn);
}

static void responses(void **state)
{
	static const struct frame_spec to_host = {
		TENANT, .ip = {.src = "172.16.0.53", .dst = "10.1.0.1", .src_port = DNS, .dst_port = 4000}};
	static const struct frame_spec to_other = {
		TENANT, .ip = {.src = "172.16.0.53", .dst = "10.1.0.2", .src_port = DNS, .dst_port = 4000}};
	static const struct frame_spec request = {
		TENANT, .ip = {.src = "10.1.0.1", .dst = "172.16.0.53", .src_port = 4000, .dst_port = DNS}};
	static const struct frame_spec plain = {
		TENANT, .ip = {.src = "172.16.0.53", .dst = "10.1.0.1", .src_port = DNS + 1, .dst_port = 4000}};
	struct frame response = frame_build(&to_host), other = frame_build(&to_other);
	struct frame asked = frame_build(&request), same = frame_build(&plain);

	(void)state;
	must_meet(DP_REASON_forwarded, &response); /* the rate's */
	must_meet(DP_REASON_unsolicited_response, &response);
	must_meet(DP_REASON_forwarded, &other);
	must_meet(DP_REASON_forwarded, &same);
	must_meet(DP_REASON_forwarded, &same);
	must_meet(DP_REASON_forwarded, &asked);
	must_meet(DP_REASON_forwarded, &response);
	must_meet(DP_REASON_forwarded, &response);
	must_meet(DP_REASON_unsolicited_response, &other);
}

int ddos_tests(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, ddos_set_up, answer_tear_down)
	static const struct CMUnitTest tests[] = {CASE(syns), CASE(syns_of_ipv6), CASE(for_the_router),
						  CASE(responses)};

	return cmocka_run_group_tests_name("ddos", tests, NULL, NULL);
}
