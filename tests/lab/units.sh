# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are lib.sh's
# SPDX-License-Identifier: Apache-2.0
# The units of vnf/systemd without a service manager: their command lines, users and capabilities. $lab/daemon is their
# sluiced, $lab/run the directory for their sockets.
units=$root/vnf/systemd

# setting UNIT KEY: its last value. UNIT is a path below vnf/systemd.
setting() { sed -n "s/^$2=//p" "$units/$1" | tail -n 1; }

# as_unit UNIT UID: prints the command that runs another one as that user, with the unit's capabilities and no others.
as_unit() {
	local capabilities
	capabilities=-all$(setting "$1" CapabilityBoundingSet | tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g; s/^./,&/')
	echo "setpriv --reuid $2 --regid $2 --clear-groups --no-new-privs --bounding-set $capabilities" \
		"--inh-caps $capabilities --ambient-caps $capabilities"
}

# command_of UNIT: prints the unit's command line, with the lab's files in place of the system's.
command_of() {
	setting "$1" ExecStart |
		sed "s,/usr/sbin/sluiced,$lab/daemon,; s,/run/sluice-management,$lab/run,; s,/run/sluice-loader.sock,$lab/loader.sock,"
}

install_units() {
	chmod 711 "$lab"
	install -m 755 "$sluiced" "$lab/daemon"
	install -d -o 65533 -g 65533 "$lab/run"
}

# start_loader NS: sluice-loader.socket, for user 65533, and its service for each connection.
start_loader() {
	local command
	read -ra command <<<"$(as_unit sluice-loader@.service 65532) $(command_of sluice-loader@.service)"
	spawn loader "$1" systemd-socket-activate --accept --inetd --seqpacket --listen="$lab/loader.sock" \
		--setenv=ASAN_OPTIONS "${command[@]}" --config /dev/null
	wait_for 10 "the loader's socket" test -S "$lab/loader.sock"
	chown 65533 "$lab/loader.sock"
	chmod "$(setting sluice-loader.socket SocketMode)" "$lab/loader.sock"
}
