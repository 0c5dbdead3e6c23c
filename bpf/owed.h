/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For which packets a router owes an answer: a context that can make none leaves them to the one that can. */
#ifndef SLUICE_BPF_OWED_H
#define SLUICE_BPF_OWED_H

#include "bpf/packet.h"

#define OWED(name) (1ULL << DP_REASON_##name)

static __always_inline bool answer_is_owed(int reason)
{
	const __u64 owed = OWED(not_ip) | OWED(neighbour_discovery) | OWED(local) | OWED(inner_not_ip) |
			   OWED(inner_local) | OWED(ttl_expired) | OWED(too_big) | OWED(no_route) |
			   OWED(tunnel_no_route) | OWED(unresolved) | OWED(no_next_hop) | OWED(chain_stage_down) |
			   OWED(source_route) | OWED(bad_option) | OWED(rejected) | OWED(syn_challenged) |
			   OWED(no_listener) | OWED(no_member) | OWED(member_down) | OWED(discard_unreachable) |
			   OWED(discard_prohibited) | OWED(kernel_forwarding_off) | OWED(kernel_route_elsewhere) |
			   OWED(kernel_route_unsupported);
	__u32 shift = reason;

	return shift < 64 && owed >> (shift & 63) & 1; /* the compiler refuses an OWED of a higher one */
}

#endif
