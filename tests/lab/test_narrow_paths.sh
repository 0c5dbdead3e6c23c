#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tenants and servers of 1500 bytes over underlays of 1500 and 1400, hosts as they come, whether they hear of ICMP errors
# or not: bytes each way by TCP and UDP, IPv4 and IPv6 inside and outside, VXLAN from the kernel and Geneve from a
# second Sluice (Open vSwitch's is in test_geneve_ovs.sh). 20 MB each by TCP, and by UDP with --long, else 2 MB.
#
# Where ICMP is filtered TCP rests on the MSS that Sluice lowers, and UDP on its application: that sends what fits
# everywhere, as QUIC does (RFC 9000 14), because nothing that a router may do makes a datagram smaller. Where it is not,
# the MSS is left alone, so that TCP has to find the path MTU as well.
#
#   tenant (vx100, MTU 1500) === VXLAN over eth0 ... un === sluice up0 --- server
#   branch (eth0, MTU 1500) --- far === Geneve ... ug ===/
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

transfer=(/usr/bin/python3 "$root/tests/lab/transfer.py")
declare -A bytes=([tcp]=20000000 [udp]=2000000)
[ -z "${SLUICE_LONG:-}" ] || bytes[udp]=20000000

# link_of NS DEVICE SLUICE-DEVICE NUMBER: addresses of both ends, .10 and .1 of 172.NUMBER.0.0/24.
link_of() {
	add_link "$1" "$2" sluice "$3"
	address "$1" "$2" "172.$4.0.10/24"
	address sluice "$3" "172.$4.0.1/24"
	address "$1" "$2" "2001:db8:$4::10/64"
	address sluice "$3" "2001:db8:$4::1/64"
}

add_ns tenant branch far sluice server
link_of tenant eth0 un 16
link_of far fu ug 17
add_link branch eth0 far fd
add_link sluice up0 server eth0
address branch eth0 10.1.0.10/24
address branch eth0 2001:db8:b::10/64
address sluice up0 10.9.0.1/24
address server eth0 10.9.0.2/24
address sluice up0 2001:db8:9::1/64
address server eth0 2001:db8:9::2/64
ip -n "$(ns branch)" route add default via 10.1.0.1
ip -n "$(ns branch)" route add default via 2001:db8:b::1
ip -n "$(ns server)" route add default via 10.9.0.1
ip -n "$(ns server)" route add default via 2001:db8:9::1
for end in tenant branch server; do
	at $end nft -f - <<-'RULES'
		table inet filter {
			chain input {
				type filter hook input priority 0; policy accept;
			}
		}
	RULES
done
start_sluiced sluice
apply <<'YAML'
vrf:
  - {name: underlay}
  - {name: tenant, gateway_addresses: [{address: 10.0.0.1/24}, {address: "2001:db8:a::1/64"}]}
interface: [{name: un, vrf: underlay}, {name: ug, vrf: underlay}, {name: up0, vrf: tenant}]
tunnel_endpoint:
  - {name: vxlan4, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: tenant}]}
  - {name: vxlan6, kind: vxlan, local_address: "2001:db8:16::1", remote_address: "2001:db8:16::10", underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: tenant}]}
  - {name: geneve4, kind: geneve, local_address: 172.17.0.1, remote_address: 172.17.0.10, underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: tenant}]}
  - {name: geneve6, kind: geneve, local_address: "2001:db8:17::1", remote_address: "2001:db8:17::10", underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: tenant}]}
