#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# IPv4 over a link that has IPv6 addresses only (RFC 8950): Sluice's routes go to IPv6 gateways, the peers' kernels route
# back by `via inet6`. Plain, through a tunnel whose IPv4 underlay has such a link, and with an error on the way.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 fe80::1 --- eth0 fe80::2 server, 10.9.0.2 on lo
#                                         under0 fe80::1 --- eth0 fe80::2 host, 172.16.0.10 on lo
#                                    172.16.0.1 on lo0              vx100 10.0.0.10
. "$(dirname "$0")/lib.sh"

add_ns client sluice server host
add_client
add_link sluice up0 server eth0
add_link sluice under0 host eth0 1600
for end in "sluice up0 1" "server eth0 2" "sluice under0 1" "host eth0 2"; do
	read -r where device number <<<"$end"
	ip -n "$(ns "$where")" address flush dev "$device" scope link
	address "$where" "$device" "fe80::$number/64" nodad
done
address server lo 10.9.0.2/32
ip -n "$(ns server)" route add default src 10.9.0.2 via inet6 fe80::1 dev eth0
address host lo 172.16.0.10/32
ip -n "$(ns host)" route add 172.16.0.1/32 src 172.16.0.10 via inet6 fe80::1 dev eth0
add_vtep host 1500
ip -n "$(ns host)" route add default via 10.0.0.1 dev vx100
serve server hello
start_sluiced sluice

apply <<'YAML'
vrf:
  - {name: x, gateway_addresses: [{address: 10.0.0.1/24}]}
  - {name: underlay, gateway_addresses: [{address: 172.16.0.1/32}]}
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}, {name: under0, vrf: underlay}]
tunnel_endpoint:
  - {name: host, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: x}]}
next_hop:
  - {name: client, gateway: {interface: cl0, address: 10.1.0.2}}
  - {name: server, gateway: {interface: up0, address: "fe80::2"}}
  - {name: vtep, gateway: {interface: under0, address: "fe80::2"}}
  - {name: host, tunnel: {tunnel_endpoint: host, vni: 100, mac: "02:00:00:00:00:0a"}}
next_hop_group:
  - {name: client, members: [{next_hop: client}]}
  - {name: server, members: [{next_hop: server}]}
  - {name: vtep, members: [{next_hop: vtep}]}
  - {name: host, members: [{next_hop: host}]}
route:
  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: server}
  - {vrf: x, prefix: 10.0.0.0/24, next_hop_group: host}
  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: vtep}
YAML
wait_for 10 "the next hops" programmed next_hops
equal "$(state next_hop server next_hop_status.mac)" "$(mac server eth0)" "the gateway's MAC"

equal "$(get client http://10.9.0.2/)" "hello 10.1.0.2" "the answer over a link without IPv4"
equal "$(at client curl -sS --max-time 30 http://10.9.0.2/1000000 | wc -c)" 1000015 "bytes of a large answer"
equal "$(get host http://10.9.0.2/)" "hello 10.0.0.10" "the answer through the tunnel"
reply=$(at client ping -c 1 -W 3 10.9.0.2) || fail "ping: $reply"
[[ $reply == *"ttl=63"* ]] || fail "TTL of the reply: $reply"
at client ping -c 1 -W 3 -t 1 10.9.0.2 >"$lab/ping" && fail "a packet with TTL 1 got through"
grep -q "From 10.1.0.1.*Time to live exceeded" "$lab/ping" || fail "TTL 1: $(cat "$lab/ping")"

# IPv6 routes have no use for IPv4 gateways.
cat >"$lab/wrong.yaml" <<<'route: [{vrf: x, prefix: "2001:db8::/32", next_hop_group: client}]'
ctl apply -y -f "$lab/wrong.yaml" >"$lab/wrong.out" 2>&1 && fail "an IPv6 route to an IPv4 gateway was accepted"
grep -q "has an IPv4 gateway" "$lab/wrong.out" || fail "the refusal says: $(cat "$lab/wrong.out")"
stop_sluiced
