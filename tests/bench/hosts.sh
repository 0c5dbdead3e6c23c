#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What end hosts get that nobody tuned: TCP of a tenant behind VXLAN with a plain server, through Sluice and through a
# Linux router with its VXLAN device, in turns in the same run; and through Sluice with the hosts' segmentation off.
#
#   tenant vx100 10.0.0.10 --- under0 172.16.0.1 router up0 10.9.0.1 --- server 10.9.0.2
. "$(dirname "$0")/lib.sh"
command -v iperf3 >/dev/null || skip "iperf3 is missing (tests/setup.sh installs it)"
seconds=3
[ -z "$quick" ] || seconds=1

# hosts ROUTER: tenant and server with all offloads as they come, around that namespace.
hosts() {
	add_ns tenant "$1" server
	add_link tenant eth0 "$1" under0 1600
	add_link "$1" up0 server eth0
	address tenant eth0 172.16.0.10/24
	address "$1" under0 172.16.0.1/24
	address "$1" up0 10.9.0.1/24
	address server eth0 10.9.0.2/24
	ip -n "$(ns server)" route add default via 10.9.0.1
	vtep tenant 172.16.0.10 172.16.0.1 02:00:00:00:00:0a
	address tenant vx100 10.0.0.10/24
	ip -n "$(ns tenant)" neighbour add 10.0.0.1 lladdr "$router_mac" dev vx100 nud permanent
	ip -n "$(ns tenant)" route add default via 10.0.0.1
	spawn iperf server iperf3 -s --forceflush
	wait_for 10 "iperf3" grep -q listening "$lab/iperf.log"
}

# vtep NS LOCAL REMOTE MAC: the kernel's VXLAN device.
vtep() {
	ip -n "$(ns "$1")" link add vx100 address "$4" mtu 1500 type vxlan id 100 local "$2" remote "$3" dstport 4789
	ip -n "$(ns "$1")" link set vx100 up
}

sluice_router() {
	hosts sluice
	start_sluiced sluice
	apply <<-'YAML'
		vrf: [{name: underlay}, {name: tenant}]
		interface: [{name: under0, vrf: underlay}, {name: up0, vrf: tenant}]
		tunnel_endpoint:
		  - {name: tenant, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
		     vni_bindings: [{vni: 100, vrf: tenant}]}
		next_hop:
		  - {name: vtep, gateway: {interface: under0, address: 172.16.0.10}}
		  - {name: tenant, tunnel: {tunnel_endpoint: tenant, vni: 100, mac: "02:00:00:00:00:0a"}}
		  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
		next_hop_group:
		  - {name: vtep, members: [{next_hop: vtep}]}
		  - {name: tenant, members: [{next_hop: tenant}]}
		  - {name: server, members: [{next_hop: server}]}
		route:
		  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: vtep}
		  - {vrf: tenant, prefix: 10.0.0.0/24, next_hop_group: tenant}
		  - {vrf: tenant, prefix: 10.9.0.0/24, next_hop_group: server}
	YAML
	wait_for 15 "the next hops" programmed next_hops
}

linux_router() {
	hosts linux
	at linux sysctl -qw net.ipv4.ip_forward=1
	vtep linux 172.16.0.1 172.16.0.10 "$router_mac"
	address linux vx100 10.0.0.1/24
	ip -n "$(ns linux)" neighbour add 10.0.0.10 lladdr 02:00:00:00:00:0a dev vx100 nud permanent
}

# rate [OPTION]: Gbit/s of one connection from the tenant; -R: to it.
rate() {
	at tenant iperf3 -J -t "$seconds" -c 10.9.0.2 "$@" | jq '.end.sum_received.bits_per_second / 1e7 | round / 100'
}

measure() {
	rate >>"$lab/$1.up"
	rate -R >>"$lab/$1.down"
}

no_segmentation() {
	at tenant ethtool -K eth0 tso off gso off >/dev/null
	at tenant ethtool -K vx100 tso off gso off >/dev/null
	at server ethtool -K eth0 tso off gso off >/dev/null
}

down() {
	local name
	stop iperf || :
	[ "$1" != sluice ] || stop_sluiced
	for name in tenant "$1" server; do ip netns delete "$(ns "$name")"; done
	rm -f "$lab/iperf.log"
}

for ((round = 0; round < rounds; round++)); do
	sluice_router
	measure sluice
	no_segmentation
	measure without
	down sluice
	linux_router
	measure linux
	down linux
	say "round $((round + 1)) of $rounds"
done
for direction in up down; do
	name="tenant $([ $direction = up ] && echo to || echo from) server"
	row hosts "$name" Sluice "$(median <"$lab/sluice.$direction")" Gbit/s
	row hosts "$name" Linux "$(median <"$lab/linux.$direction")" Gbit/s
	row hosts "$name" "Sluice, no GSO" "$(median <"$lab/without.$direction")" Gbit/s
done
