/* SPDX-License-Identifier: Apache-2.0 */
/* Where copies of frames go, and what stands in front of them. */
#ifndef SLUICE_COPIES_TARGET_H
#define SLUICE_COPIES_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"

enum copy_kind { COPY_PORT = 1, COPY_VXLAN, COPY_ERSPAN };

struct copy_target {
	enum copy_kind kind;
	uint32_t ifindex;	  /* of a port */
	struct ip_address remote; /* of a tunnel */
	uint32_t vni;		  /* VXLAN */
	uint16_t udp_port;
	uint16_t session_id; /* ERSPAN */
};

#define COPY_HEADER 16 /* bytes at most */

/* The headers between IP, or UDP, and the frame of which the first `kept` of `length` bytes are there; their size.
 * VXLAN: RFC 7348 5. ERSPAN: GRE with a sequence number (RFC 2890), and the header of type II
 * (draft-foschiano-erspan 4.2). */
size_t copy_put_vxlan(uint8_t header[COPY_HEADER], uint32_t vni);
size_t copy_put_erspan(uint8_t header[COPY_HEADER], uint16_t session_id, uint32_t sequence, const uint8_t *frame,
		       uint32_t kept, uint32_t length);

#define COPY_SEEN 96 /* bytes of a frame that copy_target_made may look at */

/* Is the frame, which came by the interface, a copy that goes, or has gone, to the target? Where nothing is kept of it
 * only the interface says so. */
bool copy_target_made(const struct copy_target *target, uint32_t ifindex, const uint8_t *frame, uint32_t kept);

#endif
