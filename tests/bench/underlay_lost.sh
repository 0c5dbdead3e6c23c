#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two tunnels share the flows of a route, and the link under one of them is lost: from the kernel's event to the first
# packet of a flow of the dead tunnel that takes the living one; beside it what a commit of one route costs.
#
#   client 10.1.0.2 --- cl0 router un1 --- eth0 172.16.1.2 vtep1
#                                  un2 --- eth0 172.16.2.2 vtep2
. "$(dirname "$0")/lib.sh"

losses=10 seconds=3
[ -z "$quick" ] || losses=3 seconds=0.3
add_ns client router vtep1 vtep2
add_link client eth0 router cl0
for i in 1 2; do
	add_link router "un$i" "vtep$i" eth0 1600
	address router "un$i" "172.16.$i.1/24"
	address "vtep$i" eth0 "172.16.$i.2/24"
done
address client eth0 10.1.0.2/24
address router cl0 10.1.0.1/24
ip -n "$(ns client)" route add default via 10.1.0.1
start_sluiced router
{
	cat <<-'YAML'
		vrf: [{name: underlay}, {name: tenant}, {name: internet}]
		interface: [{name: un1, vrf: underlay}, {name: un2, vrf: underlay}, {name: cl0, vrf: tenant}]
		tunnel_endpoint:
		  - {name: v1, kind: vxlan, local_address: 172.16.1.1, remote_address: 172.16.1.2, underlay_vrf: underlay,
		     vni_bindings: [{vni: 100, vrf: tenant}]}
		  - {name: v2, kind: vxlan, local_address: 172.16.2.1, remote_address: 172.16.2.2, underlay_vrf: underlay,
		     vni_bindings: [{vni: 100, vrf: tenant}]}
		next_hop:
		  - {name: under1, gateway: {interface: un1, address: 172.16.1.2}}
		  - {name: under2, gateway: {interface: un2, address: 172.16.2.2}}
		  - {name: t1, tunnel: {tunnel_endpoint: v1, vni: 100, mac: "02:00:00:00:00:01"}}
		  - {name: t2, tunnel: {tunnel_endpoint: v2, vni: 100, mac: "02:00:00:00:00:02"}}
		  - {name: bench-a, discard: {}}
		  - {name: bench-b, discard: {}}
		next_hop_group:
		  - {name: under1, members: [{next_hop: under1}]}
		  - {name: under2, members: [{next_hop: under2}]}
		  - {name: both, members: [{next_hop: t1}, {next_hop: t2}]}
		  - {name: bench-a, members: [{next_hop: bench-a}]}
		  - {name: bench-b, members: [{next_hop: bench-b}]}
		route:
		  - {vrf: underlay, prefix: 172.16.1.2/32, next_hop_group: under1}
		  - {vrf: underlay, prefix: 172.16.2.2/32, next_hop_group: under2}
		  - {vrf: tenant, prefix: 10.9.0.0/16, next_hop_group: both}
	YAML
} | apply
wait_for 20 "the next hops" programmed next_hops

sent() { state tunnel_endpoint v2 sent.packets; }
counted() { (($(state tunnel_endpoint v1 sent.packets) + $(sent) > 0)); }
# A source port whose flow takes the second tunnel.
for ((port = 20000; port < 20100; port++)); do
	before=$(sent)
	at client /usr/bin/python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', $port)); s.sendto(b'x', ('10.9.0.1', 7))"
	wait_for 5 "a packet to be counted" counted
	[ "$(sent)" = "$before" ] || break
done
tool=$root/tests/bench/underlay_lost.py
spawn send client chrt -f 10 "$tool" send 10.9.0.1 "$port"
for ((loss = 0; loss < losses; loss++)); do
	rm -f "$lab"/{events,packets}.log
	spawn events router chrt -f 20 "$tool" events un2 # so that it does not see the event later than the daemon
	spawn packets vtep1 chrt -f 20 "$tool" packets eth0 "$port"
	wait_for 10 "the watchers" eval "grep -q ready $lab/events.log && grep -q ready $lab/packets.log"
	ip -n "$(ns vtep2)" link set eth0 down
	wait_for 10 "a packet by the living tunnel" eval "[ \$(cat $lab/events.log $lab/packets.log | wc -l) = 4 ]"
	paste <(tail -n 1 "$lab/events.log") <(tail -n 1 "$lab/packets.log") | awk '{ printf "%.0f\n", ($2 - $1) * 1e6 }' >>"$lab/times"
	say "loss $loss: $(tail -n 1 "$lab/times") us"
	ip -n "$(ns vtep2)" link set eth0 up
	wait_for 20 "the tunnel to come back" programmed next_hops
done
stop send || :
"$build/tests/bench/bench_commit" "unix:$lab/sluice.sock" route 1 "$seconds" >"$lab/commit" || fail "bench_commit"
say "commit: $(cat "$lab/commit")"
row underlay_lost "from the event to the first packet by the living tunnel, median" sluice "$(median <"$lab/times")" us
row underlay_lost "from the event to the first packet by the living tunnel, longest" sluice "$(largest <"$lab/times")" us
row underlay_lost "a commit of one route, median" sluice "$(jq .p50 "$lab/commit")" us
row underlay_lost "a commit of one route, p99" sluice "$(jq .p99 "$lab/commit")" us
