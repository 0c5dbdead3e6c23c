#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A chain's order, and its symmetry: requests meet s1 then s2, replies s2 then s1; and with two instances of a stage the
# packets of both directions of a flow meet the same one.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- server 10.9.0.2
#                              |  |  |
#                       s1-in|out |  s2y-in|out       each pair with a bridge between
#                          s2x-in|out
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"

add_ns client sluice server stages
add_link client eth0 sluice cl0
add_link sluice up0 server eth0
address client eth0 10.1.0.2/24
address sluice cl0 10.1.0.1/24
address sluice up0 10.9.0.1/24
address server eth0 10.9.0.2/24
ip -n "$(ns client)" route add default via 10.1.0.1
ip -n "$(ns server)" route add default via 10.9.0.1
add_stage stages s1 s2x s2y
bridge_stage stages s1 s2x s2y
at sluice sysctl -qw net.ipv6.conf.all.disable_ipv6=1
start_sluiced sluice

apply <<'YAML'
vrf: [{name: x}]
interface:
  - {name: cl0, vrf: x}
  - {name: up0, vrf: x}
  - {name: s1-in, vrf: x}
  - {name: s1-out, vrf: x}
  - {name: s2x-in, vrf: x}
  - {name: s2x-out, vrf: x}
  - {name: s2y-in, vrf: x}
  - {name: s2y-out, vrf: x}
next_hop:
  - {name: client, gateway: {interface: cl0, address: 10.1.0.2}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
next_hop_group:
  - {name: client, members: [{next_hop: client}]}
  - {name: server, members: [{next_hop: server}]}
route:
  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: server}
port_pair:
  - {name: s1, ingress: s1-in, egress: s1-out}
  - {name: s2x, ingress: s2x-in, egress: s2x-out}
  - {name: s2y, ingress: s2y-in, egress: s2y-out}
port_pair_group:
  - {name: first, port_pairs: [s1]}
  - {name: second, port_pairs: [s2x, s2y]}
flow_classifier: [{name: to-server, vrf: x, destination_prefix: 10.9.0.0/24}]
port_chain: [{name: chain, flow_classifiers: [to-server], port_pair_groups: [first, second], symmetric: true}]
YAML
wait_for 10 "the chain" programmed port_chains
wait_for 10 "the next hops" programmed next_hops

# One echo: the times at which its request and its reply entered each stage.
for port in s1-in s1-out s2x-in s2x-out s2y-in s2y-out; do
	spawn "at-$port" stages tcpdump -tt -nn -l -Q in -i "$port" icmp
	wait_for 10 "tcpdump" grep -q 'listening on' "$lab/at-$port.log"
done
at client ping -c 1 -W 3 10.9.0.2 >"$lab/ping" || fail "$(cat "$lab/ping")"
# shellcheck disable=SC2086 # a pattern
entered() { cat "$lab/"at-$2.log | awk -v what="echo $1" 'index($0, what) { print $1; exit }'; }
# Each capture is a process of its own, and writes when it gets to it.
all_seen() {
	[ -n "$(entered request s1-in)" ] && [ -n "$(entered request 's2*-in')" ] &&
		[ -n "$(entered reply 's2*-out')" ] && [ -n "$(entered reply s1-out)" ]
}
wait_for 10 "the echo's way through both stages in both directions" all_seen
order=$(printf '%s request-s1\n%s request-s2\n%s reply-s2\n%s reply-s1\n' "$(entered request s1-in)" \
	"$(entered request s2*-in)" "$(entered reply s2*-out)" "$(entered reply s1-out)" | sort -n | cut -d ' ' -f 2 | xargs)
equal "$order" "request-s1 request-s2 reply-s2 reply-s1" "the order of the stages"
[ -z "$(entered request s1-out)$(entered reply s1-in)" ] || fail "s1 saw a packet on the wrong side"

# 40 flows over two instances: both at work, and each sees both directions of its flows, known by the client's port.
for port in s2x-in s2x-out s2y-in s2y-out; do
	spawn "flows-$port" stages tcpdump -nn -l -Q in -i "$port" tcp
	wait_for 10 "tcpdump" grep -q 'listening on' "$lab/flows-$port.log"
done
serve server hello
for _ in $(seq 40); do
	equal "$(get client http://10.9.0.2/)" "hello 10.1.0.2" "an answer through the chain"
done
flows() { grep -oE '10\.1\.0\.2\.[0-9]+' "$lab/flows-$1.log" | sort -u; }
seen_all() {
	[ "$(cat <(flows s2x-in) <(flows s2y-in) | wc -l)" = 40 ] && [ "$(cat <(flows s2x-out) <(flows s2y-out) | wc -l)" = 40 ]
}
wait_for 10 "all 40 flows" seen_all
for instance in s2x s2y; do
	equal "$(flows $instance-out)" "$(flows $instance-in)" "flows whose replies $instance saw"
	count=$(flows $instance-in | wc -l)
	echo "$instance had $count of 40 flows"
	[ "$count" -ge 8 ] || fail "$instance has too little of the load"
done
[ "$(state port_pair_group second counters.packets)" -gt 200 ] || fail "the stage counts no packets"
stop_sluiced
