#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What packets write outlives the daemon. It is killed under frames, and the next one goes on with the counters, none of
# which has missed a frame, and with a tunnel's path MTU; an id that was freed counts from zero. Other limits begin anew,
# and say so. Kept as pins, then by a service manager as systemd's descriptor store does.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server 10.7.0.2
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
rate=2000
target=10.7.0.2 # of the frames; not on a link, so that the route counts them
# shellcheck source=tests/lab/frames.sh
. "$root/tests/lab/frames.sh"

kills=${SLUICE_RESTARTS:-2}
add_ns client sluice server
add_client
add_server
address server lo 10.7.0.2/32
state=$lab/state
mkdir "$lab/bpf"
mount -t bpf bpf "$lab/bpf"
undo+=("umount -l $lab/bpf")
pins=$lab/bpf/router

start() { start_sluiced sluice --state "$state" --pins "$pins" "$@"; }
route_packets() { state routes "x/$1" counters.packets; }
reasons() { show_json drops '.counters[] | "\(.name) \(.counters.packets // 0) \(.counters.bytes // 0)"' | sort; }
since() { ctl status -o json | jq -r .counters_since; }
# Every counter of the list before is in the one after, and as large at least.
not_less() {
	join "$1" "$2" | awk '$4 < $2 || $5 < $3 { print; bad = 1 } END { exit bad }' || fail "counters went backwards"
	equal "$(join "$1" "$2" | wc -l)" "$(wc -l <"$1")" "reasons"
}

start
apply <<YAML
vrf: [{name: x}, {name: tenant}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
tunnel_endpoint: {name: t, kind: vxlan, local_address: 10.1.0.1, remote_address: 10.1.0.2, underlay_vrf: x, vni_bindings: [{vni: 100, vrf: tenant}]}
$(ends_yaml cl0 up0)
  - {vrf: x, prefix: 10.7.0.0/24, next_hop_group: server}
YAML
wait_for 10 "the next hops" programmed next_hops
wait_for 10 "an answer" at client ping -c 1 -W 1 10.7.0.2
at client /usr/bin/python3 - <<'PYTHON'
import logging
logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.all import ICMP, IP, UDP, Raw, send
about = IP(src="10.1.0.1", dst="10.1.0.2", flags="DF", id=0, len=1500) / UDP(sport=50000, dport=4789, len=1480) / Raw(bytes(64))
send(IP(dst="10.1.0.1") / ICMP(type=3, code=4, nexthopmtu=1300) / Raw(bytes(about)), verbose=0)
PYTHON
path_is_known() { [ "$(state tunnel_endpoint t tunnel_endpoint_status.path_mtu)" = 1300 ]; }
wait_for 5 "the path MTU" path_is_known

# --- killed under frames, and ended by SIGUSR1: not one that is not counted ---
echo "route: [{vrf: x, prefix: 172.16.0.1/32, next_hop_group: server}]" | apply
at client ping -c 3 -i 0.05 -W 0.1 172.16.0.1 >/dev/null || :
[ "$(route_packets 172.16.0.1/32)" -ge 3 ] || fail "the route has counted nothing"
echo "delete: {route: [{vrf: x, prefix: 172.16.0.1/32}]}" | apply
began=$(since)
counted=$(route_packets 10.7.0.0/24)
frames_start
for ((i = 0; i <= kills; i++)); do
	sleep "0.$((RANDOM % 90 + 10))"
	reasons >"$lab/before"
	before=$(route_packets 10.7.0.0/24)
	if [ $i = 0 ]; then
		stop sluiced USR1 || fail "sluiced ended with status $?: $(tail -n 20 "$lab/sluiced.log")"
	else
		stop sluiced KILL || :
	fi
	start
	reasons >"$lab/after"
	not_less "$lab/before" "$lab/after"
	[ "$(route_packets 10.7.0.0/24)" -ge "$before" ] || fail "the route's counter went backwards"
	path_is_known || fail "the path MTU is gone"
done
frames_end
equal "$lost" 0 "frames lost"
equal "$(($(route_packets 10.7.0.0/24) - counted))" "$sent" "frames that the route has counted over $kills kills"
equal "$(since)" "$began" "since when it counts"
[ "$(state interfaces cl0 counters.packets)" -ge "$sent" ] || fail "cl0 has not counted all"
echo "$kills kills: $sent frames sent, $lost lost, all counted"

# --- the id that was freed before counts from zero ---
echo "route: [{vrf: x, prefix: 172.16.0.2/32, next_hop_group: server}]" | apply
equal "$(route_packets 172.16.0.2/32)" 0 "packets of a new route"

# --- other limits: anew, and no frame is lost ---
frames_start
sleep 0.3
before=$(route_packets 10.7.0.0/24)
stop sluiced KILL || :
start --max-routes 1000
sleep 0.3
after=$(route_packets 10.7.0.0/24)
frames_end
equal "$lost" 0 "frames lost by other limits"
[ "$after" -lt "$before" ] || fail "other limits go on with the counters"
[ "$(since)" -gt "$began" ] || fail "it counts since $(since)"
grep -q "the map counters of the daemon before begins anew: it is of another size" "$lab/sluiced.log" ||
	fail "nothing is said of the counters: $(tail -n 20 "$lab/sluiced.log")"
path_is_known || fail "the path MTU is gone with other limits"

stop_sluiced
[ ! -e "$pins" ] || fail "SIGTERM leaves maps: $(ls "$pins")"

# --- the descriptor store of a service manager ---
cat >"$lab/manager.py" <<'PYTHON'
import array, os, signal, socket, sys
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(sys.argv[1])
notify.settimeout(0.1)
store, child, asked = {}, 0, []
signal.signal(signal.SIGUSR2, lambda *_: asked.append("again"))
signal.signal(signal.SIGTERM, lambda *_: asked.append("stop"))

def start():
    pid = os.fork()
    if pid:
        return pid
    high = [os.dup(fd) for fd in store.values()]
    high = [os.dup2(fd, 100 + i) for i, fd in enumerate(high)]
    for i, fd in enumerate(high):
        os.dup2(fd, 3 + i, inheritable=True)
    os.environ.update(NOTIFY_SOCKET=sys.argv[1], LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(store)),
                      LISTEN_FDNAMES=":".join(store))
    os.execv(sys.argv[2], sys.argv[2:])

