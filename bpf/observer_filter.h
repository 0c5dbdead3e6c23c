/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which sessions a packet is for: by what is known of it at its end, and as far as it is known before, already there.
 */
#ifndef SLUICE_BPF_OBSERVER_FILTER_H
#define SLUICE_BPF_OBSERVER_FILTER_H

#include "bpf/observe.h"

static const __u8 observed_verdicts[DP_REASON_COUNT] = {
#define REASON_VERDICT(name, verdict, description) [DP_REASON_##name] = DP_VERDICT_##verdict,
	DP_REASONS(REASON_VERDICT)
#undef REASON_VERDICT
};

static __always_inline bool prefix_fits(const struct dp_address *address, const struct dp_address *prefix,
					const struct dp_address *mask)
{
	return !(((address->half[0] ^ prefix->half[0]) & mask->half[0]) |
		 ((address->half[1] ^ prefix->half[1]) & mask->half[1]));
}

static __always_inline bool port_fits(__u16 port, __u16 wanted)
{
	return !wanted || port == wanted;
}

static __always_inline bool ends_fit(const struct dp_observe_filter *filter, const struct dp_address *src,
				     const struct dp_address *dst, __u16 src_port, __u16 dst_port)
{
	return prefix_fits(src, &filter->src, &filter->src_mask) && prefix_fits(dst, &filter->dst, &filter->dst_mask) &&
	       port_fits(src_port, filter->src_port) && port_fits(dst_port, filter->dst_port);
}

/* Addresses and ports fit as they came, or as services have them. */
__noinline int filter_ends(__u32 session)
{
	const struct dp_observed *observed = observed_row();
	const struct dp_observe_filter *filter;
	const struct dp_step *last;
	__u64 i = session;

	barrier_var(i);
	if (!observed || i >= DP_OBSERVERS)
		return 0;
	barrier_var(i);
	filter = &observing.session[i].filter;
	last = &observed->head.last;
	if (ends_fit(filter, &observed->src, &observed->dst, observed->src_port, observed->dst_port) ||
	    ends_fit(filter, &last->src, &last->dst, last->src_port, last->dst_port))
		return 1;
	return filter->either &&
	       (ends_fit(filter, &observed->dst, &observed->src, observed->dst_port, observed->src_port) ||
		ends_fit(filter, &last->dst, &last->src, last->dst_port, last->src_port));
}

static __always_inline bool filter_rule(const struct dp_observe_filter *filter, const struct dp_step *last)
{
	for (int i = 0; i < DP_POLICY_CATEGORIES; i++)
		if (last->rule[i] == filter->rule)
			return true;
	return !filter->rule;
}

static __always_inline bool filter_facts(const struct dp_observe_filter *filter, const struct dp_step *last)
{
	return (!filter->interface || filter->interface == last->interface) &&
	       (!filter->vrf || filter->vrf == last->vrf) &&
	       (!filter->protocol || filter->protocol == last->protocol) &&
	       (!filter->family || filter->family == last->family) && (!filter->vni || filter->vni == last->vni) &&
	       (!filter->route || filter->route == last->route || filter->route == last->underlay_route) &&
	       (!filter->tunnel || filter->tunnel == last->decapsulated || filter->tunnel == last->encapsulated);
}

/* What is known at the packet's end only. */
static __always_inline bool filter_end(const struct dp_observe_filter *filter, const struct dp_observation *head)
{
	__u64 reason = head->reason;

	barrier_var(reason);
	if (reason >= DP_REASON_COUNT)
		return false;
	barrier_var(reason);
	return (!filter->out_interface || filter->out_interface == head->out_interface) &&
	       (!filter->reason || filter->reason == reason + 1) &&
	       (!filter->verdicts || filter->verdicts >> observed_verdicts[reason] & 1);
}

/* Is the packet, of which the CPU's memory says what is known, for the session? `ended`: all is. */
__noinline int filter_fits(__u32 session, int ended)
{
	const struct dp_observed *observed = observed_row();
	const struct dp_observe_filter *filter;
	__u64 i = session;

	barrier_var(i);
	if (!observed || i >= DP_OBSERVERS)
		return 0;
	barrier_var(i);
	filter = &observing.session[i].filter;
	if (observed->flow & filter->flows)
		return 0;
	if (!filter_facts(filter, &observed->head.last) || !filter_rule(filter, &observed->head.last))
		return 0;
	if (ended && !filter_end(filter, &observed->head))
		return 0;
	return filter_ends(session);
}

#endif
