/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Options of the Geneve header by which a packet came (RFC 8926 3.5), for rules that ask for some: the tunnel's headers
 * are still in front of the inner packet. Of an option that is there twice the first counts; what is behind one that
 * runs over the header's end is not looked at.
 */
#ifndef SLUICE_BPF_POLICY_OPTIONS_H
#define SLUICE_BPF_POLICY_OPTIONS_H

#include "bpf/policy_memory.h"
#include "tunnels/tunnel.bpf.h"

#define GENEVE_OPTIONS_MOST 63 /* 252 bytes of them, of 4 at least */

struct geneve_option {
	__be16 option_class;
	__u8 type;
	__u8 length; /* of the data behind it, in 4 bytes: the lower 5 bits */
};

struct policy_walk {
	__u32 wanted[DP_POLICY_OPTIONS]; /* class << 8 | type; all ones: none */
	__u32 at, end;			 /* of the options */
};

/* The first 8 bytes of the data, zeros behind its end. */
static __always_inline __u64 option_value(struct ctx_buff *ctx, __u32 at, __u32 size)
{
	const __be32 *word;
	__u64 value = 0;

	if (size >= 4) {
		word = packet_at(ctx, at, sizeof(*word));
		value = word ? (__u64)bpf_ntohl(*word) << 32 : 0;
	}
	if (size >= 8) {
		word = packet_at(ctx, at + 4, sizeof(*word));
		value |= word ? bpf_ntohl(*word) : 0;
	}
	return value;
}

/* Notes the option at walk->at, if some rule asks for it. Where the next one is; 0: there is none. A function of its
 * own, which the verifier checks but once. */
__noinline int policy_option(struct ctx_buff *ctx, const struct policy_walk *walk, __u32 at)
{
	struct policy_memory *memory = policy_memory();
	const struct geneve_option *option;
	__u32 name, data, size;

	if (!walk || !memory || at + sizeof(*option) > walk->end)
		return 0;
	option = packet_at(ctx, at, sizeof(*option));
	if (!option)
		return 0;
	name = (__u32)bpf_ntohs(option->option_class) << 8 | option->type;
	size = (option->length & 31) * 4U;
	data = at + sizeof(*option);
	if (data + size > walk->end)
		return 0;
	for (int i = 0; i < DP_POLICY_OPTIONS; i++) {
		if (walk->wanted[i] != name || memory->query.options >> i & 1)
			continue;
		memory->query.option[i] = option_value(ctx, data, size);
		memory->query.options |= 1 << i;
	}
	return data + size;
}

/* Offset of the outer UDP header; 0: it is not in reach. */
static __always_inline __u32 outer_udp_at(struct ctx_buff *ctx, const struct packet *packet)
{
	__u32 at = sizeof(struct ethhdr) + (packet->vlans - packet->beside) * sizeof(struct vlan_tag);
	const __u8 *ip = packet_at(ctx, at, sizeof(struct iphdr));
	struct ipv6_headers headers = {.offset = at + sizeof(struct ipv6hdr), .end = packet->l3};

	if (!ip)
		return 0;
	if (packet->tunnelled == 4)
		return at + (ip[0] & 15) * 4U;
	headers.protocol = ip[offsetof(struct ipv6hdr, nexthdr)];
	if (ipv6_headers(ctx, &headers) != NEXT)
		return 0;
	return headers.protocol == IPPROTO_UDP ? headers.offset : 0;
}

/* Of a packet that came by a tunnel: fills in the options that the VRF's rules ask for. */
__noinline int policy_options(struct ctx_buff *ctx, const struct packet *packet)
{
	const struct dp_tunnel *tunnel;
	const struct geneve_header *geneve;
	const struct dp_policy *policy;
	struct policy_walk walk = {};
	__u32 at;

	if (!packet)
		return 0;
	policy = policy_row(packet->bank, packet->vrf);
	tunnel = tunnel_row(packet->bank, packet->decapsulated);
	if (!policy || !tunnel || tunnel->kind != DP_TUNNEL_GENEVE)
		return 0;
	at = outer_udp_at(ctx, packet);
	geneve = packet_at(ctx, at + sizeof(struct udphdr), sizeof(*geneve));
	if (!at || !geneve)
		return 0;
	at += sizeof(struct udphdr) + sizeof(*geneve);
	walk.end = at + GENEVE_OPTIONS(geneve->first);
	for (int i = 0; i < DP_POLICY_OPTIONS; i++)
		walk.wanted[i] = i < policy->option_count ? policy->option[i] : ~0U;
	for (int i = 0; i < GENEVE_OPTIONS_MOST && at; i++)
		at = policy_option(ctx, &walk, at);
	return 0;
}

#endif
