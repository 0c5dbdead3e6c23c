#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two Sluice routers share their addresses by keepalived, with the configuration that sluice-ha.yaml carries: a neighbour
# keeps its gateway and its tunnel's far end when a link or a daemon is lost, and when the lost one returns nothing moves.
#
#                                    10.1.0.2 port1 a port2 10.2.0.2
#   client 10.1.0.10 --- west (bridge)     10.1.0.1 | 10.2.0.1    (bridge) east --- server 10.2.0.10
#     = vx100 10.0.0.10              10.1.0.3 port1 b port2 10.2.0.3
. "$(dirname "$0")/lib.sh"

# connect SWITCH NS DEVICE: a port of the switch.
connect() {
	add_link "$1" "to-$2" "$2" "$3"
	ip -n "$(ns "$1")" link set "to-$2" master switch
}

# router NAME NUMBER: a daemon and keepalived in a namespace as in the VM image.
router() {
	local name=$1
	address "$name" port1 "10.1.0.$2/24"
	address "$name" port2 "10.2.0.$2/24"
	spawn "sluiced-$name" "$name" "$sluiced" --listen "unix:$lab/$name.sock" --log-format text
	wait_for 30 "sluiced of $name" "$sluicectl" --server "unix:$lab/$name.sock" status
	# Day 0's, which does not make it a router that forwards.
	"$sluicectl" --server "unix:$lab/$name.sock" --owner day0 apply -y -f - <<<'vrf: [{name: underlay}]' >"$lab/apply.out"
	sed -e "s|sluicectl|$sluicectl --server unix:$lab/$name.sock|; s|[$]virtual_router_id|51|" \
		-e "s|[$]west_address|10.1.0.1/24|; s|[$]east_address|10.2.0.1/24|" \
		"$root/heat-templates/keepalived.conf" >"$lab/$name.conf"
	spawn "keepalived-$name" "$name" keepalived --dont-fork --log-console --log-detail --vrrp \
		--use-file "$lab/$name.conf" --pid "$lab/$name.keepalived" --vrrp_pid "$lab/$name.vrrp"
}

# program NAME: the controller's configuration, which both get.
program() {
	"$sluicectl" --server "unix:$lab/$1.sock" apply -y -f - >"$lab/apply.out" 2>&1 <<'YAML' || fail "$(cat "$lab/apply.out")"
vrf: [{name: outside}, {name: tenant}]
interface: [{name: port1, vrf: outside}, {name: port2, vrf: tenant}]
tunnel_endpoint:
  - {name: client, kind: vxlan, local_address: 10.1.0.1, remote_address: 10.1.0.10, underlay_vrf: outside,
     vni_bindings: [{vni: 100, vrf: tenant}]}
next_hop:
  - {name: vtep, gateway: {interface: port1, address: 10.1.0.10}}
  - {name: client, tunnel: {tunnel_endpoint: client, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: server, gateway: {interface: port2, address: 10.2.0.10}}
next_hop_group:
  - {name: vtep, members: [{next_hop: vtep}]}
  - {name: client, members: [{next_hop: client}]}
  - {name: server, members: [{next_hop: server}]}
route:
  - {vrf: outside, prefix: 10.1.0.10/32, next_hop_group: vtep}
  - {vrf: tenant, prefix: 10.0.0.0/24, next_hop_group: client}
  - {vrf: tenant, prefix: 10.2.0.10/32, next_hop_group: server}
YAML
}

has() { [[ $(ip -n "$(ns "$1")" -o address show dev "$2") == *"inet $3/"* ]]; }
owns_both() { has "$1" port1 10.1.0.1 && has "$1" port2 10.2.0.1; }
owns_none() { ! has "$1" port1 10.1.0.1 && ! has "$1" port2 10.2.0.1; }
state_is() { [[ $(grep 'Entering .* STATE' "$lab/keepalived-$1.log" | tail -n 1) == *"Entering $2 STATE"* ]]; }
decapsulated() { "$sluicectl" --server "unix:$lab/$1.sock" show tunnel_endpoints -o json |
	jq -r '.states[0].counters.packets // 0'; }

# moved FROM TO: the addresses, and with them the connection that is open and the packets of new ones.
moved() {
	local before
	wait_for 20 "$2 to own the shared addresses" owns_both "$2"
	wait_for 20 "$1 to give them up" owns_none "$1"
	wait_for 10 "an answer by $2" reached
	before=$(decapsulated "$2")
	equal "$(get client 'http://10.2.0.10/?tokens=0')" "data: gateway=ai tenant=tenant client=10.0.0.10" "the answer by $2"
	[ "$(decapsulated "$2")" -gt "$before" ] || fail "the packets did not go through $2"
}
reached() { at client curl -sf --max-time 1 -o "$lab/reached" 'http://10.2.0.10/?tokens=0'; }

command -v keepalived >/dev/null || skip "keepalived is missing (tests/setup.sh installs it)"
add_ns client west east server a b
for switch in west east; do
	ip -n "$(ns $switch)" link add switch up type bridge
	connect $switch a "port$([ $switch = west ] && echo 1 || echo 2)"
	connect $switch b "port$([ $switch = west ] && echo 1 || echo 2)"
done
connect west client eth0
connect east server eth0
address client eth0 10.1.0.10/24
address server eth0 10.2.0.10/24
ip -n "$(ns server)" route add default via 10.2.0.1
ip -n "$(ns client)" link add vx100 address 02:00:00:00:00:0a mtu 1400 type vxlan id 100 local 10.1.0.10 \
	remote 10.1.0.1 dstport 4789
ip -n "$(ns client)" link set vx100 up
address client vx100 10.0.0.10/24
ip -n "$(ns client)" neighbour add 10.0.0.1 lladdr "$router_mac" dev vx100 nud permanent
ip -n "$(ns client)" route add 10.2.0.0/24 via 10.0.0.1
spawn server server /usr/bin/python3 "$root/tests/lab/ai_gateway.py" 10.2.0.10=tenant
wait_for 10 "the server" at server curl -sf -o "$lab/ready" 'http://10.2.0.10/?tokens=0'

# One that has not been programmed leaves the addresses to one that has.
router b 3
wait_for 20 "b, alone, to own the shared addresses" owns_both b
router a 2
program a
moved b a
program b
wait_for 20 "b to be as good as a" grep -q 'priority from 50 to 100' "$lab/keepalived-b.log"

# An answer that lasts the whole test, a word every 20 ms: what is lost at a change is sent again, on the same connection.
spawn words client curl -sSN --max-time 300 'http://10.2.0.10/?tokens=100000&interval=20'
words=0
more_words() { [ "$(grep -c token "$lab/words.log")" -gt $((words + 50)) ]; }
continues() {
	alive words || fail "the connection broke: $(tail -n 3 "$lab/words.log")"
	words=$(grep -c token "$lab/words.log" || :)
	wait_for 30 "the open connection to go on $1" more_words
	echo "an open connection goes on $1"
}
continues "before the first change"

ip -n "$(ns east)" link set to-a down
moved a b
continues "by b, after a's east link was lost"

ip -n "$(ns east)" link set to-a up
wait_for 20 "a to be ready again" state_is a BACKUP
owns_both b || fail "the addresses moved back without need"

stop sluiced-b KILL || :
moved b a
continues "by a, after b's daemon was killed"

stop sluiced-a || fail "sluiced of a: $(tail -n 40 "$lab/sluiced-a.log")"
