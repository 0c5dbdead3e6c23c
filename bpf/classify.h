/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flow classifiers: the first of the VRF's list that matches says at which stage of which chain the packet starts. */
#ifndef SLUICE_BPF_CLASSIFY_H
#define SLUICE_BPF_CLASSIFY_H

#include "bpf/classify_indirect.h"
#include "bpf/nexthop.h"

static __always_inline bool port_matches(__u16 port, __u16 first, __u16 last)
{
	return port >= first && port <= last;
}

static __always_inline bool classifier_matches(const struct dp_classifier *classifier, const struct packet *packet)
{
	if (classifier->family && classifier->family != packet->family)
		return false;
	if (classifier->protocol && classifier->protocol != packet->protocol)
		return false;
	return prefix_matches(&packet->dst, &classifier->dst, &classifier->dst_mask) &&
	       prefix_matches(&packet->src, &classifier->src, &classifier->src_mask) &&
	       port_matches(packet->dst_port, classifier->dst_port_first, classifier->dst_port_last) &&
	       port_matches(packet->src_port, classifier->src_port_first, classifier->src_port_last);
}

/*
 * The row of the first that matches among CLASSIFY_SOME of `rules` rows, plus 1; 0: none does. A function of its own
 * for some, through which the verifier goes once. A loop and not bpf_loop(), whose callback is a call for each
 * classifier.
 */
__noinline int classifier_among(const struct packet *packet, __u32 first, __u32 rules)
{
	const struct dp_classifier *rows, *classifier;
	__u64 row = first;

	if (!packet)
		return 0;
	rows = classifier_rows_of(packet->bank);
	for (__u32 i = 0; i < CLASSIFY_SOME && i < rules; i++) {
		classifier = classifier_at(rows, row++);
		if (!classifier)
			break;
		if (classifier_matches(classifier, packet))
			return row;
	}
	return 0;
}

/* The VRF's first that matches; NULL: none does. */
static __always_inline const struct dp_classifier *classifier_find(const struct packet *packet,
								   const struct dp_vrf *vrf)
{
	__u32 first = vrf->classifier_first, rules = vrf->classifier_count;

	for (__u32 i = 0; i < DP_VRF_CLASSIFIERS && i < rules; i += CLASSIFY_SOME) {
		__u32 row = classifier_among(packet, first + i, rules - i);

		if (row)
			return classifier_row(packet->bank, row - 1);
	}
	return NULL;
}

/* Is it an address of the router's own? Only packets that a classifier matches pay for the look-up. */
__noinline int classified_is_local(const struct packet *packet)
{
	struct dp_fib_leaf leaf = {};
	struct dp_address to;

	if (!packet)
		return 0;
	to = packet->dst;
	return fib_find(packet, &to, packet->vrf, &leaf) == NEXT && dp_group_is_own(leaf.group);
}

/* A packet whose own headers do not say which flow it belongs to. */
static __always_inline int classify_by_flow(struct ctx_buff *ctx, struct packet *packet)
{
	int reason = classify_indirect(ctx, packet);

	if ((reason == NEXT && !packet->flow_classifier) || !classified_is_local(packet))
		return reason;
	packet->stage = packet->flow_classifier = 0;
	return NEXT;
}

/* What is for the router itself is delivered to it before a chain can take it (RFC 1812 5.2.3): a classifier that
 * matches everything means what passes through. */
__noinline int classify_by_headers(struct packet *packet)
{
	const struct dp_classifier *classifier;
	const struct dp_vrf *vrf;

	if (!packet)
		return ends(DP_REASON_inconsistent);
	vrf = vrf_row(packet->bank, packet->vrf);
	if (!vrf)
		return ends(DP_REASON_inconsistent);
	classifier = classifier_find(packet, vrf);
	if (!classifier || classified_is_local(packet))
		return NEXT;
	packet->stage = classifier->stage;
	packet->flow_classifier = classifier->id;
	return NEXT;
}

static __always_inline int classify(struct ctx_buff *ctx, struct packet *packet)
{
	if (!(packet->features & DP_FEATURE_CLASSIFY) || packet->from_stage)
		return NEXT;
	return packet->indirect ? classify_by_flow(ctx, packet) : classify_by_headers(packet);
}

#endif
