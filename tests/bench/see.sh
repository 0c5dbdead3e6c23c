#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What seeing costs, and whether it sees all: a rehearsal with 100,000 connections, captures and traces of a slow flow
# among a million packets a second, forwarding with sFlow and without, a scrape of a router with the Internet's table
# beside node_exporter's, commits while it is scraped, and what the page weighs. JSON rows on stdout.
#
#   gen-see: g0 --- in0 10.0.0.1 : see : out0 10.255.0.1 --- s0 10.255.0.2 : sink-see
#
# Explain against what is observed is `SLUICE_LONG=1 tests/run.sh bpf bpf_router --long`; what it costs when nothing is
# switched on is `tests/bench/run.sh cost --against BUILD_DIR`.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
[ -x "$build/tests/bench/bench_policy_traffic" ] || fail "there is no bench_policy_traffic in $build: build it, or set SLUICE_BUILD"
export SEE_QUICK=$quick

# see COMMAND: see.py in the lab of the router `see`.
see() { "$here/see.py" "$1" "$prefix" "$sluicectl" "unix:$lab/sluice.sock" "$build/tests/bench" "$rounds" "$lab"; }

between see
address gen-see g0 10.0.0.2/24
ip -n "$(ns gen-see)" route add default via 10.0.0.1
echo 'sampling: 1000' >"$lab/samples.yaml"
start_sluiced see --config "$lab/samples.yaml"
see seen || fail "see.py"
stop_sluiced

# Forwarding, in turns with and without a collector; each in a daemon of its own.
printf 'sampling: 1000\nsflow: {collectors: "127.0.0.1:6343"}\n' >"$lab/sflow.yaml"
spawn collector see python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 6343))
while s.recv(65536): pass'
for ((round = 1; round <= rounds; round++)); do
	for way in without sflow; do
		config=/dev/null
		[ $way = without ] || config=$lab/sflow.yaml
		start_sluiced see --config "$config"
		see rate >>"$lab/$way.rates" || fail "see.py"
		stop_sluiced
	done
done
paste "$lab/sflow.rates" "$lab/without.rates" | awk '{ print $1 / $2 }' >"$lab/sflow.ratio"
row see "forwarding with sFlow, 1 in 1,000" "with / without" "$(median <"$lab/sflow.ratio")" ratio
stop collector || : # by the signal

# A scrape takes: seconds of each, in turns.
table "$lab/table"
add_ns router
start_sluiced router --limits=internet --web 9111
apply <<-END
	vrf: [{name: internet}]
	next_hop: [{name: transit, discard: {}}, {name: bench-a, discard: {}}, {name: bench-b, discard: {}}]
	next_hop_group: [{name: transit, members: [{next_hop: transit}]}, {name: bench-a, members: [{next_hop: bench-a}]},
	                 {name: bench-b, members: [{next_hop: bench-b}]}]
END
ctl load "$lab/table" --vrf internet --next-hop-group transit >"$lab/load.out" 2>&1 || fail "load: $(cat "$lab/load.out")"
spawn exporter router prometheus-node-exporter --web.listen-address=127.0.0.1:9100
scrape() { at router curl -sf -o "$lab/$1.txt" -w '%{time_total}\n' "http://127.0.0.1:$2/metrics"; }
wait_for 10 "node_exporter" scrape node 9100
for ((i = 0; i < 10 * rounds; i++)); do
	scrape node 9100 >>"$lab/node.seconds" || fail "a scrape of node_exporter"
	scrape sluice 9111 >>"$lab/sluice.seconds" || fail "a scrape of sluiced"
done
what="a scrape with $(wc -l <"$lab/table") routes"
for name in node sluice; do row see "$what" $name "$(median <"$lab/$name.seconds" | awk '{ print $1 * 1000 }')" ms; done
row see "$what" "sluice / node" "$(awk -v a="$(median <"$lab/sluice.seconds")" -v b="$(median <"$lab/node.seconds")" 'BEGIN { print a / b }')" ratio
stop exporter || :

# Commits of a route, in turns while nobody scrapes and while somebody does once a second (Prometheus: every 15 s).
seconds=5
[ -z "$quick" ] || seconds=0.5
p99() { "$build/tests/bench/bench_commit" "unix:$lab/sluice.sock" route 1 "$seconds" | jq .p99; }
for ((round = 1; round <= rounds; round++)); do
	alone=$(p99) || fail bench_commit
	spawn scraper router sh -c 'while curl -sf -o /dev/null http://127.0.0.1:9111/metrics; do sleep 1; done'
	scraped=$(p99) || fail bench_commit
	stop scraper || :
	awk -v a="$scraped" -v b="$alone" 'BEGIN { print a / b }' >>"$lab/p99.ratio"
	say "commits' p99: $alone us, and $scraped us while it is scraped"
done
row see "commits' p99 with $(wc -l <"$lab/table") routes" "scraped / not" "$(median <"$lab/p99.ratio")" ratio
stop_sluiced

page=$(SLUICE_BARS=1 "$here/../lab/test_page.sh" 2>&1) || fail "the page: $page"
say "$page"
row see "the page, first view" sluice "$(sed -n 's/^first view: \([0-9]*\) ms.*/\1/p' <<<"$page")" ms
row see "the page, first view" sluice "$(sed -n 's/^first view: .* ms, \([0-9]*\) bytes/\1/p' <<<"$page")" bytes
row see "the page with 10,000 routes, longest to the next frame" sluice \
	"$(sed -n 's/^with 10,000 routes: \(.*\) ms to the next frame/\1/p' <<<"$page" | tr -d ' ' | tr , '\n' | largest)" ms
