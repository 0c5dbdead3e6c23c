#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sluice at work, from nothing: installs what is missing, builds, starts the lab drawn in tests/lab/demo_lab.sh and tells
# the story in eight steps. Exits 0 only if every step held. With --keep the lab stays until Enter or Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."

keep=
case ${1:-} in
--keep) keep=1 ;;
'') ;;
*) echo "usage: tests/demo.sh [--keep]" >&2 && exit 2 ;;
esac
if [ "$(id -u)" != 0 ]; then
	echo "tests/demo.sh makes network namespaces and loads XDP programs: run it as root" >&2
	exit 1
fi
tests/setup.sh
echo "building build/release"
mkdir -p build
if ! { cmake --preset release && cmake --build --preset release; } >build/demo.log 2>&1; then
	tail -n 40 build/demo.log
	echo "the build failed; all of it is in build/demo.log" >&2
	exit 1
fi

export SLUICE_BUILD=$PWD/build/release
. tests/lab/lib.sh
. tests/lab/stages.sh
. tests/lab/demo_lab.sh

held=0 steps=0 faults=0
step() {
	steps=$((steps + 1)) faults=0
	printf '\n=== %s. %s\n' "$steps" "$1"
}

# Prints whether the step held, below the lines that show it.
done_step() {
	if [ "$faults" = 0 ]; then
		held=$((held + 1))
		echo "PASS  step $steps"
	else
		echo "FAIL  step $steps"
	fi
}

# expect WHAT COMMAND...: a line, and a fault where the command fails.
expect() {
	local what=$1
	shift
	if "$@"; then
		echo "  ok  $what"
	else
		echo "  NO  $what"
		faults=$((faults + 1))
	fi
}

same() { [ "$1" = "$2" ]; }
contains() { [[ $1 == *"$2"* ]]; }
indent() { sed 's/^/      /'; }

story_apply() {
	step "The whole configuration goes in as one commit"
	echo "  \$ sluicectl diff -f tests/lab/demo.yaml"
	ctl diff -f tests/lab/demo.yaml >"$lab/diff" 2>&1 || :
	grep -A 4 '^+ load_balancer api-a' "$lab/diff" | indent
	echo "      ... $(wc -l <"$lab/diff") lines:" \
		"$(sed -n 's/^+ \([a-z_][a-z_]*\) .*/\1/p' "$lab/diff" | uniq -c | awk '{ printf "%s%s %s", n++ ? ", " : "", $1, $2 }')"
	echo "  \$ sluicectl apply -f tests/lab/demo.yaml"
	expect "applied: $(wc -l <tests/lab/demo.yaml) lines of YAML" applied tests/lab/demo.yaml
	grep '^revision' "$lab/applied" | indent
	wait_for 20 "every next hop to be resolved" programmed next_hops
	expect "every interface, next hop and chain is programmed" all_programmed
	done_step
}

# applied FILE: as one commit; without a terminal to ask on, sluicectl does not ask.
applied() { ctl apply -f "$1" >"$lab/applied" 2>&1 </dev/null || { cat "$lab/applied" && false; }; }

all_programmed() { programmed interfaces && programmed next_hops && programmed port_chains; }

story_tenants() {
	local tenant letter api ai
	step "Both tenants, whose addresses are the same, reach their gateways"
	for letter in a b; do
		tenant=tenant-$letter
		if [ $letter = a ]; then api=198.51.100.10 ai=198.51.100.130; else api=198.51.100.20 ai=198.51.100.140; fi
		answer=$(demo_get $tenant "http://$api/") || answer="(curl: $?)"
		expect "$tenant 10.0.0.10 -> $api: $answer" same "$answer" "gateway=api tenant=$tenant client=10.0.0.10"
		answer=$(demo_get $tenant "http://$ai/v1/completions?tokens=20") || answer="(curl: $?)"
		expect "$tenant 10.0.0.10 -> $ai: $(head -n 1 <<<"$answer") ... $(grep -c token <<<"$answer") tokens" \
			contains "$answer" "gateway=ai tenant=$tenant client=10.0.0.10"
	done
	for letter in a b; do
		echo "  tenant-$letter: $(counter fw "fw-$letter-in" rx_packets) packets into the firewall," \
			"$(counter ids "ids-$letter-in" rx_packets) into the IDS, replies" \
			"$(counter ids "ids-$letter-out" rx_packets) into the IDS," \
			"$(counter fw "fw-$letter-out" rx_packets) into the firewall"
	done
	expect "requests and replies went through both stages" \
		test "$(counter fw fw-a-in rx_packets)" -gt 5 -a "$(counter ids ids-a-in rx_packets)" -gt 5 \
		-a "$(counter ids ids-b-out rx_packets)" -gt 5 -a "$(counter fw fw-b-out rx_packets)" -gt 5
	done_step
}

