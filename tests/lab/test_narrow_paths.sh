#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tenants and servers of 1500 bytes over underlays of 1500 and 1400, hosts as they come: 20 MB each way by TCP and UDP,
# IPv4 and IPv6 inside and outside. Sluice sends no outer UDP checksum over IPv6, which a Linux VTEP takes only with
# udp6zerocsumrx. With --long also to hosts that hear of no ICMP error, and send what fits everywhere.
#
#   tenant (vx100, MTU 1500) === VXLAN over eth0 ... un === sluice up0 --- server
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

transfer=(/usr/bin/python3 "$root/tests/lab/transfer.py")
bytes=20000000
add_ns tenant sluice server
add_link tenant eth0 sluice un
add_link sluice up0 server eth0
address tenant eth0 172.16.0.10/24
address sluice un 172.16.0.1/24
address tenant eth0 2001:db8:16::10/64
address sluice un 2001:db8:16::1/64
address sluice up0 10.9.0.1/24
address server eth0 10.9.0.2/24
address sluice up0 2001:db8:9::1/64
address server eth0 2001:db8:9::2/64
ip -n "$(ns server)" route add default via 10.9.0.1
ip -n "$(ns server)" route add default via 2001:db8:9::1
for end in tenant server; do
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
  - name: tenant
    gateway_addresses: [{address: 10.0.0.1/24}, {address: "2001:db8:a::1/64"}]
interface: [{name: un, vrf: underlay}, {name: up0, vrf: tenant}]
tunnel_endpoint:
  - {name: over4, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: tenant}]}
  - {name: over6, kind: vxlan, local_address: "2001:db8:16::1", remote_address: "2001:db8:16::10", underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: tenant}]}
next_hop:
  - {name: vtep4, gateway: {interface: un, address: 172.16.0.10}}
  - {name: vtep6, gateway: {interface: un, address: "2001:db8:16::10"}}
  - {name: over4, tunnel: {tunnel_endpoint: over4, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: over6, tunnel: {tunnel_endpoint: over6, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
  - {name: server6, gateway: {interface: up0, address: "2001:db8:9::2"}}
next_hop_group:
  - {name: vtep4, members: [{next_hop: vtep4}]}
  - {name: vtep6, members: [{next_hop: vtep6}]}
  - {name: tenant, members: [{next_hop: over4}]}
  - {name: server, members: [{next_hop: server}]}
  - {name: server6, members: [{next_hop: server6}]}
route:
  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: vtep4}
  - {vrf: underlay, prefix: "2001:db8:16::10/128", next_hop_group: vtep6}
  - {vrf: tenant, prefix: 10.0.0.0/24, next_hop_group: tenant}
  - {vrf: tenant, prefix: "2001:db8:a::/64", next_hop_group: tenant}
  - {vrf: tenant, prefix: 10.9.0.0/24, next_hop_group: server}
  - {vrf: tenant, prefix: "2001:db8:9::/64", next_hop_group: server6}
YAML
wait_for 10 "the next hops" programmed next_hops

# underlay 4|6 MTU: the tenant's VXLAN device over that family, and the router's way to it.
underlay() {
	local local_address=172.16.0.10 remote=172.16.0.1
	[ "$1" = 4 ] || local_address=2001:db8:16::10 remote=2001:db8:16::1
	ip -n "$(ns tenant)" link set eth0 mtu "$2"
	ip -n "$(ns sluice)" link set un mtu "$2"
	ip -n "$(ns tenant)" link delete vx100 2>/dev/null || :
	ip -n "$(ns tenant)" link add vx100 address 02:00:00:00:00:0a type vxlan id 100 dstport 4789 udp6zerocsumrx \
		local $local_address remote $remote
	ip -n "$(ns tenant)" link set vx100 mtu 1500 up
	address tenant vx100 10.0.0.10/24
	address tenant vx100 2001:db8:a::10/64
	ip -n "$(ns tenant)" route replace default via 10.0.0.1
	ip -n "$(ns tenant)" route replace default via 2001:db8:a::1
	apply <<<"next_hop_group: [{name: tenant, members: [{next_hop: over$1}]}]"
	wait_for 10 "the tenant" at tenant ping -c 1 -W 1 10.9.0.2
	wait_for 10 "the tenant, IPv6" at tenant ping -c 1 -W 1 2001:db8:9::2
}

# icmp pass|filtered: do the hosts hear of errors?
icmp() {
	local end
	for end in tenant server; do
		at $end nft flush chain inet filter input
		[ "$1" = pass ] || at $end nft -f - <<-'RULES'
			add rule inet filter input icmp type destination-unreachable drop
			add rule inet filter input icmpv6 type packet-too-big drop
		RULES
		ip -n "$(ns $end)" route flush cache
		ip -n "$(ns $end)" -6 route flush cache
	done
}

# try INNER PROTOCOL SIZE WHAT: both ways.
bad=''
try() {
	local from to address
	for from in tenant server; do
		to=server address=10.9.0.2
		[ $from = tenant ] || to=tenant address=10.0.0.10
		[ "$1" = 4 ] || { [ $to = server ] && address=2001:db8:9::2 || address=2001:db8:a::10; }
		if at $from "${transfer[@]}" send "$2" $address $bytes "$3" >"$lab/sent" 2>&1; then
			read -r seconds again <"$lab/sent"
			echo "ok    $4, from the $from: $seconds s, $again sent again"
			# Two round trips of a window of 32, each way's packets.
			((again <= 64)) || bad="$bad; $4 from the $from: $again datagrams sent again"
		else
			echo "FAIL  $4, from the $from: $(tail -n 1 "$lab/sent")"
			bad="$bad; $4 from the $from"
		fi
	done
}

spawn tenant-end tenant "${transfer[@]}" serve
spawn server-end server "${transfer[@]}" serve
for outer in 4 6; do
	for mtu in 1500 1400; do
		underlay $outer $mtu
		for errors in pass filtered; do
			[ $errors = pass ] || [ -n "${SLUICE_LONG:-}" ] || continue
			icmp $errors
			# Whoever hears of no error sends what fits everywhere, as QUIC does (RFC 9000 14); TCP does not.
			size=1452
			[ $errors = pass ] || size=1200
			for inner in 4 6; do
				[ $errors = filtered ] || try $inner tcp 0 "TCP over IPv$inner in VXLAN over IPv$outer of $mtu, ICMP $errors"
				try $inner udp $size "UDP over IPv$inner in VXLAN over IPv$outer of $mtu, ICMP $errors"
			done
		done
	done
done
[ -z "$bad" ] || fail "${bad#; }"
stop_sluiced
