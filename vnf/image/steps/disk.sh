# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are build.sh's
# SPDX-License-Identifier: Apache-2.0
# The disk: a GPT with a boot partition (FAT; syslinux for BIOS, systemd-boot for UEFI, one kernel for both) and the
# root partition (ext4), each written as a file. Fixed identities and times: the same input, the same bytes.

SYSTEMD_BOOT=/usr/lib/systemd/boot/efi/systemd-bootx64.efi
GPT_MBR=/usr/lib/SYSLINUX/gptmbr.bin

disk_uuid=5c1a0000-736c-4669-8365-000000000000
boot_uuid=5c1a0000-736c-4669-8365-000000000001
root_uuid=5c1a0000-736c-4669-8365-000000000002
root_fs_uuid=5c1a0000-736c-4669-8365-000000000003
root_hash_seed=5c1a0000-736c-4669-8365-000000000004
boot_fs_id=5c1a0001

# MiB: a boot partition after the first, the rest root's but for the GPT's copy at the end.
disk_size=2048
boot_start=1 boot_size=64
root_start=65 root_size=1982

command_line="root=PARTUUID=$root_uuid ro console=tty0 console=ttyS0,115200n8 quiet"

# mke2fs takes a file's times of access and change from where it reads the file: set them to that of the last change.
set_times() {
	(
		cd "$work/tree" || exit
		find . -printf '%Ts\t%P\n' | while IFS=$'\t' read -r time path; do
			printf 'sif "/%s" atime @%s\nsif "/%s" ctime @%s\nsif "/%s" crtime @%s\n' \
				"$path" "$time" "$path" "$time" "$path" "$time"
		done
	) >"$work/times"
	debugfs -w -f "$work/times" "$work/root.img" >"$work/times.log" 2>&1
	if grep -v '^debugfs' "$work/times.log" | grep .; then return 1; fi
}

# Boot loaders are of this machine's packages. The list is in the image, too, but not in itself.
list_packages() {
	"$root/orchestration/install/sbom/sbom.sh" --root "$work/tree" --name sluice-image --purpose OPERATING_SYSTEM \
		--also syslinux --also syslinux-common --also systemd-boot-efi -o "$work/spdx.json"
	install -m 644 "$work/spdx.json" "$work/tree/usr/share/doc/sluice/image.spdx.json"
	touch -d "@$SOURCE_DATE_EPOCH" "$work"/tree/usr/share/doc/sluice{,/image.spdx.json}
}

build_root_partition() {
	mkdir "$work/tree"
	tar --numeric-owner --xattrs --xattrs-include='*' -xpf "$work/rootfs.tar" -C "$work/tree"
	# The boot partition has the kernel: here it would only be a second copy.
	mkdir "$work/boot"
	cp "$work"/tree/boot/vmlinuz-* "$work/boot/vmlinuz"
	cp "$work"/tree/boot/initrd.img-* "$work/boot/initrd.img"
	rm -rf "$work"/tree/boot/* "$work"/tree/{vmlinuz,initrd.img}{,.old}
	# mmdebstrap needed these to its end; devices are the kernel's.
	rm -rf "$work"/tree/{dev,run}/* "$work"/tree/etc/apt "$work"/tree/var/{lib,cache}/apt "$work"/tree/etc/dpkg/dpkg.cfg.d/99mmdebstrap
	list_packages
	touch -d "@$SOURCE_DATE_EPOCH" "$work"/tree{,/boot,/dev,/run,/etc,/etc/dpkg/dpkg.cfg.d,/var/lib,/var/cache}
	(cd "$work/tree" && find . -printf '%M %U:%G %s %p\t%l\n' | LC_ALL=C sort -k 4) >"$work/files"
	E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -t ext4 -L sluice-root -U "$root_fs_uuid" -m 1 -d "$work/tree" \
		-E "hash_seed=$root_hash_seed,lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0" \
		"$work/root.img" "${root_size}M"
	E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH set_times
	rm -rf "$work/tree" "$work/rootfs.tar"
	e2fsck -fn "$work/root.img"
}

build_boot_partition() {
	local boot=$work/boot
	mkdir -p "$boot/EFI/BOOT" "$boot/loader/entries"
	cp "$SYSTEMD_BOOT" "$boot/EFI/BOOT/BOOTX64.EFI"
	printf 'default sluice.conf\ntimeout 0\neditor no\n' >"$boot/loader/loader.conf"
	printf 'title Sluice\nlinux /vmlinuz\ninitrd /initrd.img\noptions %s\n' "$command_line" \
		>"$boot/loader/entries/sluice.conf"
	printf 'SERIAL 0 115200\nDEFAULT sluice\nPROMPT 0\nLABEL sluice\n  LINUX /vmlinuz\n  INITRD /initrd.img\n  APPEND %s\n' \
		"$command_line" >"$boot/syslinux.cfg"
	find "$boot" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

	truncate -s "${boot_size}M" "$work/boot.img"
	mkfs.fat -F 32 -s 1 -n SLUICE-BOOT -i "$boot_fs_id" --invariant "$work/boot.img"
	mmd -i "$work/boot.img" ::EFI ::EFI/BOOT ::loader ::loader/entries
	(
		cd "$boot" || exit
		find . -type f | LC_ALL=C sort | while IFS= read -r file; do
			mcopy -m -i "$work/boot.img" "$file" "::$file" </dev/null
		done
	)
	syslinux --install "$work/boot.img"
}

build_disk() {
	truncate -s "${disk_size}M" "$work/disk.img"
	sfdisk --no-tell-kernel --no-reread "$work/disk.img" <<-END
		label: gpt
		label-id: $disk_uuid
		start=${boot_start}MiB, size=${boot_size}MiB, type=uefi, name=boot, uuid=$boot_uuid, attrs=LegacyBIOSBootable
		start=${root_start}MiB, size=${root_size}MiB, type=linux, name=root, uuid=$root_uuid
	END
	dd if="$GPT_MBR" of="$work/disk.img" bs=440 count=1 conv=notrunc
	dd if="$work/boot.img" of="$work/disk.img" bs=1M seek="$boot_start" conv=notrunc,sparse
	dd if="$work/root.img" of="$work/disk.img" bs=1M seek="$root_start" conv=notrunc,sparse
	rm "$work/boot.img" "$work/root.img"
}

compress_disk() {
	qemu-img convert -c -m 1 -f raw -O qcow2 -o compat=1.1 "$work/disk.img" "$work/sluice.qcow2"
	rm "$work/disk.img"
}
