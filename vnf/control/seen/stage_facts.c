/* SPDX-License-Identifier: Apache-2.0 */
/* facts.h's facts_of_stages: what the tables said. */
#include <stdio.h>
#include <string.h>

#include "api/dp/fib.h"
#include "vnf/control/kinds/key.h"
#include "vnf/control/read/connections.h"
#include "vnf/control/seen/facts.h"

/* A fact that is a resource, by its id; one that has gone meanwhile is a number. */
static void add_resource(struct facts *facts, const char *name, const struct resource *resource, uint32_t id)
{
	char key[RESOURCE_KEY_TEXT];

	if (resource)
		facts_add(facts, name, resource, "%s", resource_key_format(resource, key));
	else
		facts_add(facts, name, NULL, "%u", id);
}

static void add_named(struct facts *facts, const char *name, enum resource_kind kind, uint32_t before, uint32_t now)
{
	if (now && now != before)
		add_resource(facts, name, seen_resource(facts->names, kind, now), now);
}

static void add_vni(struct facts *facts)
{
	const bool new = facts->now->decapsulated && !facts->before->decapsulated;

	if (facts->now->decapsulated && facts->now->vni && (new || facts->now->vni != facts->before->vni))
		facts_add(facts, "vni", NULL, "%u", facts->now->vni);
}

static void add_rules(struct facts *facts)
{
	static const char *const names[DP_POLICY_CATEGORIES] = {
		[DP_POLICY_ACCESS] = "rule",	      [DP_POLICY_EGRESS] = "egress_rule",
		[DP_POLICY_INGRESS] = "ingress_rule", [DP_POLICY_STEER] = "steering_rule",
		[DP_POLICY_QOS] = "qos_rule",	      [DP_POLICY_OBSERVE] = "observing_rule",
	};

	for (int i = 0; i < DP_POLICY_CATEGORIES; i++) {
		const uint32_t id = facts->now->rule[i];

		if (id && id != facts->before->rule[i])
			add_resource(facts, names[i], seen_rule(facts->names, id), id);
	}
}

static void add_policy(struct facts *facts)
{
	const struct dp_step *before = facts->before, *now = facts->now;

	add_rules(facts);
	if (now->connection && now->connection != before->connection)
		facts_add(facts, "connection", NULL, "%s", connection_state_name(now->connection - 1U));
}

static bool is_new_prefix(const struct dp_step *before, const struct dp_step *now)
{
	return now->kind == DP_STEP_route && now->reason != -2 && now->prefix_length <= 128 && now->family &&
	       (before->kind != DP_STEP_route || before->prefix_length != now->prefix_length);
}

/* A route that no resource is: of a link, to an address of the router, of the kernel's. */
static void add_prefix(struct facts *facts)
{
	const struct dp_step *now = facts->now;
	struct ip_address address;
	char text[IP_PREFIX_TEXT];
	struct ip_prefix prefix;
	int length = now->prefix_length;

	ip_address_unmap(now->dst.byte, &address);
	length -= address.family == 4 ? 96 : 0;
	if (length < 0)
		return;
	prefix = ip_prefix_of(&address, (uint8_t)length);
	facts_add(facts, "route", NULL, "%s", ip_prefix_format(&prefix, text));
}

static void add_route(struct facts *facts)
{
	const struct dp_step *before = facts->before, *now = facts->now;
	const struct resource *route;

	if (now->route && now->route != before->route) {
		route = seen_route(facts->names, now->vrf, &now->dst, now->route);
		add_resource(facts, route && route->kind == RESOURCE_MEMBER ? "member" : "route", route, now->route);
	} else if (!now->route && is_new_prefix(before, now)) {
		add_prefix(facts);
	}
}

static const char *special_group(uint16_t group)
{
	switch (group) {
	case DP_GROUP_KERNEL:
		return "by a route of the kernel's";
	case DP_GROUP_HOST:
		return "a host on a link";
	case DP_GROUP_BROADCAST:
		return "the broadcast address of a link";
	case DP_GROUP_CONNECTED:
		return "on a link";
	case DP_GROUP_VIP:
		return "a load balancer";
	case DP_GROUP_ANYCAST:
	case DP_GROUP_LOCAL:
		return "the router itself";
	default:
		return NULL;
	}
}

static void add_group(struct facts *facts)
{
	const uint16_t group = facts->now->group;
	const char *special = special_group(group);

	if (!group || group == facts->before->group)
		return;
	if (special)
		facts_add(facts, "leads_to", NULL, "%s", special);
	else
		add_named(facts, "next_hop_group", RESOURCE_NEXT_HOP_GROUP, 0, group);
}

static void add_out(struct facts *facts)
{
	static const uint8_t none[6];
	const struct dp_step *before = facts->before, *now = facts->now;
	char mac[MAC_TEXT];

	add_named(facts, "next_hop", RESOURCE_NEXT_HOP, before->next_hop, now->next_hop);
	add_named(facts, "into_tunnel", RESOURCE_TUNNEL_ENDPOINT, before->encapsulated, now->encapsulated);
	if (now->underlay_route && now->underlay_route != before->underlay_route)
		add_resource(facts, "underlay_route", seen_underlay_route(facts->names, now), now->underlay_route);
	add_named(facts, "out_interface", RESOURCE_INTERFACE, before->out_interface, now->out_interface);
	if (memcmp(now->out_mac, none, sizeof(none)) != 0 &&
	    memcmp(now->out_mac, before->out_mac, sizeof(now->out_mac)) != 0)
		facts_add(facts, "neighbour", NULL, "%s", mac_format(now->out_mac, mac));
	/* the field has other uses before */
	if (now->kind >= DP_STEP_next_hop && now->mtu && now->mtu != UINT16_MAX &&
	    (now->mtu != before->mtu || before->kind < DP_STEP_next_hop))
		facts_add(facts, "mtu", NULL, "%u", now->mtu);
	if (now->sent && now->sent != before->sent)
		facts_add(facts, "sent_length", NULL, "%u", now->sent);
}

void facts_of_stages(struct facts *facts)
{
	const struct dp_step *before = facts->before, *now = facts->now;

	add_named(facts, "interface", RESOURCE_INTERFACE, before->interface, now->interface);
	add_named(facts, "from_tunnel", RESOURCE_TUNNEL_ENDPOINT, before->decapsulated, now->decapsulated);
	add_vni(facts);
	add_named(facts, "vrf", RESOURCE_VRF, before->vrf, now->vrf);
	if (now->from_stage && !before->from_stage)
		facts_add(facts, "comes_from", NULL, "a stage of a port chain");
	add_named(facts, "flow_classifier", RESOURCE_FLOW_CLASSIFIER, before->flow_classifier, now->flow_classifier);
	add_policy(facts);
	add_named(facts, "port_pair_group", RESOURCE_PORT_PAIR_GROUP, before->port_pair_group, now->port_pair_group);
	add_route(facts);
	add_named(facts, "listener", RESOURCE_LISTENER, before->listener, now->listener);
	if (!now->route || now->route == before->route)
		add_named(facts, "member", RESOURCE_MEMBER, before->member, now->member);
	add_group(facts);
	add_named(facts, "qos_policy", RESOURCE_QOS_POLICY, before->qos, now->qos);
	add_out(facts);
}
