#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A service that translates: TCP and UDP, IPv4 and IPv6, fragments, what an ICMP error is about, what no listener takes,
# affinity, states of members, and the daemon killed while flows go on. Members see the client's own address.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- members 10.9.0.11, .12, .13
#          2001:db8:1::2    2001:db8:1::1       2001:db8:9::1           2001:db8:9::11, ::12
#   VIPs: 203.0.113.1, 2001:db8:f::1, and 10.1.0.100 on the client's link
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/lab/services.sh
. "$root/tests/lab/services.sh"

add_ns client sluice members
add_client
add_link sluice up0 members eth0
address sluice up0 10.9.0.1/24
address client eth0 2001:db8:1::2/64 nodad
address sluice cl0 2001:db8:1::1/64 nodad
address sluice up0 2001:db8:9::1/64 nodad
ip -n "$(ns client)" -6 route add default via 2001:db8:1::1
for last in 11 12 13; do
	address members eth0 10.9.0.$last/24
	address members eth0 2001:db8:9::$last/64 nodad
done
ip -n "$(ns members)" route add default via 10.9.0.1
ip -n "$(ns members)" -6 route add default via 2001:db8:9::1
for last in 11 12 13; do
	member members m$last 10.9.0.$last:80 10.9.0.$last:8080
	member members six$last "[2001:db8:9::$last]:80"
done
mkdir "$lab/bpf"
mount -t bpf bpf "$lab/bpf"
undo+=("umount -l $lab/bpf")
start() { start_sluiced sluice --state "$lab/state" --pins "$lab/bpf/router"; }
start
apply <<'YAML'
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
load_balancer:
  - {name: web, vrf: x, vip_address: 203.0.113.1}
  - {name: near, vrf: x, vip_address: 10.1.0.100}
  - {name: six, vrf: x, vip_address: "2001:db8:f::1"}
pool:
  - {name: web, vrf: x}
  - {name: six, vrf: x}
  - {name: sticky, vrf: x, session_persistence: {type: source_ip}}
  - {name: reset, vrf: x, on_member_down: reset}
listener:
  - {name: web, load_balancer: web, protocol: tcp, ports: {first: 80}, pools: [{pool: web}]}
  - {name: web-udp, load_balancer: web, protocol: udp, ports: {first: 80}, pools: [{pool: web}]}
  - {name: other-port, load_balancer: web, protocol: tcp, ports: {first: 7000, last: 7009}, pools: [{pool: reset}]}
  - {name: sticky, load_balancer: web, protocol: tcp, ports: {first: 81}, pools: [{pool: sticky}]}
  - {name: near, load_balancer: near, pools: [{pool: web}]}
  - {name: six, load_balancer: six, protocol: tcp, ports: {first: 80}, pools: [{pool: six}]}
  - {name: six-udp, load_balancer: six, protocol: udp, ports: {first: 80}, pools: [{pool: six}]}
member:
  - {name: web-11, pool: web, address: 10.9.0.11}
  - {name: web-12, pool: web, address: 10.9.0.12}
  - {name: six-11, pool: six, address: "2001:db8:9::11"}
  - {name: six-12, pool: six, address: "2001:db8:9::12"}
  - {name: sticky-11, pool: sticky, address: 10.9.0.11, port: 80}
  - {name: sticky-12, pool: sticky, address: 10.9.0.12, port: 80}
  - {name: sticky-13, pool: sticky, address: 10.9.0.13, port: 80}
  - {name: reset-11, pool: reset, address: 10.9.0.11, port: 8080}
  - {name: reset-12, pool: reset, address: 10.9.0.12, port: 8080}
YAML
wait_for 10 "an answer of the router" at client ping -c 1 -W 1 10.1.0.1

