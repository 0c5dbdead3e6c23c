#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sluiced is killed at random moments of a row of commits, and started again, under frames at a known rate: no frame is
# lost, no acknowledged commit is lost, and it lists what it listed. Then a clean restart (SIGUSR1), a port that is no
# longer configured, a full disk, a damaged journal, and a state that is lost.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server
#                                    sluice other --- eth0 elsewhere
. "$(dirname "$0")/lib.sh"

rounds=${SLUICE_RESTARTS:-12}
rate=2000 # frames a second
# shellcheck source=tests/lab/frames.sh
. "$root/tests/lab/frames.sh"

add_ns client sluice server elsewhere
add_client
add_server
add_link sluice other elsewhere eth0
state=$lab/state

start() { start_sluiced sluice --state "$state"; }
list() {
	local kind
	for kind in vrfs interfaces next_hops next_hop_groups routes; do ctl show $kind -o yaml; done
}

start
apply <<YAML
vrf: {name: x}
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}, {name: other, vrf: x}]
$(ends_yaml cl0 up0)
YAML
wait_for 10 "the next hops" programmed next_hops
wait_for 10 "an answer" at client ping -c 1 -W 1 10.9.0.2

# --- killed in the middle of commits ---
# Commits one route after the other, and writes down which were acknowledged.
commits() {
	local i=$1
	while :; do
		printf 'route: [{vrf: x, prefix: 172.16.%d.%d/32, next_hop_group: server}]\n' $((i / 250 % 250)) $((i % 250)) \
			>"$lab/route.yaml"
		ctl --timeout 5 apply -y -f "$lab/route.yaml" >/dev/null 2>&1 || return 0
		echo "172.16.$((i / 250 % 250)).$((i % 250))/32" >>"$lab/acknowledged"
		i=$((i + 1))
	done
}

: >"$lab/acknowledged"
frames_start
for ((round = 0; round < rounds; round++)); do
	commits $((round * 1000)) &
	writer=$!
	sleep "0.$((RANDOM % 90 + 10))"
	before=$(wc -l <"$lab/acknowledged")
	stop sluiced KILL || :
	wait $writer || :
	start
	list >"$lab/after"
	while read -r acknowledged; do
		grep -q "prefix: $acknowledged" "$lab/after" || fail "round $round: $acknowledged was acknowledged, and is gone"
	done <"$lab/acknowledged"
	[ "$(wc -l <"$lab/acknowledged")" -ge "$before" ] || fail "no commits"
done
frames_end
echo "$rounds kills, $(wc -l <"$lab/acknowledged") commits acknowledged; $sent frames sent, $lost lost"
[ "$(wc -l <"$lab/acknowledged")" -gt 0 ] || fail "no commit was acknowledged"
[ "$sent" -gt $((rounds * rate / 4)) ] || fail "only $sent frames were sent"
equal "$lost" 0 "frames lost"

# --- restarted by its service manager: SIGUSR1 ---
list >"$lab/before"
frames_start
sleep 0.3
stop sluiced USR1 || fail "sluiced ended with status $?: $(tail -n 20 "$lab/sluiced.log")"
sleep 0.3
start
list >"$lab/after"
sleep 0.3
frames_end
cmp "$lab/before" "$lab/after" || fail "it lists something else: $(diff "$lab/before" "$lab/after" | head)"
equal "$lost" 0 "frames lost over a clean restart ($sent sent)"
[ "$sent" -gt 500 ] || fail "only $sent frames were sent"

# --- what is attached and not configured is detached ---
# All of it is read: a tc whose reader has gone is a failed pipe.
attached() { at sluice tc filter show dev "$1" ingress | grep sluice_tc >/dev/null; }
attached other || fail "other has no program"
echo "delete: {interface: [{name: other}]}" | apply
! attached other || fail "other still has its program"
echo "interface: [{name: other, vrf: x}]" | apply
stop sluiced KILL || :
cp "$state/journal" "$lab/with-other"
start
echo "delete: {interface: [{name: other}]}" | apply
stop sluiced USR1
cp "$state/journal" "$lab/without-other"
cp "$lab/with-other" "$state/journal"
start
attached other || fail "other has no program after the restart"
stop sluiced KILL || :
cp "$lab/without-other" "$state/journal"
start
! attached other || fail "other still has the program of the daemon before"
grep -q "other (ifindex .*: detached: no interface is configured on it any more" "$lab/sluiced.log" ||
	fail "nothing is said of other"

# --- one daemon a directory ---
! at elsewhere "$sluiced" --config /dev/null --listen "unix:$lab/second.sock" --state "$state" 2>"$lab/second.log" ||
	fail "a second sluiced has the same state"
grep -q "another sluiced keeps its state there" "$lab/second.log" || fail "the second says: $(cat "$lab/second.log")"

