#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The Debian packages as files: what is in each, what they depend on, and lintian's word on them.
. "$(dirname "$0")/lib.sh"

need_packages
SECONDS=0
"$root/orchestration/install/debian/build.sh" -o "$packages" >"$lab/again.log" || fail "a second build: $(cat "$lab/again.log")"
grep -q 'is up to date$' "$lab/again.log" || fail "what is there is built again: $(cat "$lab/again.log")"
[ $SECONDS -le 20 ] || fail "it took $SECONDS s to see that there is nothing to do"

for name in sluice sluicectl sluice-orch sluice-doc; do
	equal "$(dpkg-deb -f "$(deb "$name")" Version)" "$version" "the version of $name"
	dpkg-deb --fsys-tarfile "$(deb "$name")" | tar -tv --numeric-owner >"$lab/$name.list"
	equal "$(awk '$2 != "0/0"' "$lab/$name.list")" "" "what of $name is not root's"
	equal "$(awk '$1 ~ /s|^-......w|^-....w/' "$lab/$name.list")" "" "what of $name others may change, or has setuid"
	dpkg-deb -f "$(deb "$name")" Depends >"$lab/$name.depends"
	! grep -E '(^|[ ,])(gcc|clang|cmake|[a-z0-9.+-]*-dev)([ ,]|$)' "$lab/$name.depends" || fail "$name needs a compiler"
done

# files NAME: what is in the package and no folder, but for the changelog and the licence that all have.
files() { sed -n 's/^[^d].* \.\(\/[^ ]*\).*/\1/p' "$lab/$1.list" | grep -vE '/(copyright|changelog\.gz)$' | LC_ALL=C sort; }
has() { diff <(files "$1") - >"$lab/diff" || fail "content of $1 (< is there, > is expected): $(cat "$lab/diff")"; }
has sluice <<-END
	/etc/sluice/sluice.yaml
	/lib/systemd/system/sluice-day0.service
	/lib/systemd/system/sluice-health.service
	/lib/systemd/system/sluice-loader.socket
	/lib/systemd/system/sluice-loader@.service
	/lib/systemd/system/sluiced.service
	/usr/lib/sysusers.d/sluice.conf
	/usr/sbin/sluice-health
	/usr/sbin/sluiced
	/usr/share/doc/sluice/sluice.spdx.json
	/usr/share/lintian/overrides/sluice
	/usr/share/man/man5/sluiced.yaml.5.gz
	/usr/share/man/man8/sluice-health.8.gz
	/usr/share/man/man8/sluiced.8.gz
END
has sluicectl <<-END
	/usr/bin/sluicectl
	/usr/share/bash-completion/completions/sluicectl
	/usr/share/doc/sluicectl/sluicectl.spdx.json
	/usr/share/fish/vendor_completions.d/sluicectl.fish
	/usr/share/man/man1/sluicectl.1.gz
	/usr/share/man/man5/sluice-yaml.5.gz
	/usr/share/zsh/vendor-completions/_sluicectl
END
has sluice-orch <<-END
	/usr/bin/sluice-orch
	/usr/share/bash-completion/completions/sluice-orch
	/usr/share/doc/sluice-orch/sluice-orch.spdx.json
	/usr/share/fish/vendor_completions.d/sluice-orch.fish
	/usr/share/man/man1/sluice-orch.1.gz
	/usr/share/zsh/vendor-completions/_sluice-orch
END
(
	cd "$root"
	{
		echo README.md
		git -c safe.directory="$root" ls-files docs
		git -c safe.directory="$root" ls-files api/proto | sed 's,^api/,,'
	} | sed 's,^,/usr/share/doc/sluice/,'
	echo /usr/share/doc/sluice-doc/sluice-doc.spdx.json
) | LC_ALL=C sort | has sluice-doc
equal "$(dpkg-deb -I "$(deb sluice)" conffiles | grep .)" /etc/sluice/sluice.yaml "files that are the operator's to change"

lintian --fail-on error,warning --tag-display-limit 0 "$packages"/*.deb >"$lab/lintian" 2>"$lab/lintian.err" ||
	fail "lintian: $(cat "$lab/lintian" "$lab/lintian.err")"
equal "$(cat "$lab/lintian")" "" "lintian's findings"
# It is asked to overlook one thing, and says why.
equal "$(dpkg-deb --fsys-tarfile "$(deb sluice)" | tar -xO ./usr/share/lintian/overrides/sluice | grep -c '^sluice: ')" 1 "overrides"

# The program is that of a release: stripped, position-independent, its assertions and libraries as they are bound at the start.
unpack "$lab/tree" sluice sluicectl sluice-orch
for program in sbin/sluiced sbin/sluice-health bin/sluicectl bin/sluice-orch; do
	equal "$("$lab/tree/usr/$program" --version)" "${program#*/} $version" "what ${program#*/} says of itself"
	readelf -dW "$lab/tree/usr/$program" | grep -q 'BIND_NOW\|FLAGS_1.*NOW' || fail "$program is bound lazily"
	readelf -hW "$lab/tree/usr/$program" | grep -q 'Type:.*DYN' || fail "$program is not position-independent"
	! grep -aq "$root" "$lab/tree/usr/$program" || fail "$program names the folder where it was built"
done
"$lab/tree/usr/sbin/sluiced" -n -c "$lab/tree/etc/sluice/sluice.yaml" --state none >"$lab/check" 2>&1 ||
	fail "sluiced -n with the package's sluice.yaml: $(cat "$lab/check")"
