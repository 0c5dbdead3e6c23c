#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Services whose members answer by themselves, behind IP in IP and GUE, IPv4 and IPv6 inside and outside: flows reach the
# member as the client sent them. Where this kernel has the devices ipip, sit, ip6tnl and fou, they are the other end;
# else sockets of the kernel, whose IP layer checks the outer headers, and a tun device.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice un 172.16.0.1 --- eth0 172.16.0.10 m: all VIPs on lo
#          10.6.0.2 ------------------------------------------ back 10.6.0.1
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/lab/services.sh
. "$(dirname "$0")/services.sh"

add_ns client sluice m
add_client
address client eth0 2001:db8:1::2/64 nodad
address sluice cl0 2001:db8:1::1/64 nodad
ip -n "$(ns client)" -6 route add default via 2001:db8:1::1
add_link client eth1 m back
address client eth1 10.6.0.2/24
address client eth1 2001:db8:6::2/64 nodad
address m back 10.6.0.1/24
address m back 2001:db8:6::1/64 nodad
ip -n "$(ns m)" route add 10.1.0.0/24 via 10.6.0.2
ip -n "$(ns m)" -6 route add 2001:db8:1::/64 via 2001:db8:6::2
add_link sluice un m eth0 1600
address sluice un 172.16.0.1/24
address sluice un 2001:db8:16::1/64 nodad
address m eth0 172.16.0.10/24
address m eth0 2001:db8:16::10/64 nodad
# As a NIC without offloads: the kernel cuts segments and finishes checksums before they leave.
at sluice ethtool -K un tx off tso off gso off >/dev/null

# plain NAME KIND LOCAL: the other end in user space.
plain() {
	local router=172.16.0.1
	[[ $3 != *:* ]] || router=2001:db8:16::1
	spawn "$1" m /usr/bin/python3 "$root/tests/lab/plain_tunnel.py" "$2" "$3" "$router" "$1"
	wait_for 10 "the device $1" ip -n "$(ns m)" link set "$1" up
}
# kernel_devices: false where it has none.
kernel_devices() {
	local inside=(ip -n "$(ns m)")
	"${inside[@]}" link add ipip4 type ipip local 172.16.0.10 remote 172.16.0.1 || return
	"${inside[@]}" link add ipip4-6 type sit local 172.16.0.10 remote 172.16.0.1 || return
	"${inside[@]}" link add ipip6 type ip6tnl mode any local 2001:db8:16::10 remote 2001:db8:16::1 || return
	"${inside[@]}" fou add port 6080 gue && "${inside[@]}" -6 fou add port 6080 gue || return
	for device in ipip4 ipip4-6 ipip6; do "${inside[@]}" link set $device up || return; done
}
if kernel_devices 2>"$lab/devices.log"; then
	echo "the other end: ipip, sit, ip6tnl and fou of $(uname -r)"
else
	echo "the other end: user space, as $(uname -r) has none of these devices ($(tail -n 1 "$lab/devices.log"))"
	for device in ipip4 ipip4-6 ipip6; do ip -n "$(ns m)" link del $device 2>/dev/null || :; done
	for kind in ipip gue; do
		plain ${kind}4 $kind 172.16.0.10
		plain ${kind}6 $kind 2001:db8:16::10
	done
fi

# A service each: VIPs 203.0.113.1 to .4 and 2001:db8:f::1 to ::4.
tunnels=(ipip4 ipip6 gue4 gue6)
declare -A ends=([4]='local_address: 172.16.0.1, remote_address: 172.16.0.10'
	[6]='local_address: "2001:db8:16::1", remote_address: "2001:db8:16::10"')
ports=()
for number in 1 2 3 4; do
	for vip in 203.0.113.$number/32 2001:db8:f::$number/128; do address m lo "$vip"; done
	ports+=("203.0.113.$number:80" "[2001:db8:f::$number]:80")
done
start_sluiced sluice
{
	cat <<-YAML
		vrf: [{name: x}, {name: underlay}]
		interface: [{name: cl0, vrf: x}, {name: un, vrf: underlay}]
		next_hop:
		  - {name: un4, gateway: {interface: un, address: 172.16.0.10}}
		  - {name: un6, gateway: {interface: un, address: "2001:db8:16::10"}}
		next_hop_group: [{name: un4, members: [{next_hop: un4}]}, {name: un6, members: [{next_hop: un6}]}]
		route:
		  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: un4}
		  - {vrf: underlay, prefix: "2001:db8:16::10/128", next_hop_group: un6}
	YAML
	for i in 0 1 2 3; do
		tunnel=${tunnels[i]} number=$((i + 1))
		cat <<-YAML
			---
			tunnel_endpoint: {name: $tunnel, kind: ${tunnel%[46]}, ${ends[${tunnel: -1}]}, underlay_vrf: underlay, vni_bindings: [{vrf: x}]}
			next_hop: {name: $tunnel, tunnel: {tunnel_endpoint: $tunnel}}
			next_hop_group: {name: $tunnel, members: [{next_hop: $tunnel}]}
			load_balancer: [{name: $tunnel-v4, vrf: x, vip_address: 203.0.113.$number}, {name: $tunnel-v6, vrf: x, vip_address: "2001:db8:f::$number"}]
			pool: [{name: $tunnel-v4, vrf: x, forwarding: direct}, {name: $tunnel-v6, vrf: x, forwarding: direct}]
			listener:
			  - {name: $tunnel-v4, load_balancer: $tunnel-v4, pools: [{pool: $tunnel-v4}]}
			  - {name: $tunnel-v6, load_balancer: $tunnel-v6, pools: [{pool: $tunnel-v6}]}
			member:
			  - {name: $tunnel-v4, pool: $tunnel-v4, address: 10.7.0.$number, next_hop_group: $tunnel}
			  - {name: $tunnel-v6, pool: $tunnel-v6, address: "2001:db8:7::$number", next_hop_group: $tunnel}
		YAML
	done
} | apply
member m m "${ports[@]}"
wait_for 10 "the tunnels" programmed tunnel_endpoints
wait_for 10 "the next hops" programmed next_hops

# outer TUNNEL INNER: tcpdump's words for its packets.
outer() {
	local family=ip
	[ "${1: -1}" = 4 ] || family=ip6
	case $1 in
	gue?) echo "$family and udp port 6080" ;;
	*) echo "$family proto $([ "$2" = 4 ] && echo 4 || echo 41)" ;;
	esac
}
for i in 0 1 2 3; do
	tunnel=${tunnels[i]} number=$((i + 1))
	for inner in 4 6; do
		vip=203.0.113.$number
		[ $inner = 4 ] || vip=2001:db8:f::$number
		: >"$lab/wire.log"
		spawn wire m tcpdump -nn -l -i eth0 "$(outer "$tunnel" $inner)"
		wait_for 10 "tcpdump" grep -q 'listening on' "$lab/wire.log"
		asked_only m client $vip 80 20
		asked_only m client $vip 80 20 udp
		asked_only m client $vip 80 3 tcp 200000
		asked_only m client $vip 80 3 udp 4000
		packets=$(state member "$tunnel-v$inner" counters.packets)
		((packets > 100)) || fail "the member $tunnel-v$inner counts $packets packets"
		wait_for 5 "packets of $tunnel on the wire" grep -q '^[0-9]' "$lab/wire.log"
		stop wire || :
		equal "$(state member "$tunnel-v$inner" member_status.opened)" 46 "flows of $tunnel-v$inner"
		echo "ok    IPv$inner by $tunnel"
	done
done
for end in client m; do equal "$(checksum_errors $end)" 0 "packets with wrong checksums in $end"; done
stop_sluiced
