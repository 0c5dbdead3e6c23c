/* SPDX-License-Identifier: Apache-2.0 */
/* What the control plane refuses: each rule with the path of the field that it blames. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"

/* A router with something of every kind. */
static const char *const base[] = {
	"upsert vrf name=under",
	"upsert vrf name=red",
	"upsert vrf name=blue",
	"upsert interface name=up device=eth0 vrf=under",
	"upsert interface name=in1 device=eth1 vrf=red",
	"upsert interface name=out1 device=eth2 vrf=red",
	"upsert interface name=in2 device=eth3 vrf=red vlan_id=7",
	"upsert interface name=out2 device=eth3 vrf=red vlan_id=8",
	"upsert tunnel_endpoint name=t1 kind=1 local_address=192.0.2.1 remote_address=192.0.2.2 underlay_vrf=under "
	"vni_bindings[0].vni=100 vni_bindings[0].vrf=red vni_bindings[1].vni=200 vni_bindings[1].vrf=blue",
	"upsert next_hop name=gw4 gateway.interface=up gateway.address=192.0.2.254",
	"upsert next_hop name=gw6 gateway.interface=up gateway.address=2001:db8::254",
	"upsert next_hop name=th tunnel.tunnel_endpoint=t1 tunnel.vni=100 tunnel.mac=02:00:00:00:00:09",
	"upsert next_hop name=drop discard=",
	"upsert next_hop_group name=g4 members[0].next_hop=gw4 members[1].next_hop=th members[1].weight=3",
	"upsert next_hop_group name=g6 members[0].next_hop=gw6 members[1].next_hop=drop",
	"upsert route vrf=red prefix=10.0.0.0/8 next_hop_group=g4",
	"upsert route vrf=red prefix=2001:db8:1::/48 next_hop_group=g6",
	"upsert port_pair name=p1 ingress=in1 egress=out1",
	"upsert port_pair name=p2 ingress=in2 egress=out2",
	"upsert port_pair_group name=s1 port_pairs[0]=p1",
	"upsert port_pair_group name=s2 port_pairs[0]=p2 failure_mode=2",
	"upsert flow_classifier name=web vrf=red source_prefix=10.1.0.0/16 protocol=6 destination_ports.first=80",
	"upsert flow_classifier name=rest vrf=red priority=9",
	"upsert port_chain name=c1 flow_classifiers[0]=web port_pair_groups[0]=s1",
	NULL,
};

struct rule {
	const char *line;
	enum error_code code;
	const char *field, *text;
	const char *more; /* a second change */
};

#define INVALID ERROR_INVALID_ARGUMENT
#define R	"changes[0].resource."

