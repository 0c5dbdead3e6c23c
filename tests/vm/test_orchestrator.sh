#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sluice-orch with driver libvirt: one real life on qemu:///system. An up that is killed; up, traffic through the guest's
# XDP and a chain of two stages on the host, gRPC over mutual TLS; libvirtd restarted, the guest's sluiced killed, QEMU
# killed; a second replica comes and goes; an upgrade that is killed, and one that is not; down; nothing is left.
#
# The network of orchestrator.sh: port1 is NIC 2, on br-cl with the client; stages: fw and plain, NICs 4 to 7.
# The orchestrator is in `host`: br-mgmt 10.98.0.1 --- NIC 1 10.98.0.2 (gRPC)
#
# The script runs in a mount namespace of its own, where libvirtd and the namespaces that are made are nobody else's.
[ -n "${SLUICE_OWN_MOUNTS:-}" ] || SLUICE_OWN_MOUNTS=1 exec unshare --mount --propagation private "$0" "$@"
. "$(dirname "$0")/../lab/lib.sh"
. "$(dirname "$0")/../lab/orchestrator.sh"
. "$(dirname "$0")/libvirtd.sh"
. "$(dirname "$0")/certificates.sh"
if [ -n "${SLUICE_IMAGE:-}" ]; then
	image=$SLUICE_IMAGE
else
	. "$(dirname "$0")/image.sh"
	need_image
fi

vnf=m$$
tls=(--tls-ca "$lab/tls/authority.crt" --tls-cert "$lab/tls/controller.crt" --tls-key "$lab/tls/controller.key")
vnf_ctl() { in_host "$sluicectl" --server "$(instances '.[0].server')" "${tls[@]}" "$@"; }
agent() { virsh -c qemu:///system qemu-agent-command "$1" "$2"; }

left() {
	virsh -c qemu:///system list --all --name | grep "^$vnf-"
	ip netns list | grep -o "^sluice-$vnf-[^ ]*"
	ip -n "$(ns host)" -o link show type tun | cut -d ' ' -f 2
	find "$lab/disks" /run/sluice-orch -name "$vnf-*" 2>/dev/null
	pgrep -f "^[^ ]*qemu-system-x86_64 -name guest=$vnf-"
}
nothing_left() { [ -z "$(left)" ] || fail "$1 left behind: $(left)"; }
# ends INSTANCE REASON: how many of its runs did so far.
ends() { { grep "reason=$2" "/var/log/libvirt/qemu/$1.log" || :; } | wc -l; }

# Taps, bridges and the stages' ends are in `host`.
add_ns host client server
for bridge in br-mgmt br-cl br-up; do add_bridge $bridge; done
address host br-mgmt 10.98.0.1/24
join br-cl client 10.1.0.2/24 10.1.0.1
join br-up server 10.9.0.2/24 10.9.0.1
serve server hello
make_certificates 10.98.0.2 10.98.0.3
mkdir "$lab/disks"
cat >"$spec" <<YAML
name: $vnf
driver: libvirt
image: $image
vcpus: 2
memory: 1024MiB
accelerator: tcg
storage: $lab/disks
day0: day0.yaml
management: {bridge: br-mgmt, addresses: [10.98.0.2/24, 10.98.0.3/24]}
tls:
  ca: tls/authority.crt
  certificate: tls/controller.crt
  key: tls/controller.key
  server: {certificate: tls/server.crt, key: tls/server.key}
dataplane:
  - {name: cl, bridge: br-cl, addresses: [10.1.0.1/24, 10.1.0.11/24]}
  - {name: up, bridge: br-up, addresses: [10.9.0.1/24, 10.9.0.11/24]}
chain:
  - {name: fw, setup: [nft, -f, fw.nft]}
  - {name: plain}
YAML
write_day0 fw plain
start_libvirtd host
undo+=("orch down $vnf")

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
orch status "$vnf" -o json | jq -e '.[0].tls.ca | endswith("/tls/authority.crt")' >"$lab/json" || fail "status tells nothing of TLS"

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

# Two, and one again; the first is not touched. ACPI's power button is for those who have no sluice-orch.
pid=$(cat "/run/libvirt/qemu/$vnf-0a.pid")
orch scale 2 -f "$spec" >"$lab/scale" 2>&1 || fail "scale 2: $(cat "$lab/scale")"
equal "$(instances '[.[] | select(.ready).server] | join(" ")')" "10.98.0.2:50051 10.98.0.3:50051" "replicas that are ready"
orch scale 3 -f "$spec" >"$lab/scale" 2>&1 && fail "scale 3 with addresses for two"
ended() { [ "$(ends "$vnf-1a" shutdown)" = 1 ]; }
virsh -c qemu:///system shutdown "$vnf-1a" --mode acpi >"$lab/virsh"
wait_for 30 "the second replica to end by ACPI's power button" ended
orch scale 1 -f "$spec" >"$lab/scale" 2>&1 || fail "scale 1: $(cat "$lab/scale")"
equal "$(instances '.[].instance')" "$vnf-0a" "replicas after scaling in"
equal "$(cat "/run/libvirt/qemu/$vnf-0a.pid")" "$pid" "the first replica's QEMU after scaling"

# One that is killed while the new VM boots changes nothing; the next goes on.
cp --reflink=auto "$image" "$lab/second.qcow2"
orch_spawn killed upgrade -f "$spec" --image "$lab/second.qcow2"
wait_for 30 "the new VM's last stage" test -e "/run/netns/sluice-$vnf-0b.plain"
stop killed KILL && fail "the upgrade succeeded although it was killed"
equal "$(instances '[.[].role] | join(" ")')" "active standby" "what an upgrade leaves that was killed"
answers || fail "no traffic after an upgrade that was killed"
orch upgrade -f "$spec" --image "$lab/second.qcow2" >"$lab/upgrade" 2>&1 || fail "upgrade: $(cat "$lab/upgrade")"
cat "$lab/upgrade"
ready || fail "not ready after the upgrade: $(cat "$lab/status")"
equal "$(instances '.[] | .instance + " " + .image')" "$vnf-0b $lab/second.qcow2" "what runs"
kept 10.50.0.0/16 || fail "the upgrade lost configuration"
wait_for 30 "traffic after the upgrade" answers
equal "$(ends "$vnf-0a" shutdown)" 1 "runs of the old VM that ended by themselves"

orch down "$vnf" >"$lab/down" 2>&1 || fail "down: $(cat "$lab/down")"
cat "$lab/down"
equal "$(ends "$vnf-0b" shutdown)" 1 "runs of the new VM that ended by themselves"
nothing_left "down"
