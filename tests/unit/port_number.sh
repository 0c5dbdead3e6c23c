#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Which port a NIC of the image is: numbers stay, whatever else is plugged in or out.
set -euo pipefail

program=$(cd "$(dirname "$0")/../.." && pwd)/vnf/image/rootfs/usr/lib/sluice/port-number
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# expect NUMBER MAC PLACE [MAC...]
expect() {
	local want=$1 got
	shift
	got=$("$program" "$folder/ports" "$@")
	[ "$got" = "$want" ] || {
		echo "FAIL: $* is port $got, not $want" >&2
		exit 1
	}
}

expect 1 aa pci/3 aa bb cc
expect 2 bb pci/4 aa bb cc
expect 3 cc pci/5 aa bb cc
# After a reboot without the second.
expect 1 aa pci/3 aa cc
expect 3 cc pci/4 aa cc
# Back again, elsewhere.
expect 2 bb pci/6 aa bb cc
# Another in the first one's place, and one in a new place.
expect 1 dd pci/3 bb cc dd ee
expect 4 ee pci/7 bb cc dd ee
# One in a place that was a present NIC's before.
expect 5 ff pci/4 bb cc dd ee ff
expect 1 dd pci/3 bb cc dd ee ff
