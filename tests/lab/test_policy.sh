#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Policies of two tenants that have the same addresses: security groups and address groups say who reaches what, a commit
# of rules counts from the next packet on, connections go on or end as their rules say, and none of it touches the other
# tenant.
#
#   a: hosts 10.0.0.10, .11, .66 = vx100 = 172.16.0.10 --- under0 sluice up-a 10.9.0.1 --- server-a 10.9.0.2
#   b: host-b 10.0.0.10 on lo, 10.7.0.2 --- cl-b 10.7.0.1 sluice up-b 10.8.0.1 --- 10.8.0.2, 10.9.0.2 on lo server-b
. "$(dirname "$0")/lib.sh"
flows="$(dirname "$0")/policy_flows.py"

add_ns hosts host-b sluice server-a server-b
add_link hosts eth0 sluice under0 1600
address hosts eth0 172.16.0.10/24
address sluice under0 172.16.0.1/24
add_vtep hosts 1500
for last in 11 66; do address hosts vx100 10.0.0.$last/24; done
ip -n "$(ns hosts)" route add default via 10.0.0.1
add_link sluice up-a server-a eth0
address sluice up-a 10.9.0.1/24
address server-a eth0 10.9.0.2/24
ip -n "$(ns server-a)" route add default via 10.9.0.1
add_link host-b eth0 sluice cl-b
address host-b eth0 10.7.0.2/24
address host-b lo 10.0.0.10/32
address sluice cl-b 10.7.0.1/24
ip -n "$(ns host-b)" route add default via 10.7.0.1 src 10.0.0.10
add_link sluice up-b server-b eth0
address sluice up-b 10.8.0.1/24
address server-b eth0 10.8.0.2/24
address server-b lo 10.9.0.2/32
ip -n "$(ns server-b)" route add default via 10.8.0.1
mkdir "$lab/bpf"
mount -t bpf bpf "$lab/bpf"
undo+=("umount -l $lab/bpf")
start() { start_sluiced sluice --state "$lab/state" --pins "$lab/bpf/router"; }
start
apply <<'YAML'
vrf:
  - {name: underlay}
  - {name: a, gateway_addresses: [{address: 10.0.0.1/24}]}
  - {name: b}
interface: [{name: under0, vrf: underlay}, {name: up-a, vrf: a}, {name: cl-b, vrf: b}, {name: up-b, vrf: b}]
tunnel_endpoint:
  - {name: hosts, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: a}]}
next_hop:
  - {name: vtep, gateway: {interface: under0, address: 172.16.0.10}}
  - {name: hosts, tunnel: {tunnel_endpoint: hosts, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: server-a, gateway: {interface: up-a, address: 10.9.0.2}}
  - {name: host-b, gateway: {interface: cl-b, address: 10.7.0.2}}
  - {name: server-b, gateway: {interface: up-b, address: 10.8.0.2}}
next_hop_group:
  - {name: vtep, members: [{next_hop: vtep}]}
  - {name: hosts, members: [{next_hop: hosts}]}
  - {name: server-a, members: [{next_hop: server-a}]}
  - {name: host-b, members: [{next_hop: host-b}]}
  - {name: server-b, members: [{next_hop: server-b}]}
route:
  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: vtep}
  - {vrf: a, prefix: 10.0.0.0/24, next_hop_group: hosts}
  - {vrf: a, prefix: 10.9.0.0/24, next_hop_group: server-a}
  - {vrf: b, prefix: 10.0.0.0/24, next_hop_group: host-b}
  - {vrf: b, prefix: 10.9.0.0/24, next_hop_group: server-b}
YAML
wait_for 15 "the next hops" programmed next_hops
for server in a b; do spawn echo-$server server-$server "$flows" serve 80 443 8022 9000; done
spawn echo-hosts hosts "$flows" serve 80
served() { at "$1" ss -Hltn | grep -q ":$2 "; }
for server in server-a server-b; do wait_for 10 "$server" served $server 9000; done

# tries NS SOURCE ADDRESS PORT: a connection is made.
tries() {
	at "$1" timeout 3 /usr/bin/python3 -c '
import socket, sys
source, address, port = sys.argv[1:]
socket.create_connection((address, int(port)), timeout=0.7, source_address=(source, 0)).close()' "${@:2}" 2>>"$lab/tries.log"
}
reaches() { tries "$@" || fail "$1: $2 does not reach $3 port $4"; }
reaches_not() { ! tries "$@" || fail "$1: $2 reaches $3 port $4"; }
# hits KIND NAME: packets that a rule has counted.
hits() { show_json "$1" ".states[] | select(.key == \"$2\") | .counters.packets // 0"; }
said() { cat "$lab/$1.status" 2>/dev/null || echo none 0; }

# --- security groups: who may begin what ---
reaches hosts 10.0.0.66 10.9.0.2 8022
apply <<'YAML'
address_group:
  - {name: admins, addresses: [10.0.0.11/32]}
  - {name: staff, addresses: [10.0.0.200/32], address_groups: [admins]}
security_group:
  - {name: clients, vrf: a, members: [10.0.0.10/32, 10.0.0.11/32]}
  - {name: web, vrf: a, members: [10.9.0.2/32]}
