#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From tunnel to tunnel, of one family or of two: pieces of UDP and TCP that the kernel cuts later (GSO) arrive whole,
# with right checksums inside and outside, whether the way out cuts them or the next host takes them as they are.
#
#   host4 = VXLAN over IPv4 = un4 \         / un8 = VXLAN over IPv4 = host8
#                                   sluice
#   host6 = VXLAN over IPv6 = un6 /         \ un9 = VXLAN over IPv6 = host9
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

hosts=(4 6 8 9)
outer() { case $1 in 4 | 8) echo IPv4 ;; *) echo IPv6 ;; esac }
transfer=(/usr/bin/python3 "$root/tests/lab/transfer.py")
pieces=(/usr/bin/python3 "$root/tests/lab/pieces.py")

add_ns sluice
for n in "${hosts[@]}"; do
	add_ns "host$n"
	add_link "host$n" eth0 sluice "un$n" 1600
	local_address=172.16.$n.10 remote=172.16.$n.1
	[ "$(outer "$n")" = IPv4 ] || local_address=fd00:$n::10 remote=fd00:$n::1
	bits=24
	[ "$(outer "$n")" = IPv4 ] || bits=64
	address "host$n" eth0 "$local_address/$bits"
	address sluice "un$n" "$remote/$bits"
	ip -n "$(ns "host$n")" link add vx100 address "02:00:00:00:00:0$n" mtu 1400 type vxlan id 100 dstport 4789 \
		local "$local_address" remote "$remote"
	ip -n "$(ns "host$n")" link set vx100 up
	address "host$n" vx100 "10.0.$n.10/24"
	address "host$n" vx100 "2001:db8:$n::10/64"
	ip -n "$(ns "host$n")" route add default via "10.0.$n.1"
	ip -n "$(ns "host$n")" -6 route add default via "2001:db8:$n::1"
done
start_sluiced sluice
{
	echo 'vrf:'
	echo '  - {name: underlay}'
	echo '  - name: tenant'
	echo '    gateway_addresses:'
	for n in "${hosts[@]}"; do
		echo "      - {address: 10.0.$n.1/24}"
		echo "      - {address: \"2001:db8:$n::1/64\"}"
	done
	echo 'interface:'
	for n in "${hosts[@]}"; do
		echo "  - {name: un$n, vrf: underlay}"
	done
	for n in "${hosts[@]}"; do
		local_address=172.16.$n.1 remote=172.16.$n.10 bits=32
		[ "$(outer "$n")" = IPv4 ] || local_address=fd00:$n::1 remote=fd00:$n::10 bits=128
		cat <<-YAML
			---
			tunnel_endpoint: [{name: host$n, kind: vxlan, local_address: "$local_address", remote_address: "$remote", underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: tenant}]}]
			next_hop:
			  - {name: un$n, gateway: {interface: un$n, address: "$remote"}}
			  - {name: host$n, tunnel: {tunnel_endpoint: host$n, vni: 100, mac: "02:00:00:00:00:0$n"}}
			next_hop_group: [{name: un$n, members: [{next_hop: un$n}]}, {name: host$n, members: [{next_hop: host$n}]}]
			route:
			  - {vrf: underlay, prefix: "$remote/$bits", next_hop_group: un$n}
			  - {vrf: tenant, prefix: 10.0.$n.0/24, next_hop_group: host$n}
			  - {vrf: tenant, prefix: "2001:db8:$n::/64", next_hop_group: host$n}
		YAML
	done
} | apply
wait_for 10 "the next hops" programmed next_hops
for n in 8 9; do
	spawn "pieces$n" "host$n" "${pieces[@]}" serve
	spawn "transfer$n" "host$n" "${transfer[@]}" serve
	wait_for 10 "the receivers in host$n" at "host$n" "${pieces[@]}" send ::1
	wait_for 10 "the receivers in host$n" at "host$n" "${transfer[@]}" send tcp ::1 1
done

# wrong N: packets that this host dropped for a checksum, of the tunnel or of what was in it.
wrong() { at "host$1" nstat -asz '*CsumErrors' | awk '$1 ~ /CsumErrors/ { sum += $2 } END { print sum + 0 }'; }

bad=''
# try FROM TO WHAT
try() {
	local to what before
	before=$(wrong "$2")
	for to in "10.0.$2.10" "2001:db8:$2::10"; do
		what="to $to from $(outer "$1") into $(outer "$2"), $3"
		at "host$1" "${pieces[@]}" send "$to" >"$lab/sent" 2>&1 ||
			{ echo "FAIL  UDP $what: $(tail -n 1 "$lab/sent")" && bad="$bad; UDP $what"; }
		at "host$1" "${transfer[@]}" send tcp "$to" 3000100 >"$lab/sent" 2>&1 ||
			{ echo "FAIL  TCP $what: $(tail -n 1 "$lab/sent")" && bad="$bad; TCP $what"; }
		if [ "$(wrong "$2")" != "$before" ]; then
			echo "FAIL  $(($(wrong "$2") - before)) wrong checksums $what"
			bad="$bad; checksums $what"
			before=$(wrong "$2")
		fi
	done
}
for to in 8 9; do
	for from in 4 6; do
		try $from $to "as it comes"
	done
	at sluice ethtool -K un$to tx off gso off tx-udp_tnl-segmentation off tx-udp_tnl-csum-segmentation off \
		tx-udp-segmentation off >/dev/null 2>&1 || :
	for from in 4 6; do
		try $from $to "without offloads"
	done
done
echo "wrong checksums: $(wrong 8) and $(wrong 9); dropped as no_headroom: $(reason no_headroom)"
[ -z "$bad" ] || fail "${bad#; }"
equal "$(reason no_headroom)" 0 "packets without room for headers"
stop_sluiced
