# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are lib.sh's
# SPDX-License-Identifier: Apache-2.0
# Building once more, elsewhere and later. After lib.sh.

# clone DIR: the tree with its history, and what is changed in it and not committed yet.
clone() {
	git -c safe.directory='*' clone -q --shared "$root" "$1" 2>"$lab/clone.log" || fail "git clone: $(cat "$lab/clone.log")"
	git -c safe.directory="$root" -C "$root" ls-files -z --deleted | (cd "$1" && xargs -0 -r rm)
	git -c safe.directory="$root" -C "$root" ls-files -z | (cd "$root" && xargs -0 ls -d 2>/dev/null | tar -c -T -) | tar -x -C "$1"
}

# later COMMAND...: $days from now, with other defaults, and no compiler's cache that knows what was built here.
days=400
later() (
	umask 027
	unset SOURCE_DATE_EPOCH CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER
	CCACHE_DISABLE=1 NO_FAKE_STAT=1 TZ=Pacific/Auckland LANG=fr_FR.UTF-8 faketime -f "+${days}d" "$@"
)

# same FILE1 FILE2 WHAT: byte for byte.
same() {
	cmp -s "$1" "$2" || fail "$3 is not the same: $(diffoscope --max-report-size 20000 "$1" "$2" 2>&1 | head -n 60)"
}
