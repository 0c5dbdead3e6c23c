/* SPDX-License-Identifier: Apache-2.0 */
#include "tunnels/tunnel.h"

#include <stddef.h>

const struct tunnel_ops *tunnel_ops(enum dp_tunnel_kind kind)
{
	switch (kind) {
	case DP_TUNNEL_VXLAN:
		return &vxlan_tunnel;
	case DP_TUNNEL_GENEVE:
		return &geneve_tunnel;
	}
	return NULL;
}
