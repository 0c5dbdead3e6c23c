# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are of who sources this
# SPDX-License-Identifier: Apache-2.0
# The image that VM tests boot.

image=$root/build/image/sluice.qcow2

# need_image: built once for a run of run.sh, by whichever test comes first; a test on its own takes what is there.
need_image() {
	local built_by=$root/build/image/built-by run=${SLUICE_RUN:-}
	if [ -e "$image" ]; then
		if [ -z "$run" ] || [ "$(cat "$built_by" 2>/dev/null)" = "$run" ]; then return; fi
	fi
	build_image "$image"
	echo "$run" >"$built_by"
}

build_image() {
	"$root/vnf/image/build.sh" -o "$1" >"$lab/build.log" 2>&1 || fail "build.sh: $(tail -n 40 "$lab/build.log")"
}
