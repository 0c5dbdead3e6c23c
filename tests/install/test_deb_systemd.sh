#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The packages where systemd runs, on a minimal Debian 12 in namespaces of its own: sluiced is up once they are installed,
# as its unit has it; an upgrade and a downgrade restart it under load, and no request fails, no connection ends; with
# settings that the new one refuses packets go on; removing them stops it and takes its programs off the devices. All that
# with the commands of docs/install-packages.md, as they stand there.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/debian.sh"
. "$(dirname "$0")/systemd.sh"
. "$(dirname "$0")/under_load.sh"

need_packages
system=$lab/system
minimal_debian "$system"
other_version "$system/build/$next_version" sluice sluicectl
mkdir "$system/build/$version"
cp "$(deb sluice)" "$(deb sluicectl)" "$system/build/$version/"
add_ns client sluice server
add_client
add_server
serve server hello
# What they depend on is fetched before: the router's namespace leads to no archive.
inside "$system" sh -c "apt-get -q update && apt-get -q -y install --no-install-recommends systemd-sysv &&
	apt-get -q -y install --download-only /build/$version/*.deb" >"$lab/fetch.log" 2>&1 || fail "apt-get: $(tail -n 20 "$lab/fetch.log")"
boot "$system"

# block NUMBER: the page's commands under its headings.
document=$root/docs/install-packages.md
block() { awk -v wanted="$1" '/^```bash$/ { number++; on = 1; next } /^```$/ { on = 0 } on && number == wanted' "$document"; }
equal "$(grep -c '^```bash$' "$document")" 5 "blocks of commands in $document"
equal "$(block 1)" orchestration/install/debian/build.sh "how the page builds the packages"

# page LOG NUMBER: runs the block.
page() {
	in_system bash -euxo pipefail -c "cd /; $(block "$2")" >"$lab/$1.log" 2>&1 </dev/null ||
		fail "$(block "$2"): $(tail -n 30 "$lab/$1.log")"
}
# install_version LOG VERSION NUMBER: the block, with the packages of that version where it looks for them.
install_version() {
	rm -rf "$system/build/packages"
	cp -r "$system/build/$2" "$system/build/packages"
	page "$1" "$3"
}
ctl() { in_system sluicectl "$@"; }
apply() { ctl apply -y -f - >"$lab/apply.out" 2>&1 || fail "apply: $(cat "$lab/apply.out")"; }
is() { [ "$(ctl status -o json | jq -r .version)" = "$1" ]; }
state_is() { [ "$(in_system systemctl is-active sluiced)" = "$1" ]; }
main_pid() { in_system systemctl show -P MainPID sluiced; }
programs() { # how many packet programs are on the router's devices
	at sluice sh -c 'tc filter show dev cl0 ingress; tc filter show dev up0 ingress; ip -d link' | grep -cE 'direct-action|prog/xdp' || :
}

# --- installed: it is up, and forwards what is committed ---
install_version install "$version" 2
wait_for 60 "sluiced" state_is active
equal "$(in_system systemctl is-enabled sluiced sluice-health | xargs)" "enabled enabled" "what starts at boot"
equal "$(in_system systemctl --failed --no-legend | awk '/sluice/')" "" "units that failed"
equal "$(in_system stat -c %U "/proc/$(main_pid)")" sluice "whose process it is"
page check 3
apply <<YAML
vrf: {name: x}
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
$(ends_yaml cl0 up0)
YAML
wait_for 60 "a packet" at client ping -c 1 -W 1 10.9.0.2
[ "$(programs)" -ge 2 ] || fail "it is not by Sluice's programs that they go: $(programs)"

# --- upgraded and downgraded: apt-get is all that somebody has to say ---
moves_to() {
	local pid
	pid=$(main_pid)
	install_version "to-$1" "$1" 4
	wait_for 60 "sluiced $1" is "$1"
	[ "$(main_pid)" != "$pid" ] || fail "sluiced was not started again"
	wait_for 60 "the next hops" programmed next_hops
}
under_load upgrade moves_to "$next_version"
under_load downgrade moves_to "$version"

# --- upgraded with settings that are wrong: packets go on, and systemd says what is wrong ---
wrong_settings() {
	echo "limitz: 1" >>"$system/etc/sluice/sluice.yaml"
	install_version wrong "$next_version" 4
	wait_for 60 "sluiced to fail" state_is failed
	in_system journalctl -u sluiced -n 20 --no-pager >"$lab/journal"
	grep -q 'sluice.yaml:[0-9]*: .*limitz' "$lab/journal" || fail "nothing says why: $(cat "$lab/journal")"
	sed -i '/^limitz/d' "$system/etc/sluice/sluice.yaml"
	in_system systemctl start sluiced || fail "it does not start with the right settings"
	is "$next_version" || fail "it is not the next version that has started"
}
under_load "wrong settings" wrong_settings

# --- removed: stopped, and no program is left on a device; purged: no unit, no file ---
in_system bash -euc "$(block 5 | head -n 1)" >"$lab/remove.log" 2>&1 || fail "remove: $(tail -n 20 "$lab/remove.log")"
! state_is active || fail "it runs on"
equal "$(programs)" 0 "packet programs that are left"
[ -e "$system/var/lib/sluice/journal" ] || fail "the state is gone before the package is purged"
in_system bash -euc "$(block 5 | tail -n +2)" >"$lab/purge.log" 2>&1 || fail "purge: $(tail -n 20 "$lab/purge.log")"
equal "$(find "$system" -xdev \( -path "$system/build" -o -path "$system/var/lib/dpkg" -o -path "$system/var/log" \
	-o -path "$system/var/cache" \) -prune -o -name '*sluice*' -print)" "" "what is left"
