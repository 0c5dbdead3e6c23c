#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Clients that a router must survive, one kind after the other (hostile_client.py), and beside each a neighbour that
# commits: what its commits take, and what memory the daemon takes more. Then SIGTERM with 200 streams that nobody reads,
# and a log that nobody reads.
#
#   test_hostile_clients.sh [--long]: with --long each kind for 60 s, on 100,000 routes instead of 20,000.
#
# The bars hold for --long, a build for use and a machine of its own. Tests share theirs, and sanitizers take several times
# as long and keep what is freed for a while: they only see what is wrong by far.
. "$(dirname "$0")/lib.sh"

seconds=2 routes=20000 p99_us=100000 grown_kib=65536 end_ms=6000
[ "${1:-}" != --long ] || seconds=60 routes=100000 p99_us=10000
case $build in *asan* | *tsan*) p99_us=500000 grown_kib=262144 end_ms=20000 ;; esac
commit=$build/tests/bench/bench_commit
[ -x "$commit" ] || fail "there is no $commit: build it"

add_ns sluice
sluiced_pid() { cat "$lab/sluiced.pid"; }
rss() { awk '/VmRSS/ { print $2 }' "/proc/$(sluiced_pid)/status"; }

start() {
	start_sluiced sluice "$@"
	apply <<-YAML
		vrf: [{name: internet}]
		next_hop: [{name: bench-a, discard: {}}, {name: bench-b, discard: {}}]
		next_hop_group: [{name: bench-a, members: [{next_hop: bench-a}]}, {name: bench-b, members: [{next_hop: bench-b}]}]
	YAML
}

start --state "$lab/state"
awk -v n="$routes" 'BEGIN { for (i = 0; i < n; i++) printf "%d.%d.%d.0/24 bench-a\n", 20 + i / 65536, i / 256 % 256, i % 256 }' >"$lab/table"
ctl load "$lab/table" --vrf internet >"$lab/load.out" 2>&1 || fail "load: $(cat "$lab/load.out")"

hostile() {
	rm -f "$lab/$1.log"
	spawn "$1" sluice /usr/bin/python3 "$root/tests/lab/hostile_client.py" "unix:$lab/sluice.sock" "$@"
	wait_for 60 "$1 to begin" grep -q ready "$lab/$1.log"
}

neighbour() {
	"$commit" "unix:$lab/sluice.sock" route 1 "$seconds" volatile || fail "the neighbour's commits beside $1: $(tail -n 3 "$lab/sluiced.log")"
}

# beside KIND [NUMBER]: the neighbour's commits while that client is at work.
beside() {
	local result p99 grown before
	before=$(rss)
	hostile "$@"
	result=$(neighbour "$1")
	p99=$(jq .p99 <<<"$result") grown=$(($(rss) - before))
	stop "$1" KILL 2>/dev/null || :
	echo "$* : p50 $(jq .p50 <<<"$result") us, p99 $p99 us, longest $(jq .max <<<"$result") us, $grown KiB more"
	[ "$p99" -le "$p99_us" ] || fail "a commit beside $1 takes $p99 us (p99), more than $p99_us"
	[ "$grown" -le "$grown_kib" ] || fail "$1 takes $grown KiB, more than $grown_kib"
}

echo "alone: $(neighbour nobody)"
beside list 8
beside repeat
beside tokens 4
beside connect 600
beside pause 200
beside unread 200
hostile unread 200
from=$(date +%s%N)
pid=$(sluiced_pid)
rm "$lab/sluiced.pid"
kill -TERM "$pid"
wait "$pid" || fail "sluiced ended with status $?: $(tail -n 20 "$lab/sluiced.log")"
took=$((($(date +%s%N) - from) / 1000000))
echo "SIGTERM with 200 streams that nobody reads: $took ms"
[ "$took" -le "$end_ms" ] || fail "SIGTERM took $took ms"
stop unread KILL 2>/dev/null || :

# A log that nobody reads: a pipe that is open, and full.
mkfifo "$lab/log"
exec 9<>"$lab/log"
ip netns exec "$(ns sluice)" "$sluiced" --config /dev/null --listen "unix:$lab/sluice.sock" --log-level debug \
	>"$lab/log" 2>&1 </dev/null &
echo $! >"$lab/sluiced.pid"
undo+=("stop sluiced")
wait_for 30 "sluiced to answer" ctl status
dd if=/dev/zero of="$lab/log" bs=4096 count=64 oflag=nonblock status=none 2>/dev/null || : # fills the pipe
for i in 1 2 3; do
	timeout 10 "$sluicectl" --server "unix:$lab/sluice.sock" apply -y -f - >"$lab/apply.out" 2>&1 <<<"vrf: [{name: v$i}]" ||
		fail "no commit while nobody reads the log: $(cat "$lab/apply.out")"
done
stop_sluiced