next_hop:
  - {name: un4, gateway: {interface: un, address: 172.16.0.10}}
  - {name: un6, gateway: {interface: un, address: "2001:db8:16::10"}}
  - {name: ug4, gateway: {interface: ug, address: 172.17.0.10}}
  - {name: ug6, gateway: {interface: ug, address: "2001:db8:17::10"}}
  - {name: vxlan4, tunnel: {tunnel_endpoint: vxlan4, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: vxlan6, tunnel: {tunnel_endpoint: vxlan6, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: geneve4, tunnel: {tunnel_endpoint: geneve4, vni: 100, mac: "02:00:00:00:00:0b"}}
  - {name: geneve6, tunnel: {tunnel_endpoint: geneve6, vni: 100, mac: "02:00:00:00:00:0b"}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
  - {name: server6, gateway: {interface: up0, address: "2001:db8:9::2"}}
next_hop_group:
  - {name: un4, members: [{next_hop: un4}]}
  - {name: un6, members: [{next_hop: un6}]}
  - {name: ug4, members: [{next_hop: ug4}]}
  - {name: ug6, members: [{next_hop: ug6}]}
  - {name: tenant, members: [{next_hop: vxlan4}]}
  - {name: branch, members: [{next_hop: geneve4}]}
  - {name: server, members: [{next_hop: server}]}
  - {name: server6, members: [{next_hop: server6}]}
route:
  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: un4}
  - {vrf: underlay, prefix: "2001:db8:16::10/128", next_hop_group: un6}
  - {vrf: underlay, prefix: 172.17.0.10/32, next_hop_group: ug4}
  - {vrf: underlay, prefix: "2001:db8:17::10/128", next_hop_group: ug6}
  - {vrf: tenant, prefix: 10.0.0.0/24, next_hop_group: tenant}
  - {vrf: tenant, prefix: "2001:db8:a::/64", next_hop_group: tenant}
  - {vrf: tenant, prefix: 10.1.0.0/24, next_hop_group: branch}
  - {vrf: tenant, prefix: "2001:db8:b::/64", next_hop_group: branch}
  - {vrf: tenant, prefix: 10.9.0.0/24, next_hop_group: server}
  - {vrf: tenant, prefix: "2001:db8:9::/64", next_hop_group: server6}
YAML
wait_for 10 "the next hops" programmed next_hops

# The second router: what reaches it comes from the branch or out of the tunnel.
far() { "$sluicectl" --server "unix:$lab/far.sock" "$@"; }
far_apply() {
	cat >"$lab/far.yaml"
	far apply -y -f "$lab/far.yaml" >"$lab/apply.out" 2>&1 || fail "apply: $(cat "$lab/apply.out")"
}
mkdir "$lab/far"
spawn far far env "RUNTIME_DIRECTORY=$lab/far" "$sluiced" --config /dev/null --listen "unix:$lab/far.sock" --log-format text
wait_for 30 "the second router" far status
far_apply <<'YAML'
vrf:
  - {name: underlay}
  - {name: branch, router_mac: "02:00:00:00:00:0b", gateway_addresses: [{address: 10.1.0.1/24}, {address: "2001:db8:b::1/64"}]}
interface: [{name: fu, vrf: underlay}, {name: fd, vrf: branch}]
tunnel_endpoint:
  - {name: over4, kind: geneve, local_address: 172.17.0.10, remote_address: 172.17.0.1, underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: branch}]}
  - {name: over6, kind: geneve, local_address: "2001:db8:17::10", remote_address: "2001:db8:17::1", underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: branch}]}
next_hop:
  - {name: fu4, gateway: {interface: fu, address: 172.17.0.1}}
  - {name: fu6, gateway: {interface: fu, address: "2001:db8:17::1"}}
  - {name: over4, tunnel: {tunnel_endpoint: over4, vni: 100, mac: "02:53:4c:00:00:01"}}
  - {name: over6, tunnel: {tunnel_endpoint: over6, vni: 100, mac: "02:53:4c:00:00:01"}}
  - {name: branch, gateway: {interface: fd, address: 10.1.0.10}}
  - {name: branch6, gateway: {interface: fd, address: "2001:db8:b::10"}}
next_hop_group:
  - {name: fu4, members: [{next_hop: fu4}]}
  - {name: fu6, members: [{next_hop: fu6}]}
  - {name: server, members: [{next_hop: over4}]}
  - {name: branch, members: [{next_hop: branch}]}
  - {name: branch6, members: [{next_hop: branch6}]}
route:
  - {vrf: underlay, prefix: 172.17.0.1/32, next_hop_group: fu4}
  - {vrf: underlay, prefix: "2001:db8:17::1/128", next_hop_group: fu6}
  - {vrf: branch, prefix: 0.0.0.0/0, next_hop_group: server}
  - {vrf: branch, prefix: "::/0", next_hop_group: server}
  - {vrf: branch, prefix: 10.1.0.0/24, next_hop_group: branch}
  - {vrf: branch, prefix: "2001:db8:b::/64", next_hop_group: branch6}
YAML
# The kernel knows the addresses of a link, and answers for them: the neighbours are the VRF's.
address far fd 10.1.0.2/24
address far fd 2001:db8:b::2/64

far_programmed() { far show next_hops -o json | jq -e '[.states[].programmed] | all(. == "programmed")' >/dev/null; }
wait_for 10 "the second router's next hops" far_programmed

