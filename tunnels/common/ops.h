/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of tunnel says about itself to the control plane, in <kind>.c. */
#ifndef SLUICE_TUNNELS_COMMON_OPS_H
#define SLUICE_TUNNELS_COMMON_OPS_H

#include <stdint.h>

#include "api/dp/tunnel.h"

struct tunnel_ops {
	enum dp_tunnel_kind kind;
	const char *name;
	uint16_t default_udp_port; /* host order, as assigned by IANA; 0: the kind has no UDP port */
};

#define TUNNEL_DECLARE(NAME, name, label) extern const struct tunnel_ops name##_tunnel;
DP_TUNNEL_KINDS(TUNNEL_DECLARE)
#undef TUNNEL_DECLARE

#endif
