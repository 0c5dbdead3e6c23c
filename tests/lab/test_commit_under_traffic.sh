#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A route that moves between two uplinks, and a chain that comes and goes, 40 times in 40 commits under load: no request
# fails, no connection breaks.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up1 10.8.0.1 --- eth1 server 10.9.0.2 on lo
#                          s1-in|out |      up2 10.8.1.1 --- eth2
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"

add_ns client sluice server stage
add_link client eth0 sluice cl0
add_link sluice up1 server eth1
add_link sluice up2 server eth2
address client eth0 10.1.0.2/24
address sluice cl0 10.1.0.1/24
address sluice up1 10.8.0.1/24
address sluice up2 10.8.1.1/24
address server eth1 10.8.0.2/24
address server eth2 10.8.1.2/24
address server lo 10.9.0.2/32
ip -n "$(ns client)" route add default via 10.1.0.1
ip -n "$(ns server)" route add default via 10.8.0.1
add_stage stage s1
bridge_stage stage s1
at sluice sysctl -qw net.ipv6.conf.all.disable_ipv6=1
api_gateway server 10.9.0.2=x
start_sluiced sluice

apply <<'YAML'
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up1, vrf: x}, {name: up2, vrf: x}, {name: s1-in, vrf: x}, {name: s1-out, vrf: x}]
next_hop:
  - {name: client, gateway: {interface: cl0, address: 10.1.0.2}}
  - {name: up1, gateway: {interface: up1, address: 10.8.0.2}}
  - {name: up2, gateway: {interface: up2, address: 10.8.1.2}}
next_hop_group:
  - {name: client, members: [{next_hop: client}]}
  - {name: up1, members: [{next_hop: up1}]}
  - {name: up2, members: [{next_hop: up2}]}
route:
  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: up1}
port_pair: [{name: s1, ingress: s1-in, egress: s1-out}]
port_pair_group: [{name: s1, port_pairs: [s1]}]
flow_classifier: [{name: web, vrf: x, protocol: tcp, destination_prefix: 10.9.0.0/24}]
YAML
wait_for 10 "the next hops" programmed next_hops

cat >"$lab/with.yaml" <<'YAML'
route: [{vrf: x, prefix: 10.9.0.0/24, next_hop_group: up2}]
port_chain: [{name: web, flow_classifiers: [web], port_pair_groups: [s1], symmetric: true}]
YAML
cat >"$lab/without.yaml" <<'YAML'
route: [{vrf: x, prefix: 10.9.0.0/24, next_hop_group: up1}]
delete:
  port_chain: [{name: web}]
YAML

# With the chain goes the second uplink, without it the first: a packet that saw half of a commit shows.
filter='tcp and dst host 10.9.0.2'
capture stage stage s1-in "$filter"
capture uplink1 server eth1 "$filter"
capture uplink2 server eth2 "$filter"
load wrk client 8 http://10.9.0.2/
more_than() { [ "$(counter server "$1" rx_packets)" -gt "$2" ]; }
for _ in $(seq 20); do
	for state in with without; do
		device=$([ $state = with ] && echo eth2 || echo eth1)
		ctl apply -y -f "$lab/$state.yaml" >"$lab/apply.out" 2>&1 || fail "apply: $(cat "$lab/apply.out")"
		wait_for 20 "packets on $device" more_than "$device" $(($(counter server "$device" rx_packets) + 20))
	done
done
load_result wrk
commits=$(($(revision) - 1))
for place in stage uplink1 uplink2; do captured $place; done
journey=$(/usr/bin/python3 "$root/tests/lab/journey.py" stage="$lab/stage.pcap" uplink1="$lab/uplink1.pcap" \
	uplink2="$lab/uplink2.pcap")
echo "$commits commits; $result; $journey"
equal "$commits" 40 "commits under load"
equal "$(errors "$result")" 0 "failed requests and connections"
# A packet that was inside the stage when a commit took the chain away comes back to the new revision; a packet that
# never went in has met one revision only, and that has the first uplink.
equal "$(jq '.uplink2 // 0' <<<"$journey")" 0 "packets on the second uplink that missed the stage"
stop_sluiced
