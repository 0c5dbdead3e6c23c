#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# UEFI, and day 0 from a NoCloud disk as libvirt's users make it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/certificates.sh"
. "$(dirname "$0")/seed.sh"
. "$(dirname "$0")/journey.sh"

need_image
make_certificates 10.99.0.2
add_networks
nocloud
start_vm uefi "${seed[@]}"
journey
equal "$(guest hostname)" sluice-uefi "the hostname"
