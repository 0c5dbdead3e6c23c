#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A segment 10.0.0.0/24 of tenant red is stretched over two VTEPs, which flood to Sluice alone: it answers for hosts of
# the segment with their MACs, and with its own for a host that is elsewhere.
#
#   a  10.0.0.10, vx100 of h1 172.16.0.11 -.
#   b  10.0.0.20, vx100 of h2 172.16.0.12 --- switch --- under0 172.16.0.1 sluice c0 --- 10.0.0.50 c
. "$(dirname "$0")/lib.sh"

add_ns switch h1 h2 a b c sluice
ip -n "$(ns switch)" link add br0 type bridge
ip -n "$(ns switch)" link set br0 up
for name in h1 h2 sluice; do
	add_link switch "to-$name" "$name" under0 1600
	ip -n "$(ns switch)" link set "to-$name" master br0
done
address sluice under0 172.16.0.1/24
# tenant NAME VTEP NUMBER HOST: 10.0.0.HOST and 2001:db8:a::HOST behind 172.16.0.NUMBER
tenant() {
	address "$2" under0 "172.16.0.$3/24"
	ip -n "$(ns "$2")" link add vx100 address "02:00:00:00:00:$4" mtu 1500 type vxlan id 100 local "172.16.0.$3" \
		remote 172.16.0.1 dstport 4789 nolearning
	ip -n "$(ns "$2")" link set vx100 netns "$(ns "$1")"
	ip -n "$(ns "$1")" link set vx100 up
	address "$1" vx100 "10.0.0.$4/24"
	address "$1" vx100 "2001:db8:a::$4/64" nodad
}
tenant a h1 11 10
tenant b h2 12 20
# Which VTEP a MAC is behind, the controller of the segment says.
at a bridge fdb add 02:00:00:00:00:20 dev vx100 dst 172.16.0.12 self
at b bridge fdb add 02:00:00:00:00:10 dev vx100 dst 172.16.0.11 self
add_link c eth0 sluice c0
address c eth0 10.0.0.50/32
address c eth0 2001:db8:a::50/128 nodad
ip -n "$(ns c)" route add default via 10.0.0.1 dev eth0 onlink
ip -n "$(ns c)" -6 route add default via 2001:db8:a::1 dev eth0 onlink
start_sluiced sluice
apply <<'YAML'
vrf:
  - {name: underlay}
  - {name: red, gateway_addresses: [{address: 10.0.0.1/24}, {address: "2001:db8:a::1/64"}]}
interface: [{name: under0, vrf: underlay}, {name: c0, vrf: red, connected: "off"}]
tunnel_endpoint:
  - {name: h1, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.11, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: red}]}
  - {name: h2, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.12, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: red}]}
YAML
mac_c=$(mac c eth0)
apply <<YAML
neighbor:
  - {vrf: red, address: 10.0.0.10, mac: "02:00:00:00:00:10", proxy: suppress}
  - {vrf: red, address: 10.0.0.20, mac: "02:00:00:00:00:20", proxy: suppress}
  - {vrf: red, address: "2001:db8:a::20", mac: "02:00:00:00:00:20", proxy: suppress}
  - {vrf: red, address: "2001:db8:a::10", mac: "02:00:00:00:00:10", proxy: router}
  - {vrf: red, address: 10.0.0.50, proxy: router}
  - {vrf: red, address: "2001:db8:a::50", proxy: router}
  - {vrf: red, address: 10.0.0.60, proxy: router}
next_hop:
  - {name: a, tunnel: {tunnel_endpoint: h1, vni: 100, mac: "02:00:00:00:00:10"}}
  - {name: c, gateway: {interface: c0, address: 10.0.0.50, mac: "$mac_c"}}
next_hop_group: [{name: a, members: [{next_hop: a}]}, {name: c, members: [{next_hop: c}]}]
route:
  - {vrf: red, prefix: 10.0.0.10/32, next_hop_group: a}
  - {vrf: red, prefix: "2001:db8:a::10/128", next_hop_group: a}
  - {vrf: red, prefix: 10.0.0.50/32, next_hop_group: c}
