# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are lib.sh's
# SPDX-License-Identifier: Apache-2.0
# The container's image, unpacked, and containers of it. Source it after tests/lab/lib.sh.
# shellcheck disable=SC2034 # used by the scripts that source this file
granted=(--capability BPF --capability NET_ADMIN --capability PERFMON) # all that the pod's manifest grants

image=${SLUICE_IMAGE:-$root/build/container/sluice} # another layout, to be tested as it is

# have_image: builds the image, unless it is there as these sources make it, and unpacks it to $bundle, whose root is
# $rootfs. A folder for each volume of the pod is below $lab: run and state are everybody's, as emptyDir makes them.
have_image() {
	local version
	[ -n "${SLUICE_IMAGE:-}" ] || "$root/orchestration/install/container/build.sh" -o "$image" >"$lab/build.log" 2>&1 ||
		fail "build.sh: $(tail -n 40 "$lab/build.log")"
	version=$(jq -r '.manifests[0].annotations."org.opencontainers.image.ref.name"' "$image/index.json")
	bundle=$lab/bundle rootfs=$lab/bundle/rootfs
	umoci unpack --image "$image:$version" "$bundle" >"$lab/unpack.log" 2>&1 ||
		fail "umoci: $(tail -n 5 "$lab/unpack.log")"
	sluicectl=$rootfs/usr/bin/sluicectl
	mkdir "$lab/run" "$lab/state" "$lab/etc" "$lab/podinfo"
	chmod 755 "$lab"
	chmod 777 "$lab/run" "$lab/state"
	volumes=(--volume "$lab/run:/run/sluice" --volume "$lab/state:/var/lib/sluice" --volume "$lab/etc:/etc/sluice:ro"
		--volume "$lab/podinfo:/etc/podinfo:ro")
}

# commands KIND: those of docs/install-container.md in blocks of that kind, without sudo.
commands() { awk -v open="\`\`\`sh $1" '$0 == open { on = 1; next } /^```/ { on = 0 } on' "$root/docs/install-container.md" | sed 's/^sudo //'; }

# container NAME NS OPTION... [-- PROGRAM ARGUMENT...]: runs until stop NAME; its output is in $lab/NAME.log.
container() {
	local name=$1 namespace=$2 options=()
	shift 2
	while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1") && shift; done
	[ $# = 0 ] || shift
	spawn "$name" "$namespace" "$root/tests/install/run_container.py" "${volumes[@]}" "${options[@]}" "$bundle" "$@"
}

# once OPTION... -- PROGRAM ARGUMENT...: the same, to its end, in the namespace sluice.
once() {
	local options=()
	while [ "$1" != -- ]; do options+=("$1") && shift; done
	shift
	at sluice "$root/tests/install/run_container.py" "${volumes[@]}" "${options[@]}" "$bundle" "$@"
}

# inside NAME: the process of the container's program, as the host numbers it.
inside() { pgrep -P "$(cat "$lab/$1.pid")"; }

ctl() { "$sluicectl" --server "unix:$lab/run/sluice.sock" "$@"; }

# probe SECONDS [SERVICE]: over TCP, as a kubelet does; prints when it first served, in ms since 1970.
probe() { at sluice "$root/tests/install/health_probe.py" 127.0.0.1:50051 "$@"; }

ended() { ! alive "$1"; }

# refuses WHAT TEXT OPTION...: a daemon with these options ends with status 1, and says so.
refuses() {
	local what=$1 text=$2 status=0
	shift 2
	container refused sluice "$@"
	wait_for 60 "an end $what" ended refused
	stop refused || status=$?
	mv "$lab/refused.log" "$lab/refused"
	equal "$status" 1 "$what: the status, with $(cat "$lab/refused")"
	grep -q -- "$text" "$lab/refused" || fail "$what: not a word of '$text': $(cat "$lab/refused")"
}
