#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# New connections a second that real clients get while ten times as many SYNs come from sources that do not exist, next to
# what they get undisturbed: wrk, a connection for each request, to nginx, with a DDoS profile and without.
#
#   client 10.1.0.2, attacker 11.0.0.0/8 --- cl0 10.1.0.1 sluice sv0 10.2.0.1 --- server 10.2.0.2
#
# All share the CPUs. So that only what the flood does to the router and behind it counts, as many SYNs are sent while
# nothing is disturbed, to a MAC that is not the router's: it drops them at once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../lab/stages.sh"

if ! command -v wrk >/dev/null || [ ! -x /usr/sbin/nginx ]; then fail "this needs wrk and nginx"; fi
add_ns client sluice server
add_link client eth0 sluice cl0
add_link sluice sv0 server eth0
address client eth0 10.1.0.2/24
address sluice cl0 10.1.0.1/24
address sluice sv0 10.2.0.1/24
address server eth0 10.2.0.2/24
ip -n "$(ns client)" route add default via 10.1.0.1
ip -n "$(ns server)" route add default via 10.2.0.1
# Each connection leaves a port in TIME_WAIT.
at client sysctl -qw net.ipv4.ip_local_port_range='1024 65535' net.ipv4.tcp_tw_reuse=1
start_sluiced sluice
# What is for the attacker's sources goes to the client, which drops it.
apply <<'YAML'
vrf: [{name: a}]
interface: [{name: cl0, vrf: a}, {name: sv0, vrf: a}]
next_hop: [{name: client, gateway: {interface: cl0, address: 10.1.0.2}}]
next_hop_group: [{name: client, members: [{next_hop: client}]}]
route: [{vrf: a, prefix: 11.0.0.0/8, next_hop_group: client}]
YAML
api_gateway server 10.2.0.2=bench
wait_for 15 "the server" at client curl -sf --max-time 2 -o "$lab/answer" http://10.2.0.2/

seconds=5
[ -z "$quick" ] || seconds=1

# connections: so many a second by wrk.
connections() {
	at client wrk -t 1 -c 16 -d "${seconds}s" --timeout 5s -s "$root/tests/lab/wrk.lua" -H 'Connection: close' \
		http://10.2.0.2/ | tail -n 1 >"$lab/wrk.json"
	jq '.requests / .seconds' "$lab/wrk.json"
}

# flooded CASE MAC RATE: what clients get while SYNs are sent to the MAC. Into the file of the case, and what was sent.
flooded() {
	: >"$lab/flood.log"
	spawn flood client "$(dirname "$0")/flood.py" eth0 "$2" 10.2.0.2 "$3"
	wait_for 30 "the flood" grep -q ready "$lab/flood.log"
	connections >>"$lab/$1"
	stop flood INT || fail "flood.py: $(cat "$lab/flood.log")"
	tail -n 1 "$lab/flood.log" | awk '{ print $1 / $2 }' >>"$lab/$1.sent"
}

profile() { apply <<<"ddos_profile: [{name: a, vrf: a, syn_rate: 100}]"; }

router=$(mac sluice cl0) nobody=02:00:00:00:00:99
# What clients get while SYNs are sent is less than they get alone. A fifth more than ten times: not all can be sent.
alone=$(connections)
rate=$(awk -v alone="$alone" 'BEGIN { print int(alone * 5) }')
flooded rehearsal "$nobody" "$rate"
rate=$(awk '{ print int($1 * 12) }' "$lab/rehearsal")
profile
before=$(reason syn_challenged)
for ((i = 0; i < rounds; i++)); do
	flooded undisturbed "$nobody" "$rate"
	flooded profile "$router" "$rate"
	ctl delete ddos_profile a >/dev/null
	flooded open "$router" "$rate"
	profile
	say "round $((i + 1)): $(tail -qn 1 "$lab"/{undisturbed,profile,open} | tr '\n' ' ')"
done
challenged=$(($(reason syn_challenged) - before))
[ "$challenged" -gt 0 ] || fail "no SYN was challenged"
say "challenged: $challenged"

undisturbed=$(median <"$lab/undisturbed")
row flood "SYNs sent, undisturbed" sluice "$(median <"$lab/undisturbed.sent")" packets/s
row flood "SYNs sent, flooded" sluice "$(median <"$lab/profile.sent")" packets/s
row flood "SYNs a connection" sluice "$(paste "$lab/profile.sent" "$lab/profile" | awk '{ print $1 / $2 }' | median)" ratio
row flood "new connections" undisturbed "$undisturbed" connections/s
row flood "new connections" "with profile" "$(median <"$lab/profile")" connections/s
row flood "new connections" "without" "$(median <"$lab/open")" connections/s
for case in profile open; do
	subject=$([ $case = profile ] && echo "with profile" || echo without)
	ratio=$(paste "$lab/$case" "$lab/undisturbed" | awk '{ print $1 / $2 }' | median)
	row flood "of undisturbed" "$subject" "$ratio" ratio
done