def hear():
    data, fds, _, _ = socket.recv_fds(notify, 4096, 4)
    said = dict(line.split("=", 1) for line in data.decode().splitlines())
    name = said.get("FDNAME", "stored")
    if "FDSTOREREMOVE" in said and name in store:
        os.close(store.pop(name))
    if "FDSTORE" in said:
        # systemd polls what it keeps unless it is told not to, and a map polls as an error
        assert said.get("FDPOLL") == "0" and len(fds) == 1, said
        store[name] = fds[0]

def hear_some():
    try:
        hear()
    except TimeoutError:
        pass

def status_of(child):
    while True: # who says more than the socket holds waits until it is heard
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status
        hear_some()

child = start()
while True:
    hear_some()
    while asked:
        what = asked.pop(0)
        os.kill(child, signal.SIGKILL if what == "again" else signal.SIGTERM)
        status = status_of(child)
        if what == "stop":
            sys.exit(os.waitstatus_to_exitcode(status))
        print("again with", *sorted(store), flush=True)
        child = start()
PYTHON
spawn sluiced sluice /usr/bin/python3 "$lab/manager.py" "$lab/notify" "$sluiced" --config /dev/null \
	--listen "unix:$lab/sluice.sock" --state "$state"
wait_for 30 "sluiced to answer" sluiced_answers
wait_for 10 "an answer" at client ping -c 1 -W 1 10.7.0.2
began=$(since)
counted=$(route_packets 10.7.0.0/24)
boot=$(ctl status -o json | jq -r .boot_id)
frames_start
sleep 0.3
kill -USR2 "$(cat "$lab/sluiced.pid")"
is_another() { [ "$(ctl status -o json | jq -r .boot_id)" != "$boot" ]; }
wait_for 30 "the next sluiced" is_another
sleep 0.3
frames_end
equal "$lost" 0 "frames lost under a service manager"
equal "$(($(route_packets 10.7.0.0/24) - counted))" "$sent" "frames counted under a service manager"
equal "$(since)" "$began" "since when it counts"
stop_sluiced
