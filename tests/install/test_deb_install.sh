#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A minimal Debian 12, which has no compiler and no service manager: the packages are installed, sluiced is started from
# them and forwards, within a minute; upgraded and downgraded under load, without a failed request and with connections
# kept; removed; and purged, when nothing of them is left.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/debian.sh"
. "$(dirname "$0")/under_load.sh"

limit=60 # seconds from apt-get to the first forwarded packet, less those in which others kept the CPUs from it
names=(sluice sluicectl sluice-orch sluice-doc)
need_packages
system=$lab/system
minimal_debian "$system"
mkdir "$system/packages" "$system/bpf"
other_version "$system/packages" "${names[@]}"
for name in "${names[@]}"; do cp "$(deb "$name")" "$system/packages/"; done
mount -t bpf bpf "$system/bpf"
undo+=("umount -l $system/bpf")
add_ns client sluice server
add_client
add_server
serve server hello

# What is there: name, kind, mode and owner, and the users. apt's and dpkg's own records, and logs, are not asked.
content() {
	(
		cd "$system"
		find . -xdev \( -path ./var/lib/apt -o -path ./var/lib/dpkg -o -path ./var/cache -o -path ./var/log -o -path './etc/*-' \
			-o -path ./packages -o -path ./bpf -o -path ./dev -o -path ./run -o -path ./tmp \) -prune \
			-o -printf '%P %y %M %U:%G %l\n' | LC_ALL=C sort
		cat etc/passwd etc/group
	)
}

