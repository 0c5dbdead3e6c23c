#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Commits of one change over the unix socket with the whole table in place: of routes by one client and by sixteen, and
# of a next-hop group that routes lie behind. Each is answered when the next packet sees it.
. "$(dirname "$0")/lib.sh"

seconds=3
[ -z "$quick" ] || seconds=0.3
table "$lab/table"
router
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
results one 'a route, one client'
results sixteen 'a route, sixteen clients'
results group 'a group of 256 routes'
