/* SPDX-License-Identifier: Apache-2.0 */
/* BFD's state machine and its packets, byte for byte (RFC 5880 4.1, 6.8). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vnf/health/bfd_session.h"

#define OURS   0x11223344
#define THEIRS 0xa1b2c3d4

static struct bfd_session session;

static int setup(void **state)
{
	(void)state;
	bfd_session_init(&session, OURS, 100000, 3);
	return 0;
}

/* Theirs, who want 100 ms, too. */
static struct bfd_packet heard(enum bfd_state state)
{
	return (struct bfd_packet){.state = state,
				   .multiplier = 3,
				   .my_discriminator = THEIRS,
				   .your_discriminator = state == BFD_DOWN ? 0 : OURS,
				   .transmit = 100000,
				   .receive = 100000};
}

static bool receive(enum bfd_state state)
{
	struct bfd_packet packet = heard(state);

	return bfd_session_receive(&session, &packet);
}

static void packets_are_these_bytes(void **state)
{
	static const uint8_t first[BFD_BYTES] = {0x20, 0x40, 3,	   24,	0x11, 0x22, 0x33, 0x44,
						 0,    0,    0,	   0,	0,    0x0f, 0x42, 0x40, /* 1 s: not up yet */
						 0,    0x01, 0x86, 0xa0};
	static const uint8_t up[BFD_BYTES] = {0x20, 0xe0, 3,	24,  0x11, 0x22, 0x33, 0x44, 0xa1,
					      0xb2, 0xc3, 0xd4, 0,   0x01, 0x86, 0xa0, /* 100 ms, which a poll tells */
					      0,    0x01, 0x86, 0xa0};
	uint8_t bytes[BFD_BYTES];

	(void)state;
	bfd_packet_write(&session, bytes);
	assert_memory_equal(bytes, first, sizeof(first));
	receive(BFD_DOWN);
	receive(BFD_INIT);
	bfd_packet_write(&session, bytes);
	assert_memory_equal(bytes, up, sizeof(up));
	/* A poll is answered with F, and without P. */
	session.final = true;
	bfd_packet_write(&session, bytes);
	assert_int_equal(bytes[1], 0xd0);
	bfd_session_expire(&session);
	session.final = false;
	bfd_packet_write(&session, bytes);
	assert_int_equal(bytes[0], 0x21); /* control detection time expired */
	assert_int_equal(bytes[1], 0x40);
	assert_int_equal(bytes[8], 0); /* theirs is forgotten */
}

static void what_is_wrong_is_dropped(void **state)
{
	uint8_t good[BFD_BYTES], bytes[BFD_BYTES + 8];
	struct bfd_packet packet;
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = {{0, 0x40}, {0, 0x00}, {2, 0}, {3, 23}, {3, 25}, {1, 0xc4}, {1, 0xc1}};

	(void)state;
	receive(BFD_DOWN);
	receive(BFD_UP);
	bfd_packet_write(&session, good);
	assert_int_equal(bfd_packet_parse(good, sizeof(good), &packet), 0);
	assert_int_equal(packet.my_discriminator, OURS);
	assert_int_equal(packet.your_discriminator, THEIRS);
	assert_int_equal(packet.state, BFD_UP);
	assert_int_equal(packet.receive, 100000);
	assert_true(packet.poll);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		memcpy(bytes, good, sizeof(good));
		bytes[wrong[i].at] = wrong[i].value;
		assert_int_equal(bfd_packet_parse(bytes, sizeof(good), &packet), -EINVAL);
	}
	for (size_t size = 0; size < sizeof(good); size++)
		assert_int_equal(bfd_packet_parse(good, size, &packet), -EINVAL);
	memcpy(bytes, good, sizeof(good));
	memset(bytes + 4, 0, 4); /* my discriminator */
	assert_int_equal(bfd_packet_parse(bytes, sizeof(good), &packet), -EINVAL);
	memcpy(bytes, good, sizeof(good));
	memset(bytes + 8, 0, 4); /* yours, in a packet that says up */
	assert_int_equal(bfd_packet_parse(bytes, sizeof(good), &packet), -EINVAL);
	bytes[1] = 0x40;
	assert_int_equal(bfd_packet_parse(bytes, sizeof(good), &packet), 0);
	assert_int_equal(bfd_packet_parse(bytes, sizeof(bytes), &packet), 0); /* padding behind it is nothing */
}

/* 6.8.6, every state by every state of the other side. */
static void states_follow_each_other(void **state)
{
	static const enum bfd_state next[4][4] = {
		/* theirs: AdminDown, Down, Init, Up */
		[BFD_DOWN] = {BFD_DOWN, BFD_INIT, BFD_UP, BFD_DOWN},
		[BFD_INIT] = {BFD_DOWN, BFD_INIT, BFD_UP, BFD_UP},
		[BFD_UP] = {BFD_DOWN, BFD_DOWN, BFD_UP, BFD_UP},
	};

	(void)state;
	for (int ours = BFD_DOWN; ours <= BFD_UP; ours++)
		for (int theirs = BFD_ADMIN_DOWN; theirs <= BFD_UP; theirs++) {
			setup(NULL);
			session.state = (enum bfd_state)ours;
			assert_int_equal(receive((enum bfd_state)theirs), (int)next[ours][theirs] != ours);
			assert_int_equal(session.state, next[ours][theirs]);
		}
}

