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

#include <linux/if_ether.h>

#include "api/dp/hash.h"
#include "api/dp/reason.h"
#include "bpf/ctx.h"
#include "bpf/tables.h"

enum {
	NEXT = -1,
	HAND_OVER = -2, /* XDP: the program of the clsact qdisc begins anew; there: that of the answers goes on. Nothing
			   is counted, and no byte has changed. */
};

/*
 * A stage's answer that ends a packet's way. The compiler is kept from setting the number before the check that it
 * belongs to, which would cost each packet an instruction for each check.
 */
static __always_inline int ends(int reason)
{
	asm volatile("" : "+r"(reason));
	return reason;
}

/* Which bits of the flow hash each use takes: flows that one use has put together agree in its bits, and differ in
 * others.
 */
enum {
	FLOW_BITS_GROUP = 0,	 /* bucket of the route's group */
	FLOW_BITS_UNDERLAY = 16, /* bucket of the tunnel's */
	FLOW_BITS_ENTROPY = 32,	 /* UDP source port and flow label of the outer header */
};

/* Where to look for a packet's flow. */
enum {
	INDIRECT_QUOTE = 1,    /* in the packet that it quotes: it is an ICMP error */
	INDIRECT_FRAGMENT = 2, /* in the first fragment */
	INDIRECT_HIDDEN = 4,   /* nowhere: the upper-layer header, or its ports, are not there or too far in */
};

/* What the policy has done with it. */
enum {
	POLICY_JUDGED = 1,  /* rules have been looked for; the CPU has noted which ones matched (policy_memory.h) */
	POLICY_ROUTED = 2,  /* `group` is a rule's, in place of a route */
	POLICY_TRACKS = 4,  /* its VRF's rules are about connections */
	POLICY_OPENS = 8,   /* it begins one, which a stateful rule lets in */
	POLICY_POOLED = 16, /* of a flow to a VIP: a rule says which pool a new one goes to (policy_memory.h) */
};

/* What services have done with it. The frame still has what came, and gets what is here when it leaves (translate.h).
 */
enum {
	SERVICE_SOURCE = 1,	 /* `src` and `src_port` are the VIP's, in place of the member's, */
	SERVICE_DESTINATION = 2, /* `dst` and `dst_port` are the member's, in place of the VIP's, */
	SERVICE_QUOTE = 4,	 /* and in what the ICMP error quotes these are the other end's */
	SERVICE_DIRECT = 8,	 /* it goes as it is to the member that it counts for (service_way.h) */
};

enum fragment { FRAGMENT_NONE, FRAGMENT_FIRST, FRAGMENT_LATER };

struct packet {
	struct dp_address src; /* of the IP header at l3 */
	struct dp_address dst;
	__u32 bank;	      /* bank_now(), read once a packet */
	__u32 length;	      /* of the frame as it came (frame_holds) */
	__u32 sent;	      /* of the frame as it leaves; 0: it has not been made ready */
	__u32 l3;	      /* offset of the IP header that is routed */
	__u32 l4;	      /* offset behind the IP and extension headers */
	__u32 limit;	      /* offset of the end of what can hold the datagram */
	__u32 ip_length;      /* of the datagram, header included */
	__u32 route;	      /* counters: of the packet, */
	__u32 underlay_route; /* and of the tunnel that it enters; 0: none, as below */
	__u32 fragment_id;    /* network order */
	union {
		__u32 vlan; /* outer VLAN, and above it the inner one; 0: none */
		__u32 vni;  /* once a tunnel is taken off: the tunnel's */
	};
	__u16 group;   /* next-hop group of the route */
	__u16 segment; /* bytes of data of each segment into which the datagram is cut later; 0: it is not */
	__u64 hash;    /* of the flow, the same in both directions; 0: not known yet */
	union {
		struct {
			__u16 decapsulated; /* tunnel by which it came */
			__u16 encapsulated; /* tunnel into which it goes */
			__u16 flow_classifier;
			__u16 port_pair_group; /* stage of a chain that it visits */
		};
		__u64 counted; /* as in struct dp_record; 0: a plain packet */
	};
	union {
		struct {
			__u16 qos;     /* row of qos_policies[]; 0: none */
			__u16 service; /* SERVICE_* */
		};
		__u32 dues; /* 0: nothing is to be seen to before it leaves */
	};
	__u16 interface; /* by which it came */
	__u16 stage;	 /* of a port chain, next to visit; 0: on by the FIB */
	__u16 eth_proto; /* of what is at l3 */
	__u16 src_port;	 /* 0 where there is none */
	__u16 dst_port;
	__u16 vrf;
	union {
		__u16 mtu;     /* of the way, where the packet is too big for it, or a SYN whose MSS has to fit */
		__u16 pointer; /* from the IP header to what is wrong with it (RFC 792); 0: nothing is */
	};
	__u16 features; /* DP_FEATURE_*: the stages that the packet needs */
	__u16 listener; /* of a load balancer, which takes it; 0: none */
	__u8 vlans;	/* tags on the frame as it came, */
	__u8 family;	/* 4 or 6 */
	__u8 protocol;
	__u8 traffic_class;	/* as it shall leave */
	__u8 ttl;		/* as it came */
	__u8 fragment;		/* enum fragment */
	__u8 fragment_protocol; /* of what fragments are made of, as all fragments of the packet say */
	__u8 icmp_type;		/* 0 where there is none, as */
	__u8 icmp_code;		/* this */
	__u8 indirect;		/* INDIRECT_*: its flow is not that of its addresses, protocol and ports */
	__u8 eth_multicast;
	__u8 link_local; /* IPv6 source that no router passes on (RFC 4291 2.5.6) */
	__u8 from_stage;
	__u8 tunnelled;	    /* it came through a tunnel of ours: the family of the outer header */
	__u8 beside;	    /* and how many of the tags were beside it */
	__u8 l4_header;	    /* bytes, where segments have such headers */
	__u8 inner_tag : 7; /* bytes of a priority tag between the inner Ethernet header and l3 */
	__u8 seeded : 1;    /* the kernel finishes the outer checksum of each segment (outer_checksum.h) */
	__u8 policy;	    /* POLICY_* */
};

