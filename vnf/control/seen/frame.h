/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the headers of a frame from the inside out: each function puts its header in front of what is there. */
#ifndef SLUICE_CONTROL_SEEN_FRAME_H
#define SLUICE_CONTROL_SEEN_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"

#define FRAME_MOST 9216

struct frame {
	uint8_t *start; /* into `room` */
	size_t length;
	uint8_t room[FRAME_MOST];
};

/* Of an IP header, and of the checksums behind it. */
struct frame_ip {
	struct ip_address source, destination; /* of one family */
	uint8_t protocol, ttl, traffic_class;
};

/* With so many zeros; at most FRAME_MOST less the headers. */
void frame_begin(struct frame *frame, size_t length);
/* Room in front, which is zeroed. */
uint8_t *frame_push(struct frame *frame, size_t size);

/* Checksums are over all that is there. */
void frame_push_tcp(struct frame *frame, const struct frame_ip *ip, uint16_t source, uint16_t destination,
		    uint8_t flags);
void frame_push_udp(struct frame *frame, const struct frame_ip *ip, uint16_t source, uint16_t destination,
		    int checksum);
/* An echo request of ICMP or ICMPv6, by the protocol. */
void frame_push_echo(struct frame *frame, const struct frame_ip *ip, uint16_t identifier);
void frame_push_ip(struct frame *frame, const struct frame_ip *ip);
/* VLAN ids of 0 are left out. `eth_proto` is of what is there; the tags' own follow (IEEE 802.1Q, 802.1ad). */
void frame_push_ethernet(struct frame *frame, const uint8_t destination[6], uint16_t vlan_id, uint16_t inner_vlan_id,
			 uint16_t eth_proto);

#endif
