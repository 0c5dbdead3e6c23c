#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nftables and a model of rules get the same rules and the same packets, from scapy, and are of one opinion: the oracle of
# what policies mean, with conntrack's of what connections are.
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
at linux sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.in0.send_redirects=0 \
	net.ipv4.conf.out0.send_redirects=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
	net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_msgs_per_sec=1000000 net.ipv4.icmp_msgs_burst=1000000
for route in 10.1.0.0/16 10.2.0.0/16 203.0.113.0/24; do ip -n "$(ns linux)" route add $route via 10.1.0.2; done
ip -n "$(ns linux)" route add default via 10.9.0.2
ip -n "$(ns linux)" -6 route add 2001:db8:1::/48 via 2001:db8:1::2
ip -n "$(ns linux)" -6 route add default via 2001:db8:9::2

meaning() { "$(dirname "$0")/policy_meaning.py" "$prefix" "$@"; }
# The harness itself: nftables and the model are of one opinion.
meaning stateless,classbench,fragments,states,firewall || fail "nftables and the model"
