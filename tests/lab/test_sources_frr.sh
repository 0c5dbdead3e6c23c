#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sluice forwards by what FRR's bgpd learns, with the configuration of docs/routing-protocols.md: both families, two
# equal paths, withdrawals, a link that goes and comes, preference against a controller's route, a source that is deleted
# and made again. Whatever of the daemons is killed: what the kernel keeps is forwarded, without a frame lost.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up1 10.8.1.1 --- eth1 10.8.1.2 server: AS 65002, 10.9.0.2 on lo
#                                           up2 10.8.2.1 --- eth2 10.8.2.2
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
rate=1000
# shellcheck source=tests/lab/frames.sh
. "$root/tests/lab/frames.sh"
. "$root/tests/lab/routing.sh"

routed_network
count_udp
peer_config "network 10.9.1.0/24" >"$lab/server.conf"
recipe "frr bgp" | sed 's/timers connect 5/timers connect 1/' >"$lab/router.conf"
zebra="zebra -K 120 --v6-rr-semantics"
start_frr server "$lab/server.conf" zebra bgpd
start_sluiced sluice --state "$lab/state"
{
	recipe "yaml ports"
	recipe "yaml bgp"
} | apply
start_frr sluice "$lab/router.conf" "$zebra" bgpd

both_links() { [ "$(spread_by eth1 100 10.9.0.2)" -ge 20 ] && [ "$(spread_by eth2 100 10.9.0.2)" -ge 20 ]; }

# --- both families, two equal paths ---
wait_for 20 "two paths in the kernel" has_route sluice 10.9.0.0/24 "nexthop.*nexthop"
wait_for 20 "two IPv6 paths in the kernel" has_route sluice fd00:9::/64 "nexthop.*nexthop"
wait_for 10 "10.9.0.0/24" forwards 10.9.0.0/24 bgp
wait_for 10 "fd00:9::/64" forwards fd00:9::/64 bgp
become_equal 254 bgp
wait_for 10 "an answer" at client ping -c 1 -W 1 10.9.0.2
wait_for 10 "an IPv6 answer" at client ping -c 1 -W 1 fd00:9::2
wait_for 10 "both links to be used" both_links
source_is bgp following '.routes == 3 and .groups >= 2' >/dev/null || fail "status: $(show_json route_sources)"

# --- withdrawn, announced ---
configure server "router bgp 65002" "address-family ipv4 unicast" "no network 10.9.1.0/24"
wait_for 10 "10.9.1.0/24 to be gone" eval '! is_learned 10.9.1.0/24'
configure server "router bgp 65002" "address-family ipv4 unicast" "network 10.9.1.0/24"
wait_for 10 "10.9.1.0/24 to come back" forwards 10.9.1.0/24 bgp

# --- a link goes and comes: the kernel takes its IPv4 routes away without a message ---
ip -n "$(ns sluice)" link set up2 down
wait_for 10 "one path" has_paths 10.9.0.0/24 1
become_equal 254 bgp
at client ping -c 2 -i 0.1 -W 1 10.9.0.2 >/dev/null || fail "no answer by the other link"
ip -n "$(ns sluice)" link set up2 up
address sluice up2 fd00:8:2::1/64
wait_for 20 "two paths again" has_paths 10.9.0.0/24 2
become_equal 254 bgp

# --- preference ---
apply <<-YAML
	next_hop: {name: up2, gateway: {interface: up2, address: 10.8.2.2}}
	next_hop_group: {name: up2, members: [{next_hop: up2}]}
YAML
wait_for 10 "the next hops" programmed next_hops
controller() { echo "route: {vrf: internet, prefix: 10.9.0.0/24, next_hop_group: up2, preference: $1}" | apply; }
frames_start
controller 1
equal "$(learned 10.9.0.0/24 .candidate_status.state)" beaten "BGP's candidate beside a controller's route"
equal "$(state routes internet/10.9.0.0/24 candidate_status.state)" forwarding "the controller's route"
sleep 0.1
before=$(udp_by eth1)
spread 100 10.9.0.2
sleep 0.2
equal "$(udp_by eth1)" "$before" "datagrams by BGP's other path"
controller 200
forwards 10.9.0.0/24 bgp || fail "BGP's candidate beside a controller's of 200: $(learned 10.9.0.0/24 .candidate_status)"
equal "$(state routes internet/10.9.0.0/24 candidate_status.state)" beaten "the controller's route of 200"
both_links || fail "BGP's paths do not have the frames"
check_frames "over a controller's route that wins and loses"
frames_start
for preference in 210 100 210 100 210 100; do
	echo "route_source: {name: bgp, vrf: internet, table: 254, protocols: [{protocol: 186}], preference: $preference}" | apply
