/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the underlay says about a tunnel's path, noted in tunnel_paths[] for the daemon: in the clsact program alone, to
 * which XDP leaves such packets.
 *
 * An ICMP error about a packet that was too big (RFC 1191, RFC 8201) is believed where it quotes one that we may have
 * sent: from the VTEP that the error is to, to a remote of its, to its UDP port or by IP in IP, larger than the MTU
 * that the error says, which must be smaller than the link's. The path MTU never falls below 576, which every IPv4 host
 * takes (RFC 1191 3 asks for 68, of hosts); over IPv6 nobody may ask for less than 1280 (RFC 8201 4).
 */
#ifndef SLUICE_BPF_TUNNEL_PATH_H
#define SLUICE_BPF_TUNNEL_PATH_H

#include "bpf/fragments.h"
#include "bpf/icmp.h"
#include "bpf/nexthop.h"
#include "bpf/vtep.h"

#define PATH_MTU_LEAST4 576
#define PATH_MTU_LEAST6 1280

struct dp_tunnel_path tunnel_path_rows[1] SEC(".data.tunnel_paths");

/* The row of a tunnel, or row 0; NULL: there is none. */
static __always_inline struct dp_tunnel_path *tunnel_path_row(__u64 id)
{
	struct dp_tunnel_path *rows = tunnel_path_rows;

	barrier_var(id);
	if (id > SHAPE(tunnels_last))
		return NULL;
	barrier_var(id);
	asm("" : "+r"(rows)); /* the map is longer than the variable */
	return rows + id;
}

/* The endpoint with this remote at our VTEP; 0: there is none. */
static __always_inline __u32 tunnel_of(__u32 bank, const struct dp_vtep *vtep, const struct dp_address *remote)
{
	struct dp_vni key = {.remote = *remote, .vni = DP_VNI_ANY, .vtep = vtep->id};
	const struct dp_vni *vni = vni_find(bank, &key);

	return vni ? vni->tunnel : 0;
}

/* What an error quotes of the packet that it is about. */
struct quoted {
	struct dp_address remote;
	__u32 length;	 /* of the packet, outer IP header included */
	__be16 udp_port; /* where it went; 0: IP in IP */
};

/* Where a packet of this protocol went to, behind whose IP header is `udp`. False: it is of no tunnel's protocol. */
static __always_inline bool quoted_port(struct quoted *quoted, __u8 protocol, const struct udphdr *udp)
{
	if (protocol == IPPROTO_UDP)
		quoted->udp_port = udp->dest;
	return protocol == IPPROTO_UDP ? udp->dest : inner_eth_proto(protocol);
}

/* Outer headers as encap.h writes them, from the address that the error is to. */
static __always_inline bool quoted_outer4(struct ctx_buff *ctx, const struct packet *packet, struct quoted *quoted)
{
	__u32 offset = packet->l4 + sizeof(struct icmp_header);
	const struct iphdr *ip = packet_at(ctx, offset, sizeof(*ip) + sizeof(struct udphdr));
	const struct udphdr *udp = (const void *)(ip + 1);

	if (!ip || offset + sizeof(*ip) + sizeof(*udp) > packet->l3 + packet->ip_length)
		return false;
	if (*(const __u8 *)ip != IPV4_PLAIN || !quoted_port(quoted, ip->protocol, udp) ||
	    ip->saddr != packet->dst.word[3] || ip->frag_off & bpf_htons(IPV4_FRAGMENT_MASK))
		return false;
	address_from_ipv4(&quoted->remote, ip->daddr);
	quoted->length = bpf_ntohs(ip->tot_len);
	return true;
}

static __always_inline bool quoted_outer6(struct ctx_buff *ctx, const struct packet *packet, struct quoted *quoted)
{
	__u32 offset = packet->l4 + sizeof(struct icmp_header);
	const struct ipv6hdr *ip = packet_at(ctx, offset, sizeof(*ip) + sizeof(struct udphdr));
	const struct udphdr *udp = (const void *)(ip + 1);
	struct dp_address local;

	if (!ip || offset + sizeof(*ip) + sizeof(*udp) > packet->l3 + packet->ip_length)
		return false;
	address_copy(&local, &ip->saddr);
	if (ip->version != 6 || !quoted_port(quoted, ip->nexthdr, udp) || !address_equal(&local, &packet->dst))
		return false;
	address_copy(&quoted->remote, &ip->daddr);
	quoted->length = sizeof(*ip) + bpf_ntohs(ip->payload_len);
	return true;
}

/* RFC 1191 7: what a router without that RFC may have meant, whose error says no MTU. */
static __always_inline __u32 plateau_below(__u32 length)
{
	return length > 17914  ? 17914
	       : length > 8166 ? 8166
	       : length > 4352 ? 4352
	       : length > 2002 ? 2002
	       : length > 1492 ? 1492
	       : length > 1006 ? 1006
			       : PATH_MTU_LEAST4;
}

