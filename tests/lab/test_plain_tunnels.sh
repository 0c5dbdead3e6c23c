#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# IP in IP and GUE, IPv4 and IPv6 inside and outside: TCP each way between untuned hosts, whose segments the router's
# kernel cuts behind the tunnel's headers. The kernels of CI have none of the devices ipip, sit, ip6tnl and fou, so the
# peer is a tun device over raw and UDP sockets of the kernel, whose IP layer checks the outer headers.
#
#   branch (t0, 10.1.0.10) === tunnel over eth0 172.16.0.10 --- 172.16.0.1 un sluice up0 --- server 10.9.0.2
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

transfer=(/usr/bin/python3 "$root/tests/lab/transfer.py")
bytes=2000000

add_ns branch sluice server
add_link branch eth0 sluice un
add_link sluice up0 server eth0
address branch eth0 172.16.0.10/24
address sluice un 172.16.0.1/24
address branch eth0 2001:db8:16::10/64
address sluice un 2001:db8:16::1/64
address sluice up0 10.9.0.1/24
address server eth0 10.9.0.2/24
address sluice up0 2001:db8:9::1/64
address server eth0 2001:db8:9::2/64
ip -n "$(ns server)" route add default via 10.9.0.1
ip -n "$(ns server)" route add default via 2001:db8:9::1
# As a NIC without offloads: the kernel cuts segments and finishes checksums before they leave.
at sluice ethtool -K un tx off tso off gso off >/dev/null
start_sluiced sluice
apply <<'YAML'
vrf: [{name: underlay}, {name: tenant, gateway_addresses: [{address: 10.1.0.1/24}, {address: "2001:db8:b::1/64"}]}]
interface: [{name: un, vrf: underlay}, {name: up0, vrf: tenant}]
tunnel_endpoint:
  - {name: ipip4, kind: ipip, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay, vni_bindings: [{vrf: tenant}]}
  - {name: ipip6, kind: ipip, local_address: "2001:db8:16::1", remote_address: "2001:db8:16::10", underlay_vrf: underlay, vni_bindings: [{vrf: tenant}]}
  - {name: gue4, kind: gue, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay, vni_bindings: [{vrf: tenant}]}
  - {name: gue6, kind: gue, local_address: "2001:db8:16::1", remote_address: "2001:db8:16::10", underlay_vrf: underlay, vni_bindings: [{vrf: tenant}]}
next_hop:
  - {name: un4, gateway: {interface: un, address: 172.16.0.10}}
  - {name: un6, gateway: {interface: un, address: "2001:db8:16::10"}}
  - {name: ipip4, tunnel: {tunnel_endpoint: ipip4}}
  - {name: ipip6, tunnel: {tunnel_endpoint: ipip6}}
  - {name: gue4, tunnel: {tunnel_endpoint: gue4}}
  - {name: gue6, tunnel: {tunnel_endpoint: gue6}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
  - {name: server6, gateway: {interface: up0, address: "2001:db8:9::2"}}
next_hop_group:
  - {name: un4, members: [{next_hop: un4}]}
  - {name: un6, members: [{next_hop: un6}]}
  - {name: branch, members: [{next_hop: ipip4}]}
  - {name: server, members: [{next_hop: server}]}
  - {name: server6, members: [{next_hop: server6}]}
route:
  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: un4}
  - {vrf: underlay, prefix: "2001:db8:16::10/128", next_hop_group: un6}
  - {vrf: tenant, prefix: 10.1.0.0/24, next_hop_group: branch}
  - {vrf: tenant, prefix: "2001:db8:b::/64", next_hop_group: branch}
  - {vrf: tenant, prefix: 10.9.0.0/24, next_hop_group: server}
  - {vrf: tenant, prefix: "2001:db8:9::/64", next_hop_group: server6}
YAML
wait_for 10 "the next hops" programmed next_hops

# branch KIND 4|6: its tunnel is of that kind, over that family.
branch() {
	local ends=(172.16.0.10 172.16.0.1)
	[ "$2" = 4 ] || ends=(2001:db8:16::10 2001:db8:16::1)
	stop peer || :
	spawn peer branch /usr/bin/python3 "$root/tests/lab/plain_tunnel.py" "$1" "${ends[@]}"
	wait_for 10 "the branch's device" ip -n "$(ns branch)" link set t0 up
	[ "$1" != gue-header ] || ip -n "$(ns branch)" link set t0 mtu 1440 # Sluice leaves room for what it sends
	address branch t0 10.1.0.10/24
	address branch t0 2001:db8:b::10/64
	ip -n "$(ns branch)" route replace default dev t0
	ip -n "$(ns branch)" -6 route replace default dev t0
	apply <<<"next_hop_group: [{name: branch, members: [{next_hop: ${1%-header}$2}]}]"
}

bad=''
try() {
	if at "$1" "${transfer[@]}" send tcp "$2" $bytes >"$lab/sent" 2>&1; then
		echo "ok    $3, from the $1: $(cut -d' ' -f1 "$lab/sent") s"
	else
		echo "FAIL  $3, from the $1: $(tail -n 1 "$lab/sent")"
		bad="$bad; $3 from the $1"
	fi
}

for end in branch server; do
	spawn $end-end $end "${transfer[@]}" serve
done
for kind in ipip gue gue-header; do
	for outer in 4 6; do
		branch $kind $outer
		at branch ping -c 1 -W 5 10.9.0.2 >"$lab/ping" || fail "$kind over IPv$outer: $(cat "$lab/ping")"
		try branch 10.9.0.2 "IPv4 in $kind over IPv$outer"
		try branch 2001:db8:9::2 "IPv6 in $kind over IPv$outer"
		try server 10.1.0.10 "IPv4 in $kind over IPv$outer"
		try server 2001:db8:b::10 "IPv6 in $kind over IPv$outer"
	done
done
[ -z "$bad" ] || fail "${bad#; }"
for tunnel in ipip4 ipip6 gue4 gue6; do
	[ "$(state tunnel_endpoint $tunnel counters.bytes)" -gt $bytes ] || fail "$tunnel counts no bytes received"
	[ "$(state tunnel_endpoint $tunnel sent.bytes)" -gt $bytes ] || fail "$tunnel counts no bytes sent"
done

# What comes from another remote is not the tenant's.
before=$(reason unknown_vtep)
address branch eth0 172.16.0.11/24
branch ipip 4
stop peer || :
spawn peer branch /usr/bin/python3 "$root/tests/lab/plain_tunnel.py" ipip 172.16.0.11 172.16.0.1
wait_for 10 "the branch's device" ip -n "$(ns branch)" link set t0 up
address branch t0 10.1.0.10/24
ip -n "$(ns branch)" route replace default dev t0
at branch ping -c 2 -i 0.2 -W 1 10.9.0.2 >"$lab/ping" && fail "a remote that is no endpoint got through"
equal "$(reason unknown_vtep)" $((before + 2)) "packets dropped as unknown_vtep"
stop_sluiced
