#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a rehearsal says of connections and of sampled packets is what then happens to them: of 20 connections those to one
# port are denied by a rule, and all are lost by a route; a rehearsal changes nothing.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

add_ns client sluice server
add_client
add_server
echo "sampling: 1" >"$lab/sluice.yaml"
start_sluiced sluice --config "$lab/sluice.yaml"
apply <<YAML
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
$(ends_yaml cl0 up0)
policy_rule: {name: begin, vrf: x, priority: 10, match: {source_prefix: 10.1.0.0/24}, access: allow, stateful: true}
YAML
wait_for 10 "the next hops" programmed next_hops

# The server echoes; the client keeps ten connections to each port, and on a line says a word by each of them and tells by
# how many to each port it came back within a second.
spawn server server /usr/bin/python3 -c '
import selectors, socket
all = selectors.DefaultSelector()
for port in (80, 443):
    all.register(socket.create_server(("10.9.0.2", port), backlog=20), selectors.EVENT_READ, True)
while True:
    for key, _ in all.select():
        if key.data:
            all.register(key.fileobj.accept()[0], selectors.EVENT_READ, False)
        else:
            key.fileobj.sendall(key.fileobj.recv(100))'
listens() { [ "$(at server ss -Hltn | grep -cE ':(80|443) ')" = 2 ]; }
wait_for 10 "the server" listens
mkfifo "$lab/turns"
spawn client client /usr/bin/python3 -c '
import socket, sys
ends = [(port, socket.create_connection(("10.9.0.2", port), timeout=5)) for port in (80, 443) for _ in range(10)]
for number, line in enumerate(open(sys.argv[1])):
    came = {80: 0, 443: 0}
    for _, end in ends:
        end.sendall(b"%d" % number)
    for port, end in ends:
        end.settimeout(0.1)
        try:
            came[port] += end.recv(100) == b"%d" % number
        except OSError:
            pass
    print(came[80], came[443], file=open(sys.argv[2], "a"))' "$lab/turns" "$lab/came"
exec 9>"$lab/turns"
turns=0
# come COUNT80 COUNT443
come() {
	echo >&9
	turns=$((turns + 1))
	wait_for 20 "turn $turns" turned
	equal "$(tail -n 1 "$lab/came")" "$*" "of ten connections to port 80 and ten to port 443 live"
}
turned() { [ "$(wc -l <"$lab/came")" = $turns ]; }
come 10 10

# rehearse: of the YAML on standard input, one line of each change.
rehearse() {
	cat >"$lab/rehearsed.yaml"
	ctl apply --dry-run --rehearse -o json -f "$lab/rehearsed.yaml" >"$lab/rehearsed.json"
	jq -r '.result.rehearsal | "\(.connections_changed) of \(.connections)", (.changes // [] | .[] |
		"\(.vrf): \(.before.reason) by \(.before.rule) \(.before.interface) > \(.after.reason) by \(.after.rule) \(.after.interface): \(.connections // 0)")' \
		"$lab/rehearsed.json"
}
deny='policy_rule: {name: deny-web, vrf: x, priority: 5, match: {protocol: 6, destination_ports: {first: 443}}, access: deny}'
lose='route: {vrf: x, prefix: 10.9.0.2/32, next_hop_group: nowhere}
next_hop: {name: nowhere, discard: {}}
next_hop_group: {name: nowhere, members: [{next_hop: nowhere}]}'
connections() { ctl show connections -o json | jq -r '.connections[] | "\(.source_port) \(.state) \(.rule)"' | sort; }
connections >"$lab/before"
counters() { ctl show drops -o json | jq -c '[.counters[] | select(.name == "denied" or .name == "discard") | .counters.packets // 0]'; }
drops=$(counters)
rehearse <<<"$deny" >"$lab/said"
head -n 1 "$lab/said" | grep -qx "10 of 20" || fail "rehearsal of a rule: $(cat "$lab/said")"
grep -q "^x: forwarded by begin up0 > .* by deny-web : 10$" "$lab/said" || fail "rehearsal of a rule: $(cat "$lab/said")"
[ "$(jq '.result.rehearsal.samples_changed // 0 | tonumber' "$lab/rehearsed.json")" -gt 0 ] || fail "no sample would change: $(cat "$lab/rehearsed.json")"
rehearse <<<"$lose" >"$lab/said"
grep -q "^x: forwarded by begin up0 > discard by begin : 20$" "$lab/said" || fail "rehearsal of a route: $(cat "$lab/said")"
rehearse <<<"vrf: {name: y}" >"$lab/said"
equal "$(cat "$lab/said")" "0 of 20" "rehearsal of what concerns no packet"
connections | diff "$lab/before" - || fail "a rehearsal changed connections"
equal "$(counters)" "$drops" "packets that were dropped"
come 10 10

apply <<<"$deny"
come 10 0
apply <<<"$lose"
come 0 0

ctl apply --dry-run --rehearse -f "$lab/rehearsed.yaml" | grep -q "^rehearsal: " || fail "the table of a rehearsal"
exec 9>&-
stop_sluiced
