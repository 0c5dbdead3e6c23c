/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames that no reasonable host sends: every kind of header in every order, valid and not, drawn from a seed. Each
 * holds a mark, by which it is known wherever it comes out, also as a quote in an ICMP error.
 */
#ifndef SLUICE_TESTS_WAYS_OUT_DRAW_H
#define SLUICE_TESTS_WAYS_OUT_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/internet.h"

#define FRAME_SIZE 1700
#define MARK_SIZE  8

/* Where a frame enters the router. */
enum door { DOOR_PORT, DOOR_TUNNEL, DOOR_STAGE, DOORS };

struct draw {
	uint64_t random;
	enum door door;
	uint8_t router_mac[6]; /* what the frame is sent to, mostly; and from where */
	uint8_t host_mac[6];
	uint8_t tunnel_mac[6]; /* the router's inside of tunnels */
};

struct frame {
	size_t length;
	uint8_t data[FRAME_SIZE];
};

extern const char marks[DOORS][MARK_SIZE + 1];

void draw_frame(struct draw *draw, struct frame *frame);

/* --- of the files beside this one --- */

/* Between 0 and limit - 1. */
static inline uint32_t below(struct draw *draw, uint32_t limit)
{
	return random_below(&draw->random, limit);
}

static inline bool one_in(struct draw *draw, uint32_t n)
{
	return !below(draw, n);
}

static inline void put8(struct frame *frame, uint8_t value)
{
	if (frame->length < FRAME_SIZE)
		frame->data[frame->length++] = value;
}

static inline void put16(struct frame *frame, uint16_t value)
{
	put8(frame, value >> 8);
	put8(frame, value);
}

static inline void put32(struct frame *frame, uint32_t value)
{
	put16(frame, value >> 16);
	put16(frame, value);
}

static inline void set16(struct frame *frame, size_t at, uint16_t value)
{
	if (at + 2 > FRAME_SIZE)
		return;
	frame->data[at] = value >> 8;
	frame->data[at + 1] = value;
}

void put_bytes(struct frame *frame, const void *bytes, size_t length);

/* The Internet checksum (RFC 1071) of the frame from `from` to its end, with `sum` of what else it covers. */
uint16_t checksum(const struct frame *frame, size_t from, uint32_t sum);

/* An address that says something to the router or to a neighbour; sometimes any. */
void draw_ipv4_address(struct draw *draw, uint8_t *address, bool source);
void draw_ipv6_address(struct draw *draw, uint8_t *address, bool source);

void draw_ipv4(struct draw *draw, struct frame *frame);
void draw_ipv6(struct draw *draw, struct frame *frame);

/* What a protocol's header and data are, the mark in it; behind `pseudo`, the sum of the pseudo header. */
void draw_payload(struct draw *draw, struct frame *frame, uint8_t protocol, uint32_t pseudo);

#endif
