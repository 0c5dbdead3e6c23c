#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hosts on the links of interfaces are reached as on any router: no route, no next hop, no MAC, no setting of the hosts.
# Plain, into and out of a tunnel whose VTEP is such a host itself; two tenants have the same addresses.
#
#   h1 10.1.0.2, h2 10.1.0.3, 2001:db8:1::2 --- lan0 --- red0 10.1.0.1/24 sluice red1 10.9.0.1/24 --- server 10.9.0.2
#   b1 10.1.0.2 --- blue0 10.1.0.1/24, VRF blue
#   tenant vx100 10.0.0.10 = eth0 172.16.0.10 --- under0 172.16.0.1/24
. "$(dirname "$0")/lib.sh"

add_ns lan h1 h2 b1 sluice server tenant
ip -n "$(ns lan)" link add lan0 type bridge stp_state 0 forward_delay 0
ip -n "$(ns lan)" link set lan0 up
for port in "sluice red0" "h1 eth0" "h2 eth0"; do
	read -r where device <<<"$port"
	add_link "$where" "$device" lan "$where"
	ip -n "$(ns lan)" link set "$where" master lan0
done
add_link sluice red1 server eth0
add_link sluice blue0 b1 eth0
add_link sluice under0 tenant eth0 1600
for end in "sluice red0 10.1.0.1/24" "sluice red0 2001:db8:1::1/64" "h1 eth0 10.1.0.2/24" "h1 eth0 2001:db8:1::2/64" \
	"h2 eth0 10.1.0.3/24" "sluice blue0 10.1.0.1/24" "b1 eth0 10.1.0.2/24" "sluice red1 10.9.0.1/24" \
	"sluice red1 2001:db8:9::1/64" "server eth0 10.9.0.2/24" "server eth0 2001:db8:9::2/64" \
	"sluice under0 172.16.0.1/24" "tenant eth0 172.16.0.10/24"; do
	read -r where device address <<<"$end"
	address "$where" "$device" "$address"
done
add_vtep tenant 1500
for host in "h1 10.1.0.1" "h2 10.1.0.1" "b1 10.1.0.1" "server 10.9.0.1" "tenant 10.0.0.1"; do
	ip -n "$(ns "${host% *}")" route add default via "${host#* }"
done
ip -n "$(ns h1)" -6 route add default via 2001:db8:1::1
ip -n "$(ns server)" -6 route add default via 2001:db8:9::1
for end in h1 server tenant; do serve "$end" "$end"; done
start_sluiced sluice

apply <<'YAML'
vrf: [{name: red, gateway_addresses: [{address: 10.0.0.1/24}]}, {name: blue}, {name: underlay}]
interface:
  - {name: red0, vrf: red}
  - {name: red1, vrf: red}
  - {name: blue0, vrf: blue}
  - {name: under0, vrf: underlay}
tunnel_endpoint:
  - {name: tenant, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: red}]}
next_hop: [{name: tenant, tunnel: {tunnel_endpoint: tenant, vni: 100, mac: "02:00:00:00:00:0a"}}]
next_hop_group: [{name: tenant, members: [{next_hop: tenant}]}]
route: [{vrf: red, prefix: 10.0.0.0/24, next_hop_group: tenant}]
YAML
wait_for 10 "the VTEP on the link to be found" programmed tunnel_endpoints

equal "$(get h1 http://10.9.0.2/)" "server 10.1.0.2" "h1 to the server"
equal "$(get server http://10.1.0.2/)" "h1 10.9.0.2" "the server to h1"
equal "$(get h1 'http://[2001:db8:9::2]/')" "server 2001:db8:1::2" "h1 to the server, IPv6"
equal "$(get tenant http://10.1.0.2/)" "h1 10.0.0.10" "out of the tunnel"
equal "$(get h1 http://10.0.0.10/)" "tenant 10.1.0.2" "into the tunnel"
equal "$(at h1 curl -sS --max-time 30 http://10.9.0.2/5000000 | wc -c)" 5000016 "bytes of a large answer"

# The first packet to a host is held until the kernel has its MAC; those behind it take the fast path.
ip -n "$(ns sluice)" neighbour flush dev red0
wait_for 5 "the flush to be seen" eval "! at sluice ip neighbour show dev red0 | grep -q 10.1.0.3"
at server ping -c 3 -i 0.2 -W 2 10.1.0.3 >"$lab/ping" || fail "the first packet is lost: $(cat "$lab/ping")"
grep -q "3 received" "$lab/ping" || fail "the first packet is lost: $(cat "$lab/ping")"
before=$(reason resolving)
at server ping -c 20 -i 0.05 -W 2 10.1.0.3 >"$lab/ping" || fail "ping: $(cat "$lab/ping")"
equal "$(reason resolving)" "$before" "packets by way of the kernel to a known host"

# Each VRF has its own hosts, and no way to the other's.
at b1 ping -c 1 -W 1 10.9.0.2 >/dev/null && fail "a way out of VRF blue"
at b1 ping -c 1 -W 1 10.1.0.1 >/dev/null || fail "blue's own address doesn't answer"

# A host that isn't there: an error from the router, once the kernel has asked in vain.
at server ping -c 7 -i 1 -W 1 10.1.0.99 >"$lab/ping" && fail "an answer from nobody"
grep -q "From 10.9.0.1.*Destination Host Unreachable" "$lab/ping" || fail "nobody's ping: $(cat "$lab/ping")"

# A host that has another MAC and says so.
at h2 sysctl -qw net.ipv4.conf.eth0.arp_notify=1
ip -n "$(ns h2)" link set eth0 address 02:00:00:00:00:33
wait_for 5 "the new MAC of h2" eval "at sluice ip neighbour show dev red0 | grep -q '10.1.0.3.*02:00:00:00:00:33'"
wait_for 5 "h2 by its new MAC" at server ping -c 1 -W 1 10.1.0.3

# Without connected routes only what is configured leads there; a route of a host wins in any case.
apply <<<'interface: [{name: red0, vrf: red, connected: "off"}]'
at server ping -c 1 -W 1 10.1.0.2 >"$lab/ping" && fail "a way onto the link without connected routes"
grep -q "Destination Net Unreachable" "$lab/ping" || fail "without connected routes: $(cat "$lab/ping")"
apply <<<'interface: [{name: red0, vrf: red}]'
at server ping -c 1 -W 2 10.1.0.2 >/dev/null || fail "connected again, and no answer"
stop_sluiced
