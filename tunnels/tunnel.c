/* SPDX-License-Identifier: Apache-2.0 */
#include "tunnels/tunnel.h"

#include <stddef.h>

const struct tunnel_ops *tunnel_ops(enum dp_tunnel_kind kind)
{
	switch (kind) {
	case DP_TUNNEL_NONE:
		break;
#define OPS(NAME, name, label)                                                                                         \
	case DP_TUNNEL_##NAME:                                                                                         \
		return &name##_tunnel;
		DP_TUNNEL_KINDS(OPS)
#undef OPS
	}
	return NULL;
}
