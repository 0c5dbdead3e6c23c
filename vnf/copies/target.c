/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/copies/target.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#define TAG_SIZE     4
#define VLAN_ID_MASK 0xfff

#define VXLAN_SIZE 8
#define VXLAN_VNI  0x08 /* the I flag */

#define GRE_SEQUENCE  0x1000 /* the S flag */
#define GRE_SIZE      8	     /* with it */
#define ERSPAN_PROTO  0x88be
#define ERSPAN_SIZE   8
#define ERSPAN_II     1 /* its version */
#define ERSPAN_TAGGED 3 /* En: the frame has its VLAN tag */

#define IPV4_LEAST 20
#define IPV6_SIZE  40
#define UDP_SIZE   8

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, (uint16_t)(value >> 16));
	put16(at + 2, (uint16_t)value);
}

static bool is_tag(uint16_t proto)
{
	return proto == ETH_P_8021Q || proto == ETH_P_8021AD;
}

size_t copy_put_vxlan(uint8_t header[COPY_HEADER], uint32_t vni)
{
	memset(header, 0, VXLAN_SIZE);
	header[0] = VXLAN_VNI;
	put32(header + 4, vni << 8);
	return VXLAN_SIZE;
}

size_t copy_put_erspan(uint8_t header[COPY_HEADER], uint16_t session_id, uint32_t sequence, const uint8_t *frame,
		       uint32_t kept, uint32_t length)
{
	bool tagged = kept >= ETH_HLEN + TAG_SIZE && is_tag(get16(frame + 12));
	uint16_t tag = tagged ? get16(frame + ETH_HLEN) : 0;
	uint32_t second =
		(uint32_t)(tag >> 13) << 13 | (tagged ? ERSPAN_TAGGED : 0) << 11 | (kept < length) << 10 | session_id;

	put16(header, GRE_SEQUENCE);
	put16(header + 2, ERSPAN_PROTO);
	put32(header + 4, sequence);
	put16(header + 8, (uint16_t)(ERSPAN_II << 12 | (tag & VLAN_ID_MASK)));
	put16(header + 10, (uint16_t)second);
	put32(header + 12, 0);
	return GRE_SIZE + ERSPAN_SIZE;
}

/* Where the IP header begins; 0: there is none. */
static uint32_t find_ip(const uint8_t *frame, uint32_t kept, uint16_t *proto)
{
	uint32_t at = ETH_HLEN;

	if (kept < at)
		return 0;
	*proto = get16(frame + 12);
	for (int tags = 0; tags < 2 && is_tag(*proto) && at + TAG_SIZE <= kept; tags++) {
		*proto = get16(frame + at + 2);
		at += TAG_SIZE;
	}
	return at;
}

/* To whom the packet goes, its protocol and where what it carries begins; 0: it is none that we would have sent. */
static uint32_t find_payload(const uint8_t *frame, uint32_t kept, struct ip_address *to, uint8_t *protocol)
{
	uint16_t proto = 0;
	uint32_t ip = find_ip(frame, kept, &proto), size;

	*to = (struct ip_address){0};
	if (ip && proto == ETH_P_IP && ip + IPV4_LEAST <= kept) {
		to->family = 4;
		memcpy(to->byte, frame + ip + 16, 4);
		*protocol = frame[ip + 9];
		size = (frame[ip] & 0xf) * 4U;
		return size >= IPV4_LEAST ? ip + size : 0;
	}
	if (ip && proto == ETH_P_IPV6 && ip + IPV6_SIZE <= kept) {
		to->family = 6;
		memcpy(to->byte, frame + ip + 24, 16);
		*protocol = frame[ip + 6];
		return ip + IPV6_SIZE;
	}
	return 0;
}

bool copy_target_made(const struct copy_target *target, uint32_t ifindex, const uint8_t *frame, uint32_t kept)
{
	uint8_t protocol = 0;
	struct ip_address to;
	uint32_t at;

	if (target->kind == COPY_PORT)
		return ifindex == target->ifindex;
	at = find_payload(frame, kept, &to, &protocol);
	if (!at || ip_address_compare(&to, &target->remote) != 0)
		return false;
	if (target->kind == COPY_ERSPAN)
		return protocol == IPPROTO_GRE && at + 4 <= kept && get16(frame + at + 2) == ERSPAN_PROTO;
	return protocol == IPPROTO_UDP && at + UDP_SIZE + VXLAN_SIZE <= kept &&
	       get16(frame + at + 2) == target->udp_port &&
	       (uint32_t)(get16(frame + at + 12) << 8 | frame[at + 14]) == target->vni;
}
