#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A Linux router is the oracle: it and Sluice have the same addresses, MACs and routes, and get the same frames, some
# 350 of every header, option, size and address, a right one and wrong ones. What leaves them is compared byte for byte.
# Where Sluice does otherwise on purpose, conformance_ipv4.py and conformance_ipv6.py say why.
#
#   client 10.1.0.2, 2001:db8:1::2 --- in0 .1 router out0 .1 --- server 10.9.0.2, 2001:db8:9::2
#                                                     nar0 .1 --- narrow 10.8.0.2, 2001:db8:8::2, MTU 1280 and 1400
. "$(dirname "$0")/lib.sh"

# port ROUTER DEVICE HOST NUMBER NETWORK: hosts have no addresses of their own, so that nothing but frames comes from them.
port() {
	local router=$1 device=$2 host=$1-$3
	add_ns "$host"
	at "$host" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	ip link add "$device" address "02:00:00:00:00:0$4" netns "$(ns "$router")" type veth \
		peer name eth0 address "02:00:00:00:00:0$5" netns "$(ns "$host")"
	at "$router" sysctl -qw "net.ipv6.conf.$device.addr_gen_mode=1"
	ip -n "$(ns "$host")" link set eth0 up
	ip -n "$(ns "$router")" link set "$device" up
	address "$router" "$device" "10.$6.0.1/24"
	address "$router" "$device" "2001:db8:$6::1/64" nodad
	ip -n "$(ns "$router")" neighbour add "10.$6.0.2" lladdr "02:00:00:00:00:0$5" dev "$device"
	ip -n "$(ns "$router")" neighbour add "2001:db8:$6::2" lladdr "02:00:00:00:00:0$5" dev "$device"
}

for router in sluice linux; do
	add_ns $router
	port $router in0 client 2 1 1
	port $router out0 server 3 4 9
	port $router nar0 narrow 5 6 8
	address $router in0 fe80::1:2/64 nodad
	ip -n "$(ns $router)" neighbour add fe80::2 lladdr 02:00:00:00:00:01 dev in0
	ip -n "$(ns $router)" neighbour add fe80::9 lladdr 02:00:00:00:00:01 dev in0
done
# The oracle.
at linux sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.in0.send_redirects=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 \
	net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_msgs_per_sec=1000000 net.ipv4.icmp_msgs_burst=1000000
ip -n "$(ns linux)" route add 203.0.113.0/24 via 10.9.0.2
ip -n "$(ns linux)" route add 240.1.0.0/16 via 10.9.0.2
ip -n "$(ns linux)" route add 2001:db8:66::/48 via 2001:db8:9::2
start_sluiced sluice
apply <<'YAML'
vrf: [{name: x, kernel: true, icmp_error_rate: 100000}]
interface: [{name: in0, vrf: x}, {name: out0, vrf: x}, {name: nar0, vrf: x}]
next_hop:
  - {name: client, gateway: {interface: in0, address: 10.1.0.2}}
  - {name: client6, gateway: {interface: in0, address: "2001:db8:1::2"}}
  - {name: server, gateway: {interface: out0, address: 10.9.0.2}}
  - {name: server6, gateway: {interface: out0, address: "2001:db8:9::2"}}
  - {name: narrow, gateway: {interface: nar0, address: 10.8.0.2}}
  - {name: narrow6, gateway: {interface: nar0, address: "2001:db8:8::2"}}
next_hop_group:
  - {name: client, members: [{next_hop: client}]}
  - {name: client6, members: [{next_hop: client6}]}
  - {name: server, members: [{next_hop: server}]}
  - {name: server6, members: [{next_hop: server6}]}
  - {name: narrow, members: [{next_hop: narrow}]}
  - {name: narrow6, members: [{next_hop: narrow6}]}
route:
  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
  - {vrf: x, prefix: "2001:db8:1::/64", next_hop_group: client6}
  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: server}
  - {vrf: x, prefix: "2001:db8:9::/64", next_hop_group: server6}
  - {vrf: x, prefix: 10.8.0.0/24, next_hop_group: narrow}
  - {vrf: x, prefix: "2001:db8:8::/64", next_hop_group: narrow6}
  - {vrf: x, prefix: 203.0.113.0/24, next_hop_group: server}
  - {vrf: x, prefix: 240.1.0.0/16, next_hop_group: server}
  - {vrf: x, prefix: "2001:db8:66::/48", next_hop_group: server6}
YAML
wait_for 10 "the next hops" programmed next_hops
bad=0
# mtu BYTES: of the narrow link, at both routers.
mtu() {
	for router in sluice linux; do
		ip -n "$(ns $router)" link set nar0 mtu "$1"
		ip -n "$(ns $router-narrow)" link set eth0 mtu "$1"
	done
	wait_for 10 "the narrow link" eval "ip -n $(ns sluice) link show nar0 | grep -q 'mtu $1 '"
}
mtu 1280
"$(dirname "$0")/conformance.py" "$prefix" ipv4 || bad=1
mtu 1400
"$(dirname "$0")/conformance.py" "$prefix" ipv6 || bad=1
equal "$bad" 0 "cases that differ"
stop_sluiced
