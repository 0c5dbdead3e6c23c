#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# UEFI, and day 0 from a NoCloud disk as libvirt's users make it. The disk is larger than the image.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/certificates.sh"
. "$(dirname "$0")/seed.sh"
. "$(dirname "$0")/journey.sh"

need_image
make_certificates 10.99.0.2
add_networks
nocloud
# shellcheck disable=SC2034 # lib.sh's
disk_size=5G
start_vm uefi "${seed[@]}"
journey
equal "$(guest hostname)" sluice-uefi "the hostname"
equal "$(guest systemctl is-enabled keepalived.service) $(guest systemctl is-active keepalived.service)" "disabled inactive" \
	"keepalived where nobody wants it"
size=$(guest df --block-size=MiB --output=size / | tr -dc '0-9\n' | tail -n 1)
[ "$size" -gt 4800 ] || fail "the root filesystem has $size MiB of a disk of 5 GiB"
