#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Nothing leaves its VRF, tunnel or chain by another door: a million drawn frames of every kind of header, by a port of
# the VRF red, by its tunnel and by a stage of its chain, with the kernel's own forwarding on and off. None of them may
# come out at the VRF blue's host, by the kernel's default route, in the clear in the underlay, or at the server, which
# is behind a fail-closed chain whose firewall is down; and none may make a neighbour in the kernel there.
#
#   red 10.1.0.2 --- r0                          b0 10.7.0.1 --- blue 10.7.0.2
#   stages s1-in (down), s1-out --- s1-in, s1-out  sluice  mg 192.0.2.1 --- out 192.0.2.254, the kernel's default route
#   server 10.9.0.2 --- up0                      un 172.16.0.1 === vtep 172.16.0.2, VNI 100: 10.50.0.0/16
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"

count=1000000 seed=${SEED:-$RANDOM}
[ -x "$build/tests/ways_out/ways_out" ] || fail "there is no $build/tests/ways_out/ways_out: build it, or set SLUICE_BUILD"
echo "seed $seed: SEED=$seed tests/run.sh lab ways_out draws the same frames again"
add_ns red sluice blue out server vtep stages
add_link red eth0 sluice r0
add_link sluice b0 blue eth0
add_link sluice mg out eth0
add_link sluice up0 server eth0
add_link sluice un vtep eth0
add_stage stages s1
bridge_stage stages s1
address red eth0 10.1.0.2/24
address sluice r0 10.1.0.1/24
address red eth0 2001:db8:1::2/64
address sluice r0 2001:db8:1::1/64
address blue eth0 10.7.0.2/24
address sluice b0 10.7.0.1/24
address blue eth0 2001:db8:7::2/64
address sluice b0 2001:db8:7::1/64
address out eth0 192.0.2.254/24
address sluice mg 192.0.2.1/24
address out eth0 2001:db8:f::254/64
address sluice mg 2001:db8:f::1/64
address server eth0 10.9.0.2/24
address sluice up0 10.9.0.1/24
address server eth0 2001:db8:9::2/64
address sluice up0 2001:db8:9::1/64
address vtep eth0 172.16.0.2/24
address sluice un 172.16.0.1/24
ip -n "$(ns sluice)" route add default via 192.0.2.254
ip -n "$(ns sluice)" route add default via 2001:db8:f::254
start_sluiced sluice
apply <<'YAML'
vrf: [{name: red}, {name: blue}, {name: underlay}]
interface:
  - {name: r0, vrf: red}
  - {name: up0, vrf: red}
  - {name: s1-in, vrf: red}
  - {name: s1-out, vrf: red}
  - {name: b0, vrf: blue}
  - {name: un, vrf: underlay}
tunnel_endpoint:
  - {name: v, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.2, underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: red}]}
next_hop:
  - {name: vtep, gateway: {interface: un, address: 172.16.0.2}}
  - {name: t, tunnel: {tunnel_endpoint: v, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: red, gateway: {interface: r0, address: 10.1.0.2}}
  - {name: red6, gateway: {interface: r0, address: "2001:db8:1::2"}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
  - {name: server6, gateway: {interface: up0, address: "2001:db8:9::2"}}
  - {name: blue, gateway: {interface: b0, address: 10.7.0.2}}
next_hop_group:
  - {name: vtep, members: [{next_hop: vtep}]}
  - {name: t, members: [{next_hop: t}]}
  - {name: red, members: [{next_hop: red}]}
  - {name: red6, members: [{next_hop: red6}]}
  - {name: server, members: [{next_hop: server}]}
  - {name: server6, members: [{next_hop: server6}]}
  - {name: blue, members: [{next_hop: blue}]}
route:
  - {vrf: underlay, prefix: 172.16.0.0/24, next_hop_group: vtep}
  - {vrf: blue, prefix: 10.7.0.0/24, next_hop_group: blue}
  - {vrf: red, prefix: 10.50.0.0/16, next_hop_group: t}
  - {vrf: red, prefix: "2001:db8:50::/48", next_hop_group: t}
  - {vrf: red, prefix: 10.1.0.0/24, next_hop_group: red}
  - {vrf: red, prefix: "2001:db8:1::/64", next_hop_group: red6}
  - {vrf: red, prefix: 10.9.0.0/24, next_hop_group: server}
  - {vrf: red, prefix: "2001:db8:9::/64", next_hop_group: server6}
port_pair: [{name: s1, ingress: s1-in, egress: s1-out}]
port_pair_group: [{name: fw, port_pairs: [s1], failure_mode: fail_closed}]
flow_classifier:
  - {name: v4, vrf: red, destination_prefix: 10.9.0.0/24}
  - {name: v6, vrf: red, destination_prefix: "2001:db8:9::/64"}
port_chain: [{name: c, flow_classifiers: [v4, v6], port_pair_groups: [fw]}]
YAML
wait_for 10 "the next hops" programmed next_hops
ip -n "$(ns stages)" link set s1-in down
firewall_down() { [ "$(state port_pair_group fw programmed)" = not_programmed ]; }
wait_for 5 "the firewall's end" firewall_down

# Neighbours of devices that no frame of red's may have made: but for those that were there, and the router's own peers.
neighbours() {
	local device
	for device in b0 mg up0 un s1-in s1-out; do
		ip -n "$(ns sluice)" neighbour show dev $device | awk -v d=$device '{ print d, $1 }'
	done | grep -vE ' (10\.7\.0\.2|10\.9\.0\.2|172\.16\.0\.2|192\.0\.2\.254|2001:db8:[79f]::2(54)?|fe80:.*)$' || :
}

for forward in 0 1; do
	at sluice sysctl -qw net.ipv4.ip_forward=$forward net.ipv6.conf.all.forwarding=$forward
	"$build/tests/ways_out/ways_out" "$prefix" $((count / 2)) "$seed" >"$lab/found" ||
		fail "with the kernel's forwarding at $forward: $(cat "$lab/found")"
	sed "s/^/forwarding $forward: /" "$lab/found"
	[ -z "$(neighbours)" ] || fail "neighbours that forged packets made: $(neighbours | head -n 10)"
done
stop_sluiced
