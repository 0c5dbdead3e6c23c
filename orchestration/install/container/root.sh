#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The root file system of the container, at ROOT, around the installation of its packages.
#
#   root.sh before ROOT             the user, whose number must not depend on what else makes users
#   root.sh after ROOT PROGRAM...   file capabilities, the pod's PROGRAMs; what a container of Sluice never runs goes
set -eu
root=$2

before() {
	echo 'sluice:x:10001:10001:Sluice:/var/lib/sluice:/usr/sbin/nologin' >>"$root/etc/passwd"
	echo 'sluice:x:10001:' >>"$root/etc/group"
}

# Permitted, not effective: where a pod grants only some of them, the kernel would refuse to execute the file, without a
# word why. The daemon makes effective what it has been given, and says what is missing.
capabilities() {
	setcap cap_bpf,cap_net_admin,cap_perfmon,cap_net_raw,cap_sys_nice=p "$root/usr/sbin/sluiced"
	setcap cap_net_raw=p "$root/usr/sbin/sluice-health"
}

# Debian's essential packages but the C library, a shell and its tools, and the libraries that nobody has a use for then.
# dpkg itself goes last, which the others' scripts ask; its list of what is left stays, for who looks for known faults.
trim() {
	purge e2fsprogs logsave mount util-linux util-linux-extra bsdutils login passwd sysvinit-utils hostname ncurses-bin ncurses-base \
		gzip diffutils systemd-standalone-sysusers libpam-runtime libpam-modules libpam-modules-bin libpam0g libext2fs2 libss2 \
		libblkid1 libmount1 libsmartcols1 libuuid1 libaudit1 libaudit-common libcap-ng0 libsystemd0 libudev1
	purge debconf init-system-helpers perl-base
	purge bash libtinfo6 findutils debianutils tar mawk libcrypt1
	purge dpkg liblzma5 libmd0
}

# Those of the packages that are there.
purge() {
	for package in "$@"; do
		shift
		! grep -qs ' installed$' <<-END || set -- "$@" "$package"
			$(dpkg-query --admindir="$root/var/lib/dpkg" -W -f='${Status}\n' "$package" 2>/dev/null)
		END
	done
	[ $# = 0 ] || dpkg --root="$root" --purge --force-depends --force-remove-essential --force-remove-protected "$@"
}

after() {
	shift 2
	install -D -m 755 -t "$root/usr/lib/sluice" "$@"
	capabilities
	trim
	# The runtime mounts its own resolv.conf and hostname.
	rm -rf "$root/etc/resolv.conf" "$root/etc/hostname" "$root/var/log" "$root/var/lib/systemd" "$root/var/lib/pam" "$root/etc/systemd" "$root/etc/cron.daily" \
		"$root/etc/skel" "$root/usr/share/bug" "$root/usr/share/debconf" "$root/var/lib/dpkg/info/"*.md5sums
	rm -rf "${root:?}/run"
	mkdir "$root/var/log" "$root/run"
	install -d -o 10001 -g 10001 -m 750 "$root/var/lib/sluice" "$root/run/sluice"
}

case $1 in
before) before ;;
after) after "$@" ;;
*)
	echo "usage: root.sh before|after ROOT [PROGRAM...]" >&2
	exit 2
	;;
esac
