#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Writes what is inside, an SPDX 2.3 document in JSON, out of dpkg's data:
#
#   sbom.sh --deb FILE... -o FILE         the packages in .deb files, with what their programs are linked with
#   sbom.sh --staged DIR... -o FILE       the same of a package's tree before it is packed (debian/NAME, after dh_gencontrol)
#   sbom.sh --root DIR -o FILE            every package of a root filesystem: a container's, an image's
#
#   --name NAME      the document's name (default: the first package's, or sluice-root)
#   --purpose WORD   of a root: CONTAINER or OPERATING_SYSTEM (default: CONTAINER)
#   --also PACKAGE   of a root: a package of this machine whose files are in it, too, as a boot loader's are
#
# The same input gives the same bytes. SOURCE_DATE_EPOCH is the document's time (default: that of the last commit).
# Libraries are those of this machine, where the packages are built: run it there.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/packages.sh"
. "$here/libraries.sh"

usage() {
	sed -n '3,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
	exit "$1"
}

die() {
	echo "sbom.sh: $*" >&2
	exit 1
}

# Adds one way of naming what the document is of; there is only one in a call.
input_is() {
	[ -z "$input" ] || [ "$input" = "$1" ] || die "--$input and --$1 are two documents: run it once for each"
	input=$1
}

input='' output='' name='' purpose=CONTAINER places=() also=()
while [ $# -gt 0 ]; do
	case $1 in
	--deb | --staged)
		input_is "${1#--}"
		while [ $# -gt 1 ] && [[ $2 != -* ]]; do
			places+=("$2")
			shift
		done
		;;
	--root)
		[ $# -ge 2 ] || usage 2 >&2
		input_is root
		places=("$2")
		shift
		;;
	-o | --name | --purpose | --also)
		[ $# -ge 2 ] || usage 2 >&2
		case $1 in
		-o) output=$2 ;;
		--name) name=$2 ;;
		--purpose) purpose=$2 ;;
		--also) also+=("$2") ;;
		esac
		shift
		;;
	-h | --help) usage 0 ;;
	*) usage 2 >&2 ;;
	esac
	shift
done
if [ -z "$output" ] || [ ${#places[@]} -eq 0 ]; then usage 2 >&2; fi
[[ $purpose =~ ^(CONTAINER|OPERATING_SYSTEM)$ ]] || die "--purpose $purpose: it is CONTAINER or OPERATING_SYSTEM"

missing=()
for pair in jq:jq readelf:binutils dpkg-deb:dpkg; do
	command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
done
[ ${#missing[@]} -eq 0 ] || die "not installed: ${missing[*]}"

export LC_ALL=C
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
	SOURCE_DATE_EPOCH=$(git -c safe.directory='*' -C "$here" log -1 --format=%ct 2>/dev/null) ||
		die "no SOURCE_DATE_EPOCH and no git history: set SOURCE_DATE_EPOCH to the time of the sources"
fi
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ) || die "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH is no time"
output=$(realpath -m "$output")
work=$(mktemp -d "${TMPDIR:-/tmp}/sluice-sbom.XXXXXX")
trap 'rm -rf "$work" "$output.new"' EXIT
trap 'exit 130' INT TERM

# What is found, a line each, fields between tabs:
: >"$work/packages" # NAME VERSION ARCHITECTURE SOURCE SOURCE-VERSION HOMEPAGE DEB-FILE SHA256; those of the document first
: >"$work/licences" # PACKAGE LICENCE, by Debian's names
: >"$work/files"    # PACKAGE PATH SHA1 SHA256 KIND
: >"$work/codes"    # PACKAGE CODE, of all its files
: >"$work/depends"  # PACKAGE PACKAGE
roots=0             # how many of the packages the document is of

case $input in
root) read_root "${places[0]}" ;;
deb | staged) read_built "${places[@]}" ;;
esac

release=${places[0]}/etc/os-release
[ "$input" = root ] && [ -e "$release" ] || release=/etc/os-release
distribution=$(sed -n 's/^ID=//p' "$release" | tr -d '"') codename=$(sed -n 's/^VERSION_CODENAME=//p' "$release" | tr -d '"')

mkdir -p "$(dirname "$output")"
jq -n --indent 1 --arg input "$input" --arg name "$name" --arg purpose "$purpose" --arg created "$created" \
	--arg distribution "$distribution" --arg codename "$codename" --argjson roots "$roots" \
	--rawfile packages "$work/packages" --rawfile licences "$work/licences" \
	--rawfile files "$work/files" --rawfile codes "$work/codes" --rawfile depends "$work/depends" \
	-L "$here" -f "$here/document.jq" >"$work/document"
# The namespace is the content's: another document never has the same.
hash=$(sha256sum "$work/document" | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-8\3-8\4-\5/')
jq --indent 1 --arg hash "$hash" '.documentNamespace += $hash' "$work/document" >"$output.new"
chmod 644 "$output.new"
mv "$output.new" "$output"
