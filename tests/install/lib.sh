# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The ground of what tests installing: the lab's (namespaces, processes, waiting), and the packages.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lab/lib.sh"
packages=$root/build/packages

# need_packages: builds them, unless they are there as these sources make them.
need_packages() {
	"$root/orchestration/install/debian/build.sh" -o "$packages" >"$lab/build.log" 2>&1 ||
		fail "build.sh: $(tail -n 40 "$lab/build.log")"
}

# deb NAME: the file of that package.
deb() {
	local found=("$packages/$1"_*.deb)
	if [ ${#found[@]} -ne 1 ] || [ ! -e "${found[0]}" ]; then fail "not one package $1 in $packages: ${found[*]}"; fi
	echo "${found[0]}"
}

# unpack DIR NAME...: what these packages install, without their scripts.
unpack() {
	local into=$1 name
	shift
	for name in "$@"; do
		dpkg-deb -x "$(deb "$name")" "$into"
	done
}

version=$(sed -n 's/^project(sluice VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
next_version=$((${version%%.*} + 1)).${version#*.} # as long a text as this one: it is written over it

# other_version DIR NAME...: these packages as the next version would be. Nothing is compiled: in programs, and in what the
# packages say of themselves and depend on, that version is written over this one.
other_version() {
	local into=$1 name tree=$lab/repack program
	shift
	[ ${#next_version} -eq ${#version} ] || fail "$next_version is longer than $version"
	mkdir -p "$into"
	for name in "$@"; do
		dpkg-deb -R "$(deb "$name")" "$tree"
		sed -i "/^\(Version\|Depends\|Recommends\):/s/\b${version//./\\.}\b/$next_version/g" "$tree/DEBIAN/control"
		for program in "$tree"/usr/*bin/*; do
			[ ! -f "$program" ] || sed -i "s/\(^\|[^0-9.]\)${version//./\\.}\([^0-9.]\)/\1$next_version\2/g" "$program"
		done
		(cd "$tree" && find -- [!D]* -type f ! -path 'etc/*' -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
		dpkg-deb --root-owner-group -Zgzip -z1 -b "$tree" "$into" >/dev/null # named as it names itself
		rm -rf "$tree"
	done
}
