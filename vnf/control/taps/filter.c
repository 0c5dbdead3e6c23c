/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/dp/observe.h"
#include "vnf/control/taps/taps_state.h"

#define IPV4_BITS 96 /* of a mapped address in front of it */

static void set_prefix(const struct ip_prefix *prefix, struct dp_address *address, struct dp_address *mask)
{
	unsigned int bits = prefix->length + (prefix->address.family == 4 ? IPV4_BITS : 0);

	if (!prefix->address.family || !prefix->length)
		return;
	ip_address_map(&prefix->address, address->byte);
	for (unsigned int i = 0; i < bits; i++)
		mask->byte[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

void taps_filter(const struct tap_flow *flow, uint8_t direction, struct dp_observe_filter *filter)
{
	const struct ip_prefix *any = flow->source.address.family ? &flow->source : &flow->destination;

	memset(filter, 0, sizeof(*filter));
	if (flow->vrf)
		filter->vrf = (uint16_t)flow->vrf->id;
	else if (direction == TAP_IN)
		filter->interface = (uint16_t)flow->interface->id;
	else
		filter->out_interface = (uint16_t)flow->interface->id;
	set_prefix(&flow->source, &filter->src, &filter->src_mask);
	set_prefix(&flow->destination, &filter->dst, &filter->dst_mask);
	filter->family = any->address.family;
	filter->protocol = flow->protocol;
	filter->src_port = flow->source_port;
	filter->dst_port = flow->destination_port;
	filter->vni = flow->vni;
	filter->either = flow->either;
}