# apt_get NAME ARGUMENT...: its output is in $lab/NAME.log.
apt_get() {
	local log=$lab/$1.log
	shift
	inside "$system" apt-get -q -y -o Dpkg::Use-Pty=0 --no-install-recommends "$@" >"$log" 2>&1 ||
		fail "apt-get $*: $(tail -n 30 "$log")"
}
packages_of() {
	(cd "$system" && printf '/%s\n' packages/*_"$1"_*.deb)
}
ctl() { chroot "$system" sluicectl "$@"; }
apply() { ctl apply -y -f - >"$lab/apply.out" 2>&1 || fail "apply: $(cat "$lab/apply.out")"; }
runs() { ctl status -o json | jq -r .version; }
is() { [ "$(runs)" = "$1" ]; }
ended() { ! alive "$1"; }

# begin NAME [OPTION...]: sluiced with the package's settings, as its user, with the capabilities of its units.
capabilities=-all,+bpf,+net_admin,+net_raw,+perfmon
begin() {
	local name=$1
	shift
	spawn "$name" sluice "${enter[@]}" "$system" setpriv --reuid sluice --regid sluice --clear-groups --no-new-privs \
		--bounding-set "$capabilities" --inh-caps "$capabilities" --ambient-caps "$capabilities" \
		env RUNTIME_DIRECTORY=/run/sluice sluiced --state /var/lib/sluice --pins /bpf/router --log-format text "$@"
}

waiting() { sed -n 's/^some .*total=//p' /proc/pressure/cpu; } # microseconds in which something waited for a CPU

# --- installed, and forwarding ---
content >"$lab/before"
! compgen -G "$system/usr/bin/*cc" || fail "there is a compiler"
begin_at=$EPOCHREALTIME waited=$(waiting)
apt_get update update
mapfile -t debs < <(packages_of "$version")
apt_get install install "${debs[@]}"
installed_at=$EPOCHREALTIME
! compgen -G "$system/usr/bin/*cc" || fail "a compiler was installed"
equal "$(chroot "$system" id -nG sluice)" sluice "groups of the user sluice"
equal "$(stat -c '%A' "$system/var/lib/sluice") $(chroot "$system" stat -c '%U:%G' /var/lib/sluice)" "drwxrwx--- sluice:sluice" "the state folder"
inside "$system" dpkg -V "${names[@]}" >"$lab/verify" || fail "dpkg -V: $(cat "$lab/verify")"
install -d -m 750 -o "$(chroot "$system" id -u sluice)" -g "$(chroot "$system" id -g sluice)" "$system/run/sluice"
chown "$(chroot "$system" id -u sluice)" "$system/bpf"
begin first
wait_for 60 "sluiced to answer" ctl status
apply <<YAML
vrf: {name: x}
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
$(ends_yaml cl0 up0)
YAML
wait_for 60 "a packet" at client ping -c 1 -W 1 10.9.0.2
seconds() { awk -v from="$begin_at" -v to="$1" 'BEGIN { printf "%.1f", to - from }'; }
took=$(seconds "$EPOCHREALTIME")
waited=$((($(waiting) - waited) / 1000000))
echo "installed to forwarding: $took s, of which apt-get $(seconds "$installed_at") s; for $waited s something waited for a CPU"
awk -v took="$took" -v limit=$((limit + waited)) 'BEGIN { exit !(took <= limit) }' || fail "more than $limit s"
is "$version" || fail "$(runs) runs"

# --- upgraded: the packages, then one daemon takes over from the other ---
upgrade() {
	mapfile -t debs < <(packages_of "$next_version")
	apt_get upgrade install "${debs[@]}"
	is "$version" || fail "the daemon that ran did not go on"
	grep -q "process $(cat "$lab/first.pid"), goes on with the program that was here before: \"sluiced --takeover\"" "$lab/upgrade.log" ||
		fail "nothing is said of the daemon that runs: $(cat "$lab/upgrade.log")"
	begin second --takeover
	wait_for 60 "the takeover" grep -q "takeover: done" "$lab/second.log"
	wait_for 60 "the first one to end" ended first
	stop first || fail "the first one ended with status $?: $(tail -n 20 "$lab/first.log")"
	is "$next_version" || fail "$(runs) runs after the upgrade"
}
echo "# mine" >>"$system/etc/sluice/sluice.yaml"
under_load upgrade upgrade
equal "$(tail -n 1 "$system/etc/sluice/sluice.yaml")" "# mine" "the operator's settings after the upgrade"

# --- downgraded: as systemd restarts the unit, with its RestartKillSignal= ---
downgrade() {
	mapfile -t debs < <(packages_of "$version")
	apt_get downgrade install --allow-downgrades "${debs[@]}"
	stop second "$(sed -n 's/^RestartKillSignal=SIG//p' "$system/lib/systemd/system/sluiced.service")" ||
		fail "the second one ended with status $?: $(tail -n 20 "$lab/second.log")"
	begin third
	wait_for 60 "the one of before" is "$version"
}
under_load downgrade downgrade
stop third || fail "it ended with status $?: $(tail -n 20 "$lab/third.log")"

# --- removed: what was written in place stays, and comes back into use ---
apt_get remove remove "${names[@]}"
! compgen -G "$system/usr/*bin/sluice*" || fail "programs are left"
equal "$(cd "$system" && find etc/sluice var/lib/sluice -type f | sort | xargs)" "etc/sluice/sluice.yaml var/lib/sluice/journal" "files that stay"
mapfile -t debs < <(packages_of "$version")
# Where the kernel has no BTF it says so, and does its work.
enter=(unshare --mount sh -c 'mount -t tmpfs tmpfs /sys/kernel/btf && exec "$@"' sh "${enter[@]}")
apt_get again install "${debs[@]}"
grep -q 'sluice: this kernel has no BTF in /sys/kernel/btf/vmlinux' "$lab/again.log" || fail "no word of BTF: $(cat "$lab/again.log")"
equal "$(tail -n 1 "$system/etc/sluice/sluice.yaml")" "# mine" "the operator's settings"

# --- purged: nothing is left, neither of the packages nor of what they brought ---
touch "$system/etc/sluice/certificate.pem"
apt_get purge purge --autoremove "${names[@]}"
content >"$lab/after"
diff "$lab/before" "$lab/after" >"$lab/diff" || fail "left by purge: $(cat "$lab/diff")"
