/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of tunnel as the control plane sees them; one folder a kind, with its packet half in <kind>.bpf.h. */
#ifndef SLUICE_TUNNELS_TUNNEL_H
#define SLUICE_TUNNELS_TUNNEL_H

#include "tunnels/common/ops.h"

/* NULL: no such kind. */
const struct tunnel_ops *tunnel_ops(enum dp_tunnel_kind kind);

#endif
