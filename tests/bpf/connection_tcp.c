/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of TCP, packet by packet: in which state each finds its connection, and in which it leaves it. */
#include "tests/bpf/connection_rig.h"

void test_open_and_close(void **state)
{
	static const struct tcp_step steps[] = {
		HANDSHAKE,
		{"request", A, ACK, 1001, 5000001, 400, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
		{"answer", B, ACK, 5000001, 1401, 1400, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
		{"SYN in its midst", A, SYN, 77777777, 0, 0, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
		{"no ACK, no SYN", A, 0, 1401, 5001401, 10, INVALID, DP_CONNECTION_ESTABLISHED},
		{"FIN", A, FIN | ACK, 1401, 5001401, 0, ESTABLISHED, DP_CONNECTION_FIN_BY_INITIATOR},
		{"FIN again", A, FIN | ACK, 1401, 5001401, 0, ESTABLISHED, DP_CONNECTION_FIN_BY_INITIATOR},
		{"rest", B, ACK, 5001401, 1402, 700, ESTABLISHED, DP_CONNECTION_FIN_BY_INITIATOR},
		{"FIN of the other", B, FIN | ACK, 5002101, 1402, 0, ESTABLISHED, DP_CONNECTION_TIME_WAIT},
		{"last ACK", A, ACK, 1402, 5002102, 0, ESTABLISHED, DP_CONNECTION_TIME_WAIT},
		{"SYN reopens", A, SYN, 900000, 0, 0, NEW, DP_CONNECTION_SYN_SENT},
		{"SYN again", A, SYN, 900000, 0, 0, NEW, DP_CONNECTION_SYN_SENT},
		{"SYN and ACK", B, SYN | ACK, 1, 900001, 0, ESTABLISHED, DP_CONNECTION_SYN_RECEIVED},
		{"and again", B, SYN | ACK, 1, 900001, 0, ESTABLISHED, DP_CONNECTION_SYN_RECEIVED},
		{"ACK", A, ACK, 900001, 2, 0, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
		{"FIN of the responder", B, FIN | ACK, 2, 900001, 0, ESTABLISHED, DP_CONNECTION_FIN_BY_RESPONDER},
		{"FIN", A, FIN | ACK, 900001, 3, 0, ESTABLISHED, DP_CONNECTION_TIME_WAIT},
	};

	(void)state;
	PLAY(steps);
}

void test_responder_reopens(void **state)
{
	static const struct tcp_step steps[] = {
		HANDSHAKE,
		{"RST", A, RST, 1001, 0, 0, ESTABLISHED, DP_CONNECTION_CLOSED},
	};
	const struct tcp_step syn = {"SYN of the other", B, SYN, 1, 0, 0, NEW, DP_CONNECTION_SYN_SENT};
	const struct tcp_step answer = {"", A, SYN | ACK, 1, 2, 0, ESTABLISHED, DP_CONNECTION_SYN_RECEIVED};
	struct frame frame;

	(void)state;
	PLAY(steps);
	frame = tcp_frame(&syn);
	send_frame(&frame);
	assert_int_equal(trial->found, 0);
	assert_int_equal(entry_state(), DP_CONNECTION_SYN_SENT);
	frame = tcp_frame(&answer);
	send_frame(&frame);
	assert_int_equal(trial->reply, 1);
	assert_int_equal(entry_state(), DP_CONNECTION_SYN_RECEIVED);
}

void test_simultaneous_open(void **state)
{
	static const struct tcp_step both[] = {
		{"SYN", A, SYN, 1000, 0, 0, NEW, DP_CONNECTION_SYN_SENT},
		{"SYN of the other", B, SYN, 70000, 0, 0, ESTABLISHED, DP_CONNECTION_SYN_SENT_BOTH},
		{"SYN again", A, SYN, 1000, 0, 0, ESTABLISHED, DP_CONNECTION_SYN_SENT_BOTH},
		{"SYN and ACK", A, SYN | ACK, 1000, 70001, 0, ESTABLISHED, DP_CONNECTION_SYN_RECEIVED_BOTH},
		{"SYN and ACK of the other", B, SYN | ACK, 70000, 1001, 0, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
		{"data", A, ACK, 1001, 70001, 10, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
	};
	static const struct tcp_step other_first[] = {
		{"SYN", A, SYN, 1000, 0, 0, NEW, DP_CONNECTION_SYN_SENT},
		{"SYN of the other", B, SYN, 70000, 0, 0, ESTABLISHED, DP_CONNECTION_SYN_SENT_BOTH},
		{"SYN and ACK of the other", B, SYN | ACK, 70000, 1001, 0, ESTABLISHED, DP_CONNECTION_SYN_RECEIVED},
		{"ACK", A, ACK, 1001, 70001, 0, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
	};

	(void)state;
	PLAY(both);
	PLAY(other_first);
}

void test_reset(void **state)
{
	static const struct tcp_step windows[] = {
		HANDSHAKE,
		{"data", B, ACK, 5000001, 1001, 1400, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
		{"RST beyond the window", B, RST, 5000001 + (2 << 20), 0, 0, INVALID, DP_CONNECTION_ESTABLISHED},
		{"RST far behind", B, RST, 1, 0, 0, INVALID, DP_CONNECTION_ESTABLISHED},
		{"RST of A with B's number", A, RST, 5001401, 0, 0, INVALID, DP_CONNECTION_ESTABLISHED},
		{"RST in the window", B, RST, 5001401 + 30000, 0, 0, ESTABLISHED, DP_CONNECTION_RESET_SEEN},
		{"it goes on", A, ACK, 1001, 5001401, 9, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
		{"RST", B, RST, 5001401, 0, 0, ESTABLISHED, DP_CONNECTION_CLOSED},
		{"on its way still", A, ACK, 1010, 5001401, 9, ESTABLISHED, DP_CONNECTION_CLOSED},
		{"RST again", B, RST, 5001401, 0, 0, ESTABLISHED, DP_CONNECTION_CLOSED},
	};
	static const struct tcp_step refused[] = {
		{"SYN", A, SYN, 1000, 0, 0, NEW, DP_CONNECTION_SYN_SENT},
		{"RST without ACK", B, RST, 0, 0, 0, INVALID, DP_CONNECTION_SYN_SENT},
		{"RST that acknowledges something else", B, RST | ACK, 0, 99999, 0, INVALID, DP_CONNECTION_SYN_SENT},
		{"refusal", B, RST | ACK, 0, 1001, 0, ESTABLISHED, DP_CONNECTION_CLOSED},
	};
	/* A has been started anew: its SYN meets the old connection (RFC 5961 4.2, RFC 9293 3.5.1). */
	static const struct tcp_step half_open[] = {
		HANDSHAKE,
		{"SYN of the new one", A, SYN, 4000000000, 0, 0, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
		{"challenge", B, ACK, 5000001, 1001, 0, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
		{"RST by what it acknowledges", A, RST, 1001, 0, 0, ESTABLISHED, DP_CONNECTION_CLOSED},
		{"SYN again", A, SYN, 4000000000, 0, 0, NEW, DP_CONNECTION_SYN_SENT},
		{"SYN and ACK", B, SYN | ACK, 17, 4000000001, 0, ESTABLISHED, DP_CONNECTION_SYN_RECEIVED},
		{"ACK", A, ACK, 4000000001, 18, 0, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
	};
	/* Sequence numbers begin again at 0. */
	static const struct tcp_step wrap[] = {
		{"SYN", A, SYN, 0xffffff00, 0, 0, NEW, DP_CONNECTION_SYN_SENT},
		{"SYN and ACK", B, SYN | ACK, 0xfffffff0, 0xffffff01, 0, ESTABLISHED, DP_CONNECTION_SYN_RECEIVED},
		{"ACK", A, ACK, 0xffffff01, 0xfffffff1, 0, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
		{"data", A, ACK, 0xffffff01, 0xfffffff1, 1400, ESTABLISHED, DP_CONNECTION_ESTABLISHED},
		{"RST in the window", A, RST, 0xffffff01, 0, 0, ESTABLISHED, DP_CONNECTION_RESET_SEEN},
		{"RST", A, RST, 1400 - 0xff, 0, 0, ESTABLISHED, DP_CONNECTION_CLOSED},
	};

	(void)state;
	PLAY(windows);
	PLAY(refused);
	PLAY(half_open);
	PLAY(wrap);
}

void test_what_can_begin_none(void **state)
{
	static const struct tcp_step steps[] = {
		{"ACK", A, ACK, 1, 1, 10, INVALID, 0},
		{"SYN and ACK", A, SYN | ACK, 1, 1, 0, INVALID, 0},
		{"FIN", A, FIN | ACK, 1, 1, 0, INVALID, 0},
		{"SYN and FIN", A, SYN | FIN, 1, 1, 0, INVALID, 0},
		{"SYN and RST", A, SYN | RST, 1, 1, 0, INVALID, 0},
		{"RST", A, RST, 1, 1, 0, INVALID, 0},
		{"no flag", A, 0, 1, 1, 0, INVALID, 0},
		{"SYN", A, SYN, 1000, 0, 0, NEW, DP_CONNECTION_SYN_SENT},
		{"ACK before an answer", A, ACK, 1001, 1, 0, INVALID, DP_CONNECTION_SYN_SENT},
		{"SYN and ACK of another", B, SYN | ACK, 1, 500000, 0, INVALID, DP_CONNECTION_SYN_SENT},
		{"challenge", B, ACK, 1, 500000, 0, ESTABLISHED, DP_CONNECTION_SYN_SENT},
		{"SYN and ACK", B, SYN | ACK, 5000000, 1001, 0, ESTABLISHED, DP_CONNECTION_SYN_RECEIVED},
		{"who has not seen it", A, ACK, 1001, 1, 0, ESTABLISHED, DP_CONNECTION_SYN_RECEIVED},
		{"FIN out of the window", A, FIN | ACK, 1001 + (8 << 20), 5000001, 0, ESTABLISHED,
		 DP_CONNECTION_ESTABLISHED},
	};

	(void)state;
	PLAY(steps);
}

void test_pickup(void **state)
{
	struct tcp_step data = {"", A, ACK, 1000, 9000, 100}, answer = {"", B, ACK, 9000, 1100, 100},
			reset = {"", B, RST, 9100, 0, 0}, stray = {"", A, RST, 1, 0, 0};
	struct frame frame;

	(void)state;
	for (int family = 0; family < 2; family++) {
		ipv6 = family;
		connection_rig_reset();
		conntracks[VRF].pickup = 1;
		frame = tcp_frame(&stray);
		send_frame(&frame);
		assert_int_equal(trial->state, INVALID);
		frame = tcp_frame(&data);
		send_frame(&frame);
		assert_int_equal(trial->state, NEW);
		assert_int_equal(entry_state(), DP_CONNECTION_NEW);
		send_frame(&frame);
		assert_int_equal(trial->state, NEW);
		frame = tcp_frame(&answer);
		send_frame(&frame);
		assert_int_equal(trial->state, ESTABLISHED);
		assert_int_equal(entry_state(), DP_CONNECTION_ESTABLISHED);
		frame = tcp_frame(&reset);
		send_frame(&frame);
		assert_int_equal(entry_state(), DP_CONNECTION_CLOSED);
	}
}
