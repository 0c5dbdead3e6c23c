#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A chain whose classifier matches a whole VRF takes what passes through, and leaves the router's own addresses alone:
# ping and TCP to it go on. Also while the chain's only stage is down, which is when an operator needs them.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- server 10.9.0.2
#                          s1-in|out
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"

add_ns client sluice server stage
add_client
add_server
address client eth0 2001:db8:1::2/64
address sluice cl0 2001:db8:1::1/64
add_stage stage s1
bridge_stage stage s1
serve server server
serve sluice router
start_sluiced sluice

apply <<YAML
vrf: [{name: x, kernel: true}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}, {name: s1-in, vrf: x}, {name: s1-out, vrf: x}]
$(ends_yaml cl0 up0)
port_pair: [{name: s1, ingress: s1-in, egress: s1-out}]
port_pair_group: [{name: s1, port_pairs: [s1], failure_mode: fail_closed}]
flow_classifier: [{name: all, vrf: x}]
port_chain: [{name: all, flow_classifiers: [all], port_pair_groups: [s1], symmetric: true}]
YAML
wait_for 10 "the chain" programmed port_chains
wait_for 10 "the next hops" programmed next_hops

router_answers() {
	local address

	for address in 10.1.0.1 10.9.0.1 2001:db8:1::1; do
		at client ping -c 1 -W 2 "$address" >/dev/null || fail "$1: no echo reply from the router's $address"
	done
	equal "$(get client http://10.1.0.1/)" "router 10.1.0.2" "$1: the router's own service"
}

through=$(reason steered)
router_answers "with a chain"
equal "$(reason steered)" "$through" "packets to the router that the stage saw"
equal "$(get client http://10.9.0.2/)" "server 10.1.0.2" "an answer through the chain"
(($(reason steered) > through)) || fail "the chain is not used"

ip -n "$(ns sluice)" link set s1-out down
wait_for 5 "the lost stage to be known" eval "[ \"\$(state port_pair s1 programmed)\" = not_programmed ]"
at client ping -c 1 -W 1 10.9.0.2 >/dev/null && fail "a packet passed a fail-closed stage that is down"
router_answers "with a chain that is down"
stop_sluiced
