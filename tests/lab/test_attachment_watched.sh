#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is attached to a port is compared with the kernel: a program that somebody takes off is put back; a device that is
# replaced under its name and index, or moved to another namespace and back, is a port again; where it was moved to,
# nothing of the router meets its packets. While the filter of the answers is missing, the kernel answers nothing.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- server 10.9.0.2
. "$(dirname "$0")/lib.sh"

on_port() {
	tc -n "$(ns sluice)" filter show dev cl0 ingress >"$lab/filters"
	grep -q sluice_tc "$lab/filters" && grep -q sluice_answers "$lab/filters"
}

take_off() {
	ip -n "$(ns sluice)" link set dev cl0 xdp off
	tc -n "$(ns sluice)" qdisc del dev cl0 clsact 2>/dev/null || :
}

is_port() { [ "$(state interface cl0 programmed)" = programmed ] && on_port; }
no_port() { [ "$(state interface cl0 programmed)" = not_programmed ]; }
answers() { at client ping -c 1 -W 2 10.9.0.2; }
forwards() {
	local before

	wait_for 10 "the port $1" is_port
	wait_for 10 "the next hops $1" programmed next_hops
	before=$(reason forwarded)
	wait_for 5 "the server $1" answers
	(($(reason forwarded) > before)) || fail "$1: packets are not forwarded by the router"
}

add_ns client sluice server elsewhere
add_client
add_server
start_sluiced sluice
apply <<YAML
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
$(ends_yaml cl0 up0)
YAML
forwards "at the start"

take_off
forwards "after it was taken off"

at sluice sysctl -qw net.ipv4.ip_forward=1
kill -STOP "$(cat "$lab/sluiced.pid")" # before it can mend it
tc -n "$(ns sluice)" filter del dev cl0 ingress pref 82
at client ping -c 1 -W 1 10.1.0.1 && fail "the kernel has answered in the place of the router"
at client ping -c 1 -W 1 -t 1 10.9.0.2 | grep 'Time to live' && fail "the kernel has sent an error"
answers || fail "it does not forward without the filter of the answers"
kill -CONT "$(cat "$lab/sluiced.pid")"
forwards "after the filter of the answers was taken off"
before=$(reason echo_answered)
at client ping -c 1 -W 2 10.1.0.1 || fail "no answer after the filter was taken off"
(($(reason echo_answered) > before)) || fail "the answer was not the router's"

index=$(at sluice cat /sys/class/net/cl0/ifindex)
ip -n "$(ns sluice)" link del cl0
ip link add cl0 index "$index" netns "$(ns sluice)" type veth peer name eth0 netns "$(ns client)"
at sluice ethtool -K cl0 tx off gro on >/dev/null
at client ethtool -K eth0 tx off gro on >/dev/null
ip -n "$(ns sluice)" link set cl0 up
ip -n "$(ns client)" link set eth0 up
address client eth0 10.1.0.2/24
address sluice cl0 10.1.0.1/24
ip -n "$(ns client)" route add default via 10.1.0.1
forwards "with another device"

ip -n "$(ns sluice)" link set cl0 netns "$(ns elsewhere)"
wait_for 10 "the port that is elsewhere" no_port
state interface cl0 reason | grep -q "does not exist" || fail "cl0 says: $(state interface cl0 reason)"
ip -n "$(ns elsewhere)" link set cl0 up
address elsewhere cl0 10.1.0.1/24
wait_for 5 "an answer from elsewhere" at client ping -c 1 -W 1 10.1.0.1

ip -n "$(ns elsewhere)" link set cl0 netns "$(ns sluice)"
ip -n "$(ns sluice)" link set cl0 up
address sluice cl0 10.1.0.1/24
forwards "with the device back"
stop_sluiced
