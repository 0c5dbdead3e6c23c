#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Packets a second: Sluice, the kernel and a bare redirect in one lab, with the full table. JSON rows on stdout, progress
# on stderr; --quick: a look that it works, no measurement.
#
#   gen: g0 --- in0 172.16.0.1 : router : out0 10.255.0.1 --- s0 10.255.0.2 : sink
#                                a0 a1 b0 b1 === a0 a1 b0 b1 : stages
. "$(dirname "$0")/../lab/lib.sh"

bench=$build/tests/bench/bench_forward
[ -x "$bench" ] || fail "there is no $bench: build it, or set SLUICE_BUILD"
prefixes=$root/../shared/data/internet-prefixes.txt.gz

add_ns gen router sink stages
add_link gen g0 router in0 1600
add_link router out0 sink s0 1600
for device in a0 a1 b0 b1; do
	add_link router $device stages $device 1600
done
address router in0 172.16.0.1/24
address router out0 10.255.0.1/24
at router sysctl -qw net.ipv4.ip_forward=1
ip -n "$(ns router)" neighbour add 10.255.0.2 lladdr "$(mac sink s0)" dev out0
ip -n "$(ns router)" neighbour add 172.16.0.2 lladdr "$(mac gen g0)" dev in0
ip -n "$(ns router)" link add vx100 address "$(mac router in0)" mtu 1550 type vxlan id 100 local 172.16.0.1 dstport 4789 nolearning
ip -n "$(ns router)" link set vx100 up
at router sysctl -qw net.ipv4.conf.vx100.rp_filter=0 net.ipv4.conf.in0.rp_filter=0
# The sources' network: the kernel wants a way back.
ip -n "$(ns router)" route add 198.18.0.0/24 via 172.16.0.2

if [ "${1:-}" = --quick ]; then
	printf 'route replace %s via 10.255.0.2\n' 0.0.0.0/1 128.0.0.0/1 >"$lab/routes"
elif [ -r "$prefixes" ]; then
	echo "the kernel takes the table, too" >&2
	gzip -dc "$prefixes" | awk '!/:/ { print "route replace", $1, "via 10.255.0.2" }' >"$lab/routes"
else
	echo "no $prefixes: the kernel gets two routes for all, Sluice a generated table" >&2
	printf 'route replace %s via 10.255.0.2\n' 0.0.0.0/1 128.0.0.0/1 >"$lab/routes"
fi
ip -n "$(ns router)" -batch "$lab/routes" || fail "the kernel's table"
if ! command -v xdp-forward >/dev/null; then
	echo "xdp-forward takes no part: it is not installed (xdp-tools has it from version 1.5 on)" >&2
else
	echo "xdp-forward takes no part: it wants a device map of its own over both ports" >&2
fi
"$bench" "$prefix" "$@"
