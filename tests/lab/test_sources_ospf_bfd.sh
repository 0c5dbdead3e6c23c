#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# FRR's ospfd and bfdd on the router, with the configuration of docs/routing-protocols.md: their sessions pass Sluice's
# ports, multicast and UDP 3784 included, and its packets go where OSPF leads. A link that fails in silence is found by
# BFD within half a second, and all packets take the other one.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up1 10.8.1.1 --- eth1 10.8.1.2 server: 10.9.0.2 on lo
#                                           up2 10.8.2.1 --- eth2 10.8.2.2
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/lab/frames.sh
. "$root/tests/lab/frames.sh"
. "$root/tests/lab/routing.sh"

routed_network
count_udp
recipe "frr ospf" | sed 's/^ ip ospf network .*/&\n ip ospf hello-interval 1/' >"$lab/router.conf"
{
	for device in lo eth1 eth2; do
		printf '%s\n' "interface $device" " ip ospf area 0"
		[ $device = lo ] || printf ' ip ospf %s\n' "network point-to-point" "hello-interval 1" bfd "bfd profile fast"
	done
	printf '%s\n' "router ospf" " ospf router-id 10.255.0.2" bfd " profile fast" "  receive-interval 100" \
		"  transmit-interval 100"
} >"$lab/server.conf"

start_sluiced sluice
{
	recipe "yaml ports"
	recipe "yaml ospf"
} | apply
start_frr server "$lab/server.conf" zebra ospfd bfdd
start_frr sluice "$lab/router.conf" "zebra -K 120 --v6-rr-semantics" ospfd bfdd
bfd_up() { frr_json sluice "show bfd peers json" | jq -e 'length == 2 and all(.status == "up")'; }
wait_for 30 "OSPF's route by two paths" has_route sluice 10.9.0.2 "nexthop.*nexthop"
wait_for 10 "two BFD sessions" bfd_up
wait_for 10 "10.9.0.2/32" forwards 10.9.0.2/32 ospf
become_equal 254 ospf
wait_for 10 "an answer" at client ping -c 1 -W 1 10.9.0.2
both_links() { [ "$(spread_by eth1 100 10.9.0.2)" -ge 20 ] && [ "$(spread_by eth2 100 10.9.0.2)" -ge 20 ]; }
wait_for 10 "both links to be used" both_links

# --- a link that fails in silence: neither side sees its carrier go ---
frames_start
sleep 0.3
at server nft add table netdev cut
for device in eth1 eth2; do # the one that the frames take
	before=$(udp_by $device)
	sleep 0.1
	[ "$(udp_by $device)" -eq "$before" ] || break
done
at server nft add chain netdev cut in "{ type filter hook ingress device $device priority -10; }"
at server nft add chain netdev cut out "{ type filter hook egress device $device priority -10; }"
at server nft "add rule netdev cut in drop; add rule netdev cut out drop"
wait_for 10 "one path" has_paths 10.9.0.2/32 1
sleep 0.5
frames_end
echo "$device cut: $sent frames sent, $lost lost, at $rate a second: $((lost * 1000 / rate)) ms"
((lost > 0)) || fail "no frame was lost: the link was not cut"
((lost * 1000 / rate <= 500 + ${SLUICE_SLACK_MS:-500})) || fail "the frames were lost for $((lost * 1000 / rate)) ms"
equal "$(spread_by "$device" 50 10.9.0.2)" 0 "datagrams by the link that is cut"
at server nft delete table netdev cut
wait_for 30 "two paths again" has_paths 10.9.0.2/32 2
become_equal 254 ospf
stop_sluiced