done
forwards 10.9.0.0/24 bgp || fail "BGP's candidate of 100: $(learned 10.9.0.0/24 .candidate_status)"

check_frames "over changes of the source's preference"

# --- a source is deleted, and made again; the controller's route has the packets meanwhile ---
frames_start
echo "delete: {route_source: [{name: bgp}]}" | apply
equal "$(learned 10.9.0.0/24)" "" "candidates of a source that is deleted"
recipe "yaml bgp" | apply
wait_for 10 "10.9.0.0/24" forwards 10.9.0.0/24 bgp
check_frames "over a source that was deleted and made again"
echo "delete: {route: [{vrf: internet, prefix: 10.9.0.0/24}]}" | apply
become_equal 254 bgp

# --- killed: what the kernel keeps goes on ---
# kept WHAT: no frame was lost, unless the daemon itself has taken the kernel's route away.
kept() {
	stop monitor || :
	frames_end
	echo "$1: $sent frames sent, $lost lost"
	if grep -q '^Deleted 10.9.0.0/24' "$lab/monitor.log"; then
		echo "$1: FRR has deleted the route"
	else
		equal "$lost" 0 "frames lost $1 ($sent sent)"
	fi
	rm "$lab/monitor.log"
}
watched() {
	spawn monitor sluice ip monitor route
	frames_start
}
watched
stop bgpd-sluice KILL || :
sleep 0.5
forwards 10.9.0.0/24 bgp || fail "without bgpd the route is gone"
! grep -q '^Deleted 10.9' "$lab/monitor.log" || fail "graceful restart keeps nothing"
frr_daemons sluice bgpd
wait_for 30 "the session" bgp_up sluice 10.8.1.2
wait_for 30 "the other session" bgp_up sluice 10.8.2.2
sleep 0.5
kept "bgpd killed"
wait_for 20 "two paths in the kernel" has_route sluice 10.9.0.0/24 "nexthop.*nexthop"

watched
stop zebra-sluice KILL || :
sleep 0.3
frr_daemons sluice "$zebra"
wait_for 20 "two paths in the kernel" has_route sluice 10.9.0.0/24 "nexthop.*nexthop"
kept "zebra killed"
watched
stop sluiced KILL || :
sleep 0.3
start_sluiced sluice --state "$lab/state"
wait_for 10 "10.9.0.0/24" forwards 10.9.0.0/24 bgp
kept "sluiced killed"
become_equal 254 bgp

# --- without graceful restart, -K and --v6-rr-semantics ---
sed -i '/graceful-restart/d' "$lab/frr-sluice.conf"
stop bgpd-sluice KILL || :
stop zebra-sluice KILL || :
echo "route_source: {name: bgp, vrf: internet, table: 254, protocols: [{protocol: 186}, {protocol: 196}]}" | apply
frr_daemons sluice zebra staticd bgpd
wait_for 30 "the session" bgp_up sluice fd00:8:1::2
wait_for 20 "two IPv6 paths in the kernel" has_route sluice fd00:9::/64 "nexthop.*nexthop"
wait_for 10 "fd00:9::/64" forwards fd00:9::/64 bgp
become_equal 254 bgp

# zebra changes an IPv6 path by delete and add: the kernel has no route for 70 microseconds.
target=fd00:9::2
spawn monitor sluice ip -6 monitor route
frames_start
for _ in $(seq 5); do
	configure sluice "ipv6 route fd00:9::/64 fd00:8:2::2"
	configure sluice "no ipv6 route fd00:9::/64 fd00:8:2::2"
done
check_frames "over 10 IPv6 paths that are deleted and added"
stop monitor || :
deletes=$(grep -c '^Deleted fd00:9::/64' "$lab/monitor.log" || :)
[ "$deletes" -ge 5 ] || fail "zebra has deleted the route only $deletes times: this shows nothing"

# Another source takes the table over, with preferences of its protocols.
{
	echo "delete: {route_source: [{name: bgp}]}"
	recipe "yaml preference"
} | apply
wait_for 10 "10.9.0.0/24" forwards 10.9.0.0/24 all
equal "$(learned 10.9.0.0/24 .resource.source_route.preference)" 20 "preference of BGP's routes"
become_equal 254 all

stop bgpd-sluice KILL || :
wait_for 10 "the kernel's route to be gone" no_route sluice 10.9.0.0/24
wait_for 10 "the candidate to be gone" eval '! is_learned 10.9.0.0/24'
frr_daemons sluice bgpd
wait_for 30 "10.9.0.0/24" forwards 10.9.0.0/24 all
become_equal 254 all
stop_sluiced
