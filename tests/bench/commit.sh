#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Commits of one change over the unix socket with the whole table in place: of routes by one client and by sixteen, and
# of a next-hop group that routes lie behind. Each is answered when the next packet sees it. And a group's failover as
# packets meet it, sent every 50 us. Before that what one change of each kind costs, in one process (commit_kinds.c).
#
#   client 10.1.0.2 --- cl0 10.1.0.1 router ga 10.2.0.1 --- eth0 10.2.0.2 a, 10.9.0.1 on lo
#                                           gb 10.3.0.1 --- eth0 10.3.0.2 b, 10.9.0.1 on lo
. "$(dirname "$0")/lib.sh"

seconds=3 failovers=100 turns=400
[ -z "$quick" ] || seconds=0.3 failovers=10 turns=20
"$build/tests/bench/bench_commit_kinds" "$turns" || fail bench_commit_kinds
table "$lab/table"
router internet
ctl load "$lab/table" --vrf internet --next-hop-group transit >"$lab/load.out" 2>&1 || fail "load: $(cat "$lab/load.out")"
say "$(tail -n 1 "$lab/load.out")"
{
	cat <<-END
		next_hop: [{name: bench-a, discard: {}}, {name: bench-b, discard: {}}]
		next_hop_group:
		  - {name: bench-a, members: [{next_hop: bench-a}]}
		  - {name: bench-b, members: [{next_hop: bench-b}]}
		  - {name: bench-moves-0, members: [{next_hop: bench-a}]}
		route:
	END
	for ((i = 0; i < 256; i++)); do echo "  - {vrf: internet, prefix: 198.19.$i.0/24, next_hop_group: bench-moves-0}"; done
} >"$lab/bench.yaml"
ctl apply -y --owner bench -f "$lab/bench.yaml" >"$lab/apply.out" 2>&1 || fail "apply: $(cat "$lab/apply.out")"

# once NAME route|group CLIENTS: one measurement into $lab/NAME.
once() {
	"$build/tests/bench/bench_commit" "unix:$lab/sluice.sock" "$2" "$3" "$seconds" >>"$lab/$1" || fail "bench_commit $2 $3"
	say "$1: $(tail -n 1 "$lab/$1")"
}

# results NAME CASE
results() {
	row commit "$2, median" sluice "$(jq .p50 "$lab/$1" | median)" us
	row commit "$2, p99" sluice "$(jq .p99 "$lab/$1" | median)" us
	row commit "$2, longest" sluice "$(jq .max "$lab/$1" | largest)" us
	row commit "$2, rate" sluice "$(jq .rate "$lab/$1" | median)" commits/s
}

for ((round = 1; round <= rounds; round++)); do
	once one route 1
	once sixteen route 16
	once group group 1
done

add_ns client a b
add_link client eth0 router cl0
add_link router ga a eth0
add_link router gb b eth0
address client eth0 10.1.0.2/24
address router cl0 10.1.0.1/24
address router ga 10.2.0.1/24
address router gb 10.3.0.1/24
address a eth0 10.2.0.2/24
address b eth0 10.3.0.2/24
address a lo 10.9.0.1/32
address b lo 10.9.0.1/32
ip -n "$(ns client)" route add default via 10.1.0.1
cat >"$lab/failover.yaml" <<'END'
interface: [{name: cl0, vrf: internet}, {name: ga, vrf: internet}, {name: gb, vrf: internet}]
next_hop:
  - {name: failover-a, gateway: {interface: ga, address: 10.2.0.2}}
  - {name: failover-b, gateway: {interface: gb, address: 10.3.0.2}}
next_hop_group: [{name: failover, members: [{next_hop: failover-a}]}]
route: [{vrf: internet, prefix: 10.9.0.0/24, next_hop_group: failover}]
END
ctl apply -y --owner bench -f "$lab/failover.yaml" >"$lab/apply.out" 2>&1 || fail "apply: $(cat "$lab/apply.out")"
wait_for 20 "the gateways" programmed next_hops
"$build/tests/bench/bench_commit_failover" "unix:$lab/sluice.sock" "$failovers" "$(ns client)" "$(ns a)" "$(ns b)" 10.9.0.1 \
	>"$lab/failover" || fail bench_commit_failover
say "failover: $(cat "$lab/failover")"

results one 'a route, one client'
results sixteen 'a route, sixteen clients'
results group 'a group of 256 routes'
row commit "failover of a group, answered" sluice "$(jq .answered "$lab/failover")" us
row commit "failover of a group, first packet" sluice "$(jq .first "$lab/failover")" us
row commit "$failovers failovers, by the old member after the answer" sluice "$(jq .late "$lab/failover")" packets
row commit "$failovers failovers, lost" sluice "$(jq .lost "$lab/failover")" packets
