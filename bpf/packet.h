/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the stages know about the packet in hand, and how a stage answers: NEXT, or a reason (api/dp/reason.h) that ends
 * the packet's way. Packet data is never trusted and never remembered: a stage keeps offsets and reads through
 * packet_at(), which knows only the frame's linear part. Headers that lie in a fragment buffer count as cut short.
 *
 * What plain IPv4 does not need and branches a lot is a global function, which the verifier checks once and on its own;
 * that is why these get plain memory (struct packet), check it for NULL and find the bank again by its index. The rest
 * is inlined: a call costs about 8 ns where the kernel guards every return against speculation.
 */
#ifndef SLUICE_BPF_PACKET_H
#define SLUICE_BPF_PACKET_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "api/dp/hash.h"
#include "api/dp/reason.h"
#include "bpf/tables.h"

enum { NEXT = -1 };

enum fragment { FRAGMENT_NONE, FRAGMENT_FIRST, FRAGMENT_LATER };

struct packet {
	struct dp_address src; /* of the IP header at l3 */
	struct dp_address dst;
	struct dp_egress egress; /* where it goes, once a stage knows */
	__u32 bank;		 /* bank_now(), read once a packet */
	__u32 length;		 /* of the frame as it came (frame_holds) */
	__u32 sent;		 /* of the frame as it leaves */
	__u32 l3;		 /* offset of the IP header that is routed */
	__u32 l4;		 /* offset behind the IP and extension headers */
	__u32 limit;		 /* offset of the end of what can hold the datagram */
	__u32 ip_length;	 /* of the datagram, header included */
	__u32 hash;		 /* of the flow, the same in both directions */
	__u32 group;		 /* next-hop group of the route */
	__u32 next_hop;		 /* of kind TUNNEL, else 0 */
	__u32 counters;		 /* where those of this CPU begin */
	__u16 eth_proto;	 /* of what is at l3 */
	__u16 vlan_id[2];	 /* outer, inner; 0: none */
	__u16 src_port;		 /* 0 where there is none */
	__u16 dst_port;
	__u16 vrf;
	__u16 stage;	 /* of a port chain, next to visit; 0: on by the FIB */
	__u16 interface; /* by which it came */
	__u8 family;	 /* 4 or 6 */
	__u8 protocol;
	__u8 traffic_class; /* as it shall leave */
	__u8 ttl;	    /* as it came */
	__u8 fragment;	    /* enum fragment */
	__u8 icmp_type;	    /* ICMPv6 only */
	__u8 options;	    /* IPv4 options or a hop-by-hop header */
	__u8 eth_multicast;
	__u8 link_local; /* IPv6 source that no router passes on (RFC 4291 2.5.6) */
	__u8 from_stage;
	__u8 decapsulated;
	__u8 pad;
};

/* Came straight from a neighbour: the kernel can still answer it as it is. */
static __always_inline bool packet_is_plain(const struct packet *packet)
{
	return !packet->decapsulated && !packet->from_stage;
}

#define PACKET_HEADERS 0x3fff /* further in than this, no header is looked for */

/* `size` bytes at `offset`; NULL: not in the linear part. */
static __always_inline void *packet_at(const struct xdp_md *ctx, __u64 offset, __u64 size)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	barrier_var(offset); /* check and use must be the same register for the verifier */
	if (offset > PACKET_HEADERS)
		return NULL;
	data += offset;
	if (data + size > end)
		return NULL;
	return data;
}

static __always_inline bool address_equal(const struct dp_address *a, const struct dp_address *b)
{
	return a->half[0] == b->half[0] && a->half[1] == b->half[1];
}

static __always_inline bool address_is_ipv4(const struct dp_address *address)
{
	return !address->half[0] && address->word[2] == bpf_htonl(0xffff);
}

static __always_inline void address_from_ipv4(struct dp_address *address, __be32 ipv4)
{
	address->half[0] = 0;
	address->word[2] = bpf_htonl(0xffff);
	address->word[3] = ipv4;
}

static __always_inline void mac_copy(void *to, const void *from)
{
	__u16 *t = to;
	const __u16 *f = from;

	t[0] = f[0];
	t[1] = f[1];
	t[2] = f[2];
}

static __always_inline bool mac_equal(const void *a, const void *b)
{
	const __u16 *x = a;
	const __u16 *y = b;

	return !((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]));
}

#endif
