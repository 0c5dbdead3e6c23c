# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Routing daemons in namespaces of a lab, without systemd: FRR and BIRD as they are installed. Source it behind lib.sh.
# shellcheck disable=SC2154 # variables of lib.sh
frr_lib=/usr/lib/frr

# recipe WORDS: the block of docs/routing-protocols.md with this language and name, such as "frr bgp".
recipe() {
	awk -v open="\`\`\`$1" '$0 == open { on = 1; found = 1; next } /^```/ { on = 0 } on; END { exit !found }' \
		"$root/docs/routing-protocols.md" || fail "docs/routing-protocols.md has no block $1"
}

# start_frr NS CONFIG DAEMON...: FRR's daemons in that namespace, each word one daemon with its options, such as
# "zebra -K 60" bgpd; zebra is the first. They have a pathspace of their own, and read the file CONFIG by vtysh.
start_frr() {
	local namespace=$1 config=$2 instance
	shift 2
	instance=$(ns "$namespace")
	if [ ! -e "/etc/frr/$instance" ]; then
		# They run as user frr, and take files only from here.
		install -d -o frr -g frr "/etc/frr/$instance" "/run/frr/$instance"
		touch "/etc/frr/$instance/vtysh.conf"
		undo+=("rm -rf /etc/frr/$instance /run/frr/$instance")
	fi
	cp "$config" "$lab/frr-$namespace.conf"
	frr_daemons "$namespace" "$@"
}