# --- flows are shared out, and both ends believe that they speak with each other ---
asked_only "m11 m12" client 203.0.113.1 80 30
asked_only "m11 m12" client 203.0.113.1 80 30 udp
asked_only "m11 m12" client 10.1.0.100 80 30
asked_only "m11 m12" client 203.0.113.1 7003 30
asked_only "six11 six12" client 2001:db8:f::1 80 30
asked_only "six11 six12" client 2001:db8:f::1 80 30 udp
spawn peers members tcpdump -nn -l -i eth0 'tcp[tcpflags] & tcp-syn != 0'
wait_for 10 "tcpdump" grep -q 'listening on' "$lab/peers.log"
ask client 203.0.113.1 80 1 >/dev/null
wait_for 5 "a SYN at a member" grep -q 'Flags \[S\]' "$lab/peers.log"
grep -q 'IP 10\.1\.0\.2\.[0-9]* > 10\.9\.0\.1[12]\.80: Flags \[S\]' "$lab/peers.log" || fail "SYNs: $(cat "$lab/peers.log")"
stop peers || :
# Much of it, in segments that are cut and merged on the way, and in datagrams of several fragments.
asked_only "m11 m12" client 203.0.113.1 80 12 tcp 400000
asked_only "six11 six12" client 2001:db8:f::1 80 12 tcp 400000
asked_only "m11 m12" client 203.0.113.1 80 12 udp 8000
asked_only "six11 six12" client 2001:db8:f::1 80 12 udp 8000
for end in client members; do equal "$(checksum_errors $end)" 0 "packets with wrong checksums in $end"; done
echo ok flows

# --- the VIP is an address of the router's to who asks for it, and only what a listener takes goes on ---
at client ping -c 1 -W 2 203.0.113.1 >"$lab/ping" || fail "echo: $(cat "$lab/ping")"
at client ping -c 1 -W 2 10.1.0.100 >"$lab/ping" || fail "echo on the link: $(cat "$lab/ping")"
at client ping -c 1 -W 2 2001:db8:f::1 >"$lab/ping" || fail "echo, IPv6: $(cat "$lab/ping")"
# refused tcp|udp ADDRESS PORT: the kernel says so, at once.
refused() {
	at client timeout 5 /usr/bin/python3 -c '
import socket, sys
kind, address, port = sys.argv[1:]
one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
one.settimeout(2)
try:
    one.connect((address, int(port)))
    one.send(b"word")
    one.recv(100)
except ConnectionRefusedError:
    sys.exit(0)
sys.exit(1)' "$@" 2>"$lab/refused"
}
before=$(reason no_listener)
for address in 203.0.113.1 2001:db8:f::1; do
	for kind in tcp udp; do refused $kind $address 5000 || fail "$kind to port 5000 of $address: $(tail -n 1 "$lab/refused")"; done
done
(($(reason no_listener) >= before + 4)) || fail "no_listener: $(reason no_listener) after $before"
# The member's own refusal: the error is about a packet to the member, and the client knows of none.
refused udp 10.1.0.100 5001 || fail "a member's port unreachable does not reach the client: $(tail -n 1 "$lab/refused")"
refused tcp 10.1.0.100 5001 || fail "a member's reset does not reach the client: $(tail -n 1 "$lab/refused")"
# A narrow way back: the member hears which size fits, though it was the VIP's packet.
ip -n "$(ns sluice)" link set cl0 mtu 1300
asked_only "m11 m12" client 203.0.113.1 80 12 tcp 100000
ip -n "$(ns sluice)" link set cl0 mtu 1500
ip -n "$(ns members)" route flush cache
# A narrow way to the members: the client hears it of the VIP.
ip -n "$(ns sluice)" link set up0 mtu 1300
asked_only "m11 m12" client 203.0.113.1 80 12 tcp 100000
asked_only "six11 six12" client 2001:db8:f::1 80 12 tcp 100000
ip -n "$(ns sluice)" link set up0 mtu 1500
echo ok answers and errors

# --- affinity: one source, one member ---
said=$(ask client 203.0.113.1 81 20)
[ "$(wc -w <<<"$said")" = 2 ] || fail "one source has met $said"
echo ok affinity

# --- a flow stays with its member, whatever the pool becomes; new ones go where they should ---
flows stay client 203.0.113.1 80 40
of_11=$(flows_of stay m11)
(($(flows_of stay m11) > 0 && $(flows_of stay m12) > 0)) || fail "the flows: $(cat "$lab/stay.status")"
apply <<<'member: [{name: web-11, pool: web, address: 10.9.0.11, admin_state: draining}]'
asked_only "m12" client 203.0.113.1 80 20
flows_go_on stay 40 "while m11 drains"
apply <<<'member: [{name: web-13, pool: web, address: 10.9.0.13}]'
asked_only "m12 m13" client 203.0.113.1 80 30
flows_go_on stay 40 "behind a new member"
apply <<<'member: [{name: web-12, pool: web, address: 10.9.0.12, weight: 0}]'
asked_only "m13" client 203.0.113.1 80 20
flows_go_on stay 40 "beside a weight of 0"
equal "$(flows_of stay m11)" "$of_11" "flows of m11"
# The daemon is killed, and another one goes on; what was translated before is translated as before.
stop sluiced KILL || :
flows_go_on stay 40 "without a daemon"
start
flows_go_on stay 40 "with the next daemon"
asked_only "m13" client 203.0.113.1 80 20
flows_go_on stay 40 "with the next daemon, later"
echo ok changes

