#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sluice-orch with driver libvirt, further on: a second replica comes and goes; an upgrade that is killed, and one that is
# not, through which traffic and configuration stay; whether guests ended by themselves. Network and spec are those of
# orchestrator.sh beside it. tests/lab/test_orchestrator_netns.sh has upgrades without a hypervisor.
if [ -z "${SLUICE_LONG:-}" ]; then
	echo "SKIP: four guests are booted, which takes minutes: tests/run.sh vm orchestrator_upgrade --long"
	exit 77
fi
. "$(dirname "$0")/orchestrator.sh"

orch up -f "$spec" >"$lab/up" 2>&1 || fail "up: $(cat "$lab/up")"
wait_for 30 "traffic" answers
add_route 10.50.0.0/16

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
