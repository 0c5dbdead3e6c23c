#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nftables is the oracle: it and Sluice have the same rules and get the same packets, from scapy. Verdicts are compared,
# and connections with conntrack's. Where Sluice does otherwise on purpose, policy_differences.py says why.
#
#   client 10.1.0.2, 2001:db8:1::2 --- in0 .1 router out0 .1 --- server 10.9.0.2, 2001:db8:9::2
. "$(dirname "$0")/lib.sh"

# port ROUTER DEVICE HOST NUMBER NUMBER NETWORK: hosts have no addresses of their own, so that nothing but frames comes
# from them.
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

both_ports() {
	add_ns "$1"
	port "$1" in0 client 2 1 1
	port "$1" out0 server 3 4 9
}
both_ports linux
both_ports sluice
at linux sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.in0.send_redirects=0 \
	net.ipv4.conf.out0.send_redirects=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
	net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_msgs_per_sec=1000000 net.ipv4.icmp_msgs_burst=1000000
for route in 10.1.0.0/16 10.2.0.0/16 203.0.113.0/24; do ip -n "$(ns linux)" route add $route via 10.1.0.2; done
ip -n "$(ns linux)" route add default via 10.9.0.2
ip -n "$(ns linux)" -6 route add 2001:db8:1::/48 via 2001:db8:1::2
ip -n "$(ns linux)" -6 route add default via 2001:db8:9::2

meaning() { "$(dirname "$0")/policy_meaning.py" "$prefix" "$@"; }
# The harness itself: nftables and the model are of one opinion.
meaning stateless,mutations,classbench || fail "nftables and the model"
[ "${1:-}" != --oracle ] || exit 0

# A state is told by the MAC address of the next hop that a rule of that state leads to.
states=(new established related invalid)
for i in 0 1 2 3; do
	ip -n "$(ns sluice)" neighbour add "10.1.0.1$i" lladdr "02:00:00:00:01:0$i" dev in0
	ip -n "$(ns sluice)" neighbour add "10.9.0.1$i" lladdr "02:00:00:00:09:0$i" dev out0
	ip -n "$(ns sluice)" neighbour add "2001:db8:1::1$i" lladdr "02:00:00:00:01:0$i" dev in0
	ip -n "$(ns sluice)" neighbour add "2001:db8:9::1$i" lladdr "02:00:00:00:09:0$i" dev out0
done
start_sluiced sluice --limits=internet
{
	cat <<-'YAML'
		vrf: [{name: x, kernel: true, icmp_error_rate: 100000}]
		interface: [{name: in0, vrf: x}, {name: out0, vrf: x}]
		route:
		  - {vrf: x, prefix: 10.1.0.0/16, next_hop_group: client}
		  - {vrf: x, prefix: 10.2.0.0/16, next_hop_group: client}
		  - {vrf: x, prefix: 203.0.113.0/24, next_hop_group: client}
		  - {vrf: x, prefix: 0.0.0.0/0, next_hop_group: server}
		  - {vrf: x, prefix: "2001:db8:1::/48", next_hop_group: client6}
		  - {vrf: x, prefix: "::/0", next_hop_group: server6}
		next_hop:
		  - {name: client, gateway: {interface: in0, address: 10.1.0.2}}
		  - {name: client6, gateway: {interface: in0, address: "2001:db8:1::2"}}
		  - {name: server, gateway: {interface: out0, address: 10.9.0.2}}
		  - {name: server6, gateway: {interface: out0, address: "2001:db8:9::2"}}
	YAML
	for i in 0 1 2 3; do
		echo "  - {name: client-${states[i]}, gateway: {interface: in0, address: 10.1.0.1$i}}"
		echo "  - {name: server-${states[i]}, gateway: {interface: out0, address: 10.9.0.1$i}}"
		echo "  - {name: client6-${states[i]}, gateway: {interface: in0, address: \"2001:db8:1::1$i\"}}"
		echo "  - {name: server6-${states[i]}, gateway: {interface: out0, address: \"2001:db8:9::1$i\"}}"
	done
	echo 'next_hop_group:'
	for name in {client,server}{,6} {client,server}{,6}-{new,established,related,invalid}; do
		echo "  - {name: $name, members: [{next_hop: $name}]}"
	done
} | apply
wait_for 10 "the next hops" programmed next_hops
meaning stateless,classbench,fragments,states,firewall "$sluicectl" "unix:$lab/sluice.sock" || fail "verdicts differ"
stop_sluiced
