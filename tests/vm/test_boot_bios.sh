#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# BIOS, and day 0 from a config drive as Nova makes it, for one of the two routers of sluice-ha.yaml: what the others know
# it by are the shared addresses, which keepalived gives it. A second boot does not apply day 0 again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/certificates.sh"
. "$(dirname "$0")/seed.sh"
. "$(dirname "$0")/journey.sh"

need_image
make_certificates 10.99.0.2
add_networks
config_drive
start_vm bios "${seed[@]}"
journey

addresses() { guest ip -n dataplane -4 -j address show "$1" | jq -r '[.[].addr_info[].local] | sort | join(" ")'; }
is_master() { [ "$(addresses port1)" = "172.16.0.1 172.16.0.3" ] && [ "$(addresses port2)" = "10.9.0.1 10.9.0.3" ]; }
is_master || fail "the addresses: $(addresses port1), $(addresses port2)"
equal "$(guest systemctl is-active keepalived.service)" active "keepalived"

boot_id=$(guest cat /proc/sys/kernel/random/boot_id)
guest systemctl reboot 2>"$lab/reboot.log" || : # the agent may be gone before it can answer
rebooted() { [[ $(guest cat /proc/sys/kernel/random/boot_id) == *-* && $(guest cat /proc/sys/kernel/random/boot_id) != "$boot_id" ]]; }
wait_for "$ready_seconds" "the second boot" rebooted
controller wait "$ready_seconds"
equal "$(guest systemctl is-system-running --wait)" running "the system's state after a second boot"
equal "$(guest systemctl show -p ConditionResult --value sluice-day0.service)" no "day 0 at a second boot"
equal "$(controller owner VRF underlay)" day0 "the owner of what day 0 made, and the journal kept"
wait_for 30 "the shared addresses after a second boot" is_master
equal "$(guest hostname)" sluice-bios "the hostname"
