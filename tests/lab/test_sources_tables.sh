#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A table of the kernel and what a route source has learned of it stay equal, prefix by prefix, next hops and weights
# too, over 10,000 random changes: both families, several metrics, weights, IPv4 by IPv6 gateways, blackhole, unreachable
# and prohibit, a link that goes and comes, and a VRF for another. What the kernel's route types do to packets.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up1 10.8.1.1 --- eth1 10.8.1.2 server: 10.9.0.2 on lo
#          fd00:1::2        fd00:1::1       up2 10.8.2.1 --- eth2 10.8.2.2         fd00:9::2
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
. "$root/tests/lab/routing.sh"

changes=${SLUICE_CHANGES:-10000}
routed_network
ip -n "$(ns server)" route add default via 10.8.1.1
count_udp
start_sluiced sluice
{
	recipe "yaml ports"
	echo "route_source: {name: table, vrf: internet, table: 100, allow_bogons: true}"
} | apply

# random SEED COUNT: lines for ip -batch; each is one that the kernel takes, since they follow what is there.
random() {
	awk -v seed="$1" -v count="$2" '
		function pick(n) { return int(n * rand()) }
		function hops4(n,    i, text) {
			if (n == 1) return rand() < 0.2 ? "via inet6 fd00:8:1::" 2 + pick(9) " dev up1" : "via 10.8." 1 + (link = pick(2)) "." 2 + pick(9) " dev up" 1 + link
			for (i = 0; i < n; i++) text = text " nexthop via 10.8." 1 + i % 2 "." 2 + i " dev up" 1 + i % 2 " weight " weights[1 + pick(3)]
			return text
		}
		function hops6(n,    i, text) {
			if (n == 1) return "via fd00:8:" 1 + (link = pick(2)) "::" 2 + pick(9) " dev up" 1 + link
			for (i = 0; i < n; i++) text = text " nexthop via fd00:8:" 1 + i % 2 "::" 2 + i " dev up" 1 + i % 2 " weight " weights[1 + pick(3)]
			return text
		}
		BEGIN {
			srand(seed)
			split("blackhole unreachable prohibit", types)
			split("1 20 100", weights)
			for (i = 0; i < count; i++) {
				six = rand() < 0.4
				number = pick(1500)
				prefix = six ? sprintf("fd01:%x::/%d", number, number % 2 ? 48 : 64) : sprintf("11.%d.%d.0/%d", number / 256, number % 256, number % 3 ? 24 : 25)
				metric = rand() < 0.1 ? 50 : 20
				key = prefix " " metric
				if (key in there && rand() < 0.45) {
					print "route del " prefix " metric " metric " table 100"
					delete there[key]
				} else if (rand() < 0.1) {
					print "route " "replace " types[1 + pick(3)] " " prefix " proto 186 metric " metric " table 100"
					there[key] = 1
				} else {
					print "route replace " prefix " proto 186 metric " metric " table 100 " (six ? hops6(1 + pick(4)) : hops4(1 + pick(4)))
					there[key] = 1
				}
			}
		}'
}
ip_batch() { at sluice ip -batch "$1" 2>"$lab/ip.out" || fail "ip -batch: $(tail -n 3 "$lab/ip.out")"; }

for seed in 1 2 3 4; do
	random $seed $((changes / 4)) >"$lab/batch"
	ip_batch "$lab/batch"
	become_equal 100 table all
	[ $seed = 4 ] || { at sluice ip route flush table 100 && at sluice ip -6 route flush table 100; }
done
ip -n "$(ns sluice)" link set up2 down
become_equal 100 table all
ip -n "$(ns sluice)" link set up2 up
become_equal 100 table all

# --- what route types do to packets ---
for type in blackhole unreachable prohibit; do
	ip -n "$(ns sluice)" route replace $type 10.66.0.0/24 table 100
	wait_for 10 "$type" forwards 10.66.0.0/24 table
	name=discard
	[ $type != unreachable ] || name=discard_unreachable
	[ $type != prohibit ] || name=discard_prohibited
	wait_for 10 "packets to meet $type" eval "spread 5 10.66.0.1; [ \"\$(reason $name)\" -ge 5 ]"
done
ip -n "$(ns sluice)" route replace 10.9.0.0/24 via inet6 fd00:8:1::2 dev up1 table 100
wait_for 10 "an answer by an IPv6 gateway" at client ping -c 1 -W 1 10.9.0.2

# --- the source and its links move to another VRF, and back, one commit each ---
move() { # VRF
	apply <<-YAML
		vrf: [{name: $1}]
		interface: [{name: cl0, vrf: $1}, {name: up1, vrf: $1}, {name: up2, vrf: $1}]
		route_source: {name: table, vrf: $1, table: 100, allow_bogons: true}
	YAML
}
forwards_in() { # VRF
	show_json source_routes "[.states[] | select(.resource.source_route.source == \"table\")] |
		length > 100 and all(.resource.source_route.vrf == \"$1\") and
		any(.resource.source_route.prefix == \"10.9.0.0/24\" and .candidate_status.state == \"forwarding\")" | grep -qx true
}
for vrf in other internet; do
	move $vrf
	wait_for 20 "the source's routes in VRF $vrf" forwards_in $vrf
	wait_for 10 "an answer in VRF $vrf" at client ping -c 1 -W 1 10.9.0.2
	become_equal 100 table all
done
stop_sluiced
