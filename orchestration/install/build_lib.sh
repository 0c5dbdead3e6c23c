# shellcheck shell=bash
# shellcheck disable=SC2154 # root is of who sources this
# SPDX-License-Identifier: Apache-2.0
# What the scripts share that build the packages, the container's image and the VM's. A script's first comment is its help.

# usage STATUS
usage() {
	sed -n '3,${/^#/!q;s/^# \{0,1\}//p}' "$0"
	exit "$1"
}

die() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

# take_output DEFAULT ARGUMENT...: `output` is what -o says, or the default.
take_output() {
	output=$1
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		-o)
			[ $# -ge 2 ] || usage 2 >&2
			output=$(realpath -m "$2")
			shift
			;;
		-h | --help) usage 0 ;;
		*) usage 2 >&2 ;;
		esac
		shift
	done
}

# require COMMAND:PACKAGE...: /PATH:PACKAGE is a file.
require() {
	local pair missing=()
	for pair; do
		PATH=$PATH:/usr/sbin:/sbin command -v "${pair%:*}" >/dev/null || [ -r "${pair%:*}" ] || missing+=("${pair#*:}")
	done
	[ ${#missing[@]} -eq 0 ] || die "not installed: ${missing[*]}: tests/setup.sh installs all that is needed"
}

tracked() { git -c safe.directory="$root" -C "$root" "$@"; }

# begin NAME STEPS: a folder for the work, `work`, which goes at the end; of two that build the same, one waits.
begin() {
	steps=$2 number=0 running=
	export LC_ALL=C TZ=UTC
	umask 022
	work=$(mktemp -d "${TMPDIR:-/tmp}/$1.XXXXXX")
	trap finish EXIT
	trap 'exit 130' INT TERM
	mkdir -p "$(dirname "$output")"
	exec {lock}>"$output.lock"
	flock "$lock"
}

finish() {
	if [ -n "$running" ]; then
		kill -- "-$running" 2>/dev/null || :
		wait "$running" 2>/dev/null || :
	fi
	rm -rf "$work" "$output.new" "$output".*.new
}

# step WHAT COMMAND...: its output goes to a log, whose end is shown if it fails.
step() {
	local what=$1 began=$SECONDS
	shift
	number=$((number + 1))
	echo "[$number/$steps] $what"
	set -m # a group of its own, which can be ended as a whole
	"$@" >"$work/log" 2>&1 </dev/null {lock}>&- &
	running=$!
	set +m
	progress
	if ! wait "$running"; then
		running=
		tail -n 40 "$work/log" >&2
		die "failed: $what"
	fi
	running=
	echo "      $((SECONDS - began)) s"
}

# On a terminal, the last line of the log while a step runs.
progress() {
	[ -t 1 ] || return 0
	while kill -0 "$running" 2>/dev/null; do
		printf '\r\033[K      %.70s' "$(tail -n 1 "$work/log" | tr -cd '[:print:]')"
		sleep 0.5
	done
	printf '\r\033[K'
}
