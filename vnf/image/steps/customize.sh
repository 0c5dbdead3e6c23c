#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# customize.sh ROOT: the image's settings, services on and off, and nothing left of how it was made.
set -eu
root=$1
here=$(cd "$(dirname "$0")/.." && pwd)

# The package's file is for every machine, this one for an image: dpkg would ask which of them to take.
install -m 644 "$here/sluice.yaml" "$root/etc/sluice/sluice.yaml"

systemctl --root="$root" enable systemd-networkd.service systemd-networkd-wait-online.service systemd-resolved.service \
	qemu-guest-agent.service sluice-dataplane-reserve.service sluice-dataplane.service sluiced.service sluice-health.service sluice-day0.service
systemctl --root="$root" disable keepalived.service
# No login: no password is set, no key is taken. A getty on the serial console would also hang it up while others write.
systemctl --root="$root" mask serial-getty@ttyS0.service getty@tty1.service console-getty.service \
	systemd-firstboot.service cloud-init-hotplugd.socket \
	dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer

# A program that is root anyway needs no setuid, and nobody else runs one here.
find "$root" -xdev -type f -perm /6000 -exec chmod ug-s {} +

echo sluice >"$root/etc/hostname"
ln -sf /run/systemd/resolve/resolv.conf "$root/etc/resolv.conf"
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root"/etc/ssl/certs/java/* "$root/etc/.pwd.lock"
rm -f "$root"/etc/passwd- "$root"/etc/group- "$root"/etc/shadow- "$root"/etc/gshadow- "$root"/etc/subuid- "$root"/etc/subgid-
rm -rf "$root"/var/cache/* "$root"/var/log/* "$root"/var/backups/*
rm -f "$root"/var/lib/dpkg/*-old "$root"/var/lib/systemd/random-seed
rm -rf "$root"/etc/rc?.d/* "$root/etc/.resolv.conf.systemd-resolved.bak" "$root/root/.ssh" "$root/usr/share/info"
mkdir -p "$root/var/log/journal"
