/* SPDX-License-Identifier: Apache-2.0 */
#include "tunnels/common/ops.h"

/* RFC 2003, RFC 2473, RFC 4213 */
const struct tunnel_ops ipip_tunnel = {
	.kind = DP_TUNNEL_IPIP,
	.name = "ipip",
};
