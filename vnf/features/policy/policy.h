/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy: groups of addresses, security groups with their rules, and the rules of VRFs. Policy rules and rules of
 * security groups share one space of ids, in which the rules of the dataplane are counted (policy_ids()).
 */
#ifndef SLUICE_FEATURES_POLICY_H
#define SLUICE_FEATURES_POLICY_H

#include "sluice/v1/policy.pb-c.h"
#include "vnf/control/kinds/resource.h"

struct check;
struct decoder;

#define POLICY_MEMBERS	    100000 /* addresses of one group */
#define POLICY_PROTOCOL_TCP 6

/* Ports of one end, in host order; 0..65535: any. */
struct policy_ports {
	uint16_t first, last;
};

/* Of both kinds of rules. Without ICMP's type `has` is false. */
struct policy_icmp {
	bool has, has_code;
	uint8_t type, code;
};

struct address_group {
	struct resource resource;
	size_t count, group_count;
	struct ip_prefix *address; /* behind `group`, sorted, each once */
	struct handle *group[];	   /* whose members are members of this one, too */
};

struct security_group {
	struct resource resource;
	struct handle *vrf;
	bool stateless;
	size_t count;
	struct ip_prefix member[]; /* sorted, each once */
};

struct security_group_rule {
	struct resource resource;
	struct handle *group;
	uint8_t direction;   /* Sluice__V1__Direction */
	uint8_t family;	     /* 4, 6, or 0: both */
	uint8_t protocol;    /* 0: any */
	uint8_t established; /* Sluice__V1__Established */
	struct policy_ports ports;
	struct policy_icmp icmp;
	struct ip_prefix remote;	 /* family 0: none */
	struct handle *remote_group;	 /* NULL: none */
	struct handle *remote_addresses; /* an address group; NULL: none */
};

struct policy_end_match {
	struct ip_prefix prefix; /* family 0: none */
	struct handle *group;	 /* NULL: none */
	struct policy_ports ports;
};

struct policy_option {
	uint16_t option_class;
	uint8_t type;
	uint8_t length; /* bytes of value and mask, 1 to 8; 0: no option is asked for */
	uint8_t value[8], mask[8];
};

/* What is asked for besides what security groups' rules ask for, too. */
struct policy_match {
	struct policy_end_match source, destination;
	uint8_t family;	  /* as it was given */
	uint8_t protocol; /* 0: any */
	struct policy_icmp icmp;
	uint8_t tcp_flags, tcp_mask; /* mask 0: any */
	bool has_dscp;
	uint8_t dscp;
	uint8_t fragment; /* Sluice__V1__FragmentMatch */
	uint8_t states;	  /* bit per Sluice__V1__ConnectionState; 0: any */
	struct handle *interface;
	bool has_tunnel, has_vni;
	struct handle *tunnel; /* NULL with has_tunnel: any */
	uint32_t vni;
	struct policy_option option;
};

struct policy_rule {
	struct resource resource;
	struct handle *vrf;
	uint16_t priority;
	uint8_t action; /* Sluice__V1__PolicyRule__ActionCase */
	uint8_t what;	/* Sluice__V1__Access or Sluice__V1__Observe */
	uint8_t established;
	bool stateful;
	struct handle *target; /* next-hop group, port chain, QoS policy or pool; NULL: of the other actions */
	uint16_t per_mille;    /* of new flows, for a pool */
	struct policy_match match;
};

/* The address family that packets must have to match; 0: both may. */
uint8_t policy_match_family(const struct policy_match *match);

/* Checks that no address group is in itself. */
void check_address_group_cycles(struct check *check);

#endif
