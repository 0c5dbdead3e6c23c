#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the container's image, as a folder in the OCI layout, from the Debian packages: needs root and Debian's archive
# (from this machine's apt sources), no daemon, no registry and no container runtime.
#
#   orchestration/install/container/build.sh [-o DIR]
#
#   -o DIR    the layout, with the image sluice:VERSION (default: build/container/sluice); DIR.spdx.json is the list of
#             what is in it
#
# The same sources and packages give the same digest of index.json. SOURCE_DATE_EPOCH is the time that everything bears
# (default: that of the last commit to what is in the image). Nothing is done where DIR has what these packages give. Work
# is done below TMPDIR, which needs 1 GiB.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
. "$here/../build_lib.sh"
. "$root/vnf/image/steps/rootfs.sh" # debian_sources
packages=$root/build/packages

take_output "$root/build/container/sluice" "$@"

# The packages and this folder, by content, and what else is in the image.
fingerprint() {
	{
		echo "$SOURCE_DATE_EPOCH $revision"
		cat /etc/debian_version "$root/vnf/image/steps/rootfs.sh" "$here/"* "$here/../pod/pod-ports"
		cd "$packages" && sha256sum -- sluice_*.deb sluicectl_*.deb
	} | sha256sum | cut -d ' ' -f 1
}

build_root() {
	local proxy=
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	# apt knows what a source is only once it has read its index.
	debian_sources >"$work/sources"
	[ -s "$work/sources" ] || { apt-get -q update && debian_sources >"$work/sources"; }
	[ -s "$work/sources" ] || die "this machine's apt sources have no Debian"
	mkdir "$work/packages"
	cp "$packages"/sluice_*.deb "$packages"/sluicectl_*.deb "$work/packages/"
	mmdebstrap --mode=root --variant=essential --format=tar --skip=cleanup/run \
		--include="$(echo "$work/packages/sluice_"*.deb)" --include="$(echo "$work/packages/sluicectl_"*.deb)" --include=jq \
		--hook-dir=/usr/share/mmdebstrap/hooks/file-mirror-automount \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
		${proxy:+--aptopt="Acquire::http::Proxy \"$proxy\""} \
		--aptopt='Apt::Install-Recommends "false"' \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/lintian/*' \
		--dpkgopt='path-exclude=/usr/share/bash-completion/*' \
		--dpkgopt='path-exclude=/usr/share/zsh/*' \
		--dpkgopt='path-exclude=/usr/share/fish/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/lib/systemd/*' \
		--dpkgopt='path-include=/usr/share/doc/*/copyright' \
		--essential-hook="'$here/root.sh' before \"\$1\"" \
		--customize-hook="'$here/root.sh' after \"\$1\" '$here/../pod/pod-ports'" \
		"$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" "$work/context/rootfs.tar" - <"$work/sources"
}

in_storage() {
	local command=$1
	shift
	buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$command" "$@"
}

build_image() {
	cp "$here/Containerfile" "$work/context/"
	in_storage bud --isolation chroot --timestamp "$SOURCE_DATE_EPOCH" --format oci --identity-label=false --layers=false \
		--label org.opencontainers.image.title=sluice \
		--label org.opencontainers.image.description="XDP router for tenants' overlay networks, programmed over gRPC" \
		--label org.opencontainers.image.version="$version" \
		--label org.opencontainers.image.revision="$revision" \
		--label org.opencontainers.image.licenses=Apache-2.0 \
		--annotation org.opencontainers.image.title=sluice \
		--annotation org.opencontainers.image.version="$version" \
		--annotation org.opencontainers.image.revision="$revision" \
		--tag "sluice:$version" "$work/context"
	in_storage push --format oci "sluice:$version" "oci:$output.new:$version"
}

list_packages() {
	mkdir "$work/root" &&
		tar -xf "$work/context/rootfs.tar" -C "$work/root" --exclude './dev/*' &&
		"$root/orchestration/install/sbom/sbom.sh" --root "$work/root" --name sluice-container -o "$output.spdx.json.new"
}

require git:git mmdebstrap:mmdebstrap buildah:buildah setcap:libcap2-bin jq:jq readelf:binutils
[ "$(id -u)" = 0 ] || die "run it as root: the image's owners and file capabilities need it"
"$root/orchestration/install/debian/build.sh" -o "$packages" # with a time of its own
begin sluice-container 3
read -r revision time < <(tracked log -1 --format='%H %ct' -- . ':!tests' ':!docs' ':!findings' ':!heat-templates')
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$time}
export SOURCE_DATE_EPOCH
version=$(sed -n 's/^project(sluice VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
mkdir "$work/context"
stamp=$(fingerprint)
if [ "$(cat "$output.stamp" 2>/dev/null)" = "$stamp" ] && [ -e "$output/index.json" ] && [ -e "$output.spdx.json" ]; then
	echo "$output is up to date"
	exit 0
fi
step "root file system: Debian packages, then sluice's" build_root
step "list of what is inside" list_packages
step "image" build_image
rm -rf "$output" "$output.stamp"
mv "$output.new" "$output"
mv "$output.spdx.json.new" "$output.spdx.json"
echo "$stamp" >"$output.stamp"

echo "$output: $(du -sb "$output" | awk '{ printf "%.1f MiB", $1 / 1048576 }') in $SECONDS s"
echo "sha256 of index.json $(sha256sum "$output/index.json" | cut -d ' ' -f 1)"
echo "skopeo copy oci:$output:$version docker://REGISTRY/sluice:$version"
