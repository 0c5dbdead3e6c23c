#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The daemon as vnf/systemd/sluiced.service runs it: another user than root, three capabilities, and the XDP program loaded
# by another process, which has CAP_PERFMON. It tells the service manager when it forwards, and that its loop runs; killed
# and started again it takes its devices over.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/units.sh"

keeps="cap_net_admin,cap_net_raw,cap_bpf"

# --- on paper ---
for each in sluiced.service sluice-loader@.service sluice-day0.service; do
	exposure=$(systemd-analyze security --offline=true --no-pager "$units/$each" | sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p')
	echo "$each: exposure $exposure"
	awk -v exposure="$exposure" 'BEGIN { exit !(exposure != "" && exposure <= 3.0) }' || fail "$each: $exposure is more than 3.0"
done
equal "$(setting sluiced.service CapabilityBoundingSet)" "CAP_BPF CAP_NET_ADMIN CAP_NET_RAW" "sluiced's capabilities"
equal "$(setting sluice-loader@.service CapabilityBoundingSet)" "CAP_BPF CAP_NET_ADMIN CAP_PERFMON" "the loader's capabilities"
for each in sluiced.service sluice-loader@.service; do
	equal "$(setting "$each" AmbientCapabilities)" "$(setting "$each" CapabilityBoundingSet)" "those that $each starts with"
done

# --- for real ---
add_ns client sluice server
add_client
add_server
serve server hello

install_units
read -ra daemon <<<"$(as_unit sluiced.service 65533) env RUNTIME_DIRECTORY=$lab/run NOTIFY_SOCKET=$lab/notify \
	WATCHDOG_USEC=400000 $(command_of sluiced.service) --config /dev/null --listen unix:$lab/run/sluice.sock"

# The service manager's ear. On READY it asks the daemon, which must serve by then.
spawn manager sluice /usr/bin/python3 -c '
import os, socket, subprocess, sys
ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
ear.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
while True:
    for line in ear.recv(4096).decode().splitlines():
        if line == "READY=1":
            line += " " + str(subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL).returncode)
        print(line, flush=True)
' "$lab/notify" "$sluicectl" --server "unix:$lab/run/sluice.sock" --timeout 5 status
wait_for 10 "the manager" test -S "$lab/notify"

start() {
	spawn sluiced sluice "${daemon[@]}"
	wait_for 10 "READY $1" told READY= "$1"
}
told() { [ "$(grep -c "^$1" "$lab/manager.log")" -ge "$2" ]; }
ctl() { "$sluicectl" --server "unix:$lab/run/sluice.sock" "$@"; }
forwards() {
	apply <<-YAML
		vrf: {name: x}
		interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
		$(ends_yaml cl0 up0)
	YAML
	wait_for 10 "the next hops" programmed next_hops
	equal "$(show_json ports '[.ports[] | .xdp_mode] | join(" ")')" "tc tc" "modes of the ports"
	equal "$(get client http://10.9.0.2/)" "hello 10.1.0.2" "the server's answer"
	[ "$(show_json counters '[.counters[] | select(.name == "forwarded") | .counters.packets] | add')" -gt 5 ] ||
		fail "the packets did not go by XDP: $(ctl show counters)"
}

! at sluice "${daemon[@]}" 2>"$lab/alone.log" || fail "the daemon runs without a loader"
grep -q "the loader at $lab/loader.sock: No such file or directory: start sluice-loader.socket" "$lab/alone.log" ||
	fail "without a loader: $(cat "$lab/alone.log")"
start_loader sluice
start 1
equal "$(grep -c 'handed it over$' "$lab/loader.log")" 1 "programs loaded by the loader"
wait_for 5 "the loader's end" grep -q 'died with code 0$' "$lab/loader.log"
equal "$(grep ^READY "$lab/manager.log")" "READY=1 0" "the daemon's first answer"
equal "$(grep -m 1 ^STATUS "$lab/manager.log")" "STATUS=starting" "the first status"
grep -q '^STATUS=loading the XDP program' "$lab/manager.log" || fail "no status of the load"
wait_for 5 "two signs of life" told WATCHDOG=1 2
threads=(/proc/"$(cat "$lab/sluiced.pid")"/task/*)
[ "$build" != "$root/build/tsan" ] || unset 'threads[1]' # ThreadSanitizer's own: it is there before main is
for thread in "${threads[@]}"; do
	for set in Inh Prm Eff Bnd Amb; do
		equal "$(capsh --decode="$(sed -n "s/^Cap$set:\t//p" "$thread/status")" | cut -d = -f 2)" "$keeps" \
			"Cap$set of thread $(cat "$thread/comm")"
	done
done
equal "$(stat -c %u "/proc/$(cat "$lab/sluiced.pid")")" 65533 "the daemon's user"
grep -q 'has no real-time priority' "$lab/sluiced.log" || fail "nothing is said of the priority that was refused"
forwards
echo "forwards as user 65533 with $keeps"

stop sluiced KILL || :
equal "$(get client http://10.9.0.2/)" "hello 10.1.0.2" "the answer without a daemon"
start 2
forwards
echo "killed and started again it took its devices over"

# Day 0, as its unit runs it: root without a capability, in the daemon's group.
day0_command() { sed -n "s/^$1=//p" "$root/vnf/systemd/sluice-day0.service" | sed "s,/usr/bin/sluicectl,$sluicectl,; s,/etc/sluice,$lab,; s,/var/lib/sluice,$lab/run,; s,/run/sluice-day0,$lab/now,"; }
day0() {
	SLUICE_SERVER=unix:$lab/run/sluice.sock setpriv --regid 65533 --clear-groups --no-new-privs --bounding-set=-all \
		--inh-caps=-all sh -c "$(day0_command ExecStart) && $(day0_command ExecStartPost)" >"$lab/day0.out" 2>&1
}
chmod 770 "$lab/run"
install -d "$lab/now"
echo 'vrf: [{name: first}, {nam: second}]' >"$lab/day0.yaml"
! day0 || fail "a bad file was applied"
grep -q 'day0.yaml:1: .*did you mean name?' "$lab/day0.out" || fail "the cause is not told: $(cat "$lab/day0.out")"
equal "$(find "$lab/run" "$lab/now" -name '*applied')" "" "what says that a bad file was applied"
equal "$(get client http://10.9.0.2/)" "hello 10.1.0.2" "the answer after a bad file"
echo 'vrf: [{name: first}, {name: second}]' >"$lab/day0.yaml"
day0 || fail "day 0: $(cat "$lab/day0.out")"
equal "$(find "$lab/run" "$lab/now" -name '*applied' -printf '%f ')" "day0.applied " "what says that it was applied"
equal "$(state vrf second owner)" day0 "the owner of what day 0 brought"

stop_sluiced
grep -q '^STOPPING=1' "$lab/manager.log" || fail "the end was not announced"
