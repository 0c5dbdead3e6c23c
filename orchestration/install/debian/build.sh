#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the Debian packages: sluice, sluicectl, sluice-orch, sluice-doc, and -dbgsym for the first three.
#
#   orchestration/install/debian/build.sh [-o DIR]
#
#   -o DIR    the folder for the .deb files, which are all that is in it afterwards, and SHA256SUMS (default: build/packages)
#
# The same sources give the same bytes, in whatever folder and on whatever day. Their version is that of CMakeLists.txt.
# SOURCE_DATE_EPOCH is the time that every file bears (default: that of the last commit that changed these sources).
# Nothing is done where DIR has what these sources give. Work is done below TMPDIR, which needs 1 GiB.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
# What a package is made of: tests, findings and templates are not.
sources=(CMakeLists.txt LICENSE README.md api bpf docs orchestration tunnels vnf
	':!vnf/image' ':!orchestration/install/[!ds]*') # of install/'s debian/ and sbom/

usage() {
	sed -n '4,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
	exit "$1"
}

die() {
	echo "build.sh: $*" >&2
	exit 1
}

output=$root/build/packages
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

require() {
	local pair missing=()
	for pair in git:git dpkg-buildpackage:dpkg-dev dh:debhelper; do
		command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
	done
	[ ${#missing[@]} -eq 0 ] || die "not installed: ${missing[*]}: tests/setup.sh installs all that is needed"
	dpkg-checkbuilddeps "$here/control" 2>"$work/log" ||
		die "$(sed 's/.*: error: //' "$work/log"): tests/setup.sh installs all that is needed"
}

tracked() { git -c safe.directory="$root" -C "$root" "$@"; }

# Names, modes and contents of the sources as they are now, committed or not, and what else decides about the bytes.
fingerprint() {
	{
		echo "$version $SOURCE_DATE_EPOCH $(dpkg --print-architecture)"
		cat /etc/debian_version
		# The packages' lists of what is inside have the versions of libraries.
		sed -n '/^Build-Depends:/,/^[A-Z]/p' "$here/control" | grep -oE '[a-z0-9.+-]+-(dev|14)' |
			xargs dpkg-query -W
		tracked ls-files -s -- "${sources[@]}" | cut -d ' ' -f 1 | sha256sum
		cd "$root" && tracked ls-files -z -- "${sources[@]}" | xargs -0 sha256sum
	} | sha256sum | cut -d ' ' -f 1
}

# The packages are there, whole, and of these sources.
up_to_date() {
	[ "$(cat "$output/.sources" 2>/dev/null)" = "$stamp" ] &&
		(cd "$output" && sha256sum --quiet --check SHA256SUMS) >/dev/null 2>&1
}

copy_sources() {
	mkdir "$tree"
	tracked ls-files -z -- "${sources[@]}" |
		tar -C "$root" --no-recursion --mtime="@$SOURCE_DATE_EPOCH" --null --files-from=- -c | tar -C "$tree" -x
	mv "$tree/orchestration/install/debian" "$tree/debian"
	mv "$tree/orchestration/install/sbom" "$tree/debian/sbom"
	rmdir "$tree/orchestration/install"
	mkdir "$tree/debian/source"
	echo "3.0 (native)" >"$tree/debian/source/format"
	cat >"$tree/debian/changelog" <<-END
		sluice ($version) bookworm; urgency=medium

		  * Version $version; docs/ has what it does.

		 -- $(sed -n 's/^Maintainer: //p' "$here/control")  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
	END
}

# The caller's flags and options are not the packages'. A compiler cache, where one is used, finds the files of the last
# build in whatever folder that was.
build_packages() (
	cd "$tree"
	unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR "${!DEB_@}"
	[ -z "${CCACHE_DIR:-}" ] || export CCACHE_BASEDIR=$tree CCACHE_NOHASHDIR=1
	dpkg-buildpackage -b -us -uc --jobs=auto
)

# On a terminal, the last line of the log while the build runs.
progress() {
	[ -t 1 ] || return 0
	while kill -0 "$1" 2>/dev/null; do
		printf '\r\033[K      %.70s' "$(tail -n 1 "$work/log" | tr -cd '[:print:]')"
		sleep 0.5
	done
	printf '\r\033[K'
}

hand_over() {
	rm -rf "$output.new"
	mkdir "$output.new"
	mv "$work"/*.deb "$output.new/"
	(cd "$output.new" && sha256sum -- *.deb >SHA256SUMS)
	echo "$stamp" >"$output.new/.sources"
	rm -rf "$output"
	mv "$output.new" "$output"
}

finish() {
	if [ -n "$builder" ]; then
		kill -- "-$builder" 2>/dev/null || :
		wait "$builder" 2>/dev/null || :
	fi
	rm -rf "$work" "$output.new"
}

builder=
work=$(mktemp -d "${TMPDIR:-/tmp}/sluice-packages.XXXXXX")
trap finish EXIT
trap 'exit 130' INT TERM
require
version=$(sed -n 's/^project(sluice VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(tracked log -1 --format=%ct -- "${sources[@]}")}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
umask 022
mkdir -p "$(dirname "$output")"
exec {lock}>"$output.lock"
flock "$lock" # of two that build at once one waits, and finds it done
stamp=$(fingerprint)
if up_to_date; then
	echo "$output is up to date"
	exit 0
fi
tree=$work/sluice-$version
copy_sources
echo "building the packages of Sluice $version"
set -m
build_packages >"$work/log" 2>&1 </dev/null {lock}>&- &
builder=$!
set +m
progress $builder
if ! wait $builder; then
	builder=
	tail -n 40 "$work/log" >&2
	die "the packages could not be built"
fi
builder=
hand_over
echo "$output: $(find "$output" -name '*.deb' ! -name '*-dbgsym*' -printf '%f ')in $SECONDS s"
