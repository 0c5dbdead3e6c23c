#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One sluiced takes over from the other (--takeover), under frames at a known rate, with a client that commits and one
# that reads all the while: no frame is lost, all are counted, no acknowledged commit is lost, and who tries again sees
# no error but a reconnect. One that is killed half-way, or that stops, leaves the other where it was.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server 10.7.0.2
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
rate=2000
target=10.7.0.2 # not on a link, so that the route counts the frames
# shellcheck source=tests/lab/frames.sh
. "$root/tests/lab/frames.sh"

rounds=${SLUICE_TAKEOVERS:-2}
kills=${SLUICE_TAKEOVER_KILLS:-4}
add_ns client sluice server
add_client
add_server
address server lo 10.7.0.2/32
state=$lab/state
mkdir "$lab/bpf"
mount -t bpf bpf "$lab/bpf"
undo+=("umount -l $lab/bpf")

options=(--config /dev/null --listen "unix:$lab/sluice.sock" --listen 127.0.0.1:50051 --log-format text
	--state "$state" --pins "$lab/bpf/router")

# begin N [OPTION...]: the sluiced of that number, in the background.
begin() {
	local n=$1
	shift
	spawn "sluiced$n" sluice "$sluiced" "${options[@]}" "$@"
}
says() { grep -q "$2" "$lab/sluiced$1.log"; }
# comes_to N WORDS: the sluiced of that number says so, in time.
comes_to() {
	local deadline=$((SECONDS + 120))
	until says "$@"; do
		if ! alive "sluiced$1" || ((SECONDS > deadline)); then
			says "$@" || fail "number $1 does not say \"$2\": $(tail -n 20 "$lab"/sluiced*.log)"
		fi
		sleep 0.05
	done
}
ended() { ! alive "sluiced$1"; }
boot() { ctl status -o json | jq -r .boot_id; }
list() {
	local kind
	for kind in vrfs interfaces next_hops next_hop_groups routes; do ctl show $kind -o yaml; done
}
route_packets() { state routes x/10.7.0.0/24 counters.packets; }
answers() { ctl status; }
is() { [ "$(boot)" = "$1" ]; }

begin 0
wait_for 30 "sluiced to answer" answers
apply <<YAML
vrf: {name: x}
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
$(ends_yaml cl0 up0)
  - {vrf: x, prefix: 10.7.0.0/24, next_hop_group: server}
YAML
wait_for 10 "the next hops" programmed next_hops
wait_for 10 "an answer" at client ping -c 1 -W 1 10.7.0.2

clients_start() {
	touch "$lab/acknowledged"
	spawn write sluice /usr/bin/python3 "$root/tests/lab/takeover_client.py" "unix:$lab/sluice.sock" write "$lab/acknowledged" \
		$(($(wc -l <"$lab/acknowledged") + 10))
	spawn read sluice /usr/bin/python3 "$root/tests/lab/takeover_client.py" 127.0.0.1:50051 read
}
# They have seen no error that did not go when they tried again; what was acknowledged is there, and nothing else.
clients_end() {
	local client
	for client in write read; do
		stop $client || fail "the client: $(tail -n 3 "$lab/$client.log")"
		tail -n 1 "$lab/$client.log"
	done
	ctl show routes -o json | jq -r '.states[].key | select(startswith("x/172.")) | ltrimstr("x/")' | sort >"$lab/listed"
	sort "$lab/acknowledged" | comm -23 - "$lab/listed" >"$lab/gone"
	[ ! -s "$lab/gone" ] || fail "acknowledged and gone: $(head "$lab/gone")"
	[ "$(wc -l <"$lab/listed")" -le $(($(wc -l <"$lab/acknowledged") + 2)) ] || fail "more routes than were committed"
}
# check_frames WHAT: none was lost, none uncounted, since frames_start and `counted`.
check_frames() {
	frames_end
	equal "$lost" 0 "frames lost $1 ($sent sent)"
	equal "$(($(route_packets) - counted))" "$sent" "frames that the route has counted $1"
	[ "$sent" -gt 500 ] || fail "only $sent frames were sent"
}

