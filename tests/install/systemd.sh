# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are lib.sh's
# SPDX-License-Identifier: Apache-2.0
# A minimal Debian 12 that runs: systemd as the first process of namespaces of its own, in the network namespace `sluice`
# of the lab. Nothing of it is the machine's but the kernel. After debian.sh.

# boot DIR: until systemd has started what is enabled in there. It ends with the lab, and with it all that it has started.
boot() {
	local groups=$lab/cgroup
	mkdir "$groups"
	mount -t cgroup2 cgroup2 "$groups" || skip "there is no cgroup2 for systemd"
	undo+=("umount $groups")
	mkdir "$groups/$prefix"
	undo+=("remove_group $groups/$prefix")
	echo "$BASHPID" >"$groups/$prefix/cgroup.procs" # what is spawned now is born in there
	# shellcheck disable=SC2016 # it is sh that expands them
	spawn system sluice unshare --pid --mount --cgroup --uts --ipc --fork --kill-child sh -c '
		mount --bind "$1" "$1" && cd "$1" && mount -t proc proc proc && mount -t sysfs sysfs sys &&
			mount -t cgroup2 cgroup2 sys/fs/cgroup && mount -t bpf bpf sys/fs/bpf && mount --rbind /dev dev &&
			mount -t tmpfs tmpfs run && mount -t tmpfs tmpfs tmp && pivot_root . mnt && umount -l /mnt || exit
		exec env -i container=lab SLUICE_RUN="$2" PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			/lib/systemd/systemd --log-target=console --show-status=no' sh "$1" "${SLUICE_RUN:-}"
	undo+=("stop system KILL")
	echo "$BASHPID" >"$groups/cgroup.procs"
	wait_for 60 "systemd" booted
}

# Its processes have been killed, and are gone when the kernel has come to it.
remove_group() {
	local deadline=$((SECONDS + 10))
	until find "$1" -depth -type d -exec rmdir {} + || ((SECONDS > deadline)); do
		sleep 0.05
	done
}

booted() {
	alive system || fail "systemd ended: $(tail -n 20 "$lab/system.log")"
	[[ $(in_system systemctl is-system-running) == @(running|degraded) ]]
}

# in_system COMMAND...: in what was booted.
in_system() {
	nsenter -t "$(pgrep -P "$(cat "$lab/system.pid")")" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		DEBIAN_FRONTEND=noninteractive "$@"
}
