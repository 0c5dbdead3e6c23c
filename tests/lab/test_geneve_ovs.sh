#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Geneve against Open vSwitch's user-space datapath, first without and then with options, which Sluice skips by length.
#
#   host 10.0.0.10 --- hv (br-int: vif, gnv0 VNI 200; br-phy: phy0, 172.16.0.10) --- under0 172.16.0.1 sluice
#                                                              sluice up0 10.9.0.1 --- server 10.9.0.2
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"

add_ns host hv sluice server
add_link host eth0 hv vif
add_link hv phy0 sluice under0 1600
add_server
address host eth0 10.0.0.10/24
ip -n "$(ns host)" link set eth0 address 02:00:00:00:00:0b
ip -n "$(ns host)" route add default via 10.0.0.1
address sluice under0 172.16.0.1/24
serve server hello
# Open vSwitch reads its ports as raw sockets and knows no unfinished checksums: who sends to it finishes them.
at host ethtool -K eth0 tx off >/dev/null
at sluice ethtool -K under0 tx off >/dev/null
ovs hv
# The bridge has its MAC from the start: without that it changes when the port is added, and tells nobody.
vs hv add-br br-phy -- set bridge br-phy datapath_type=netdev "other-config:hwaddr=\"$(mac hv phy0)\"" \
	-- set int br-phy mtu_request=1600 -- add-port br-phy phy0
vs hv add-br br-int -- set bridge br-int datapath_type=netdev -- add-port br-int vif \
	-- add-port br-int gnv0 -- set interface gnv0 type=geneve options:remote_ip=172.16.0.1 options:key=200
address hv br-phy 172.16.0.10/24
ip -n "$(ns hv)" link set br-phy up
start_sluiced sluice

apply <<'YAML'
vrf: [{name: underlay}, {name: tenant, gateway_addresses: [{address: 10.0.0.1/24}]}]
interface: [{name: under0, vrf: underlay}, {name: up0, vrf: tenant}]
tunnel_endpoint:
  - {name: hv, kind: geneve, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
     vni_bindings: [{vni: 200, vrf: tenant}]}
next_hop:
  - {name: vtep, gateway: {interface: under0, address: 172.16.0.10}}
  - {name: host, tunnel: {tunnel_endpoint: hv, vni: 200, mac: "02:00:00:00:00:0b"}}
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
# Open vSwitch learns the router's MAC by watching ARP pass, and sends nothing into the tunnel until it has.
wait_for 10 "Open vSwitch's neighbour" at hv ping -c 1 -W 1 172.16.0.1

equal "$(get host http://10.9.0.2/)" "hello 10.0.0.10" "the answer through the tunnel"
equal "$(at host curl -sS --max-time 30 http://10.9.0.2/1000000 | wc -c)" 1000016 "bytes of a large answer"

# Over an underlay that leaves no room: Open vSwitch neither cuts packets nor tells anyone that they are too big, so TCP
# rests on the MSS that Sluice lowers, both ways.
transfer=(/usr/bin/python3 "$root/tests/lab/transfer.py")
ip -n "$(ns sluice)" link set under0 mtu 1500
ip -n "$(ns hv)" link set phy0 mtu 1500
spawn host-end host "${transfer[@]}" serve
spawn server-end server "${transfer[@]}" serve
wait_for 10 "the way to the server" at host ping -c 1 -W 1 10.9.0.2
at host "${transfer[@]}" send tcp 10.9.0.2 20000000 >"$lab/sent" 2>&1 || fail "to the server: $(cat "$lab/sent")"
at server "${transfer[@]}" send tcp 10.0.0.10 20000000 >"$lab/sent" 2>&1 || fail "to the host: $(cat "$lab/sent")"

# A TLV option in front of the inner frame.
of() { OVS_RUNDIR=$lab/ovs-hv ovs-ofctl -O OpenFlow15 "$@"; }
of add-tlv-map br-int '{class=0x0102,type=3,len=8}->tun_metadata0'
of add-flow br-int 'priority=9,in_port=vif,ip,actions=set_field:0x1122334455667788->tun_metadata0,output:gnv0'
spawn options hv tcpdump -nn -v -l -c 1 -i phy0 'udp dst port 6081 and udp[8] & 63 != 0'
wait_for 10 "tcpdump" grep -q 'listening on' "$lab/options.log"
equal "$(get host http://10.9.0.2/)" "hello 10.0.0.10" "the answer to packets with Geneve options"
wait_for 5 "a packet with an option on the wire" grep -q 'options' "$lab/options.log"

[ "$(state tunnel_endpoint hv counters.packets)" -gt 20 ] || fail "the tunnel counts no packets"
[ "$(state tunnel_endpoint hv sent.packets)" -gt 20 ] || fail "the tunnel counts no packets sent"
equal "$(reason malformed_geneve)" 0 "packets dropped as malformed_geneve"
stop_sluiced
