/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bpf/router/frames.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { TCP = 6, UDP = 17, ICMP = 1, ICMPV6 = 58 };

static void put(struct frame *frame, const void *bytes, size_t length)
{
	assert(frame->length + length <= FRAME_SIZE);
	memcpy(frame->byte + frame->length, bytes, length);
	frame->length += length;
}

static void put8(struct frame *frame, uint8_t value)
{
	put(frame, &value, 1);
}

static void put16(struct frame *frame, uint16_t value)
{
	put8(frame, value >> 8);
	put8(frame, value & 0xff);
}

static void put_mac(struct frame *frame, uint8_t mac)
{
	static const uint8_t multicast[] = {0x33, 0x33, 0, 0, 0, 1};
	uint8_t bytes[6] = {2, 0, 0, 0, 0, mac};

	if (mac == MAC_BROADCAST)
		memset(bytes, 0xff, sizeof(bytes));
	if (mac == MAC_MULTICAST)
		memcpy(bytes, multicast, sizeof(bytes));
	put(frame, bytes, sizeof(bytes));
}

uint16_t frame_get16(const struct frame *frame, size_t offset)
{
	return (uint16_t)(frame->byte[offset] << 8 | frame->byte[offset + 1]);
}

void frame_put16(struct frame *frame, size_t offset, uint16_t value)
{
	frame->byte[offset] = value >> 8;
	frame->byte[offset + 1] = value & 0xff;
}

static bool is_ipv6(const struct ip_spec *ip)
{
	return ip->src && strchr(ip->src, ':');
}

static uint8_t protocol(const struct ip_spec *ip)
{
	return ip->protocol ? ip->protocol : UDP;
}

/* A later fragment carries no L4 header. */
static size_t l4_size(const struct ip_spec *ip)
{
	if (is_ipv6(ip) ? ip->fragment & 0xfff8 : ip->fragment & 0x1fff)
		return 0;
	switch (protocol(ip)) {
	case TCP:
		return 20;
	case UDP:
	case ICMP:
	case ICMPV6:
		return 8;
	}
	return 0;
}

static size_t ip_header_size(const struct ip_spec *ip)
{
	if (is_ipv6(ip))
		return 40U + ip->options + ip->destination_options + (ip->fragment ? 8 : 0);
	return 20U + ip->options;
}

static size_t ip_size(const struct ip_spec *ip)
{
	return ip_header_size(ip) + l4_size(ip) + ip->payload;
}

