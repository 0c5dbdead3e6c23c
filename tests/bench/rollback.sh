#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Rollbacks and commits that nobody confirms, next to the commits that they take back: of one route, and of a thousand.
. "$(dirname "$0")/lib.sh"

turns=200
[ -z "$quick" ] || turns=3
add_ns router
start_sluiced router
apply <<-END
	vrf: [{name: internet}]
	next_hop: [{name: bench-a, discard: {}}, {name: bench-b, discard: {}}]
	next_hop_group:
	  - {name: bench-a, members: [{next_hop: bench-a}]}
	  - {name: bench-b, members: [{next_hop: bench-b}]}
END

for size in 1 1000; do
	result=$(/usr/bin/python3 "$root/tests/bench/rollback.py" "unix:$lab/sluice.sock" "$lab/sluiced.log" "$turns" $size) ||
		fail "rollback.py $size"
	say "$size: $result"
	row rollback "commit, routes: $size" sluice "$(jq .commit <<<"$result")" us
	row rollback "rollback, routes: $size" sluice "$(jq .rollback <<<"$result")" us
	row rollback "rollback, of the commit, routes: $size" sluice "$(jq '.rollback / .commit' <<<"$result")" x
	row rollback "undone by time, of a commit after the same pause, routes: $size" sluice \
		"$(jq '.expiry / .paused' <<<"$result")" x
done
