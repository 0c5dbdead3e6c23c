/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/ways_out/draw.h"

#include <string.h>

#include <netinet/in.h>

void draw_ipv4_address(struct draw *draw, uint8_t *address, bool source)
{
	/* Of the lab: test_ways_out.sh. */
	static const uint8_t of_the_lab[][4] = {
		{10, 1, 0, 1},	   {10, 1, 0, 2},	 {10, 1, 0, 255},  {10, 7, 0, 1},    {10, 7, 0, 2},
		{10, 7, 0, 255},   {10, 9, 0, 1},	 {10, 9, 0, 2},	   {10, 9, 0, 255},  {10, 50, 0, 9},
		{172, 16, 0, 1},   {172, 16, 0, 2},	 {192, 0, 2, 1},   {192, 0, 2, 254}, {192, 0, 2, 255},
		{198, 51, 100, 1}, {127, 0, 0, 1},	 {169, 254, 1, 1}, {224, 0, 0, 1},   {224, 0, 0, 251},
		{239, 1, 2, 3},	   {255, 255, 255, 255}, {0, 0, 0, 0},	   {240, 0, 0, 1},
	};
	uint32_t any = random_next(&draw->random);

	if (source && !one_in(draw, 4))
		memcpy(address, of_the_lab[1], 4);
	else if (one_in(draw, 16))
		memcpy(address, &any, 4);
	else
		memcpy(address, of_the_lab[below(draw, sizeof(of_the_lab) / 4)], 4);
}

/* Up to 40 bytes: kinds of RFC 791 and those that came later, sometimes with a wrong length. */
static void draw_options(struct draw *draw, struct frame *frame)
{
	static const uint8_t kinds[] = {1, 7, 68, 130, 131, 137, 148, 149, 82, 25, 30, 222};
	uint32_t size = 4 * (1 + below(draw, 10)), end = frame->length + size;

	while (frame->length + 12 <= end) {
		uint8_t kind = kinds[below(draw, sizeof(kinds))], length = 4 + 4 * below(draw, 3);

		put8(frame, kind);
		if (kind == 1)
			continue;
		put8(frame, one_in(draw, 16) ? below(draw, 256) : length);
		put8(frame, 4); /* the pointer of a route */
		for (uint32_t i = 3; i < length; i++)
			put8(frame, i == 3 && kind != 148 ? 10 : 0);
	}
	while (frame->length < end)
		put8(frame, one_in(draw, 8) ? 1 : 0);
}

static uint32_t sum_of(const struct frame *header, size_t from, size_t to)
{
	uint32_t sum = 0;

	for (size_t i = from; i < to; i += 2)
		sum += header->data[i] << 8 | header->data[i + 1];
	return sum;
}

void draw_ipv4(struct draw *draw, struct frame *frame)
{
	static const uint8_t protocols[] = {1, 1, 2, 4, 6, 6, 17, 17, 41, 47, 50, 51, 89, 103, 112, 132, 255};
	static const uint16_t fragments[] = {0x2000, 0x0001, 0x2001, 0x00b9, 0x8000};
	static const uint8_t ttls[] = {0, 1, 1, 2, 64, 64, 64, 255};
	uint8_t protocol = protocols[below(draw, sizeof(protocols))], address[4];
	struct frame header = {0}, body = {0};

	put16(&header, 0x4500 | (one_in(draw, 8) ? below(draw, 256) : 0));
	put16(&header, 0);
	put16(&header, below(draw, 65536));
	put16(&header, one_in(draw, 4) ? fragments[below(draw, 5)] : below(draw, 2) ? 0x4000 : 0);
	put8(&header, ttls[below(draw, sizeof(ttls))]);
	put8(&header, protocol);
	put16(&header, 0);
	draw_ipv4_address(draw, address, true);
	put_bytes(&header, address, 4);
	draw_ipv4_address(draw, address, false);
	put_bytes(&header, address, 4);
	if (one_in(draw, 2))
		draw_options(draw, &header);
	draw_payload(draw, &body, protocol, sum_of(&header, 12, 20));
	header.data[0] = 0x40 | header.length / 4;
	set16(&header, 2, one_in(draw, 64) ? below(draw, 2000) : header.length + body.length);
	set16(&header, 10, one_in(draw, 64) ? 1 : checksum(&header, 0, 0));
	put_bytes(frame, header.data, header.length);
	put_bytes(frame, body.data, body.length);
}
