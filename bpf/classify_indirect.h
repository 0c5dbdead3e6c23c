/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Classifiers and packets of which it is not known what they are: a fragment whose ports are elsewhere, or a chain of
 * extension headers that is too long. Each classifier that it may match is a candidate, up to the first that it matches
 * for sure. If they all lead to one stage, it goes there: a chain looks rather at a packet too many. If they do not,
 * and one of them stands for a chain that fails closed, it is dropped: no packet gets past such a chain by its headers.
 */
#ifndef SLUICE_BPF_CLASSIFY_INDIRECT_H
#define SLUICE_BPF_CLASSIFY_INDIRECT_H

#include "bpf/flow.h"

static __always_inline bool prefix_matches(const struct dp_address *address, const struct dp_address *value,
					   const struct dp_address *mask)
{
	return !(((address->half[0] ^ value->half[0]) & mask->half[0]) |
		 ((address->half[1] ^ value->half[1]) & mask->half[1]));
}

enum match { MATCH_NONE, MATCH_MAYBE, MATCH_SURE };

struct candidates {
	__u16 differ; /* not 0: in their stages */
	__u8 fail_closed;
	__u8 pad;
};

#define CLASSIFY_SOME	16 /* rows of classifiers at once, */
#define CANDIDATES_SOME 4  /* and where each may be a candidate */

/* Is the port in the range, which may be all? */
static __always_inline enum match match_port(const struct flow *flow, __u16 port, __u16 first, __u16 last)
{
	if (!first && last == 65535)
		return MATCH_SURE;
	if (!(flow->known & FLOW_PORTS))
		return MATCH_MAYBE;
	return port >= first && port <= last ? MATCH_SURE : MATCH_NONE;
}

static __always_inline enum match match_protocol(const struct flow *flow, __u8 protocol)
{
	if (!protocol)
		return MATCH_SURE;
	if (!(flow->known & FLOW_PROTOCOL))
		return MATCH_MAYBE;
	return flow->protocol == protocol ? MATCH_SURE : MATCH_NONE;
}

static __always_inline enum match match_least(enum match a, enum match b)
{
	return a < b ? a : b;
}

static __always_inline enum match match_classifier(const struct flow *flow, const struct dp_classifier *classifier)
{
	enum match match;

	if (classifier->family && classifier->family != flow->family)
		return MATCH_NONE;
	if (!prefix_matches(&flow->dst, &classifier->dst, &classifier->dst_mask) ||
	    !prefix_matches(&flow->src, &classifier->src, &classifier->src_mask))
		return MATCH_NONE;
	match = match_protocol(flow, classifier->protocol);
	match = match_least(match,
			    match_port(flow, flow->dst_port, classifier->dst_port_first, classifier->dst_port_last));
	return match_least(match,
			   match_port(flow, flow->src_port, classifier->src_port_first, classifier->src_port_last));
}

/* A classifier that matches the flow or may do so. */
static __always_inline void take_candidate(struct packet *packet, const struct dp_classifier *classifier,
					   struct candidates *candidates)
{
	if (!packet->flow_classifier) {
		packet->stage = classifier->stage;
		packet->flow_classifier = classifier->id;
	}
	candidates->differ |= packet->stage ^ classifier->stage;
	candidates->fail_closed |= classifier->fail_closed;
}

/* Looks at CANDIDATES_SOME of `rules` rows. 1: no others are to be looked at. A function of its own for some, through
 * which the verifier goes once; and that calls none, since 6.1 has no room on the stack for another. */
__noinline int classify_some(struct packet *packet, __u32 first, __u32 rules, const struct flow *flow,
			     struct candidates *candidates)
{
	const struct dp_classifier *rows, *classifier;

	if (!packet || !flow || !candidates)
		return 1;
	rows = classifier_rows_of(packet->bank);
	for (__u32 i = 0; i < CANDIDATES_SOME && i < rules; i++) {
		enum match match;

		classifier = classifier_at(rows, (__u64)first + i);
		if (!classifier)
			return 1;
		match = match_classifier(flow, classifier);
		if (match == MATCH_NONE)
			continue;
		take_candidate(packet, classifier, candidates);
		if (match == MATCH_SURE)
			return 1;
	}
	return 0;
}

/* Sets the packet's stage if a classifier matches the flow or may do so. */
static __always_inline int classify_flow(struct packet *packet, const struct dp_vrf *vrf, const struct flow *flow)
{
	__u32 first = vrf->classifier_first, rules = vrf->classifier_count;
	struct candidates candidates = {};

	for (__u32 i = 0; i < DP_VRF_CLASSIFIERS && i < rules; i += CANDIDATES_SOME)
		if (classify_some(packet, first + i, rules - i, flow, &candidates))
			break;
	return candidates.differ && candidates.fail_closed ? DP_REASON_unclassified : NEXT;
}

/* An error that no classifier takes for what it is about is one more packet between its own addresses. */
static __always_inline int classify_error(struct packet *packet, const struct dp_vrf *vrf)
{
	struct flow own;

	flow_of_headers(packet, &own);
	return classify_flow(packet, vrf, &own);
}

__noinline int classify_indirect(struct ctx_buff *ctx, struct packet *packet)
{
	const struct dp_vrf *vrf;
	struct flow flow;
	int reason;

	if (!packet)
		return ends(DP_REASON_inconsistent);
	vrf = vrf_row(packet->bank, packet->vrf);
	if (!vrf)
		return ends(DP_REASON_inconsistent);
	flow_find(ctx, packet, &flow);
	packet->hash = flow_hash_of(&flow);
	reason = classify_flow(packet, vrf, &flow);
	if (reason == NEXT && flow.quoted && !packet->flow_classifier)
		reason = classify_error(packet, vrf);
	return reason;
}

#endif
