#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# FRR's ospfd and bfdd on the router, with the configuration of docs/routing-protocols.md: their sessions pass Sluice's
# ports, multicast and UDP 3784 included.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up1 10.8.1.1 --- eth1 10.8.1.2 server: 10.9.0.2 on lo
#                                           up2 10.8.2.1 --- eth2 10.8.2.2
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
. "$root/tests/lab/routing.sh"

routed_network
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
recipe "yaml ports" | apply
start_frr server "$lab/server.conf" zebra ospfd bfdd
start_frr sluice "$lab/router.conf" "zebra -K 120 --v6-rr-semantics" ospfd bfdd
bfd_up() { frr_json sluice "show bfd peers json" | jq -e 'length == 2 and all(.status == "up")'; }
wait_for 30 "OSPF's route by two paths" has_route sluice 10.9.0.2 "nexthop.*nexthop"
wait_for 10 "two BFD sessions" bfd_up
stop_sluiced
