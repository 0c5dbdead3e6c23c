#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A path of tunnels that is narrower than the link that it begins with: Sluice hears of it from a router on the way, and
# tells whoever sends through the tunnel. What others say about it is not believed. Fragments of tunnel packets are
# refused, with a note that says what to do.
#
#   server --- up0 sluice un (1500) --- middle (a router) --- (1400) tenant: vx100, MTU 1350
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

transfer=(/usr/bin/python3 "$root/tests/lab/transfer.py")
add_ns tenant middle sluice server
add_link sluice un middle m0
add_link middle m1 tenant eth0
add_link sluice up0 server eth0
at middle sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n "$(ns middle)" link set m1 mtu 1400
ip -n "$(ns tenant)" link set eth0 mtu 1400
address sluice un 172.16.0.1/24
address middle m0 172.16.0.2/24
address middle m1 172.17.0.1/24
address tenant eth0 172.17.0.10/24
address sluice un 2001:db8:16::1/64
address middle m0 2001:db8:16::2/64
address middle m1 2001:db8:17::1/64
address tenant eth0 2001:db8:17::10/64
address sluice up0 10.9.0.1/24
address server eth0 10.9.0.2/24
ip -n "$(ns tenant)" route add 172.16.0.0/24 via 172.17.0.1
ip -n "$(ns tenant)" route add 2001:db8:16::/64 via 2001:db8:17::1
ip -n "$(ns server)" route add default via 10.9.0.1
start_sluiced sluice
apply <<'YAML'
vrf:
  - {name: underlay}
  - {name: tenant, mss_clamp: off, gateway_addresses: [{address: 10.0.0.1/24}]}
interface: [{name: un, vrf: underlay}, {name: up0, vrf: tenant}]
tunnel_endpoint:
  - {name: over4, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.17.0.10, underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: tenant}]}
  - {name: over6, kind: vxlan, local_address: "2001:db8:16::1", remote_address: "2001:db8:17::10", underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: tenant}]}
next_hop:
  - {name: middle4, gateway: {interface: un, address: 172.16.0.2}}
  - {name: middle6, gateway: {interface: un, address: "2001:db8:16::2"}}
  - {name: over4, tunnel: {tunnel_endpoint: over4, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: over6, tunnel: {tunnel_endpoint: over6, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
next_hop_group:
  - {name: middle4, members: [{next_hop: middle4}]}
  - {name: middle6, members: [{next_hop: middle6}]}
  - {name: tenant, members: [{next_hop: over4}]}
  - {name: server, members: [{next_hop: server}]}
route:
  - {vrf: underlay, prefix: 172.17.0.0/24, next_hop_group: middle4}
  - {vrf: underlay, prefix: "2001:db8:17::/64", next_hop_group: middle6}
  - {vrf: tenant, prefix: 10.0.0.0/24, next_hop_group: tenant}
  - {vrf: tenant, prefix: 10.9.0.0/24, next_hop_group: server}
YAML
wait_for 10 "the next hops" programmed next_hops

# over 4|6 MTU: the tenant's VXLAN device, and the way to it.
over() {
	local local_address=172.17.0.10 remote=172.16.0.1
	[ "$1" = 4 ] || local_address=2001:db8:17::10 remote=2001:db8:16::1
	ip -n "$(ns tenant)" link delete vx100 2>/dev/null || :
	ip -n "$(ns tenant)" link add vx100 address 02:00:00:00:00:0a type vxlan id 100 dstport 4789 \
		local $local_address remote $remote
	ip -n "$(ns tenant)" link set vx100 mtu "$2" up
	address tenant vx100 10.0.0.10/24
	ip -n "$(ns tenant)" route replace default via 10.0.0.1
	apply <<<"next_hop_group: [{name: tenant, members: [{next_hop: over$1}]}]"
	wait_for 10 "the tenant" at tenant ping -c 1 -W 1 10.9.0.2
}

smaller() { [ "$(path_mtu "$1")" = 1300 ]; }
path_mtu() { state tunnel_endpoint "over$1" tunnel_endpoint_status.path_mtu; }

# forged FAMILY REMOTE PORT: an error from the middle about a packet of the tunnel to that remote and port.
forged() {
	at middle /usr/bin/python3 - "$@" <<-'PYTHON'
		import logging, sys
		logging.getLogger("scapy").setLevel(logging.ERROR)
		from scapy.all import ICMP, IP, IPv6, ICMPv6PacketTooBig, UDP, Raw, send
		family, remote, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
		if family == "4":
		    about = IP(src="172.16.0.1", dst=remote, flags="DF", id=0, len=1500) / UDP(sport=50000, dport=port, len=1480) / Raw(bytes(64))
		    send(IP(dst="172.16.0.1") / ICMP(type=3, code=4, nexthopmtu=1300) / Raw(bytes(about)), verbose=0)
		else:
		    about = IPv6(src="2001:db8:16::1", dst=remote, plen=1460) / UDP(sport=50000, dport=port, len=1460) / Raw(bytes(64))
		    send(IPv6(dst="2001:db8:16::1") / ICMPv6PacketTooBig(mtu=1300) / Raw(bytes(about)), verbose=0)
	PYTHON
}

spawn tenant-end tenant "${transfer[@]}" serve
for family in 4 6; do
	remote=172.17.0.10
	[ $family = 4 ] || remote=2001:db8:17::10
	over $family 1350
	forged $family "$remote" 4790
	forged $family "${remote}1" 4789
	equal "$(path_mtu $family)" 0 "what is known of the path over IPv$family"
	# Each datagram that is lost is sent again once: one for the tunnel's path, one for the server's.
	at server "${transfer[@]}" send udp 10.0.0.10 2000000 1400 >"$lab/sent" || fail "UDP over IPv$family"
	read -r _ again <"$lab/sent"
	((again <= 96)) || fail "over IPv$family $again datagrams were sent again"
	equal "$(path_mtu $family)" 1400 "the path MTU over IPv$family"
	ip -n "$(ns server)" route flush cache
	at server "${transfer[@]}" send tcp 10.0.0.10 20000000 >"$lab/sent" || fail "TCP over IPv$family: $(cat "$lab/sent")"
	forged $family "$remote" 4789 # what it may say, this router of the path
	wait_for 5 "a smaller path MTU over IPv$family" smaller "$family"
done

# The tenant's packets do not fit: its kernel cuts outer IPv4 packets into fragments.
over 4 1500
at tenant "${transfer[@]}" send udp 10.9.0.2 1400 1400 >"$lab/sent" 2>&1 && fail "a fragmented packet arrived"
[[ $(state tunnel_endpoint over4 tunnel_endpoint_status.note) == *"fragments refused: raise the underlay's MTU"* ]] ||
	fail "the endpoint has no note: $(ctl show tunnel_endpoints)"
stop_sluiced
