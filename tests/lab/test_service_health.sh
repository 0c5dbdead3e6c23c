#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sluice-health, without privileges but CAP_NET_RAW, probes members through the dataplane, gateways by BFD and boxes by
# frames through them. What dies is out, what comes back is in, also while either daemon starts again.
#
#   hc1 10.6.0.2 --- hc0 10.6.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server: m1 to m3 at ports 8001 to 8003
#                                        up1 10.8.1.1 --- eth1 10.8.1.2 peer (BFD), 10.5.0.2 on lo
#                                        up2 10.8.2.1 --- eth2 10.8.2.2 backup, 10.5.0.2 on lo
#                                        in, out --- box, a bridge
. "$(dirname "$0")/lib.sh"
health=$build/vnf/health/sluice-health
[ -x "$health" ] || fail "there is no $health: build it, or set SLUICE_BUILD"

add_ns sluice server peer backup box
add_server
for each in peer:1 backup:2; do
	add_link sluice "up${each#*:}" "${each%:*}" "eth${each#*:}"
	address sluice "up${each#*:}" "10.8.${each#*:}.1/24"
	address "${each%:*}" "eth${each#*:}" "10.8.${each#*:}.2/24"
	address "${each%:*}" lo 10.5.0.2/32
	ip -n "$(ns "${each%:*}")" route add default via "10.8.${each#*:}.1"
done
add_link sluice in box eth0
add_link sluice out box eth1
ip -n "$(ns box)" link add bridge type bridge
for each in eth0 eth1; do ip -n "$(ns box)" link set "$each" master bridge; done
ip -n "$(ns box)" link set bridge up

# The VRF's way to the prober: hc0 is the router's, hc1 the kernel's.
ip -n "$(ns sluice)" link add hc0 type veth peer name hc1
for each in hc0 hc1; do ip -n "$(ns sluice)" link set "$each" up; done
address sluice hc1 10.6.0.2/24
ip -n "$(ns sluice)" route add default via 10.6.0.1 dev hc1 table 100
ip -n "$(ns sluice)" rule add oif hc1 lookup 100
at sluice sysctl -qw net.ipv4.ping_group_range="0 2147483647"
cat >"$lab/health.yaml" <<-YAML
	target: unix:$lab/sluice.sock
	vrfs:
	  x: {device: hc1, ipv4_source: 10.6.0.2}
YAML

member_server() {
	spawn "m$1" server /usr/bin/python3 -c '
import http.server, socketserver, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204 if self.path == "/healthz" and self.headers["Host"] == "api.example:" + sys.argv[1] else 404)
        self.end_headers()
    def log_message(self, *arguments): pass
class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
Server(("10.9.0.2", int(sys.argv[1])), Answer).serve_forever()' "800$1"
	wait_for 10 "member $1" at server curl -s -o /dev/null "http://10.9.0.2:800$1/"
}

start_health() {
	spawn health sluice setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all,+net_raw \
		--ambient-caps=-all,+net_raw --bounding-set=-all,+net_raw "$health" --config "$lab/health.yaml" --log-level debug
}
chmod 755 "$lab"

is() { [ "$(state "$1" "$2" programmed)" = "$3" ]; }
up() { is "$1" "$2" programmed; }
down() { is "$1" "$2" not_programmed; }
probing() { [ "$(state health_monitor web health_monitor_status.probing)" = true ]; }
heard_of() { state health_monitor "$1" health_monitor_status | jq -e ".targets[] | select(.name == \"$2\") | .up == $3"; }

mkdir "$lab/state"
start_sluiced sluice --state "$lab/state"
chmod 777 "$lab/sluice.sock"
for i in 1 2 3; do member_server "$i"; done
apply <<-YAML
	vrf: {name: x, kernel: true}
	interface:
	  - {name: up0, vrf: x}
	  - {name: up1, vrf: x}
	  - {name: up2, vrf: x}
	  - {name: in, vrf: x}
	  - {name: out, vrf: x}
	  - {name: hc0, vrf: x, gateway_addresses: [{address: 10.6.0.1/24}]}
	next_hop:
	  - {name: hc, gateway: {interface: hc0, address: 10.6.0.2, mac: "$(mac sluice hc1)"}}
	  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
	  - {name: peer, gateway: {interface: up1, address: 10.8.1.2}}
	  - {name: backup, gateway: {interface: up2, address: 10.8.2.2}}
	next_hop_group:
	  - {name: hc, members: [{next_hop: hc}]}
	  - {name: server, members: [{next_hop: server}]}
	  - {name: uplinks, members: [{next_hop: peer}, {next_hop: backup, backup: true}]}
	route:
	  - {vrf: x, prefix: 10.6.0.2/32, next_hop_group: hc}
	  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: server}
	  - {vrf: x, prefix: 10.5.0.0/24, next_hop_group: uplinks}
	pool: {name: web, vrf: x}
	member:
	  - {name: m1, pool: web, address: 10.9.0.2, port: 8001}
	  - {name: m2, pool: web, address: 10.9.0.2, port: 8002}
	  - {name: m3, pool: web, address: 10.9.0.2, port: 8003}
	health_monitor:
	  - {name: web, pool: web, type: http, delay_milliseconds: 400, max_retries_down: 2, url_path: /healthz,
	     domain_name: api.example, expected_codes: 200-204}
