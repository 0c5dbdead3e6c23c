#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# That a drain is over is proved, and waited for: the connections that are left are those of the member's streams, none
# of them began behind the drain, and sluicectl ends when the last one has. And a pool whose member has as many
# connections as it may spills to its overflow pool, until that is full, too.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.11 to .15 members
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"
. "$(dirname "$0")/services.sh"

service_network
for last in 11 12 13 14 15; do member members m$last 10.9.0.$last:9000; done
mkdir "$lab/bpf"
mount -t bpf bpf "$lab/bpf"
undo+=("umount -l $lab/bpf")
start() { start_sluiced sluice --state "$lab/state" --pins "$lab/bpf/router"; }
start
apply <<'YAML'
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
load_balancer: [{name: web, vrf: x, vip_address: 203.0.113.1}, {name: busy, vrf: x, vip_address: 203.0.113.2}]
pool:
  - {name: web, vrf: x, previous_seconds: 600}
  - {name: busy, vrf: x, member_connection_limit: 5, overflow_pool: spare}
  - {name: spare, vrf: x, member_connection_limit: 8}
listener:
  - {name: web, load_balancer: web, pools: [{pool: web}]}
  - {name: busy, load_balancer: busy, pools: [{pool: busy}]}
member:
  - {name: m11, pool: web, address: 10.9.0.11}
  - {name: m12, pool: web, address: 10.9.0.12}
  - {name: m13, pool: web, address: 10.9.0.13}
  - {name: m14, pool: busy, address: 10.9.0.14}
  - {name: m15, pool: spare, address: 10.9.0.15}
YAML
wait_for 10 "an answer of the service" at client timeout 2 /usr/bin/python3 "$root/tests/lab/service_flows.py" ask 203.0.113.1 9000 1

# drain NAME FIELD: what DrainStatus says of the member.
drain() { ctl drain member "$1" -o json 2>/dev/null | jq -r ".members[0].$2" || :; }
left_is() { [ "$(drain "$1" connections)" = "$2" ]; }

# --- the flows of a member that drains ---
flows streams client 203.0.113.1 9000 30
had=$(flows_of streams m11)
((had > 0)) || fail "m11 has none of the streams: $(cat "$lab/streams.status")"
! ctl drain member m11 --wait 60 >"$lab/wait.out" 2>&1 || fail "a member that does not drain is drained"
grep -q '^error: new flows come to m11: set its admin_state to draining first$' "$lab/wait.out" || fail "$(cat "$lab/wait.out")"
apply <<<'member: [{name: m11, pool: web, address: 10.9.0.11, admin_state: draining}]'
asked_only "m12 m13" client 203.0.113.1 9000 200
wait_for 5 "the streams of m11 alone to be left: $(ctl drain member m11 -o wide || :)" left_is m11 "$had"
equal "$(drain m11 younger)" 0 "connections of m11 that are younger than its drain"
ctl drain member m11 -o json >"$lab/drain.json" || :
jq -e '.members[0] | .draining and .youngest_generation < .since_generation and .oldest_generation > 0' "$lab/drain.json" >/dev/null ||
	fail "the youngest of the drain: $(cat "$lab/drain.json")"
flows_go_on streams 30 "while m11 drains"

# Whose they are: by the member, the listener and the load balancer.
connections() { ctl show connections -o json "$@" | jq -r '[.connections[] | select(.state == "established")] | length'; }
equal "$(connections --member m11)" "$had" "connections of m11"
equal "$(connections --listener web --member m11)" "$had" "connections of m11 by the listener"
equal "$(connections --listener web) $(connections --load-balancer web)" "60 60" "connections of web, and answers"
equal "$(connections --listener busy) $(connections --load-balancer busy)" "0 0" "connections of busy"
equal "$(ctl show connections --listener web -o json | jq -r '[.connections[].listener] | unique | join(" ")')" web "listeners that are named"

# A deadline: it ends, says what is left, and is no success.
code=0
ctl drain member m11 --wait 1s --interval 0.2 >"$lab/wait.out" 2>&1 || code=$?
equal "$code" 1 "the exit code behind the deadline"
grep -q "^m11: $had connections\? left, none younger than the drain; " "$lab/wait.out" || fail "no progress: $(cat "$lab/wait.out")"
grep -q '^error: m11 is not drained behind 1 s$' "$lab/wait.out" || fail "no deadline: $(cat "$lab/wait.out")"

# Streams that are taken up again, as behind a restart without a memory, are not hidden: they are younger, and counted.
# What is known of answers stays: a member's packet that came first would leave as it is.
ctl delete connections --prefix 203.0.113.1 >/dev/null
flows_go_on streams 30 "that the router had forgotten"
wait_for 5 "the streams of m11 to be known again" left_is m11 "$had"
equal "$(drain m11 younger)" "$had" "connections of m11 that were taken up again behind its drain"