static const struct rule rules[] = {
	/* changes and names */
	{"none vrf name=x", INVALID, "changes[0].op", "not an operation", NULL},
	{"upsert", INVALID, "changes[0].resource", "no resource", NULL},
	{"upsert vrf name=", INVALID, R "vrf.name", "empty", NULL},
	{"upsert vrf name=a/b", INVALID, R "vrf.name", "'/'", NULL},
	{"upsert vrf name=a\x01", INVALID, R "vrf.name", "control character U+0001", NULL},
	{"upsert vrf name=a\xc2\x85", INVALID, R "vrf.name", "control character U+0085", NULL},
	{"upsert vrf name=a\xff", INVALID, R "vrf.name", "not UTF-8 (byte 1)", NULL},
	{"upsert vrf name=\xc0\x80", INVALID, R "vrf.name", "not UTF-8", NULL},
	{"upsert vrf name=\xed\xa0\x80", INVALID, R "vrf.name", "not UTF-8", NULL},
	{"upsert vrf name=0123456789012345678901234567890123456789012345678901234567890123", INVALID, R "vrf.name",
	 "64 bytes", NULL},
	{"delete vrf name=", INVALID, R "vrf.name", "empty", NULL},
	{"delete route vrf=red prefix=10.0.0.1/8", INVALID, R "route.prefix", "write 10.0.0.0/8", NULL},
	{"upsert vrf name=x @id=0123456789012345678901234567890123456789012345678901234567890123", INVALID,
	 "changes[0].id", "64 bytes", NULL},
	/* vrf */
	{"upsert vrf name=x router_mac=03:00:00:00:00:01", INVALID, R "vrf.router_mac", "multicast", NULL},
	{"upsert vrf name=x router_mac=02:00", INVALID, R "vrf.router_mac", "not a MAC", NULL},
	{"upsert vrf name=x router_mac=00:00:00:00:00:00", INVALID, R "vrf.router_mac", "no station", NULL},
	{"upsert vrf name=x gateway_addresses[0].address=10.0.0.1", INVALID, R "vrf.gateway_addresses[0].address",
	 "with a length", NULL},
	{"upsert vrf name=x gateway_addresses[0].address=10.0.0.1/33", INVALID, R "vrf.gateway_addresses[0].address",
	 "1 to 32", NULL},
	{"upsert vrf name=x gateway_addresses[0].address=224.0.0.1/24", INVALID, R "vrf.gateway_addresses[0].address",
	 "multicast", NULL},
	{"upsert vrf name=x gateway_addresses[0].address=10.0.0.1/24 gateway_addresses[1].address=10.0.0.1/16", INVALID,
	 R "vrf.gateway_addresses[1].address", "the same as gateway_addresses[0]", NULL},
	{"upsert interface name=x vrf=red gateway_addresses[0].address=10.0.0.1", INVALID,
	 R "interface.gateway_addresses[0].address", "with a length", NULL},
	{"upsert interface name=x vrf=red gateway_addresses[0].address=10.0.0.1/24 "
	 "gateway_addresses[1].address=10.0.0.1/24",
	 INVALID, R "interface.gateway_addresses[1].address", "the same as gateway_addresses[0]", NULL},
	{"upsert interface name=x vrf=red connected=3", INVALID, R "interface.connected", "0 to 2", NULL},
	{"upsert neighbor vrf=red address=10.0.0.9 mac=02:00:00:00:00:09 proxy=4", INVALID, R "neighbor.proxy",
	 "0 to 3", NULL},
	{"upsert neighbor vrf=red address=10.0.0.9 proxy=2", INVALID, R "neighbor.mac", "must not be empty", NULL},
	{"upsert route vrf=red prefix=10.0.0.0/9 next_hop_group=g4 on_dead=3", INVALID, R "route.on_dead", "0 to 2",
	 NULL},
	{"upsert vrf name=x icmp_error_rate=1000001", INVALID, R "vrf.icmp_error_rate", "1000000", NULL},
	{"upsert vrf name=x mss_clamp=3", INVALID, R "vrf.mss_clamp", "0 to 2", NULL},
	{"upsert vrf name=x mss_clamp_most=87", INVALID, R "vrf.mss_clamp_most", "88 to 65495", NULL},
	{"upsert vrf name=x mss_clamp_most=65496", INVALID, R "vrf.mss_clamp_most", "88 to 65495", NULL},
	{"upsert vrf name=x mss_clamp=2 mss_clamp_most=1360", INVALID, R "vrf.mss_clamp_most", "no effect", NULL},
	{"upsert vrf name=x kernel=1", INVALID, "changes[1].resource.vrf.kernel", "VRF \"x\" is the one",
	 "upsert vrf name=y kernel=1"},
	{"delete vrf name=blue", ERROR_FAILED_PRECONDITION, "changes[0].resource", "tunnel endpoint \"t1\"", NULL},
	{"delete vrf name=red", ERROR_FAILED_PRECONDITION, "changes[0].resource", "in use", NULL},
	/* interface */
	{"upsert interface name=x device=eth9 vrf=none", INVALID, R "interface.vrf", "no VRF \"none\"", NULL},
	{"upsert interface name=x device=eth9 vrf=", INVALID, R "interface.vrf", "empty", NULL},
	{"upsert interface name=x device=eth9 vrf=red additional_macs[0]=01:00:5e:00:00:12", INVALID,
	 R "interface.additional_macs[0]", "multicast", NULL},
	{"upsert interface name=x device=lo vrf=red", INVALID, R "interface.device", "loopback", NULL},
	{"upsert interface name=x device=a/b vrf=red", INVALID, R "interface.device", "not a device name", NULL},
	{"upsert interface name=x device=a~b vrf=red", INVALID, R "interface.device", "not a device name", NULL},
	{"upsert interface name=x device=0123456789abcdef vrf=red", INVALID, R "interface.device", "1 to 15", NULL},
	{"upsert interface name=0123456789abcdef vrf=red", INVALID, R "interface.device", "is needed", NULL},
	{"upsert interface name=x vrf=red vlan_id=4095", INVALID, R "interface.vlan_id", "0 to 4094", NULL},
	{"upsert interface name=x vrf=red vlan_id=1 inner_vlan_id=4095", INVALID, R "interface.inner_vlan_id",
	 "0 to 4094", NULL},
	{"upsert interface name=x vrf=red inner_vlan_id=5", INVALID, R "interface.inner_vlan_id", "needs vlan_id",
	 NULL},
	{"upsert interface name=x device=eth1 vrf=blue", INVALID, R "interface.device", "interface \"in1\"", NULL},
	{"upsert interface name=x device=eth3 vlan_id=7 vrf=blue", INVALID, R "interface.device", "interface \"in2\"",
	 NULL},
	{"upsert interface name=x device=eth9 vrf=red", INVALID, "changes[1].resource.interface.device",
	 "interface \"x\"", "upsert interface name=y device=eth9 vrf=red"},
	/* tunnel endpoint */
	{"upsert tunnel_endpoint name=x kind=0 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under",
	 INVALID, R "tunnel_endpoint.kind", "TUNNEL_KIND_VXLAN", NULL},
	{"upsert tunnel_endpoint name=x kind=9 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under",
	 INVALID, R "tunnel_endpoint.kind", "9 is not", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2 remote_address=192.0.2.3 underlay_vrf=under",
	 INVALID, R "tunnel_endpoint.local_address", "not an IPv4 or IPv6", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=0.0.0.0 remote_address=192.0.2.3 underlay_vrf=under",
	 INVALID, R "tunnel_endpoint.local_address", "not the address of a host", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=224.0.0.1 underlay_vrf=under",
	 INVALID, R "tunnel_endpoint.remote_address", "multicast", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=2001:db8::1 underlay_vrf=under",
	 INVALID, R "tunnel_endpoint.remote_address", "family", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=192.0.2.1 underlay_vrf=under",
	 INVALID, R "tunnel_endpoint.remote_address", "local address too", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=::ffff:192.0.2.1 remote_address=2001:db8::1 "
	 "underlay_vrf=under",
	 INVALID, R "tunnel_endpoint.local_address", "IPv4-mapped", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "udp_port=65536",
	 INVALID, R "tunnel_endpoint.udp_port", "0 to 65535", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "udp_checksum=3",
	 INVALID, R "tunnel_endpoint.udp_checksum", "UDP_CHECKSUM_ZERO or UDP_CHECKSUM_COMPUTED", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=none",
	 INVALID, R "tunnel_endpoint.underlay_vrf", "no VRF \"none\"", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "vni_bindings[0].vni=0 vni_bindings[0].vrf=red",
	 INVALID, R "tunnel_endpoint.vni_bindings[0].vni", "1 to 16777215", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "vni_bindings[0].vni=5 vni_bindings[0].vrf=none",
	 INVALID, R "tunnel_endpoint.vni_bindings[0].vrf", "no VRF", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "vni_bindings[0].vni=5 vni_bindings[0].vrf=red vni_bindings[1].vni=5 vni_bindings[1].vrf=blue",
	 INVALID, R "tunnel_endpoint.vni_bindings[1].vni", "same as vni_bindings[0]", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "vni_bindings[0].vni=100 vni_bindings[0].vrf=blue",
	 INVALID, R "tunnel_endpoint.vni_bindings[0].vni", "bound to VRF \"red\"", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=192.0.2.2 underlay_vrf=under "
	 "udp_port=4789",
	 INVALID, R "tunnel_endpoint.remote_address", "tunnel endpoint \"t1\"", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=red "
	 "vni_bindings[0].vni=5 vni_bindings[0].vrf=red",
	 INVALID, R "tunnel_endpoint.underlay_vrf", "circular", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=red "
	 "vni_bindings[0].vni=5 vni_bindings[0].vrf=under",
	 INVALID, R "tunnel_endpoint.underlay_vrf", "circular", NULL},
	{"upsert tunnel_endpoint name=t1 kind=1 local_address=192.0.2.1 remote_address=192.0.2.2 underlay_vrf=under "
	 "vni_bindings[0].vni=200 vni_bindings[0].vrf=blue",
	 ERROR_FAILED_PRECONDITION, R "tunnel_endpoint.vni_bindings", "next hop \"th\" still uses VNI 100", NULL},
	{"upsert tunnel_endpoint name=x kind=2 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	 "udp_port=4789",
	 INVALID, R "tunnel_endpoint.udp_port", "VXLAN tunnels use this UDP port", NULL},
	{"delete tunnel_endpoint name=t1", ERROR_FAILED_PRECONDITION, "changes[0].resource", "next hop \"th\"", NULL},
	/* next hop */
	{"upsert next_hop name=x", INVALID, R "next_hop", "no target", NULL},
	{"upsert next_hop name=x gateway.interface=none gateway.address=192.0.2.9", INVALID,
	 R "next_hop.gateway.interface", "no interface \"none\"", NULL},
	{"upsert next_hop name=x gateway.interface=up gateway.address=", INVALID, R "next_hop.gateway.address", "empty",
	 NULL},
	{"upsert next_hop name=x gateway.interface=up gateway.address=::", INVALID, R "next_hop.gateway.address",
	 "unspecified", NULL},
	{"upsert next_hop name=x gateway.interface=up gateway.address=ff02::1", INVALID, R "next_hop.gateway.address",
	 "multicast", NULL},
	{"upsert next_hop name=x gateway.interface=up gateway.address=255.255.255.255", INVALID,
	 R "next_hop.gateway.address", "broadcast", NULL},
	{"upsert next_hop name=x gateway.interface=up gateway.address=127.0.0.1", INVALID, R "next_hop.gateway.address",
	 "loopback", NULL},
	{"upsert next_hop name=x gateway.interface=up gateway.address=192.0.2.9 gateway.mac=01:00:5e:00:00:01", INVALID,
	 R "next_hop.gateway.mac", "multicast", NULL},
	{"upsert next_hop name=x tunnel.tunnel_endpoint=none tunnel.vni=5 tunnel.mac=02:00:00:00:00:01", INVALID,
	 R "next_hop.tunnel.tunnel_endpoint", "no tunnel endpoint", NULL},
	{"upsert next_hop name=x tunnel.tunnel_endpoint=t1 tunnel.vni=5 tunnel.mac=02:00:00:00:00:01", INVALID,
	 R "next_hop.tunnel.vni", "VNI 5 is not bound", NULL},
	{"upsert next_hop name=x tunnel.tunnel_endpoint=t1 tunnel.vni=16777216 tunnel.mac=02:00:00:00:00:01", INVALID,
	 R "next_hop.tunnel.vni", "16777215", NULL},
	{"upsert next_hop name=x tunnel.tunnel_endpoint=t1 tunnel.vni=100", INVALID, R "next_hop.tunnel.mac", "empty",
	 NULL},
	{"upsert next_hop name=gw6 gateway.interface=up gateway.address=192.0.2.9", INVALID,
	 R "next_hop.gateway.address", "IPv6 routes use", NULL},
	{"delete next_hop name=gw4", ERROR_FAILED_PRECONDITION, "changes[0].resource", "next-hop group \"g4\"", NULL},
	/* next-hop group */
	{"upsert next_hop_group name=x", INVALID, R "next_hop_group.members", "0 members", NULL},
	{"upsert next_hop_group name=x members[0].next_hop=none", INVALID, R "next_hop_group.members[0].next_hop",
	 "no next hop \"none\"", NULL},
	{"upsert next_hop_group name=x members[0].next_hop=gw4 members[0].weight=101", INVALID,
	 R "next_hop_group.members[0].weight", "0 to 100", NULL},
	{"upsert next_hop_group name=x members[0].next_hop=gw4 members[1].next_hop=gw4", INVALID,
	 R "next_hop_group.members[1].next_hop", "same as members[0]", NULL},
	{"upsert next_hop_group name=g6 members[0].next_hop=drop members[1].next_hop=gw4", INVALID,
	 R "next_hop_group.members[1].next_hop", "1 IPv6 routes use the group", NULL},
	{"delete next_hop_group name=g4", ERROR_FAILED_PRECONDITION, "changes[0].resource", "route \"red/10.0.0.0/8\"",
	 NULL},
	/* route */
	{"upsert route vrf=red prefix=203.0.113.5/24 next_hop_group=g4", INVALID, R "route.prefix",
	 "203.0.113.5/24 has bits set beyond /24: write 203.0.113.0/24", NULL},
	{"upsert route vrf=red prefix=2001:db8::1/64 next_hop_group=g6", INVALID, R "route.prefix",
	 "write 2001:db8::/64", NULL},
	{"upsert route vrf=red prefix=10.0.0.0/33 next_hop_group=g4", INVALID, R "route.prefix", "at most /32", NULL},
	{"upsert route vrf=red prefix=10.0.0.0 next_hop_group=g4", INVALID, R "route.prefix", "not a prefix", NULL},
	{"upsert route vrf=red prefix=224.0.0.0/4 next_hop_group=g4", INVALID, R "route.prefix", "never match", NULL},
	{"upsert route vrf=red prefix=127.1.0.0/16 next_hop_group=g4", INVALID, R "route.prefix", "loopback", NULL},
	{"upsert route vrf=red prefix=0.1.0.0/16 next_hop_group=g4", INVALID, R "route.prefix", "never match", NULL},
	{"upsert route vrf=red prefix=ff0e::/16 next_hop_group=g6", INVALID, R "route.prefix", "multicast", NULL},
	{"upsert route vrf=red prefix=fe80::/64 next_hop_group=g6", INVALID, R "route.prefix", "link-local", NULL},
	{"upsert route vrf=red prefix=::ffff:10.0.0.0/104 next_hop_group=g6", INVALID, R "route.prefix",
	 "write them as IPv4", NULL},
	{"upsert flow_classifier name=x vrf=red source_prefix=239.0.0.0/8", INVALID, R "flow_classifier.source_prefix",
	 "never match", NULL},
	{"upsert route vrf=none prefix=10.0.0.0/8 next_hop_group=g4", INVALID, R "route.vrf", "no VRF", NULL},
	{"upsert route vrf=red prefix=10.0.0.0/9 next_hop_group=none", INVALID, R "route.next_hop_group",
	 "no next-hop group", NULL},
	{"upsert route vrf=red prefix=2001:db8::/32 next_hop_group=g4", INVALID, R "route.next_hop_group",
	 "has an IPv4 gateway", NULL},
	/* port pair and group */
	{"upsert port_pair name=x ingress=up egress=up", INVALID, R "port_pair.egress", "same interface", NULL},
	{"upsert port_pair name=x ingress=none egress=up", INVALID, R "port_pair.ingress", "no interface", NULL},
	{"upsert port_pair name=x ingress=up egress=in1", INVALID, R "port_pair.egress", "port pair \"p1\"", NULL},
	{"upsert port_pair_group name=x", INVALID, R "port_pair_group.port_pairs", "0 port pairs", NULL},
	{"upsert port_pair_group name=x port_pairs[0]=none", INVALID, R "port_pair_group.port_pairs[0]", "no port pair",
	 NULL},
	{"upsert port_pair_group name=x port_pairs[0]=p1", INVALID, R "port_pair_group.port_pairs[0]",
	 "port pair group \"s1\"", NULL},
	{"upsert port_pair_group name=s1 port_pairs[0]=p1 port_pairs[1]=p1", INVALID, R "port_pair_group.port_pairs[1]",
	 "same as", NULL},
	{"upsert port_pair_group name=s1 port_pairs[0]=p1 failure_mode=3", INVALID, R "port_pair_group.failure_mode",
	 "0 to 2", NULL},
	/* rate limiter, QoS policy */
	{"upsert rate_limiter name=x rate=1000000 burst=1499", INVALID, R "rate_limiter.burst", "1500 to 1250000",
	 NULL},
	{"upsert rate_limiter name=x rate=8000 excess_burst=1500", INVALID, R "rate_limiter.excess_burst",
	 "without excess_rate", NULL},
	{"upsert rate_limiter name=x rate=8000 source_length_ipv6=64", INVALID, R "rate_limiter.source_length_ipv6",
	 "scope is SOURCE", NULL},
	{"upsert qos_policy name=x", INVALID, R "qos_policy", "does nothing", NULL},
	{"upsert qos_policy name=x dscp=1 excess_dscp=2", INVALID, R "qos_policy.excess_dscp", "needs a rate_limiter",
	 NULL},
	{"upsert rate_limiter name=x rate=8000", INVALID, "changes[1].resource.qos_policy.excess_dscp",
	 "has no excess_rate", "upsert qos_policy name=x rate_limiter=x excess_dscp=2"},
	/* flow classifier */
	{"upsert flow_classifier name=x vrf=none", INVALID, R "flow_classifier.vrf", "no VRF", NULL},
	{"upsert flow_classifier name=x vrf=red priority=65536", INVALID, R "flow_classifier.priority", "65535", NULL},
	{"upsert flow_classifier name=x vrf=red protocol=47", INVALID, R "flow_classifier.protocol", "47 is not", NULL},
	{"upsert flow_classifier name=x vrf=red source_prefix=10.0.0.1/8", INVALID, R "flow_classifier.source_prefix",
	 "write 10.0.0.0/8", NULL},
	{"upsert flow_classifier name=x vrf=red source_prefix=10.0.0.0/8 destination_prefix=2001:db8::/32", INVALID,
	 R "flow_classifier.destination_prefix", "family", NULL},
	{"upsert flow_classifier name=x vrf=red source_prefix=10.0.0.0/8 protocol=58", INVALID,
	 R "flow_classifier.protocol", "ICMPv6 does not occur in IPv4", NULL},
	{"upsert flow_classifier name=x vrf=red source_ports.first=80", INVALID, R "flow_classifier.source_ports",
	 "needs protocol", NULL},
	{"upsert flow_classifier name=x vrf=red protocol=6 source_ports.first=80 source_ports.last=79", INVALID,
	 R "flow_classifier.source_ports.last", "below first", NULL},
	{"upsert flow_classifier name=x vrf=red protocol=6 source_ports.first=65536", INVALID,
	 R "flow_classifier.source_ports.first", "65535", NULL},
	{"upsert flow_classifier name=x vrf=red protocol=6 destination_ports=", INVALID,
	 R "flow_classifier.destination_ports.first", "names no port", NULL},
	{"delete flow_classifier name=web", ERROR_FAILED_PRECONDITION, "changes[0].resource", "port chain \"c1\"",
	 NULL},
	/* port chain */
	{"upsert port_chain name=x port_pair_groups[0]=s2", INVALID, R "port_chain.flow_classifiers", "0 names", NULL},
	{"upsert port_chain name=x flow_classifiers[0]=rest", INVALID, R "port_chain.port_pair_groups", "0 names",
	 NULL},
	{"upsert port_chain name=x flow_classifiers[0]=none port_pair_groups[0]=s2", INVALID,
	 R "port_chain.flow_classifiers[0]", "no flow classifier", NULL},
	{"upsert port_chain name=x flow_classifiers[0]=rest port_pair_groups[0]=none", INVALID,
	 R "port_chain.port_pair_groups[0]", "no port pair group", NULL},
	{"upsert port_chain name=x flow_classifiers[0]=web port_pair_groups[0]=s2", INVALID,
	 R "port_chain.flow_classifiers[0]", "port chain \"c1\"", NULL},
	{"upsert port_chain name=x flow_classifiers[0]=rest port_pair_groups[0]=s1", INVALID,
	 R "port_chain.port_pair_groups[0]", "port chain \"c1\"", NULL},
	{"upsert port_chain name=x flow_classifiers[0]=rest port_pair_groups[0]=s2 port_pair_groups[1]=s2", INVALID,
	 R "port_chain.port_pair_groups[1]", "same as", NULL},
	{"upsert flow_classifier name=blu vrf=blue", INVALID, "changes[1].resource.port_chain.flow_classifiers[1]",
	 "one VRF", "upsert port_chain name=c1 flow_classifiers[0]=web flow_classifiers[1]=blu port_pair_groups[0]=s1"},
	/* order inside a commit is free, and so is where the fault is */
	{"upsert vrf name=fine", INVALID, "changes[1].resource.route.next_hop_group", "no next-hop group",
	 "upsert route vrf=fine prefix=10.0.0.0/8 next_hop_group=gone"},
};