# --- one takes over from the other, again and again ---
counted=$(route_packets)
clients_start
frames_start
for ((n = 1; n <= rounds; n++)); do
	before=$(boot)
	begin $n --takeover
	comes_to $n "takeover: done"
	wait_for 10 "number $((n - 1)) to end" ended $((n - 1))
	[ "$(boot)" != "$before" ] || fail "number $((n - 1)) answers"
	stop "sluiced$((n - 1))" || fail "number $((n - 1)) ended with $?: $(tail -n 20 "$lab/sluiced$((n - 1)).log")"
done
check_frames "over $rounds takeovers"
clients_end
echo "$rounds takeovers, $(wc -l <"$lab/acknowledged") commits acknowledged; $sent frames sent, $lost lost, all counted"
running=$rounds

# --- the one that takes over is killed half-way: the other goes on ---
list >"$lab/before"
before=$(boot)
counted=$(route_packets)
clients_start
frames_start
waits=0
for ((i = 0; i < kills; i++)); do
	begin "k$i" --takeover
	comes_to "k$i" "takeover: the sluiced that runs waits"
	sleep "0.0$((RANDOM % 10))"
	kill -STOP "$(cat "$lab/sluicedk$i.pid")"
	if says "k$i" "takeover: done"; then # it was quicker
		kill -CONT "$(cat "$lab/sluicedk$i.pid")"
		wait_for 10 "number $running to end" ended "$running"
		running=k$i
		before=$(boot)
		continue
	fi
	stop "sluicedk$i" KILL || :
	wait_for 10 "who answers after kill $i" is "$before"
	waits=$((waits + 1))
done
[ $waits -gt 0 ] || fail "none was killed half-way"
equal "$(cat "$lab"/sluiced[0-9k]*.log | grep -c "was to take over has ended: going on")" $waits "times that one went on"
check_frames "over $waits kills"
clients_end
echo "$waits killed half-way: $sent frames sent, $lost lost"

# --- one that stops half-way is ended in time; who committed meanwhile is answered ---
begin new --takeover=2
comes_to new "takeover: the sluiced that runs waits"
kill -STOP "$(cat "$lab/sluicednew.pid")"
echo "route: [{vrf: x, prefix: 10.66.0.0/16, next_hop_group: server}]" | apply
wait_for 10 "the one that stopped to be ended" ended new
says "$running" "took too long, and was ended: going on" || fail "it says: $(tail -n 5 "$lab/sluiced$running.log")"
equal "$(boot)" "$before" "who answers"

# --- what cannot take over says so, and changes nothing ---
refused() {
	! at sluice "$sluiced" "${options[@]}" "$@" >"$lab/refused.log" 2>&1 || fail "it starts: $*"
	equal "$(boot)" "$before" "who answers after $*"
	at client ping -c 1 -W 1 10.7.0.2 >/dev/null || fail "packets stop after $*"
}
refused --takeover --state "$lab/elsewhere"
grep -q "keeps its state in another directory" "$lab/refused.log" || fail "it says: $(cat "$lab/refused.log")"
refused --takeover --state none
grep -q "takeover: it takes a state directory" "$lab/refused.log" || fail "it says: $(cat "$lab/refused.log")"
refused
grep -q "another sluiced\|is in use" "$lab/refused.log" || fail "a second one without --takeover: $(cat "$lab/refused.log")"

# --- where none runs it starts as usual ---
stop "sluiced$running" || fail "number $running ended with $?: $(tail -n 20 "$lab/sluiced$running.log")"
begin last --takeover
wait_for 30 "sluiced to answer" answers
says last "no sluiced runs here" || fail "it says: $(cat "$lab/sluicedlast.log")"
at client ping -c 1 -W 1 10.7.0.2 >/dev/null || fail "it does not forward"
stop sluicedlast || fail "it ended with status $?: $(tail -n 20 "$lab/sluicedlast.log")"
[ ! -e "$lab/bpf/router" ] || fail "SIGTERM leaves maps: $(ls "$lab/bpf/router")"
