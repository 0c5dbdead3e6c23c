#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# BFD of health monitors against FRR's bfdd, IPv4 and IPv6: of one hop to a gateway (RFC 5881), of several through the
# dataplane to members (RFC 5883). Two monitors of the same address share a session, as there is one between two systems.
# What falls silent is out within 350 ms at 3 x 100 ms, and what is shut down at once.
#
#   hc1 10.6.0.2 --- hc0 10.6.0.1 sluice up1 10.8.1.1 --- eth1 10.8.1.2 gateway eth2 10.9.0.1 --- eth0 10.9.0.2 server
#       fd00:6::2        fd00:6::1          fd00:8::1          fd00:8::2             fd00:9::1          fd00:9::2
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/lab/routing.sh
. "$root/tests/lab/routing.sh"
health=$build/vnf/health/sluice-health
[ -x "$health" ] || fail "there is no $health: build it, or set SLUICE_BUILD"

add_ns sluice gateway server
add_link sluice up1 gateway eth1
add_link gateway eth2 server eth0
ip -n "$(ns sluice)" link add hc0 type veth peer name hc1
for each in hc0 hc1; do ip -n "$(ns sluice)" link set "$each" up; done
for each in "sluice hc1 6::2" "sluice up1 8::1" "gateway eth1 8::2" "gateway eth2 9::1" "server eth0 9::2"; do
	read -r name device six <<<"$each"
	address "$name" "$device" "fd00:$six/64"
done
address sluice hc1 10.6.0.2/24
address sluice up1 10.8.1.1/24
address gateway eth1 10.8.1.2/24
address gateway eth2 10.9.0.1/24
address server eth0 10.9.0.2/24
at gateway sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n "$(ns gateway)" route add 10.6.0.0/24 via 10.8.1.1
ip -n "$(ns gateway)" route add fd00:6::/64 via fd00:8::1
ip -n "$(ns server)" route add default via 10.9.0.1
ip -n "$(ns server)" route add default via fd00:9::1
for family in -4 -6; do
	via=10.6.0.1
	[ $family = -4 ] || via=fd00:6::1
	ip -n "$(ns sluice)" $family route add default via $via dev hc1 table 100
	ip -n "$(ns sluice)" $family rule add oif hc1 lookup 100
done
cat >"$lab/health.yaml" <<-YAML
	vrfs:
	  x: {device: hc1, ipv4_source: 10.6.0.2, ipv6_source: "fd00:6::2"}
YAML

start_sluiced sluice
apply <<-YAML
	vrf: {name: x, kernel: true}
	interface:
	  - {name: up1, vrf: x}
	  - {name: hc0, vrf: x, gateway_addresses: [{address: 10.6.0.1/24}, {address: "fd00:6::1/64"}]}
	next_hop:
	  - {name: hc4, gateway: {interface: hc0, address: 10.6.0.2, mac: "$(mac sluice hc1)"}}
	  - {name: hc6, gateway: {interface: hc0, address: "fd00:6::2", mac: "$(mac sluice hc1)"}}
	  - {name: gw4, gateway: {interface: up1, address: 10.8.1.2}}
	  - {name: gw6, gateway: {interface: up1, address: "fd00:8::2"}}
	next_hop_group:
	  - {name: hc4, members: [{next_hop: hc4}]}
	  - {name: hc6, members: [{next_hop: hc6}]}
	  - {name: plain4, members: [{next_hop: gw4}]}
	  - {name: plain6, members: [{next_hop: gw6}]}
	  - {name: up4, members: [{next_hop: gw4}]}
	  - {name: up6, members: [{next_hop: gw6}]}
	  - {name: again4, members: [{next_hop: gw4}]}
	route:
	  - {vrf: x, prefix: 10.6.0.2/32, next_hop_group: hc4}
	  - {vrf: x, prefix: "fd00:6::2/128", next_hop_group: hc6}
	  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: plain4}
	  - {vrf: x, prefix: "fd00:9::/64", next_hop_group: plain6}
	pool: [{name: web4, vrf: x}, {name: web6, vrf: x}, {name: api4, vrf: x}]
	member:
	  - {name: m4, pool: web4, address: 10.9.0.2}
	  - {name: m6, pool: web6, address: "fd00:9::2"}
	  - {name: a4, pool: api4, address: 10.9.0.2, port: 8443}
	health_monitor:
	  - {name: up4, next_hop_group: up4, type: bfd}
	  - {name: up6, next_hop_group: up6, type: bfd}
	  - {name: again4, next_hop_group: again4, type: bfd}
	  - {name: web4, pool: web4, type: bfd}
	  - {name: web6, pool: web6, type: bfd}
	  - {name: api4, pool: api4, type: bfd}
YAML

# peer_config LINE...: of bfdd, each line a peer.
peer_config() {
	echo bfd
	for each in "$@"; do
		printf '%s\n' " peer $each" "  detect-multiplier 3" "  receive-interval 100" "  transmit-interval 100"
		[[ $each != *multihop* ]] || echo "  minimum-ttl 250"
		echo "  no shutdown"
	done
}
peer_config "10.8.1.1 interface eth1" "fd00:8::1 local-address fd00:8::2 interface eth1" >"$lab/gateway.conf"
peer_config "10.6.0.2 multihop local-address 10.9.0.2" "fd00:6::2 multihop local-address fd00:9::2" >"$lab/server.conf"
for name in gateway server; do start_frr $name "$lab/$name.conf" zebra bfdd; done
# Without a target it finds sluiced where that listens by default; /run is its own.
# shellcheck disable=SC2016 # $0 is for the other shell
spawn health sluice sh -c 'mount -t tmpfs run /run && mkdir /run/sluice && ln -s "$0" /run/sluice/sluice.sock && exec "$@"' \
	"$lab/sluice.sock" setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
	"$health" --config "$lab/health.yaml" --log-level debug
