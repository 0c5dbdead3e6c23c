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
# Each frame has its number; what does not arrive has been lost.
cat >"$lab/frames.py" <<'PYTHON'
import signal, socket, struct, sys, time
mode, rate = sys.argv[1], int(sys.argv[2])
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
if mode == "send":
    sent, start = 0, time.monotonic()
    while not stop:
        due = int((time.monotonic() - start) * rate)
        while sent < due:
            udp.sendto(struct.pack("!Q", sent), ("10.9.0.2", 9))
            sent += 1
        time.sleep(0.0005)
    print("sent", sent)
else:
    # SO_RCVBUFFORCE
    udp.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)
    udp.bind(("10.9.0.2", 9))
    udp.settimeout(0.2)
    seen, twice, last = set(), 0, time.monotonic()
    while not stop:
        try:
            number, = struct.unpack("!Q", udp.recv(64))
        except TimeoutError:
            continue
        twice += number in seen
        seen.add(number)
    print("received", len(seen), "highest", max(seen, default=-1), "twice", twice)
PYTHON
listens() { at server ss -Huln | grep -q :9; }
frames_start() {
	spawn receive server /usr/bin/python3 "$lab/frames.py" receive 0
	wait_for 10 "the receiver" listens
	spawn send client /usr/bin/python3 "$lab/frames.py" send $rate
}
# frames_end: how many were sent and lost.
frames_end() {
	stop send
	sleep 1 # what is on its way
	stop receive || fail "the receiver: $(cat "$lab/receive.log")"
	sent=$(awk '$1 == "sent" { n = $2 } END { print n + 0 }' "$lab/send.log")
	received=$(awk '$1 == "received" { n = $2 } END { print n + 0 }' "$lab/receive.log")
	lost=$((sent - received))
	rm "$lab/send.log" "$lab/receive.log"
}

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
[ "$(wc -l <"$lab/acknowledged")" -gt "$rounds" ] || fail "too few commits to mean anything"
[ "$sent" -gt $((rounds * rate / 4)) ] || fail "only $sent frames were sent"
equal "$lost" 0 "frames lost"
