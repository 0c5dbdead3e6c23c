# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are of who sources this
# SPDX-License-Identifier: Apache-2.0
# A libvirtd of the test's own as qemu:///system, for a script that runs in a mount namespace of its own: what is mounted
# here hides the machine's from it, and is gone with it.

# start_libvirtd NS: its taps and bridges are that namespace's. ip netns exec would hide namespaces that others make.
start_libvirtd() {
	local folder
	for folder in /run/libvirt /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt; do
		mkdir -p "$folder"
		mount -t tmpfs libvirt "$folder"
	done
	cat >/etc/libvirt/qemu.conf <<-CONF
		user = "root"
		group = "root"
		security_driver = "none"
		cgroup_controllers = []
		namespaces = []
		remember_owner = 0
		stdio_handler = "file"
	CONF
	printf 'auth_unix_rw = "none"\nauth_unix_ro = "none"\n' >/etc/libvirt/libvirtd.conf
	mkdir -p /var/lib/libvirt/images
	undo+=("stop libvirtd" "stop_domains")
	run_libvirtd "$1"
}

# run_libvirtd NS: once more, after stop libvirtd.
run_libvirtd() {
	(exec nsenter --net="/run/netns/$(ns "$1")" libvirtd --pid-file /run/libvirt/libvirtd.pid) >>"$lab/libvirtd.log" 2>&1 &
	echo $! >"$lab/libvirtd.pid"
	wait_for 20 "libvirtd" virsh -c qemu:///system version
}

# QEMU outlives libvirtd.
stop_domains() {
	local name
	for name in $(virsh -c qemu:///system list --name); do
		virsh -c qemu:///system destroy "$name"
	done
}
