#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is inside, by sbom.sh: a valid SPDX 2.3 document with every library that ldd names, in the version that is there.
. "$(dirname "$0")/lib.sh"

sbom=$root/orchestration/install/sbom/sbom.sh check=$root/tests/install/check_sbom.py

# checked COMMAND...: of check_sbom.py.
checked() {
	local output
	output=$("$check" "$@" 2>&1) || fail "check_sbom.py $*: $output"
	[ -z "$output" ] || echo "$output"
}

# Each package has its own in it.
need_packages
for name in sluice sluicectl sluice-orch sluice-doc; do
	dpkg-deb -R "$(deb "$name")" "$lab/$name"
	inside=$lab/$name/usr/share/doc/$name/$name.spdx.json
	checked valid "$inside"
	checked files "$inside" "$name" "$lab/$name"
	equal "$(jq -r '.packages[0] | .name + " " + .versionInfo + " " + .licenseDeclared' "$inside")" \
		"$name $version Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)" "whose document it is"
	programs=0
	while IFS= read -r program; do
		ldd "$program" >"$lab/ldd.$name.${program##*/}"
		programs=$((programs + 1))
	done < <(find "$lab/$name/usr" -type f -exec sh -c 'head -c 4 "$1" | grep -q ELF' sh {} \; -print)
	equal "$programs" "$(find "$lab/$name"/usr/*bin -type f 2>/dev/null | wc -l)" "programs in $name"
	[ "$name" = sluice-doc ] || checked libraries "$inside" "$name" /var/lib/dpkg "$lab/ldd.$name."*
done

# A package as it is before it is packed.
export SOURCE_DATE_EPOCH=1700000000
tree=$lab/staged
mkdir -p "$tree/DEBIAN" "$tree/usr/bin" "$tree/etc/sluice" "$tree/usr/share/doc/sluice"
cp "$lab/sluicectl/usr/bin/sluicectl" "$tree/usr/bin/"
ln -s sluicectl "$tree/usr/bin/link"
echo "{}" >"$tree/etc/sluice/a file.yaml"
printf 'Package: sluice\nVersion: 1:0.1.0+x~1\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.org>\nDescription: test\n' \
	>"$tree/DEBIAN/control"
inside=$tree/usr/share/doc/sluice/sluice.spdx.json
"$sbom" --staged "$tree" -o "$inside"
checked valid "$inside"
checked refuses "$inside"
checked files "$inside" sluice "$tree"
equal "$(jq -r .creationInfo.created "$inside")" 2023-11-14T22:13:20Z "the time of the document"

# The same input has the same bytes, on whatever day; another input has another namespace.
"$sbom" --staged "$tree" -o "$lab/again.json"
cmp "$inside" "$lab/again.json"
echo changed >>"$tree/etc/sluice/a file.yaml"
"$sbom" --staged "$tree" -o "$lab/changed.json"
[ "$(jq .documentNamespace "$inside")" != "$(jq .documentNamespace "$lab/changed.json")" ] || fail "two documents of one name"

# The package when it is packed has the same in it, and a checksum.
dpkg-deb --root-owner-group -Znone -b "$tree" "$lab/sluice.deb" >"$lab/dpkg-deb.log"
"$sbom" --deb "$lab/sluice.deb" -o "$lab/deb.json"
checked valid "$lab/deb.json"
equal "$(jq -r '.packages[0].checksums[0].checksumValue' "$lab/deb.json")" "$(sha256sum <"$lab/sluice.deb" | cut -d ' ' -f 1)" \
	"the checksum of the .deb"
equal "$(jq -S 'del(.documentNamespace, .packages[0].checksums, .packages[0].packageFileName)' "$lab/deb.json" | sha256sum)" \
	"$(jq -S 'del(.documentNamespace)' "$lab/changed.json" | sha256sum)" "the document of the .deb"