YAML
apply <<YAML
next_hop: [{name: c6, gateway: {interface: c0, address: "2001:db8:a::50", mac: "$mac_c"}}]
next_hop_group: [{name: c6, members: [{next_hop: c6}]}]
route: [{vrf: red, prefix: "2001:db8:a::50/128", next_hop_group: c6}]
YAML
wait_for 15 "the next hops" programmed next_hops
wait_for 15 "the tunnel endpoints" programmed tunnel_endpoints

# neighbour HOST DEVICE ADDRESS MAC
neighbour() {
	local shown
	shown=$(ip -n "$(ns "$1")" neighbour show "$3" dev "$2")
	[[ $shown == *"lladdr $4"* ]] || fail "$1 has $3: $shown"
}
reaches() { at "$1" ping -c 2 -i 0.2 -W 2 "$2" >"$lab/ping" || fail "$1 to $2: $(cat "$lab/ping")"; }

# Suppressed: a and b talk past Sluice, and none heard a broadcast of the other.
reaches a 10.0.0.20
neighbour a vx100 10.0.0.20 02:00:00:00:00:20
[ "$(reason encapsulated)" = 0 ] || fail "packets between a and b went by way of the router"
# IPv6 in b's direction is answered with the router's MAC, and routed.
at b ping -c 1 -W 2 2001:db8:a::10 >"$lab/ping" || fail "b to a over IPv6: $(cat "$lab/ping")"
neighbour b vx100 2001:db8:a::10 "$router_mac"
# c is elsewhere, and a and b are for c.
reaches a 10.0.0.50
reaches a 2001:db8:a::50
neighbour a vx100 10.0.0.50 "$router_mac"
neighbour a vx100 2001:db8:a::50 "$router_mac"

# Is it still there? Asked of the router's MAC, which routes such packets otherwise.
ip -n "$(ns a)" neighbour change 2001:db8:a::50 dev vx100 nud probe
wait_for 2 "the answer to a probe" \
	eval "ip -n $(ns a) neighbour show 2001:db8:a::50 dev vx100 | grep -q REACHABLE"

# Without a route there is no answer; one that leads back is none, either.
at a ping -c 1 -W 1 10.0.0.60 >/dev/null && fail "10.0.0.60 is nobody's"
[[ $(ip -n "$(ns a)" neighbour show 10.0.0.60 dev vx100) != *lladdr* ]] || fail "an answer for who has no route"
apply <<<'route: [{vrf: red, prefix: 10.0.0.60/32, next_hop_group: a}]'
at a ping -c 1 -W 1 10.0.0.60 >/dev/null && fail "10.0.0.60 is nobody's"
[[ $(ip -n "$(ns a)" neighbour show 10.0.0.60 dev vx100) != *lladdr* ]] || fail "an answer for who is behind who asks"

# Duplicate address detection: b's address is taken, but not for b itself.
for host in a b; do
	at "$host" sysctl -qw net.ipv6.conf.vx100.accept_dad=1 net.ipv6.conf.vx100.dad_transmits=1
done
address a vx100 2001:db8:a::20/64
wait_for 10 "duplicate address detection" eval "ip -n $(ns a) -6 address show dev vx100 | grep -q dadfailed"
ip -n "$(ns b)" address del 2001:db8:a::20/64 dev vx100
address b vx100 2001:db8:a::20/64
wait_for 10 "the end of duplicate address detection" \
	eval "! ip -n $(ns b) -6 address show dev vx100 | grep -q tentative"
ip -n "$(ns b)" -6 address show dev vx100 | grep -q dadfailed && fail "b lost its own address"
at a arping -D -c 1 -w 2 -I vx100 10.0.0.20 >/dev/null && fail "arping -D finds 10.0.0.20 free"
(($(reason proxy_answered) >= 8)) || fail "proxy_answered: $(reason proxy_answered)"
stop_sluiced
