/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink messages about links, neighbours and VTEPs to structs. Internal to vnf/sources. */
#ifndef SLUICE_SOURCES_EVPN_MESSAGE_H
#define SLUICE_SOURCES_EVPN_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/core/address.h"

struct nlmsghdr;

enum evpn_kind {
	EVPN_UNKNOWN, /* no message about the link yet */
	EVPN_OTHER,   /* nothing that EVPN goes by */
	EVPN_BRIDGE,
	EVPN_VXLAN,
	EVPN_VRF,
};

/* Zeros where a field is not of the kind. */
struct evpn_device {
	enum evpn_kind kind;
	uint32_t master; /* the ifindex of the bridge or VRF that it is in; 0: none */
	bool up;
	/* Of vxlan devices. A device without a VNI or a local address of its own can't be followed. */
	uint32_t vni; /* 0: it has none, or it carries many (`external`) */
	struct ip_address local;
	uint16_t udp_port; /* host byte order */
	uint32_t table;	   /* of VRF devices */
};

/* A neighbour's address on a link, or, with family 0, a MAC (its first six bytes) in the forwarding database of a vxlan
 * device. */
struct evpn_key {
	uint32_t ifindex;
	struct ip_address address;
};

struct evpn_value {
	/* Of neighbours: */
	uint8_t mac[6];
	bool learned; /* a routing daemon's, not the kernel's own finding (NTF_EXT_LEARNED) */
	/* Of MACs: */
	struct ip_address remote;
	uint32_t vni;	   /* 0: the device's */
	uint16_t udp_port; /* host byte order; 0: the device's */
};

/* These return false for what is malformed or of no interest: a bridge's messages about its ports, entries of a
 * bridge's own forwarding database, multicast and broadcast, the zero MAC by which FRR floods (type 3). */
bool evpn_parse_link(const struct nlmsghdr *message, uint32_t *ifindex, struct evpn_device *device);
/* `gone`: there is no such entry any more, or none that can be used. */
bool evpn_parse_entry(const struct nlmsghdr *message, struct evpn_key *key, struct evpn_value *value, bool *gone);

#endif