YAML
wait_for 20 "the next hops" programmed next_hops
start_health
wait_for 20 "the prober" probing

# --- members ---
sleep_until_told() { wait_for 15 "m$1 to be $2" "$2" member "m$1"; }
stop m2 || :
sleep_until_told 2 down
up member m1 || fail "m1 is down, too: $(cat "$lab/health.log")"
up member m3 || fail "m3 is down, too: $(cat "$lab/health.log")"
member_server 2
sleep_until_told 2 up
echo "HTTP: a member that was killed is out, and in again"

# Of all at once the prober is suspected.
ip -n "$(ns server)" address del 10.9.0.2/24 dev eth0
wait_for 15 "the panic" grep -q "of 3 targets fail at once" "$lab/health.log"
for i in 1 2 3; do up member "m$i" || fail "m$i is down in a panic"; done
address server eth0 10.9.0.2/24
ip -n "$(ns server)" route add default via 10.9.0.1
wait_for 15 "the end of the panic" grep -q "panic is over" "$lab/health.log"
echo "panic floor: all three fail at once, and are kept"

# m1 serves it, m3 does not; nobody is at port 8009.
spawn grpc server /usr/bin/python3 -c '
import grpc, concurrent.futures
check = grpc.unary_unary_rpc_method_handler(lambda request, context: b"\x08\x01" if request == b"\x0a\x03api" else b"\x08\x02")
server = grpc.server(concurrent.futures.ThreadPoolExecutor(2), options=[("grpc.so_reuseport", 0)])
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": check})])
server.add_insecure_port("10.9.0.2:9001")
server.start()
server.wait_for_termination()'
spawn udp server /usr/bin/python3 -c '
import socket
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.bind(("10.9.0.2", 9001))
while True: one.sendto(b"hello", one.recvfrom(100)[1])'
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=m1 -keyout "$lab/key.pem" -out "$lab/cert.pem" 2>/dev/null
spawn https server openssl s_server -quiet -www -accept 10.9.0.2:9002 -key "$lab/key.pem" -cert "$lab/cert.pem"

# seen TYPE FIELDS M1 M3: by probes of the type, with these fields of the monitor and of both members, m1 is up and m3 down;
# m3 comes up with what m1 has.
seen() {
	apply <<-YAML
		member:
		  - {name: m1, pool: web, address: 10.9.0.2, port: 8001, $3}
		  - {name: m3, pool: web, address: 10.9.0.2, port: 8003, $4}
		health_monitor: {name: web, pool: web, type: $1, delay_milliseconds: ${5:-400}, max_retries_down: 2, panic_percent: 100$2}
	YAML
	wait_for 15 "m3 to be down by $1" down member m3
	wait_for 15 "m1 to be up by $1: $(state member m1 reason)" up member m1
	apply <<-YAML
		member: {name: m3, pool: web, address: 10.9.0.2, port: 8003, $3}
	YAML
	wait_for 15 "m3 to be up by $1" up member m3
	echo "$1: one is seen up and one down, which comes back"
}
seen tcp "" "monitor_port: 8001" "monitor_port: 8009"
seen http ", url_path: /healthz, domain_name: api.example, expected_codes: '204'" "monitor_port: 8001" "monitor_port: 8009"
seen https "" "monitor_port: 9002" "monitor_port: 8003"
seen grpc ", grpc_service: api" "monitor_port: 9001" "monitor_port: 8003"
seen udp "" "monitor_port: 9001" "monitor_port: 8009" 1200 # hosts send an unreachable a second
seen ping "" "monitor_address: 10.9.0.2" "monitor_address: 10.9.0.77"