# --- states: quarantined is out at once; its flows go elsewhere, where nobody knows them, or are reset ---
flows reset client 203.0.113.1 7000 20
of_12=$(flows_of reset m12)
apply <<'YAML'
member:
  - {name: web-11, pool: web, address: 10.9.0.11, admin_state: quarantined}
  - {name: reset-11, pool: reset, address: 10.9.0.11, port: 8080, admin_state: quarantined}
YAML
spawn late members tcpdump -nn -l -i eth0 'dst host 10.9.0.11 and src host 10.1.0.2 and (tcp port 80 or tcp port 8080)'
wait_for 10 "tcpdump" grep -q 'listening on' "$lab/late.log"
rest() { equal "$(flows_field stay 2)" $((40 - of_11)) flows && equal "$(flows_field reset 2)" "$of_12" flows; }
wait_for 10 "the flows of m11 to end: $(cat "$lab"/*.status)" eval '(rest)'
flows_go_on stay $((40 - of_11)) "beside a quarantined member"
flows_go_on reset "$of_12" "of the pool that resets"
asked_only "m13" client 203.0.113.1 80 20
stop late || :
! grep -q '10\.9\.0\.11' "$lab/late.log" || fail "packets to a quarantined member: $(head -n 5 "$lab/late.log")"
# A pool without anybody: a named drop, and back again.
before=$(reason no_member)
apply <<'YAML'
member:
  - {name: reset-12, pool: reset, address: 10.9.0.12, port: 8080, weight: 0}
YAML
! at client timeout 3 /usr/bin/python3 "$flows_py" ask 203.0.113.1 7001 1 2>/dev/null || fail "who answers for a pool without members"
(($(reason no_member) > before)) || fail "no_member: $(reason no_member) after $before"
flows_go_on reset "$of_12" "of a pool that takes none"
apply <<<'member: [{name: reset-12, pool: reset, address: 10.9.0.12, port: 8080}]'
asked_only "m12" client 203.0.113.1 7001 5
echo ok states

# --- it is policy that comes first, and it sees the VIP ---
apply <<'YAML'
policy_rule:
  - {name: no-7000, vrf: x, priority: 1, match: {destination_prefix: 203.0.113.1/32, protocol: 6, destination_ports: {first: 7000, last: 7009}}, access: deny}
  - {name: rest, vrf: x, priority: 2, match: {}, access: allow}
YAML
! at client timeout 3 /usr/bin/python3 "$flows_py" ask 203.0.113.1 7001 1 2>/dev/null || fail "a rule about the VIP denies nothing"
asked_only "m13" client 203.0.113.1 80 5
# A rule may choose the pool: for all who carry the tag, and for half of a group.
apply <<'YAML'
pool: [{name: tagged, vrf: x}]
member: [{name: tagged-11, pool: tagged, address: 10.9.0.11}]
policy_rule: [{name: tag, vrf: x, priority: 1, match: {destination_prefix: 203.0.113.1/32, protocol: 6, dscp: 46}, service_pool: {pool: tagged}}]
YAML
asked_only "m13" client 203.0.113.1 80 10
at client nft -f - <<-RULES
	table ip tag {
		chain leave {
			type filter hook output priority mangle;
			ip daddr 203.0.113.1 ip dscp set ef
		}
	}
RULES
asked_only "m11" client 203.0.113.1 80 10
flows tagged client 203.0.113.1 80 10
at client nft delete table ip tag
asked_only "m13" client 203.0.113.1 80 10
flows_go_on tagged 10 "without the tag that chose their pool"
apply <<'YAML'
address_group: [{name: clients, addresses: [10.1.0.0/24]}]
policy_rule: [{name: tag, vrf: x, priority: 1, match: {destination_prefix: 203.0.113.1/32, protocol: 6, source_address_group: clients}, service_pool: {pool: tagged, per_mille: 500}}]
YAML
asked_only "m11 m13" client 203.0.113.1 80 60
echo ok policy
stop_sluiced
