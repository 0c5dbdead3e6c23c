#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the VNF's disk image: needs root and Debian's archive (from this machine's apt sources), no loop device.
#
#   vnf/image/build.sh [-o sluice.qcow2]
#
#   -o FILE   the image; FILE.files is the list of the files in it, FILE.spdx.json that of the packages (default:
#             build/image/sluice.qcow2)
#
# The same sources and packages give the same bytes. SOURCE_DATE_EPOCH is the time that everything in the image bears
# (default: that of the last commit). Work is done below TMPDIR, which needs 3 GiB.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/orchestration/install/build_lib.sh"
. "$here/steps/packages.sh"
. "$here/steps/rootfs.sh"
. "$here/steps/disk.sh"

take_output "$root/build/image/sluice.qcow2" "$@"

# What the guest wants of the cloud: queues for XDP, an agent's channel, and the config drive on virtio-scsi, since the
# cloud kernel has no AHCI, where a q35 machine puts CD-ROMs.
glance() {
	cat <<-END
		openstack image create --disk-format qcow2 --container-format bare --file $1 \\
		  --property os_type=linux --property os_distro=debian --property os_version=12 \\
		  --property hw_disk_bus=virtio --property hw_vif_model=virtio --property hw_vif_multiqueue_enabled=true \\
		  --property hw_cdrom_bus=scsi --property hw_scsi_model=virtio-scsi \\
		  --property hw_qemu_guest_agent=true --property hw_rng_model=virtio \\
		  --min-disk 2 --min-ram 1024 sluice
	END
}

require git:git mmdebstrap:mmdebstrap sfdisk:fdisk mkfs.fat:dosfstools mcopy:mtools syslinux:syslinux mke2fs:e2fsprogs \
	debugfs:e2fsprogs qemu-img:qemu-utils jq:jq "$SYSTEMD_BOOT:systemd-boot-efi" "$GPT_MBR:syslinux-common"
[ "$(id -u)" = 0 ] || die "run it as root: device nodes and owners in the image need it"
given_epoch=${SOURCE_DATE_EPOCH:-}
SOURCE_DATE_EPOCH=${given_epoch:-$(tracked log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
begin sluice-image 6

step "packages of sluice" build_packages
step "root filesystem: Debian's packages and sluice's" build_rootfs
step "root partition, and the list of what is inside" build_root_partition
step "boot partition: BIOS and UEFI" build_boot_partition
step "disk" build_disk
step "qcow2, compressed" compress_disk
mv "$work/sluice.qcow2" "$output"
mv "$work/files" "$output.files"
mv "$work/spdx.json" "$output.spdx.json"

echo
echo "$output: $(($(stat -c %s "$output") / 1000000)) MB in $SECONDS s"
echo "sha256 $(sha256sum "$output" | cut -d ' ' -f 1)"
echo
glance "$output"
