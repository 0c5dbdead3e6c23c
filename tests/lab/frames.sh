# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# UDP from client to the server's $target (10.9.0.2; of either family), at $rate frames a second. Each has its number;
# what does not arrive is lost. Source it behind lib.sh.
# shellcheck disable=SC2034,SC2154 # variables of the script that sources this file
rate=${rate:-2000}
cat >"$lab/frames.py" <<'PYTHON'
import signal, socket, struct, sys, time
mode, rate, target = sys.argv[1], int(sys.argv[2]), sys.argv[3]
udp = socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET, socket.SOCK_DGRAM)
stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
if mode == "send":
    sent, start = 0, time.monotonic()
    while not stop:
        due = int((time.monotonic() - start) * rate)
        while sent < due:
            udp.sendto(struct.pack("!Q", sent), (target, 9))
            sent += 1
        time.sleep(0.0005)
    print("sent", sent)
else:
    # SO_RCVBUFFORCE
    udp.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)
    udp.bind((target, 9))
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
	spawn receive server /usr/bin/python3 "$lab/frames.py" receive 0 "${target:-10.9.0.2}"
	wait_for 10 "the receiver" listens
	spawn send client /usr/bin/python3 "$lab/frames.py" send "$rate" "${target:-10.9.0.2}"
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
