/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/policy/policy_match.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "vnf/control/kinds/decode.h"
#include "vnf/features/policy/match_fields.h"

/* A prefix or a group. */
static void decode_one_end(struct decoder *decoder, const char *prefix_field, const char *prefix,
			   const char *group_field, const char *group, struct policy_end_match *to,
			   struct family *family)
{
	decode_end(decoder, prefix_field, prefix, &to->prefix, family);
	if (!*group)
		return;
	to->group = decode_name(decoder, RESOURCE_ADDRESS_GROUP, group_field, group);
	if (*prefix)
		decode_fault(decoder, group_field,
			     "is set beside %s: give one of them, or put the prefix into the group", prefix_field);
}

static void decode_tcp_flags(struct decoder *decoder, const Sluice__V1__TcpFlagsMatch *from, struct policy_match *to)
{
	size_t above;

	if (!from)
		return;
	if (to->protocol != IPPROTO_TCP)
		decode_fault(decoder, "tcp_flags", "needs protocol 6 (TCP)");
	if (to->fragment == SLUICE__V1__FRAGMENT_MATCH__FRAGMENT_MATCH_LATER)
		decode_fault(decoder, "tcp_flags", "can never match: later fragments have no TCP header");
	above = decoder_enter_field(decoder, "tcp_flags");
	if (decode_range(decoder, "mask", from->mask, 1, 255) && decode_range(decoder, "flags", from->flags, 0, 255) &&
	    from->flags & ~from->mask)
		decode_fault(decoder, "flags", "%u has bits beyond mask, %u: it can never match; the mask may be %u",
			     from->flags, from->mask, from->mask | from->flags);
	decoder_leave(decoder, above);
	to->tcp_flags = (uint8_t)from->flags;
	to->tcp_mask = (uint8_t)from->mask;
}

static void decode_states(struct decoder *decoder, const Sluice__V1__PolicyMatch *from, struct policy_match *to)
{
	for (size_t i = 0; i < from->n_connection_states; i++) {
		char field[64];

		snprintf(field, sizeof(field), "connection_states[%zu]", i);
		if (!decode_range(decoder, field, (uint32_t)from->connection_states[i],
				  SLUICE__V1__CONNECTION_STATE__CONNECTION_STATE_NEW,
				  SLUICE__V1__CONNECTION_STATE__CONNECTION_STATE_INVALID))
			continue;
		if (to->states & 1U << from->connection_states[i])
			decode_fault(decoder, field, "is there already");
		to->states |= (uint8_t)(1U << from->connection_states[i]);
	}
	if (to->states == 1U << SLUICE__V1__CONNECTION_STATE__CONNECTION_STATE_INVALID && to->protocol &&
	    to->protocol != IPPROTO_TCP)
		decode_fault(decoder, "connection_states", "can never match: only TCP packets are INVALID");
}

static void decode_option(struct decoder *decoder, const Sluice__V1__GeneveOptionMatch *from, struct policy_option *to)
{
	size_t above = decoder_enter_field(decoder, "geneve_option");

	decode_range(decoder, "option_class", from->option_class, 0, 65535);
	decode_range(decoder, "type", from->type, 0, 255);
	to->option_class = (uint16_t)from->option_class;
	to->type = (uint8_t)from->type;
	if (from->value.len < 1 || from->value.len > sizeof(to->value)) {
		decode_fault(decoder, "value", "has %zu bytes: 1 to %zu, from the start of the option's data",
			     from->value.len, sizeof(to->value));
	} else if (from->mask.len && from->mask.len != from->value.len) {
		decode_fault(decoder, "mask", "has %zu bytes, but value has %zu: as many, or none for all ones",
			     from->mask.len, from->value.len);
	} else {
		to->length = (uint8_t)from->value.len;
		memcpy(to->value, from->value.data, to->length);
		memset(to->mask, 0xff, to->length);
		if (from->mask.len)
			memcpy(to->mask, from->mask.data, to->length);
	}
	for (size_t i = 0; i < to->length; i++)
		if (to->value[i] & ~to->mask[i]) {
			decode_fault(decoder, "value", "has bits beyond mask in byte %zu: it can never match", i);
			break;
		}
	decoder_leave(decoder, above);
}

