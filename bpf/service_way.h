/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way to the member that a packet counts for: by its group or its address, which must be on a link, where the
 * packet goes as it is; else to the destination that is the member's now.
 */
#ifndef SLUICE_BPF_SERVICE_WAY_H
#define SLUICE_BPF_SERVICE_WAY_H

#include "bpf/nexthop.h"
#include "bpf/service_tables.h"

/* NULL: it counts for none. */
static __always_inline const struct dp_member *packet_member(const struct packet *packet)
{
	__u32 id = packet->route - SHAPE(counters_members);

	return member_row(packet->bank, id);
}

/* Has the packet's address in *leaf, or the group of a member that has one: NEXT, or a reason. */
__noinline int service_leaf(const struct packet *packet, struct dp_fib_leaf *leaf)
{
	const struct dp_member *member;
	struct dp_address to;
	bool direct;

	if (!packet || !leaf)
		return ends(DP_REASON_inconsistent);
	member = packet_member(packet);
	if (!member)
		return ends(DP_REASON_inconsistent);
	direct = packet->service & SERVICE_DIRECT;
	if (direct && member->group) {
		*leaf = (struct dp_fib_leaf){.group = member->group};
		return NEXT;
	}
	to = member->address;
	if (fib_find(packet, &to, packet->vrf, leaf) != NEXT)
		return ends(DP_REASON_inconsistent);
	if (leaf->group == DP_GROUP_NONE || dp_group_answers(leaf->group))
		return ends(DP_REASON_no_route);
	return direct && leaf->group < DP_GROUP_HOST ? ends(DP_REASON_unresolved) : NEXT;
}

/* As route(), to the member. */
static __always_inline int service_way(struct packet *packet, struct way *way)
{
	int reason;

	way->ahead = (struct dp_fib_leaf){};
	reason = service_leaf(packet, &way->ahead);
	packet->group = way->ahead.group;
	return reason;
}

#endif