# --- gateways ---
# lasted FROM UNTIL: milliseconds between two times, one in seconds, one as sluice-health logs it.
lasted() { /usr/bin/python3 -c '
import datetime, sys
print(round(1000 * (datetime.datetime.fromisoformat(sys.argv[2].replace("Z", "+00:00")).timestamp() - float(sys.argv[1]))))' "$@"; }
# logged TEXT: the time of the last line in sluice-health's log that ends with it.
logged() { grep -- "$1" "$lab/health.log" | tail -n 1 | cut -d ' ' -f 1; }

spawn bfd peer /usr/bin/python3 "$root/tests/lab/bfd_peer.py" 10.8.1.2 10.8.1.1 3784
apply <<-YAML
	health_monitor: {name: gateways, next_hop_group: uplinks, type: bfd, panic_percent: 100}
YAML
wait_for 15 "BFD to be up" grep -q '^up' "$lab/bfd.log"
wait_for 15 "the verdict" heard_of gateways peer true
wait_for 15 "the verdict on who speaks no BFD" heard_of gateways backup false
apply <<-YAML
	health_monitor: {name: gateways, next_hop_group: uplinks, type: ping, delay_milliseconds: 100, panic_percent: 100}
YAML
wait_for 15 "echoes of the backup" heard_of gateways backup true
fast_before=$(grep -c '^fast' "$lab/bfd.log")
fast_again() { [ "$(grep -c '^fast' "$lab/bfd.log")" -gt "$fast_before" ]; }
apply <<-YAML
	health_monitor: {name: gateways, next_hop_group: uplinks, type: bfd, panic_percent: 100}
	next_hop_group: {name: uplinks, members: [{next_hop: peer}]}
YAML
wait_for 15 "BFD to be up and fast again" fast_again # until then a second is an interval (RFC 5880 6.8.3)
kill -USR1 "$(cat "$lab/bfd.pid")"
wait_for 10 "the peer to be out" heard_of gateways peer false
wait_for 10 "the group to say so" down next_hop_group uplinks
took=$(lasted "$(sed -n 's/^silent //p' "$lab/bfd.log")" "$(logged "gateways/peer: down")")
echo "BFD: a peer that falls silent is down after $took ms"
((took <= 350 + ${SLUICE_SLACK_MS:-150})) || fail "BFD took $took ms"
stop bfd || :
spawn bfd peer /usr/bin/python3 "$root/tests/lab/bfd_peer.py" 10.8.1.2 10.8.1.1 3784
wait_for 15 "BFD to come back" up next_hop_group uplinks

# --- a box that is up but does not forward ---
apply <<-YAML
	port_pair: {name: p, ingress: in, egress: out}
	port_pair_group: {name: boxes, port_pairs: [p]}
	health_monitor: {name: boxes, port_pair_group: boxes, type: stage}
YAML
wait_for 15 "frames through the box" heard_of boxes p true
up port_pair p || fail "$(state port_pair p reason)"
began=$(date +%s.%N)
ip -n "$(ns box)" link set bridge down
wait_for 10 "the box to be out" down port_pair p
took=$(lasted "$began" "$(logged "boxes/p: down")")
echo "STAGE: a box that swallows frames is down after $took ms"
((took <= 200 + ${SLUICE_SLACK_MS:-150})) || fail "STAGE took $took ms"
ip -n "$(ns box)" link set bridge up
wait_for 15 "the box to be in again" up port_pair p

# --- restarts ---
apply <<-YAML
	member:
	  - {name: m1, pool: web, address: 10.9.0.2, port: 8001}
	  - {name: m3, pool: web, address: 10.9.0.2, port: 8003}
	health_monitor: {name: web, pool: web, type: tcp, delay_milliseconds: 400, max_retries_down: 2}
YAML
wait_for 15 "TCP to find m1 up" up member m1
stop health KILL || :
stop m2 || :
wait_for 15 "nobody to probe" eval "! probing"
up member m2 || fail "without a prober, what was said last counts no more"
start_health
wait_for 20 "m2 to be down for the new prober" down member m2
up member m1 || fail "m1 is down for the new prober"
stop_sluiced
member_server 2
start_sluiced sluice --state "$lab/state"
down member m2 || grep -q "m2: up" "$lab/health.log" || fail "the new daemon has forgotten that m2 is down"
chmod 777 "$lab/sluice.sock"
wait_for 20 "m2 to be up for the new daemon" up member m2
stop health || fail "sluice-health ended with status $?: $(tail -n 30 "$lab/health.log")"
stop_sluiced
