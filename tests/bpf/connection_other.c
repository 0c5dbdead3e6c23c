/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of UDP and ICMP, ICMP errors, fragments, ages, and what rules change. */
#include <string.h>

#include "tests/bpf/connection_rig.h"

/* One packet that is not TCP; type of ICMP. */
static void send_plain(char from, uint8_t protocol, uint8_t type, uint16_t identifier)
{
	struct frame_spec spec = spec_from(from, protocol);
	struct frame frame;

	spec.ip.icmp_type = type;
	spec.ip.payload = 16;
	frame = frame_build(&spec);
	if (protocol == ICMP || protocol == ICMPV6)
		frame_put16(&frame, frame_ip(&spec) + (ipv6 ? 40 : 20) + 4, identifier);
	send_frame(&frame);
}

void test_udp(void **state)
{
	(void)state;
	for (int family = 0; family < 2; family++) {
		ipv6 = family;
		connection_rig_reset();
		trial->pinned = 1;
		send_plain(A, UDP, 0, 0);
		assert_int_equal(trial->state, NEW);
		assert_int_equal(trial->found, 0);
		send_plain(A, UDP, 0, 0);
		assert_int_equal(trial->state, NEW);
		assert_int_equal(trial->found, 1);
		assert_int_equal(trial->was_rule, 7);
		assert_int_equal(trial->was_epoch, 9);
		assert_int_equal(trial->was_pinned, 1);
		assert_int_equal(entry_state(), DP_CONNECTION_NEW);
		send_plain(B, UDP, 0, 0);
		assert_int_equal(trial->state, ESTABLISHED);
		assert_int_equal(trial->reply, 1);
		send_plain(A, UDP, 0, 0);
		assert_int_equal(trial->state, ESTABLISHED);
		assert_int_equal(entry_state(), DP_CONNECTION_ESTABLISHED);
		send_plain(A, 47, 0, 0); /* GRE has no ports */
		assert_int_equal(trial->state, NEW);
		send_plain(B, 47, 0, 0);
		assert_int_equal(trial->state, ESTABLISHED);
		trial->vrf = VRF + 1;
		send_plain(B, UDP, 0, 0);
		assert_int_equal(trial->state, NEW); /* in another VRF */
	}
}

void test_echo(void **state)
{
	uint8_t protocol, request, reply;

	(void)state;
	for (int family = 0; family < 2; family++) {
		ipv6 = family;
		protocol = ipv6 ? ICMPV6 : ICMP;
		request = ipv6 ? 128 : 8;
		reply = ipv6 ? 129 : 0;
		connection_rig_reset();
		send_plain(B, protocol, reply, 77);
		assert_int_equal(trial->state, INVALID);
		send_plain(A, protocol, request, 77);
		assert_int_equal(trial->state, NEW);
		send_plain(B, protocol, reply, 78);
		assert_int_equal(trial->state, INVALID);
		send_plain(B, protocol, reply, 77);
		assert_int_equal(trial->state, ESTABLISHED);
		assert_int_equal(entry_state(), DP_CONNECTION_ESTABLISHED);
		send_plain(B, protocol, request, 77); /* its own, by chance */
		assert_int_equal(trial->state, NEW);
		assert_int_equal(trial->found, 0);
	}
}

/* An ICMP error from a router on the way, to `to`, about what that end sent. */
static void send_error(char to, const struct frame *about)
{
	struct frame_spec spec = spec_from(to == A ? B : A, ipv6 ? ICMPV6 : ICMP);
	size_t quoted = about->length - 14;
	struct frame frame;

	spec.ip.src = ipv6 ? "2001:db8:77::7" : "10.77.7.7";
	spec.ip.icmp_type = ipv6 ? 1 : 3;
	spec.ip.payload = (uint16_t)quoted;
	frame = frame_build(&spec);
	memcpy(frame.byte + frame_ip(&spec) + (ipv6 ? 40 : 20) + 8, about->byte + 14, quoted);
	send_frame(&frame);
}

void test_errors(void **state)
{
	static const struct tcp_step steps[] = {HANDSHAKE};
	struct tcp_step data = {"", A, ACK, 1001, 5000001, 10}, answer = {"", B, ACK, 5000001, 1001, 10};
	struct frame frame;
	uint64_t life;

	(void)state;
	for (int family = 0; family < 2; family++) {
		ipv6 = family;
		play(steps, 3);
		life = only_entry()->life;
		frame = tcp_frame(&data);
		send_error(A, &frame);
		assert_int_equal(trial->state, RELATED);
		assert_int_equal(trial->reply, 1); /* it goes where the answers go */
		assert_int_equal(trial->was_rule, 7);
		frame = tcp_frame(&answer);
		send_error(B, &frame);
		assert_int_equal(trial->state, RELATED);
		assert_int_equal(trial->reply, 0);
		assert_int_equal(only_entry()->life, life); /* it changes nothing */
		data.from = B;				    /* B never sent this one to itself */
		frame = tcp_frame(&data);
		frame_put16(&frame, 14 + (ipv6 ? 40 : 20), 999);
		send_error(B, &frame);
		assert_int_equal(trial->state, INVALID);
		assert_int_equal(count4() + count6(), 1);
		data.from = A;
	}
}

