#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A stage that goes down: fail_closed drops as chain_stage_down, fail_open skips it; it comes back by itself.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- server 10.9.0.2
#                          s1-in|out
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"

add_ns client sluice server stage
add_client
add_server
add_stage stage s1
bridge_stage stage s1
serve server hello
start_sluiced sluice

apply <<YAML
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}, {name: s1-in, vrf: x}, {name: s1-out, vrf: x}]
$(ends_yaml cl0 up0)
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