static void decode_tunnel(struct decoder *decoder, const Sluice__V1__TunnelMatch *from, struct policy_match *to)
{
	size_t above;

	if (!from)
		return;
	if (to->interface)
		decode_fault(decoder, "tunnel",
			     "can never match beside interface: a packet comes into a VRF by one or the other");
	above = decoder_enter_field(decoder, "tunnel");
	to->has_tunnel = true;
	if (*from->tunnel_endpoint)
		to->tunnel = decode_name(decoder, RESOURCE_TUNNEL_ENDPOINT, "tunnel_endpoint", from->tunnel_endpoint);
	to->has_vni = from->vni_set_case == SLUICE__V1__TUNNEL_MATCH__VNI_SET_VNI;
	if (to->has_vni && decode_range(decoder, "vni", from->vni, 0, 0xffffff))
		to->vni = from->vni;
	if (from->geneve_option)
		decode_option(decoder, from->geneve_option, &to->option);
	decoder_leave(decoder, above);
}

void policy_match_decode(struct decoder *decoder, const Sluice__V1__PolicyMatch *from, struct policy_match *to)
{
	struct family family = {0};
	size_t above;

	to->source.ports.last = to->destination.ports.last = 65535;
	if (!from)
		return;
	above = decoder_enter_field(decoder, "match");
	decode_family(decoder, from->family, &to->family, &family);
	decode_one_end(decoder, "source_prefix", from->source_prefix, "source_address_group",
		       from->source_address_group, &to->source, &family);
	decode_one_end(decoder, "destination_prefix", from->destination_prefix, "destination_address_group",
		       from->destination_address_group, &to->destination, &family);
	decode_protocol(decoder, from->protocol, &to->protocol, &family);
	decode_ports(decoder, "source_ports", from->source_ports, to->protocol, &to->source.ports);
	decode_ports(decoder, "destination_ports", from->destination_ports, to->protocol, &to->destination.ports);
	decode_icmp(decoder, from->icmp, to->protocol, &to->icmp);
	if (decode_range(decoder, "fragment", (uint32_t)from->fragment, 0,
			 SLUICE__V1__FRAGMENT_MATCH__FRAGMENT_MATCH_LATER))
		to->fragment = (uint8_t)from->fragment;
	decode_tcp_flags(decoder, from->tcp_flags, to);
	to->has_dscp = from->dscp_set_case == SLUICE__V1__POLICY_MATCH__DSCP_SET_DSCP;
	if (to->has_dscp && decode_range(decoder, "dscp", from->dscp, 0, 63))
		to->dscp = (uint8_t)from->dscp;
	decode_states(decoder, from, to);
	if (*from->interface)
		to->interface = decode_name(decoder, RESOURCE_INTERFACE, "interface", from->interface);
	decode_tunnel(decoder, from->tunnel, to);
	decoder_leave(decoder, above);
}

uint8_t policy_match_family(const struct policy_match *match)
{
	if (match->family)
		return match->family;
	if (match->source.prefix.address.family)
		return match->source.prefix.address.family;
	if (match->destination.prefix.address.family)
		return match->destination.prefix.address.family;
	return protocol_family(match->protocol);
}

static bool end_equal(const struct policy_end_match *a, const struct policy_end_match *b)
{
	return ip_prefix_compare(&a->prefix, &b->prefix) == 0 && a->group == b->group &&
	       ports_equal(&a->ports, &b->ports);
}

static bool option_equal(const struct policy_option *a, const struct policy_option *b)
{
	return a->length == b->length && a->option_class == b->option_class && a->type == b->type &&
	       memcmp(a->value, b->value, sizeof(a->value)) == 0 && memcmp(a->mask, b->mask, sizeof(a->mask)) == 0;
}

bool policy_match_equal(const struct policy_match *a, const struct policy_match *b)
{
	return end_equal(&a->source, &b->source) && end_equal(&a->destination, &b->destination) &&
	       a->family == b->family && a->protocol == b->protocol && icmp_equal(&a->icmp, &b->icmp) &&
	       a->tcp_flags == b->tcp_flags && a->tcp_mask == b->tcp_mask && a->has_dscp == b->has_dscp &&
	       a->dscp == b->dscp && a->fragment == b->fragment && a->states == b->states &&
	       a->interface == b->interface && a->has_tunnel == b->has_tunnel && a->tunnel == b->tunnel &&
	       a->has_vni == b->has_vni && a->vni == b->vni && option_equal(&a->option, &b->option);
}

void policy_match_references(const struct policy_match *match, reference_visit visit, void *context)
{
	const struct reference references[] = {
		{match->source.group, "match.source_address_group", -1, NULL, false},
		{match->destination.group, "match.destination_address_group", -1, NULL, false},
		{match->interface, "match.interface", -1, NULL, false},
		{match->tunnel, "match.tunnel.tunnel_endpoint", -1, NULL, false},
	};

	for (size_t i = 0; i < sizeof(references) / sizeof(*references); i++)
		if (references[i].handle)
			visit(&references[i], context);
}
