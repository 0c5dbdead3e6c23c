/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What goes in front of a routed packet that enters a tunnel: outer IP, UDP, VXLAN or Geneve, inner Ethernet.
 *
 * The UDP checksum is zero over IPv4 and over IPv6: RFC 6935 and RFC 6936 allow it for tunnels whose inner packets have
 * checksums of their own, and both VXLAN and Geneve say so (RFC 7348 4.1, RFC 8926 3.3). The outer IPv4 header is an
 * atomic datagram: DF set, identification 0 (RFC 6864). DSCP and ECN are the inner packet's (RFC 2983 uniform model,
 * RFC 6040 4.1 normal mode).
 */
#ifndef SLUICE_BPF_ENCAP_H
#define SLUICE_BPF_ENCAP_H

#include "bpf/parse.h"
#include "bpf/tunnel.h"
#include "tunnels/geneve/geneve.bpf.h"
#include "tunnels/vxlan/vxlan.bpf.h"

#define TUNNEL_TTL	64
#define ENTROPY_PORT	49152 /* and 14 bits of the flow hash: the dynamic ports (RFC 7348 5) */
#define ENTROPY_MASK	0x3fff
#define FLOW_LABEL_MASK 0xfffff
#define IPV4_DF		0x4000

/* Bytes between the outer Ethernet header and the inner IP header. */
static __always_inline __u32 encap_size(const struct dp_tunnel *tunnel)
{
	__u32 ip = tunnel->ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);

	return ip + sizeof(struct udphdr) + TUNNEL_HEADER + sizeof(struct ethhdr);
}

static __always_inline void encap_ipv4(struct iphdr *ip, const struct dp_tunnel *tunnel, __u8 traffic_class,
				       __u32 length)
{
	const __u32 *word = (const __u32 *)ip;
	__u64 sum = 0;

	ip->version = 4;
	ip->ihl = 5;
	ip->tos = traffic_class;
	ip->tot_len = bpf_htons(length);
	ip->id = 0;
	ip->frag_off = bpf_htons(IPV4_DF);
	ip->ttl = TUNNEL_TTL;
	ip->protocol = IPPROTO_UDP;
	ip->check = 0;
	ip->saddr = tunnel->local.word[3];
	ip->daddr = tunnel->remote.word[3];
	for (int i = 0; i < 5; i++)
		sum += word[i];
	ip->check = ~checksum_fold(sum);
}

/* The flow label carries the entropy as well (RFC 6438). */
static __always_inline void encap_ipv6(struct ipv6hdr *ip, const struct dp_tunnel *tunnel, const struct packet *packet,
				       __u32 length)
{
	*(__be32 *)ip = bpf_htonl(6U << 28 | (__u32)packet->traffic_class << 20 | (packet->hash & FLOW_LABEL_MASK));
	ip->payload_len = bpf_htons(length - sizeof(*ip));
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = TUNNEL_TTL;
	__builtin_memcpy(&ip->saddr, &tunnel->local, sizeof(ip->saddr));
	__builtin_memcpy(&ip->daddr, &tunnel->remote, sizeof(ip->daddr));
}

/* Writes the encap_size() bytes at `offset`. */
static __always_inline int encap_write(struct xdp_md *ctx, const struct packet *packet, const struct dp_next_hop *hop,
				       const struct dp_tunnel *tunnel, __u32 offset)
{
	__u32 length = packet->ip_length + encap_size(tunnel);
	struct ethhdr *eth;
	struct udphdr *udp;
	void *header;

	if (tunnel->ipv6) {
		struct ipv6hdr *ip = packet_at(ctx, offset, sizeof(*ip));

		if (!ip)
			return DP_REASON_no_headroom;
		encap_ipv6(ip, tunnel, packet, length);
		offset += sizeof(*ip);
		length -= sizeof(*ip);
	} else {
		struct iphdr *ip = packet_at(ctx, offset, sizeof(*ip));

		if (!ip)
			return DP_REASON_no_headroom;
		encap_ipv4(ip, tunnel, packet->traffic_class, length);
		offset += sizeof(*ip);
		length -= sizeof(*ip);
	}
	udp = packet_at(ctx, offset, sizeof(*udp) + TUNNEL_HEADER + sizeof(*eth));
	if (!udp)
		return DP_REASON_no_headroom;
	udp->source = bpf_htons(ENTROPY_PORT + (packet->hash & ENTROPY_MASK));
	udp->dest = tunnel->udp_port;
	udp->len = bpf_htons(length);
	udp->check = 0;
	header = udp + 1;
	switch (tunnel->kind) {
	case DP_TUNNEL_VXLAN:
		vxlan_write(header, hop->vni);
		break;
	case DP_TUNNEL_GENEVE:
		geneve_write(header, hop->vni);
		break;
	default:
		return DP_REASON_inconsistent;
	}
	eth = header + TUNNEL_HEADER;
	mac_copy(eth->h_dest, hop->egress.dst_mac);
	mac_copy(eth->h_source, hop->egress.src_mac);
	eth->h_proto = bpf_htons(packet->family == 4 ? ETH_P_IP : ETH_P_IPV6);
	return NEXT;
}

#endif