# health SERVICE: what grpc.health.v1 says of it.
health() {
	/usr/bin/python3 - "$lab/sluice.sock" "sluice.v1.$1" <<-'PYTHON'
		import sys
		import grpc
		channel = grpc.insecure_channel("unix:" + sys.argv[1])
		check = channel.unary_unary("/grpc.health.v1.Health/Check")
		name = sys.argv[2].encode()
		answer = check(bytes([10, len(name)]) + name, timeout=10)
		print({b"\x08\x01": "SERVING", b"\x08\x02": "NOT_SERVING"}.get(answer, answer))
	PYTHON
}

# --- a full disk: refused, nothing changed, forwarding goes on; then room again ---
bytes=$(ctl status | sed -n 's/^journal .*: ok, \([0-9]*\) bytes.*/\1/p')
stop sluiced USR1
small=$lab/small
mkdir "$small"
mount -t tmpfs -o size=1m tmpfs "$small"
undo+=("umount -l $small")
head -c "$bytes" "$state/journal" >"$small/journal" # without the zeros behind it, which commits would go into
state=$small
start
at sluice head -c 1M /dev/zero >"$small/fill" 2>/dev/null || :
list >"$lab/before"
frames_start
for i in $(seq 40); do # the last page of the file may have room for some
	printf 'route: [{vrf: x, prefix: 172.30.0.%d/32, next_hop_group: server}]\n' "$i" >"$lab/route.yaml"
	list >"$lab/before"
	ctl apply -y -f "$lab/route.yaml" >"$lab/refused" 2>&1 || break
done
[ "$i" -lt 40 ] || fail "a full disk takes every commit"
grep -q "No space left on device: free space there" "$lab/refused" || fail "refused with: $(cat "$lab/refused")"
list >"$lab/after"
cmp "$lab/before" "$lab/after" || fail "a refused commit has changed something"
ctl status | grep -q "cannot be written: No space left on device" || fail "status says: $(ctl status)"
equal "$(health ConfigService) $(health StateService)" "NOT_SERVING SERVING" "health with a full disk"
rm "$small/fill"
works_again() { ctl status | grep -q '^journal .*ok'; }
wait_for 5 "the journal to be well again" works_again
ctl apply -y -f "$lab/route.yaml" >/dev/null
equal "$(health ConfigService)" SERVING "health with room again"
frames_end
equal "$lost" 0 "frames lost over a full disk"

# --- damage: a refusal with the remedy, and packets go on ---
stop sluiced KILL || :
cp "$small/journal" "$lab/good"
printf 'X' | dd of="$small/journal" bs=1 seek=200 conv=notrunc status=none
! at sluice "$sluiced" --config /dev/null --listen "unix:$lab/sluice.sock" --state "$small" 2>"$lab/damaged.log" ||
	fail "it starts with a damaged journal"
grep -q "is damaged at byte .*move it away" "$lab/damaged.log" || fail "it says: $(cat "$lab/damaged.log")"
at client ping -c 3 -i 0.1 -W 1 10.9.0.2 >/dev/null || fail "a daemon that does not start stops packets"

# --- a state that is lost: forwarding goes on, or the ports are closed, as configured ---
rm "$small/journal"
start
equal "$(revision)" 0 "revision of a new journal"
at client ping -c 3 -i 0.1 -W 1 10.9.0.2 >/dev/null || fail "packets do not go on"
stop sluiced KILL || :
echo "on_unknown_state: drop" >"$lab/closed.yaml"
start_sluiced sluice --state "$small" --config "$lab/closed.yaml"
! at client ping -c 2 -i 0.1 -W 1 10.9.0.2 >/dev/null || fail "ports of an unknown state forward"
grep -q "cl0 (ifindex .*closed until it is configured" "$lab/sluiced.log" || fail "nothing is said of cl0"
before=$(reason state_unknown)
[ "$before" -ge 2 ] || fail "$before packets dropped as state_unknown"
at client ping -c 5 -i 0.05 -W 0.1 10.9.0.2 >/dev/null || :
[ "$(reason state_unknown)" -ge $((before + 5)) ] || fail "not all are counted as state_unknown: $(reason state_unknown)"
apply <<YAML
vrf: {name: x}
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
$(ends_yaml cl0 up0)
YAML
wait_for 10 "the next hops" programmed next_hops
at client ping -c 2 -i 0.1 -W 1 10.9.0.2 >/dev/null || fail "a port that is configured again does not forward"

# --- a backup comes back ---
stop sluiced KILL || :
cp "$lab/good" "$small/journal"
start
show_json routes '.states[].key' | grep -q 'x/172.30.0.1/32' || fail "the backup's routes are not there"
stop_sluiced
! attached cl0 || fail "SIGTERM leaves programs behind"
