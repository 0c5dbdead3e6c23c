/* SPDX-License-Identifier: Apache-2.0 */
/* A packet by its fields: as a host would send it, or the remote end of a tunnel. */
#include "vnf/control/seen/packet_fields.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "tunnels/tunnel.h"
#include "vnf/control/seen/names.h"
#include "vnf/features/base/base.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"

#define SOURCE_PORT  49152 /* RFC 6335: the first that is free for all */
#define TTL	     64
#define TCP_SYN	     2
#define LENGTH_LEAST 28
#define LENGTH_MOST  9000
#define HEADERS_MOST 200 /* bytes of all headers in front of the packet: two tags, and a tunnel's over IPv6 */

_Static_assert(LENGTH_MOST + HEADERS_MOST <= FRAME_MOST, "a frame has room for the longest packet in a tunnel");

struct fields {
	struct frame_ip ip;
	uint16_t source_port, destination_port;
	uint8_t tcp_flags;
	uint32_t vni;
	size_t length;				/* of the IP packet */
	const struct tunnel_endpoint *endpoint; /* NULL: it is in no tunnel */
	const struct vni_binding *binding;
};

static uint32_t take(uint32_t number, uint32_t most, uint32_t without, const char *field, struct error *error)
{
	if (number > most)
		error_add(error, ERROR_INVALID_ARGUMENT, field, "%u is out of range: 0 to %u", number, most);
	return number ? number : without;
}

static void take_address(const char *text, const char *field, struct ip_address *address, struct error *error)
{
	if (!*text)
		error_add(error, ERROR_INVALID_ARGUMENT, field,
			  "is needed: an address such as 10.0.0.10 or 2001:db8::1");
	else if (ip_address_parse(text, address))
		error_add(error, ERROR_INVALID_ARGUMENT, field, "\"%.64s\" is not an IP address", text);
}

static bool has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

static void take_protocol(const Sluice__V1__PacketFields *from, struct fields *fields, struct error *error)
{
	const bool ports = from->source_port || from->destination_port;
	const uint8_t echo = fields->ip.source.family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;

	fields->ip.protocol = (uint8_t)take(from->protocol, 255, ports || from->tcp_flags ? IPPROTO_TCP : echo,
					    "fields.protocol", error);
	fields->source_port = (uint16_t)take(from->source_port, 65535, SOURCE_PORT, "fields.source_port", error);
	fields->destination_port = (uint16_t)take(from->destination_port, 65535, 0, "fields.destination_port", error);
	fields->tcp_flags = (uint8_t)take(from->tcp_flags, 255, TCP_SYN, "fields.tcp_flags", error);
	if (ports && !has_ports(fields->ip.protocol))
		error_add(error, ERROR_INVALID_ARGUMENT,
			  from->source_port ? "fields.source_port" : "fields.destination_port",
			  "protocol %u has no ports here: leave it out, or say protocol 6 (TCP) or 17 (UDP)",
			  fields->ip.protocol);
	if (from->tcp_flags && fields->ip.protocol != IPPROTO_TCP)
		error_add(error, ERROR_INVALID_ARGUMENT, "fields.tcp_flags", "are of protocol 6 (TCP), and not of %u",
			  fields->ip.protocol);
	if (fields->ip.protocol == IPPROTO_ICMPV6 && fields->ip.source.family == 4)
		error_add(error, ERROR_INVALID_ARGUMENT, "fields.protocol",
			  "58 (ICMPv6) needs IPv6 addresses: 1 is ICMP");
	if (fields->ip.protocol == IPPROTO_ICMP && fields->ip.source.family == 6)
		error_add(error, ERROR_INVALID_ARGUMENT, "fields.protocol",
			  "1 (ICMP) needs IPv4 addresses: 58 is ICMPv6");
}

static size_t headers(const struct fields *fields)
{
	return (fields->ip.source.family == 4 ? 20 : 40) + (fields->ip.protocol == IPPROTO_TCP ? 20 : 8);
}

static void take_length(uint32_t length, struct fields *fields, struct error *error)
{
	const size_t least = headers(fields);

	fields->length = length ? length : least;
	if (length && (length < LENGTH_LEAST || length > LENGTH_MOST))
		error_add(error, ERROR_INVALID_ARGUMENT, "fields.length", "%u is out of range: %d to %d, or 0", length,
			  LENGTH_LEAST, LENGTH_MOST);
	else if (fields->length < least)
		error_add(error, ERROR_INVALID_ARGUMENT, "fields.length",
			  "%u does not hold the headers, %zu bytes: "
			  "leave it 0 for as few as there have to be",
			  length, least);
}

static const struct vni_binding *binding_of(const struct tunnel_endpoint *endpoint, uint32_t vni)
{
	for (size_t i = 0; i < endpoint->count; i++)
		if (endpoint->binding[i].vni == vni)
			return &endpoint->binding[i];
	return NULL;
}

/* The one that has the VNI. */
static void find_endpoint(uint32_t vni, const struct snapshot *snapshot, struct fields *fields, struct error *error)
{
	const struct resource *resource = NULL;
	char there_are[160];

	while ((resource = snapshot_next(snapshot, RESOURCE_TUNNEL_ENDPOINT, resource))) {
		const struct tunnel_endpoint *endpoint = (const struct tunnel_endpoint *)resource;

		if (!binding_of(endpoint, vni))
			continue;
		if (fields->endpoint) {
			error_add(
				error, ERROR_INVALID_ARGUMENT, "fields.tunnel",
				"VNI %u is of several, such as \"%.48s\" and \"%.48s\": name the one by which it comes",
				vni, fields->endpoint->resource.self->text, resource->self->text);
			return;
		}
		fields->endpoint = endpoint;
		fields->binding = binding_of(endpoint, vni);
	}
	if (!fields->endpoint)
		error_add(error, ERROR_NOT_FOUND, "fields.vni", "no tunnel endpoint has VNI %u; there are: %s", vni,
			  seen_list(snapshot, RESOURCE_TUNNEL_ENDPOINT, there_are, sizeof(there_are)));
}