chmod 755 "$lab"
chmod 777 "$lab/sluice.sock"

# heard GROUP NEXT_HOP true|false: the monitor's verdict. member_is NAME STATE.
heard() { state health_monitor "$1" health_monitor_status | jq -e ".targets[] | select(.name == \"$2\") | .up == $3" >/dev/null; }
member_is() { [ "$(state member "$1" programmed)" = "$2" ]; }
sessions() { frr_json "$1" "show bfd peers json" | jq -r '[.[] | select(.status == "up")] | length'; }
# both_ends: all that is monitored is up, here and there, each by one session.
both_ends() {
	heard up4 gw4 true && heard again4 gw4 true && heard up6 gw6 true && member_is m4 programmed && member_is a4 programmed &&
		member_is m6 programmed && [ "$(sessions gateway) $(sessions server)" = "2 2" ]
}
fast() { frr_json "$1" "show bfd peers json" | jq -e 'all(.[]; .["remote-transmit-interval"] == 100 and .["remote-receive-interval"] == 100)'; }
wait_for 30 "all sessions to be up" both_ends
for name in gateway server; do wait_for 10 "the intervals of $name" fast $name; done
downs() { grep -c ': down' "$lab/health.log" || :; }
before=$(downs)
sleep 2 # a session that two monitors fight for goes up and down
equal "$(downs)" "$before" "sessions that went down by themselves: $(grep ': down' "$lab/health.log" | tail -n 3)"
both_ends || fail "a session went down by itself: $(cat "$lab/health.log")"
echo "ok    one hop and several, IPv4 and IPv6; two monitors of an address by one session"

# lasted FROM TARGET: milliseconds from that time to sluice-health's line that the target is down.
lasted() { /usr/bin/python3 -c '
import datetime, sys
print(round(1000 * (datetime.datetime.fromisoformat(sys.argv[2].replace("Z", "+00:00")).timestamp() - float(sys.argv[1]))))' \
	"$1" "$(grep -- "$2: down" "$lab/health.log" | tail -n 1 | cut -d ' ' -f 1)"; }
# in_time FROM TARGET...
in_time() {
	local from=$1 each took
	shift
	for each in "$@"; do
		took=$(lasted "$from" "$each")
		echo "ok    $each: down after $took ms"
		((took > 0 && took <= 350 + ${SLUICE_SLACK_MS:-150})) || fail "$each took $took ms"
	done
}
# silence NS DEVICE: no BFD leaves it any more, and no carrier goes.
silence() {
	at "$1" nft -f - <<-RULES
		table netdev cut {
			chain out {
				type filter hook egress device $2 priority 0;
				udp dport { 3784, 4784 } drop
			}
		}
	RULES
}

began=$(date +%s.%N)
silence gateway eth1
wait_for 10 "the gateways to be out" heard up4 gw4 false
for each in "up6 gw6" "again4 gw4"; do
	read -r monitor hop <<<"$each"
	wait_for 10 "$each to be out" heard "$monitor" "$hop" false
done
wait_for 10 "the member's path to be cut, too" member_is m4 not_programmed
in_time "$began" up4/gw4 again4/gw4 up6/gw6 web4/m4
at gateway nft delete table netdev cut
wait_for 30 "all sessions to be up again" both_ends
for name in gateway server; do wait_for 10 "the intervals of $name" fast $name; done

began=$(date +%s.%N)
silence server eth0
for each in m4 a4 m6; do wait_for 10 "$each to be out" member_is $each not_programmed; done
heard up4 gw4 true || fail "a gateway is out when a server falls silent"
in_time "$began" web4/m4 api4/a4 web6/m6
at server nft delete table netdev cut
wait_for 30 "all sessions to be up again" both_ends

# An administrator over there: AdminDown says so (RFC 5880 6.8.16), and nobody waits for the detection time.
configure server bfd "peer fd00:6::2 multihop local-address fd00:9::2" shutdown
wait_for 5 "m6 to be out" member_is m6 not_programmed
grep -q 'web6/m6: down: neighbor signaled session down' "$lab/health.log" || fail "why m6 is down: $(grep web6/m6 "$lab/health.log")"
member_is m4 programmed || fail "m4 went down with m6"
# One of two monitors ends, and the other keeps the session.
apply <<<'delete: {health_monitor: [{name: web4}]}'
before=$(frr_json server "show bfd peers counters json" '.[] | select(.peer == "10.6.0.2") | .["session-down"]')
sleep 1
equal "$(frr_json server "show bfd peers counters json" '.[] | select(.peer == "10.6.0.2") | .["session-down"]')" "$before" "the session of a4 went down with m4's monitor"
member_is a4 programmed || fail "a4 went down with m4's monitor"
stop health || fail "sluice-health ended with status $?: $(tail -n 30 "$lab/health.log")"
stop_sluiced
