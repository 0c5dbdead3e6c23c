/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sflow/samples.h"

#include <string.h>

#include "vnf/sflow/xdr.h"

/* Formats of enterprise 0. */
enum { FLOW_SAMPLE = 1, COUNTERS_SAMPLE = 2 };
enum {
	SAMPLED_HEADER = 1,
	EXTENDED_SWITCH = 1001,
	EXTENDED_ROUTER = 1002,
	EXTENDED_IPV4_TUNNEL_EGRESS = 1023,
	EXTENDED_IPV6_TUNNEL_EGRESS = 1025,
	EXTENDED_DECAPSULATE_EGRESS = 1027,
	EXTENDED_VNI_EGRESS = 1029,
	EXTENDED_VNI_INGRESS = 1030,
};
enum { GENERIC_INTERFACE = 1, PORT_NAME = 1005 };

#define HEADER_ETHERNET 1 /* enum header_protocol */
#define FCS		4 /* bytes behind a frame: those that are on the wire count, and have been taken off */

/* A record's type and length; xdr_end ends it. */
static size_t begin(struct xdr *xdr, uint32_t format)
{
	xdr_u32(xdr, format);
	return xdr_begin(xdr);
}

static void put_header(struct xdr *xdr, const struct sflow_flow *flow)
{
	size_t record = begin(xdr, SAMPLED_HEADER);

	xdr_u32(xdr, HEADER_ETHERNET);
	xdr_u32(xdr, flow->length + FCS);
	xdr_u32(xdr, FCS);
	xdr_opaque(xdr, flow->header, flow->kept);
	xdr_end(xdr, record);
}

static void put_switch(struct xdr *xdr, const struct sflow_flow *flow)
{
	size_t record = begin(xdr, EXTENDED_SWITCH);

	xdr_u32(xdr, flow->in_vlan);
	xdr_u32(xdr, flow->in_priority);
	xdr_u32(xdr, flow->out_vlan);
	xdr_u32(xdr, flow->out_priority);
	xdr_end(xdr, record);
}

static void put_router(struct xdr *xdr, const struct sflow_flow *flow)
{
	size_t record = begin(xdr, EXTENDED_ROUTER);

	xdr_address(xdr, &flow->next_hop);
	xdr_u32(xdr, flow->source_mask);
	xdr_u32(xdr, flow->destination_mask);
	xdr_end(xdr, record);
}

static void put_one(struct xdr *xdr, uint32_t format, uint32_t value)
{
	size_t record = begin(xdr, format);

	xdr_u32(xdr, value);
	xdr_end(xdr, record);
}

/* As sampled_ipv4 and sampled_ipv6: the source port is of the flow's hash, and is written for each packet. */
static void put_tunnel(struct xdr *xdr, const struct sflow_tunnel *tunnel)
{
	bool ipv6 = tunnel->remote.family == 6;
	size_t record = begin(xdr, ipv6 ? EXTENDED_IPV6_TUNNEL_EGRESS : EXTENDED_IPV4_TUNNEL_EGRESS);

	xdr_u32(xdr, tunnel->length);
	xdr_u32(xdr, tunnel->protocol);
	xdr_fixed(xdr, tunnel->local.byte, ipv6 ? 16 : 4);
	xdr_fixed(xdr, tunnel->remote.byte, ipv6 ? 16 : 4);
	xdr_u32(xdr, 0); /* source port */
	xdr_u32(xdr, tunnel->udp_port);
	xdr_u32(xdr, 0); /* TCP flags */
	xdr_u32(xdr, 0); /* TOS, or priority */
	xdr_end(xdr, record);
	if (tunnel->has_vni)
		put_one(xdr, EXTENDED_VNI_EGRESS, tunnel->vni);
}

static uint32_t count_records(const struct sflow_flow *flow)
{
	uint32_t records = 1 + flow->tagged + flow->routed;

	if (flow->decapsulated)
		records += 1 + flow->has_vni;
	if (flow->encapsulated)
		records += 1 + flow->tunnel.has_vni;
	return records;
}

void sflow_put_flow(struct xdr *xdr, const struct sflow_flow *flow)
{
	size_t sample = begin(xdr, FLOW_SAMPLE);

	xdr_u32(xdr, flow->sequence);
	xdr_u32(xdr, flow->ifindex & 0xffffff); /* with 0, ifIndex, above it */
	xdr_u32(xdr, flow->sampling);
	xdr_u32(xdr, flow->pool);
	xdr_u32(xdr, flow->drops);
	xdr_u32(xdr, flow->input);
	xdr_u32(xdr, flow->output);
	xdr_u32(xdr, count_records(flow));
	put_header(xdr, flow);
	if (flow->tagged)
		put_switch(xdr, flow);
	if (flow->routed)
		put_router(xdr, flow);
	if (flow->decapsulated)
		put_one(xdr, EXTENDED_DECAPSULATE_EGRESS, flow->inner);
	if (flow->decapsulated && flow->has_vni)
		put_one(xdr, EXTENDED_VNI_INGRESS, flow->vni);
	if (flow->encapsulated)
		put_tunnel(xdr, &flow->tunnel);
	xdr_end(xdr, sample);
}

static void put_generic(struct xdr *xdr, const struct sflow_interface *interface)
{
	size_t record = begin(xdr, GENERIC_INTERFACE);

	xdr_u32(xdr, interface->ifindex);
	xdr_u32(xdr, interface->type);
	xdr_u64(xdr, interface->speed);
	xdr_u32(xdr, interface->direction);
	xdr_u32(xdr, (interface->admin_up ? 1 : 0) | (interface->oper_up ? 2 : 0));
	xdr_u64(xdr, interface->in_octets);
	xdr_u32(xdr, interface->in_unicast);
	xdr_u32(xdr, interface->in_multicast);
	xdr_u32(xdr, SFLOW_UNKNOWN); /* broadcasts: among multicasts, or not counted */
	xdr_u32(xdr, interface->in_discards);
	xdr_u32(xdr, interface->in_errors);
	xdr_u32(xdr, interface->in_unknown);
	xdr_u64(xdr, interface->out_octets);
	xdr_u32(xdr, interface->out_unicast);
	xdr_u32(xdr, SFLOW_UNKNOWN);
	xdr_u32(xdr, SFLOW_UNKNOWN);
	xdr_u32(xdr, interface->out_discards);
	xdr_u32(xdr, interface->out_errors);
	xdr_u32(xdr, interface->promiscuous);
	xdr_end(xdr, record);
}

void sflow_put_interface(struct xdr *xdr, const struct sflow_interface *interface)
{
	size_t sample = begin(xdr, COUNTERS_SAMPLE), record;

	xdr_u32(xdr, interface->sequence);
	xdr_u32(xdr, interface->ifindex & 0xffffff);
	xdr_u32(xdr, 2);
	put_generic(xdr, interface);
	record = begin(xdr, PORT_NAME);
	xdr_opaque(xdr, interface->name, strnlen(interface->name, sizeof(interface->name)));
	xdr_end(xdr, record);
	xdr_end(xdr, sample);
}
