#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A subscriber is held to his rate, by UDP and by the kernel's TCP; another one beside him is not, and a changed rate counts
# at once. Under a SYN flood's rate real clients prove themselves and get through.
#
#   client 10.1.0.2, 10.1.0.3 --- cl0 10.1.0.1 sluice sv0 10.2.0.1 --- server 10.2.0.2
. "$(dirname "$0")/lib.sh"

command -v iperf3 >/dev/null || skip "there is no iperf3"
add_ns client sluice server
add_link client eth0 sluice cl0
add_link sluice sv0 server eth0
address client eth0 10.1.0.2/24
address client eth0 10.1.0.3/24
address sluice cl0 10.1.0.1/24
address sluice sv0 10.2.0.1/24
address server eth0 10.2.0.2/24
ip -n "$(ns client)" route add default via 10.1.0.1
ip -n "$(ns server)" route add default via 10.2.0.1
start_sluiced sluice
apply <<'YAML'
vrf: [{name: a}]
interface: [{name: cl0, vrf: a}, {name: sv0, vrf: a}]
rate_limiter:
  - {name: subscriber, rate: 10000000, burst: 250000, scope: source}
qos_policy: [{name: subscriber, rate_limiter: subscriber, dscp: 10}]
policy_rule:
  - {name: udp, vrf: a, match: {source_prefix: 10.1.0.2/31, protocol: 17}, qos_policy: subscriber}
YAML
at server nft -f - <<'NFT'
table ip seen {
	counter marked {}
	counter plain {}
	chain in {
		type filter hook input priority 0
		meta l4proto udp ip dscp 10 counter name marked
		meta l4proto udp ip dscp 0 counter name plain
	}
}
NFT
for port in 5201 5202; do spawn iperf-$port server iperf3 -s -p $port; done
listens() { at server ss -Hltn | grep -q ":$1 "; }
for port in 5201 5202; do wait_for 10 "iperf3" listens $port; done
wait_for 15 "the server" at client ping -c 1 -W 1 10.2.0.2

# received ADDRESS PORT BITS: kbit/s of IP datagrams that arrive, of so many bit/s of data that are sent for 3 s.
received() {
	at client iperf3 -c 10.2.0.2 -B "$1" -p "$2" -u -b "$3" -l 1400 -t 3 -J |
		jq '.end.sum | ((.packets - .lost_packets) * 1428 * 8 / .seconds / 1000 | floor)'
}
within() {
	if [ "$1" -lt "$2" ] || [ "$1" -gt "$3" ]; then fail "$4: $1 kbit/s, not $2 to $3"; fi
}

# 3 s of the rate and a burst of 200 ms.
limited=$(received 10.1.0.2 5201 30M)
within "$limited" 9000 10900 "limited"
[ "$(state rate_limiters subscriber counters.packets)" -gt 1000 ] || fail "drops are not counted"
equal "$(reason rate_limited)" "$(state rate_limiters subscriber counters.packets)" "drops"
received 10.1.0.3 5202 5M >"$lab/other" &
other=$!
within "$(received 10.1.0.2 5201 30M)" 9000 10900 "limited beside another"
wait "$other"
within "$(cat "$lab/other")" 4900 5300 "below the rate"
at server nft -j list counters | jq -e '[.nftables[].counter? | select(. != null) | {(.name): .packets}] | add |
	.marked > 1000 and .plain == 0' >/dev/null || fail "packets are not marked"
apply <<'YAML'
rate_limiter:
  - {name: subscriber, rate: 20000000, burst: 500000, scope: source}
YAML
within "$(received 10.1.0.2 5201 60M)" 18000 21800 "twice the rate"

# TCP of the kernel, whose segments come as one packet of up to 64 KiB.
apply <<'YAML'
policy_rule:
  - {name: tcp, vrf: a, match: {source_prefix: 10.1.0.2/32, protocol: 6}, qos_policy: subscriber}
YAML
tcp=$(at client iperf3 -c 10.2.0.2 -B 10.1.0.2 -p 5201 -t 4 -J | jq '.end.sum_received.bits_per_second / 1000 | floor')
within "$tcp" 8000 22000 "TCP"
echo "UDP at 10 Mbit/s: $limited kbit/s; TCP at 20 Mbit/s: $tcp kbit/s of data"

# More connections than the rate: the first ones of a client are challenged, then it is believed.
serve server "hello"
ctl delete policy_rule tcp >/dev/null
apply <<'YAML'
ddos_profile: [{name: a, vrf: a, syn_rate: 1}]
YAML
for _ in 1 2 3 4 5; do
	at client curl -sf --max-time 10 -o "$lab/answer" http://10.2.0.2/ || fail "a challenged client does not get through"
done
challenged=$(reason syn_challenged)
[ "$challenged" -ge 1 ] || fail "nobody was challenged"
for _ in 1 2 3 4 5; do at client curl -sf --max-time 10 -o "$lab/answer" http://10.2.0.2/ || fail "believed"; done
equal "$(reason syn_challenged)" "$challenged" "SYNs of a source that has proved itself"
echo "challenged $challenged SYNs, 10 of 10 connections"