static void test_rules(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *rule = &rules[i];

		must_refuse(&fixture, rule->code, rule->field, rule->text, LINES(rule->line, rule->more));
	}
	fixture_free(&fixture);
}

/* All faults of a request are told, with their own paths. */
static void test_all_faults(void **state)
{
	struct fixture fixture;
	struct error error;

	(void)state;
	fixture_new(&fixture);
	assert_null(apply(&fixture, &error,
			  LINES("upsert interface name=a/b device=x~y vlan_id=5000", "upsert vrf name=fine",
				"upsert route vrf=red prefix=10.0.0.1/8")));
	assert_int_equal(error.count, 6);
	assert_string_equal(error.fault[0].field, "changes[0].resource.interface.name");
	assert_string_equal(error.fault[1].field, "changes[0].resource.interface.device");
	assert_string_equal(error.fault[2].field, "changes[0].resource.interface.vrf");
	assert_string_equal(error.fault[3].field, "changes[0].resource.interface.vlan_id");
	assert_string_equal(error.fault[4].field, "changes[2].resource.route.prefix");
	assert_string_equal(error.fault[5].field, "changes[2].resource.route.next_hop_group");
	fixture_free(&fixture);
}

static void test_classifier_moves(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	must_apply(&fixture, LINES("upsert port_chain name=c1 flow_classifiers[0]=web flow_classifiers[1]=rest "
				   "port_pair_groups[0]=s1"));
	must_refuse(&fixture, INVALID, R "flow_classifier.vrf", "flow classifier \"web\"",
		    LINES("upsert flow_classifier name=rest vrf=blue"));
	/* Both together may move. */
	must_apply(&fixture,
		   LINES("upsert flow_classifier name=rest vrf=blue", "upsert flow_classifier name=web vrf=blue"));
	fixture_free(&fixture);
}

