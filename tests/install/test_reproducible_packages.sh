#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two builds of all packages, in two folders and 400 days apart, are the same byte for byte.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/another_place.sh"

[ -n "${SLUICE_LONG:-}" ] || skip "all packages are compiled anew, which takes minutes: tests/run.sh install reproducible_packages --long"
need_packages
tree=$lab/some/other/place
clone "$tree"
mkdir "$lab/temporary"
TMPDIR=$lab/temporary later "$tree/orchestration/install/debian/build.sh" -o "$lab/second" >"$lab/build.log" 2>&1 ||
	fail "build.sh: $(tail -n 40 "$lab/build.log")"
for each in "$packages"/*.deb; do
	same "$each" "$lab/second/${each##*/}" "${each##*/}"
done
equal "$(cat "$lab/second/SHA256SUMS")" "$(cat "$packages/SHA256SUMS")" "the sums"
wc -l <"$packages/SHA256SUMS" | sed 's/$/ packages are the same/'
