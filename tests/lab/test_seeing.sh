#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is said of packets is what happens to them: explain against pings, a denied flow, a destination without a route and a
# tunnel; a trace and a capture of real packets, the capture as tshark reads it; and 1,000 of 1,000 packets of a slow flow.
#
#   host 10.0.0.10 = vx100 = 172.16.0.10 --- under0 sluice up0 10.9.0.1 --- server 10.9.0.2
. "$(dirname "$0")/lib.sh"

command -v tshark >"$lab/tshark" || skip "tshark is not installed"
add_ns host sluice server
add_link host eth0 sluice under0 1600
address host eth0 172.16.0.10/24
address sluice under0 172.16.0.1/24
add_vtep host 1500
ip -n "$(ns host)" route add default via 10.0.0.1
add_server
address server lo 10.20.0.2/32
start_sluiced sluice
apply <<'YAML'
vrf:
  - {name: under}
  - {name: a, gateway_addresses: [{address: 10.0.0.1/24}]}
interface: [{name: under0, vrf: under}, {name: up0, vrf: a}]
tunnel_endpoint:
  - {name: vtep, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: under,
     vni_bindings: [{vni: 100, vrf: a}]}
next_hop:
  - {name: host, tunnel: {tunnel_endpoint: vtep, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
next_hop_group:
  - {name: host, members: [{next_hop: host}]}
  - {name: server, members: [{next_hop: server}]}
route:
  - {vrf: a, prefix: 10.0.0.10/32, next_hop_group: host}
  - {vrf: a, prefix: 10.20.0.0/24, next_hop_group: server}
policy_rule:
  - {name: no-web, vrf: a, access: deny, match: {protocol: 6, destination_ports: {first: 80}}}
YAML
wait_for 10 "everything to be programmed" programmed next_hop
at host ping -c 1 -W 5 10.9.0.2 >"$lab/ping" || fail "no ping through the router"

# explain FIELD OPTION...: a field of the answer; a packet that is dropped is an answer, too.
explain() {
	local field=$1
	shift
	ctl explain --interface under0 --vni 100 --from 10.0.0.10 "$@" -o json >"$lab/explained" || [ $? -eq 1 ] ||
		fail "explain $*: $(cat "$lab/explained")"
	jq -r "$field" "$lab/explained"
}

fact() { echo "[.steps[].facts[]? | select(.name == \"$1\") | .value] | last"; }

# same REASON OPTIONS COMMAND...: explain says the reason of the packet by the options; the packets of the command meet it, too.
expected=()
same() {
	local options=$2
	# shellcheck disable=SC2086 # the options are words
	equal "$(explain .verdict.reason $options)" "$1" "explain $options"
	expected+=("$1")
	shift 2
	timeout 2 ip netns exec "$(ns host)" "$@" >"$lab/tried" 2>&1 || :
}

# count FILE REASON: from the counters in a file.
counters() { ctl show counters -a -o json; }
count() { jq -r "[.counters[] | select(.name == \"$2\") | .counters.packets // 0][0]" "$1"; }

counters >"$lab/before"
same forwarded "--to 10.9.0.2" ping -c 1 -W 1 10.9.0.2
same denied "--to 10.9.0.2 --protocol tcp --dport 80" curl -s --max-time 1 http://10.9.0.2/
same no_route "--to 203.0.113.9" ping -c 1 -W 1 203.0.113.9
same ttl_expired "--to 10.9.0.2 --ttl 1" ping -c 1 -W 1 -t 1 10.9.0.2
counters >"$lab/after"
for name in "${expected[@]}"; do
	[ "$(count "$lab/after" "$name")" -gt "$(count "$lab/before" "$name")" ] || fail "nothing met $name, which explain says"
done
equal "$(explain "$(fact rule)" --to 10.9.0.2 --protocol tcp --dport 80)" no-web "the rule that denies"
equal "$(explain "$(fact route)" --to 10.20.0.2)" a/10.20.0.0/24 "the route"
equal "$(jq -r "$(fact from_tunnel)" "$lab/explained")" vtep "the tunnel by which it comes"
equal "$(jq -r "$(fact neighbour)" "$lab/explained")" "$(mac server eth0)" "the neighbour"
equal "$(jq -r .verdict.interface "$lab/explained")" up0 "the way out"
ctl explain --interface up0 --from 10.9.0.2 --to 10.0.0.10 >"$lab/back"
grep -q '^forwarded: encapsulated, .*; leaves by under0' "$lab/back" || fail "the way back: $(cat "$lab/back")"

# No counter moves for packets that are only explained.
counters >"$lab/before"
explain .verdict.reason --to 203.0.113.9 >"$lab/said"
counters >"$lab/after"
equal "$(count "$lab/after" no_route)" "$(count "$lab/before" no_route)" "no_route behind an explanation"

# watch NAME COMMAND...: starts what looks at packets, until it does.
watch() {
	local name=$1
	shift
	spawn "$name" sluice "$sluicectl" --server "unix:$lab/sluice.sock" "$@"
}
over() { ! alive "$1"; }

# A trace: each packet's steps, and why the denied one ends.
watch trace trace --from 10.0.0.10 --to 10.9.0.2 --protocol tcp --count 1
denied() {
	timeout 1 ip netns exec "$(ns host)" curl -s --max-time 0.4 http://10.9.0.2/ || :
	over trace
}
wait_for 60 "the trace to end" denied
grep -q ' policy .*rule no-web -> denied' "$lab/trace.log" || fail "the trace: $(cat "$lab/trace.log")"
grep -q '^dropped: denied' "$lab/trace.log" || fail "the trace: $(cat "$lab/trace.log")"
grep -q 'remedy: look at the rule' "$lab/trace.log" || fail "the trace has no remedy: $(cat "$lab/trace.log")"
# Nothing comes that fits: it ends by time.
at sluice timeout 60 "$sluicectl" --server "unix:$lab/sluice.sock" trace --from 192.0.2.99 --count 1 --seconds 1 \
	>"$lab/quiet" 2>&1 || fail "a trace of a second ended with status $?: $(cat "$lab/quiet")"
equal "$(cat "$lab/quiet")" "0 packets, 0 lost" "a trace of nothing"

# Of 1,000 echo requests and their answers each, as they came and as they leave. Probes tell when the capture has begun; it
# waits for more than come, and Ctrl-C ends it.
watch capture capture --vrf a --from 10.0.0.10 --to 10.20.0.2 --protocol icmp --either --count 1000000 --snap 1000 \
	-w "$lab/flow.pcapng"
begun() {
	ip netns exec "$(ns host)" ping -q -c 1 -W 1 -e 1 10.20.0.2 >"$lab/probe" || :
	[ "$(stat -c %s "$lab/flow.pcapng")" -gt 200 ]
}
wait_for 60 "the capture to begin" begun
at host ping -q -c 1000 -i 0.002 -W 2 -e 4242 10.20.0.2 >"$lab/pings" || :
grep -q ' 1000 received' "$lab/pings" || fail "pings: $(cat "$lab/pings")"
captured() { [ "$(tshark -r "$lab/flow.pcapng" -Y 'icmp.ident == 4242' 2>"$lab/tshark.log" | wc -l)" -ge 4000 ]; }
wait_for 10 "all frames to be there" captured
stop capture INT || fail "the capture ended with status $?: $(cat "$lab/capture.log")"
grep -q ' packets, 0 lost$' "$lab/capture.log" || fail "the capture: $(cat "$lab/capture.log")"

# read_frames FIELD...: of each frame, as tshark has it.
read_frames() {
	local fields=() field
	for field in "$@"; do fields+=(-e "$field"); done
	tshark -r "$lab/flow.pcapng" -Y 'icmp.ident == 4242' -T fields -E separator=, "${fields[@]}" 2>"$lab/tshark.log"
}
read_frames frame.interface_name frame.packet_flags_direction frame.packet_id frame.comment icmp.type >"$lab/frames"
equal "$(wc -l <"$lab/frames")" 4000 "frames of 2,000 packets"
# both frames of a packet have its id
equal "$(cut -d, -f3 "$lab/frames" | sort | uniq -c | awk '{ print $1 }' | sort -u)" 2 "frames of each packet id"
equal "$(grep -c 'vrf a; \(forwarded\|encapsulated\): ' "$lab/frames")" 4000 "frames with their verdict"
equal "$(cut -d, -f1 "$lab/frames" | sort -u | paste -sd' ')" "up0 vtep" "interfaces of the capture"
tshark -r "$lab/flow.pcapng" -Y 'icmp.ident == 4242 && icmp.type == 8 && frame.interface_name == "vtep"' 2>"$lab/tshark.log" >"$lab/requests"
equal "$(wc -l <"$lab/requests")" 1000 "requests out of the tunnel"
# and each can be explained again
equal "$(ctl explain --interface under0 --pcap "$lab/flow.pcapng" --packet-number 1 -o json | jq -r .verdict.reason)" forwarded \
	"the first packet of the capture"

stop_sluiced
echo "explained, traced and captured as it is"
