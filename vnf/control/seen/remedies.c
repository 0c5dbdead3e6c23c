/* SPDX-License-Identifier: Apache-2.0 */
/* What there is to be done about a verdict; a test holds that every reason to drop has its sentence. */
#include "vnf/control/seen/verdict.h"

#include "api/dp/reason.h"

#define REMEDY(name) [DP_REASON_##name]

static const char *const remedies[DP_REASON_COUNT] = {
	REMEDY(unmanaged_port) = "add an interface with this device and vlan_id, if the router is to route it",

	/* Ethernet and IP headers */
	REMEDY(malformed_ethernet) = "look at who sends it: send at most two VLAN tags, and whole headers",
	REMEDY(malformed_ipv4) = "look at who sends it: capture the packet and read its IPv4 header",
	REMEDY(malformed_ipv6) = "look at who sends it: capture the packet and read its IPv6 headers",
	REMEDY(bad_ipv4_checksum) = "look at the sender and the cables: the header was changed on its way",
	REMEDY(wrong_mac) = "send to the MAC of the interface (sluicectl show interface), or give it additional_macs",
	REMEDY(martian_source) = "give the sender an address that may be routed: not loopback, multicast or 0.0.0.0",
	REMEDY(martian_destination) = "send to an address that may be routed: not loopback or 0.0.0.0/8",
	REMEDY(source_route) = "have the sender leave out the source route, which no router here follows",
	REMEDY(bad_option) = "have the sender leave out the IP option, or give it its right length",

	/* tunnels */
	REMEDY(malformed_vxlan) = "look at the remote VTEP: does it send VXLAN (RFC 7348) to this UDP port?",
	REMEDY(malformed_geneve) = "look at the remote VTEP: does it send Geneve (RFC 8926) to this UDP port?",
	REMEDY(malformed_gue) = "look at the remote end: does it send GUE of variant 0 without flags, or 1?",
	REMEDY(geneve_critical_option) = "have the remote VTEP send no Geneve options that are critical",
	REMEDY(tunnel_fragment) =
		"raise the MTU of the underlay, or lower that of the tenants: outer packets must not be fragmented",
	REMEDY(bad_udp_checksum) =
		"look at the remote VTEP's checksum offload, or have it send outer UDP checksums of zero",
	REMEDY(unknown_vni) = "bind the VNI to a VRF in vni_bindings of the tunnel endpoint",
	REMEDY(unknown_vtep) = "add a tunnel endpoint with this remote address, and the VNI in its vni_bindings",
	REMEDY(inner_malformed) = "look at the host behind the remote VTEP: the inner frame is cut short",
	REMEDY(inner_not_ip) = "nothing is bridged here: only IPv4 and IPv6 are taken from a tunnel",
	REMEDY(inner_wrong_mac) = "send inner frames to the VRF's router_mac (sluicectl show vrf)",
	REMEDY(inner_local) = "reach the router's address by an interface of its VRF, not through a tunnel",
	REMEDY(ecn_not_capable) = "nothing is wrong here: the underlay is congested, and the inner packet knows no ECN",

	/* routes */
	REMEDY(no_route) = "add a route of the VRF to the destination, or a default route",
	REMEDY(discard) = "change the route's next_hop_group, whose next hop discards, if the packet is to pass",
	REMEDY(discard_unreachable) =
		"change the route's next_hop_group, whose next hop discards, if the packet is to pass",
	REMEDY(discard_prohibited) =
		"change the route's next_hop_group, whose next hop discards, if the packet is to pass",
	REMEDY(kernel_forwarding_off) =
		"add a route of the VRF, or set net.ipv4.ip_forward (net.ipv6.conf.all.forwarding) to 1",
	REMEDY(kernel_route_elsewhere) = "add an interface for the device of the kernel's route, in this VRF",
	REMEDY(kernel_route_unsupported) = "add a route of the VRF in place of the kernel's",
	REMEDY(no_next_hop) =
		"look at the next hops of the route's group (sluicectl show next-hops): none is programmed",
	REMEDY(unresolved) =
		"look at the neighbour and its link: it does not answer ARP or neighbour discovery; or give its MAC",
	REMEDY(ttl_expired) = "look for a loop of routes, or send with a higher TTL",
	REMEDY(too_big) =
		"raise the MTU of the way out, or lower the sender's; path MTU discovery needs ICMP errors to pass",
	REMEDY(tunnel_no_route) = "add a route of the underlay VRF to the tunnel's remote address",
	REMEDY(tunnel_loop) = "route the tunnel's remote address to a gateway: no tunnel is carried in another",

	/* chains, policy, limits */
	REMEDY(unclassified) = "have the sender send no fragments, or make the chain's groups fail open (failure_mode)",
	REMEDY(chain_stage_down) =
		"look at the port pairs of the chain's groups, or make the group fail open (failure_mode)",
	REMEDY(denied) = "look at the rule named above; where none is, no rule of the security groups allows the "
			 "packet: add one",
	REMEDY(rejected) = "look at the rule named above: change it, or add one of a lower priority number that allows",
	REMEDY(connection_reset) = "begin the connection anew, or let the rules keep it (established: KEEP)",
	REMEDY(connection_table_full) = "raise limits.max_connections in sluiced.yaml, or set on_full of the "
					"conntrack profile to PASS_UNTRACKED",
	REMEDY(rate_limited) = "raise the rate or burst of the QoS policy's rate limiter",
	REMEDY(unsolicited_response) = "take the port out of the profile's amplification_ports, or raise its rate",
	REMEDY(syn_challenged) = "nothing is wrong: the sender repeats its SYN, and is let in then",

	/* services */
	REMEDY(no_listener) = "add a listener of the load balancer for this protocol and port",
	REMEDY(no_member) = "look at the pool's members (sluicectl show members): none takes flows",
	REMEDY(member_down) = "nothing is wrong here: the flow's member is down, and the client begins a new one",
	REMEDY(pool_full) = "raise member_connection_limit of the pool, add members, or name an overflow_pool",
	REMEDY(service_clash) = "have the client use another source port, or one VIP for the member",

	/* the router itself */
	REMEDY(not_for_us) = "ask for an address of the router in this VRF (gateway_addresses)",
	REMEDY(no_socket) = "use the VRF whose sockets are the host's (Vrf.kernel), or give it that",
	REMEDY(multicast_not_routed) = "send unicast: multicast is not routed",
	REMEDY(directed_broadcast) = "send to hosts, one by one: broadcasts to a link are not routed",
	REMEDY(link_broadcast) = "send to the router's MAC: a frame to many is not routed",
	REMEDY(state_unknown) = "commit an interface on this device, or set on_unknown_state: forward in sluiced.yaml",
	REMEDY(no_headroom) = "use a driver with 256 bytes of headroom, or attach by generic XDP",
	REMEDY(inconsistent) = "report it, with the output of \"sluicectl explain -o json\": it is a defect",
};

const char *reason_remedy(uint32_t reason)
{
	return reason < DP_REASON_COUNT && remedies[reason] ? remedies[reason] : "";
}