/* What is given up in a commit is free in the same commit, wherever it stands in the list. */
static void test_order_is_free(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	must_apply(&fixture, LINES("upsert interface name=in1 device=eth2 vrf=red",
				   "upsert interface name=out1 device=eth1 vrf=red"));
	must_apply(&fixture, LINES("upsert port_pair_group name=s1 port_pairs[0]=p2",
				   "upsert port_pair_group name=s2 port_pairs[0]=p1"));
	must_apply(&fixture, LINES("upsert route vrf=green prefix=0.0.0.0/0 next_hop_group=g9",
				   "upsert next_hop_group name=g9 members[0].next_hop=n9",
				   "upsert next_hop name=n9 discard=", "upsert vrf name=green"));
	must_apply(&fixture, LINES("delete vrf name=green", "delete next_hop name=n9", "delete next_hop_group name=g9",
				   "delete route vrf=green prefix=0.0.0.0/0"));
	fixture_free(&fixture);
}

static void test_longer_cycle(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture,
		   LINES("upsert vrf name=a", "upsert vrf name=b", "upsert vrf name=c",
			 "upsert tunnel_endpoint name=ab kind=1 local_address=192.0.2.1 remote_address=192.0.2.2 "
			 "underlay_vrf=a vni_bindings[0].vni=1 vni_bindings[0].vrf=b",
			 "upsert tunnel_endpoint name=bc kind=2 local_address=192.0.2.1 remote_address=192.0.2.2 "
			 "underlay_vrf=b vni_bindings[0].vni=1 vni_bindings[0].vrf=c"));
	must_refuse(&fixture, INVALID, R "tunnel_endpoint.underlay_vrf", "circular",
		    LINES("upsert tunnel_endpoint name=ca kind=1 local_address=192.0.2.1 remote_address=192.0.2.2 "
			  "underlay_vrf=c vni_bindings[0].vni=1 vni_bindings[0].vrf=a"));
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_all_faults),
		cmocka_unit_test(test_classifier_moves),
		cmocka_unit_test(test_order_is_free),
		cmocka_unit_test(test_longer_cycle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
