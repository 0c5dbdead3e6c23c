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
. "$here/../build_lib.sh"
# What a package is made of: tests, findings and templates are not.
sources=(CMakeLists.txt LICENSE README.md api bpf docs orchestration tunnels vnf
	':!vnf/image' ':!orchestration/install/[!ds]*') # of install/'s debian/ and sbom/

take_output "$root/build/packages" "$@"

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

hand_over() {
	rm -rf "$output.new"
	mkdir "$output.new"
	mv "$work"/*.deb "$output.new/"
	(cd "$output.new" && sha256sum -- *.deb >SHA256SUMS)
	echo "$stamp" >"$output.new/.sources"
	rm -rf "$output"
	mv "$output.new" "$output"
}

require git:git dpkg-buildpackage:dpkg-dev dh:debhelper
begin sluice-packages 1
dpkg-checkbuilddeps "$here/control" 2>"$work/log" ||
	die "$(sed 's/.*: error: //' "$work/log"): tests/setup.sh installs all that is needed"
version=$(sed -n 's/^project(sluice VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(tracked log -1 --format=%ct -- "${sources[@]}")}
export SOURCE_DATE_EPOCH
stamp=$(fingerprint)
if up_to_date; then
	echo "$output is up to date"
	exit 0
fi
tree=$work/sluice-$version
copy_sources
step "packages of Sluice $version" build_packages
hand_over
echo "$output: $(find "$output" -name '*.deb' ! -name '*-dbgsym*' -printf '%f ')in $SECONDS s"