_Static_assert(sizeof(struct packet) <= 160, "6.1 has 512 bytes of stack for all calls; less is faster");

/* Where a packet leaves, once a stage knows. Rows of tables: they cannot go into struct packet, which is plain memory.
 */
struct way {
	const struct dp_next_hop *next_hop; /* of kind TUNNEL, else NULL */
	const struct dp_egress *egress;
	struct dp_fib_leaf ahead; /* of the destination, if it has been looked up ahead; else of group DP_GROUP_NONE */
};

/* All but the addresses, which parsing fills in. */
static __always_inline void packet_begin(struct ctx_buff *ctx, struct packet *packet)
{
	__u32 length = ctx_begin(ctx);

	if (OBSERVER) /* who notes them before they have been parsed */
		packet->src = packet->dst = (struct dp_address){};
	__builtin_memset(&packet->bank, 0, sizeof(*packet) - offsetof(struct packet, bank));
	packet->bank = bank_now();
	if (!OBSERVER)
		packet->features = *(const volatile __u64 *)&now_row.features;
	packet->length = length;
	packet->segment = ctx_segment(ctx);
}

/* Bytes of the largest datagram that leaves: of a segment, where it is to be cut. */
static __always_inline __u32 packet_size(const struct packet *packet)
{
	if (CTX_SEGMENTS && packet->segment)
		return packet->l4 - packet->l3 + packet->l4_header + packet->segment;
	return packet->ip_length;
}

/* Came straight from a neighbour: the kernel can still answer it as it is. */
static __always_inline bool packet_is_plain(const struct packet *packet)
{
	return !packet->tunnelled && !packet->from_stage;
}

#define PACKET_HEADERS 0x3fff /* further in than this, no header is looked for */

/* `size` bytes at `offset`; NULL: not in the linear part. */
static __always_inline void *packet_at(const struct ctx_buff *ctx, __u64 offset, __u64 size)
{
	void *data = ctx_data(ctx);
	void *end = ctx_end(ctx);

	if (!__builtin_constant_p(offset)) {
		barrier_var(offset); /* check and use must be the same register for the verifier */
		if (offset > PACKET_HEADERS)
			return NULL;
	}
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

/* One store of the half: the processor does not forward two narrow stores to a wide load. */
static __always_inline void address_from_ipv4(struct dp_address *address, __be32 ipv4)
{
	address->half[0] = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	address->half[1] = (__u64)ipv4 << 32 | bpf_htonl(0xffff);
#else
	address->half[1] = 0xffffULL << 32 | ipv4;
#endif
}

/* From wherever in a frame: BPF has no instruction that minds, but the compiler would read bytes. */
static __always_inline void address_copy(struct dp_address *to, const void *from)
{
	to->half[0] = ((const __u64 *)from)[0];
	to->half[1] = ((const __u64 *)from)[1];
}

static __always_inline void address_write(void *to, const struct dp_address *from)
{
	((__u64 *)to)[0] = from->half[0];
	((__u64 *)to)[1] = from->half[1];
}

/* Destination and source of an Ethernet header: they lie in the same order on the way out's row. */
static __always_inline void macs_copy(void *eth, const struct dp_egress *egress)
{
	*(__u64 *)eth = *(const __u64 *)egress->dst_mac;
	((__u32 *)eth)[2] = ((const __u32 *)egress->dst_mac)[2];
}
_Static_assert(offsetof(struct dp_egress, src_mac) == offsetof(struct dp_egress, dst_mac) + 6, "macs_copy");

/* Of an Ethernet header, whose declaration allows no wide access. */
static __always_inline __be16 eth_proto_of(const struct ethhdr *eth)
{
	return *(const __be16 *)((const char *)eth + offsetof(struct ethhdr, h_proto));
}

static __always_inline void eth_proto_set(struct ethhdr *eth, __u16 eth_proto)
{
	*(__be16 *)((char *)eth + offsetof(struct ethhdr, h_proto)) = bpf_htons(eth_proto);
}

static __always_inline bool mac_equal(const void *a, const void *b)
{
	return !((*(const __u32 *)a ^ *(const __u32 *)b) | (((const __u16 *)a)[2] ^ ((const __u16 *)b)[2]));
}

#endif
