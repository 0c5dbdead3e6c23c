#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sluice-orch with driver libvirt: one real life on qemu:///system. An up that is killed; up, traffic through the guest's
# XDP and a chain of two stages on the host, gRPC over mutual TLS; libvirtd restarted, the guest's sluiced killed, QEMU
# killed; down; nothing is left. Network and spec are those of orchestrator.sh beside it.
. "$(dirname "$0")/orchestrator.sh"

# Killed with a guest that boots and its stages there: down, which never heard of it, finds all of it.
orch_spawn killed up -f "$spec"
wait_for 30 "the last stage" test -e "/run/netns/sluice-$vnf-0a.plain"
wait_for 30 "QEMU" test -e "/run/libvirt/qemu/$vnf-0a.pid"
stop killed KILL && fail "up succeeded although it was killed"
[ "$(left | wc -l)" -ge 5 ] || fail "an up that was killed left only $(left): it was not half-way"
orch down "$vnf" >"$lab/down" 2>&1 || fail "down after a crash: $(cat "$lab/down")"
nothing_left "down after a crash"

orch up -f "$spec" >"$lab/up" 2>&1 || fail "up: $(cat "$lab/up")"
cat "$lab/up"
ready || fail "not ready after up: $(cat "$lab/status")"
wait_for 30 "traffic" answers
goes_through_stages "$vnf-0a" fw plain
orch up -f "$spec" >"$lab/up" 2>&1 || fail "second up: $(cat "$lab/up")"
grep -q "$vnf-0a .*is up already" "$lab/up" || fail "a second up did something: $(cat "$lab/up")"
add_route 10.50.0.0/16

# A spec without certificates is one that up warns of; what runs has them.
sed -e '/^tls:/,/server:/d' -e '$a insecure: true' "$spec" >"$lab/insecure.yaml"
orch up -f "$lab/insecure.yaml" >"$lab/up" 2>&1 || fail "up of a spec that is insecure: $(cat "$lab/up")"
grep -q '^warning: .*insecure.yaml:[0-9]*: insecure: gRPC is plain text: whoever reaches br-mgmt programs' "$lab/up" ||
	fail "no warning of plain text: $(cat "$lab/up")"
grep -q "$vnf-0a .*is up already" "$lab/up" || fail "a spec that is insecure changed what runs: $(cat "$lab/up")"

# Whoever has no certificate programs nothing.
in_host "$sluicectl" --server 10.98.0.2:50051 --tls-ca "$lab/tls/authority.crt" status >"$lab/refused" 2>&1 &&
	fail "a client without a certificate was let in"
grep -q "it may want a client's certificate" "$lab/refused" || fail "what it says without a certificate: $(cat "$lab/refused")"
in_host "$sluicectl" --server 10.98.0.2:50051 status >"$lab/refused" 2>&1 && fail "gRPC speaks plain text"
grep -q 'it may want TLS' "$lab/refused" || fail "what it says without TLS: $(cat "$lab/refused")"
orch status "$vnf" -o json >"$lab/json"
jq -e '.[0].tls.ca | endswith("/tls/authority.crt")' "$lab/json" >"$lab/jq" || fail "status tells nothing of TLS: $(cat "$lab/json")"
# That of two days, as the VM shows it: it still serves.
jq -e '.[0].certificate_expires | fromdate - now | . > 0 and . < 172800' "$lab/json" >"$lab/jq" ||
	fail "status does not tell when the certificate expires: $(cat "$lab/json")"
grep -q 'its certificate expires on' "$lab/status" || fail "status does not warn of it: $(cat "$lab/status")"

orch_spawn heal heal -f "$spec"
wait_for 20 "heal to have read the configuration" grep -q 'read revision 2' "$lab/heal.log"

# libvirtd goes, and comes back; QEMU lives through it.
stop libvirtd || :
wait_for 20 "heal to miss libvirtd" grep -q 'cannot look' "$lab/heal.log"
run_libvirtd host
wait_for 40 "heal to be back" grep -q 'can look again' "$lab/heal.log"

# The guest's own service manager starts sluiced again, empty; heal gives it back what it had.
agent "$vnf-0a" '{"execute": "guest-exec", "arguments": {"path": "pkill", "arg": ["-KILL", "-x", "sluiced"]}}' \
	>"$lab/agent" || fail "the guest's agent does not answer"
wait_for 60 "the configuration in the new sluiced" grep -q 'applied again' "$lab/heal.log"
kept 10.50.0.0/16 || fail "the configuration did not come back"
wait_for 30 "traffic after sluiced was killed" answers
echo "sluiced killed in the guest: $(grep -o '[0-9]* resources applied again' "$lab/heal.log")"

# Its end is an event of the new connection, if heal does not find the stages' devices gone before.
kill -KILL "$(cat "/run/libvirt/qemu/$vnf-0a.pid")"
wait_for 20 "heal to see QEMU's end" grep -q 'restart in 0 s' "$lab/heal.log"
wait_for 240 "the VM to serve again" grep -q 'serves again' "$lab/heal.log"
grep -o 'serves again after .*' "$lab/heal.log"
wait_for 30 "the VM to be ready" ready
kept 10.50.0.0/16 || fail "the configuration did not come back after QEMU was killed"
wait_for 30 "traffic after QEMU was killed" answers
stop heal || fail "heal ended with status $?: $(cat "$lab/heal.log")"

orch down "$vnf" >"$lab/down" 2>&1 || fail "down: $(cat "$lab/down")"
cat "$lab/down"
equal "$(ends "$vnf-0a" shutdown)" 1 "runs of the VM that ended by themselves"
nothing_left "down"
