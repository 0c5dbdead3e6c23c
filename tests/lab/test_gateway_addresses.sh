#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two tenants, each with a host on a port and one behind VXLAN, have the same addresses and the same gateway addresses.
# No host has a static neighbour: Sluice answers ARP, neighbour solicitations, pings and TTL 1, each in its VRF.
#
#   red   10.1.0.2 --- r0 10.1.0.1 \        / vx100 10.0.0.10, in redt
#                                   sluice =
#   blue  10.1.0.2 --- b0 10.1.0.1 /        \ vx200 10.0.0.10, in bluet; both through host 172.16.0.10
. "$(dirname "$0")/lib.sh"

add_ns red blue redt bluet host sluice
add_link host eth0 sluice under0 1600
address host eth0 172.16.0.10/24
address sluice under0 172.16.0.1/24
# tenant NAME PORT VNI
tenant() {
	add_link "$1" eth0 sluice "$2"
	address "$1" eth0 10.1.0.2/24
	address "$1" eth0 2001:db8:1::2/64 nodad
	address sluice "$2" 10.1.0.1/24
	address sluice "$2" 2001:db8:1::1/64 nodad
	ip -n "$(ns "$1")" route add default via 10.1.0.1
	ip -n "$(ns "$1")" -6 route add default via 2001:db8:1::1
	ip -n "$(ns host)" link add "vx$3" address 02:00:00:00:00:0a mtu 1500 type vxlan id "$3" local 172.16.0.10 \
		remote 172.16.0.1 dstport 4789
	ip -n "$(ns host)" link set "vx$3" netns "$(ns "$1t")"
	at "$1t" ethtool -K "vx$3" tx off >/dev/null
	ip -n "$(ns "$1t")" link set "vx$3" up
	address "$1t" "vx$3" 10.0.0.10/24
	address "$1t" "vx$3" 2001:db8:a::10/64 nodad
	ip -n "$(ns "$1t")" route add default via 10.0.0.1
	ip -n "$(ns "$1t")" -6 route add default via 2001:db8:a::1
}
tenant red r0 100
tenant blue b0 200
# A host whose router has no address of the kernel's on the link.
add_ns guest
add_link guest eth0 sluice g0
address guest eth0 10.3.0.2/24
ip -n "$(ns guest)" route add default via 10.3.0.1
serve sluice host
start_sluiced sluice
tenant_yaml() {
	cat <<-YAML
		vrf:
		  - name: $1
		    kernel: $4
		    gateway_addresses: [{address: 10.0.0.1/24}, {address: "2001:db8:a::1/64"}, {address: $5/32}]
		interface: [{name: $2, vrf: $1}]
		next_hop:
		  - {name: $1, gateway: {interface: $2, address: 10.1.0.2}}
		  - {name: $1-6, gateway: {interface: $2, address: "2001:db8:1::2"}}
		  - {name: $1-t, tunnel: {tunnel_endpoint: host, vni: $3, mac: "02:00:00:00:00:0a"}}
		next_hop_group:
		  - {name: $1, members: [{next_hop: $1}]}
		  - {name: $1-6, members: [{next_hop: $1-6}]}
		  - {name: $1-t, members: [{next_hop: $1-t}]}
		route:
		  - {vrf: $1, prefix: 10.1.0.0/24, next_hop_group: $1}
		  - {vrf: $1, prefix: "2001:db8:1::/64", next_hop_group: $1-6}
		  - {vrf: $1, prefix: 10.0.0.0/24, next_hop_group: $1-t}
		  - {vrf: $1, prefix: "2001:db8:a::/64", next_hop_group: $1-t}
	YAML
}
apply <<'YAML'
vrf: [{name: underlay}, {name: red}, {name: blue}]
interface: [{name: under0, vrf: underlay}]
tunnel_endpoint:
  - {name: host, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: red}, {vni: 200, vrf: blue, gateway_addresses: [{address: 198.51.100.1/24}]}]}
next_hop: [{name: vtep, gateway: {interface: under0, address: 172.16.0.10}}]
next_hop_group: [{name: vtep, members: [{next_hop: vtep}]}]
route: [{vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: vtep}]
YAML
tenant_yaml red r0 100 true 192.0.2.1 | apply
tenant_yaml blue b0 200 false 192.0.2.2 | apply
wait_for 15 "the next hops" programmed next_hops

