/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/ways_out/draw.h"

#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

void draw_ipv6_address(struct draw *draw, uint8_t *address, bool source)
{
	/* Of the lab: test_ways_out.sh. */
	static const char *const of_the_lab[] = {
		"2001:db8:1::2",
		"2001:db8:1::1",
		"2001:db8:1::",
		"2001:db8:7::1",
		"2001:db8:7::2",
		"2001:db8:7::",
		"2001:db8:9::1",
		"2001:db8:9::2",
		"2001:db8:50::9",
		"2001:db8:f::1",
		"2001:db8:f::254",
		"2001:db8:bad::1",
		"fe80::1",
		"fe80::2",
		"::1",
		"::",
		"ff02::1",
		"ff02::2",
		"ff02::1:ff00:1",
		"ff05::2",
		"ff0e::1",
		"fec0::1",
		"::ffff:10.7.0.2",
		"fd00::1",
	};
	uint32_t count = sizeof(of_the_lab) / sizeof(*of_the_lab);

	if (source && !one_in(draw, 4))
		inet_pton(AF_INET6, of_the_lab[0], address);
	else
		inet_pton(AF_INET6, of_the_lab[below(draw, count)], address);
}

static const uint8_t upper[] = {6, 6, 17, 17, 58, 58, 58, 50, 59, 4, 41, 47, 89, 103, 112, 132, 255};

/* Options as in RFC 8200 4.2: padding, router alert, a jumbogram, unknown ones of all four kinds. */
static void draw_options(struct draw *draw, struct frame *frame, size_t size)
{
	static const uint8_t kinds[] = {1, 5, 0xc2, 0x3e, 0x5e, 0x9e, 0xde, 0x63};
	size_t end = frame->length + size;

	while (frame->length + 6 <= end) {
		put8(frame, kinds[below(draw, sizeof(kinds))]);
		put8(frame, one_in(draw, 16) ? below(draw, 256) : 4);
		put32(frame, below(draw, 4));
	}
	while (frame->length < end)
		put8(frame, 0);
}

/* One extension header; its first byte, the kind of the next, is filled in later. */
static void draw_extension(struct draw *draw, struct frame *frame, uint8_t kind)
{
	static const uint16_t fragments[] = {0x0001, 0x0008, 0x0009, 0x0000, 0x05c8};
	uint8_t address[16], units = below(draw, 3);

	put8(frame, 0);
	switch (kind) {
	case IPPROTO_FRAGMENT:
		put8(frame, 0);
		put16(frame, fragments[below(draw, 5)]);
		put32(frame, below(draw, 65536));
		break;
	case IPPROTO_ROUTING:
		put8(frame, 2);
		put8(frame, below(draw, 5));
		put8(frame, below(draw, 2));
		put32(frame, 0);
		draw_ipv6_address(draw, address, false);
		put_bytes(frame, address, 16);
		break;
	case IPPROTO_AH:
		put8(frame, 4);
		put16(frame, 0);
		for (int i = 0; i < 5; i++)
			put32(frame, 1);
		break;
	default:
		put8(frame, one_in(draw, 32) ? below(draw, 256) : units);
		draw_options(draw, frame, units * 8 + 6);
	}
}

static uint32_t pseudo_of(const struct frame *frame, size_t ip)
{
	uint32_t sum = 0;

	for (size_t i = ip + 8; i < ip + 40; i += 2)
		sum += frame->data[i] << 8 | frame->data[i + 1];
	return sum;
}

void draw_ipv6(struct draw *draw, struct frame *frame)
{
	static const uint8_t kinds[] = {IPPROTO_HOPOPTS,
					IPPROTO_DSTOPTS,
					IPPROTO_DSTOPTS,
					IPPROTO_ROUTING,
					IPPROTO_FRAGMENT,
					IPPROTO_AH,
					135,
					139,
					140};
	static const uint8_t limits[] = {0, 1, 1, 2, 64, 64, 255, 255};
	uint32_t extensions = one_in(draw, 2) ? below(draw, 12) : 0;
	size_t ip = frame->length, next = ip + 6;
	uint8_t protocol = upper[below(draw, sizeof(upper))], address[16];

	put32(frame, 0x60000000 | (one_in(draw, 8) ? below(draw, 1 << 28) : 0));
	put16(frame, 0);
	put8(frame, 0);
	put8(frame, limits[below(draw, sizeof(limits))]);
	draw_ipv6_address(draw, address, true);
	put_bytes(frame, address, 16);
	draw_ipv6_address(draw, address, false);
	put_bytes(frame, address, 16);
	for (uint32_t i = 0; i < extensions; i++) {
		uint8_t kind = !i && one_in(draw, 3) ? IPPROTO_HOPOPTS : kinds[below(draw, sizeof(kinds))];

		frame->data[next] = kind;
		next = frame->length;
		draw_extension(draw, frame, kind);
	}
	frame->data[next] = protocol;
	draw_payload(draw, frame, protocol, pseudo_of(frame, ip));
	set16(frame, ip + 4, one_in(draw, 64) ? below(draw, 2000) : frame->length - ip - 40);
}
