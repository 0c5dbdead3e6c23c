#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# BIOS, and day 0 from a config drive as Nova makes it. A second boot does not apply day 0 again.
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

boot_id=$(guest cat /proc/sys/kernel/random/boot_id)
guest systemctl reboot 2>"$lab/reboot.log" || : # the agent may be gone before it can answer
rebooted() { [[ $(guest cat /proc/sys/kernel/random/boot_id) == *-* && $(guest cat /proc/sys/kernel/random/boot_id) != "$boot_id" ]]; }
wait_for "$ready_seconds" "the second boot" rebooted
controller wait "$ready_seconds"
equal "$(guest systemctl is-system-running --wait)" running "the system's state after a second boot"
equal "$(guest systemctl show -p ConditionResult --value sluice-day0.service)" no "day 0 at a second boot"
equal "$(controller owner VRF underlay)" "" "the owner of what day 0 would make"
equal "$(guest hostname)" sluice-bios "the hostname"
