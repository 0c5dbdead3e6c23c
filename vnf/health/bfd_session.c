/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/health/bfd_session.h"

#include <errno.h>
#include <string.h>

#define VERSION 1

/* Bits of the second byte (4.1). */
#define FLAG_POLL	    0x20
#define FLAG_FINAL	    0x10
#define FLAG_AUTHENTICATION 0x04
#define FLAG_MULTIPOINT	    0x01

static uint32_t read32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void write32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t slow(uint32_t interval)
{
	return interval > BFD_SLOW_US ? interval : BFD_SLOW_US;
}

void bfd_session_init(struct bfd_session *session, uint32_t discriminator, uint32_t interval_us, uint8_t multiplier)
{
	*session = (struct bfd_session){
		.state = BFD_DOWN,
		.remote_state = BFD_DOWN,
		.discriminator = discriminator,
		.interval = interval_us,
		.sending = slow(interval_us),
		.fastest = interval_us,
		.slowest = interval_us,
		.remote_receive = 1, /* 6.8.1 */
		.multiplier = multiplier,
	};
}

int bfd_packet_parse(const uint8_t *bytes, size_t size, struct bfd_packet *packet)
{
	if (size < BFD_BYTES || bytes[0] >> 5 != VERSION || bytes[3] < BFD_BYTES || bytes[3] > size)
		return -EINVAL;
	*packet = (struct bfd_packet){
		.diagnostic = (enum bfd_diagnostic)(bytes[0] & 0x1f),
		.state = (enum bfd_state)(bytes[1] >> 6),
		.poll = bytes[1] & FLAG_POLL,
		.final = bytes[1] & FLAG_FINAL,
		.multiplier = bytes[2],
		.my_discriminator = read32(bytes + 4),
		.your_discriminator = read32(bytes + 8),
		.transmit = read32(bytes + 12),
		.receive = read32(bytes + 16),
	};
	if (bytes[1] & (FLAG_AUTHENTICATION | FLAG_MULTIPOINT) || !packet->multiplier || !packet->my_discriminator)
		return -EINVAL;
	if (!packet->your_discriminator && packet->state != BFD_DOWN && packet->state != BFD_ADMIN_DOWN)
		return -EINVAL;
	return 0;
}

void bfd_packet_write(const struct bfd_session *session, uint8_t bytes[BFD_BYTES])
{
	memset(bytes, 0, BFD_BYTES);
	bytes[0] = (uint8_t)(VERSION << 5 | session->diagnostic);
	bytes[1] = (uint8_t)(session->state << 6 | (session->final ? FLAG_FINAL : session->polling ? FLAG_POLL : 0));
	bytes[2] = session->multiplier;
	bytes[3] = BFD_BYTES;
	write32(bytes + 4, session->discriminator);
	write32(bytes + 8, session->remote_discriminator);
	write32(bytes + 12, session->sending);
	write32(bytes + 16, session->interval);
}

static void set_state(struct bfd_session *session, enum bfd_state state, enum bfd_diagnostic diagnostic)
{
	session->state = state;
	session->diagnostic = diagnostic;
	/* 6.8.3: the other side learns a new interval by a poll. */
	session->sending = state == BFD_UP ? session->interval : slow(session->interval);
	session->polling = state == BFD_UP && session->interval < BFD_SLOW_US;
	session->fastest = session->slowest = session->interval;
}

bool bfd_session_want(struct bfd_session *session, uint32_t interval_us, uint8_t multiplier)
{
	const bool changes = session->interval != interval_us || session->multiplier != multiplier;

	session->multiplier = multiplier;
	if (session->interval != interval_us && session->state == BFD_UP) {
		session->fastest = interval_us < session->fastest ? interval_us : session->fastest;
		session->slowest = interval_us > session->slowest ? interval_us : session->slowest;
		session->sending = interval_us;
		session->polling = true;
	} else if (session->interval != interval_us) {
		session->fastest = session->slowest = interval_us;
		session->sending = slow(interval_us);
	}
	session->interval = interval_us;
	return changes && session->state == BFD_UP;
}

static void follow(struct bfd_session *session, enum bfd_state remote)
{
	if (remote == BFD_ADMIN_DOWN) {
		if (session->state != BFD_DOWN)
			set_state(session, BFD_DOWN, BFD_NEIGHBOR_DOWN);
	} else if (session->state == BFD_DOWN) {
		if (remote == BFD_DOWN)
			set_state(session, BFD_INIT, BFD_NO_DIAGNOSTIC);
		else if (remote == BFD_INIT)
			set_state(session, BFD_UP, BFD_NO_DIAGNOSTIC);
	} else if (session->state == BFD_INIT) {
		if (remote == BFD_INIT || remote == BFD_UP)
			set_state(session, BFD_UP, BFD_NO_DIAGNOSTIC);
	} else if (remote == BFD_DOWN) {
		set_state(session, BFD_DOWN, BFD_NEIGHBOR_DOWN);
	}
}

bool bfd_session_receive(struct bfd_session *session, const struct bfd_packet *packet)
{
	enum bfd_state before = session->state;

	if (packet->your_discriminator && packet->your_discriminator != session->discriminator)
		return false;
	session->remote_discriminator = packet->my_discriminator;
	session->remote_state = packet->state;
	session->remote_receive = packet->receive;
	session->remote_transmit = packet->transmit;
	session->remote_multiplier = packet->multiplier;
	if (packet->final && session->polling) {
		session->polling = false;
		session->fastest = session->slowest = session->interval;
	}
	follow(session, packet->state);
	session->final = packet->poll;
	return session->state != before;
}

bool bfd_session_expire(struct bfd_session *session)
{
	bool changes = session->state == BFD_UP || session->state == BFD_INIT;

	if (changes)
		set_state(session, BFD_DOWN, BFD_TIME_EXPIRED);
	session->remote_discriminator = 0; /* 6.8.1 */
	session->remote_state = BFD_DOWN;
	session->remote_multiplier = 0;
	session->remote_receive = 1;
	return changes;
}

uint32_t bfd_session_detection(const struct bfd_session *session)
{
	/* The other side sends as it said, but not faster than we can take. */
	uint32_t interval = session->remote_transmit > session->slowest ? session->remote_transmit : session->slowest;
	uint64_t time = (uint64_t)session->remote_multiplier * interval;

	return time > UINT32_MAX ? UINT32_MAX : (uint32_t)time;
}

uint32_t bfd_session_transmit(const struct bfd_session *session)
{
	uint32_t sending =
		session->state == BFD_UP && session->fastest < session->sending ? session->fastest : session->sending;

	if (!session->remote_receive)
		return 0;
	return session->remote_receive > sending ? session->remote_receive : sending;
}