# The end: the wait is over when the streams are, and what is gone for the service may be deleted.
spawn wait sluice "$sluicectl" --server "unix:$lab/sluice.sock" drain member m11 --wait 60s --interval 0.1
wait_for 5 "the wait to begin" grep -q "^m11: $had connection" "$lab/wait.log"
waits=$(cat "$lab/wait.pid")
rm "$lab/wait.pid"
kill -0 "$waits" || fail "the wait is over too early: $(cat "$lab/wait.log")"
flows others client 203.0.113.1 9000 20
# It goes on over a restart of the daemon. The next one has the connections, and knows of its own generations alone.
stop sluiced KILL || :
wait_for 10 "the wait to notice" grep -q '^sluiced does not answer: waiting for it$' "$lab/wait.log"
start
flows_go_on streams 30 "with the next daemon"
wait_for 10 "the streams of m11 to be known to the next daemon" left_is m11 "$had"
equal "$(drain m11 younger)" 0 "connections of m11 that began with the next daemon"
kill -0 "$waits" || fail "the wait did not live through a restart: $(cat "$lab/wait.log")"
stop streams || :
wait "$waits" || fail "the wait ended with status $?: $(cat "$lab/wait.log")"
grep -q '^m11: drained$' "$lab/wait.log" || fail "the end of the drain: $(cat "$lab/wait.log")"
apply <<<'delete: {member: [{name: m11}]}'
flows_go_on others 20 "behind the end of m11"
equal "$(flows_of others m11)" "" "flows of a member that drained"
echo "ok drain: $had streams waited for"

# --- what a change would do to flows is said by its dry run, and is what it does ---
# dry_run: its effects on connections, of YAML from standard input.
dry_run() {
	cat >"$lab/dry.yaml"
	ctl apply --dry-run -f "$lab/dry.yaml" >"$lab/dry.out" 2>&1 || fail "dry run: $(cat "$lab/dry.out")"
	sed -n '/^connections: /,$p' "$lab/dry.out"
}
moves=$(flows_of others m12) stay=$(flows_of others m13)
((moves > 0 && stay > 0)) || fail "the flows: $(cat "$lab/others.status")"
equal "$(dry_run <<<'member: [{name: m12, pool: web, address: 10.9.0.12, admin_state: draining}]')" "" "a drain's effect on connections"
dry_run <<<'delete: {member: [{name: m12}, {name: m13}]}' >"$lab/said"
grep -q "^connections: 20 would end, 0 change" "$lab/said" || fail "without members: $(cat "$lab/said")"
dry_run <<<'delete: {member: [{name: m12}]}' >"$lab/said"
grep -q "^connections: 0 would end, $moves change" "$lab/said" || fail "without m12: $(cat "$lab/dry.out")"
grep -q "^  VRF x, at member m12: $moves go to another member$" "$lab/said" || fail "without m12: $(cat "$lab/said")"
flows_go_on others 20 "behind dry runs"
apply <<<'delete: {member: [{name: m12}]}'
lost() { [ "$(flows_field others 3)" = "$moves" ]; }
wait_for 10 "the flows of m12 to meet another member, which knows none of them" lost
flows_go_on others "$stay" "that had another member"
stop others || :
echo "ok dry run: $moves flows moved, $stay stayed"

# --- a limit a member, and where the rest goes ---
flows first client 203.0.113.2 9000 5
equal "$(flows_of first m14)" 5 "flows of the pool up to its limit: $(cat "$lab/first.status")"
flows second client 203.0.113.2 9000 8
equal "$(flows_of second m15)" 8 "flows beyond the limit: $(cat "$lab/second.status")"
before=$(reason pool_full)
! at client timeout 2 /usr/bin/python3 "$root/tests/lab/service_flows.py" ask 203.0.113.2 9000 1 2>/dev/null || fail "a flow got into full pools"
(($(reason pool_full) > ${before:-0})) || fail "nothing was dropped as pool_full: $(ctl show drops)"
flows_go_on first 5 "of a full pool"
flows_go_on second 8 "of a full overflow pool"
stop first || :
wait_for 10 "room in the pool" left_is m14 0
flows third client 203.0.113.2 9000 5
equal "$(flows_of third m14)" 5 "flows of a pool that has room again: $(cat "$lab/third.status")"
flows_go_on second 8 "while their pool of first choice has room"
stop second || :
stop third || :
echo "ok overflow: 5 flows in the pool, 8 in the other, no more"
stop_sluiced
