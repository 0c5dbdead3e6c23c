/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The context of a program of the clsact qdisc, where the kernel has a socket buffer: what ctx.h asks for. Segments
 * that are to be cut later (GSO), checksums that are to be finished later and tags beside the frame stay what they are:
 * the frame is changed by the kernel's own functions, which keep the buffer's notes about its headers right.
 */
#ifndef SLUICE_BPF_CTX_TC_H
#define SLUICE_BPF_CTX_TC_H

#include <stddef.h>

#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "api/dp/address.h"
#include "bpf/ctx_shape.h"

/* The verifier knows the context of a function by the name of its type. */
#define ctx_buff __sk_buff

#define CTX_PASS TC_ACT_UNSPEC /* other filters have their turn, and then the kernel */
#define CTX_DROP TC_ACT_SHOT

#define CTX_FUNCTION __noinline

enum {
	CTX_COMPLETE = 1,
	CTX_TAGS_BESIDE = 1,
	CTX_SEGMENTS = 1,
	CTX_HEADERS = 512, /* all that is ever read: IPv6 in Geneve with all its options in IPv6 */
	CTX_TAG_SIZE = 4,
	CTX_AF_INET = 2, /* the kernel's families of addresses */
	CTX_AF_INET6 = 10,
};

/* A field of the context. The compiler may not compute its address beforehand: the verifier knows only the context's.
 */
#define CTX_FIELD(ctx, field)                                                                                          \
	({                                                                                                             \
		__u64 value;                                                                                           \
		asm volatile("%0 = *(u32 *)(%1 + %2)"                                                                  \
			     : "=r"(value)                                                                             \
			     : "r"(ctx), "i"(offsetof(struct __sk_buff, field)));                                      \
		value;                                                                                                 \
	})

static __always_inline void *ctx_data(const struct ctx_buff *ctx)
{
	return (void *)CTX_FIELD(ctx, data);
}

static __always_inline void *ctx_end(const struct ctx_buff *ctx)
{
	return (void *)CTX_FIELD(ctx, data_end);
}

/* Where it can't be done, headers behind the linear part count as cut short. */
static __always_inline __u32 ctx_begin(struct ctx_buff *ctx)
{
	__u32 headers = ctx->len < CTX_HEADERS ? ctx->len : CTX_HEADERS;

	if (ctx_end(ctx) - ctx_data(ctx) < (long)headers)
		bpf_skb_pull_data(ctx, headers);
	return ctx->len;
}

static __always_inline int ctx_pull(struct ctx_buff *ctx, __u32 size)
{
	return bpf_skb_pull_data(ctx, size);
}

static __always_inline bool ctx_verified(struct ctx_buff *ctx)
{
	return bpf_csum_level(ctx, BPF_CSUM_LEVEL_QUERY) >= 0;
}

static __always_inline __u32 ctx_length(const struct ctx_buff *ctx)
{
	return ctx->len;
}

static __always_inline __u32 ctx_segment(const struct ctx_buff *ctx)
{
	return ctx->gso_size;
}

static __always_inline __u32 ctx_ingress(const struct ctx_buff *ctx)
{
	return ctx->ifindex;
}

static __always_inline __u32 ctx_tag(const struct ctx_buff *ctx)
{
	return ctx->vlan_present ? CTX_TAG | (ctx->vlan_tci & 0xffff) : 0;
}

static __always_inline __u32 ctx_tag_proto(const struct ctx_buff *ctx)
{
	return bpf_ntohs(ctx->vlan_proto);
}

static __always_inline int ctx_load(struct ctx_buff *ctx, __u32 offset, void *to, __u32 size)
{
	return bpf_skb_load_bytes(ctx, offset, to, size);
}

/*
 * Takes bytes off behind the Ethernet header, where UDP stands directly in front of the inner packet. Its checksum may
 * be one that is to be finished later, and that the kernel forgets only with the place where it begins: so the cut goes
 * 8 bytes further, and those are put back. A packet that is hardly more than its header is too short for that.
 */
__noinline int ctx_cut_udp(struct ctx_buff *ctx, __u32 cut)
{
	__u64 start;

	if (bpf_skb_load_bytes(ctx, sizeof(struct ethhdr) + cut, &start, sizeof(start)))
		return -1;
	if (bpf_skb_adjust_room(ctx, -(__s32)(cut + sizeof(start)), BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO))
		return bpf_skb_adjust_room(ctx, -(__s32)cut, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO);
	if (bpf_skb_adjust_room(ctx, sizeof(start), BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO))
		return -1;
	return bpf_skb_store_bytes(ctx, sizeof(struct ethhdr), &start, sizeof(start), 0);
}

/*
 * Takes a tunnel's headers off. The buffer's protocol must follow, which the flags for it do only from 6.3 on; a change
 * of protocol adds or takes the difference of the two headers' sizes behind the Ethernet header.
 */
static __always_inline int ctx_decap(struct ctx_buff *ctx, const struct ctx_shape *shape)
{
	int cut = shape->l3 - sizeof(struct ethhdr) - (shape->tags - shape->beside) * CTX_TAG_SIZE;
	int longer = sizeof(struct ipv6hdr) - sizeof(struct iphdr);

	if (shape->from != shape->family) {
		if (bpf_skb_change_proto(ctx, bpf_htons(shape->family == 6 ? ETH_P_IPV6 : ETH_P_IP), 0))
			return -1;
		cut += shape->family == 6 ? longer : -longer;
	}
	if (shape->plain)
		return ctx_cut_udp(ctx, cut);
	return bpf_skb_adjust_room(ctx, -cut, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO);
}

