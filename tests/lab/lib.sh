# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The ground of every lab script: namespaces, links, processes that end with the script, and waiting on conditions.
# A lab is a directory for files ($lab) and namespaces named $prefix-NAME; both are gone when the script ends, however
# it ends. Source it with the working directory anywhere in the tree.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${SLUICE_BUILD:-$root/build/asan}
sluiced=$build/vnf/sluiced
sluicectl=$build/vnf/ctl/sluicectl
prefix=slu${SLUICE_RUN:-}-$$ # by its number run.sh finds leftovers of its tests
lab=$(mktemp -d "/tmp/$prefix.XXXXXX")
# shellcheck disable=SC2034 # used by the scripts that source this file
router_mac=02:53:4c:00:00:01 # of every VRF towards tunnels, unless it has one of its own
export RUNTIME_DIRECTORY=$lab # sluiced leaves its program's id there for the next one
export ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=0:detect_leaks=1} LC_ALL=C
undo=() # commands that cleanup runs, last first

cleanup() {
	local status=$? i name
	trap - EXIT
	trap '' INT TERM
	set +e
	for ((i = ${#undo[@]} - 1; i >= 0; i--)); do
		eval "${undo[i]}" >>"$lab/cleanup.log" 2>&1
	done
	for name in $(ip netns list 2>/dev/null | awk -v p="$prefix-" 'index($1, p) == 1 { print $1 }'); do
		# Processes in our own namespaces are ours.
		ip netns pids "$name" | xargs -r kill -KILL 2>/dev/null
		ip netns delete "$name"
	done
	rm -rf "$lab"
	exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

skip() {
	echo "SKIP: $*"
	exit 77
}

# wait_for SECONDS NAME COMMAND...: waits until the command succeeds; fails the lab at the deadline. Where much else runs
# on the machine, as in CI, SLUICE_PATIENCE is how many times as long it waits.
wait_for() {
	local deadline=$((SECONDS + $1 * ${SLUICE_PATIENCE:-1})) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		((SECONDS < deadline)) || fail "waited in vain for $what"
		sleep 0.05
	done
}

ns() { echo "$prefix-$1"; }

# at NAME COMMAND...: runs it in that namespace.
at() {
	local name=$1
	shift
	ip netns exec "$(ns "$name")" "$@"
}

# Makes namespaces with loopback up, whose addresses can be used at once.
add_ns() {
	local name
	for name in "$@"; do
		ip netns add "$(ns "$name")"
		ip -n "$(ns "$name")" link set lo up
		at "$name" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
			net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.accept_ra=0 \
			net.ipv6.conf.default.router_solicitations=0
	done
}

# add_link NS1 DEVICE1 NS2 DEVICE2 [MTU]: a veth pair, up, with all offloads as they are by default.
add_link() {
	local mtu=${5:-1500}
	ip link add "$2" mtu "$mtu" netns "$(ns "$1")" type veth peer name "$4" mtu "$mtu" netns "$(ns "$3")"
	ip -n "$(ns "$1")" link set "$2" up
	ip -n "$(ns "$3")" link set "$4" up
}

address() { ip -n "$(ns "$1")" address add "$3" dev "$2" ${4:+"$4"}; }

# add_client: client 10.1.0.2 --- cl0 10.1.0.1 sluice
add_client() {
	add_link client eth0 sluice cl0
	address client eth0 10.1.0.2/24
	address sluice cl0 10.1.0.1/24
	ip -n "$(ns client)" route add default via 10.1.0.1
}

# add_server: sluice up0 10.9.0.1 --- server 10.9.0.2
add_server() {
	add_link sluice up0 server eth0
	address sluice up0 10.9.0.1/24
	address server eth0 10.9.0.2/24
	ip -n "$(ns server)" route add default via 10.9.0.1
}

# add_uplink NUMBER: sluice upNUMBER 10.8.NUMBER.1 --- ethNUMBER 10.8.NUMBER.2 server, whose 10.9.0.2 is then on lo.
add_uplink() {
	add_link sluice "up$1" server "eth$1"
	address sluice "up$1" "10.8.$1.1/24"
	address server "eth$1" "10.8.$1.2/24"
}

# add_vtep NAME MTU: vx100 10.0.0.10/24 with VNI 100, from 172.16.0.10 to sluice's 172.16.0.1.
add_vtep() {
	ip -n "$(ns "$1")" link add vx100 address 02:00:00:00:00:0a mtu "$2" type vxlan id 100 local 172.16.0.10 \
		remote 172.16.0.1 dstport 4789
	ip -n "$(ns "$1")" link set vx100 up
	address "$1" vx100 10.0.0.10/24
}

mac() { at "$1" cat "/sys/class/net/$2/address"; }

# counter NS DEVICE rx_packets|tx_packets|...
counter() { at "$1" cat "/sys/class/net/$2/statistics/$3"; }

# spawn NAME NS COMMAND...: starts a process that runs until stop NAME or the end of the lab; its output is in
# $lab/NAME.log.
spawn() {
	local name=$1 namespace=$2
	shift 2
	ip netns exec "$(ns "$namespace")" "$@" >>"$lab/$name.log" 2>&1 </dev/null &
	echo $! >"$lab/$name.pid"
	undo+=("stop $name")
}

alive() { kill -0 "$(cat "$lab/$1.pid")" 2>/dev/null; }

# stop NAME [SIGNAL]: sends the signal, waits up to 10 s, then kills. Returns the exit status of the process.
stop() {
	local pid i
	pid=$(cat "$lab/$1.pid" 2>/dev/null) || return 0
	rm -f "$lab/$1.pid"
	kill "-${2:-TERM}" "$pid" 2>/dev/null || :
	for ((i = 0; i < 200; i++)); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.05
	done
	kill -KILL "$pid" 2>/dev/null || :
	wait "$pid" 2>/dev/null
}

# --- Sluice ---

# start_sluiced NS [OPTION...]: the daemon, answering.
start_sluiced() {
	local namespace=$1
	shift
	[ -x "$sluiced" ] || fail "there is no $sluiced: build it, or set SLUICE_BUILD"
	spawn sluiced "$namespace" "$sluiced" --config /dev/null --listen "unix:$lab/sluice.sock" --log-format text "$@"
	wait_for 30 "sluiced to answer" sluiced_answers
}

sluiced_answers() {
	alive sluiced || fail "sluiced ended: $(tail -n 20 "$lab/sluiced.log")"
	ctl status
}

# Ends the daemon as systemd would. A leak or another finding of the sanitizers fails the lab.
stop_sluiced() {
	stop sluiced || fail "sluiced ended with status $?: $(tail -n 40 "$lab/sluiced.log")"
}

ctl() { "$sluicectl" --server "unix:$lab/sluice.sock" "$@"; }

# apply: YAML from standard input, as one commit.
apply() {
	cat >"$lab/apply.yaml"
	ctl apply -y -f "$lab/apply.yaml" >"$lab/apply.out" 2>&1 || fail "apply: $(cat "$lab/apply.out")"
}

# ends_yaml CLIENT SERVER: next hops, groups and routes of the VRF x to add_client's 10.1.0.2 and add_server's 10.9.0.2,
# which are behind these interfaces.
ends_yaml() {
	cat <<-YAML
		next_hop:
		  - {name: client, gateway: {interface: $1, address: 10.1.0.2}}
		  - {name: server, gateway: {interface: $2, address: 10.9.0.2}}
		next_hop_group:
		  - {name: client, members: [{next_hop: client}]}
		  - {name: server, members: [{next_hop: server}]}
		route:
		  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
		  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: server}
	YAML
}

# programmed KIND: true when every resource of the kind is.
programmed() { show_json "$1" | jq -e '[.states[].programmed] | all(. == "programmed")' >/dev/null; }

# show_json KIND [JQ FILTER]
show_json() { ctl show "$1" -o json | jq -r "${2:-.}"; }

# reason NAME: packets that met this verdict (api/dp/reason.h).
reason() { show_json drops ".counters[] | select(.name == \"$1\") | .counters.packets // 0" | tail -n 1; }

# state KIND KEY FIELD: of one resource, such as `state next_hop api programmed`.
state() { show_json "$1" ".states[] | select(.key == \"$2\") | .$3"; }

revision() { ctl status -o json | jq -r .revision; }

equal() { [ "$1" = "$2" ] || fail "$3: $1, not $2"; }

# serve NS TEXT: an HTTP server in that namespace that answers with the text and the client's address.
serve() {
	spawn "http-$1" "$1" /usr/bin/python3 -c '
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = (sys.argv[1] + " " + self.client_address[0].removeprefix("::ffff:") + "\n").encode() + b"x" * int(self.path[1:] or 0)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments): pass
class Server(http.server.ThreadingHTTPServer):
    import socket
    address_family = socket.AF_INET6
Server(("::", 80), Answer).serve_forever()' "$2"
	wait_for 10 "the server in $1" at "$1" curl -sf -o "$lab/ready" "http://127.0.0.1/"
}

# get NS URL: the answer's first line.
get() { at "$1" curl -sS --connect-timeout 3 --max-time 20 "$2" 2>&1 | head -n 1; }
