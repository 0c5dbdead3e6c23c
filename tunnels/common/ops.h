/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of tunnel says about itself to the control plane, in <kind>.c. */
#ifndef SLUICE_TUNNELS_COMMON_OPS_H
#define SLUICE_TUNNELS_COMMON_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/tunnel.h"

#define TUNNEL_HEADER 8 /* bytes, without options */

struct tunnel_ops {
	enum dp_tunnel_kind kind;
	const char *name;
	uint16_t default_udp_port; /* host order, as assigned by IANA; 0: the kind has no UDP port */
	/* Writes the header of a frame in the VNI, as the packet half's push does. NULL: the kind has neither VNI nor
	 * frame, but an IP packet as it is. */
	void (*header)(uint32_t vni, uint8_t header[TUNNEL_HEADER]);
};

static inline bool tunnel_has_vni(const struct tunnel_ops *tunnel)
{
	return tunnel->header != NULL;
}

/* The kinds' headers are two words in network order; the second has the VNI in its upper 24 bits. */
static inline void tunnel_header_write(uint32_t first, uint32_t vni, uint8_t header[TUNNEL_HEADER])
{
	const uint32_t word[] = {first, vni << 8};

	for (int i = 0; i < TUNNEL_HEADER; i++)
		header[i] = (uint8_t)(word[i / 4] >> (24 - i % 4 * 8));
}

#define TUNNEL_DECLARE(NAME, name, label) extern const struct tunnel_ops name##_tunnel;
DP_TUNNEL_KINDS(TUNNEL_DECLARE)
#undef TUNNEL_DECLARE

#endif
