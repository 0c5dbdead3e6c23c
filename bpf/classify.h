/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flow classifiers: the first of the VRF's list that matches says at which stage of which chain the packet starts. */
#ifndef SLUICE_BPF_CLASSIFY_H
#define SLUICE_BPF_CLASSIFY_H

#include "bpf/flow.h"
#include "bpf/stats.h"

struct classify {
	const struct packet *packet;
	__u32 first;
	__u32 match; /* index in classifiers[] + 1; 0: none */
};

static __always_inline bool prefix_matches(const struct dp_address *address, const struct dp_address *value,
					   const struct dp_address *mask)
{
	return !(((address->half[0] ^ value->half[0]) & mask->half[0]) |
		 ((address->half[1] ^ value->half[1]) & mask->half[1]));
}

static __always_inline bool port_matches(const struct packet *packet, __u16 port, __u16 first, __u16 last)
{
	/* A later fragment has no ports, and the fragments of a packet must not take different ways. */
	return packet->fragment || (port >= first && port <= last);
}

static __always_inline bool classifier_matches(const struct dp_classifier *classifier, const struct packet *packet)
{
	if (classifier->family && classifier->family != packet->family)
		return false;
	if (classifier->protocol && classifier->protocol != packet->protocol)
		return false;
	return prefix_matches(&packet->dst, &classifier->dst, &classifier->dst_mask) &&
	       prefix_matches(&packet->src, &classifier->src, &classifier->src_mask) &&
	       port_matches(packet, packet->dst_port, classifier->dst_port_first, classifier->dst_port_last) &&
	       port_matches(packet, packet->src_port, classifier->src_port_first, classifier->src_port_last);
}

/* bpf_loop callback: 1 ends the loop. */
static long classify_one(__u32 i, void *context)
{
	struct classify *classify = context;
	__u64 index = classify->first + i;
	const struct dp_classifier *classifier = classifier_row(classify->packet->bank, index);

	if (!classifier)
		return 1;
	if (!classifier_matches(classifier, classify->packet))
		return 0;
	classify->match = index + 1;
	return 1;
}

static __always_inline int classify(struct packet *packet)
{
	const struct dp_classifier *classifier;
	struct classify state = {};
	const struct dp_vrf *vrf;
	__u32 rules;

	if (packet->from_stage)
		return NEXT;
	packet->stage = 0;
	vrf = vrf_row(packet->bank, packet->vrf);
	if (!vrf)
		return DP_REASON_inconsistent;
	rules = vrf->classifier_count;
	if (!rules)
		return NEXT;
	state.packet = packet;
	state.first = vrf->classifier_first;
	bpf_loop(rules < DP_VRF_CLASSIFIERS ? rules : DP_VRF_CLASSIFIERS, classify_one, &state, 0);
	if (!state.match)
		return NEXT;
	classifier = classifier_row(packet->bank, (__u64)state.match - 1);
	if (!classifier)
		return DP_REASON_inconsistent;
	packet->stage = classifier->stage;
	count(packet, DP_COUNTER_CLASSIFIERS + classifier->id, packet->length);
	return NEXT;
}

#endif
