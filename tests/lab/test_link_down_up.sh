#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A group of two uplinks loses one and gets it back; a device is deleted and made again: traffic follows, and the state
# names the reason why a resource waits.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up1 10.8.1.1 --- eth1 server 10.9.0.2 on lo
#                                           up2 10.8.2.1 --- eth2
. "$(dirname "$0")/lib.sh"

add_ns client sluice server
add_client
add_uplink 1
add_uplink 2
address server lo 10.9.0.2/32
ip -n "$(ns server)" route add default via 10.8.1.1
serve server hello
start_sluiced sluice

apply <<'YAML'
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up1, vrf: x}, {name: up2, vrf: x}]
next_hop:
  - {name: client, gateway: {interface: cl0, address: 10.1.0.2}}
  - {name: up1, gateway: {interface: up1, address: 10.8.1.2}}
  - {name: up2, gateway: {interface: up2, address: 10.8.2.2}}
next_hop_group:
  - {name: client, members: [{next_hop: client}]}
  - {name: both, members: [{next_hop: up1}, {next_hop: up2}]}
route:
  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: both}
YAML

# flows WHAT: 32 connections, all answered; up1 and up2 say how many packets each uplink took of them.
flows() {
	local one two
	one=$(counter server eth1 rx_packets) two=$(counter server eth2 rx_packets 2>/dev/null || echo 0)
	for _ in $(seq 32); do
		equal "$(get client http://10.9.0.2/)" "hello 10.1.0.2" "an answer $1"
	done
	up1=$(($(counter server eth1 rx_packets) - one))
	up2=$(($(counter server eth2 rx_packets 2>/dev/null || echo "$two") - two))
	echo "$1: $up1 packets by up1, $up2 by up2"
}

is() { [ "$(state next_hop up2 programmed)" = "$1" ]; }

wait_for 10 "both uplinks" programmed next_hops
flows "with both uplinks"
[ "$up1" -gt 20 ] || fail "up1 has too little of the load"
[ "$up2" -gt 20 ] || fail "up2 has too little of the load"

ip -n "$(ns sluice)" link set up2 down
wait_for 5 "the lost link to be known" is not_programmed
flows "with up2 down"
[ "$up2" -le 4 ] || fail "packets went to a link that is down"
echo "up2 waits: $(state next_hop up2 reason)"

ip -n "$(ns sluice)" link set up2 up
wait_for 10 "the link's return" is programmed
flows "with up2 up again"
[ "$up2" -gt 20 ] || fail "up2 has too little of the load"

ip -n "$(ns sluice)" link delete up2
wait_for 5 "the lost device to be known" is not_programmed
flows "with up2 deleted"
[ -n "$(state interface up2 reason)" ] || fail "no reason for an interface without a device"
echo "up2 waits: $(state interface up2 reason)"

add_uplink 2
wait_for 10 "the new device" is programmed
flows "with a new up2"
[ "$up2" -gt 20 ] || fail "up2 has too little of the load"
stop_sluiced
