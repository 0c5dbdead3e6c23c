/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What lies in a tunnel. The packet path includes this behind bpf/parse.h, whose struct packet and packet_at() the
 * kinds use: it knows the tunnels, they do not know where it lies.
 */
#ifndef SLUICE_TUNNELS_COMMON_INNER_BPF_H
#define SLUICE_TUNNELS_COMMON_INNER_BPF_H

/* What tunnel_pop learns. */
struct tunnel_inner {
	__u32 vni;	 /* 0: the kind has none */
	__u32 offset;	 /* of the inner Ethernet header, or of the IP header where there is none */
	__u16 eth_proto; /* of that IP header; 0: there is an Ethernet header, which says it */
};

/* What the protocol number of an IP packet in another says. 0: it is no IP packet. */
static __always_inline __u16 inner_eth_proto(__u8 protocol)
{
	switch (protocol) {
	case IPPROTO_IPIP:
		return ETH_P_IP;
	case IPPROTO_IPV6:
		return ETH_P_IPV6;
	}
	return 0;
}

#endif