# vxlan 4|6: the tenant's VXLAN device over that family.
vxlan() {
	local local_address=172.16.0.10 remote=172.16.0.1
	[ "$1" = 4 ] || local_address=2001:db8:16::10 remote=2001:db8:16::1
	ip -n "$(ns tenant)" link delete vx100 2>/dev/null || :
	ip -n "$(ns tenant)" link add vx100 address 02:00:00:00:00:0a type vxlan id 100 dstport 4789 \
		local $local_address remote $remote
	ip -n "$(ns tenant)" link set vx100 mtu 1500 up
	address tenant vx100 10.0.0.10/24
	address tenant vx100 2001:db8:a::10/64
	ip -n "$(ns tenant)" route replace default via 10.0.0.1
	ip -n "$(ns tenant)" route replace default via 2001:db8:a::1
}

# underlay 4|6 MTU: everything over that family, on links of that MTU.
underlay() {
	local end
	for end in tenant:eth0 sluice:un far:fu sluice:ug; do
		ip -n "$(ns ${end%:*})" link set ${end#*:} mtu "$2"
	done
	vxlan "$1"
	apply <<<"next_hop_group: [{name: tenant, members: [{next_hop: vxlan$1}]}, {name: branch, members: [{next_hop: geneve$1}]}]"
	far_apply <<<"next_hop_group: [{name: server, members: [{next_hop: over$1}]}]"
	for end in tenant branch; do
		wait_for 10 "the $end" at $end ping -c 1 -W 1 10.9.0.2
		wait_for 10 "the $end, IPv6" at $end ping -c 1 -W 1 2001:db8:9::2
	done
}

# icmp pass|filtered: do the hosts hear of errors? If they do, the MSS is left alone.
icmp() {
	local end clamp=auto
	[ "$1" = filtered ] || clamp=off
	apply <<-YAML
		vrf: [{name: tenant, mss_clamp: $clamp, gateway_addresses: [{address: 10.0.0.1/24}, {address: "2001:db8:a::1/64"}]}]
	YAML
	far_apply <<-YAML
		vrf: [{name: branch, mss_clamp: $clamp, router_mac: "02:00:00:00:00:0b", gateway_addresses: [{address: 10.1.0.1/24}, {address: "2001:db8:b::1/64"}]}]
	YAML
	for end in tenant branch server; do
		at $end nft flush chain inet filter input
		[ "$1" = pass ] || at $end nft -f - <<-'RULES'
			add rule inet filter input icmp type destination-unreachable drop
			add rule inet filter input icmpv6 type packet-too-big drop
		RULES
		ip -n "$(ns $end)" route flush cache
		ip -n "$(ns $end)" -6 route flush cache
	done
}

address_of() {
	case $1$2 in
	server4) echo 10.9.0.2 ;;
	server6) echo 2001:db8:9::2 ;;
	tenant4) echo 10.0.0.10 ;;
	tenant6) echo 2001:db8:a::10 ;;
	branch4) echo 10.1.0.10 ;;
	branch6) echo 2001:db8:b::10 ;;
	esac
}

# try FROM TO INNER PROTOCOL SIZE WHAT
bad=''
try() {
	local seconds again
	if ! at "$1" "${transfer[@]}" send "$4" "$(address_of "$2" "$3")" "${bytes[$4]}" "$5" >"$lab/sent" 2>&1; then
		echo "FAIL  $6, from the $1: $(tail -n 1 "$lab/sent")"
		bad="$bad; $6 from the $1"
		return
	fi
	read -r seconds again <"$lab/sent"
	echo "ok    $6, from the $1: $seconds s, $again sent again"
	# Two round trips of a window of 32, each way's packets.
	((again <= 64)) || bad="$bad; $6 from the $1: $again datagrams sent again"
}

for end in tenant branch server; do
	spawn $end-end $end "${transfer[@]}" serve
done
for outer in 4 6; do
	for mtu in 1500 1400; do
		underlay $outer $mtu
		for errors in pass filtered; do
			icmp $errors
			size=1452
			[ $errors = pass ] || size=1200
			for end in tenant branch; do
				kind=VXLAN
				[ $end = tenant ] || kind=Geneve
				for inner in 4 6; do
					for protocol in tcp udp; do
						what="${protocol^^} over IPv$inner in $kind over IPv$outer of $mtu, ICMP $errors"
						try $end server $inner $protocol $size "$what"
						try server $end $inner $protocol $size "$what"
					done
				done
			done
			[ $errors$mtu = pass1500 ] || continue
			for inner in 4 6; do # out of one tunnel into the other
				for protocol in tcp udp; do
					what="${protocol^^} over IPv$inner from tunnel to tunnel over IPv$outer"
					try tenant branch $inner $protocol $size "$what"
					try branch tenant $inner $protocol $size "$what"
				done
			done
		done
	done
done
[ -z "$bad" ] || fail "${bad#; }"
stop far || fail "the second router ended with status $?: $(tail -n 40 "$lab/far.log")"
stop_sluiced
