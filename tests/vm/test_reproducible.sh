#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A second build has the same bytes, in another folder and on another day. It is not far: apt does not take package lists
# that are a week old. The packages of Sluice are those of the first: tests/install builds them a second time.
. "$(dirname "$0")/../lab/lib.sh"
. "$(dirname "$0")/image.sh"
. "$(dirname "$0")/../install/another_place.sh"

[ -n "${SLUICE_LONG:-}" ] || skip "the image is built a second time, which takes minutes: tests/run.sh vm reproducible --long"
need_image
tree=$lab/some/other/place
clone "$tree"
mkdir -p "$tree/build" "$lab/temporary"
cp -r "$root/build/packages" "$tree/build/"
# shellcheck disable=SC2034 # another_place.sh's
days=2
TMPDIR=$lab/temporary later "$tree/vnf/image/build.sh" -o "$lab/second.qcow2" >"$lab/build.log" 2>&1 ||
	fail "build.sh: $(tail -n 40 "$lab/build.log")"
for each in '' .files .spdx.json; do
	equal "$(sha256sum <"$lab/second.qcow2$each")" "$(sha256sum <"$image$each")" "the SHA-256 of a second build's image$each"
done
