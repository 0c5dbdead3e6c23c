/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/policy/match_fields.h"

#include <errno.h>
#include <netinet/in.h>

#include "vnf/control/kinds/encode.h"

uint8_t protocol_family(uint8_t protocol)
{
	return protocol == IPPROTO_ICMP ? 4 : protocol == IPPROTO_ICMPV6 ? 6 : 0;
}

/* Takes note of a family; false: another field says the other one. */
static bool agree(struct family *family, uint8_t with, const char *field)
{
	if (with && family->family && family->family != with)
		return false;
	if (with && !family->family)
		*family = (struct family){with, field};
	return true;
}

void decode_family(struct decoder *decoder, Sluice__V1__IpFamily from, uint8_t *to, struct family *family)
{
	if (from != SLUICE__V1__IP_FAMILY__IP_FAMILY_UNSPECIFIED && from != SLUICE__V1__IP_FAMILY__IP_FAMILY_IPV4 &&
	    from != SLUICE__V1__IP_FAMILY__IP_FAMILY_IPV6) {
		decode_fault(decoder, "family", "%d is none: IP_FAMILY_IPV4, IP_FAMILY_IPV6, or left empty for both",
			     (int)from);
		return;
	}
	*to = (uint8_t)from;
	agree(family, *to, "family");
}

void decode_end(struct decoder *decoder, const char *field, const char *text, struct ip_prefix *to,
		struct family *family)
{
	if (!*text)
		return;
	decode_prefix(decoder, field, text, to);
	if (!agree(family, to->address.family, field))
		decode_fault(decoder, field, "%s is of IPv%d, but %s says IPv%d: no packet has both", text,
			     to->address.family, family->field, family->family);
}

void decode_protocol(struct decoder *decoder, uint32_t from, uint8_t *to, struct family *family)
{
	if (!decode_range(decoder, "protocol", from, 0, 255))
		return;
	*to = (uint8_t)from;
	if (!agree(family, protocol_family(*to), "protocol"))
		decode_fault(decoder, "protocol", "%s does not occur in IPv%d, which %s says",
			     *to == IPPROTO_ICMP ? "1 (ICMP)" : "58 (ICMPv6)", family->family, family->field);
}

void decode_ports(struct decoder *decoder, const char *field, const Sluice__V1__PortRange *from, uint8_t protocol,
		  struct policy_ports *to)
{
	size_t above;

	*to = (struct policy_ports){0, 65535};
	if (!from)
		return;
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP && protocol != IPPROTO_SCTP)
		decode_fault(decoder, field, "needs protocol 6 (TCP), 17 (UDP) or 132 (SCTP)");
	above = decoder_enter_field(decoder, field);
	if (!from->first && !from->last)
		decode_fault(decoder, "first", "names no port: leave the range out to match every port");
	if (decode_range(decoder, "first", from->first, 0, 65535) &&
	    decode_range(decoder, "last", from->last, 0, 65535) && from->last && from->last < from->first)
		decode_fault(decoder, "last", "%u is below first, %u", from->last, from->first);
	decoder_leave(decoder, above);
	to->first = (uint16_t)from->first;
	to->last = (uint16_t)(from->last ? from->last : from->first);
}

void decode_icmp(struct decoder *decoder, const Sluice__V1__IcmpMatch *from, uint8_t protocol, struct policy_icmp *to)
{
	size_t above;

	if (!from)
		return;
	if (!protocol_family(protocol))
		decode_fault(decoder, "icmp", "needs protocol 1 (ICMP) or 58 (ICMPv6)");
	above = decoder_enter_field(decoder, "icmp");
	decode_range(decoder, "type", from->type, 0, 255);
	to->has = true;
	to->type = (uint8_t)from->type;
	to->has_code = from->code_set_case == SLUICE__V1__ICMP_MATCH__CODE_SET_CODE;
	if (to->has_code) {
		decode_range(decoder, "code", from->code, 0, 255);
		to->code = (uint8_t)from->code;
	}
	decoder_leave(decoder, above);
}

void decode_established(struct decoder *decoder, Sluice__V1__Established from, uint8_t *to)
{
	if (!decode_range(decoder, "established", (uint32_t)from, 0, SLUICE__V1__ESTABLISHED__ESTABLISHED_RESET))
		return;
	*to = from ? (uint8_t)from : SLUICE__V1__ESTABLISHED__ESTABLISHED_REEVALUATE;
}

int encode_ports(Sluice__V1__PortRange **to, const struct policy_ports *from)
{
	if (from->first == 0 && from->last == 65535)
		return 0;
	*to = message_new(&sluice__v1__port_range__descriptor);
	if (!*to)
		return -ENOMEM;
	(*to)->first = from->first;
	(*to)->last = from->last;
	return 0;
}

int encode_icmp(Sluice__V1__IcmpMatch **to, const struct policy_icmp *from)
{
	if (!from->has)
		return 0;
	*to = message_new(&sluice__v1__icmp_match__descriptor);
	if (!*to)
		return -ENOMEM;
	(*to)->type = from->type;
	if (from->has_code) {
		(*to)->code_set_case = SLUICE__V1__ICMP_MATCH__CODE_SET_CODE;
		(*to)->code = from->code;
	}
	return 0;
}

bool ports_equal(const struct policy_ports *a, const struct policy_ports *b)
{
	return a->first == b->first && a->last == b->last;
}

bool icmp_equal(const struct policy_icmp *a, const struct policy_icmp *b)
{
	return a->has == b->has && a->type == b->type && a->has_code == b->has_code && a->code == b->code;
}
