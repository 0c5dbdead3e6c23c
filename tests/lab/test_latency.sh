#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Latencies that are known: a stage that holds packets for 5 ms, and a tunnel whose host is 15 ms away.
#
#   host 10.0.0.10 = vx100 (VNI 100) = eth0 172.16.0.10 --- (15 ms) --- under0 172.16.0.1 sluice up0 --- server 10.9.0.2
#                                                                         s1-in|out (5 ms)
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"
here=$(dirname "$0")

add_ns host sluice server stage wire
add_link host eth0 wire host0 1600
add_link wire under0 sluice under0 1600
add_server
add_stage stage s1
address host eth0 172.16.0.10/24
address sluice under0 172.16.0.1/24
at wire sysctl -qw net.ipv6.conf.all.disable_ipv6=1
add_vtep host 1500
ip -n "$(ns host)" route add 10.9.0.0/24 via 10.0.0.1
# A frame that is held has to be whole: no checksum or segment is left to a device.
for end in "host eth0" "host vx100" "server eth0"; do
	# shellcheck disable=SC2086
	at ${end% *} ethtool -K ${end#* } tx off tso off gso off >/dev/null
done
serve server hello
spawn wire wire "$here/slow_wire.py" host0 under0 15
spawn stage stage "$here/slow_wire.py" s1-in s1-out 5
wait_for 10 "the wire" grep -q ready "$lab/wire.log"
wait_for 10 "the stage" grep -q ready "$lab/stage.log"
start_sluiced sluice

apply <<'YAML'
vrf: [{name: underlay}, {name: tenant, gateway_addresses: [{address: 10.0.0.1/24}]}]
interface: [{name: under0, vrf: underlay}, {name: up0, vrf: tenant}, {name: s1-in, vrf: tenant}, {name: s1-out, vrf: tenant}]
tunnel_endpoint:
  - {name: host, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: tenant}]}
next_hop:
  - {name: vtep, gateway: {interface: under0, address: 172.16.0.10}}
  - {name: host, tunnel: {tunnel_endpoint: host, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
next_hop_group:
  - {name: vtep, members: [{next_hop: vtep}]}
  - {name: host, members: [{next_hop: host}]}
  - {name: server, members: [{next_hop: server}]}
route:
  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: vtep}
  - {vrf: tenant, prefix: 10.0.0.0/24, next_hop_group: host}
  - {vrf: tenant, prefix: 10.9.0.0/24, next_hop_group: server}
port_pair: [{name: s1, ingress: s1-in, egress: s1-out}]
port_pair_group: [{name: ids, port_pairs: [s1], failure_mode: fail_closed}]
flow_classifier: [{name: web, vrf: tenant, destination_prefix: 10.9.0.0/24}]
port_chain: [{name: web, flow_classifiers: [web], port_pair_groups: [ids], symmetric: true}]
YAML
wait_for 10 "the chain" programmed port_chains
wait_for 10 "the next hops" programmed next_hops
equal "$(get host http://10.9.0.2/)" "hello 10.0.0.10" "an answer through tunnel and chain"

# latency NAME OPTION...: the last report of some seconds in which the host asks again and again, in $lab/NAME.
latency() {
	local name=$1 asked=0
	shift
	ctl latency -o json --interval 0.5 "$@" >"$lab/$name.reports" 2>"$lab/$name.error" &
	local process=$!
	while kill -0 "$process" 2>/dev/null; do
		equal "$(get host http://10.9.0.2/)" "hello 10.0.0.10" "an answer while packets are looked at"
		asked=$((asked + 1))
	done
	wait "$process" || fail "latency: $(cat "$lab/$name.error")"
	jq -s last "$lab/$name.reports" >"$lab/$name"
	((asked > 5)) || fail "the host asked $asked times only"
}
# row NAME KIND KEY INTERFACE FIELD: of the report.
row() {
	jq -r --arg kind "$2" --arg key "$3" --arg interface "$4" --arg field "$5" '[.rows[]? |
		select(.kind == $kind and .key == $key and (.interface // "") == $interface)] | .[0][$field] // 0 | tonumber' "$lab/$1"
}
within() { # NAME KIND KEY INTERFACE FIELD LEAST MOST: in ms
	local ns
	ns=$(row "$1" "$2" "$3" "$4" "$5")
	((ns >= $6 * 1000000 && ns <= $7 * 1000000)) || fail "$5 of $3 $4 is $ns ns, and not $6 to $7 ms: $(cat "$lab/$1")"
}

# A percentile lies in the bucket of the true value, between a power of two and the next.
latency all --count 6
for side in in out; do
	within all port_pair_group ids "s1-$side" p50 4 16
	(($(row all port_pair_group ids "s1-$side" returned) >= 10)) || fail "few packets of the stage: $(cat "$lab/all")"
done
within all tunnel_endpoint host '' p50 16 67
within all next_hop server '' p50 0 8
(($(row all tunnel_endpoint host '' returned) >= 10)) || fail "few round trips through the tunnel: $(cat "$lab/all")"
equal "$(jq -r '.lost // 0' "$lab/all")" 0 "lost packets"
# Once all is quiet, everything that went to the stage has come back.
jq -e '[.rows[] | select(.kind == "port_pair_group") | (.sent | tonumber) - (.returned | tonumber)] | all(. <= 2)' \
	"$lab/all" >/dev/null || fail "packets that did not come back from the stage: $(cat "$lab/all")"

# Other flows are not looked at; and of many only some.
latency other --count 3 --to 10.9.0.77
equal "$(jq -r '.packets // 0' "$lab/other")" 0 "packets of other flows"
latency some --count 6 --one-in 4 --protocol tcp --dport 80
some=$(jq -r '.packets // 0' "$lab/some") all=$(jq -r .packets "$lab/all")
((some > 0 && some < all * 3 / 4)) || fail "one flow in 4: $some packets, of all flows $all"

ctl latency --count 2 --interval 0.5 >"$lab/table" || fail "the table"
grep -q 'packets looked at, 0 lost' "$lab/table" || fail "the table: $(cat "$lab/table")"
! ctl latency --count 1 --interface up0 2>"$lab/error" || fail "a filter by interface was taken"
grep -q 'filter.interface: a packet has it on its way out' "$lab/error" || fail "the error: $(cat "$lab/error")"
! ctl latency --count 1 --one-in 3 2>"$lab/error" || fail "one flow in 3 was taken"
grep -q 'one_in: 3 is not a power of two' "$lab/error" || fail "the error: $(cat "$lab/error")"
stop_sluiced
