#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What becomes of a route whose group has no living member: on_dead NEXT_BEST leaves its packets to the less specific
# route, DROP drops them. 10,000 prefixes of the group change with it, and a tunnel finds its remote by the next best.
#
#   client --- cl0 sluice up1 10.8.1.1 --- eth1 10.8.1.2 server, 10.9.0.2 and 10.9.1.2 on lo, vx100 10.7.0.2
#                         up2 10.8.2.1 --- eth2 10.8.2.2
. "$(dirname "$0")/lib.sh"

add_ns client sluice server
add_client
add_uplink 1
add_uplink 2
address server lo 10.9.0.2/32
address server lo 10.9.1.2/32
address server lo 172.16.0.2/32
ip -n "$(ns server)" route add default via 10.8.2.1
ip -n "$(ns server)" link add vx100 address 02:00:00:00:00:0a type vxlan id 100 local 172.16.0.2 remote 172.16.0.1 \
	dstport 4789
ip -n "$(ns server)" link set vx100 up
address server vx100 10.7.0.2/24
start_sluiced sluice

{
	cat <<-'YAML'
		vrf: [{name: x, gateway_addresses: [{address: 10.7.0.1/24}]},
		      {name: underlay, gateway_addresses: [{address: 172.16.0.1/32}]}]
		interface: [{name: cl0, vrf: x}, {name: up1, vrf: underlay}, {name: up2, vrf: underlay}]
		tunnel_endpoint:
		  - {name: server, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.2, underlay_vrf: underlay,
		     vni_bindings: [{vni: 100, vrf: x}]}
		next_hop:
		  - {name: client, gateway: {interface: cl0, address: 10.1.0.2}}
		  - {name: up1, gateway: {interface: up1, address: 10.8.1.2}}
		  - {name: up2, gateway: {interface: up2, address: 10.8.2.2}}
		  - {name: tunnel, tunnel: {tunnel_endpoint: server, vni: 100, mac: "02:00:00:00:00:0a"}}
		next_hop_group:
		  - {name: client, members: [{next_hop: client}]}
		  - {name: up1, members: [{next_hop: up1}]}
		  - {name: up2, members: [{next_hop: up2}]}
		  - {name: tunnel, members: [{next_hop: tunnel}]}
		route:
		  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
		  - {vrf: x, prefix: 10.0.0.0/8, next_hop_group: up2}
		  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: up1, on_dead: next_best}
		  - {vrf: x, prefix: 10.9.1.0/24, next_hop_group: up1}
		  - {vrf: x, prefix: 10.7.0.0/24, next_hop_group: tunnel}
		  - {vrf: underlay, prefix: 172.16.0.2/32, next_hop_group: up1, on_dead: next_best}
		  - {vrf: underlay, prefix: 0.0.0.0/0, next_hop_group: up2}
		  - {vrf: underlay, prefix: 10.1.0.0/24, next_hop_group: client}
	YAML
	for ((i = 0; i < 10000; i++)); do
		echo "  - {vrf: x, prefix: 20.$((i / 256)).$((i % 256)).0/24, next_hop_group: up1, on_dead: next_best}"
	done
} | apply
wait_for 20 "the next hops" programmed next_hops

reaches() { at client ping -c 1 -W 1 "$1" >/dev/null; }
group_is() { [ "$(state next_hop_group up1 programmed)" = "$1" ]; }

reaches 10.9.0.2 || fail "no answer at the start"
reaches 10.9.1.2 || fail "no answer at the start"
reaches 10.7.0.2 || fail "no answer through the tunnel at the start"

# A packet each 2 ms, while the way is lost and found. The link going down is known at once; what is lost then is what
# one commit takes, of 10,000 prefixes.
spawn flow client ping -q -i 0.002 -c 2000 10.9.0.2
wait_for 5 "the flow" eval "(( \$(state route x/10.9.0.0/24 counters.packets) > 100 ))"
ip -n "$(ns sluice)" link set up1 down
wait_for 10 "the group to be dead" group_is not_programmed
reaches 10.9.0.2 || fail "the less specific route isn't taken"
reaches 10.9.1.2 && fail "on_dead DROP doesn't drop"
reaches 10.7.0.2 || fail "the tunnel doesn't take the next best way to its remote"
state route x/10.9.0.0/24 reason | grep -q "less specific" || fail "reason: $(state route x/10.9.0.0/24 reason)"
state route x/10.9.1.0/24 reason | grep -q "less specific" && fail "reason of DROP: $(state route x/10.9.1.0/24 reason)"
ip -n "$(ns sluice)" link set up1 up
wait_for 20 "the group to come back" group_is programmed
before=$(state route x/10.9.0.0/24 counters.packets)
reaches 10.9.0.2 || fail "no answer after it came back"
(($(state route x/10.9.0.0/24 counters.packets) > before)) || fail "the route isn't taken after it came back"
reaches 10.9.1.2 || fail "DROP: no answer after it came back"
wait_for 20 "the end of the flow" eval "! alive flow"
lost=$(sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$lab/flow.log" | awk '{ print $1 - $2 }')
echo "a group of 10,001 prefixes died and came back: $lost packets of 2000 were lost, one each 2 ms"
((lost < 250)) || fail "$lost packets were lost"
stop_sluiced
