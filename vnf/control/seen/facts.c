/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/seen/facts.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/key.h"

static int fact_fill(Sluice__V1__Fact *fact, const char *name, const struct resource *resource, const char *value)
{
	char key[RESOURCE_KEY_TEXT];

	if (resource)
		fact->kind = (Sluice__V1__ResourceKind)resource->kind;
	return encode_text(&fact->name, name) || encode_text(&fact->value, value) ||
	       encode_text(&fact->key, resource ? resource_key_format(resource, key) : "");
}

void facts_add(struct facts *facts, const char *name, const struct resource *resource, const char *format, ...)
{
	Sluice__V1__Step *step = facts->step;
	Sluice__V1__Fact **grown, *fact;
	char value[RESOURCE_KEY_TEXT];
	va_list arguments;

	if (facts->failed)
		return;
	va_start(arguments, format);
	vsnprintf(value, sizeof(value), format, arguments);
	va_end(arguments);
	facts->failed = true;
	grown = realloc(step->facts, (step->n_facts + 1) * sizeof(struct Sluice__V1__Fact *));
	if (!grown)
		return;
	step->facts = grown;
	fact = message_new(&sluice__v1__fact__descriptor);
	if (!fact)
		return;
	step->facts[step->n_facts++] = fact;
	facts->failed = fact_fill(fact, name, resource, value) != 0;
}

/* Is the field of both records another one now, and anything at all? */
#define IS_NEW(facts, field) ((facts)->now->field && (facts)->now->field != (facts)->before->field)

static void add_address(struct facts *facts, const char *name, const struct dp_address *before,
			const struct dp_address *now)
{
	struct ip_address address;
	char text[IP_ADDRESS_TEXT];

	if (memcmp(before, now, sizeof(*now)) == 0 || !facts->now->family)
		return;
	ip_address_unmap(now->byte, &address);
	facts_add(facts, name, NULL, "%s", ip_address_format(&address, text));
}

const char *seen_protocol(uint8_t protocol, char text[SEEN_PROTOCOL])
{
	static const struct {
		uint8_t number;
		const char *name;
	} known[] = {
		{IPPROTO_ICMP, "icmp"}, {IPPROTO_TCP, "tcp"},	    {IPPROTO_UDP, "udp"},   {IPPROTO_GRE, "gre"},
		{IPPROTO_ESP, "esp"},	{IPPROTO_ICMPV6, "icmpv6"}, {IPPROTO_SCTP, "sctp"}, {IPPROTO_IPIP, "ipip"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].number == protocol)
			return known[i].name;
	snprintf(text, SEEN_PROTOCOL, "%u", protocol);
	return text;
}

static void add_protocol(struct facts *facts)
{
	char text[SEEN_PROTOCOL];

	facts_add(facts, "protocol", NULL, "%s", seen_protocol(facts->now->protocol, text));
}

static void add_eth_proto(struct facts *facts)
{
	switch (facts->now->eth_proto) {
	case ETH_P_IP:
		facts_add(facts, "ethertype", NULL, "ipv4");
		return;
	case ETH_P_IPV6:
		facts_add(facts, "ethertype", NULL, "ipv6");
		return;
	case ETH_P_ARP:
		facts_add(facts, "ethertype", NULL, "arp");
		return;
	default:
		facts_add(facts, "ethertype", NULL, "0x%04x", facts->now->eth_proto);
	}
}

/* A tag stands there until a tunnel is taken off, and a VNI from there on. */
static void add_vlan(struct facts *facts)
{
	const uint32_t outer = facts->now->vni & 0xffff, inner = facts->now->vni >> 16;

	if (facts->now->decapsulated || !IS_NEW(facts, vni))
		return;
	if (inner)
		facts_add(facts, "vlan", NULL, "%u.%u", outer, inner);
	else
		facts_add(facts, "vlan", NULL, "%u", outer);
}

static void add_ip_fields(struct facts *facts)
{
	const struct dp_step *now = facts->now;
	static const char *const fragments[] = {"none", "first", "later"};

	if (IS_NEW(facts, ttl))
		facts_add(facts, "ttl", NULL, "%u", now->ttl);
	if (IS_NEW(facts, traffic_class))
		facts_add(facts, "dscp", NULL, "%u", now->traffic_class >> 2);
	if (IS_NEW(facts, fragment) && now->fragment < 3)
		facts_add(facts, "fragment", NULL, "%s", fragments[now->fragment]);
	if (now->protocol == IPPROTO_ICMP || now->protocol == IPPROTO_ICMPV6) {
		if (IS_NEW(facts, icmp_type) || IS_NEW(facts, icmp_code))
			facts_add(facts, "icmp", NULL, "type %u code %u", now->icmp_type, now->icmp_code);
	}
}

/* Behind a tunnel's header all of the inner ones is new, though it may say the same. */
static struct dp_step without_headers(const struct dp_step *step)
{
	struct dp_step left = *step;

	memset(&left.src, 0, sizeof(left.src));
	memset(&left.dst, 0, sizeof(left.dst));
	left.src_port = left.dst_port = 0;
	left.protocol = left.ttl = left.traffic_class = left.fragment = left.icmp_type = left.icmp_code = 0;
	return left;
}

static void add_headers(struct facts *facts)
{
	const struct dp_step *before = facts->before, *now = facts->now;

	if (IS_NEW(facts, length))
		facts_add(facts, "length", NULL, "%u", now->length);
	add_vlan(facts);
	if (IS_NEW(facts, eth_proto))
		add_eth_proto(facts);
	add_address(facts, "source", &before->src, &now->src);
	add_address(facts, "destination", &before->dst, &now->dst);
	if (IS_NEW(facts, protocol))
		add_protocol(facts);
	if (IS_NEW(facts, src_port))
		facts_add(facts, "source_port", NULL, "%u", now->src_port);
	if (IS_NEW(facts, dst_port))
		facts_add(facts, "destination_port", NULL, "%u", now->dst_port);
	add_ip_fields(facts);
}

void facts_of_headers(struct facts *facts)
{
	const struct dp_step *before = facts->before, outer = without_headers(before);

	if (facts->now->decapsulated && !before->decapsulated)
		facts->before = &outer;
	add_headers(facts);
	facts->before = before;
}
