#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes the VNF package for OpenStack Tacker (a CSAR, ETSI GS NFV-SOL 004) around sluice-vnf.yaml. The image is not in it:
# the descriptor names it, with its size and SHA-256. The same inputs give the same bytes.
#
#   heat-templates/csar/build.sh [-o sluice.csar] [--image FILE] [--image-name NAME] [--image-url URL]
#
#   -o FILE             the package; otherwise sluice.csar
#   --image FILE        the image, a qcow2; otherwise sluice.qcow2, as vnf/image/build.sh makes it
#   --image-name NAME   its name in Glance; otherwise sluice
#   --image-url URL     where the VNFM can fetch it; without, it must be in Glance under its name
#
# SOURCE_DATE_EPOCH is the date of the release; otherwise that of the last commit.
set -euo pipefail

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
output=sluice.csar image=sluice.qcow2 image_name=sluice image_url=

fail() {
	echo "csar: $*" >&2
	exit 1
}

usage() {
	sed -n '3,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
	exit "$1"
}

while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) usage 0 ;;
	-o | --image | --image-name | --image-url)
		[ -n "${2:-}" ] || fail "$1 wants a value"
		case $1 in
		-o) output=$2 ;;
		--image) image=$2 ;;
		--image-name) image_name=$2 ;;
		--image-url) image_url=$2 ;;
		esac
		shift 2
		;;
	*) usage 2 >&2 ;;
	esac
done
command -v zip >/dev/null || fail "zip is missing: apt install zip"
[ -r "$image" ] || fail "there is no image $image: make one with vnf/image/build.sh, or name it with --image"
[ "$(head -c 4 "$image" | od -An -t x1 | tr -d ' ')" = 514649fb ] || fail "$image is no qcow2"
[[ $image_name =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || fail "--image-name $image_name: letters, digits, dot, hyphen and underscore"
[[ -z $image_url || $image_url =~ ^https?://[^[:space:]\"\'\|\&\\]+$ ]] || fail "--image-url $image_url: http or https"
[ -d "$(dirname "$output")" ] || fail "there is no folder $(dirname "$output") for $output"

version=$(sed -n 's/^project(.*VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
[ -n "$version" ] || fail "CMakeLists.txt has no version"
epoch=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 315532800)}
image_sha256=$(sha256sum <"$image" | cut -d ' ' -f 1)
image_size=$(stat -c %s "$image")
image_disk=$(od -An -j 24 -N 8 -t u8 --endian=big "$image" | tr -d ' ') # qcow2: the virtual size, big endian
# An id for this version of the descriptor, in the form of a UUID of version 8 (RFC 9562).
digest=$(printf 'sluice %s %s' "$version" "$image_sha256" | sha256sum)
descriptor_id=${digest:0:8}-${digest:8:4}-8${digest:13:3}-8${digest:17:3}-${digest:20:12}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
package=$work/package
mkdir -p "$package"/{TOSCA-Metadata,Definitions,BaseHOT/simple/nested,Files/Licenses}

# The descriptor; without a URL no artifact: the image is known by its name.
cp "$here/Definitions/sol001.yaml" "$package/Definitions/"
sed -e "s|\$descriptor_id|$descriptor_id|g; s|\$version|$version|g; s|\$image_name|$image_name|; s|\$image_sha256|$image_sha256|" \
	-e "s|\$image_disk|$image_disk|; s|\$image_size|$image_size|; s|\$image_url|$image_url|" \
	"$here/Definitions/sluice.yaml" >"$package/Definitions/sluice.yaml"
[ -n "$image_url" ] || sed -i '/^      artifacts:/,/^          file:/d' "$package/Definitions/sluice.yaml"

# Tacker gives Heat the templates only, so the text that sluice-vnf.yaml gets from a file goes into it.
cp "$here/BaseHOT/simple/sluice.yaml" "$package/BaseHOT/simple/"
awk -v text="$root/vnf/image/cloud-init/user-data.yaml" '
	/\{get_file: / {
		match($0, /^ */)
		indent = substr($0, 1, RLENGTH) "  "
		sub(/\{get_file: .*/, "|")
		print
		while ((getline line < text) > 0) print line == "" ? "" : indent line
		next
	}
	{ print }' "$here/../sluice-vnf.yaml" >"$package/BaseHOT/simple/nested/sluice-vnf.yaml"

cp "$root/LICENSE" "$package/Files/Licenses/LICENSE"
printf 'Sluice %s, %s\n' "$version" "$(date -u -d "@$epoch" +%F)" >"$package/Files/ChangeLog.txt"

cat >"$package/TOSCA-Metadata/TOSCA.meta" <<META
TOSCA-Meta-File-Version: 1.0
CSAR-Version: 1.1
Created-By: Sluice
Entry-Definitions: Definitions/sluice.yaml
ETSI-Entry-Manifest: sluice.mf
ETSI-Entry-Change-Log: Files/ChangeLog.txt
ETSI-Entry-Licenses: Files/Licenses
META

cd "$package"
{
	cat <<MANIFEST
metadata:
  vnf_product_name: Sluice
  vnf_provider_id: Sluice
  vnf_package_version: $version
  vnf_release_date_time: $(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
  vnfd_id: $descriptor_id
MANIFEST
	find . -type f ! -name sluice.mf | sed 's|^\./||' | LC_ALL=C sort | while IFS= read -r file; do
		printf '\nSource: %s\nAlgorithm: SHA-256\nHash: %s\n' "$file" "$(sha256sum <"$file" | cut -d ' ' -f 1)"
	done
} >"$work/sluice.mf"
mv "$work/sluice.mf" .

find . -exec chmod u=rwX,go=rX {} + -exec touch -h -d "@$epoch" {} +
export TZ=UTC # the times in a zip are local
{
	echo TOSCA-Metadata/TOSCA.meta
	find . -type f ! -name TOSCA.meta | sed 's|^\./||' | LC_ALL=C sort
} | zip -q -X -9 -@ "$work/sluice.csar"
cd - >/dev/null
mv "$work/sluice.csar" "$output"
echo "$output: Sluice $version, image $image_name (${image_url:-in Glance}), descriptor $descriptor_id"
sha256sum "$output"
