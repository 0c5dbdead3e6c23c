#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Services whose members answer by themselves (DSR): packets reach them as the client sent them, by their MACs on a link,
# in VXLAN to a kernel's device and in Geneve to Open vSwitch. Answers go to the client by another way.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- lan: m1 10.9.0.11, m2 10.9.0.12
#                                           un1 172.16.1.1 --- m3 172.16.1.2 = vx7 (VNI 7)
#                                           un2 172.16.2.1 --- hv 172.16.2.2 = gnv0 (VNI 8) --- m4
#   each member: 203.0.113.1, .2 and 2001:db8:f::1 on lo, and a link to back 10.7.0.1, --- client 10.6.0.2
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"
. "$(dirname "$0")/services.sh"

add_ns client sluice lan back m1 m2 m3 m4 hv
add_client
add_link client eth1 back to-client
address client eth1 10.6.0.2/24
address client eth1 2001:db8:6::2/64 nodad
address client eth0 2001:db8:1::2/64 nodad
address sluice cl0 2001:db8:1::1/64 nodad
address back to-client 10.6.0.1/24
address back to-client 2001:db8:6::1/64 nodad
ip -n "$(ns client)" -6 route add default via 2001:db8:1::1
for name in lan back; do
	ip -n "$(ns $name)" link add $name type bridge stp_state 0 forward_delay 0
	ip -n "$(ns $name)" link set $name up
done
address back back 10.7.0.1/24
address back back 2001:db8:7::1/64 nodad
at back sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n "$(ns back)" route add 10.1.0.0/24 via 10.6.0.2
ip -n "$(ns back)" -6 route add 2001:db8:1::/64 via 2001:db8:6::2
add_link sluice up0 lan sluice
ip -n "$(ns lan)" link set sluice master lan
address sluice up0 10.9.0.1/24
address sluice up0 2001:db8:9::1/64 nodad
# add_member NAME NUMBER: with the VIPs, of which it speaks to nobody on its links, and a way back.
add_member() {
	add_link "$1" back0 back "to-$1"
	ip -n "$(ns back)" link set "to-$1" master back
	address "$1" back0 "10.7.0.$2/24"
	address "$1" back0 "2001:db8:7::$2/64" nodad
	ip -n "$(ns "$1")" route add default via 10.7.0.1
	ip -n "$(ns "$1")" -6 route add default via 2001:db8:7::1
	at "$1" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	for vip in 203.0.113.1/32 203.0.113.2/32 2001:db8:f::1/128; do address "$1" lo $vip; done
	member "$1" "$1" 203.0.113.1:80 203.0.113.2:80 "[2001:db8:f::1]:80"
}
for number in 1 2; do
	add_link m$number eth0 lan m$number
	ip -n "$(ns lan)" link set m$number master lan
	address m$number eth0 10.9.0.1$number/24
	address m$number eth0 2001:db8:9::1$number/64 nodad
	add_member m$number 1$number
done
add_link sluice un1 m3 eth0 1600
address sluice un1 172.16.1.1/24
address m3 eth0 172.16.1.2/24
ip -n "$(ns m3)" link add vx7 address 02:00:00:00:00:03 mtu 1500 type vxlan id 7 local 172.16.1.2 remote 172.16.1.1 dstport 4789
ip -n "$(ns m3)" link set vx7 up
add_member m3 13
add_link m4 eth0 hv vif
ip -n "$(ns m4)" link set eth0 address 02:00:00:00:00:04
add_member m4 14
add_link sluice un2 hv phy0 1600
address sluice un2 172.16.2.1/24
at sluice ethtool -K un2 tx off >/dev/null
ovs hv
vs hv add-br br-phy -- set bridge br-phy datapath_type=netdev "other-config:hwaddr=\"$(mac hv phy0)\"" \
	-- set int br-phy mtu_request=1600 -- add-port br-phy phy0
vs hv add-br br-int -- set bridge br-int datapath_type=netdev -- add-port br-int vif \
	-- add-port br-int gnv0 -- set interface gnv0 type=geneve options:remote_ip=172.16.2.1 options:key=8
address hv br-phy 172.16.2.2/24
ip -n "$(ns hv)" link set br-phy up
start_sluiced sluice
apply <<'YAML'
vrf: [{name: x}, {name: underlay}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}, {name: un1, vrf: underlay}, {name: un2, vrf: underlay}]
tunnel_endpoint:
  - {name: m3, kind: vxlan, local_address: 172.16.1.1, remote_address: 172.16.1.2, underlay_vrf: underlay, vni_bindings: [{vni: 7, vrf: x}]}
  - {name: m4, kind: geneve, local_address: 172.16.2.1, remote_address: 172.16.2.2, underlay_vrf: underlay, vni_bindings: [{vni: 8, vrf: x}]}
