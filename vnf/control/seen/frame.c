/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/seen/frame.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#define TCP_HEADER  20
#define UDP_HEADER  8
#define ECHO_HEADER 8
#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define VLAN_TAG    4

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* RFC 1071: the sum, not folded. */
static uint64_t sum_of(const uint8_t *bytes, size_t length)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum += (uint64_t)bytes[i] << (i % 2 ? 0 : 8);
	return sum;
}

static uint16_t checksum_of(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static size_t address_size(const struct ip_address *address)
{
	return address->family == 4 ? 4 : 16;
}

/* Of the pseudo-header and all that is there (RFC 9293 3.1, RFC 8200 8.1). */
static uint16_t checksum(const struct frame *frame, const struct frame_ip *ip)
{
	const size_t size = address_size(&ip->source);

	return checksum_of(sum_of(ip->source.byte, size) + sum_of(ip->destination.byte, size) + ip->protocol +
			   frame->length + sum_of(frame->start, frame->length));
}

void frame_begin(struct frame *frame, size_t length)
{
	frame->start = frame->room + FRAME_MOST - length;
	frame->length = length;
	memset(frame->start, 0, length);
}

uint8_t *frame_push(struct frame *frame, size_t size)
{
	frame->start -= size;
	frame->length += size;
	memset(frame->start, 0, size);
	return frame->start;
}

void frame_push_tcp(struct frame *frame, const struct frame_ip *ip, uint16_t source, uint16_t destination,
		    uint8_t flags)
{
	uint8_t *tcp = frame_push(frame, TCP_HEADER);

	put16(tcp, source);
	put16(tcp + 2, destination);
	tcp[7] = 1; /* sequence number */
	tcp[12] = TCP_HEADER / 4 << 4;
	tcp[13] = flags;
	put16(tcp + 14, 65535); /* window */
	put16(tcp + 16, checksum(frame, ip));
}

void frame_push_udp(struct frame *frame, const struct frame_ip *ip, uint16_t source, uint16_t destination,
		    int with_checksum)
{
	uint8_t *udp = frame_push(frame, UDP_HEADER);
	uint16_t sum;

	put16(udp, source);
	put16(udp + 2, destination);
	put16(udp + 4, frame->length);
	if (!with_checksum)
		return;
	sum = checksum(frame, ip);
	put16(udp + 6, sum ? sum : 0xffff); /* RFC 768: 0 stands for none */
}

void frame_push_echo(struct frame *frame, const struct frame_ip *ip, uint16_t identifier)
{
	uint8_t *echo = frame_push(frame, ECHO_HEADER);

	echo[0] = ip->protocol == IPPROTO_ICMP ? 8 : 128;
	put16(echo + 4, identifier);
	echo[7] = 1; /* sequence number */
	put16(echo + 2, ip->protocol == IPPROTO_ICMP ? checksum_of(sum_of(echo, frame->length)) : checksum(frame, ip));
}

static void push_ipv4(struct frame *frame, const struct frame_ip *ip)
{
	uint8_t *ipv4 = frame_push(frame, IPV4_HEADER);

	ipv4[0] = 0x45;
	ipv4[1] = ip->traffic_class;
	put16(ipv4 + 2, frame->length);
	put16(ipv4 + 6, 0x4000); /* do not fragment */
	ipv4[8] = ip->ttl;
	ipv4[9] = ip->protocol;
	memcpy(ipv4 + 12, ip->source.byte, 4);
	memcpy(ipv4 + 16, ip->destination.byte, 4);
	put16(ipv4 + 10, checksum_of(sum_of(ipv4, IPV4_HEADER)));
}

static void push_ipv6(struct frame *frame, const struct frame_ip *ip)
{
	const size_t payload = frame->length;
	uint8_t *ipv6 = frame_push(frame, IPV6_HEADER);

	ipv6[0] = (uint8_t)(0x60 | ip->traffic_class >> 4);
	ipv6[1] = (uint8_t)(ip->traffic_class << 4);
	put16(ipv6 + 4, payload);
	ipv6[6] = ip->protocol;
	ipv6[7] = ip->ttl;
	memcpy(ipv6 + 8, ip->source.byte, 16);
	memcpy(ipv6 + 24, ip->destination.byte, 16);
}

void frame_push_ip(struct frame *frame, const struct frame_ip *ip)
{
	if (ip->source.family == 4)
		push_ipv4(frame, ip);
	else
		push_ipv6(frame, ip);
}

static void push_tag(struct frame *frame, uint16_t vlan_id, uint16_t eth_proto)
{
	uint8_t *tag = frame_push(frame, VLAN_TAG);

	put16(tag, vlan_id);
	put16(tag + 2, eth_proto);
}

void frame_push_ethernet(struct frame *frame, const uint8_t destination[6], uint16_t vlan_id, uint16_t inner_vlan_id,
			 uint16_t eth_proto)
{
	static const uint8_t station[6] = {0x02, 0x53, 0x4c, 0xff, 0xff, 0xfe}; /* administered locally */
	uint8_t *eth;

	if (inner_vlan_id) {
		push_tag(frame, inner_vlan_id, eth_proto);
		eth_proto = ETH_P_8021Q;
	}
	if (vlan_id) {
		push_tag(frame, vlan_id, eth_proto);
		eth_proto = inner_vlan_id ? ETH_P_8021AD : ETH_P_8021Q;
	}
	eth = frame_push(frame, ETH_HLEN);
	memcpy(eth, destination, ETH_ALEN);
	memcpy(eth + ETH_ALEN, station, ETH_ALEN);
	put16(eth + 12, eth_proto);
}
