#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A next hop that nobody answers for is programmed when it appears; when its MAC changes, packets follow.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- br0 lan --- first  10.9.0.2, which goes
#                                                                    --- second 10.9.0.2, which comes in its place
. "$(dirname "$0")/lib.sh"

add_ns client sluice lan first second
add_client
add_link sluice up0 lan up0
add_link lan to-first first eth0
add_link lan to-second second eth0
ip -n "$(ns lan)" link add br0 type bridge stp_state 0 forward_delay 0
for port in up0 to-first to-second; do ip -n "$(ns lan)" link set "$port" master br0; done
ip -n "$(ns lan)" link set br0 up
address sluice up0 10.9.0.1/24
serve first first
serve second second
start_sluiced sluice

apply <<YAML
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
$(ends_yaml cl0 up0)
YAML
has_mac() { [ "$(state next_hop server next_hop_status.mac)" = "$1" ]; }
answers() { [ "$(get client http://10.9.0.2/)" = "$1 10.1.0.2" ]; }

equal "$(state next_hop server programmed)" not_programmed "a next hop that nobody answers for"
[[ $(state next_hop server reason) == *ARP* ]] || fail "the reason: $(state next_hop server reason)"

address first eth0 10.9.0.2/24
ip -n "$(ns first)" route add default via 10.9.0.1
wait_for 30 "the neighbour to be found" has_mac "$(mac first eth0)"
wait_for 5 "the first server's answer" answers first

# The address moves to another station, which says so as failover software does: a gratuitous ARP.
ip -n "$(ns first)" address flush dev eth0
address second eth0 10.9.0.2/24
ip -n "$(ns second)" route add default via 10.9.0.1
at second arping -U -c 2 -w 2 -I eth0 10.9.0.2 >"$lab/arping" || :
wait_for 10 "the new MAC" has_mac "$(mac second eth0)"
wait_for 5 "the second server's answer" answers second

# And without a word: the kernel finds out by itself once it asks again.
ip -n "$(ns second)" link set eth0 address 02:00:00:00:00:99
ip -n "$(ns sluice)" neighbour del 10.9.0.2 dev up0
wait_for 30 "the changed MAC" has_mac 02:00:00:00:00:99
wait_for 5 "the answer from the changed MAC" answers second

# A station that asks for the router says its MAC with it: the router answers, and hears that, long before it asks again.
ip -n "$(ns second)" link set eth0 address 02:00:00:00:00:aa
at second arping -c 3 -w 4 -I eth0 10.9.0.1 >"$lab/arping" || fail "no answer: $(cat "$lab/arping")" # the kernel believes one a second
wait_for 4 "the MAC of who asked" has_mac 02:00:00:00:00:aa
wait_for 5 "the answer from the MAC of who asked" answers second
stop_sluiced
