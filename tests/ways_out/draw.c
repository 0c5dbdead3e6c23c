/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/ways_out/draw.h"

#include <string.h>

#include <netinet/in.h>

const char marks[DOORS][MARK_SIZE + 1] = {"WayOut-P", "WayOut-T", "WayOut-S"};

void put_bytes(struct frame *frame, const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		put8(frame, ((const uint8_t *)bytes)[i]);
}

uint16_t checksum(const struct frame *frame, size_t from, uint32_t sum)
{
	for (size_t i = from; i < frame->length; i++)
		sum += (i - from) % 2 ? frame->data[i] : frame->data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Sixteen at least: what an ICMP error quotes behind the header is eight bytes, which these then are. */
static void put_mark(struct draw *draw, struct frame *frame)
{
	static const uint16_t sizes[] = {0, 0, 0, 1, 17, 100, 500, 1200, 1380, 1440};
	uint32_t rest = sizes[below(draw, sizeof(sizes) / sizeof(*sizes))];

	put_bytes(frame, marks[draw->door], MARK_SIZE);
	for (uint32_t i = 0; i < rest; i++)
		put8(frame, i);
	put_bytes(frame, marks[draw->door], MARK_SIZE);
}

static void draw_icmp(struct draw *draw, struct frame *frame, bool ipv6)
{
	static const uint8_t types4[] = {0, 3, 3, 4, 5, 8, 8, 9, 10, 11, 12, 13, 17};
	static const uint8_t types6[] = {1,   2,   3,	4,   128, 128, 129, 130, 131,
					 132, 133, 134, 135, 135, 136, 136, 137, 143};
	uint8_t type = ipv6 ? types6[below(draw, sizeof(types6))] : types4[below(draw, sizeof(types4))];
	uint8_t target[16];

	put8(frame, type);
	put8(frame, one_in(draw, 4) ? below(draw, 8) : 0);
	put16(frame, 0);
	put32(frame, type == 136 ? 0x60000000 : below(draw, 2) ? 0 : 1400);
	if (ipv6 && type >= 133 && type <= 137) {
		draw_ipv6_address(draw, target, false);
		put_bytes(frame, target, sizeof(target));
		put16(frame, type == 136 ? 0x0201 : 0x0101); /* a link-layer address */
		put_bytes(frame, draw->host_mac, 6);
	}
}

void draw_payload(struct draw *draw, struct frame *frame, uint8_t protocol, uint32_t pseudo)
{
	size_t from = frame->length, check = 0;

	switch (protocol) {
	case IPPROTO_TCP:
		put32(frame, 40000U << 16 | (one_in(draw, 4) ? below(draw, 65536) : 80));
		put32(frame, 1);
		put32(frame, 0);
		put32(frame, 0x50000000 | below(draw, 64) << 16 | 1000);
		put32(frame, 0);
		check = from + 16;
		break;
	case IPPROTO_UDP:
		put32(frame, 40000U << 16 | (one_in(draw, 4) ? below(draw, 65536) : 53));
		put32(frame, 0);
		check = from + 6;
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		draw_icmp(draw, frame, protocol == IPPROTO_ICMPV6);
		check = from + 2;
		break;
	}
	put_mark(draw, frame);
	if (protocol == IPPROTO_UDP)
		set16(frame, from + 4, frame->length - from);
	if (protocol == IPPROTO_ICMP)
		pseudo = 0; /* RFC 792 covers none */
	else
		pseudo += protocol + (frame->length - from);
	if (check)
		set16(frame, check, checksum(frame, from, pseudo));
}

static void draw_arp(struct draw *draw, struct frame *frame)
{
	uint8_t address[4];

	put32(frame, 0x00010800);
	put16(frame, 0x0604);
	put16(frame, 1 + below(draw, 2));
	put_bytes(frame, draw->host_mac, 6);
	draw_ipv4_address(draw, address, true);
	put_bytes(frame, address, 4);
	put_bytes(frame, draw->router_mac, 6);
	draw_ipv4_address(draw, address, false);
	put_bytes(frame, address, 4);
	put_mark(draw, frame);
}

/* Destination, source and tags. */
static void draw_link(struct draw *draw, struct frame *frame, const uint8_t *router_mac)
{
	static const uint8_t other[][6] = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
					   {0x01, 0x00, 0x5e, 0, 0, 1},
					   {0x33, 0x33, 0, 0, 0, 1},
					   {0x33, 0x33, 0xff, 0, 0, 1},
					   {0x02, 0x11, 0x22, 0x33, 0x44, 0x55}};

	put_bytes(frame, one_in(draw, 8) ? other[below(draw, 5)] : router_mac, 6);
	put_bytes(frame, draw->host_mac, 6);
	while (one_in(draw, 12)) {
		put16(frame, one_in(draw, 4) ? 0x88a8 : 0x8100);
		put16(frame, one_in(draw, 2) ? 0 : below(draw, 4096));
	}
}

static void draw_network(struct draw *draw, struct frame *frame)
{
	switch (below(draw, 16)) {
	case 0:
		put16(frame, 0x0806);
		draw_arp(draw, frame);
		break;
	case 1:
		put16(frame, below(draw, 65536));
		put_mark(draw, frame);
		break;
	case 2 ... 8:
		put16(frame, 0x0800);
		draw_ipv4(draw, frame);
		break;
	default:
		put16(frame, 0x86dd);
		draw_ipv6(draw, frame);
	}
}

/* VXLAN, from 172.16.0.2 to 172.16.0.1: what a VTEP that is ours would send, around a drawn frame. */
static void draw_tunnel(struct draw *draw, struct frame *frame)
{
	struct frame inner = {0};
	size_t ip;

	draw_link(draw, &inner, draw->tunnel_mac);
	draw_network(draw, &inner);
	put_bytes(frame, draw->router_mac, 6);
	put_bytes(frame, draw->host_mac, 6);
	put16(frame, 0x0800);
	ip = frame->length;
	put16(frame, 0x4500);
	put16(frame, inner.length + 36);
	put32(frame, one_in(draw, 32) ? 0x00012000 : 0); /* a first fragment */
	put32(frame, 0x40110000);
	put32(frame, 0xac100002);
	put32(frame, 0xac100001);
	set16(frame, ip + 10, checksum(frame, ip, 0));
	put16(frame, 50000);
	put16(frame, 4789);
	put16(frame, inner.length + 16);
	put16(frame, 0);
	put32(frame, 0x08000000);
	put32(frame, (one_in(draw, 32) ? 101 : 100) << 8);
	put_bytes(frame, inner.data, inner.length);
}

void draw_frame(struct draw *draw, struct frame *frame)
{
	frame->length = 0;
	if (draw->door == DOOR_TUNNEL) {
		draw_tunnel(draw, frame);
	} else {
		draw_link(draw, frame, draw->router_mac);
		draw_network(draw, frame);
	}
	while (frame->length < 60)
		put8(frame, 0);
	if (one_in(draw, 64))
		frame->length -= below(draw, 40);
}
