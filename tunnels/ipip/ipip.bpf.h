/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * IP in IP: the inner header stands directly behind the outer one, whose protocol says which it is (RFC 2003 IPv4 in
 * IPv4, RFC 4213 IPv6 in IPv4, RFC 2473 both in IPv6). There is no VNI: the endpoint says the VRF.
 */
#ifndef SLUICE_TUNNELS_IPIP_BPF_H
#define SLUICE_TUNNELS_IPIP_BPF_H

#include "tunnels/common/inner.bpf.h"

#define IPIP_SIZE 0

/* The extension headers that RFC 2473 5.1 allows in front of the inner header have been walked over. */
static __always_inline int ipip_pop(struct packet *packet, struct tunnel_inner *inner)
{
	packet->limit = packet->l3 + packet->ip_length;
	inner->offset = packet->l4;
	inner->eth_proto = inner_eth_proto(packet->protocol);
	return NEXT;
}

#endif
