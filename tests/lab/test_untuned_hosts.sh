#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hosts, tenants and stages with all offloads as they come: unfinished checksums, segments of 64 KB, tags beside the
# frame. TCP both ways, IPv4 and IPv6, plain, through a tunnel, through a bridge as stage, to a host behind a bridge, to
# a macvlan, to a VLAN and QinQ interface, and behind a router that merges segments (GRO); and another's filter on a
# port stays.
#
#   client 10.1.0.2 ------ cl0 10.1.0.1 sluice up0 10.9.0.1 (a bridge) --- leg --- server 10.9.0.2
#   tenant vx100 10.0.0.10 ------ under0 172.16.0.1 |   tr0, VLAN 20 --- tagged 10.7.0.2
#                                    s1-in|out (a bridge between)     mv0 over mvlow --- low 10.5.0.2
#   behind 10.6.0.2 --- router 10.3.0.2 --- rt0 10.3.0.1
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"
bytes=20000000

add_ns client sluice server tenant stages tagged low router behind
add_link behind eth0 router in0
add_link router out0 sluice rt0
at router sysctl -qw net.ipv4.ip_forward=1
at router ethtool -K in0 gro on
at router ethtool -K out0 gro on
add_link client eth0 sluice cl0
add_link tenant eth0 sluice under0 1600
add_link sluice leg server eth0
add_link sluice tr0 tagged eth0
add_link sluice mvlow low eth0
add_stage stages s1
bridge_stage stages s1
ip -n "$(ns sluice)" link add up0 type bridge stp_state 0 forward_delay 0
ip -n "$(ns sluice)" link set leg master up0
ip -n "$(ns sluice)" link set up0 up
ip -n "$(ns sluice)" link add mv0 link mvlow type macvlan mode bridge
ip -n "$(ns sluice)" link set mv0 up
# The host's VLAN: tags that its device takes out and puts in, as a VLAN device leaves it to do.
cat >"$lab/vlan.c" <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("push") int push_tag(struct __sk_buff *skb) { bpf_skb_vlan_push(skb, __builtin_bswap16(0x8100), 20); return 0; }
SEC("pop") int pop_tag(struct __sk_buff *skb)
{
	if (skb->vlan_present && (skb->vlan_tci & 0xfff) == 20)
		bpf_skb_vlan_pop(skb);
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
C
clang-14 -O2 -g -target bpf -idirafter "/usr/include/$(uname -m)-linux-gnu" -c "$lab/vlan.c" -o "$lab/vlan.o" || skip "no clang"
at tagged tc qdisc add dev eth0 clsact
at tagged tc filter add dev eth0 egress bpf da obj "$lab/vlan.o" sec push
at tagged tc filter add dev eth0 ingress bpf da obj "$lab/vlan.o" sec pop
address client eth0 10.1.0.2/24
address client eth0 2001:db8:1::2/64
address sluice cl0 10.1.0.1/24
address sluice cl0 2001:db8:1::1/64
address sluice up0 10.9.0.1/24
address sluice up0 2001:db8:9::1/64
address server eth0 10.9.0.2/24
address server eth0 2001:db8:9::2/64
address sluice under0 172.16.0.1/24
address tenant eth0 172.16.0.10/24
address tagged eth0 10.7.0.2/24
address behind eth0 10.6.0.2/24
address router in0 10.6.0.1/24
address router out0 10.3.0.2/24
address sluice rt0 10.3.0.1/24
ip -n "$(ns behind)" route add default via 10.6.0.1
ip -n "$(ns router)" route add default via 10.3.0.1
address sluice mv0 10.5.0.1/24
address low eth0 10.5.0.2/24
add_vtep tenant 1500
ip -n "$(ns tenant)" route add default via 10.0.0.1
ip -n "$(ns client)" route add default via 10.1.0.1
ip -n "$(ns server)" route add default via 10.9.0.1
ip -n "$(ns low)" route add default via 10.5.0.1
ip -n "$(ns tagged)" route add default via 10.7.0.1
ip -n "$(ns client)" -6 route add default via 2001:db8:1::1
ip -n "$(ns server)" -6 route add default via 2001:db8:9::1
at sluice tc qdisc add dev cl0 clsact
at sluice tc filter add dev cl0 ingress pref 7 protocol 0x88b5 u32 match u32 0 0 action ok 2>/dev/null || other=none
for end in client server tenant tagged low behind; do serve "$end" "$end"; done
start_sluiced sluice

apply <<YAML
vrf: [{name: x, gateway_addresses: [{address: 10.0.0.1/24}]}, {name: underlay}]
interface:
  - {name: cl0, vrf: x}
  - {name: up0, vrf: x}
  - {name: mv0, vrf: x}
  - {name: rt0, vrf: x}
  - {name: blue, device: tr0, vlan_id: 20, vrf: x, gateway_addresses: [{address: 10.7.0.1/24}]}
  - {name: under0, vrf: underlay}
  - {name: s1-in, vrf: x}
  - {name: s1-out, vrf: x}
tunnel_endpoint:
  - {name: tenant, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: x}]}
