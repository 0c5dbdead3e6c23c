/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every kind of tunnel gives to decapsulation: tunnels/<kind>/<kind>.bpf.h fills it in. */
#ifndef SLUICE_BPF_TUNNEL_H
#define SLUICE_BPF_TUNNEL_H

#include "bpf/packet.h"

#define TUNNEL_HEADER 8 /* bytes that encapsulation writes: VXLAN, and Geneve without options */

struct tunnel_header {
	__u32 vni;
	__u32 inner; /* offset of the inner Ethernet header */
};

#endif