# ping_anycast HOST ADDRESS FROM: ping doesn't count such replies as the address's, but prints who sends them.
ping_anycast() {
	spawn "anycast-$1-$2" "$1" tcpdump -nn -l -Q in -c 1 "icmp6[0] == 129 and src $3"
	wait_for 10 "tcpdump" grep -q 'listening on' "$lab/anycast-$1-$2.log"
	at "$1" ping -c 1 -W 2 "$2" >/dev/null || :
	wait_for 5 "the reply of $3 to $1's ping of $2" grep -q "$3 > .*echo reply" "$lab/anycast-$1-$2.log"
}
for tenant in red blue; do
	for to in 10.0.0.1 10.1.0.1 10.1.0.2 2001:db8:a::1 2001:db8:1::2; do
		at ${tenant}t ping -c 1 -W 2 $to >"$lab/ping" || fail "${tenant}t to $to: $(cat "$lab/ping")"
	done
	for to in 10.1.0.1 10.0.0.1 10.0.0.10 2001:db8:1::1 2001:db8:a::10; do
		at $tenant ping -c 1 -W 2 $to >"$lab/ping" || fail "$tenant to $to: $(cat "$lab/ping")"
	done
	vni=$([ $tenant = red ] && echo 100 || echo 200)
	neighbours=$(ip -n "$(ns ${tenant}t)" neighbour show dev "vx$vni")
	[[ $neighbours == *"10.0.0.1 lladdr $router_mac"* && $neighbours == *"2001:db8:a::1 lladdr $router_mac"* ]] ||
		fail "the neighbours of ${tenant}t: $neighbours"
	# The anycast addresses of routers on the links answer, from addresses that are this router's alone (RFC 4291 2.6.1).
	ping_anycast ${tenant}t 2001:db8:a:: 2001:db8:a::1
	ping_anycast $tenant 2001:db8:1:: 2001:db8:1::1
	ping_anycast $tenant 2001:db8:a:: 2001:db8:1::1
	# The first hop of a traceroute is the gateway.
	at ${tenant}t ping -c 1 -W 2 -t 1 10.1.0.2 >"$lab/ping" || :
	grep -q 'From 10.0.0.1 .*exceeded' "$lab/ping" || fail "TTL 1 from ${tenant}t: $(cat "$lab/ping")"
	at ${tenant}t ping -c 1 -W 2 -t 1 2001:db8:1::2 >"$lab/ping" || :
	grep -q 'From 2001:db8:a::1 .*exceeded' "$lab/ping" || fail "hop limit 1 from ${tenant}t: $(cat "$lab/ping")"
done

# knew HOST DEVICE ADDRESS...: the host believes that another router has the addresses.
knew() {
	local host=$1 device=$2 address
	shift 2
	for address in "$@"; do
		ip -n "$(ns "$host")" neighbour replace "$address" lladdr 02:00:00:00:ba:d1 dev "$device" nud reachable
	done
}
# learns HOST DEVICE MAC ADDRESS...: it has heard by itself who has them now. It sends nothing to them, so it doesn't ask.
learns() {
	local host=$1 device=$2 mac=$3 address
	shift 3
	for address in "$@"; do
		wait_for 2 "$address to be announced to $host by $device" \
			eval "ip -n $(ns "$host") neighbour show $address dev $device | grep -q 'lladdr $mac'"
	done
}

# An interface has addresses of its own, and so has a VNI. Its hosts hear of them without asking.
knew guest eth0 10.3.0.1 2001:db8:3::1
apply <<-'YAML'
	interface:
	  - {name: g0, vrf: red, gateway_addresses: [{address: 10.3.0.1/24}, {address: "2001:db8:3::1/64"}]}
	next_hop: [{name: guest, gateway: {interface: g0, address: 10.3.0.2}}]
	next_hop_group: [{name: guest, members: [{next_hop: guest}]}]
	route: [{vrf: red, prefix: 10.3.0.0/24, next_hop_group: guest}]
YAML
learns guest eth0 "$(mac sluice g0)" 10.3.0.1 2001:db8:3::1
at guest ping -c 1 -W 2 10.3.0.1 >/dev/null || fail "the interface's own address doesn't answer"
at guest ping -c 1 -W 2 -t 1 10.1.0.2 >"$lab/ping" || :
grep -q 'From 10.3.0.1 .*exceeded' "$lab/ping" || fail "TTL 1 from guest: $(cat "$lab/ping")"
ip -n "$(ns bluet)" route add 198.51.100.1/32 dev vx200

# A VNI gets one more: the host behind the tunnel hears of it, in that VNI alone.
knew bluet vx200 198.51.100.2 2001:db8:b::1
knew redt vx100 198.51.100.2
apply <<-'YAML'
	tunnel_endpoint:
	  - {name: host, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
	     vni_bindings: [{vni: 100, vrf: red}, {vni: 200, vrf: blue, gateway_addresses: [
	       {address: 198.51.100.1/24}, {address: 198.51.100.2/24}, {address: "2001:db8:b::1/64"}]}]}
