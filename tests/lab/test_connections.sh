#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Connections that a stateful rule lets in: they are shown, outlive the daemon's kill, and once they are deleted nothing
# of theirs passes, as only the client may begin one.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

add_ns client sluice server
add_client
add_server
mkdir "$lab/bpf"
mount -t bpf bpf "$lab/bpf"
undo+=("umount -l $lab/bpf")

start() { start_sluiced sluice --state "$lab/state" --pins "$lab/bpf/router"; }
# connections [OPTION...]: one line each.
connections() {
	ctl show connections -o json "$@" | jq -r '.connections[] |
		"\(.vrf) \(.protocol) \(.source) \(.destination):\(.destination_port) \(.state) \(.rule)"' | sort
}
# says TEXT: the server says it, and the client hears it.
says() {
	echo "$1" >>"$lab/words"
	wait_for 5 "the client to hear $1" grep -q "^$1$" "$lab/heard"
}

start
apply <<YAML
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
$(ends_yaml cl0 up0)
policy_rule:
  - {name: begin, vrf: x, priority: 1, match: {source_prefix: 10.1.0.0/24}, access: allow, stateful: true}
  - {name: rest, vrf: x, priority: 2, match: {}, access: deny}
conntrack_profile: {name: x, vrf: x, udp_seconds: 3}
YAML
wait_for 10 "the next hops" programmed next_hops
wait_for 10 "an answer" at client ping -c 1 -W 1 10.9.0.2
equal "$(connections --protocol icmp | sort -u)" "x 1 10.1.0.2 10.9.0.2:$(ctl show connections --protocol icmp -o json | jq -r '.connections[0].destination_port') established begin" "ping"
equal "$(ctl show connections --by source -o json | jq -r '.sources[] | "\(.vrf) \(.source) \(.embryonic)"')" "x 10.1.0.2 0" "who holds them"
equal "$(ctl show limits -o json | jq '[.limits[] | select(.name == "connections" and .used > 0)] | length')" 1 "the gauge"

# --- the server alone speaks, over a connection that the client has made ---
: >"$lab/words"
spawn speaker server /usr/bin/python3 -c '
import socket, sys, time
listener = socket.create_server(("10.9.0.2", 7000))
connection, words = listener.accept()[0], open(sys.argv[1])
while True:
    connection.sendall(words.readline().encode())
    time.sleep(0.05)' "$lab/words"
listens() { at server ss -Hltn | grep -q ":7000 "; }
wait_for 10 "the server" listens
spawn listener client /usr/bin/python3 -c '
import socket, sys
connection, heard = socket.create_connection(("10.9.0.2", 7000)), open(sys.argv[1], "w")
while True:
    heard.write(connection.recv(1000).decode())
    heard.flush()' "$lab/heard"
wait_for 10 "the client" test -e "$lab/heard"
says one
equal "$(connections --protocol tcp)" "x 6 10.1.0.2 10.9.0.2:7000 established begin" "the connection"
equal "$(connections --port 7000 --rule begin --prefix 10.1.0.2 --vrf x | wc -l)" 1 "connections that the filter selects"

# --- the server may begin none ---
! at server timeout 2 bash -c 'exec 3<>/dev/tcp/10.1.0.2/7001' 2>/dev/null || fail "the server reaches the client"
equal "$(connections --port 7001)" "" "connections that nobody let in"

# --- a time that is over ---
at client /usr/bin/python3 -c 'import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("10.9.0.2", 9))'
equal "$(connections --protocol udp)" "x 17 10.1.0.2 10.9.0.2:9 new begin" "a packet of UDP"
forgotten() { [ -z "$(connections --protocol udp)" ]; }
wait_for 10 "UDP to be forgotten" forgotten

# --- the daemon is killed: the connection goes on, and the next one knows it ---
stop sluiced KILL || :
says two
start
equal "$(connections --protocol tcp)" "x 6 10.1.0.2 10.9.0.2:7000 established begin" "the connection behind the restart"
says three

# --- a dry run tells what would become of it, and does nothing to it ---
radius() { ctl apply --dry-run -f - <<<"policy_rule: [{name: deny, vrf: x, priority: 0, match: {destination_prefix: $1}, access: deny}]"; }
radius 10.9.0.2/32 | grep -q "^  VRF x, let in by begin: [0-9]* denied$" || fail "what denying the server would end: $(radius 10.9.0.2/32)"
! radius 10.9.0.3/32 | grep -q "^connections" || fail "what denying another would end"
says still

# --- forgotten: what the server says gets nowhere, until the client speaks ---
equal "$(ctl delete connections --vrf x --protocol tcp)" "deleted 1 connections" "what is deleted"
equal "$(connections --protocol tcp)" "" "connections of TCP"
before=$(reason denied)
echo four >>"$lab/words"
denied() { [ "$(reason denied)" -gt "$before" ]; }
wait_for 5 "the server's words to be denied" denied
! grep -q four "$lab/heard" || fail "the client hears what belongs to no connection"
stop_sluiced
