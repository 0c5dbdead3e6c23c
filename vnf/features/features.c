/* SPDX-License-Identifier: Apache-2.0 */
/* The list of kinds: a feature's kinds exist because they stand here. */
#include "vnf/control/kinds/kinds.h"

extern const struct kind_ops vrf_ops, interface_ops, next_hop_ops, next_hop_group_ops, route_ops;     /* base */
extern const struct kind_ops tunnel_endpoint_ops;						      /* tunnel */
extern const struct kind_ops port_pair_ops, port_pair_group_ops, flow_classifier_ops, port_chain_ops; /* chain */

extern const struct kind_ops neighbor_ops; /* neighbor */
extern const struct kind_ops address_group_ops, security_group_ops, security_group_rule_ops,
	policy_rule_ops;										/* policy */
extern const struct kind_ops rate_limiter_ops, qos_policy_ops, ddos_profile_ops;			/* qos */
extern const struct kind_ops conntrack_profile_ops;							/* connection */
extern const struct kind_ops load_balancer_ops, listener_ops, pool_ops, member_ops, health_monitor_ops; /* service */
extern const struct kind_ops route_source_ops, source_route_ops, protected_prefix_ops;			/* source */
extern const struct kind_ops tap_service_ops, tap_flow_ops;						/* tap */

const struct kind_ops *const kind_list[RESOURCE_KINDS] = {
	[RESOURCE_VRF] = &vrf_ops,
	[RESOURCE_INTERFACE] = &interface_ops,
	[RESOURCE_TUNNEL_ENDPOINT] = &tunnel_endpoint_ops,
	[RESOURCE_NEXT_HOP] = &next_hop_ops,
	[RESOURCE_NEXT_HOP_GROUP] = &next_hop_group_ops,
	[RESOURCE_ROUTE] = &route_ops,
	[RESOURCE_PORT_PAIR] = &port_pair_ops,
	[RESOURCE_PORT_PAIR_GROUP] = &port_pair_group_ops,
	[RESOURCE_FLOW_CLASSIFIER] = &flow_classifier_ops,
	[RESOURCE_PORT_CHAIN] = &port_chain_ops,
	[RESOURCE_NEIGHBOR] = &neighbor_ops,
	[RESOURCE_ADDRESS_GROUP] = &address_group_ops,
	[RESOURCE_SECURITY_GROUP] = &security_group_ops,
	[RESOURCE_SECURITY_GROUP_RULE] = &security_group_rule_ops,
	[RESOURCE_POLICY_RULE] = &policy_rule_ops,
	[RESOURCE_RATE_LIMITER] = &rate_limiter_ops,
	[RESOURCE_QOS_POLICY] = &qos_policy_ops,
	[RESOURCE_DDOS_PROFILE] = &ddos_profile_ops,
	[RESOURCE_CONNTRACK_PROFILE] = &conntrack_profile_ops,
	[RESOURCE_LOAD_BALANCER] = &load_balancer_ops,
	[RESOURCE_LISTENER] = &listener_ops,
	[RESOURCE_POOL] = &pool_ops,
	[RESOURCE_MEMBER] = &member_ops,
	[RESOURCE_HEALTH_MONITOR] = &health_monitor_ops,
	[RESOURCE_ROUTE_SOURCE] = &route_source_ops,
	[RESOURCE_SOURCE_ROUTE] = &source_route_ops,
	[RESOURCE_PROTECTED_PREFIX] = &protected_prefix_ops,
	[RESOURCE_TAP_SERVICE] = &tap_service_ops,
	[RESOURCE_TAP_FLOW] = &tap_flow_ops,
};

/* Our numbers, those of ResourceKind, and those of the oneof in Resource are the same. */
#define SAME(KIND)                                                                                                     \
	_Static_assert((int)RESOURCE_##KIND == SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_##KIND &&                      \
			       (int)RESOURCE_##KIND == SLUICE__V1__RESOURCE__KIND_##KIND,                              \
		       #KIND)
SAME(VRF);
SAME(INTERFACE);
SAME(TUNNEL_ENDPOINT);
SAME(NEXT_HOP);
SAME(NEXT_HOP_GROUP);
SAME(ROUTE);
SAME(PORT_PAIR);
SAME(PORT_PAIR_GROUP);
SAME(FLOW_CLASSIFIER);
SAME(PORT_CHAIN);
SAME(NEIGHBOR);
SAME(ADDRESS_GROUP);
SAME(SECURITY_GROUP);
SAME(SECURITY_GROUP_RULE);
SAME(POLICY_RULE);
SAME(RATE_LIMITER);
SAME(QOS_POLICY);
SAME(DDOS_PROFILE);
SAME(CONNTRACK_PROFILE);
SAME(LOAD_BALANCER);
SAME(LISTENER);
SAME(POOL);
SAME(MEMBER);
SAME(HEALTH_MONITOR);
SAME(ROUTE_SOURCE);
SAME(SOURCE_ROUTE);
SAME(PROTECTED_PREFIX);
SAME(TAP_SERVICE);
SAME(TAP_FLOW);
#undef SAME
