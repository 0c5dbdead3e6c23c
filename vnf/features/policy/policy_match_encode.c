/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/features/policy/match_fields.h"
#include "vnf/features/policy/policy_match.h"

static int encode_handle(char **to, const struct handle *handle)
{
	return handle ? encode_text(to, handle->text) : 0;
}

static int encode_flags(const struct policy_match *from, Sluice__V1__PolicyMatch *to)
{
	if (!from->tcp_mask)
		return 0;
	to->tcp_flags = message_new(&sluice__v1__tcp_flags_match__descriptor);
	if (!to->tcp_flags)
		return -ENOMEM;
	to->tcp_flags->flags = from->tcp_flags;
	to->tcp_flags->mask = from->tcp_mask;
	return 0;
}

static int encode_states(uint8_t states, Sluice__V1__PolicyMatch *to)
{
	if (!states)
		return 0;
	to->connection_states = calloc(8, sizeof(*to->connection_states));
	if (!to->connection_states)
		return -ENOMEM;
	for (int state = 1; state < 8; state++)
		if (states & 1U << state)
			to->connection_states[to->n_connection_states++] = (Sluice__V1__ConnectionState)state;
	return 0;
}

static int encode_bytes(ProtobufCBinaryData *to, const uint8_t *bytes, size_t length)
{
	to->data = malloc(length);
	if (!to->data)
		return -ENOMEM;
	memcpy(to->data, bytes, length);
	to->len = length;
	return 0;
}

static int encode_option(const struct policy_option *from, Sluice__V1__TunnelMatch *tunnel)
{
	Sluice__V1__GeneveOptionMatch *to;

	if (!from->length)
		return 0;
	to = tunnel->geneve_option = message_new(&sluice__v1__geneve_option_match__descriptor);
	if (!to)
		return -ENOMEM;
	to->option_class = from->option_class;
	to->type = from->type;
	if (encode_bytes(&to->value, from->value, from->length))
		return -ENOMEM;
	return encode_bytes(&to->mask, from->mask, from->length);
}

static int encode_tunnel(const struct policy_match *from, Sluice__V1__PolicyMatch *match)
{
	Sluice__V1__TunnelMatch *to;

	if (!from->has_tunnel)
		return 0;
	to = match->tunnel = message_new(&sluice__v1__tunnel_match__descriptor);
	if (!to || encode_handle(&to->tunnel_endpoint, from->tunnel))
		return -ENOMEM;
	if (from->has_vni) {
		to->vni_set_case = SLUICE__V1__TUNNEL_MATCH__VNI_SET_VNI;
		to->vni = from->vni;
	}
	return encode_option(&from->option, to);
}

static int encode_ends(const struct policy_match *from, Sluice__V1__PolicyMatch *to)
{
	if (encode_prefix(&to->source_prefix, &from->source.prefix) ||
	    encode_prefix(&to->destination_prefix, &from->destination.prefix) ||
	    encode_handle(&to->source_address_group, from->source.group) ||
	    encode_handle(&to->destination_address_group, from->destination.group) ||
	    encode_ports(&to->source_ports, &from->source.ports))
		return -ENOMEM;
	return encode_ports(&to->destination_ports, &from->destination.ports);
}

int policy_match_encode(const struct policy_match *from, Sluice__V1__PolicyMatch **match)
{
	static const struct policy_match everything = {.source.ports.last = 65535, .destination.ports.last = 65535};
	Sluice__V1__PolicyMatch *to;

	if (policy_match_equal(from, &everything))
		return 0;
	to = *match = message_new(&sluice__v1__policy_match__descriptor);
	if (!to)
		return -ENOMEM;
	to->family = (Sluice__V1__IpFamily)from->family;
	to->protocol = from->protocol;
	to->fragment = (Sluice__V1__FragmentMatch)from->fragment;
	if (from->has_dscp) {
		to->dscp_set_case = SLUICE__V1__POLICY_MATCH__DSCP_SET_DSCP;
		to->dscp = from->dscp;
	}
	if (encode_ends(from, to) || encode_icmp(&to->icmp, &from->icmp) || encode_flags(from, to) ||
	    encode_states(from->states, to) || encode_handle(&to->interface, from->interface))
		return -ENOMEM;
	return encode_tunnel(from, to);
}
