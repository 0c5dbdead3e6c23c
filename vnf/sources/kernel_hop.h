/* SPDX-License-Identifier: Apache-2.0 */
/* A next hop as the kernel's messages have it. Internal to vnf/sources. */
#ifndef SLUICE_SOURCES_KERNEL_HOP_H
#define SLUICE_SOURCES_KERNEL_HOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"

/* No padding: equal hops have equal bytes. */
struct kernel_hop {
	uint32_t ifindex;
	uint16_t weight; /* from 1 */
	/* enum source_hop_kind; 0: packets by it would need something that this router lacks, such as a label (MPLS) or
	 * another encapsulation */
	uint8_t kind : 7;
	uint8_t onlink : 1;	   /* the gateway is taken to be on the device, whatever its addresses */
	struct ip_address gateway; /* family 0: none */
};
_Static_assert(sizeof(struct kernel_hop) == 24, "equal hops have equal bytes");

struct attributes;
struct rtattr;

/* Takes in an attribute of a route, or of one of its hops: RTA_OIF, RTA_GATEWAY, RTA_VIA (RFC 5549), RTA_ENCAP_TYPE;
 * others are passed over. False: its length is wrong. */
bool kernel_hop_take(struct kernel_hop *hop, const struct rtattr *attribute);

/* An address of 4 or 16 bytes; false: it has another size. */
bool kernel_address(struct ip_address *address, const void *bytes, size_t size);

#endif