/* The MTU that the error says, for the packet that it quotes; 0: it is another error, or makes no sense. */
static __always_inline __u32 error_mtu(struct ctx_buff *ctx, const struct packet *packet, struct quoted *quoted)
{
	const struct icmp_header *icmp = packet_at(ctx, packet->l4, sizeof(*icmp));
	__u32 mtu;

	if (!icmp)
		return 0;
	mtu = bpf_ntohl(icmp->rest);
	if (packet->family == 4) {
		if (icmp->type != ICMP_UNREACHABLE || icmp->code != ICMP_FRAGMENTATION_NEEDED ||
		    !quoted_outer4(ctx, packet, quoted))
			return 0;
		mtu &= 0xffff;
		if (!mtu)
			mtu = plateau_below(quoted->length);
		if (mtu < PATH_MTU_LEAST4)
			mtu = PATH_MTU_LEAST4;
	} else {
		if (icmp->type != ICMPV6_PACKET_TOO_BIG || !quoted_outer6(ctx, packet, quoted) || mtu < PATH_MTU_LEAST6)
			return 0;
	}
	return mtu < quoted->length ? mtu : 0;
}

/* The MTU of the link by which the tunnel's packets leave; 0: there is none. */
static __always_inline __u32 tunnel_link_mtu(struct packet *packet, __u32 id)
{
	__u32 underlay_route = packet->underlay_route, length = 0, mtu = 0;
	struct way way = {};
	int reason = underlay(packet, &way, id, &length, &mtu);

	packet->underlay_route = underlay_route;
	return reason == NEXT && way.egress ? way.egress->mtu : 0;
}

/* Notes the MTU, unless a smaller one is known that has not been forgotten. */
static __always_inline void path_note(__u32 id, __u32 mtu)
{
	struct dp_tunnel_path *row = tunnel_path_row(id), *changes = tunnel_path_row(0);
	__u64 now = bpf_ktime_get_coarse_ns() >> DP_PATH_TIME_SHIFT, before;

	if (!row || !changes || explains)
		return;
	before = row->path;
	if (dp_path_is_known(before, now) && DP_PATH_MTU(before) < mtu)
		return;
	row->path = now << 16 | mtu;
	__sync_fetch_and_add(&changes->path, 1);
}

/* An ICMP error to an address of the underlay's. */
__noinline int path_hear(struct ctx_buff *ctx, struct packet *packet)
{
	struct quoted quoted = {};
	const struct dp_vtep *vtep;
	__u32 mtu, id;

	if (!packet)
		return 0;
	mtu = error_mtu(ctx, packet, &quoted);
	if (!mtu)
		return 0;
	vtep = vtep_find(packet->bank, &packet->dst, packet->vrf, quoted.udp_port);
	id = vtep ? tunnel_of(packet->bank, vtep, &quoted.remote) : 0;
	if (id && mtu < tunnel_link_mtu(packet, id))
		path_note(id, mtu);
	return 0;
}

/* The port that a fragment goes to; 0: IP in IP, or UDP of which that is not known. */
static __always_inline __u16 fragment_port(const struct packet *packet, const struct fragment_key *key)
{
	return packet->fragment == FRAGMENT_LATER && key->protocol == IPPROTO_UDP ? fragment_recall(key) >> 16
										  : packet->dst_port;
}

/* A fragment of an outer packet: it is not put together again. */
__noinline int tunnel_fragment(struct packet *packet)
{
	struct fragment_key key = {};
	const struct dp_vtep *vtep;
	struct dp_tunnel_path *row;
	__u16 port;

	if (!packet)
		return NEXT;
	key = (struct fragment_key){&packet->src, &packet->dst, packet->fragment_id, packet->vrf,
				    packet->fragment_protocol};
	port = fragment_port(packet, &key);
	if (!port && key.protocol == IPPROTO_UDP)
		return NEXT;
	if (!tunnel_port(packet->bank, port))
		return NEXT;
	vtep = vtep_find(packet->bank, &packet->dst, packet->vrf, bpf_htons(port));
	if (!vtep)
		return NEXT;
	if (packet->fragment == FRAGMENT_FIRST && port)
		fragment_remember(&key, (__u64)packet->protocol << 32 | (__u32)port << 16 | packet->src_port);
	row = tunnel_path_row(tunnel_of(packet->bank, vtep, &packet->src));
	if (row && !explains)
		__sync_fetch_and_add(&row->fragments, 1);
	return DP_REASON_tunnel_fragment;
}

/* A packet in the underlay whose headers do not say its flow: an ICMP error, or a fragment. */
static __always_inline int tunnel_path(struct ctx_buff *ctx, struct packet *packet)
{
	__u8 protocol = packet->fragment_protocol;

	if (packet->fragment)
		return protocol == IPPROTO_UDP || inner_eth_proto(protocol) ? tunnel_fragment(packet) : NEXT;
	if (packet->indirect & INDIRECT_QUOTE)
		path_hear(ctx, packet);
	return NEXT;
}

#endif