static void another_sessions_packet_is_not_ours(void **state)
{
	struct bfd_packet packet = heard(BFD_INIT);

	(void)state;
	packet.your_discriminator = OURS + 1;
	assert_false(bfd_session_receive(&session, &packet));
	assert_int_equal(session.state, BFD_DOWN);
	assert_int_equal(session.remote_discriminator, 0);
}

static void detection_takes_three_intervals(void **state)
{
	struct bfd_packet packet = heard(BFD_UP);

	(void)state;
	assert_int_equal(bfd_session_detection(&session), 0);
	assert_int_equal(bfd_session_transmit(&session), 1000000);
	packet.transmit = 1000000; /* they are slow until they are up */
	packet.state = BFD_INIT;
	assert_true(bfd_session_receive(&session, &packet));
	assert_int_equal(bfd_session_detection(&session), 3000000);
	assert_int_equal(bfd_session_transmit(&session), 100000);
	packet.state = BFD_UP;
	packet.transmit = 100000;
	packet.poll = true;
	assert_false(bfd_session_receive(&session, &packet));
	assert_true(session.final);
	assert_int_equal(bfd_session_detection(&session), 300000);
	packet.transmit = 50000; /* faster than we take: they may not */
	packet.receive = 250000; /* and we send no faster than they take */
	packet.multiplier = 2;
	packet.poll = false;
	packet.final = true;
	bfd_session_receive(&session, &packet);
	assert_false(session.polling || session.final);
	assert_int_equal(bfd_session_detection(&session), 200000);
	assert_int_equal(bfd_session_transmit(&session), 250000);
	packet.receive = 0; /* they want none */
	bfd_session_receive(&session, &packet);
	assert_int_equal(bfd_session_transmit(&session), 0);
	packet.transmit = UINT32_MAX;
	packet.multiplier = 255;
	bfd_session_receive(&session, &packet);
	assert_int_equal(bfd_session_detection(&session), UINT32_MAX);
	assert_true(bfd_session_expire(&session));
	assert_false(bfd_session_expire(&session));
	assert_int_equal(bfd_session_transmit(&session), 1000000);
}

static void answer_poll(void)
{
	struct bfd_packet packet = heard(BFD_UP);

	packet.final = true;
	bfd_session_receive(&session, &packet);
}

/* 6.8.3: until the other side has answered a poll it may go by what was said before. */
static void wishes_change_by_a_poll(void **state)
{
	uint8_t bytes[BFD_BYTES];

	(void)state;
	assert_false(bfd_session_want(&session, 200000, 5)); /* nobody is there to be told */
	assert_int_equal(session.multiplier, 5);
	assert_int_equal(bfd_session_transmit(&session), 1000000);
	receive(BFD_INIT);
	answer_poll();
	assert_int_equal(bfd_session_detection(&session), 600000);
	assert_int_equal(bfd_session_transmit(&session), 200000);
	assert_false(bfd_session_want(&session, 200000, 5));

	/* Faster: we send so at once, and do not expect it yet. */
	assert_true(bfd_session_want(&session, 50000, 3));
	bfd_packet_write(&session, bytes);
	assert_int_equal(bytes[1], 0xe0);
	assert_int_equal(bytes[2], 3);
	assert_memory_equal(bytes + 12, "\0\0\xc3\x50\0\0\xc3\x50", 8);
	assert_int_equal(bfd_session_transmit(&session), 100000); /* as fast as they take */
	assert_int_equal(bfd_session_detection(&session), 600000);
	answer_poll();
	assert_int_equal(bfd_session_detection(&session), 300000);

	/* Slower: we still send as fast as they expect, and know that they may be slow at once. */
	assert_true(bfd_session_want(&session, 500000, 3));
	assert_int_equal(bfd_session_transmit(&session), 100000);
	assert_int_equal(bfd_session_detection(&session), 1500000);
	answer_poll();
	assert_int_equal(bfd_session_transmit(&session), 500000);

	/* Another multiplier alone is told, too. */
	assert_true(bfd_session_want(&session, 500000, 4));
	assert_false(session.polling);
	/* What goes down forgets what it was up with. */
	assert_true(bfd_session_want(&session, 100000, 3));
	assert_true(bfd_session_expire(&session));
	receive(BFD_INIT);
	assert_int_equal(bfd_session_detection(&session), 300000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(packets_are_these_bytes, setup),
		cmocka_unit_test_setup(what_is_wrong_is_dropped, setup),
		cmocka_unit_test_setup(states_follow_each_other, setup),
		cmocka_unit_test_setup(another_sessions_packet_is_not_ours, setup),
		cmocka_unit_test_setup(detection_takes_three_intervals, setup),
		cmocka_unit_test_setup(wishes_change_by_a_poll, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
