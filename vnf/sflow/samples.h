/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two kinds of samples of sFlow (sFlow.org, "sFlow Version 5", 2004, and "sFlow Tunnel Structures"): a packet and
 * what became of it, and the counters of an interface. Their encoding; who fills them in is agent.h.
 */
#ifndef SLUICE_SFLOW_SAMPLES_H
#define SLUICE_SFLOW_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"

struct xdr;

/* Of `output`, beside an ifIndex: dropped, with a code (drop_code.h); and to or from the router itself. */
#define SFLOW_DROPPED  (1U << 30)
#define SFLOW_INTERNAL 0x3fffffffU

#define SFLOW_UNKNOWN 0xffffffffU /* of a counter that there is not */

/* The outer header that the packet leaves with. Ports and VNI in host order. */
struct sflow_tunnel {
	struct ip_address local, remote; /* of one family */
	uint8_t protocol;		 /* of IP */
	uint16_t udp_port;		 /* 0: none */
	uint32_t length;		 /* of the outer IP packet */
	bool has_vni;
	uint32_t vni;
};

struct sflow_flow {
	uint32_t sequence;    /* of the source's flow samples, from 1 */
	uint32_t ifindex;     /* the source: the interface by which it came */
	uint32_t sampling;    /* one packet in so many */
	uint32_t pool, drops; /* of the source: packets that could have been sampled, and samples that were lost */
	uint32_t input, output;

	const uint8_t *header; /* of the frame as it came, borrowed */
	uint32_t kept, length; /* bytes of it, and of the whole frame, without FCS */

	bool tagged; /* it came, or leaves, with a VLAN tag */
	uint16_t in_vlan, out_vlan;
	uint8_t in_priority, out_priority;

	bool routed;
	struct ip_address next_hop; /* family 0: it is on the link, or not known */
	uint8_t source_mask, destination_mask;

	bool decapsulated;
	uint32_t inner; /* where, in `header`, what was in the tunnel begins */
	bool has_vni;
	uint32_t vni; /* with which it came */

	bool encapsulated;
	struct sflow_tunnel tunnel;
};

/* The counters of RFC 2233's ifTable. */
struct sflow_interface {
	uint32_t sequence; /* of the source's counter samples, from 1 */
	uint32_t ifindex;
	uint32_t type;	    /* IANAifType */
	uint64_t speed;	    /* bit/s; 0: not known */
	uint32_t direction; /* 0: not known, 1: full duplex, 2: half duplex */
	bool admin_up, oper_up, promiscuous;
	uint64_t in_octets, out_octets;
	uint32_t in_unicast, in_multicast, in_discards, in_errors, in_unknown;
	uint32_t out_unicast, out_discards, out_errors;
	char name[16];
};

/* A whole sample, with its type and length; where it does not fit, `full` is set. */
void sflow_put_flow(struct xdr *xdr, const struct sflow_flow *flow);
void sflow_put_interface(struct xdr *xdr, const struct sflow_interface *interface);

#endif