static void take_tunnel(const Sluice__V1__PacketFields *from, const struct snapshot *snapshot, struct fields *fields,
			struct error *error)
{
	const struct resource *resource;
	char there_are[160];

	fields->vni = from->vni;
	if (from->vni > 0xffffff)
		error_add(error, ERROR_INVALID_ARGUMENT, "fields.vni", "%u is out of range: 1 to 16777215", from->vni);
	else if (!*from->tunnel && from->vni)
		find_endpoint(from->vni, snapshot, fields, error);
	if (!*from->tunnel)
		return;
	resource = snapshot_find(snapshot, RESOURCE_TUNNEL_ENDPOINT, from->tunnel);
	if (!resource) {
		error_add(error, ERROR_NOT_FOUND, "fields.tunnel",
			  "there is no tunnel endpoint \"%.64s\"; there are: %s", from->tunnel,
			  seen_list(snapshot, RESOURCE_TUNNEL_ENDPOINT, there_are, sizeof(there_are)));
		return;
	}
	fields->endpoint = (const struct tunnel_endpoint *)resource;
	fields->binding = binding_of(fields->endpoint, from->vni);
	if (tunnel_endpoint_has_vni(fields->endpoint) && !from->vni)
		error_add(error, ERROR_INVALID_ARGUMENT, "fields.vni", "is needed: the packets of \"%.64s\" have one",
			  from->tunnel);
	else if (!tunnel_endpoint_has_vni(fields->endpoint) && from->vni)
		error_add(error, ERROR_INVALID_ARGUMENT, "fields.vni", "the packets of \"%.64s\" have none: leave it 0",
			  from->tunnel);
}

static int decode(const Sluice__V1__PacketFields *from, const struct snapshot *snapshot, struct fields *fields,
		  struct error *error)
{
	*fields = (struct fields){0};
	take_address(from->source, "fields.source", &fields->ip.source, error);
	take_address(from->destination, "fields.destination", &fields->ip.destination, error);
	if (error->count)
		return -1;
	if (fields->ip.source.family != fields->ip.destination.family) {
		error_add(error, ERROR_INVALID_ARGUMENT, "fields.destination", "is not of the family of fields.source");
		return -1;
	}
	fields->ip.ttl = (uint8_t)take(from->ttl, 255, TTL, "fields.ttl", error);
	fields->ip.traffic_class = (uint8_t)take(from->traffic_class, 255, 0, "fields.traffic_class", error);
	take_protocol(from, fields, error);
	take_length(from->length, fields, error);
	take_tunnel(from, snapshot, fields, error);
	return error->count ? -1 : 0;
}

static uint16_t eth_proto(const struct ip_address *address)
{
	return address->family == 4 ? ETH_P_IP : ETH_P_IPV6;
}

static void write_packet(struct frame *frame, const struct fields *fields)
{
	const struct frame_ip *ip = &fields->ip;

	frame_begin(frame, fields->length - headers(fields));
	if (ip->protocol == IPPROTO_TCP)
		frame_push_tcp(frame, ip, fields->source_port, fields->destination_port, fields->tcp_flags);
	else if (ip->protocol == IPPROTO_UDP)
		frame_push_udp(frame, ip, fields->source_port, fields->destination_port, true);
	else if (ip->protocol == IPPROTO_ICMP || ip->protocol == IPPROTO_ICMPV6)
		frame_push_echo(frame, ip, 1);
	else
		frame_push(frame, 8); /* whatever it is: zeros */
	frame_push_ip(frame, ip);
}

/* As the remote end sends it; the packet of a VNI that is not bound has the MAC that most VRFs have. */
static void write_tunnel(struct frame *frame, const struct fields *fields, const struct snapshot *snapshot)
{
	const struct tunnel_endpoint *endpoint = fields->endpoint;
	const struct tunnel_ops *ops = tunnel_ops((enum dp_tunnel_kind)endpoint->kind);
	const struct resource *vrf =
		fields->binding ? snapshot_find(snapshot, RESOURCE_VRF, fields->binding->vrf->text) : NULL;
	struct frame_ip outer = {endpoint->remote, endpoint->local, IPPROTO_UDP, TTL, 0};

	if (ops->header) {
		frame_push_ethernet(frame, vrf ? ((const struct vrf *)vrf)->router_mac : default_router_mac, 0, 0,
				    eth_proto(&fields->ip.source));
		ops->header(fields->vni, frame_push(frame, TUNNEL_HEADER));
	}
	if (endpoint->udp_port)
		frame_push_udp(frame, &outer, SOURCE_PORT, endpoint->udp_port, tunnel_endpoint_has_checksum(endpoint));
	else
		outer.protocol = fields->ip.source.family == 4 ? IPPROTO_IPIP : IPPROTO_IPV6;
	frame_push_ip(frame, &outer);
}

int seen_frame(const Sluice__V1__PacketFields *from, const struct interface *interface, const uint8_t mac[6],
	       const struct snapshot *snapshot, struct frame *frame, struct error *error)
{
	struct fields fields;

	if (decode(from, snapshot, &fields, error))
		return -1;
	write_packet(frame, &fields);
	if (fields.endpoint)
		write_tunnel(frame, &fields, snapshot);
	frame_push_ethernet(frame, mac, interface->vlan_id, interface->inner_vlan_id,
			    eth_proto(fields.endpoint ? &fields.endpoint->remote : &fields.ip.source));
	return 0;
}
