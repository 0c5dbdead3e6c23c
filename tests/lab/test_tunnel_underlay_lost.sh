#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two tunnels share the flows of a route. When the underlay's way to one of them is lost, whatever the cause, all flows
# take the other one, both the tunnel and the next hop into it say why they are not programmed, and they come back.
#
#   client --- cl0 sluice un1 --- vtep1 (172.16.1.2)
#                         un2 --- vtep2 (172.16.2.2)
. "$(dirname "$0")/lib.sh"

FLOWS=100

sent() { state tunnel_endpoint "$1" sent.packets; }

second_is() { [ "$(state next_hop t2 programmed)" = "$1" ]; }

# How many of FLOWS flows each tunnel gets.
shares() {
	local before1 before2

	before1=$(sent v1) before2=$(sent v2)
	at client /usr/bin/python3 - "$FLOWS" <<-'PY'
		import socket, sys
		for port in range(20000, 20000 + int(sys.argv[1])):
		    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
		        s.bind(("10.1.0.2", port))
		        s.sendto(b"x", ("10.9.0.1", 7))
	PY
	wait_for 5 "the flows to be counted" eval "(( \$(sent v1) + \$(sent v2) - $before1 - $before2 >= FLOWS ))"
	echo "$(($(sent v1) - before1)) $(($(sent v2) - before2))"
}

# expect_lost REASON: the second tunnel is out of use for this reason, and no flow is lost.
expect_lost() {
	local share

	wait_for 10 "the tunnel that is lost" second_is not_programmed
	state tunnel_endpoint v2 reason | grep -q "$1" || fail "v2 says: $(state tunnel_endpoint v2 reason)"
	share=$(shares)
	[ "$share" = "$FLOWS 0" ] || fail "$1: shares $share"
}

expect_both() {
	local share

	wait_for 10 "the tunnel that comes back" second_is programmed
	share=$(shares)
	((${share#* } > FLOWS / 4 && ${share% *} > FLOWS / 4)) || fail "$1: shares $share"
}

add_ns client sluice vtep1 vtep2
add_link client eth0 sluice cl0
for i in 1 2; do
	add_link sluice "un$i" "vtep$i" eth0 1600
	address sluice "un$i" "172.16.$i.1/24"
	address "vtep$i" eth0 "172.16.$i.2/24"
done
address client eth0 10.1.0.2/24
address sluice cl0 10.1.0.1/24
ip -n "$(ns client)" route add default via 10.1.0.1
start_sluiced sluice
route2='{vrf: underlay, prefix: 172.16.2.2/32, next_hop_group: under2}'
apply <<YAML
vrf: [{name: underlay}, {name: tenant}]
interface: [{name: un1, vrf: underlay, connected: "off"}, {name: un2, vrf: underlay, connected: "off"}, {name: cl0, vrf: tenant}]
tunnel_endpoint:
  - {name: v1, kind: vxlan, local_address: 172.16.1.1, remote_address: 172.16.1.2, underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: tenant}]}
  - {name: v2, kind: vxlan, local_address: 172.16.2.1, remote_address: 172.16.2.2, underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: tenant}]}
next_hop:
  - {name: under1, gateway: {interface: un1, address: 172.16.1.2}}
  - {name: under2, gateway: {interface: un2, address: 172.16.2.2}}
  - {name: t1, tunnel: {tunnel_endpoint: v1, vni: 100, mac: "02:00:00:00:00:01"}}
  - {name: t2, tunnel: {tunnel_endpoint: v2, vni: 100, mac: "02:00:00:00:00:02"}}
next_hop_group:
  - {name: under1, members: [{next_hop: under1}]}
  - {name: under2, members: [{next_hop: under2}]}
  - {name: both, members: [{next_hop: t1}, {next_hop: t2}]}
route:
  - {vrf: underlay, prefix: 172.16.1.2/32, next_hop_group: under1}
  - $route2
  - {vrf: tenant, prefix: 10.9.0.0/16, next_hop_group: both}
YAML
wait_for 20 "the next hops" programmed next_hops
expect_both "at the start"

ip -n "$(ns vtep2)" link set eth0 down
expect_lost "no gateway"
ip -n "$(ns vtep2)" link set eth0 up
expect_both "the link is back"

ctl delete route underlay/172.16.2.2/32 -y >/dev/null
expect_lost "no route"
apply <<<"route: [$route2]"
expect_both "the route is back"