next_hop:
  - {name: vtep, gateway: {interface: under0, address: 172.16.0.10}}
  - {name: tenant, tunnel: {tunnel_endpoint: tenant, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: client, gateway: {interface: cl0, address: 10.1.0.2}}
  - {name: client6, gateway: {interface: cl0, address: "2001:db8:1::2"}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
  - {name: server6, gateway: {interface: up0, address: "2001:db8:9::2"}}
  - {name: low, gateway: {interface: mv0, address: 10.5.0.2}}
  - {name: router, gateway: {interface: rt0, address: 10.3.0.2}}
  - {name: tagged, gateway: {interface: blue, address: 10.7.0.2, mac: "$(mac tagged eth0)"}}
next_hop_group:
  - {name: vtep, members: [{next_hop: vtep}]}
  - {name: tenant, members: [{next_hop: tenant}]}
  - {name: client, members: [{next_hop: client}]}
  - {name: client6, members: [{next_hop: client6}]}
  - {name: server, members: [{next_hop: server}]}
  - {name: server6, members: [{next_hop: server6}]}
  - {name: low, members: [{next_hop: low}]}
  - {name: router, members: [{next_hop: router}]}
  - {name: tagged, members: [{next_hop: tagged}]}
route:
  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: vtep}
  - {vrf: x, prefix: 10.0.0.0/24, next_hop_group: tenant}
  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
  - {vrf: x, prefix: "2001:db8:1::/64", next_hop_group: client6}
  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: server}
  - {vrf: x, prefix: "2001:db8:9::/64", next_hop_group: server6}
  - {vrf: x, prefix: 10.5.0.0/24, next_hop_group: low}
  - {vrf: x, prefix: 10.6.0.0/24, next_hop_group: router}
  - {vrf: x, prefix: 10.7.0.0/24, next_hop_group: tagged}
port_pair: [{name: s1, ingress: s1-in, egress: s1-out}]
port_pair_group: [{name: s1, port_pairs: [s1]}]
flow_classifier: [{name: web, vrf: x, protocol: TCP, destination_prefix: 10.9.0.0/24, source_prefix: 10.1.0.0/24}]
port_chain: [{name: web, port_pair_groups: [s1], flow_classifiers: [web], symmetric: true}]
YAML
wait_for 15 "the next hops" programmed next_hops

# fetch NS ADDRESS: a large answer, whole and at once. GSO and unfinished checksums on the way.
fetch() {
	local got
	got=$(at "$1" curl -s --connect-timeout 3 --max-time 20 "http://$2/$bytes" | wc -c) || :
	((got >= bytes)) || fail "$1 got $got of $bytes bytes from $2"
	echo "$1 from $2: ok"
}
fetch client 10.9.0.2 # by the stage, to a host behind a bridge, and its answer back
fetch client '[2001:db8:9::2]'
fetch server 10.1.0.2
fetch server '[2001:db8:1::2]'
fetch tenant 10.9.0.2
fetch tenant 10.1.0.2
fetch server 10.0.0.10
fetch client 10.5.0.2
fetch low 10.1.0.2
fetch client 10.7.0.2
fetch tagged 10.1.0.2
fetch tenant 10.7.0.2
fetch tagged 10.0.0.10
fetch behind 10.9.0.2
fetch server 10.6.0.2
fetch behind 10.0.0.10 # into the tunnel
fetch tenant 10.6.0.2
(($(state port_pair_group s1 counters.packets) > 100)) || fail "the stage saw no packets"
for port in $(show_json ports '.ports[] | .device'); do
	equal "$(show_json ports ".ports[] | select(.device == \"$port\") | .xdp_mode")" tc "mode of $port"
done
at client ping -c 2 -i 0.2 -W 1 -M "do" -s 1473 10.9.0.2 >"$lab/ping" 2>&1 && fail "a ping larger than the MTU got through"

ctl preflight cl0 up0 mv0 >"$lab/preflight"
for line in 'cl0 .*ok .*veth' 'up0 .*ok .*bridge' 'mv0 .*ok .*macvlan'; do
	grep -q "$line" "$lab/preflight" || fail "preflight: $(cat "$lab/preflight")"
done
ctl preflight lo >"$lab/preflight" 2>&1 || :
grep -q 'not Ethernet' "$lab/preflight" || fail "lo is no port, and preflight does not say so"

stop_sluiced
at sluice tc filter show dev cl0 ingress | grep -q 'sluice_' && fail "a filter is still there"
[ "${other:-}" ] || at sluice tc filter show dev cl0 ingress | grep -q 'pref 7' || fail "another's filter is gone"
at sluice ip -d link show up0 | grep -q 'prog/xdp' && fail "an XDP program is still there"
exit 0
