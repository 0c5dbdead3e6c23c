#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is in the image, read from its filesystems without mounting them.
. "$(dirname "$0")/../lab/lib.sh"
. "$(dirname "$0")/image.sh"

here=$root/tests/vm
tree=$lab/tree
need_image

qemu-img check -q "$image" || fail "qemu-img check finds faults in $image"
size=$(stat -c %s "$image")
[ "$size" -le 220000000 ] || fail "$size bytes, more than 220 MB"
! qemu-img info --output=json "$image" | jq -e '."backing-filename"' >"$lab/backing" || fail "it has a backing file"

qemu-img convert -O raw "$image" "$lab/disk"
start() { sfdisk -J "$lab/disk" | jq ".partitiontable.partitions[] | select(.name == \"$1\") | .start * 512"; }
equal "$(sfdisk -J "$lab/disk" | jq -r '[.partitiontable.partitions[] | .name + (.attrs // "")] | join(" ")')" \
	"bootLegacyBIOSBootable root" "the partitions"
equal "$(mdir -a -b -/ -i "$lab/disk@@$(start boot)" :: | sort | tr '\n' ' ')" \
	"::/EFI/ ::/EFI/BOOT/ ::/EFI/BOOT/BOOTX64.EFI ::/initrd.img ::/ldlinux.c32 ::/ldlinux.sys ::/loader/ ::/loader/entries/ ::/loader/entries/sluice.conf ::/loader/loader.conf ::/syslinux.cfg ::/vmlinuz " \
	"what is on the boot partition"
mkdir "$tree"
partition="$lab/disk?offset=$(start root)"
debugfs -R "rdump / $tree" "$partition" 2>"$lab/debugfs.log"
cd "$tree"
# rdump keeps no sticky and setuid bits: "MODE UID GID PATH" of every file, from the directories themselves.
find . -type d -printf 'ls -p "/%P"\n' >"$lab/directories"
debugfs -f "$lab/directories" "$partition" 2>>"$lab/debugfs.log" | awk -F / '
	/^debugfs: ls -p/ { sub(/^[^"]*"/, ""); sub(/"$/, ""); folder = $0 == "/" ? "" : $0; next }
	NF > 6 && $6 != "" && $6 != "." && $6 != ".." { print $3, $4, $5, folder "/" $6 }' | sort >"$lab/modes"
equal "$(cut -d ' ' -f 4- "$lab/modes" | sort | sha256sum)" "$(find . -mindepth 1 -printf '/%P\n' | sort | sha256sum)" \
	"the files read in two ways"

# none WHAT: standard input has no line.
none() {
	local found
	found=$(head -n 20)
	[ -z "$found" ] || fail "$1:"$'\n'"$found"
}

# The lines that no pattern of a file matches as a whole.
beyond() { grep -vxE -f <(grep -v '^#' "$here/$1") || :; }

# Every package is one that we know; every other file is one that we expect.
installed() { sed -n 's/^Package: //p' var/lib/dpkg/status; }
installed | beyond allowed-packages | none "packages that are not in tests/vm/allowed-packages"
cat var/lib/dpkg/info/*.list | sed -E 's,^/(bin|sbin|lib|lib32|lib64|libx32)(/|$),/usr/\1\2,' | sort -u >"$lab/owned"
find . -mindepth 1 -printf '/%P\n' | sort | comm -23 - "$lab/owned" | beyond allowed-files |
	none "files that are not in tests/vm/allowed-files"
find . -mindepth 1 -name '*.dpkg-*' | none "what dpkg left"

# The list of what is inside has all of that, with the libraries of Sluice's programs as this root would load them.
check=$root/tests/install/check_sbom.py
"$check" valid "$image.spdx.json" || fail "$image.spdx.json is not valid"
"$check" dpkg "$image.spdx.json" var/lib/dpkg syslinux syslinux-common systemd-boot-efi || fail "$image.spdx.json: packages"
cmp "$image.spdx.json" usr/share/doc/sluice/image.spdx.json
for package in sluice sluicectl; do
	grep -E '^/usr/s?bin/.' "var/lib/dpkg/info/$package.list" | while IFS= read -r program; do
		chroot . /lib64/ld-linux-x86-64.so.2 --list "$program" >"$lab/ldd.$package.${program##*/}"
	done
	"$check" libraries "$image.spdx.json" "$package" var/lib/dpkg "$lab/ldd.$package."* || fail "$image.spdx.json: libraries"
done

sed -E '/^(12|.{5}[0145]|041777)/d' "$lab/modes" | none "world-writable"
sed -n '/^10[2-7]/p' "$lab/modes" | none "setuid or setgid"
find . \( -path './var/cache/*/*' -o -path './var/lib/apt/*' -o -path './var/log/*/*' -o -path './tmp/*' \
	-o -path './var/tmp/*' -o -path './run/*' \) | none "left of how it was made"
find . \( -path './etc/ssh/*' -o -name 'authorized_keys' -o -name '*.pem.key' -o -name 'random-seed' \) | none "secrets"
find usr/bin usr/sbin -regextype egrep \
	-regex '.*/(([a-z0-9_-]+-)?(gcc|g\+\+|cc|c\+\+|clang|ld|as|make|cmake)(-[0-9.]+)?|apt|apt-get|sshd|telnetd)' |
	none "no business of a router"
find etc/systemd -name 'keepalived*' | none "on without being configured"
awk -F : '$2 !~ /^[!*]+$/' etc/shadow | none "accounts with a password"
equal "$(cat etc/machine-id)" "" "the machine-id"
equal "$(cat etc/hostname)" sluice "the hostname"