# frr_daemons NS DAEMON...: as start_frr, with the configuration that the namespace's FRR had before.
frr_daemons() {
	local namespace=$1 daemon name
	shift
	for daemon in "$@"; do
		name=${daemon%% *}
		# shellcheck disable=SC2086 # options are words
		spawn "$name-$namespace" "$namespace" "$frr_lib/$name" -N "$(ns "$namespace")" -P 0 ${daemon#"$name"}
		comes_up "$name-$namespace" vtysh_at "$namespace" -d "$name" -c 'show version'
		vtysh_at "$namespace" -d "$name" -f "$lab/frr-$namespace.conf" >"$lab/vtysh.out" 2>&1 ||
			fail "$name in $namespace does not take its configuration: $(tail -n 5 "$lab/vtysh.out")"
	done
}
# comes_up PROCESS COMMAND...: waits until the command succeeds.
comes_up() {
	local name=$1 deadline=$((SECONDS + 20))
	shift
	until "$@" >/dev/null 2>&1; do
		{ alive "$name" && ((SECONDS < deadline)); } || fail "$name does not answer: $(tail -n 5 "$lab/$name.log")"
		sleep 0.05
	done
}

# vtysh_at NS ARGUMENT...
vtysh_at() { vtysh -N "$(ns "$1")" "${@:2}" </dev/null; }

# frr_json NS COMMAND [JQ FILTER]
frr_json() { vtysh_at "$1" -c "$2" 2>/dev/null | jq -r "${3:-.}"; }

# configure NS LINE...: lines of FRR's configuration mode.
configure() {
	local namespace=$1 line arguments=(-c 'configure terminal')
	shift
	for line in "$@"; do arguments+=(-c "$line"); done
	vtysh_at "$namespace" "${arguments[@]}" >"$lab/vtysh.out" 2>&1 || fail "$namespace: $* : $(cat "$lab/vtysh.out")"
}

# bgp_up NS ADDRESS: the session with that neighbour is established, and its routes are here.
bgp_up() {
	[ "$(frr_json "$1" "show bgp neighbors $2 json" '.[].bgpState')" = Established ]
}

# start_bird NS CONFIG [OPTION...]: BIRD; then `birdc_at NS COMMAND`.
start_bird() {
	local namespace=$1 config=$2
	shift 2
	spawn "bird-$namespace" "$namespace" /usr/sbin/bird -f -c "$config" -s "$lab/bird-$namespace.ctl" \
		-P "$lab/bird-$namespace.run" "$@"
	comes_up "bird-$namespace" birdc_at "$namespace" show status
}
birdc_at() { birdc -s "$lab/bird-$1.ctl" "${@:2}"; }
bird_up() { birdc_at "$1" show protocols "$2" | grep -q Established; }

# route_at NS PREFIX [TABLE]: what the kernel has for exactly this prefix, in one line; empty: nothing.
route_at() {
	local family=-4
	[[ $2 != *:* ]] || family=-6
	ip -n "$(ns "$1")" $family -o route show exact "$2" table "${3:-254}" 2>/dev/null
}
# has_route NS PREFIX [WORDS [TABLE]]
has_route() { route_at "$1" "$2" "${4:-254}" | tr -s '\134 \t' ' ' | grep -qE -- "${3:-.}"; }
no_route() { [ -z "$(route_at "$@")" ]; }

# --- the network of docs/routing-protocols.md ---

# client 10.1.0.2 --- cl0 10.1.0.1 sluice up1 10.8.1.1 --- eth1 10.8.1.2 server: AS 65002, 10.9.0.2 on lo
#        fd00:1::2        fd00:1::1       up2 10.8.2.1 --- eth2 10.8.2.2         fd00:9::2
routed_network() {
	local i
	add_ns client sluice server
	add_client
	address client eth0 fd00:1::2/64
	address sluice cl0 fd00:1::1/64
	ip -n "$(ns client)" -6 route add default via fd00:1::1
	for i in 1 2; do
		add_uplink $i
		address sluice up$i "fd00:8:$i::1/64"
		address server eth$i "fd00:8:$i::2/64"
	done
	address server lo 10.9.0.2/32
	address server lo fd00:9::2/128
}

# peer_config [LINE...]: of a bgpd in `server` that announces 10.9.0.0/24 and fd00:9::/64 by both links, and more lines
# of its IPv4 address family. With the usual coalesce-time of a second it says End-of-RIB before its routes, and a router
# that restarts gracefully deletes what it had kept.
peer_config() {
	local address line
	cat <<-FRR
		router bgp 65002
		 bgp router-id 10.255.0.2
		 no bgp ebgp-requires-policy
		 no bgp default ipv4-unicast
		 no bgp network import-check
		 bgp graceful-restart
		 coalesce-time 0
		 timers bgp 3 9
	FRR
	for address in 10.8.1.1 10.8.2.1 fd00:8:1::1 fd00:8:2::1; do
		printf ' neighbor %s remote-as 65001\n neighbor %s timers connect 1\n neighbor %s advertisement-interval 0\n' \
			$address $address $address
	done
	printf ' %s\n' "address-family ipv4 unicast" " network 10.9.0.0/24" " neighbor 10.8.1.1 activate" \
		" neighbor 10.8.2.1 activate"
	for line in "$@"; do echo "  $line"; done
	printf ' %s\n' exit-address-family "address-family ipv6 unicast" " network fd00:9::/64" \
		" neighbor fd00:8:1::1 activate" " neighbor fd00:8:2::1 activate" exit-address-family
}

# count_udp: counts UDP to 10.9.0.0/16, 10.20.0.0/16 and fd00:9::/64 that arrives in server, by link; then
# `udp_by DEVICE`.
count_udp() {
	local device
	{
		echo "table netdev count {"
		for device in eth1 eth2; do
			echo "chain $device { type filter hook ingress device $device priority 0;"
			echo "ip daddr { 10.9.0.0/16, 10.20.0.0/16 } udp dport != 0 counter; ip6 daddr fd00:9::/64 udp dport != 0 counter; }"
		done
		echo "}"
	} | at server nft -f -
}
udp_by() { at server nft -j list chain netdev count "$1" | jq '[.nftables[].rule?.expr[]?.counter?.packets // empty] | add'; }

# spread COUNT ADDRESS: a datagram each of so many flows from client to this address.
spread() {
	at client /usr/bin/python3 -c '
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET
for port in range(int(sys.argv[1])):
    with socket.socket(family, socket.SOCK_DGRAM) as udp:
        udp.bind(("", 20000 + port))
        udp.sendto(b"", (sys.argv[2], 7))' "$@"
}
# spread_by DEVICE COUNT ADDRESS: how many of them arrive by that link of the server.
spread_by() {
	local before
	before=$(udp_by "$1")
	spread "${@:2}"
	sleep 0.2
	echo $(($(udp_by "$1") - before))
}

# --- what Sluice has learned ---

# learned PREFIX [JQ FILTER]: the candidates of route sources for that prefix, in VRF internet; empty: none.
learned() {
	show_json source_routes ".states[] | select(.resource.source_route.prefix == \"$1\") | ${2:-.key}"
}
is_learned() { [ -n "$(learned "$1" "${2:-.key}")" ]; }
# forwards PREFIX SOURCE: that source's candidate is what packets meet.
forwards() {
	[ "$(learned "$1" "select(.resource.source_route.source == \"$2\") | .candidate_status.state")" = forwarding ]
}
# has_paths PREFIX COUNT: the one candidate of route sources has so many next hops.
has_paths() {
	local group
	group=$(learned "$1" .resource.source_route.next_hop_group)
	[ "$(ctl show next_hop_group "$group" -o json | jq '.states[0].resource.next_hop_group.members | length')" = "$2" ]
}
# source_is NAME STATE [JQ CONDITION]
source_is() {
	show_json route_sources ".states[] | select(.key == \"$1\") | .route_source_status" |
		jq -e --arg s "$2" ".state == \$s and (${3:-true})"
}

# same_routes TABLE SOURCE [all]: the kernel's table in `sluice` (or $router_ns) and what that source has learned are equal, next hops
# and weights too; `all`: of all protocols but the kernel's own, else of BGP, OSPF and BIRD.
same_routes() {
	/usr/bin/python3 "$root/tests/lab/routes_compare.py" "$(ns "${router_ns:-sluice}")" "$sluicectl" "unix:$lab/sluice.sock" "$@" \
		>"$lab/compare.out" 2>&1
}
# become_equal TABLE SOURCE [all]: they are, in time.
become_equal() {
	local deadline=$((SECONDS + 20))
	until same_routes "$@"; do
		((SECONDS < deadline)) || fail "table $1 and source $2 differ: $(head -n 20 "$lab/compare.out")"
		sleep 0.1
	done
	tail -n 1 "$lab/compare.out"
}

# check_frames WHAT: none was lost since frames_start (frames.sh).
check_frames() {
	frames_end
	equal "$lost" 0 "frames lost $1 ($sent sent)"
	[ "$sent" -gt 300 ] || fail "only $sent frames were sent $1"
	echo "$1: $sent frames sent, $lost lost"
}
