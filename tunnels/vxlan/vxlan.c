/* SPDX-License-Identifier: Apache-2.0 */
#include "tunnels/common/ops.h"

/* RFC 7348 */
const struct tunnel_ops vxlan_tunnel = {
	.kind = DP_TUNNEL_VXLAN,
	.name = "vxlan",
	.default_udp_port = 4789,
};
