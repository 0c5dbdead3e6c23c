/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ingress port: whose packet this is, and whether the frame is for this station at all. */
#ifndef SLUICE_BPF_PORT_H
#define SLUICE_BPF_PORT_H

#include "bpf/observe.h"
#include "bpf/parse.h"

/* Key: device and VLANs. An empty slot does not end the search: what was in front may have been taken out. */
static __always_inline const struct dp_port *port_find(__u32 bank, __u64 key)
{
	__u32 hash = dp_hash(&key, 1);

	for (__u32 i = 0; i < DP_HASH_PROBES; i++) {
		const struct dp_port *port = port_slot(bank, hash + i);

		if (*(const __u64 *)port == key)
			return port;
	}
	return NULL;
}

/* RFC 5798 7.3: a virtual router's MAC is one of this station, too. */
static __always_inline bool is_additional_mac(const struct packet *packet, const struct ethhdr *eth)
{
	const struct dp_port_answer *answer = port_answer_row(packet->bank, packet->interface);

	for (int i = 0; answer && i < DP_ADDITIONAL_MACS; i++)
		if (mac_equal(eth->h_dest, answer->mac[i]))
			return true;
	return false;
}

/* A packet of which only the VRF is known. */
static __always_inline int ingress_by_vrf(struct packet *packet, __u16 vrf)
{
	const struct dp_vrf *row = vrf_row(packet->bank, vrf);

	if (!row)
		return ends(DP_REASON_inconsistent);
	packet->vrf = vrf;
	packet->features = row->features & ~DP_FEATURE_DECAP;
	packet->eth_multicast = 0;
	return packet->eth_proto == ETH_P_IP || packet->eth_proto == ETH_P_IPV6 ? NEXT : DP_REASON_not_ip;
}

static __always_inline int ingress_port(struct ctx_buff *ctx, struct packet *packet)
{
	const struct ethhdr *eth = packet_at(ctx, 0, sizeof(*eth));
	const struct dp_port *port;

	if (!eth)
		return ends(DP_REASON_malformed_ethernet);
	if (explained_vrf())
		return ingress_by_vrf(packet, explained_vrf());
	port = port_find(packet->bank, dp_port_key(ctx_ingress(ctx), packet->vlan));
	if (!port)
		return ends(DP_REASON_unmanaged_port);
	packet->vrf = port->vrf;
	packet->interface = port->interface;
	packet->features |= port->features;
	packet->from_stage = port->from_stage;
	packet->stage = port->stage;
	/* What a stage sends back may still carry the MACs that it was sent with: a bridge changes none. */
	if (!packet->from_stage && !packet->eth_multicast && !mac_equal(eth->h_dest, port->mac) &&
	    !is_additional_mac(packet, eth))
		return ends(DP_REASON_wrong_mac);
	if (packet->eth_proto != ETH_P_IP && packet->eth_proto != ETH_P_IPV6)
		return ends(DP_REASON_not_ip);
	return NEXT;
}

#endif
