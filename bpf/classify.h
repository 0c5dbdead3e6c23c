/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flow classifiers: the first of the VRF's list that matches says at which stage of which chain the packet starts. */
#ifndef SLUICE_BPF_CLASSIFY_H
#define SLUICE_BPF_CLASSIFY_H

#include "bpf/flow.h"
#include "bpf/nexthop.h"

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

/* The VRF's first that matches; NULL: none does. */
static __always_inline const struct dp_classifier *classifier_find(const struct packet *packet,
								   const struct dp_vrf *vrf)
{
	__u64 first = vrf->classifier_first;
	__u32 rules = vrf->classifier_count;

	/* A loop and not bpf_loop(), whose callback is a call for each classifier. */
	for (__u32 i = 0; i < DP_VRF_CLASSIFIERS && i < rules; i++) {
		const struct dp_classifier *classifier = classifier_row(packet->bank, first + i);

		if (!classifier)
			break;
		if (classifier_matches(classifier, packet))
			return classifier;
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
	return fib_find(packet, &to, packet->vrf, &leaf) == NEXT && leaf.group == DP_GROUP_LOCAL;
}

/* What is for the router itself is delivered to it before a chain can take it (RFC 1812 5.2.3): a classifier that
 * matches everything means what passes through. */
static __always_inline int classify(struct packet *packet)
{
	const struct dp_classifier *classifier;
	const struct dp_vrf *vrf;

	if (!(packet->features & DP_FEATURE_CLASSIFY) || packet->from_stage)
		return NEXT;
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

#endif
