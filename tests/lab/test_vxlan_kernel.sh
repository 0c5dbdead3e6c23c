#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# VXLAN against the kernel's own device, both ways, with large transfers, and drops with their reasons.
#
#   host 10.0.0.10 = vx100 (VNI 100) = eth0 172.16.0.10 --- under0 172.16.0.1 sluice up0 10.9.0.1 --- server 10.9.0.2
#                    vx999 (VNI 999, bound to nothing)
. "$(dirname "$0")/lib.sh"

add_ns host sluice server
add_link host eth0 sluice under0 1600
add_server
address host eth0 172.16.0.10/24
address sluice under0 172.16.0.1/24
for vni in 100 999; do
	ip -n "$(ns host)" link add "vx$vni" address 02:00:00:00:00:0a mtu 1500 type vxlan id "$vni" local 172.16.0.10 \
		remote 172.16.0.1 dstport 4789
	at host sysctl -qw "net.ipv6.conf.vx$vni.disable_ipv6=1" # no MLD reports among the packets that are counted
	ip -n "$(ns host)" link set "vx$vni" up
done
# Nobody answers where the VNI is not bound.
ip -n "$(ns host)" neighbour add 10.0.0.1 lladdr "$router_mac" dev vx999 nud permanent
address host vx100 10.0.0.10/24
ip -n "$(ns host)" route add 10.9.0.0/24 via 10.0.0.1
serve server hello
start_sluiced sluice

apply <<'YAML'
vrf: [{name: underlay}, {name: tenant, gateway_addresses: [{address: 10.0.0.1/24}]}]
interface: [{name: under0, vrf: underlay}, {name: up0, vrf: tenant}]
tunnel_endpoint:
  - {name: host, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: tenant}]}
next_hop:
  - {name: vtep, gateway: {interface: under0, address: 172.16.0.10}}
  - {name: host, tunnel: {tunnel_endpoint: host, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
next_hop_group:
  - {name: vtep, members: [{next_hop: vtep}]}
  - {name: host, members: [{next_hop: host}]}
  - {name: server, members: [{next_hop: server}]}
route:
  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: vtep}
  - {vrf: tenant, prefix: 10.0.0.0/24, next_hop_group: host}
  - {vrf: tenant, prefix: 10.9.0.0/24, next_hop_group: server}
YAML
wait_for 10 "the next hops" programmed next_hops

equal "$(get host http://10.9.0.2/)" "hello 10.0.0.10" "the answer through the tunnel"
equal "$(at host curl -sS --max-time 30 http://10.9.0.2/3000000 | wc -c)" 3000016 "bytes of a large answer"

# The TTL is one less at the server, and one less again at the host.
spawn ttl server tcpdump -nn -v -l -c 1 -i eth0 -Q in icmp
wait_for 10 "tcpdump" grep -q 'listening on' "$lab/ttl.log"
reply=$(at host ping -c 1 -W 3 -t 33 10.9.0.2) || fail "ping: $reply"
wait_for 10 "the echo request at the server" grep -q 'echo request' "$lab/ttl.log"
grep -q 'ttl 32,' "$lab/ttl.log" || fail "TTL at the server: $(cat "$lab/ttl.log")"
[[ $reply == *"ttl=63"* ]] || fail "TTL of the reply: $reply"

before=$(reason unknown_vni)
ip -n "$(ns host)" route replace 10.9.0.0/24 via 10.0.0.1 dev vx999 onlink src 10.0.0.10
at host ping -c 3 -i 0.2 -W 1 10.9.0.2 >"$lab/ping" && fail "a VNI that is not bound got through"
equal "$(reason unknown_vni)" $((before + 3)) "packets dropped as unknown_vni"

[ "$(state tunnel_endpoint host counters.packets)" -gt 20 ] || fail "the tunnel counts no packets"
[ "$(state tunnel_endpoint host sent.bytes)" -gt 3000000 ] || fail "the tunnel counts no bytes sent"
stop_sluiced
