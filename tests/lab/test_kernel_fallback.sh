#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Vrf.fallback KERNEL: what no route of the VRF is for goes by the kernel's routes, for as long as it forwards.
#
#   client --- cl0 sluice up0 10.9.0.1, 2001:db8:9::1 --- eth0 10.9.0.2, 2001:db8:9::2 server, 10.7.0.2 and others on lo
#                         up0.5 10.5.0.1 --- eth0.5 10.5.0.2
#                         mgmt0 10.6.0.1 --- eth1 10.6.0.2, no interface of the router
. "$(dirname "$0")/lib.sh"

add_ns client sluice server
add_client
add_server
add_link sluice mgmt0 server eth1
address sluice mgmt0 10.6.0.1/24
address server eth1 10.6.0.2/24
address client eth0 2001:db8:1::2/64
address sluice cl0 2001:db8:1::1/64
address server eth0 2001:db8:9::2/64
address sluice up0 2001:db8:9::1/64
ip -n "$(ns client)" -6 route add default via 2001:db8:1::1
ip -n "$(ns server)" -6 route add default via 2001:db8:9::1
for own in 10.7.0.2/32 10.7.5.2/32 10.7.7.2/32 10.7.8.2/32 2001:db8:7::2/128; do address server lo "$own"; done
for end in "sluice up0 10.5.0.1" "server eth0 10.5.0.2"; do
	read -r where device address <<<"$end"
	ip -n "$(ns "$where")" link add link "$device" name "$device.5" type vlan id 5 2>/dev/null || break
	ip -n "$(ns "$where")" link set "$device.5" up
	address "$where" "$device.5" "$address/24"
done
if at server ip link show eth0.5 >/dev/null 2>&1; then
	vlan=yes
else
	vlan=
	echo "without a VLAN: this kernel has no devices for them"
fi
route() { ip -n "$(ns sluice)" route "$@"; }
route add 10.7.0.0/24 via 10.9.0.2
route add 10.7.8.0/24 via 10.9.0.2 mtu lock 1000
route add 10.7.1.0/24 via 10.9.0.99
route add blackhole 10.7.2.0/24
route add unreachable 10.7.3.0/24
route add prohibit 10.7.4.0/24
[ -z "$vlan" ] || route add 10.7.5.0/24 via 10.5.0.2
route add 10.7.6.0/24 via 10.6.0.2
route add 10.7.7.0/24 via 10.9.0.2 table 77
ip -n "$(ns sluice)" -6 route add 2001:db8:7::/48 via 2001:db8:9::2
serve server server
start_sluiced sluice

# vrf MORE: the router, whose VRF has these fields besides; connected routes are left to the kernel as well.
vrf() {
	apply <<-YAML
		vrf: [{name: x${1:+, $1}}]
		interface: [{name: cl0, vrf: x}, {name: up0, vrf: x, connected: "off"},
		            {name: vlan5, device: up0, vlan_id: 5, vrf: x, connected: "off"}]
	YAML
}

# told ADDRESS TEXT REASON: an echo request isn't answered, the client hears of it, and the router counts why.
told() {
	local before
	before=$(reason "$3")
	at client ping -c 1 -W 2 "$1" >"$lab/ping" && fail "$1 answers"
	grep -q "From 10.1.0.1 .*$2" "$lab/ping" || fail "$1 without \"$2\": $(cat "$lab/ping")"
	(($(reason "$3") > before)) || fail "$1 isn't counted as $3"
}

vrf
told 10.7.0.2 "Destination Net Unreachable" no_route

# Without forwarding the kernel says nothing; the counter's description names the remedy.
vrf "fallback: kernel"
at sluice sysctl -qw net.ipv4.ip_forward=0
told 10.7.0.2 "Destination Net Unreachable" kernel_forwarding_off
show_json drops '.counters[] | select(.name == "kernel_forwarding_off") | .description' | grep -q "ip_forward" ||
	fail "no remedy: $(show_json drops .)"

at sluice sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
equal "$(get client http://10.7.0.2/)" "server 10.1.0.2" "by the kernel's route"
equal "$(get client 'http://[2001:db8:7::2]/')" "server 2001:db8:1::2" "by the kernel's route, IPv6"
equal "$(get client http://10.9.0.2/)" "server 10.1.0.2" "a host on a link that the kernel knows"
[ -z "$vlan" ] || equal "$(get client http://10.7.5.2/)" "server 10.1.0.2" "out of the kernel's VLAN device"
equal "$(at client curl -sS --max-time 30 http://10.7.0.2/5000000 | wc -c)" 5000016 "bytes of a large answer"
(($(reason forwarded_by_kernel_route) > 10)) || fail "forwarded_by_kernel_route: $(reason forwarded_by_kernel_route)"
[ "$(state interface up0 counters.tx.packets)" != 0 ] || fail "up0 counts nothing"

# The first packet waits for the neighbour's MAC, and isn't lost.
ip -n "$(ns sluice)" neighbour flush dev up0
before=$(reason resolving)
at client ping -c 2 -i 0.2 -W 2 10.7.0.2 >"$lab/ping" || fail "after the flush: $(cat "$lab/ping")"
grep -q "2 received" "$lab/ping" || fail "a packet is lost: $(cat "$lab/ping")"
(($(reason resolving) > before)) || fail "nothing was resolved"

# A route's own MTU: the sender hears of it; what may be cut, is.
at client ping -c 1 -W 2 -M 'do' -s 1200 10.7.8.2 >"$lab/ping" && fail "1228 bytes pass an MTU of 1000"
grep -q "mtu.*1000" "$lab/ping" || fail "no word of the route's MTU: $(cat "$lab/ping")"
ip -n "$(ns client)" route flush cache
at client ping -c 1 -W 2 -M 'dont' -s 1200 10.7.8.2 >/dev/null || fail "in fragments"
(($(reason fragmented) > 0)) || fail "no fragments"

# The kernel's other answers, each by its name.
told 10.7.3.2 "Destination Host Unreachable" discard_unreachable
told 10.7.4.2 "Packet filtered" discard_prohibited
told 10.7.6.2 "Destination Net Unreachable" kernel_route_elsewhere
told 10.8.8.8 "Destination Net Unreachable" no_route
before=$(reason discard)
at client ping -c 1 -W 1 10.7.2.2 >"$lab/ping" && fail "the blackhole answers"
grep -q From "$lab/ping" && fail "the blackhole says something: $(cat "$lab/ping")"
(($(reason discard) > before)) || fail "the blackhole isn't counted"
at client ping -c 1 -W 1 10.7.1.2 >/dev/null && fail "a gateway that isn't there answers"

# A route of Sluice's own wins, whatever the kernel has.
apply <<-'YAML'
	next_hop: [{name: drop, discard: {reason: prohibit}}]
	next_hop_group: [{name: drop, members: [{next_hop: drop}]}]
	route: [{vrf: x, prefix: 10.7.0.0/24, next_hop_group: drop}]
YAML
told 10.7.0.2 "Packet filtered" discard_prohibited

# One table of the kernel's.
told 10.7.7.2 "Destination Net Unreachable" no_route
vrf "fallback: kernel, fallback_table: 77"
at client ping -c 1 -W 2 10.7.7.2 >/dev/null || {
	(($(reason kernel_route_unsupported) == 0)) && fail "no way by table 77"
	echo "this kernel cannot be asked for a table: kernel_route_unsupported"
}
stop_sluiced
