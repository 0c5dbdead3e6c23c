#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# overlay.sh ROOT: vnf/image/rootfs over ROOT, as root's, and executable where it is in the tree.
set -eu
cd "$(dirname "$0")/../rootfs"
find . -type f | LC_ALL=C sort | while IFS= read -r file; do
	mode=644
	[ ! -x "$file" ] || mode=755
	install -D -o root -g root -m "$mode" "$file" "$1/$file"
done
