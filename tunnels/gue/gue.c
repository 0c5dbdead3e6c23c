/* SPDX-License-Identifier: Apache-2.0 */
#include "tunnels/common/ops.h"

/* draft-ietf-intarea-gue */
const struct tunnel_ops gue_tunnel = {
	.kind = DP_TUNNEL_GUE,
	.name = "gue",
	.default_udp_port = 6080,
};
