/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every reason that can end a packet's way, once: enum, name (API and CLI), verdict, and what it means with its source.
 * The position is the index of the reason's counter, so new ones go to the end of their block only between releases.
 */
#ifndef SLUICE_DP_REASON_H
#define SLUICE_DP_REASON_H

enum dp_verdict { DP_VERDICT_FORWARDED = 1, DP_VERDICT_PUNTED, DP_VERDICT_DROPPED, DP_VERDICT_ANSWERED };

/* X(name, verdict, description) */
#define DP_REASONS(X)                                                                                                  \
	X(forwarded, FORWARDED, "routed to a neighbour")                                                               \
	X(encapsulated, FORWARDED, "routed into a tunnel")                                                             \
	X(steered, FORWARDED, "sent to a stage of a port chain")                                                       \
	X(forwarded_by_kernel_route, FORWARDED, "routed to a neighbour by a route of the kernel's (Vrf.fallback)")     \
	X(resolving, FORWARDED,                                                                                        \
	  "to a host on a link, or a gateway of the kernel's, whose MAC the kernel asks for first (RFC 826, RFC 4861 " \
	  "7.2)")                                                                                                      \
	X(fragmented, FORWARDED, "sent on in fragments, as it is too large for its way (RFC 791 3.2)")                 \
	X(unmanaged_port, PUNTED, "arrived on a device or VLAN that no interface claims")                              \
	X(not_ip, PUNTED, "ARP, LLDP and whatever else is not IP")                                                     \
	X(neighbour_discovery, PUNTED, "IPv6 neighbour or router discovery (RFC 4861)")                                \
	X(multicast, PUNTED, "to a multicast or broadcast address")                                                    \
	X(local, PUNTED, "to an address of the router itself")                                                         \
	X(arp_answered, ANSWERED, "ARP request for an address of the router in its VRF (RFC 826)")                     \
	X(nd_answered, ANSWERED, "neighbour solicitation for one (RFC 4861 7.2.4)")                                    \
	X(proxy_answered, ANSWERED,                                                                                    \
	  "ARP request or neighbour solicitation for a neighbor that has `proxy` (RFC 9161)")                          \
	X(echo_answered, ANSWERED, "echo request to one (RFC 792, RFC 4443 4.2)")                                      \
	X(malformed_ethernet, DROPPED, "Ethernet or VLAN header cut short, or more than two tags")                     \
	X(malformed_ipv4, DROPPED, "IPv4 header cut short or inconsistent (RFC 1812 5.2.2)")                           \
	X(malformed_ipv6, DROPPED, "IPv6 header cut short or inconsistent (RFC 8200)")                                 \
	X(bad_ipv4_checksum, DROPPED, "IPv4 header checksum wrong (RFC 1812 5.2.2)")                                   \
	X(wrong_mac, DROPPED, "unicast frame for another station")                                                     \
	X(martian_source, DROPPED, "source address that no packet may carry (RFC 1812 5.3.7)")                         \
	X(martian_destination, DROPPED, "destination address that is never routed (RFC 1812 5.3.7)")                   \
	X(source_route, DROPPED, "IPv4 source route or IPv6 routing header type 0 (RFC 7126 4.3, RFC 5095)")           \
	X(bad_option, DROPPED,                                                                                         \
	  "IP option of a wrong length, or to the router itself and unknown to it (RFC 791 3.1, RFC 8200 4.2)")        \
	X(malformed_vxlan, DROPPED, "VXLAN header cut short or its I flag not set (RFC 7348 5)")                       \
	X(malformed_geneve, DROPPED, "Geneve header cut short, wrong version or options beyond it (RFC 8926 3)")       \
	X(malformed_gue, DROPPED, "GUE header cut short, of another variant, or with flags (draft-ietf-intarea-gue)")  \
	X(geneve_critical_option, DROPPED, "Geneve option that must be understood and is not (RFC 8926 3.5)")          \
	X(tunnel_fragment, DROPPED, "IP fragment of a tunnel packet")                                                  \
	X(bad_udp_checksum, DROPPED, "outer UDP checksum wrong (RFC 768, RFC 8200 8.1)")                               \
	X(unknown_vni, DROPPED, "tunnel packet with a VNI, or at an endpoint without VNIs, that is bound to no VRF")   \
	X(unknown_vtep, DROPPED, "tunnel packet from a VTEP that does not share this VNI, or VRF")                     \
	X(inner_malformed, DROPPED, "inner frame cut short or inconsistent")                                           \
	X(inner_not_ip, DROPPED, "inner frame carries neither IPv4 nor IPv6")                                          \
	X(inner_wrong_mac, DROPPED, "inner frame is not for the VRF's router MAC")                                     \
	X(inner_local, DROPPED, "inner packet for an address of the router: not reachable through a tunnel")           \
	X(ecn_not_capable, DROPPED,                                                                                    \
	  "congestion mark on a tunnel packet whose inner packet cannot carry it (RFC 6040)")                          \
	X(no_route, DROPPED, "no route to the destination in its VRF")                                                 \
	X(discard, DROPPED, "the route's next hop says drop, or it is a blackhole route of the kernel's")              \
	X(discard_unreachable, DROPPED, "the same, and the sender is told that there is no way (DiscardReason)")       \
	X(discard_prohibited, DROPPED, "the same, and the sender is told that it is not allowed (DiscardReason)")      \
	X(kernel_forwarding_off, DROPPED,                                                                              \
	  "no route but perhaps the kernel's, which does not forward: set net.ipv4.ip_forward or "                     \
	  "net.ipv6.conf.all.forwarding (Vrf.fallback)")                                                               \
	X(kernel_route_elsewhere, DROPPED,                                                                             \
	  "the kernel's route leads to a device that is no interface of the VRF (Vrf.fallback)")                       \
	X(kernel_route_unsupported, DROPPED,                                                                           \
	  "the kernel's route encapsulates, or the kernel cannot be asked for that table (Vrf.fallback)")              \
	X(no_next_hop, DROPPED, "the route's group has no usable member")                                              \
	X(unresolved, DROPPED,                                                                                         \
	  "the next hop's neighbour, or the host on a link, does not answer, or its link is down")                     \
	X(ttl_expired, DROPPED, "TTL or hop limit used up (RFC 1812 5.3.1)")                                           \
	X(too_big, DROPPED, "too large for the next link (RFC 1812 5.3.6, RFC 8200 5)")                                \
	X(tunnel_no_route, DROPPED, "no route to the remote VTEP in the underlay VRF")                                 \
	X(tunnel_loop, DROPPED, "the remote VTEP itself is behind a tunnel")                                           \
	X(unclassified, DROPPED, "ports out of reach, and a fail-closed chain is one of several that it may be for")   \
	X(chain_stage_down, DROPPED, "a fail-closed stage has no instance up")                                         \
	X(denied, DROPPED, "a rule of the VRF's policy, or no rule of the security groups, allows it")                 \
	X(rejected, DROPPED, "a rule of the VRF's policy rejects it, and the sender may be told")                      \
	X(connection_reset, DROPPED, "of a connection that does not go on by the new rules (Established)")             \
	X(connection_table_full, DROPPED, "would begin a connection, for which there is no room (OnFull)")             \
	X(rate_limited, DROPPED, "exceeds the rate of its QoS policy's limiter")                                       \
	X(unsolicited_response, DROPPED, "from a port of amplifiers, answers nothing and exceeds the profile's rate")  \
	X(syn_challenged, DROPPED, "SYN of a source that has yet to prove itself (DdosProfile)")                       \
	X(no_listener, DROPPED, "to a VIP, by a protocol and port that no listener takes")                             \
	X(no_member, DROPPED, "to a pool of which no member can take a flow")                                          \
	X(member_down, DROPPED, "of a flow whose member is down, gone or quarantined (on_member_down: RESET)")         \
	X(pool_full, DROPPED,                                                                                          \
	  "to a pool whose members have as many connections as they may (member_connection_limit)")                    \
	X(service_clash, DROPPED,                                                                                      \
	  "would reach a member from an address and port that reach it by another VIP already")                        \
	X(not_for_us, DROPPED, "ARP or neighbour discovery that is not for the router's addresses in its VRF")         \
	X(no_socket, DROPPED, "to an address of the router in a VRF that no socket of the host serves (Vrf.kernel)")   \
	X(multicast_not_routed, DROPPED, "to a multicast address beyond the link (RFC 1812 5.3.4)")                    \
	X(directed_broadcast, DROPPED, "to the broadcast address of a link (RFC 2644)")                                \
	X(link_broadcast, DROPPED, "to one host, in a frame to many (RFC 1812 5.3.4)")                                 \
	X(state_unknown, DROPPED, "on a port of a daemon before, whose state is not known (on_unknown_state: drop)")   \
	X(no_headroom, DROPPED, "the driver left no room for the new headers")                                         \
	X(inconsistent, DROPPED, "a table entry points outside its table: a defect, please report it")

enum dp_reason {
#define DP_REASON_ENUM(name, verdict, description) DP_REASON_##name,
	DP_REASONS(DP_REASON_ENUM)
#undef DP_REASON_ENUM
		DP_REASON_COUNT
};

#endif
