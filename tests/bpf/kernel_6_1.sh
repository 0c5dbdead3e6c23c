#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs programs on Debian 12's own kernel (6.1), the oldest that Sluice supports: boots it under QEMU (no KVM needed)
# with an initramfs that holds the programs and their libraries, iproute2's ip for those that make devices and routes,
# and veth.
#
#   tests/bpf/kernel_6_1.sh WORK_FOLDER 'PROGRAM [ARGUMENT]...' ['PROGRAM ...']...
#
# Exit status 0: every program exited with 0 in the guest; 77: this machine cannot run the guest (it says why).
set -euo pipefail

work=$1
shift
readonly deadline=840 # seconds, for boot and all programs

skip() {
	echo "SKIP: $1"
	exit 77
}

for tool in qemu-system-x86_64 busybox cpio dpkg-deb apt-get ip; do
	command -v "$tool" >/dev/null || skip "$tool is missing (tests/setup.sh installs it)"
done
mkdir -p "$work"
cd "$work"

# The kernel is taken out of its package, not installed.
if ! compgen -G 'kernel/boot/vmlinuz-6.1*' >/dev/null; then
	package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image-6.1/ {print $2; exit}')
	[ -n "$package" ] || skip "no package of a 6.1 cloud kernel is known here"
	apt-get -qq download "$package" 2>/dev/null || skip "the kernel package $package cannot be downloaded"
	dpkg-deb -x "$package"_*.deb kernel
	rm -f "$package"_*.deb
fi

# The initramfs: busybox, the programs and what the dynamic linker needs for them.
rm -rf root
mkdir -p root/{bin,proc,sys,tmp,dev}
cp "$(command -v busybox)" root/bin/busybox
cp kernel/lib/modules/6.1*/kernel/drivers/net/veth.ko root/veth.ko

# libraries PROGRAM: copies what the dynamic linker needs for it.
libraries() {
	ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "root$(dirname "$library")"
		cp -L "$library" "root$library"
	done
}

cp "$(command -v ip)" root/bin/ip
libraries "$(command -v ip)"
number=0
{
	echo '#!/bin/busybox sh'
	echo '/bin/busybox --install -s /bin'
	echo 'export PATH=/bin'
	echo 'mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t bpf bpf /sys/fs/bpf; mount -t devtmpfs dev /dev'
	echo 'insmod /veth.ko'
	echo 'ip link set lo up'
	# shellcheck disable=SC2016 # the guest expands it
	echo 'echo "guest: kernel $(uname -r)"'
	for program in "$@"; do
		number=$((number + 1))
		read -r -a words <<<"$program"
		cp "${words[0]}" "root/bin/program$number"
		libraries "${words[0]}"
		echo "echo 'guest: program $number: ${words[0]##*/} ${words[*]:1}'"
		echo "/bin/program$number ${words[*]:1} 2>&1; echo \"guest: program $number exited with \$?\""
	done
	echo 'poweroff -f'
} >root/init
chmod +x root/init
(cd root && find . | cpio --quiet -o -H newc | gzip -1) >initramfs.gz

timeout "$deadline" qemu-system-x86_64 -nodefaults -no-reboot -display none -accel tcg,thread=multi -cpu max -smp 2 -m 2048 \
	-kernel kernel/boot/vmlinuz-6.1* -initrd initramfs.gz -append 'console=ttyS0 quiet panic=-1' \
	-serial stdio </dev/null | tr -d '\r' | tee console.txt || true

good=$(grep -c '^guest: program [0-9]* exited with 0$' console.txt || true)
[ "$good" -eq "$number" ] || {
	echo "FAIL: $good of $number programs exited with 0 on kernel 6.1; the guest's console is above"
	exit 1
}
