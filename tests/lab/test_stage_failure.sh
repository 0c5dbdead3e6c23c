#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A stage that goes down: fail_closed drops as chain_stage_down, fail_open skips it; it comes back by itself.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- server 10.9.0.2
#                          s1-in|out
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"

add_ns client sluice server stage
add_link client eth0 sluice cl0
add_link sluice up0 server eth0
address client eth0 10.1.0.2/24
address sluice cl0 10.1.0.1/24
address sluice up0 10.9.0.1/24
address server eth0 10.9.0.2/24
ip -n "$(ns client)" route add default via 10.1.0.1
ip -n "$(ns server)" route add default via 10.9.0.1
add_stage stage s1
bridge_stage stage s1
serve server hello
start_sluiced sluice

apply <<'YAML'
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}, {name: s1-in, vrf: x}, {name: s1-out, vrf: x}]
next_hop:
  - {name: client, gateway: {interface: cl0, address: 10.1.0.2}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
next_hop_group:
  - {name: client, members: [{next_hop: client}]}
  - {name: server, members: [{next_hop: server}]}
route:
  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: server}
port_pair: [{name: s1, ingress: s1-in, egress: s1-out}]
port_pair_group: [{name: s1, port_pairs: [s1], failure_mode: fail_closed}]
flow_classifier: [{name: web, vrf: x, destination_prefix: 10.9.0.0/24}]
port_chain: [{name: web, flow_classifiers: [web], port_pair_groups: [s1], symmetric: true}]
YAML
is() { [ "$(state "$1" "$2" programmed)" = "$3" ]; }
answers() { [ "$(get client http://10.9.0.2/)" = "hello 10.1.0.2" ]; }

wait_for 10 "the chain" programmed port_chains
wait_for 10 "the next hops" programmed next_hops
answers || fail "no answer through the chain"
through=$(counter stage s1-in rx_packets)
[ "$through" -gt 3 ] || fail "the stage saw $through packets"

ip -n "$(ns sluice)" link set s1-out down
wait_for 5 "the lost stage to be known" is port_pair s1 not_programmed
before=$(reason chain_stage_down)
at client ping -c 3 -i 0.2 -W 1 10.9.0.2 >"$lab/ping" && fail "a packet passed a fail-closed stage that is down"
equal "$(reason chain_stage_down)" $((before + 3)) "packets dropped as chain_stage_down"

apply <<'YAML'
port_pair_group: [{name: s1, port_pairs: [s1], failure_mode: fail_open}]
YAML
answers || fail "a fail-open stage that is down was not skipped"

ip -n "$(ns sluice)" link set s1-out up
wait_for 10 "the stage's return" is port_pair s1 programmed
through=$(counter stage s1-in rx_packets)
answers || fail "no answer through the stage that came back"
[ "$(counter stage s1-in rx_packets)" -gt $((through + 3)) ] || fail "the stage that came back is not used"
stop_sluiced
