/* SPDX-License-Identifier: Apache-2.0 */
/* Builds frames from descriptions: what a test leaves out has a usual value. Checksums of IP are right, of L4 dummies.
 */
#ifndef SLUICE_TESTS_BPF_ROUTER_FRAMES_H
#define SLUICE_TESTS_BPF_ROUTER_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_SIZE 16384

struct frame {
	uint8_t byte[FRAME_SIZE];
	size_t length;
};

/* MACs are one byte: 02:00:00:00:00:xx, but for these. */
enum { MAC_BROADCAST = 0xff, MAC_MULTICAST = 0xfe };

enum { TTL_ZERO = -1 };

/* Flags of the IPv4 header's fragment field (RFC 791 3.1). */
enum { DONT_FRAGMENT = 0x4000, MORE_FRAGMENTS = 0x2000 };

struct ip_spec {
	const char *src, *dst; /* text; the family is theirs */
	uint8_t protocol;      /* 0: UDP */
	uint8_t tos;
	int16_t ttl; /* 0: 64 */
	uint8_t icmp_type;
	uint16_t src_port, dst_port;
	uint16_t payload;  /* bytes behind the L4 header */
	uint16_t fragment; /* as in the IPv4 or the IPv6 fragment header; IPv6: 0 means no such header */
	uint16_t id;	   /* IPv4 */
	uint8_t options;   /* bytes of IPv4 options (times of 4), or of an IPv6 hop-by-hop header (times of 8) */
	uint8_t destination_options; /* IPv6: bytes of such a header */
};

/* GUE: variant 1, as we send it; GUE_HEADER: variant 0. */
enum tunnel_spec_kind { NO_TUNNEL, VXLAN, GENEVE, IPIP, GUE, GUE_HEADER };

struct frame_spec {
	uint8_t dst, src; /* MACs */
	uint16_t vlan, inner_vlan;
	uint16_t eth_proto; /* 0: by the IP header */
	struct ip_spec ip;  /* innermost */
	enum tunnel_spec_kind tunnel;
	struct ip_spec outer; /* protocol UDP, or by what is inside, which sets the payload, too */
	uint32_t vni;
	uint8_t inner_dst, inner_src; /* MACs */
	uint16_t inner_eth_proto;     /* 0: by the inner IP header */
	uint8_t geneve_options;	      /* bytes, times of 4 */
	uint8_t geneve_flags;
	uint16_t trailer; /* bytes behind the datagram, such as Ethernet's padding */
};

struct frame frame_build(const struct frame_spec *spec);

/* Offsets in what frame_build() made. */
size_t frame_outer_ip(const struct frame_spec *spec);
size_t frame_tunnel(const struct frame_spec *spec); /* of the header behind UDP, or of what is behind IP */
size_t frame_inner_ethernet(const struct frame_spec *spec);
size_t frame_ip(const struct frame_spec *spec); /* of the innermost IP header */

/* Sets lengths and checksum of the IP header at `offset`, and of UDP behind it, to what the frame now holds. */
void frame_fix_lengths(struct frame *frame, size_t offset);
/* Puts a VLAN tag of this control word behind the MACs of the inner frame. */
void frame_tag_inner(struct frame *frame, const struct frame_spec *spec, uint16_t control);
/* IPv4 header checksum. */
void frame_fix_checksum(struct frame *frame, size_t offset);

uint16_t frame_get16(const struct frame *frame, size_t offset);
void frame_put16(struct frame *frame, size_t offset, uint16_t value);

#endif
