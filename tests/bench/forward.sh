#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Packets a second: Sluice, the kernel and a bare redirect in one lab, with the full table. JSON rows on stdout, progress
# on stderr; --quick: a look that it works, no measurement; --against: in turns of a second with the release build of
# another commit, whose bench must know --turns: medians, and the median of the turns' ratios.
#   tests/bench/forward.sh [--quick | --against BUILD_DIR]
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
[ -n "${XDP_FORWARD:-}" ] || echo "xdp-forward takes no part: XDP_FORWARD=xdp_forward.bpf.o, built from xdp-tools, lets it" >&2
if [ "${1:-}" != --against ]; then
	"$bench" "$prefix" "$@"
	exit
fi

against=${2:?--against needs a build directory}/tests/bench/bench_forward
turns=$lab/turns count=0
coproc new { "$bench" "$prefix" --turns; }
coproc old { "$against" "$prefix" --turns; } 2>/dev/null
# turn SUBJECT IN OUT: one round of a bench; a status when it has no more.
turn() {
	local line
	echo >&"$2" || return 1
	while read -r line <&"$3" || return 1 && [ -n "$line" ]; do
		jq -r --arg which "$1" '[$which, .case, .subject, .value] | @tsv' <<<"$line" >>"$turns"
	done
}
# A coprocess's own descriptors go with it, before its last rows are read.
# shellcheck disable=SC2154 # bash sets both for a coprocess
exec {old_out}<&"${old[0]}" {old_in}>&"${old[1]}" {new_out}<&"${new[0]}" {new_in}>&"${new[1]}"
trap '' PIPE # from the one that has had its last turn
while turn old "$old_in" "$old_out" 2>/dev/null && turn new "$new_in" "$new_out" 2>/dev/null; do
	echo "turn $((++count))" >&2
done
awk -F '\t' '
	function median(v, count, i, j, x) {
		for (i = 2; i <= count; i++)
			for (j = i; j > 1 && v[j - 1] > v[j]; j--) { x = v[j]; v[j] = v[j - 1]; v[j - 1] = x }
		return count % 2 ? v[(count + 1) / 2] : (v[count / 2] + v[count / 2 + 1]) / 2
	}
	function row(what, value, unit) {
		printf "{\"bench\":\"forward\",\"case\":\"%s, %s\",\"subject\":\"%s\",\"value\":%.4g,\"unit\":\"%s\"}\n",
			name[1], name[2], what, value, unit
	}
	{ key = $2 FS $3; if (!(key in seen)) { seen[key] = 1; keys[++cases] = key }
	  rate[$1, key, ++n[$1, key]] = $4 }
	END {
		for (c = 1; c <= cases; c++) {
			key = keys[c]; split(key, name, FS); count = n["new", key]
			if (count != n["old", key]) continue
			for (i = 1; i <= count; i++) {
				old[i] = rate["old", key, i]; new[i] = rate["new", key, i]; ratio[i] = new[i] / old[i]
			}
			row("old", median(old, count), "packets/s"); row("new", median(new, count), "packets/s")
			row("new / old", median(ratio, count), "packets/s")
		}
	}' "$turns"
