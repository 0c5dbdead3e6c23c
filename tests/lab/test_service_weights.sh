#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Weights that follow what probes measure: a member whose answers come late loses weight in small steps, and with it new
# flows, while those that it has go on; it stands still while a member is down, over a restart of sluice-health as well;
# then it comes back. Why is listed.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.11 to .15 members
#       hc1 10.6.0.2 --- hc0 10.6.0.1
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/services.sh"
health=$build/vnf/health/sluice-health
[ -x "$health" ] || fail "there is no $health: build it, or set SLUICE_BUILD"

service_network
ip -n "$(ns sluice)" link add hc0 type veth peer name hc1
for each in hc0 hc1; do ip -n "$(ns sluice)" link set "$each" up; done
address sluice hc1 10.6.0.2/24
ip -n "$(ns sluice)" route add default via 10.6.0.1 dev hc1 table 100
ip -n "$(ns sluice)" rule add oif hc1 lookup 100
cat >"$lab/health.yaml" <<-YAML
	target: unix:$lab/sluice.sock
	vrfs:
	  x: {device: hc1, ipv4_source: 10.6.0.2}
YAML
for last in 11 12 13; do
	member members m$last 10.9.0.$last:9000
	echo 200 0.02 >"$lab/m$last"
done
# answers STATUS SECONDS: of the member's file m11 to m13, which is read at each probe.
spawn probed members /usr/bin/python3 -c '
import http.server, sys, time
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, late = open(sys.argv[1] + "/m" + self.headers["Host"].split(":")[0].split(".")[3]).read().split()
        time.sleep(float(late))
        self.send_response(int(status))
        self.end_headers()
    def log_message(self, *arguments): pass
http.server.ThreadingHTTPServer(("0.0.0.0", 8000), Answer).serve_forever()' "$lab"
answers() {
	echo "$2 $3" >"$lab/$1.new"
	mv "$lab/$1.new" "$lab/$1"
}
factor() { state member "$1" member_status.weight_factor_per_mille; }
factor_is() { [ "$(factor "$1")" = "$2" ]; }
at_most() { [ "$(factor "$1")" -le "$2" ]; }
at_least() { [ "$(factor "$1")" -ge "$2" ]; }
says() { state member "$1" member_status.health | grep -q "$2"; }
start_health() { spawn health sluice "$health" --config "$lab/health.yaml" --log-level debug; }
# asked MEMBER: which of 900 new flows it gets.
asked() { ask client 203.0.113.1 9000 900 | sed "s/.*$1 \([0-9]*\).*/\1/"; }

start_sluiced sluice
apply <<-YAML
	vrf: {name: x}
	interface:
	  - {name: cl0, vrf: x}
	  - {name: up0, vrf: x}
	  - {name: hc0, vrf: x, gateway_addresses: [{address: 10.6.0.1/24}]}
	next_hop: {name: hc, gateway: {interface: hc0, address: 10.6.0.2, mac: "$(mac sluice hc1)"}}
	next_hop_group: {name: hc, members: [{next_hop: hc}]}
	route: {vrf: x, prefix: 10.6.0.2/32, next_hop_group: hc}
	load_balancer: {name: web, vrf: x, vip_address: 203.0.113.1}
	listener: {name: web, load_balancer: web, pools: [{pool: web}]}
	pool: {name: web, vrf: x, on_member_down: keep}
	member:
	  - {name: m11, pool: web, address: 10.9.0.11, monitor_port: 8000}
	  - {name: m12, pool: web, address: 10.9.0.12, monitor_port: 8000}
	  - {name: m13, pool: web, address: 10.9.0.13, monitor_port: 8000}
	health_monitor: {name: web, pool: web, type: http, delay_milliseconds: 300, max_retries_down: 2}
YAML
start_health
measured() { [ "$(state member "$1" member_status.latency_microseconds)" -gt "$2" ]; }
answers m13 200 0.12
wait_for 15 "the answers of m13 to be late" measured m13 100000
wait_for 15 "the answers of m11" measured m11 0
equal "$(factor m13)" 1000 "the factor of a slow member, with latency_weights off"
flows streams client 203.0.113.1 9000 30
had=$(flows_of streams m13)

# --- a slow member falls ---
weights="latency_weights: {interval_seconds: 1, dead_band_percent: 60, floor_percent: 50}"
apply <<<"pool: {name: web, vrf: x, on_member_down: keep, $weights}"
wait_for 30 "m13 to fall" factor_is m13 500
equal "$(factor m11) $(factor m12)" "1000 1000" "the others' factors"
equal "$(state member m13 member_status.share_per_mille)" 200 "the share of m13"
says m13 'weight 500/1000: its probes take [0-9]* us, the median is [0-9]* us' || fail "why is not said: $(ctl show members -o wide)"
slow=$(asked m13)
((slow > 100 && slow < 240)) || fail "m13 has half its weight, and $slow of 900 flows"
flows_go_on streams 30 "while weights fall"
equal "$(flows_of streams m13)" "$had" "flows of the slow member"
echo "ok fall: $slow of 900 new flows, $had old ones stay"

# --- nothing moves while one is down, nor over a restart of sluice-health, nor as the monitor changes ---
answers m12 500 0.02
wait_for 15 "m12 to be down" eval "[ \$(state member m12 programmed) = not_programmed ]"
answers m13 200 0.02
wait_for 10 "why weights stand still" says m13 'weight 500/1000 stays: m12 is down'
stop health KILL || :
start_health
# seen_by MEMBER IS TIMES: so often a prober has said so that knew nothing of it before, or otherwise.
seen_by() { [ "$(grep -c "web/$1: $2" "$lab/health.log")" -ge "$3" ]; }
wait_for 20 "the new prober to see m12" seen_by m12 down 2
wait_for 20 "the new prober to see m13" seen_by m13 up 2
equal "$(factor m13)" 500 "the factor by a new prober"
apply <<<'health_monitor: {name: web, pool: web, type: http, delay_milliseconds: 250, max_retries_down: 2}'
wait_for 15 "m12 to be seen by the new monitor" seen_by m12 down 3
wait_for 15 "m13 to be seen by the new monitor" seen_by m13 up 3
equal "$(factor m13)" 500 "the factor by a monitor that has changed"

# --- and back ---
answers m12 200 0.02
wait_for 30 "m13 to come back" at_least m13 800
flows_go_on streams 30 "while weights rise"
(($(state member m13 member_status.share_per_mille) >= 285)) || fail "the share of m13: $(ctl show members -o wide)"
sed -n 's,.*weight factor \([0-9]*\)/1000\, was \([0-9]*\):.*,\1 \2,p' "$lab/health.log" >"$lab/steps"
(($(wc -l <"$lab/steps") >= 8)) || fail "steps: $(cat "$lab/steps")"
awk '$1 - $2 > 100 || $2 - $1 > 100 { exit 1 }' "$lab/steps" || fail "a step of more than a tenth: $(cat "$lab/steps")"
echo "ok back: $(wc -l <"$lab/steps") steps"

# --- off, while nobody probes ---
answers m13 200 0.12
wait_for 20 "m13 to fall again" at_most m13 900
stop health || fail "sluice-health ended with status $?: $(tail -n 30 "$lab/health.log")"
apply <<<'pool: {name: web, vrf: x, on_member_down: keep}'
wait_for 5 "the whole weight" factor_is m13 1000
equal "$(state member m13 member_status.share_per_mille)" 333 "the share of m13 without latency_weights"
stop streams || :
stop_sluiced
