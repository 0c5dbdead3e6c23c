/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of tunnel as the control plane sees them; one folder a kind, with its packet half in <kind>.bpf.h. */
#ifndef SLUICE_TUNNELS_TUNNEL_H
#define SLUICE_TUNNELS_TUNNEL_H

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

/* NULL: no such kind. */
const struct tunnel_ops *tunnel_ops(enum dp_tunnel_kind kind);

#endif
