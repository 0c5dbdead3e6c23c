/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whose address a station asks for, by ARP or neighbour discovery, and with which MAC it is answered: the router's own,
 * or that of a neighbour for whom the router answers (proxy ARP and ND: RFC 1027, RFC 4389; their EVPN kind: RFC 9161).
 */
#ifndef SLUICE_BPF_ANSWER_TARGET_H
#define SLUICE_BPF_ANSWER_TARGET_H

#include "bpf/answer_frame.h"
#include "bpf/nexthop.h"
#include "bpf/port.h"
#include "bpf/vtep.h"

enum answer_owner {
	OWNER_OTHER, /* Sluice does not answer */
	OWNER_ROUTER,
	OWNER_ROUTERS,	 /* all those on the link: an anycast address */
	OWNER_NEIGHBOUR, /* answered with the neighbour's own MAC, */
	OWNER_PROXIED,	 /* and with the router's */
};

/* DP_GROUP_LOCAL or DP_GROUP_ANYCAST where the address is one of the router's own in the packet's VRF, else 0. */
static __always_inline __u32 own_group(const struct packet *packet, const struct dp_address *address)
{
	struct dp_fib_leaf leaf = {};

	if (fib_find(packet, address, packet->vrf, &leaf) != NEXT || !dp_group_is_own(leaf.group))
		return 0;
	return leaf.group;
}

/* Is it, and a unicast address? */
static __always_inline bool is_own_address(const struct packet *packet, const struct dp_address *address)
{
	return own_group(packet, address) == DP_GROUP_LOCAL;
}

/* The MAC by which the station that sent the packet knows the router. */
static __always_inline bool own_mac(struct ctx_buff *ctx, const struct packet *packet, __u8 mac[6])
{
	const struct dp_port *port;
	const struct dp_vrf *vrf;

	if (packet->tunnelled) {
		vrf = vrf_row(packet->bank, packet->vrf);
		if (vrf)
			__builtin_memcpy(mac, vrf->router_mac, 6);
		return vrf;
	}
	port = port_find(packet->bank, dp_port_key(ctx_ingress(ctx), packet->vlan));
	if (port)
		__builtin_memcpy(mac, port->mac, 6);
	return port;
}

/* The neighbour with the address in the packet's VRF, if Sluice answers for it; NULL: it does not. */
static __always_inline const struct dp_neighbor *neighbor_find(const struct packet *packet,
							       const struct dp_address *address)
{
	struct dp_neighbor key = {.address = *address};
	__u32 hash;

	key.vrf = packet->vrf;
	hash = dp_hash((const __u64 *)&key, KEY_WORDS);
	for (__u32 i = 0; i < DP_HASH_PROBES; i++) {
		const struct dp_neighbor *neighbor = neighbor_slot(packet->bank, hash + i);

		if (key_equal(neighbor, (const __u64 *)&key))
			return neighbor;
	}
	return NULL;
}

/* Of a group with one next hop; over several a neighbour is elsewhere, whatever becomes of a packet to it. */
static __always_inline bool group_is_elsewhere(const struct packet *packet, __u32 group)
{
	const struct dp_group *row = group_row(packet->bank, group);
	const struct dp_next_hop *hop = row && row->only ? next_hop_row(packet->bank, row->only) : NULL;

	if (!hop)
		return row;
	if (hop->kind == DP_NEXT_HOP_TUNNEL)
		return hop->tunnel != packet->decapsulated || hop->vni != packet->vni;
	return hop->kind == DP_NEXT_HOP_GATEWAY && (packet->tunnelled || hop->egress.interface != packet->interface);
}

/* RFC 1027: a router answers for a host only if it has a way to it, and that does not lead back to who asks. */
static __always_inline bool is_elsewhere(const struct packet *packet, const struct dp_fib_leaf *leaf)
{
	const struct dp_egress *egress = NULL;

	if (leaf->group == DP_GROUP_NONE || leaf->group == DP_GROUP_BROADCAST)
		return false;
	if (leaf->group < DP_GROUP_HOST)
		return group_is_elsewhere(packet, leaf->group);
	if (leaf->group == DP_GROUP_HOST)
		egress = host_row(packet->bank, leaf->route);
	else if (leaf->group == DP_GROUP_CONNECTED)
		egress = link_row(packet->bank, leaf->route);
	return egress && egress->ifindex && (packet->tunnelled || egress->interface != packet->interface);
}

/* RFC 4291 2.6.1: the answer comes from an address that is this router's alone. */
static __always_inline int answer_anycast(struct ctx_buff *ctx, const struct packet *packet, struct answer *answer)
{
	const struct dp_vrf_answer *vrf = vrf_answer_row(packet->bank, packet->vrf);

	if (!vrf || !answer_source(packet, vrf, &answer->from) || !own_mac(ctx, packet, answer->target_mac))
		return OWNER_OTHER;
	return OWNER_ROUTERS;
}

/* An enum answer_owner; answer->target_mac is the MAC to answer with, answer->from the address. */
__noinline int answer_target(struct ctx_buff *ctx, const struct packet *packet, const struct dp_address *target)
{
	struct answer *answer = answer_memory();
	const struct dp_neighbor *neighbor;
	struct dp_fib_leaf leaf = {};
	struct dp_address address;

	if (!packet || !target || !answer)
		return OWNER_OTHER;
	address = answer->from = *target;
	if (fib_find(packet, &address, packet->vrf, &leaf) != NEXT)
		return OWNER_OTHER;
	if (leaf.group == DP_GROUP_LOCAL || leaf.group == DP_GROUP_VIP)
		return own_mac(ctx, packet, answer->target_mac) ? OWNER_ROUTER : OWNER_OTHER;
	if (leaf.group == DP_GROUP_ANYCAST)
		return answer_anycast(ctx, packet, answer);
	neighbor = packet->from_stage ? NULL : neighbor_find(packet, &address);
	/* The neighbour itself, which asks whether somebody else has its address, must not hear of one (RFC 4862 5.4).
	 */
	if (!neighbor || mac_equal(neighbor->mac, answer->mac))
		return OWNER_OTHER;
	if (neighbor->router)
		return is_elsewhere(packet, &leaf) && own_mac(ctx, packet, answer->target_mac) ? OWNER_PROXIED
											       : OWNER_OTHER;
	__builtin_memcpy(answer->target_mac, neighbor->mac, 6);
	return OWNER_NEIGHBOUR;
}

#endif
