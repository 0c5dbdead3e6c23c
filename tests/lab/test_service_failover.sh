#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two routers have the same service, and a third shares a VIP's packets out to them by ECMP. Both choose the same member
# for a flow, so one of them may die, and the daemon of the other, too: no flow is lost.
#
#   client 10.1.0.2 --- edge --- a 10.2.1.2 --- lan 10.9.0.0/24: m1 .11, m2 .12, m3 .13 (VIP 203.0.113.1 on lo)
#                            --- b 10.2.2.2 --- lan              each --- back --- client 10.6.0.2
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/services.sh"
count=${SLUICE_FLOWS:-100}

add_ns client edge a b lan back m1 m2 m3
add_link client eth0 edge to-client
address client eth0 10.1.0.2/24
address edge to-client 10.1.0.1/24
ip -n "$(ns client)" route add default via 10.1.0.1
add_link client eth1 back to-client
address client eth1 10.6.0.2/24
address back to-client 10.6.0.1/24
for name in lan back; do
	ip -n "$(ns $name)" link add $name type bridge stp_state 0 forward_delay 0
	ip -n "$(ns $name)" link set $name up
done
address back back 10.7.0.1/24
ip -n "$(ns back)" route add 10.1.0.0/24 via 10.6.0.2
at back sysctl -qw net.ipv4.ip_forward=1
at edge sysctl -qw net.ipv4.ip_forward=1 net.ipv4.fib_multipath_hash_policy=1
number=0
for router in a b; do
	number=$((number + 1))
	add_link edge to-$router $router cl0
	address edge to-$router 10.2.$number.1/24
	address $router cl0 10.2.$number.2/24
	add_link $router up0 lan to-$router
	ip -n "$(ns lan)" link set to-$router master lan
	address $router up0 10.9.0.$number/24
done
ip -n "$(ns edge)" route add 203.0.113.1/32 nexthop via 10.2.1.2 nexthop via 10.2.2.2
for number in 1 2 3; do
	add_link m$number eth0 lan m$number
	ip -n "$(ns lan)" link set m$number master lan
	address m$number eth0 10.9.0.1$number/24
	add_link m$number back0 back to-m$number
	ip -n "$(ns back)" link set to-m$number master back
	address m$number back0 10.7.0.1$number/24
	ip -n "$(ns m$number)" route add default via 10.7.0.1
	at m$number sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	address m$number lo 203.0.113.1/32
	member m$number m$number 80
done
mkdir "$lab/bpf"
mount -t bpf bpf "$lab/bpf"
undo+=("umount -l $lab/bpf")
start() {
	spawn "sluiced-$1" "$1" "$sluiced" --config /dev/null --listen "unix:$lab/$1.sock" --log-format text \
		--state "$lab/state-$1" --pins "$lab/bpf/$1"
	wait_for 30 "sluiced of $1" ctl_of "$1" status
}
ctl_of() { "$sluicectl" --server "unix:$lab/$1.sock" "${@:2}"; }
apply_to() { ctl_of "$1" apply -y -f "$2" >"$lab/apply.out" 2>&1 || fail "apply to $1: $(cat "$lab/apply.out")"; }
cat >"$lab/service.yaml" <<'YAML'
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
load_balancer: [{name: web, vrf: x, vip_address: 203.0.113.1}]
pool: [{name: web, vrf: x, forwarding: direct}]
listener: [{name: web, load_balancer: web, protocol: tcp, ports: {first: 80}, pools: [{pool: web}]}]
member:
  - {name: m1, pool: web, address: 10.9.0.11}
  - {name: m2, pool: web, address: 10.9.0.12, weight: 2}
  - {name: m3, pool: web, address: 10.9.0.13}
YAML
# The other one has them in another order, behind others that are gone: ids differ, tables do not.
cat >"$lab/other.yaml" <<'YAML'
vrf: [{name: other}, {name: x}]
interface: [{name: up0, vrf: x}, {name: cl0, vrf: x}]
load_balancer: [{name: gone, vrf: other, vip_address: 203.0.113.9}, {name: web, vrf: x, vip_address: 203.0.113.1}]
pool: [{name: gone, vrf: other}, {name: web, vrf: x, forwarding: direct}]
listener:
  - {name: gone, load_balancer: gone, protocol: tcp, ports: {first: 80}, pools: [{pool: gone}]}
  - {name: web, load_balancer: web, protocol: tcp, ports: {first: 80}, pools: [{pool: web}]}
member:
  - {name: gone, pool: gone, address: 10.9.0.99}
  - {name: m3, pool: web, address: 10.9.0.13}
  - {name: m2, pool: web, address: 10.9.0.12, weight: 2}
  - {name: m1, pool: web, address: 10.9.0.11}
YAML
for router in a b; do start $router; done
apply_to a "$lab/service.yaml"
apply_to b "$lab/other.yaml"
cat >"$lab/delete.yaml" <<'YAML'
delete:
  member: [{name: gone}]
  listener: [{name: gone}]
  pool: [{name: gone}]
  load_balancer: [{name: gone}]
YAML
apply_to b "$lab/delete.yaml"
asked_only "m1 m2 m3" client 203.0.113.1 80 60

went_by() { counter edge "to-$1" tx_packets; }
flows stay client 203.0.113.1 80 "$count"
first=$(went_by a) second=$(went_by b)
flows_go_on stay "$count" "by both routers"
(($(went_by a) > first + 10 && $(went_by b) > second + 10)) || fail "ECMP uses one router only"
members_of() { cut -d' ' -f6- "$lab/stay.status"; }
shares=$(members_of)

# One dies: the edge sends all by the other.
before=$(went_by b)
ip -n "$(ns edge)" link set to-a down
stop sluiced-a KILL || :
flows_go_on stay "$count" "when a has died"
(($(went_by b) > before + count)) || fail "packets by b: $before, then $(went_by b)"
# What is left of it changes, and its daemon is killed, too.
cat >"$lab/change.yaml" <<'YAML'
member:
  - {name: m1, pool: web, address: 10.9.0.11, admin_state: draining}
YAML
apply_to b "$lab/change.yaml"
flows_go_on stay "$count" "while m1 drains"
asked_only "m2 m3" client 203.0.113.1 80 30
stop sluiced-b KILL || :
flows_go_on stay "$count" "without any daemon"
start b
flows_go_on stay "$count" "with the next daemon"
# The first one comes back, with a table that m1 is not in any more, and without connections of its own.
start a
apply_to a "$lab/change.yaml"
ctl_of a delete connections --all >/dev/null
ip -n "$(ns edge)" link set to-a up
ip -n "$(ns edge)" route replace 203.0.113.1/32 nexthop via 10.2.1.2 nexthop via 10.2.2.2
first=$(went_by a)
flows_go_on stay "$count" "by both routers again"
(($(went_by a) > first)) || fail "a gets no packets"
equal "$(members_of)" "$shares" "who has which flows"
stop stay || :
equal "$(cut -d' ' -f1-4 "$lab/stay.status")" "closed $count 0 0" "the flows at their end"
echo "$count flows, 0 lost: $shares"
for router in a b; do stop sluiced-$router || fail "sluiced of $router ended with $?: $(tail -n 20 "$lab/sluiced-$router.log")"; done
