#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The packages' BPF objects, compiled in another folder, 400 days later; with SLUICE_LONG one whole program, too, and
# test_reproducible_packages.sh compares all packages.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/another_place.sh"

need_packages
unpack "$lab/tree" sluice
tree=$lab/some/other/place
clone "$tree"
# As build.sh has it for who builds packages.
mv "$tree/orchestration/install/debian" "$tree/debian"
printf 'sluice (%s) bookworm; urgency=medium\n\n  * x\n\n -- x <x@example.org>  Thu, 01 Jan 1970 00:00:00 +0000\n' "$version" \
	>"$tree/debian/changelog"
cd "$tree"
equal "$(later date +%Y)" "$(date -d '+400 days' +%Y)" "the year in which it is built"
later env DEB_BUILD_OPTIONS="parallel=$(nproc)" debian/rules build programs="router_object${SLUICE_LONG:+ sluice-health}" >"$lab/build.log" 2>&1 ||
	fail "debian/rules build: $(tail -n 20 "$lab/build.log")"

# The daemon has the objects in itself as they are.
count=0
for object in obj/bpf/*.bpf.o; do
	/usr/bin/python3 -c 'import sys; sys.exit(open(sys.argv[1], "rb").read() not in open(sys.argv[2], "rb").read())' \
		"$object" "$lab/tree/usr/sbin/sluiced" || fail "${object##*/} is not the same as in sluiced"
	count=$((count + 1))
done
[ $count -ge 6 ] || fail "$count BPF objects"

echo "$count BPF objects are the same"
[ -n "${SLUICE_LONG:-}" ] || exit 0

# The linker's hash of all that it writes, code and debugging information: stripping keeps it.
build_id() { readelf -n "$1" | sed -n 's/.*Build ID: //p'; }
[ -n "$(build_id obj/vnf/health/sluice-health)" ] || fail "a program without a build ID"
equal "$(build_id obj/vnf/health/sluice-health)" "$(build_id "$lab/tree/usr/sbin/sluice-health")" "the build ID of sluice-health"
echo "sluice-health is the same"
