#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Commits that nobody confirms, confirmations and rollbacks under frames at a known rate: no frame is lost when a route
# goes to another group and comes back, by time, by hand, and by the daemon that comes after a kill.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server
. "$(dirname "$0")/lib.sh"

rate=2000 # frames a second
# shellcheck source=tests/lab/frames.sh
. "$root/tests/lab/frames.sh"

add_ns client sluice server
add_client
add_server

start() { start_sluiced sluice --state "$lab/state"; }
history() { ctl history -a -o json | jq -r "$1"; }
state_of() { history ".revisions[] | select(.revision == $1) | .state"; }
is_undone() { [ "$(state_of "$1")" = undone ]; }
list() {
	local kind
	for kind in vrfs interfaces next_hops next_hop_groups routes; do ctl show $kind -o yaml; done
}

start
apply <<YAML
vrf: {name: x}
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
$(ends_yaml cl0 up0)
YAML
wait_for 10 "the next hops" programmed next_hops
wait_for 10 "an answer" at client ping -c 1 -W 1 10.9.0.2
list >"$lab/before"

# The route of the frames goes to another group, and 1,000 more come beside it.
{
	echo "next_hop: [{name: again, gateway: {interface: up0, address: 10.9.0.2}}]"
	echo "next_hop_group: [{name: again, members: [{next_hop: again}]}]"
	echo "route:"
	echo "- {vrf: x, prefix: 10.9.0.0/24, next_hop_group: again}"
	for ((i = 0; i < 1000; i++)); do
		echo "- {vrf: x, prefix: 172.16.$((i / 250)).$((i % 250))/32, next_hop_group: again}"
	done
} >"$lab/change.yaml"
change() {
	ctl apply -y -f "$lab/change.yaml" --confirm "$1" -o json >"$lab/change.json" || fail "apply: $(cat "$lab/change.json")"
	id=$(jq .result.revision "$lab/change.json")
}
same() {
	list >"$lab/after"
	cmp "$lab/before" "$lab/after" || fail "$1: it lists something else: $(diff "$lab/before" "$lab/after" | head)"
}

frames_start
for _ in 1 2 3; do
	change 1s
	equal "$(state_of "$id")" pending "state of what waits"
	wait_for 10 "the commit to be undone" is_undone "$id"
	same "time ran out"
done
for _ in 1 2 3; do
	change 10m
	ctl status | grep -q "^unconfirmed  revision $id of [^ ]*: undone at 20.*Z, unless confirmed" ||
		fail "status does not show what waits: $(ctl status)"
	ctl confirm "$id" >/dev/null
	! ctl status | grep "^unconfirmed" || fail "status shows what was confirmed"
	equal "$(state_of "$id")" confirmed "state of what was confirmed"
	ctl rollback -y $((id - 1)) >/dev/null
	same "rolled back"
done

# Killed while one commit waits whose time runs out meanwhile, and one whose does not.
change 1s
echo "vrf: [{name: y}]" >"$lab/other.yaml"
ctl --owner other apply -y -f "$lab/other.yaml" --confirm 10m >/dev/null
deadline=$(history ".revisions[] | select(.revision == $id) | .confirm_by_unix_ms")
stop sluiced KILL || :
ran_out() { [ "$(date +%s%3N)" -gt "$deadline" ]; }
wait_for 10 "its time to run out" ran_out
start
is_undone "$id" || fail "the daemon that comes after does not undo what has run out"
equal "$(history '[.revisions[] | select(.owner == "other")][0].state')" pending "state of what still waits"
ctl --owner other confirm >/dev/null
echo "delete: {vrf: [{name: y}]}" >"$lab/other.yaml"
ctl --owner other apply -y -f "$lab/other.yaml" >/dev/null
same "undone after a restart"
frames_end
echo "$(history .newest_revision) revisions; $sent frames sent, $lost lost"
[ "$sent" -gt 5000 ] || fail "only $sent frames were sent"
equal "$lost" 0 "frames lost"

# --- what another owner needs stays, and is named ---
change 1s
echo "route: [{vrf: x, prefix: 198.51.100.0/24, next_hop_group: again}]" >"$lab/other.yaml"
ctl --owner other apply -y -f "$lab/other.yaml" >/dev/null
wait_for 10 "the commit to be undone" is_undone "$id"
equal "$(history '.revisions[0].left | map(capture("next.hop.group \"(?<name>[a-z]*)\".*(?<by>x/[0-9./]*)") | .name + " " + .by) | .[0]')" \
	"again x/198.51.100.0/24" "what was left"
! ctl rollback -y 0 >"$lab/refused" 2>&1 || fail "another owner's route has lost its VRF"
grep -q "198.51.100.0/24" "$lab/refused" || fail "refused with: $(cat "$lab/refused")"
stop_sluiced
