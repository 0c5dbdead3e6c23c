/* SPDX-License-Identifier: Apache-2.0 */
/* VRFs, interfaces, next hops, their groups and routes: what a router cannot be without. Every feature may use them. */
#ifndef SLUICE_FEATURES_BASE_H
#define SLUICE_FEATURES_BASE_H

#include "api/dp/answer.h"
#include "api/dp/vrf.h"
#include "vnf/control/kinds/resource.h"
#include "vnf/control/kinds/unique_keys.h"

struct check;

/* The MAC that the router has towards the tenants of tunnels in every VRF that does not give its own. */
extern const uint8_t default_router_mac[6];

/* One of the router's own addresses; the prefix of its link is `length` bits of it long. */
struct gateway_address {
	struct ip_address address;
	uint8_t length;
};

struct vrf {
	struct resource resource;
	uint8_t router_mac[6];
	bool kernel;
	uint32_t icmp_error_rate; /* a second, never 0 */
	bool mss_clamp;
	uint16_t mss_clamp_most; /* DP_MSS_*; 0: as ways have room */
	bool fallback;		 /* the kernel's routes are for what no other is for */
	uint32_t fallback_table; /* 0: by its rules */
	uint32_t reserved_routes;
	size_t count;
	struct gateway_address gateway[];
};

#define INTERFACE_GATEWAYS 8

struct interface {
	struct resource resource;
	struct handle *vrf;
	uint16_t vlan_id, inner_vlan_id;
	bool connected; /* what is on its link is routed there, */
	bool learn;	/* and found out about when it says that it is there */
	char device[16];
	uint8_t gateways; /* how many */
	struct gateway_address gateway[INTERFACE_GATEWAYS];
	uint8_t additional_macs; /* how many */
	uint8_t additional_mac[DP_ADDITIONAL_MACS][6];
};

/* What the sender of a packet hears that is dropped so. */
enum discard_reason { DISCARD_BLACKHOLE, DISCARD_UNREACHABLE, DISCARD_PROHIBIT };

enum next_hop_target { NEXT_HOP_GATEWAY = 1, NEXT_HOP_TUNNEL, NEXT_HOP_DISCARD };

struct next_hop {
	struct resource resource;
	enum next_hop_target target;
	struct handle *via;	   /* interface or tunnel endpoint; NULL for discard */
	struct ip_address address; /* gateway */
	uint32_t vni;		   /* tunnel */
	bool has_mac;		   /* gateway: static; tunnel: always */
	uint8_t mac[6];
	enum discard_reason discard;
};

struct next_hop_member {
	struct handle *next_hop;
	uint8_t weight; /* 1..100 */
	bool backup;	/* takes flows only while no other member can */
};

struct next_hop_group {
	struct resource resource;
	size_t count;
	struct next_hop_member member[];
};

struct route {
	struct resource resource;
	struct vrf_key key;
	struct handle *group;
	bool next_best;	    /* where no member of the group is programmed, the less specific route counts */
	uint8_t preference; /* among candidates, never 0 */
};

/* A tunnel endpoint holds one key of this rule for each VNI that it binds, with the endpoint's handle and the VNI's
 * number; a next hop into a tunnel needs the key of its VNI to be held. */
extern const struct unique_rule vni_binding_rule;
/* Every next hop into a tunnel holds this one, with the endpoint's handle and its VNI: shared among them. */
extern const struct unique_rule vni_use_rule;
/* Each tunnel endpoint of a kind without VNIs holds one, under its own handle. */
extern const struct unique_rule no_vni_rule;

/* A rule about what comes by an interface, or that leads into a port chain, holds this one with that one's handle, for
 * the rule's VRF: the interface or the chain must stay in that VRF. */
extern const struct unique_rule vrf_use_rule;
/* Faults the field where what the handle stands for is now of another VRF than such rules. */
void check_vrf_use(struct check *check, const struct handle *handle, const struct handle *vrf, const char *field);

/* Of pools of services: a member holds the first one with its pool's handle and the number of its address family, 4 or
 * 6; a policy rule that leads to a pool the second one, with the family of what matches, 0: both. */
extern const struct unique_rule pool_family_rule, pool_use_rule;
bool check_pool_has_family(struct check *check, const struct handle *pool, uint32_t family);

/* A health monitor holds one with the handle of what it probes, of whatever kind that is. */
extern const struct unique_rule probed_rule;
/* Faults the monitor's field where a next hop of the group is no gateway, so that there is no address to probe; */
void check_probed_group(struct check *check, const struct handle *group);
/* the group's, if it has a monitor; */
void check_probed_members(struct check *check, const struct next_hop_group *group);
/* and for check_at_end: every next hop of such a group that was a gateway. */
void check_probed_next_hops(struct check *check);

/* Faults routes and reserves of VRFs that exclude each other. */
void check_route_reserves(struct check *check);

/* Has the group a gateway with an IPv4 address among its members, and is the next hop one? IPv6 routes cannot use it,
 * while IPv4 routes use gateways of both families (RFC 8950). */
bool check_group_has_ipv4_gateway(struct check *check, const struct handle *group);
bool next_hop_is_ipv4_gateway(const struct handle *next_hop);
/* Checks every group with a next hop whose gateway changed its address family. */
void check_gateway_families(struct check *check);

#endif