YAML
learns bluet vx200 "$router_mac" 198.51.100.2 2001:db8:b::1
[[ $(ip -n "$(ns redt)" neighbour show 198.51.100.2 dev vx100) == *02:00:00:00:ba:d1* ]] ||
	fail "redt heard of another VNI's address"
at bluet ping -c 1 -W 2 198.51.100.1 >/dev/null || fail "the VNI's own address doesn't answer"
at blue ping -c 1 -W 2 198.51.100.1 >/dev/null || fail "the VNI's own address isn't the VRF's"
at red ping -c 1 -W 1 198.51.100.1 >/dev/null && fail "the VNI's own address is another VRF's"

# An address is its VRF's alone, and so are the sockets of the host.
at red ping -c 1 -W 1 192.0.2.1 >/dev/null || fail "red does not reach its own address"
at red ping -c 1 -W 1 192.0.2.2 >"$lab/ping" && fail "red reaches blue's address"
grep -q 'From 10.1.0.1 .*Unreachable' "$lab/ping" || fail "no unreachable for a route that is not there: $(cat "$lab/ping")"
ip -n "$(ns blue)" route add 192.0.2.1/32 dev eth0
at blue ping -c 1 -W 2 192.0.2.1 >/dev/null && fail "blue's ARP for red's address was answered"
equal "$(get red http://10.1.0.1/)" "host 10.1.0.2" "a socket of the host in the kernel's VRF"
[[ $(get blue http://10.1.0.1/) == *"Couldn't connect"* ]] || fail "the host's sockets serve blue, or it is not told"

# Addresses move to this router: hosts on all ports of the VRF hear of it, those behind tags, too, and no others.
apply <<-'YAML'
	interface:
	  - {name: tagged, device: g0, vlan_id: 7, vrf: red}
	  - {name: twice, device: g0, vlan_id: 8, inner_vlan_id: 9, vrf: red}
YAML
[[ $(state interfaces tagged interface_status.note) == *"no device for VLAN 7 of g0"* ]] ||
	fail "no note about the VLAN without a device: $(state interfaces tagged interface_status.note)"
spawn announced guest tcpdump -nn -e -v -l -Q in -i eth0 vlan
wait_for 10 "tcpdump" grep -q 'listening on' "$lab/announced.log"
moved=(10.9.0.1 2001:db8:9::1)
knew guest eth0 "${moved[@]}"
knew red eth0 "${moved[@]}"
knew blue eth0 "${moved[@]}"
knew redt vx100 "${moved[@]}"
apply <<-'YAML'
	vrf:
	  - name: red
	    kernel: true
	    gateway_addresses: [{address: 10.0.0.1/24}, {address: "2001:db8:a::1/64"}, {address: 192.0.2.1/32},
	                        {address: 10.9.0.1/24}, {address: "2001:db8:9::1/64"}]
YAML
learns guest eth0 "$(mac sluice g0)" "${moved[@]}"
learns red eth0 "$(mac sluice r0)" "${moved[@]}"
learns redt vx100 "$router_mac" "${moved[@]}"
for address in "${moved[@]}"; do
	neighbour=$(ip -n "$(ns blue)" neighbour show "$address" dev eth0)
	[[ $neighbour == *02:00:00:00:ba:d1* ]] || fail "blue heard of red's $address: $neighbour"
done
# times TEXT: tcpdump has seen the announcement three times.
times() { [ "$(grep -cE "$1" "$lab/announced.log")" = 3 ]; }
for tags in '802.1Q .* vlan 7, p 0' '802.1Q-QinQ .* vlan 8, p 0.* vlan 9, p 0'; do
	wait_for 5 "ARP behind $tags" times "$tags, ethertype ARP.*(Announcement|who-has) 10.9.0.1"
	wait_for 5 "advertisements behind $tags" times "$tags, ethertype IPv6.*hlim 255.*2001:db8:9::1 > ff02::1.*sum ok"
done
stop announced

# Somebody else wants the gateway's address: duplicate address detection finds it taken (RFC 4862 5.4).
at redt sysctl -qw net.ipv6.conf.vx100.accept_dad=1 net.ipv6.conf.vx100.dad_transmits=1
address redt vx100 2001:db8:a::1/64
wait_for 10 "duplicate address detection" eval "ip -n $(ns redt) -6 address show dev vx100 | grep -q dadfailed"
stop_sluiced
