/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bidirectional Forwarding Detection, asynchronous mode (RFC 5880): one session's state machine and its packets,
 * without sockets and clocks. Times are microseconds. No authentication, no echo, no demand mode.
 */
#ifndef SLUICE_HEALTH_BFD_SESSION_H
#define SLUICE_HEALTH_BFD_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BFD_BYTES   24
#define BFD_SLOW_US 1000000 /* 6.8.3: no faster while the session is not up */

enum bfd_state { BFD_ADMIN_DOWN, BFD_DOWN, BFD_INIT, BFD_UP };

/* 4.1 */
enum bfd_diagnostic {
	BFD_NO_DIAGNOSTIC,
	BFD_TIME_EXPIRED = 1,
	BFD_NEIGHBOR_DOWN = 3,
};

struct bfd_session {
	enum bfd_state state, remote_state;
	enum bfd_diagnostic diagnostic;
	uint32_t discriminator, remote_discriminator; /* ours never 0; the other's 0: not known */
	uint32_t interval;			      /* that is wanted both ways, and can be received at any time */
	uint32_t sending;			      /* by which we send at best: the former, or slow */
	uint32_t fastest, slowest;		      /* that the other side may go by until a poll is answered */
	uint32_t remote_transmit, remote_receive;     /* the other side's; remote_receive 0: it wants no packets */
	uint8_t multiplier, remote_multiplier;
	bool polling; /* until the other side has answered that it knows a new interval (6.5) */
	bool final;   /* the next packet answers a poll */
};

/* A packet as bytes on the wire, in fields. */
struct bfd_packet {
	enum bfd_state state;
	enum bfd_diagnostic diagnostic;
	bool poll, final;
	uint8_t multiplier;
	uint32_t my_discriminator, your_discriminator;
	uint32_t transmit, receive; /* desired min TX, required min RX */
};

void bfd_session_init(struct bfd_session *session, uint32_t discriminator, uint32_t interval_us, uint8_t multiplier);
/* Other wishes, also of a session that is up (6.8.3). True: a packet is to be sent at once, which says so. */
bool bfd_session_want(struct bfd_session *session, uint32_t interval_us, uint8_t multiplier);
/* The checks of 6.8.6 that a packet by itself must pass. 0, or -EINVAL: it is to be dropped. */
int bfd_packet_parse(const uint8_t *bytes, size_t size, struct bfd_packet *packet);
void bfd_packet_write(const struct bfd_session *session, uint8_t bytes[BFD_BYTES]);
/* Takes in a packet; one with another session's discriminator changes nothing (6.8.6). True: the state has changed.
 * With session->final an answer is to be sent at once. */
bool bfd_session_receive(struct bfd_session *session, const struct bfd_packet *packet);
/* Nothing was heard for the detection time (6.8.4). True: the state has changed. */
bool bfd_session_expire(struct bfd_session *session);
/* Until a silent session is over (6.8.4); 0: not at all, as nothing was heard yet. */
uint32_t bfd_session_detection(const struct bfd_session *session);
/* Between two packets, before jitter (6.8.7); 0: none is to be sent. */
uint32_t bfd_session_transmit(const struct bfd_session *session);

#endif
