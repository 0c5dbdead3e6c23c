/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What goes in front of a routed packet that enters a tunnel: outer IP here, and behind it what the kind of tunnel puts
 * there (tunnels/tunnel.bpf.h).
 *
 * The outer IPv4 header is an atomic datagram: DF set, identification 0 (RFC 6864). DSCP and ECN are the inner packet's
 * (RFC 2983 uniform model, RFC 6040 4.1 normal mode).
 */
#ifndef SLUICE_BPF_ENCAP_H
#define SLUICE_BPF_ENCAP_H

#include "bpf/outer_checksum.h"
#include "bpf/parse.h"
#include "tunnels/tunnel.bpf.h"

#define TUNNEL_TTL	64
#define FLOW_LABEL_MASK 0xfffff
#define IPV4_DF		0x4000

/* Bytes between the outer Ethernet header and the inner IP header. */
static __always_inline __u32 encap_size(const struct dp_tunnel *tunnel)
{
	__u32 ip = tunnel->ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);

	return ip + tunnel_size(tunnel->kind);
}

/* In words: a processor waits when it has to read as a word what was written in pieces, as the checksum would. */
static __always_inline void encap_ipv4(__be32 *ip, const struct dp_tunnel *tunnel, const struct packet *packet,
				       __u32 length)
{
	__u8 protocol = tunnel_protocol(tunnel->kind, packet->family);
	__be32 first = bpf_htonl((__u32)IPV4_PLAIN << 24 | (__u32)packet->traffic_class << 16 | (length & 0xffff));
	__be32 second = bpf_htonl(IPV4_DF);
	__be32 third = bpf_htonl((__u32)TUNNEL_TTL << 24 | (__u32)protocol << 16);
	__be32 local = tunnel->local.word[3], remote = tunnel->remote.word[3];
	__u16 check = ~checksum_fold((__u64)first + second + third + local + remote);

	ip[0] = first;
	ip[1] = second;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	ip[2] = third | (__u32)check << 16;
#else
	ip[2] = third | check;
#endif
	ip[3] = local;
	ip[4] = remote;
}

/* The flow label carries the entropy as well (RFC 6438). */
static __always_inline void encap_ipv6(struct ipv6hdr *ip, const struct dp_tunnel *tunnel, const struct packet *packet,
				       __u32 length)
{
	*(__be32 *)ip = bpf_htonl(6U << 28 | (__u32)packet->traffic_class << 20 |
				  (packet->hash >> FLOW_BITS_ENTROPY & FLOW_LABEL_MASK));
	ip->payload_len = bpf_htons(length - sizeof(*ip));
	ip->nexthdr = tunnel_protocol(tunnel->kind, packet->family);
	ip->hop_limit = TUNNEL_TTL;
	address_write(&ip->saddr, &tunnel->local);
	address_write(&ip->daddr, &tunnel->remote);
}

/* Writes the encap_size() bytes at `offset`, the UDP checksum zero. */
static __always_inline int encap_headers(struct ctx_buff *ctx, const struct packet *packet,
					 const struct dp_next_hop *next_hop, const struct dp_tunnel *tunnel,
					 __u32 offset)
{
	__u32 length = packet->ip_length + encap_size(tunnel);
	struct tunnel_outer outer = {.packet = packet, .tunnel = tunnel, .next_hop = next_hop};

	if (tunnel->ipv6) {
		struct ipv6hdr *ip = packet_at(ctx, offset, sizeof(*ip));

		if (!ip)
			return ends(DP_REASON_no_headroom);
		encap_ipv6(ip, tunnel, packet, length);
		offset += sizeof(*ip);
		length -= sizeof(*ip);
	} else {
		__be32 *ip = packet_at(ctx, offset, sizeof(struct iphdr));

		if (!ip)
			return ends(DP_REASON_no_headroom);
		encap_ipv4(ip, tunnel, packet, length);
		offset += sizeof(struct iphdr);
		length -= sizeof(struct iphdr);
	}
	outer.length = length;
	return tunnel_push(tunnel->kind, ctx, offset, &outer);
}

/* Is it for the kernel to finish the outer checksums (outer_checksum.h)? */
static __always_inline bool is_seeded(const struct packet *packet)
{
	return CTX_SEGMENTS && packet->segment && packet->tunnelled && packet->seeded;
}

/* Puts what it begins with into the UDP header at `at`: the sum of the pseudo-header. NEXT or a reason. */
__noinline int outer_seed(struct ctx_buff *ctx, const struct packet *packet, __u32 at, __u32 tunnel_id)
{
	const struct dp_tunnel *tunnel = packet ? tunnel_row(packet->bank, tunnel_id) : NULL;
	struct udphdr *udp = packet_at(ctx, at, sizeof(*udp));
	__u64 sum;

	if (!tunnel || !udp)
		return ends(DP_REASON_inconsistent);
	sum = (__u64)tunnel->local.word[3] + tunnel->remote.word[3];
	if (tunnel->ipv6)
		sum = address_sum(&tunnel->local) + address_sum(&tunnel->remote);
	udp->check = checksum_fold(sum + bpf_htons(IPPROTO_UDP) + udp->len);
	return NEXT;
}

/* The same; `inner` is the sum of the inner packet, if the UDP checksum is to be computed (outer_checksum.h). */
static __always_inline int encap_write(struct ctx_buff *ctx, const struct packet *packet,
				       const struct dp_next_hop *next_hop, const struct dp_tunnel *tunnel, __u32 offset,
				       int inner)
{
	__u32 udp = offset + (tunnel->ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr));
	int reason = encap_headers(ctx, packet, next_hop, tunnel, offset);

	if (reason == NEXT && is_seeded(packet) && tunnel_has_frame(tunnel->kind))
		return outer_seed(ctx, packet, udp, next_hop->tunnel);
	if (reason != NEXT || inner < 0)
		return reason;
	return outer_checksum(ctx, udp, packet_size(packet) + tunnel_size(tunnel->kind), inner + tunnel->checksum,
			      tunnel_has_frame(tunnel->kind));
}

#endif
