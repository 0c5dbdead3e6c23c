/* SPDX-License-Identifier: Apache-2.0 */
#include "tunnels/common/ops.h"

/* RFC 7348 5: the flag I, which says that there is a VNI. */
static void header(uint32_t vni, uint8_t header[TUNNEL_HEADER])
{
	tunnel_header_write(0x08000000, vni, header);
}

/* RFC 7348 */
const struct tunnel_ops vxlan_tunnel = {
	.kind = DP_TUNNEL_VXLAN,
	.name = "vxlan",
	.default_udp_port = 4789,
	.header = header,
};