security_group_rule:
  - {name: clients-out, security_group: clients, direction: egress}
  - {name: web-http, security_group: web, direction: ingress, protocol: 6, ports: {first: 80}, remote_group: clients}
  - {name: web-admin, security_group: web, direction: ingress, protocol: 6, ports: {first: 8022}, remote_address_group: staff}
YAML
reaches hosts 10.0.0.10 10.9.0.2 80
reaches hosts 10.0.0.11 10.9.0.2 80
reaches hosts 10.0.0.11 10.9.0.2 8022
denied=$(reason denied)
reaches_not hosts 10.0.0.10 10.9.0.2 8022
reaches_not hosts 10.0.0.66 10.9.0.2 80
reaches_not hosts 10.0.0.10 10.9.0.2 443
# The other way: answers only.
reaches_not server-a 10.9.0.2 10.0.0.10 80
(($(reason denied) >= denied + 4)) || fail "denied: $(reason denied) after $denied"
(($(hits security_group_rule web-http) > 0)) || fail "web-http has counted nothing"
# The same addresses in the other tenant, which has no policy.
for port in 80 443 8022; do reaches host-b 10.0.0.10 10.9.0.2 $port; done
echo ok security groups

# --- membership, and the groups within groups ---
apply <<<'address_group: [{name: admins, addresses: [10.0.0.10/32]}]'
reaches hosts 10.0.0.10 10.9.0.2 8022
reaches_not hosts 10.0.0.11 10.9.0.2 8022
apply <<<'security_group: [{name: clients, vrf: a, members: [10.0.0.66/32]}]'
reaches hosts 10.0.0.66 10.9.0.2 80
reaches_not hosts 10.0.0.10 10.9.0.2 80
apply <<'YAML'
delete:
  security_group_rule: [{name: clients-out}, {name: web-http}, {name: web-admin}]
  security_group: [{name: clients}, {name: web}]
  address_group: [{name: staff}, {name: admins}]
YAML
reaches hosts 10.0.0.66 10.9.0.2 443
echo ok groups

# --- a change under traffic: one flow dies at the next packet, the other loses nothing ---
# flow NAME ADDRESS PORT: a TCP stream of the host, going.
flow() {
	rm -f "$lab/$1.status"
	spawn "$1" "${5:-hosts}" "$flows" stream "$lab/$1.status" "$2" "$3" "$4"
	wait_for 10 "the stream $1" goes "$1" 20
}
goes() { [[ $(said "$1") == going* ]] && [ "$(said "$1" | cut -d' ' -f2)" -ge "$2" ]; }
# goes_on NAME: it gets on.
goes_on() { wait_for 10 "the stream $1 to go on: $(said "$1")" goes "$1" $(($(said "$1" | cut -d' ' -f2) + 100)); }
# stalls NAME: nothing more comes of it.
stalls() {
	local before
	sleep 0.3 # what was on its way
	before=$(said "$1")
	sleep 0.7
	equal "$(said "$1")" "$before" "the stream $1"
}
# ends NAME: without a lost byte.
ends() {
	stop "$1" || :
	[[ $(said "$1") == closed* ]] || fail "the stream $1: $(said "$1")"
}

flow kept 10.0.0.10 10.9.0.2 80
flow other 10.0.0.10 10.9.0.2 443 host-b
spawn receive server-a "$flows" receive "$lab/receive.status" 10.9.0.2 9
wait_for 10 "the receiver" test -s "$lab/receive.status"
spawn send hosts "$flows" send 10.0.0.10 10.9.0.2 9 2000 100
received() { said receive | cut -d' ' -f1; }
many_received() { (($(received) > 500)); }
wait_for 10 "datagrams" many_received
cat >"$lab/deny.yaml" <<'YAML'
policy_rule:
  - {name: no-datagrams, vrf: a, priority: 1, match: {protocol: 17, destination_ports: {first: 9}}, access: deny}
  - {name: web, vrf: a, priority: 2, match: {protocol: 6, destination_ports: {first: 80}}, access: allow, stateful: true}
  - {name: rest, vrf: a, priority: 9, access: deny}
YAML
# A connection that was there before its rule was is picked up: its next packet has no SYN.
apply <<<'conntrack_profile: [{name: a, vrf: a, tcp_pickup: true}]'
answered=$("$flows" timed "$sluicectl" --server "unix:$lab/sluice.sock" apply -y -f "$lab/deny.yaml") || fail "deny.yaml"
sleep 0.5 # what was on its way
last=$(said receive | cut -d' ' -f3) count=$(received)
((last <= answered)) || fail "a datagram passed that was sent $(((last - answered) / 1000)) us after the answer"
sleep 0.3
equal "$(received)" "$count" "datagrams that passed"
(($(hits policy_rule no-datagrams) > 500)) || fail "no-datagrams has counted $(hits policy_rule no-datagrams)"
goes_on kept
goes_on other
echo ok a change under traffic

# --- a rule that is gone: its connection stalls, and goes on when the rule is back ---
apply <<<'delete: {policy_rule: [{name: web}]}'
stalls kept
goes_on other
apply <"$lab/deny.yaml"
goes_on kept
ends kept
ends other
stop_sluiced