void frame_fix_checksum(struct frame *frame, size_t offset)
{
	size_t size = (frame->byte[offset] & 15) * 4U;
	uint32_t sum = 0;

	frame_put16(frame, offset + 10, 0);
	for (size_t i = 0; i < size; i += 2)
		sum += frame_get16(frame, offset + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	frame_put16(frame, offset + 10, (uint16_t)~sum);
}

void frame_fix_lengths(struct frame *frame, size_t offset)
{
	bool ipv6 = frame->byte[offset] >> 4 == 6;
	size_t header = ipv6 ? 40 : (frame->byte[offset] & 15) * 4U;
	uint8_t next = frame->byte[offset + (ipv6 ? 6 : 9)];

	assert(frame->length >= offset + header);
	frame_put16(frame, offset + (ipv6 ? 4 : 2), (uint16_t)(frame->length - offset - (ipv6 ? header : 0)));
	if (!ipv6)
		frame_fix_checksum(frame, offset);
	if (next == UDP && frame->length >= offset + header + 8)
		frame_put16(frame, offset + header + 4, (uint16_t)(frame->length - offset - header));
}

/* The options are no-operations (IPv4) or padding (IPv6). */
static void put_ipv4(struct frame *frame, const struct ip_spec *ip)
{
	size_t offset = frame->length;
	uint8_t address[4];

	put8(frame, (uint8_t)(0x40 | (5 + ip->options / 4)));
	put8(frame, ip->tos);
	put16(frame, (uint16_t)ip_size(ip));
	put16(frame, ip->id);
	put16(frame, ip->fragment);
	put8(frame, (uint8_t)(ip->ttl == TTL_ZERO ? 0 : ip->ttl ? ip->ttl : 64));
	put8(frame, protocol(ip));
	put16(frame, 0);
	assert(inet_pton(AF_INET, ip->src, address) == 1);
	put(frame, address, 4);
	assert(inet_pton(AF_INET, ip->dst, address) == 1);
	put(frame, address, 4);
	for (int i = 0; i < ip->options; i++)
		put8(frame, 1);
	frame_fix_checksum(frame, offset);
}

static void put_ipv6_options(struct frame *frame, uint8_t next, uint8_t size)
{
	put8(frame, next);
	put8(frame, size / 8 - 1);
	put8(frame, 1); /* PadN */
	put8(frame, size - 4);
	for (int i = 4; i < size; i++)
		put8(frame, 0);
}

static void put_ipv6(struct frame *frame, const struct ip_spec *ip)
{
	uint8_t after_destination = ip->fragment ? 44 : protocol(ip);
	uint8_t after_hop_by_hop = ip->destination_options ? 60 : after_destination;
	uint8_t address[16];

	put8(frame, 0x60 | ip->tos >> 4);
	put8(frame, (uint8_t)(ip->tos << 4));
	put16(frame, 0);
	put16(frame, (uint16_t)(ip_size(ip) - 40));
	put8(frame, ip->options ? 0 : after_hop_by_hop);
	put8(frame, (uint8_t)(ip->ttl == TTL_ZERO ? 0 : ip->ttl ? ip->ttl : 64));
	assert(inet_pton(AF_INET6, ip->src, address) == 1);
	put(frame, address, 16);
	assert(inet_pton(AF_INET6, ip->dst, address) == 1);
	put(frame, address, 16);
	if (ip->options)
		put_ipv6_options(frame, after_hop_by_hop, ip->options);
	if (ip->destination_options)
		put_ipv6_options(frame, after_destination, ip->destination_options);
	if (ip->fragment) {
		put8(frame, protocol(ip));
		put8(frame, 0);
		put16(frame, ip->fragment);
		put16(frame, 0x1234);
		put16(frame, 0x5678);
	}
}

static void put_l4(struct frame *frame, const struct ip_spec *ip)
{
	size_t size = l4_size(ip);

	if (!size)
		return;
	switch (protocol(ip)) {
	case UDP:
		put16(frame, ip->src_port);
		put16(frame, ip->dst_port);
		put16(frame, (uint16_t)(size + ip->payload));
		put16(frame, 0);
		break;
	case TCP:
		put16(frame, ip->src_port);
		put16(frame, ip->dst_port);
		put(frame, "\1\2\3\4\0\0\0\0\x50\x10\xff\xff\xab\xcd\0\0", 16);
		break;
	default:
		put8(frame, ip->icmp_type);
		put(frame, "\0\xab\xcd\0\1\0\1", 7);
	}
}

static void put_headers(struct frame *frame, const struct ip_spec *ip)
{
	if (is_ipv6(ip))
		put_ipv6(frame, ip);
	else
		put_ipv4(frame, ip);
	put_l4(frame, ip);
}

/* The datagram, or only payload where no address is given. */
static void put_ip(struct frame *frame, const struct ip_spec *ip)
{
	if (ip->src)
		put_headers(frame, ip);
	for (int i = 0; i < ip->payload; i++)
		put8(frame, (uint8_t)i);
}

static uint16_t eth_proto(const struct ip_spec *ip, uint16_t instead)
{
	return instead ? instead : is_ipv6(ip) ? 0x86dd : 0x0800;
}

static bool has_frame(const struct frame_spec *spec)
{
	return spec->tunnel == VXLAN || spec->tunnel == GENEVE;
}

/* Bytes between the outer IP header, or UDP, and the inner packet. */
static size_t tunnel_size(const struct frame_spec *spec)
{
	if (has_frame(spec))
		return 8U + spec->geneve_options + 14U;
	return spec->tunnel == GUE_HEADER ? 4 : 0;
}

static void put_tunnel(struct frame *frame, const struct frame_spec *spec)
{
	if (spec->tunnel == GUE_HEADER) {
		put8(frame, 0);
		put8(frame, is_ipv6(&spec->ip) ? 41 : 4);
		put16(frame, 0);
	}
	if (!has_frame(spec))
		return;
	if (spec->tunnel == VXLAN) {
		put(frame, "\x08\0\0\0", 4);
	} else {
		put8(frame, spec->geneve_options / 4);
		put8(frame, spec->geneve_flags);
		put16(frame, 0x6558);
	}
	put8(frame, (uint8_t)(spec->vni >> 16));
	put16(frame, (uint16_t)spec->vni);
	put8(frame, 0);
	for (int i = 0; i < spec->geneve_options; i++)
		put8(frame, (uint8_t)(0xc0 + i));
	put_mac(frame, spec->inner_dst);
	put_mac(frame, spec->inner_src);
	put16(frame, eth_proto(&spec->ip, spec->inner_eth_proto));
}

struct frame frame_build(const struct frame_spec *spec)
{
	struct ip_spec outer = spec->outer;
	struct frame frame = {.length = 0};

	put_mac(&frame, spec->dst);
	put_mac(&frame, spec->src);
	if (spec->inner_vlan) {
		put16(&frame, 0x88a8);
		put16(&frame, spec->vlan);
		put16(&frame, 0x8100);
		put16(&frame, spec->inner_vlan);
	} else if (spec->vlan) {
		put16(&frame, 0x8100);
		put16(&frame, spec->vlan);
	}
	put16(&frame, eth_proto(spec->tunnel ? &outer : &spec->ip, spec->eth_proto));
	if (spec->tunnel) {
		if (spec->tunnel == IPIP && !outer.protocol)
			outer.protocol = is_ipv6(&spec->ip) ? 41 : 4;
		outer.payload = (uint16_t)(tunnel_size(spec) + (spec->ip.src ? ip_size(&spec->ip) : spec->ip.payload));
		put_headers(&frame, &outer);
		put_tunnel(&frame, spec);
	}
	put_ip(&frame, &spec->ip);
	for (int i = 0; i < spec->trailer; i++)
		put8(&frame, 0xee);
	return frame;
}

size_t frame_outer_ip(const struct frame_spec *spec)
{
	return 14U + (spec->inner_vlan ? 8 : spec->vlan ? 4 : 0);
}

size_t frame_tunnel(const struct frame_spec *spec)
{
	return frame_outer_ip(spec) + ip_header_size(&spec->outer) + (spec->tunnel == IPIP ? 0 : 8);
}

size_t frame_inner_ethernet(const struct frame_spec *spec)
{
	return frame_tunnel(spec) + 8 + spec->geneve_options;
}

size_t frame_ip(const struct frame_spec *spec)
{
	return spec->tunnel ? frame_tunnel(spec) + tunnel_size(spec) : frame_outer_ip(spec);
}

void frame_tag_inner(struct frame *frame, const struct frame_spec *spec, uint16_t control)
{
	size_t at = frame_inner_ethernet(spec) + 12;

	memmove(frame->byte + at + 4, frame->byte + at, frame->length - at);
	frame->length += 4;
	frame_put16(frame, at, 0x8100);
	frame_put16(frame, at + 2, control);
	frame_fix_lengths(frame, frame_outer_ip(spec));
}
