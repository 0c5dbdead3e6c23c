#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# However its headers are laid out, a packet goes where its flow goes. Of 24 flows each sends a plain packet, one with IP
# options or extension headers, and one in fragments; a router behind the server sends an error about each. All of one flow
# meet the same of two instances, in IPv4 and IPv6; when both are down, none gets to the server.
#
#   client 10.1.0.2 --- cl0 sluice up0 --- server 10.9.0.2
#                          |  |
#                  fx-in|out  fy-in|out    each pair with a bridge between
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"

add_ns client sluice server stages
add_client
add_server
add_stage stages fx fy
bridge_stage stages fx fy
at sluice sysctl -qw net.ipv4.ip_forward=1
at client sysctl -qw net.ipv6.conf.all.disable_ipv6=1
at server sysctl -qw net.ipv6.conf.all.disable_ipv6=1
start_sluiced sluice

apply <<YAML
vrf: [{name: x}]
interface:
  - {name: cl0, vrf: x}
  - {name: up0, vrf: x}
  - {name: fx-in, vrf: x}
  - {name: fx-out, vrf: x}
  - {name: fy-in, vrf: x}
  - {name: fy-out, vrf: x}
next_hop:
  - {name: client, gateway: {interface: cl0, address: 10.1.0.2}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
  - {name: client6, gateway: {interface: cl0, address: "2001:db8:1::2"}}
  - {name: server6, gateway: {interface: up0, address: "2001:db8:9::2"}}
neighbor:
  - {vrf: x, address: "2001:db8:1::2", mac: "$(mac client eth0)"}
  - {vrf: x, address: "2001:db8:9::2", mac: "$(mac server eth0)"}
next_hop_group:
  - {name: client, members: [{next_hop: client}]}
  - {name: server, members: [{next_hop: server}]}
  - {name: client6, members: [{next_hop: client6}]}
  - {name: server6, members: [{next_hop: server6}]}
route:
  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: server}
  - {vrf: x, prefix: "2001:db8:1::/64", next_hop_group: client6}
  - {vrf: x, prefix: "2001:db8:9::/64", next_hop_group: server6}
port_pair:
  - {name: fx, ingress: fx-in, egress: fx-out}
  - {name: fy, ingress: fy-in, egress: fy-out}
port_pair_group: [{name: fw, port_pairs: [fx, fy]}]
flow_classifier:
  - {name: four, vrf: x, destination_prefix: 10.9.0.0/24, protocol: udp, destination_ports: {first: 7000, last: 7999}}
  - {name: six, vrf: x, destination_prefix: "2001:db8:9::/64", protocol: udp, destination_ports: {first: 7000, last: 7999}}
port_chain: [{name: chain, flow_classifiers: [four, six], port_pair_groups: [fw], symmetric: true}]
YAML
wait_for 10 "the chain" programmed port_chains
wait_for 10 "the next hops" programmed next_hops

for port in fx-in fx-out fy-in fy-out; do
	spawn "at-$port" stages tcpdump -nn -U -Q in -i "$port" -w "$lab/$port.pcap"
	wait_for 10 "tcpdump" grep -q 'listening on' "$lab/at-$port.log"
done

# What the flows send, and what a router behind the server answers; the MACs are those of Sluice's interfaces.
cat >"$lab/send.py" <<'PY'
import sys
from scapy.all import *
load_layer("inet6")
FLOWS = 24
where, mac = sys.argv[1], sys.argv[2]
def send(packets): sendp([Ether(dst=mac) / p for p in packets], iface="eth0", verbose=0)
for i in range(FLOWS):
    udp = UDP(sport=20000 + i, dport=7777) / (b"x" * 64)
    four = IP(src="10.1.0.2", dst="10.9.0.2", id=i)
    six = IPv6(src="2001:db8:1::2", dst="2001:db8:9::2")
    if where == "client":
        send([four / udp, six / udp])
        send([IP(src="10.1.0.2", dst="10.9.0.2", options=[IPOption(b"\x94\x04\x00\x00")]) / udp,
              six / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / IPv6ExtHdrDestOpt() / udp])
        send(fragment(four / udp, fragsize=40))
        send(fragment6(six / IPv6ExtHdrFragment(id=i) / IPv6ExtHdrDestOpt() / UDP(sport=20000 + i, dport=7777) / (b"x" * 3000), 1280))
    else:
        send([IP(src="10.9.0.9", dst="10.1.0.2") / ICMP(type=3, code=4, nexthopmtu=1400) / bytes(four / udp)[:28],
              IPv6(src="2001:db8:9::9", dst="2001:db8:1::2") / ICMPv6PacketTooBig(mtu=1400) / (six / IPv6ExtHdrDestOpt() / udp)])
PY
at client /usr/bin/python3 "$lab/send.py" client "$(mac sluice cl0)" 2>/dev/null
at server /usr/bin/python3 "$lab/send.py" router "$(mac sluice up0)" 2>/dev/null

# Each packet that an instance saw, as "version flow": fragments by their identification.
cat >"$lab/seen.py" <<'PY'
import sys
from scapy.all import *
load_layer("inet6")
for p in rdpcap(sys.argv[1]):
    if IP in p and ICMP in p:
        print(4, p[ICMP].payload.sport - 20000)
    elif IP in p:
        print(4, p.id if p.frag or p[IP].flags.MF else p[UDP].sport - 20000)
    elif IPv6 in p and ICMPv6PacketTooBig in p:
        print(6, bytes(p[ICMPv6PacketTooBig].payload)[49] - (20000 & 255))
    elif IPv6 in p and IPv6ExtHdrFragment in p:
        print(6, p[IPv6ExtHdrFragment].id)
    elif UDP in p:
        print(6, p[UDP].sport - 20000)
PY
seen() { at stages /usr/bin/python3 "$lab/seen.py" "$lab/$1-$2.pcap" 2>/dev/null; }
flows() { (seen "$1" in; seen "$1" out) | sort -u; }
# Of each flow: a plain packet, one with options, two fragments (IPv6: three), an error; the server refuses some by itself.
all_seen() {
	[ "$( (seen fx in; seen fy in) | wc -l)" = $((24 * 4 + 24 * 5)) ] &&
		[ "$( (seen fx out; seen fy out) | wc -l)" -ge $((24 * 2)) ]
}
wait_for 20 "all packets at the instances" all_seen
equal "$( (flows fx; flows fy) | sort | uniq -d)" "" "flows that both instances saw"
for instance in fx fy; do
	[ "$(flows $instance | wc -l)" -ge 10 ] || fail "$instance saw $(flows $instance | wc -l) of 48 flows"
done

ip -n "$(ns stages)" link set fx-in down
ip -n "$(ns stages)" link set fy-in down
stage_is_down() { [ "$(state port_pair_group fw programmed)" = not_programmed ]; }
wait_for 10 "the stage to be down" stage_is_down
forwarded=$(reason forwarded)
at client /usr/bin/python3 "$lab/send.py" client "$(mac sluice cl0)" 2>/dev/null
all_dropped() { [ "$(reason chain_stage_down)" -ge $((24 * 4 + 24 * 5)) ]; }
wait_for 10 "all packets to be dropped" all_dropped
equal "$(reason forwarded)" "$forwarded" "packets past a stage that is down"
stop_sluiced