/* What the kernel notes about the headers for which room is made. */
static __always_inline __u64 ctx_encap_flags(const struct ctx_shape *shape)
{
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;

	flags |= shape->into == 6 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV4;
	if (shape->udp)
		flags |= BPF_F_ADJ_ROOM_ENCAP_L4_UDP;
	if (shape->frame)
		flags |= BPF_F_ADJ_ROOM_ENCAP_L2_ETH | BPF_F_ADJ_ROOM_ENCAP_L2(sizeof(struct ethhdr));
	return flags;
}

/*
 * Makes room for a tunnel's headers: UDP, the tunnel's own, Ethernet, as far as the kind has them. A buffer that came
 * in a tunnel can still be marked as one, and then the kernel does not mark it again; where it is, its marks are right
 * for a tunnel of the same headers (marks_fit), as they name the place of the inner ones. That of a tunnel that we did
 * not take off is not ours to cut into segments.
 */
static __always_inline int ctx_encap(struct ctx_buff *ctx, const struct ctx_shape *shape)
{
	int longer = sizeof(struct ipv6hdr) - sizeof(struct iphdr), grow = shape->encap;
	long status;

	status = bpf_skb_adjust_room(ctx, grow, BPF_ADJ_ROOM_MAC, ctx_encap_flags(shape));
	if (status != -EALREADY)
		return status;
	if (ctx->gso_size && !shape->from)
		return -1;
	if (shape->into == shape->family)
		return bpf_skb_adjust_room(ctx, grow, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO);
	/* The change to IPv6 adds bytes that are part of the room; that to IPv4 takes them off, and so comes behind it.
	 */
	if (shape->into == 6)
		return bpf_skb_change_proto(ctx, bpf_htons(ETH_P_IPV6), 0) ||
		       bpf_skb_adjust_room(ctx, grow - longer, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO);
	return bpf_skb_adjust_room(ctx, grow + longer, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO) ||
	       bpf_skb_change_proto(ctx, bpf_htons(ETH_P_IP), 0);
}

/* A function of its own, through which the verifier goes once. */
__noinline int ctx_reshape(struct ctx_buff *ctx, const struct ctx_shape *shape)
{
	int status = 0;

	if (!shape)
		return -1;
	if (shape->tags)
		status = bpf_skb_vlan_pop(ctx);
	if (shape->tags > 1 && !status)
		status = bpf_skb_vlan_pop(ctx);
	if (shape->from && !status)
		status = ctx_decap(ctx, shape);
	if (shape->encap && !status)
		status = ctx_encap(ctx, shape);
	return status;
}

static __always_inline int ctx_cut_tail(struct ctx_buff *ctx, __u32 size)
{
	return bpf_skb_change_tail(ctx, size, 0);
}

static __always_inline int ctx_push_tag(struct ctx_buff *ctx, __u16 eth_proto, __u16 id)
{
	return bpf_skb_vlan_push(ctx, bpf_htons(eth_proto), id);
}

/* The kernel leaves a checksum that is not finished as it is: what is in it does not cover the bytes yet. */
static __always_inline int ctx_replace(struct ctx_buff *ctx, const struct ctx_replace *replace)
{
	__be16 from = replace->from, to = replace->to;

	if ((replace->offset - replace->l4) & 1) { /* the bytes are in two words of the checksum */
		from = __builtin_bswap16(from);
		to = __builtin_bswap16(to);
	}
	if (bpf_skb_store_bytes(ctx, replace->offset, &replace->to, sizeof(replace->to), 0))
		return -1;
	return bpf_l4_csum_replace(ctx, replace->checksum, from, to, sizeof(to));
}

/* One that is not finished covers the pseudo-header only, as the kernel knows. */
static __always_inline int ctx_change_checksum(struct ctx_buff *ctx, const struct ctx_change *change)
{
	__u64 flags = change->may_be_none ? BPF_F_MARK_MANGLED_0 : 0;

	if (bpf_l4_csum_replace(ctx, change->checksum, 0, change->pseudo, flags | BPF_F_PSEUDO_HDR))
		return -1;
	return bpf_l4_csum_replace(ctx, change->checksum, 0, change->data, flags);
}

static __always_inline int ctx_resolve(__u32 device, const struct dp_address *host)
{
	struct bpf_redir_neigh neighbour = {};

	if (!host->half[0] && host->word[2] == bpf_htonl(0xffff)) {
		neighbour.nh_family = CTX_AF_INET;
		neighbour.ipv4_nh = host->word[3];
	} else {
		neighbour.nh_family = CTX_AF_INET6;
		for (int i = 0; i < 4; i++)
			neighbour.ipv6_nh[i] = host->word[i];
	}
	return bpf_redirect_neigh(device, &neighbour, sizeof(neighbour), 0);
}

static __always_inline int ctx_redirect(struct ctx_buff *ctx, __u32 device)
{
	(void)ctx;
	return bpf_redirect(device, 0);
}

#endif