# A root: every package that is installed in it, and no other.
"$sbom" --root "$lab/none" -o "$lab/none.json" 2>"$lab/error" && fail "a root of nothing"
equal "$(cat "$lab/error")" "sbom.sh: $lab/none: no var/lib/dpkg/status: it is no root of Debian packages" "of a root of nothing"
[ ! -e "$lab/none.json" ] || fail "a document of nothing"
mkdir -p "$lab/root/var/lib/dpkg" "$lab/root/usr/share/doc" "$lab/root/etc"
cp /etc/os-release "$lab/root/etc/"
awk -v RS= -v ORS='\n\n' '/^Package: (libc6|libstdc\+\+6|gcc-12-base|libgrpc29|libssl3|zlib1g|libgcc-s1)\n/' /var/lib/dpkg/status \
	>"$lab/root/var/lib/dpkg/status"
cat >>"$lab/root/var/lib/dpkg/status" <<-END
	Package: gone
	Status: deinstall ok config-files
	Maintainer: Nobody <nobody@example.org>
	Architecture: all
	Version: 1
	Description: its configuration is left

END
for package in gcc-12-base libgrpc29 zlib1g; do cp -r "/usr/share/doc/$package" "$lab/root/usr/share/doc/"; done
ln -s /usr/share/doc/gcc-12-base "$lab/root/usr/share/doc/libstdc++6"
"$sbom" --root "$lab/root" --name test-root --purpose OPERATING_SYSTEM -o "$lab/root.json"
checked valid "$lab/root.json"
checked dpkg "$lab/root.json" "$lab/root/var/lib/dpkg"
equal "$(jq -r '[.relationships[] | select(.spdxElementId == "SPDXRef-Package-libgrpc29" and .relationshipType == "DEPENDS_ON") |
	.relatedSpdxElement[16:]] | join(" ")' "$lab/root.json")" "libc6 libgcc-s1 libssl3 libstdc-plus-plus6 zlib1g" \
	"what libgrpc29 depends on, of what is there"
equal "$(jq -r '.packages[] | select(.name == "zlib1g").licenseDeclared' "$lab/root.json")" Zlib "the licence of zlib1g"
"$sbom" --root "$lab/root" --also jq --also bash -o "$lab/also.json"
checked valid "$lab/also.json"
equal "$(jq -r '[.relationships[] | select(.relatedSpdxElement == "SPDXRef-Package-bash" or .relatedSpdxElement == "SPDXRef-Package-jq") |
	.relationshipType] | join(" ")' "$lab/also.json")" "CONTAINS CONTAINS" "packages of this machine that are in it, too"
equal "$(jq -r '.packages[] | select(.name == "jq").versionInfo' "$lab/also.json")" "$(dpkg-query -W -f '${Version}' jq)" "jq's version"

# What is not as it should be is said, and no document is left.
echo 'int own(void) { return 0; }' >"$lab/own.c"
echo 'int own(void); int main(void) { return own(); }' >"$lab/main.c"
gcc -shared -fPIC "$lab/own.c" -o "$lab/libown.so"
gcc "$lab/main.c" -o "$lab/a.out" -L"$lab" -lown -Wl,-rpath,"$lab"
cp "$lab/a.out" "$tree/usr/bin/"
"$sbom" --staged "$tree" -o "$lab/own.json" 2>"$lab/error" && fail "a library of no package"
grep -q "libown.so: of no Debian package" "$lab/error" || fail "of a library of no package: $(cat "$lab/error")"
rm "$lab/libown.so"
"$sbom" --staged "$tree" -o "$lab/own.json" 2>"$lab/error" && fail "a library that is not there"
grep -q "a.out: a library is not on this machine" "$lab/error" || fail "of a library that is not there: $(cat "$lab/error")"
[ ! -e "$lab/own.json" ] || fail "a document that lies"

# The commands of the document.
mkdir "$lab/document"
ln -s "$root"/* "$root/.git" "$lab/document/"
# shellcheck disable=SC2016 # Markdown
sed -n '/^```bash$/,/^```$/{/^```/d;p}' "$root/docs/supply-chain.md" >"$lab/commands"
[ -s "$lab/commands" ] || fail "docs/supply-chain.md has no commands"
unset SOURCE_DATE_EPOCH
while IFS= read -r line; do
	(cd "$lab/document" && bash -c "$line") >"$lab/command.log" 2>&1 </dev/null || fail "$line: $(cat "$lab/command.log")"
done <"$lab/commands"
grep -q '^libgrpc29 1\.' "$lab/command.log" || fail "what the last command says: $(cat "$lab/command.log")"
