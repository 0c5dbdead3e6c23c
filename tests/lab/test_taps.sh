#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tap flows, as who analyses them sees them: copies by a port, in VXLAN and in ERSPAN.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- server 10.9.0.2
#                                    sluice tap0 ---------- port0 probe
#                                    sluice mon0 10.7.0.1 - mon0 10.7.0.2 probe
. "$(dirname "$0")/lib.sh"

add_ns client sluice server probe
add_client
add_server
add_link sluice tap0 probe port0
add_link sluice mon0 probe mon0 1600
address sluice mon0 10.7.0.1/24
address probe mon0 10.7.0.2/24
start_sluiced sluice

apply <<'YAML'
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}, {name: tap0, vrf: x}]
tap_service:
  - {name: port, interface: tap0}
  - {name: vxlan, vxlan: {remote: 10.7.0.2, vni: 77}}
  - {name: erspan, erspan: {remote: 10.7.0.2, session_id: 5}}
tap_flow:
  - {name: came, tap_service: port, interface: cl0, direction: in, filter: {protocol: 1}}
  - {name: left, tap_service: vxlan, interface: up0, direction: out, snap_length: 64, filter: {protocol: 1}}
  - {name: both, tap_service: erspan, vrf: x, filter: {destination: 10.9.0.0/24, protocol: 1}}
YAML
# The first session has the observer load the twins of the packet programs, which takes a second, or more where others
# want the processors.
wait_for 60 "the tap services" programmed tap_services
wait_for 60 "the tap flows" programmed tap_flows
ctl show tap_flows >"$lab/show" || fail "show tap_flows"

at client ping -c 1 -W 3 -q 10.9.0.2 >/dev/null || fail "no answer" # neighbours are known from now on
spawn port probe tshark -Q -l -n -i port0 -T fields -e ip.src -e ip.dst -e ip.ttl -e icmp.type -f icmp
# VNI, session, version, sequence number; then the addresses and TTLs of the outer and the inner header.
spawn mon probe tshark -Q -l -n -i mon0 -T fields -e vxlan.vni -e erspan.spanid -e erspan.version \
	-e gre.sequence_number -e ip.dst -e ip.ttl -f 'udp port 4789 or proto gre'
packets() { state tap_flow "$1" tap_flow_status.packets; }
copied() { # pings until tshark is there and has copies of all three
	at client ping -c 1 -W 3 -q -s 200 10.9.0.2 >/dev/null
	grep -q 10.9.0.2 "$lab/port.log" && [ "$(grep -c ^77 "$lab/mon.log")" -ge 2 ] &&
		[ "$(cut -f 2 "$lab/mon.log" | grep -c '^5$')" -ge 4 ]
}
seen() { cat "$lab/port.log" "$lab/mon.log"; }
deadline=$((SECONDS + 60))
until copied; do ((SECONDS < deadline)) || fail "copies: $(seen)"; done

grep -qx $'10.1.0.2\t10.9.0.2\t64\t8' "$lab/port.log" || fail "no copy of what came, by the port: $(seen)"
! grep -q $'^10.9.0.2' "$lab/port.log" || fail "the other direction is copied, too: $(seen)"
# What left, in VXLAN: one hop later. What came and what left, in ERSPAN II, in sequence.
grep -q $'^77\t\t\t\t10.7.0.2,10.9.0.2\t64,63$' "$lab/mon.log" || fail "no copy of what left, in VXLAN: $(seen)"
for ttl in 64 63; do
	grep -q $'^\t5\t1\t[0-9]*\t10.7.0.2,10.9.0.2\t[0-9]*,'$ttl'$' "$lab/mon.log" ||
		fail "no copy with TTL $ttl, in ERSPAN II: $(seen)"
done
cut -s -f 4 "$lab/mon.log" | awk 'NF { if (seen && $1 != last + 1) exit 1; last = $1; seen = 1 }' ||
	fail "the sequence numbers have gaps: $(seen)"
equal "$(packets both)" "$(($(packets came) * 2))" "copies of both frames of each packet"
equal "$(packets left)" "$(packets came)" "copies of what left"
equal "$(state tap_flow left tap_flow_status.bytes)" "$(($(packets left) * 64))" "bytes of copies that are cut"

# Copies that come back by the tap's port are not copied; what comes there from somebody else is not either.
before=$(packets both)
ip -n "$(ns probe)" address add 10.1.0.9/24 dev port0
ip -n "$(ns probe)" route add 10.9.0.0/24 dev port0
ip -n "$(ns probe)" neighbour add 10.9.0.2 lladdr "$(mac sluice tap0)" dev port0 nud permanent
at probe ping -c 3 -i 0.2 -W 1 -q 10.9.0.2 >/dev/null || :
equal "$(packets both)" "$before" "copies of what came by the tap's own port"

apply <<'YAML'
tap_flow: [{name: came, tap_service: port, interface: cl0, direction: in, one_in: 10, filter: {protocol: 1}}]
YAML
wait_for 60 "the tap flow" programmed tap_flows
before=$(packets came)
at client ping -c 40 -i 0.01 -W 3 -q 10.9.0.2 >/dev/null
some() { [ $(($(packets came) - before)) -eq 4 ]; }
wait_for 5 "one of ten" some

ip -n "$(ns sluice)" link delete tap0
gone() { [[ $(state tap_service port reason) == *"device does not exist"* ]]; }
wait_for 10 "a service without its device" gone
stop_sluiced