story_stages() {
	local status=0
	step "The firewall forbids, the IDS raises an alert"
	spawn reached api tcpdump -nn -l -i api-a1 'tcp port 8081'
	wait_for 10 "tcpdump at the gateway" grep -q 'listening on' "$lab/reached.log"
	demo_get tenant-a http://198.51.100.10:8081/ 2>"$lab/refused" || status=$?
	stop reached || :
	expect "port 8081 dies in the firewall: $(head -n 1 "$lab/refused")" test $status -ne 0
	expect "the firewall's rule counted $(firewall_count fw admin) packets, none reached the gateway" \
		test "$(firewall_count fw admin)" -gt 0 -a "$(grep -c ' > .*8081: ' "$lab/reached.log")" = 0
	demo_get tenant-a http://198.51.100.10/sluice-ids-test >/dev/null || :
	if have_suricata; then
		wait_for 10 "Suricata's alert" contains_alert
		expect "alert: $(alerts | head -n 1)" contains_alert
	else
		echo "  --  no Suricata on this machine: the IDS only forwarded and counted, no alert to show"
	fi
	done_step
}

contains_alert() { [[ $(alerts) == *"SLUICE LAB test signature"* ]]; }

story_policy() {
	local result before status=0
	step "Under load, one commit says who may reach tenant a's gateways: an intruder in its network is denied"
	address tenant-a vx100 10.0.0.66/24
	answer=$(demo_get tenant-a --interface 10.0.0.66 http://198.51.100.10/) || answer="(curl: $?)"
	expect "before, 10.0.0.66 is served: $answer" contains "$answer" client=10.0.0.66
	before=$(counter api api-a1 rx_packets)
	load policy tenant-a 16 http://198.51.100.10/
	wait_for 30 "load" more_than api-a1 $((before + 2000))
	echo "  \$ sluicectl apply -f tests/lab/demo-policy.yaml"
	expect "applied while $(counter api api-a1 rx_packets) packets had come" applied tests/lab/demo-policy.yaml
	before=$(counter api api-a1 rx_packets)
	demo_get tenant-a --interface 10.0.0.66 --max-time 1 http://198.51.100.10/ >/dev/null 2>"$lab/intruder" || status=$?
	expect "10.0.0.66: $(head -n 1 "$lab/intruder")" test $status -ne 0
	wait_for 30 "more load" more_than api-a1 $((before + 2000))
	load_result policy
	expect "tenant-a's own requests, $(jq .requests <<<"$result") of them: $(errors "$result") failed" same "$(errors "$result")" 0
	echo "  \$ sluicectl show policy_rules"
	ctl show policy_rules 2>&1 | indent
	expect "the rule has denied $(rule_packets tenant-a-rest) packets" test "$(rule_packets tenant-a-rest)" -gt 0
	answer=$(demo_get tenant-b http://198.51.100.20/) || answer="(curl: $?)"
	expect "tenant-b, which has the same addresses and no policy: $answer" contains "$answer" tenant=tenant-b
	done_step
}

rule_packets() { show_json policy_rules ".states[] | select(.key == \"$1\") | .counters.packets // 0"; }

story_commit() {
	local result journey stream ids_then ids_later first second tokens=600
	step "Under load, one commit moves the API route to the second uplink and takes the IDS out"
	capture ids ids ids-a-in 'tcp and dst host 198.51.100.10'
	capture uplink1 api api-a1 'tcp and dst net 10.3.1.0/24'
	capture uplink2 api api-a2 'tcp and dst net 10.3.1.0/24'
	first=$(counter api api-a1 rx_packets) second=$(counter api api-a2 rx_packets)
	spawn stream tenant-a curl -sS -N --max-time 60 "http://198.51.100.130/v1/completions?tokens=$tokens&interval=8"
	load wrk tenant-a 16 http://198.51.100.10/
	wait_for 30 "load on the first uplink" more_than api-a1 $((first + 5000))
	expect "before the commit: nothing on the second uplink" same "$second" "$(counter api api-a2 rx_packets)"
	echo "  \$ sluicectl apply -f tests/lab/demo-change.yaml"
	expect "applied while $(counter api api-a1 rx_packets) packets had come by the first uplink" \
		applied tests/lab/demo-change.yaml
	grep '^revision' "$lab/applied" | indent
	wait_for 30 "load on the second uplink" more_than api-a2 $((second + 2000))
	first=$(counter api api-a1 rx_packets)
	ids_then=$(counter ids ids-a-in rx_packets)
	wait "$(cat "$lab/stream.pid")" || :
	stream=$(grep -c '^data: token' "$lab/stream.log")
	load_result wrk
	ids_later=$(counter ids ids-a-in rx_packets)
	for place in ids uplink1 uplink2; do captured $place; done
	journey=$(/usr/bin/python3 tests/lab/journey.py ids="$lab/ids.pcap" uplink1="$lab/uplink1.pcap" uplink2="$lab/uplink2.pcap")
	echo "  wrk: $(jq -r '"\(.requests) requests in \(.seconds) s on 16 connections, median \(.p50_us) us, p99 \(.p99_us) us"' <<<"$result")"
	expect "$(errors "$result") failed requests and connections" same "$(errors "$result")" 0
	expect "connections opened: $(opened uplink1) before the commit, $(opened uplink2) after it" same "$(opened uplink2)" 0
	expect "the token stream that ran all the while: $stream of $tokens tokens" same "$stream" "$tokens"
	expect "first uplink: no packet more; second: $(counter api api-a2 rx_packets) packets" quiet api-a1 "$first"
	echo "  packets by the places where they were seen: $journey"
	expect "no packet took the first uplink past the IDS" same "$(jq '.uplink1 // 0' <<<"$journey")" 0
	expect "$(caught "$journey") packets were inside the IDS at that instant, and went on by the new route" \
		test "$(caught "$journey")" -le 200
	expect "the IDS sees no packet of tenant-a any more: $ids_then in all" same "$ids_then" "$ids_later"
	done_step
}

caught() { jq '."ids+uplink2" // 0' <<<"$1"; }
# opened CAPTURE: connections that began there.
opened() { tcpdump -nn -r "$lab/$1.pcap" 'tcp[tcpflags] & tcp-syn != 0' 2>/dev/null | wc -l; }
more_than() { [ "$(counter api "$1" rx_packets)" -gt "$2" ]; }
quiet() { [ "$(counter api "$1" rx_packets)" -le $(($2 + 1)) ]; }

story_canary() {
	local result before after revision number
	step "Under load, one commit gives a tenth of tenant a's connections to a canary, and one takes it back"
	revision=$(revision)
	spawn canary tenant-a wrk -t 1 -c 8 -d 300s --timeout 5s -s "$root/tests/lab/wrk.lua" -H 'Connection: close' http://198.51.100.10/
	wait_for 30 "connections" connected $(($(others) + 200))
	expect "before the commit: no connection of the canary" same "$(canaries)" 0
	echo "  \$ sluicectl apply -f tests/lab/demo-canary.yaml"
	expect "applied while $(others) connections had come" applied tests/lab/demo-canary.yaml
	before=$(demo_connections)
	wait_for 60 "connections" connected $((${before#* } + 3000))
	after=$(demo_connections)
	number=$((${after% *} - ${before% *}))
	expect "$number of $((number + ${after#* } - ${before#* })) connections went to the canary" \
		a_tenth $number $((number + ${after#* } - ${before#* }))
	echo "  \$ sluicectl rollback $revision"
	expect "back, under the same load" rolled_back "$revision"
	before=$(canaries)
	wait_for 30 "connections" connected $(($(others) + 500))
	expect "$(($(canaries) - before)) connections of the canary behind it" same "$(canaries)" "$before"
	load_result canary
	expect "$(jq .requests <<<"$result") requests, a connection each: $(errors "$result") failed" same "$(errors "$result")" 0
	done_step
}

canaries() { demo_connections | cut -d' ' -f1; }
others() { demo_connections | cut -d' ' -f2; }
connected() { [ "$(others)" -ge "$1" ]; }
# a_tenth PART ALL: four standard deviations of 3,000 are 22 in 1,000.
a_tenth() { [ $(($1 * 1000 / $2)) -ge 78 ] && [ $(($1 * 1000 / $2)) -le 122 ]; }
rolled_back() { ctl rollback "$1" -y >"$lab/rollback" 2>&1 </dev/null || { cat "$lab/rollback" && false; }; }

story_refusal() {
	local before after status=0
	step "A commit with one bad change among good ones is refused whole"
	before=$(desired)
	echo "  \$ sluicectl apply -y -f tests/lab/demo-bad.yaml"
	ctl apply -y -f tests/lab/demo-bad.yaml >"$lab/bad" 2>&1 || status=$?
	indent <"$lab/bad"
	expect "refused (exit status $status), and the error names the prefix" \
		test $status -ne 0 -a -n "$(grep -F '198.51.100.1/24' "$lab/bad")"
	after=$(desired)
	expect "nothing has changed: revision, routes, next hops, chains" same "$before" "$after"
	answer=$(demo_get tenant-a http://198.51.100.10/) || answer="(curl: $?)"
	expect "tenant-a is still served: $answer" contains "$answer" gateway=api
	done_step
}

story_show() {
	local kind
	step "What the router says of itself"
	demo_get tenant-a --max-time 1 http://203.0.113.1/ >"$lab/unrouted" 2>&1 || :
	for kind in routes members tunnel_endpoints port_chains port_pair_groups drops; do
		echo "  \$ sluicectl show $kind"
		ctl show "$kind" >"$lab/show" 2>&1 || faults=$((faults + 1))
		indent <"$lab/show"
	done
	expect "the routes have hit counters" routes_were_hit
	expect "what tenant-a sent to 203.0.113.1 was dropped, for the reason that there is no route" \
		test "$(reason no_route)" -gt 0
	done_step
}

# Revision and resources without their counters.
desired() {
	ctl status -o json | jq .revision
	local kind
	for kind in routes next_hops next_hop_groups port_chains; do
		show_json "$kind" 'del(.. | .counters?, .sent?)'
	done
}

routes_were_hit() { [ "$(show_json routes '[.. | .counters? | .packets? // empty | tonumber] | max')" -gt 1000 ]; }

keep_lab() {
	cat <<-TEXT
		The lab stays up until you press Enter or Ctrl-C. To look around, as root in another shell:
		  $sluicectl --server unix:$lab/sluice.sock show interfaces
		  $sluicectl --server unix:$lab/sluice.sock show routes -o yaml
		  ip netns exec $(ns tenant-a) curl http://198.51.100.10/
		  ip netns exec $(ns fw) nft list ruleset
		  tail -f $lab/ids/eve.json $lab/sluiced.log
	TEXT
	read -r || tail -f /dev/null
}

echo "starting the lab: two tenants, underlay, firewall, IDS, two gateways, Sluice"
demo_lab
start_sluiced sluice
echo "up after $SECONDS s; $("$sluiced" --version) on kernel $(uname -r)"
have_suricata || echo "no Suricata could be had: the IDS stage only forwards and counts"
story_apply
story_tenants
story_stages
story_policy
story_commit
story_canary
story_refusal
story_show
echo
if [ -n "$keep" ]; then
	keep_lab
fi
echo "$held of $steps steps held, $SECONDS s"
[ "$held" = "$steps" ]