next_hop:
  - {name: m3, tunnel: {tunnel_endpoint: m3, vni: 7, mac: "02:00:00:00:00:03"}}
  - {name: m4, tunnel: {tunnel_endpoint: m4, vni: 8, mac: "02:00:00:00:00:04"}}
next_hop_group: [{name: m3, members: [{next_hop: m3}]}, {name: m4, members: [{next_hop: m4}]}]
load_balancer:
  - {name: web, vrf: x, vip_address: 203.0.113.1}
  - {name: far, vrf: x, vip_address: 203.0.113.2}
  - {name: six, vrf: x, vip_address: "2001:db8:f::1"}
pool:
  - {name: web, vrf: x, forwarding: direct}
  - {name: far, vrf: x, forwarding: direct, lb_algorithm: rendezvous}
  - {name: six, vrf: x, forwarding: direct}
listener:
  - {name: web, load_balancer: web, pools: [{pool: web}]}
  - {name: far, load_balancer: far, pools: [{pool: far}]}
  - {name: six, load_balancer: six, protocol: tcp, ports: {first: 80}, pools: [{pool: six}]}
member:
  - {name: m1, pool: web, address: 10.9.0.11}
  - {name: m2, pool: web, address: 10.9.0.12}
  - {name: m3, pool: far, address: 10.7.0.13, next_hop_group: m3}
  - {name: m4, pool: far, address: 10.7.0.14, next_hop_group: m4}
  - {name: six1, pool: six, address: "2001:db8:9::11"}
  - {name: six2, pool: six, address: "2001:db8:9::12"}
YAML
wait_for 10 "the tunnels" programmed tunnel_endpoints
wait_for 10 "Open vSwitch's neighbour" at hv ping -c 1 -W 1 172.16.2.1

asked_only "m1 m2" client 203.0.113.1 80 30
asked_only "m1 m2" client 203.0.113.1 80 30 udp
asked_only "m1 m2" client 2001:db8:f::1 80 30
asked_only "m1 m2" client 203.0.113.1 80 10 tcp 200000
asked_only "m1 m2" client 203.0.113.1 80 10 udp 4000
asked_only "m3 m4" client 203.0.113.2 80 30
asked_only "m3 m4" client 203.0.113.2 80 30 udp
asked_only "m3 m4" client 203.0.113.2 80 10 tcp 200000
for end in client m1 m2 m3 m4; do equal "$(checksum_errors $end)" 0 "packets with wrong checksums in $end"; done
echo ok flows

# What members get is what the client sent, one hop older; their answers do not come by here.
spawn packets m1 tcpdump -nn -v -e -l -i eth0 'tcp port 80'
spawn answers sluice tcpdump -nn -l -i up0 'ip and src host 203.0.113.1'
for one in packets answers; do wait_for 10 "tcpdump" grep -q 'listening on' "$lab/$one.log"; done
asked_only "m1 m2" client 203.0.113.1 80 20
wait_for 5 "packets at m1" grep -q '10\.1\.0\.2\.[0-9]* > 203\.0\.113\.1\.80: Flags \[S\]' "$lab/packets.log"
grep -q "> $(mac m1 eth0), .*(tos 0x0, ttl 63," "$lab/packets.log" || fail "to m1: $(cat "$lab/packets.log")"
stop packets || :
stop answers || :
! grep -q '203\.0\.113\.1' "$lab/answers.log" || fail "answers come by the router: $(head -n 5 "$lab/answers.log")"
echo ok packets

# Flows stay while their members drain, and go on when the way to a member changes under them.
flows stay client 203.0.113.1 80 30
(($(flows_of stay m1) > 0 && $(flows_of stay m2) > 0)) || fail "the flows: $(cat "$lab/stay.status")"
apply <<<'member: [{name: m1, pool: web, address: 10.9.0.11, admin_state: draining}]'
asked_only "m2" client 203.0.113.1 80 20
flows_go_on stay 30 "while m1 drains"
apply <<<'member: [{name: m1, pool: web, address: 10.9.0.11}]'
asked_only "m1 m2" client 203.0.113.1 80 30
flows_go_on stay 30 "when m1 is back"
echo ok changes
stop_sluiced