void test_errors_about_echoes(void **state)
{
	(void)state;
	for (int family = 0; family < 2; family++) {
		struct frame_spec spec;
		struct frame frame;

		ipv6 = family;
		connection_rig_reset();
		spec = spec_from(A, ipv6 ? ICMPV6 : ICMP);
		spec.ip.icmp_type = ipv6 ? 128 : 8;
		frame = frame_build(&spec);
		frame_put16(&frame, frame_ip(&spec) + (ipv6 ? 40 : 20) + 4, 77);
		send_error(A, &frame);
		assert_int_equal(trial->state, INVALID);
		send_frame(&frame);
		assert_int_equal(trial->state, NEW);
		send_error(A, &frame);
		assert_int_equal(trial->state, RELATED);
		assert_int_equal(trial->reply, 1);
		frame_put16(&frame, frame_ip(&spec) + (ipv6 ? 40 : 20) + 4, 78);
		send_error(A, &frame);
		assert_int_equal(trial->state, INVALID);
		assert_int_equal(entry_state(), DP_CONNECTION_NEW);
	}
}

/* Later fragments are their first one's. */
void test_fragments(void **state)
{
	struct frame_spec first, later;
	struct frame frame;

	(void)state;
	ipv6 = false;
	connection_rig_reset();
	first = later = spec_from(A, UDP);
	first.ip.fragment = MORE_FRAGMENTS;
	first.ip.payload = 64;
	later.ip.fragment = 9;
	later.ip.payload = 40;
	first.ip.id = later.ip.id = 4711;
	frame = frame_build(&later);
	send_frame(&frame); /* too early */
	assert_int_equal(trial->found, 0);
	assert_int_equal(trial->begins, 0);
	assert_int_equal(count4(), 0);
	frame = frame_build(&first);
	send_frame(&frame);
	assert_int_equal(trial->state, NEW);
	frame = frame_build(&later);
	send_frame(&frame);
	assert_int_equal(trial->found, 1);
	send_plain(B, UDP, 0, 0);
	assert_int_equal(trial->state, ESTABLISHED);
	frame = frame_build(&later);
	send_frame(&frame);
	assert_int_equal(trial->state, ESTABLISHED);
	assert_int_equal(entry_state(), DP_CONNECTION_ESTABLISHED);
}

void test_ages(void **state)
{
	uint32_t now = connection_now_ticks();

	(void)state;
	ipv6 = false;
	connection_rig_reset();
	conntracks[VRF].udp = 50;
	send_plain(A, UDP, 0, 0);
	send_plain(B, UDP, 0, 0);
	only_entry()->life = dp_connection_life((now - 45) & DP_CONNECTION_TIME, DP_CONNECTION_ESTABLISHED,
						dp_connection_flags(only_entry()->life), 9);
	send_plain(A, UDP, 0, 0);
	assert_int_equal(trial->found, 1);
	assert_true(dp_connection_age(only_entry()->life, now) > DP_CONNECTION_TIME - 100 ||
		    dp_connection_age(only_entry()->life, now) == 0); /* it has been seen now */
	only_entry()->life = dp_connection_life((now - 60) & DP_CONNECTION_TIME, DP_CONNECTION_ESTABLISHED,
						dp_connection_flags(only_entry()->life), 9);
	send_plain(B, UDP, 0, 0); /* it is forgotten: this one begins another, in its place */
	assert_int_equal(trial->found, 0);
	assert_int_equal(trial->state, NEW);
	assert_int_equal(entry_state(), DP_CONNECTION_NEW);
	send_plain(A, UDP, 0, 0);
	assert_int_equal(trial->reply, 1);
}

void test_relabel_and_end(void **state)
{
	(void)state;
	for (int family = 0; family < 2; family++) {
		ipv6 = family;
		connection_rig_reset();
		send_plain(A, UDP, 0, 0);
		trial->act = ACT_RELABEL;
		trial->rule = 65535;
		trial->epoch = 0xfffffff0;
		trial->pinned = 1;
		send_plain(B, UDP, 0, 0);
		trial->act = ACT_TRACK;
		send_plain(A, UDP, 0, 0);
		assert_int_equal(trial->was_rule, 65535);
		assert_int_equal(trial->was_epoch, 0xfffffff0);
		assert_int_equal(trial->was_pinned, 1);
		assert_int_equal(trial->reply, 0);
		assert_int_equal(trial->state, ESTABLISHED);
		trial->act = ACT_END;
		send_plain(B, UDP, 0, 0);
		assert_int_equal(count4() + count6(), 0);
	}
}
