/* SPDX-License-Identifier: Apache-2.0 */
#include "tunnels/common/ops.h"

/* RFC 8926 */
const struct tunnel_ops geneve_tunnel = {
	.kind = DP_TUNNEL_GENEVE,
	.name = "geneve",
	.default_udp_port = 6081,
};
