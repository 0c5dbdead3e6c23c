#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two routers whose Sluice runs in the program of the qdisc alone share virtual MACs by keepalived (RFC 5798 7.3, 8.2.1:
# `use_vmac`): hosts know their gateway by that MAC, Sluice takes its frames, and it moves with the master.
#
#                                      port1 a port2
#   client 10.1.0.10 --- west (bridge)  10.1.0.1 | 10.2.0.1  (bridge) east --- server 10.2.0.10
#                                      port1 b port2
. "$(dirname "$0")/lib.sh"

# connect SWITCH NS DEVICE: a port of the switch.
connect() {
	add_link "$1" "to-$2" "$2" "$3"
	ip -n "$(ns "$1")" link set "to-$2" master switch
}

# instance NAME PORT ID PRIORITY ADDRESS
instance() {
	cat <<-CONF
		vrrp_instance $1 {
			interface $2
			virtual_router_id $3
			version 3
			priority $4
			advert_int 0.2
			use_vmac
			vmac_xmit_base
			virtual_ipaddress { $5/24 }
		}
	CONF
}

# router NAME NUMBER PRIORITY
router() {
	address "$1" port1 "10.1.0.$2/24"
	address "$1" port2 "10.2.0.$2/24"
	spawn "sluiced-$1" "$1" "$sluiced" --listen "unix:$lab/$1.sock" --log-format text
	wait_for 30 "sluiced of $1" "$sluicectl" --server "unix:$lab/$1.sock" status
	"$sluicectl" --server "unix:$lab/$1.sock" apply -y -f - >"$lab/apply.out" 2>&1 <<-'YAML' || fail "$(cat "$lab/apply.out")"
		vrf: [{name: x, kernel: true}]
		interface:
		  - {name: port1, vrf: x, additional_macs: ["00:00:5e:00:01:33"]}
		  - {name: port2, vrf: x, additional_macs: ["00:00:5e:00:01:34"]}
	YAML
	{
		echo 'vrrp_sync_group both { group { west east } }'
		instance west port1 51 "$3" 10.1.0.1
		instance east port2 52 "$3" 10.2.0.1
	} >"$lab/$1.conf"
	spawn "keepalived-$1" "$1" keepalived --dont-fork --log-console --log-detail --vrrp --use-file "$lab/$1.conf" \
		--pid "$lab/$1.keepalived" --vrrp_pid "$lab/$1.vrrp"
}

state_is() { [[ $(grep 'Entering .* STATE' "$lab/keepalived-$1.log" | tail -n 1) == *"Entering $2 STATE"* ]]; }
forwarded() { "$sluicectl" --server "unix:$lab/$1.sock" show interfaces -o json |
	jq -r '.states[] | select(.key == "port1") | .counters.packets // 0'; }

# by ROUTER: client and server reach each other by this one, and by the virtual MAC.
by() {
	local before shown
	wait_for 10 "an answer by $1" at client ping -c 1 -W 1 10.2.0.10
	before=$(forwarded "$1")
	at client ping -c 5 -i 0.05 -W 1 10.2.0.10 >"$lab/ping" || fail "client to server by $1: $(cat "$lab/ping")"
	at server ping -c 5 -i 0.05 -W 1 10.1.0.10 >"$lab/ping" || fail "server to client by $1: $(cat "$lab/ping")"
	(($(forwarded "$1") >= before + 10)) || fail "the packets did not go through $1"
	shown=$(ip -n "$(ns client)" neighbour show 10.1.0.1)
	[[ $shown == *00:00:5e:00:01:33* ]] || fail "the client's gateway: $shown"
	equal "$("$sluicectl" --server "unix:$lab/$1.sock" show ports -o json | jq -r '[.ports[].xdp_mode] | unique | join(" ")')" \
		tc "the ports' mode"
}

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
ip -n "$(ns client)" route add default via 10.1.0.1
ip -n "$(ns server)" route add default via 10.2.0.1
router a 2 100
wait_for 20 "a to be the master" state_is a MASTER
router b 3 50
wait_for 20 "b to be the backup" state_is b BACKUP
by a
ip -n "$(ns west)" link set to-a down
wait_for 20 "b to be the master" state_is b MASTER
by b
ip -n "$(ns west)" link set to-a up
wait_for 20 "a to be the master again" state_is a MASTER
by a
