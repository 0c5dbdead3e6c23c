/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables that reconcile keeps, in the order in which they are brought up to date: each stands behind those that it
 * reads. A table X is described by `const struct table X_table` in its feature's X_tables.c or the like.
 */
#ifndef SLUICE_RECONCILE_TABLE_LIST_H
#define SLUICE_RECONCILE_TABLE_LIST_H

/* X(name) */
#define TABLE_LIST(X)                                                                                                  \
	X(interfaces)		/* base: what the kernel says about their devices */                                   \
	X(local_routes)		/* base: the router's own addresses */                                                 \
	X(gateway_addresses)	/* base: those of VRFs, local routes as well */                                        \
	X(vni_addresses)	/* tunnel: those of VNIs, likewise */                                                  \
	X(vips)			/* service: those of load balancers, likewise */                                       \
	X(links)		/* base: links[], and the prefixes there, local routes as well */                      \
	X(hosts)		/* base: hosts[] on links, likewise */                                                 \
	X(heard_hosts)		/* base: the same where a neighbour has changed */                                     \
	X(port_answers)		/* base: port_answers[] */                                                             \
	X(vrf_answers)		/* base: vrf_answers[] */                                                              \
	X(probed_next_hops)	/* base: targets of health probes */                                                   \
	X(probed_port_pairs)	/* chain: likewise */                                                                  \
	X(probed_members)	/* service: likewise */                                                                \
	X(port_pairs)		/* chain */                                                                            \
	X(port_pair_groups)	/* chain */                                                                            \
	X(port_chains)		/* chain: stages[] */                                                                  \
	X(chain_ports)		/* chain: where a port's packets come back to */                                       \
	X(flow_classifiers)	/* chain: which of them are in use */                                                  \
	X(classifiers)		/* chain: classifiers[], a block for each VRF */                                       \
	X(underlays)		/* tunnel: which VRFs tunnels end in */                                                \
	X(bound_vrfs)		/* tunnel: which VRFs VNIs are bound to */                                             \
	X(answered_neighbors)	/* neighbor: neighbors[] */                                                            \
	X(policy_rules)		/* policy: of VRFs, in the engine */                                                   \
	X(security_group_rules) /* policy: likewise */                                                                 \
	X(security_groups)	/* policy: their members, and what their rules don't allow */                          \
	X(address_sets)		/* policy: members of address groups, by VRF that uses them */                         \
	X(policy_vrfs)		/* policy: which VRFs have one, and its epoch */                                       \
	X(conntracks)		/* connection: conntracks[] */                                                         \
	X(ddos_profiles)	/* qos: ddos_profiles[], and which VRFs have one */                                    \
	X(load_balancers)	/* service: load_balancers[] */                                                        \
	X(listener_ports)	/* service: listener_ports[] */                                                        \
	X(listeners)		/* service: listeners[] */                                                             \
	X(members)		/* service: members[] */                                                               \
	X(pools)		/* service: pools[], and their tables in service_words[] */                            \
	X(drains)		/* service: since when members take no flows, for readers */                           \
	X(answerers)		/* service: answerers[] */                                                             \
	X(quic_members)		/* service: quic_members[] */                                                          \
	X(shown_members)	/* service: shares of members, for readers */                                          \
	X(service_vrfs)		/* service: which VRFs have members whose answers get the VIP back */                  \
	X(vrfs)			/* base: vrfs[] */                                                                     \
	X(ports)		/* base: ports[] */                                                                    \
	X(announced_ports)	/* base: whose hosts hear of the router's own addresses */                             \
	X(announced_vrfs)	/* base: which of these are new in a VRF */                                            \
	X(announced_vips)	/* base: which VIPs are new in a VRF */                                                \
	X(vteps)		/* tunnel: vteps[] */                                                                  \
	X(vnis)			/* tunnel: vnis[] */                                                                   \
	X(tunnel_ports)		/* tunnel: tunnel_ports[] */                                                           \
	X(neighbors)		/* neighbor: MACs for gateways */                                                      \
	X(gateways)		/* base: next_hops[] to gateways */                                                    \
	X(gateway_groups)	/* base: which groups have one */                                                      \
	X(tunnels)		/* tunnel: tunnels[], and who gets there */                                            \
	X(announced_tunnels)	/* tunnel: whose hosts hear of the router's own addresses */                           \
	X(announced_segments)	/* tunnel: which of these are new in a VRF that VNIs are bound to */                   \
	X(next_hops)		/* base: next_hops[] into tunnels */                                                   \
	X(qos_policies)		/* qos: qos_policies[] */                                                              \
	X(groups)		/* base: groups[] */

enum table_id {
#define TABLE_ENUM(name) TABLE_##name,
	TABLE_LIST(TABLE_ENUM)
#undef TABLE_ENUM
		TABLE_COUNT
};

/* The last of those that say which addresses are the router's own and which groups of gateways are dead: the FIB
 * follows behind it, and tables after it may look routes up. */
#define TABLE_LAST_BEFORE_ROUTES TABLE_gateway_groups

#endif
