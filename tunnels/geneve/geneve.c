/* SPDX-License-Identifier: Apache-2.0 */
#include "tunnels/common/ops.h"

/* RFC 8926 3.4: version 0, no options, no flags, an Ethernet frame. */
static void header(uint32_t vni, uint8_t header[TUNNEL_HEADER])
{
	tunnel_header_write(0x6558, vni, header);
}

/* RFC 8926 */
const struct tunnel_ops geneve_tunnel = {
	.kind = DP_TUNNEL_GENEVE,
	.name = "geneve",
	.default_udp_port = 6081,
	.header = header,
};
