/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/seen/filter.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "api/dp/reason.h"
#include "vnf/control/seen/names.h"
#include "vnf/control/seen/verdict.h"

/* As in sluice.v1.Verdict. */
_Static_assert((int)DP_VERDICT_FORWARDED == SLUICE__V1__VERDICT__VERDICT_FORWARDED &&
		       (int)DP_VERDICT_ANSWERED == SLUICE__V1__VERDICT__VERDICT_ANSWERED,
	       "sluice.v1.Verdict");

/* The id of what has the name; 0 where that is empty, or *error is filled. */
static uint32_t take_name(const char *name, const char *field, enum resource_kind kind, const char *label,
			  const struct snapshot *snapshot, struct error *error)
{
	const struct resource *resource = *name ? snapshot_find(snapshot, kind, name) : NULL;
	char there_are[160];

	if (resource)
		return resource_id(resource);
	if (*name)
		error_add(error, ERROR_NOT_FOUND, field, "there is no %s \"%.64s\"; there are: %s", label, name,
			  seen_list(snapshot, kind, there_are, sizeof(there_are)));
	return 0;
}

static uint32_t take_rule(const char *name, const struct snapshot *snapshot, struct error *error)
{
	const struct resource *rule = NULL;

	if (!*name)
		return 0;
	rule = snapshot_find(snapshot, RESOURCE_POLICY_RULE, name);
	if (!rule)
		rule = snapshot_find(snapshot, RESOURCE_SECURITY_GROUP_RULE, name);
	if (rule)
		return resource_id(rule);
	error_add(error, ERROR_NOT_FOUND, "filter.rule",
		  "there is no policy rule or rule of a security group \"%.64s\": see \"sluicectl show policy-rules\"",
		  name);
	return 0;
}

/* A prefix, or an address alone; *family is 0 before the first. */
static void take_prefix(const char *text, const char *field, struct dp_address *address, struct dp_address *mask,
			uint8_t *family, struct error *error)
{
	struct ip_prefix prefix = {0};
	int length, result = 0;

	if (!*text)
		return;
	if (!ip_address_parse(text, &prefix.address))
		prefix.length = prefix.address.family == 4 ? 32 : 128;
	else
		result = ip_prefix_parse(text, &prefix);
	if (result == -EDOM)
		error_add(error, ERROR_INVALID_ARGUMENT, field, "\"%.64s\" has bits beyond its length: make them 0",
			  text);
	else if (result)
		error_add(error, ERROR_INVALID_ARGUMENT, field,
			  "\"%.64s\" is neither an address nor a prefix such as 10.0.0.0/8 or 2001:db8::/32", text);
	else if (*family && *family != prefix.address.family)
		error_add(error, ERROR_INVALID_ARGUMENT, field,
			  "\"%.64s\" is not of the family of filter.source: no packet is of both", text);
	if (result)
		return;
	*family = prefix.address.family;
	ip_address_map(&prefix.address, address->byte);
	length = prefix.length + (prefix.address.family == 4 ? 96 : 0);
	for (int i = 0; i < length; i++)
		mask->byte[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

static uint32_t take_number(uint32_t number, uint32_t most, const char *field, struct error *error)
{
	if (number > most)
		error_add(error, ERROR_INVALID_ARGUMENT, field, "%u is out of range: 1 to %u, or 0 for any", number,
			  most);
	return number;
}

static void take_ports(const Sluice__V1__PacketFilter *from, struct dp_observe_filter *filter, struct error *error)
{
	const char *field = from->source_port ? "filter.source_port" : "filter.destination_port";

	filter->protocol = (uint8_t)take_number(from->protocol, 255, "filter.protocol", error);
	filter->src_port = (uint16_t)take_number(from->source_port, 65535, "filter.source_port", error);
	filter->dst_port = (uint16_t)take_number(from->destination_port, 65535, "filter.destination_port", error);
	if (!from->source_port && !from->destination_port)
		return;
	if (!from->protocol)
		error_add(error, ERROR_INVALID_ARGUMENT, field,
			  "needs filter.protocol: 6 (TCP), 17 (UDP) or 132 (SCTP)");
	else if (from->protocol != IPPROTO_TCP && from->protocol != IPPROTO_UDP && from->protocol != IPPROTO_SCTP)
		error_add(error, ERROR_INVALID_ARGUMENT, field,
			  "protocol %u has no ports: leave it out, or say protocol 6 (TCP), 17 (UDP) or 132 (SCTP)",
			  from->protocol);
}

static void take_reason(const char *name, struct dp_observe_filter *filter, struct error *error)
{
	if (!*name)
		return;
	for (uint16_t i = 0; i < DP_REASON_COUNT; i++)
		if (strcmp(name, reason_name(i)) == 0)
			filter->reason = (uint16_t)(i + 1);
	if (!filter->reason)
		error_add(error, ERROR_INVALID_ARGUMENT, "filter.reason",
			  "there is no reason \"%.64s\": \"sluicectl show counters -a\" lists them", name);
}

static void take_verdicts(const Sluice__V1__PacketFilter *from, struct dp_observe_filter *filter, struct error *error)
{
	for (size_t i = 0; i < from->n_verdicts; i++) {
		const int verdict = (int)from->verdicts[i];

		if (verdict < DP_VERDICT_FORWARDED || verdict > DP_VERDICT_ANSWERED)
			error_add(error, ERROR_INVALID_ARGUMENT, "filter.verdicts",
				  "%d is none: FORWARDED, PUNTED, DROPPED or ANSWERED", verdict);
		else
			filter->verdicts |= (uint8_t)(1U << verdict);
	}
}

int seen_filter(const Sluice__V1__PacketFilter *from, const struct snapshot *snapshot, struct dp_observe_filter *filter,
		struct error *error)
{
	*filter = (struct dp_observe_filter){0};
	if (!from)
		return 0;
	filter->interface = (uint16_t)take_name(from->interface, "filter.interface", RESOURCE_INTERFACE, "interface",
						snapshot, error);
	filter->out_interface = (uint16_t)take_name(from->out_interface, "filter.out_interface", RESOURCE_INTERFACE,
						    "interface", snapshot, error);
	filter->vrf = (uint16_t)take_name(from->vrf, "filter.vrf", RESOURCE_VRF, "VRF", snapshot, error);
	filter->tunnel = (uint16_t)take_name(from->tunnel, "filter.tunnel", RESOURCE_TUNNEL_ENDPOINT, "tunnel endpoint",
					     snapshot, error);
	filter->rule = take_rule(from->rule, snapshot, error);
	take_prefix(from->source, "filter.source", &filter->src, &filter->src_mask, &filter->family, error);
	take_prefix(from->destination, "filter.destination", &filter->dst, &filter->dst_mask, &filter->family, error);
	take_ports(from, filter, error);
	filter->vni = take_number(from->vni, 0xffffff, "filter.vni", error);
	filter->either = from->either != 0;
	take_reason(from->reason, filter, error);
	take_verdicts(from, filter, error);
	return error->count ? -1 : 0;
}

int seen_packets(uint64_t packets, struct error *error)
{
	if (packets >= 1 && packets <= SEEN_PACKETS_MOST)
		return 0;
	error_add(error, ERROR_INVALID_ARGUMENT, "packets", "say how many, 1 to 1,000,000");
	return -1;
}
