#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The whole table into Sluice, by gRPC, until the last route is PROGRAMMED; and into the kernel, by ip -batch. In turns,
# each in a namespace of its own that is new each time.
. "$(dirname "$0")/lib.sh"

table "$lab/table"
awk '{ print "route add " $1 " via " ($1 ~ /:/ ? "fd00::2" : "10.0.0.2") " dev k0" }' "$lab/table" >"$lab/batch"
routes=$(wc -l <"$lab/table")

# What a router that is not made for the whole table takes, with ten routes.
measure_small() {
	router small
	apply <<<"$(awk 'BEGIN { print "route:"; for (i = 0; i < 10; i++) printf "  - {vrf: internet, prefix: 10.%d.0.0/16, next_hop_group: transit}\n", i }')"
	memory VmRSS >"$lab/small"
	stop_sluiced
	ip netns delete "$(ns router)"
}

now() { date +%s.%N; }
seconds() { awk -v from="$1" -v to="$2" 'BEGIN { printf "%.3f\n", to - from }'; }

load_sluice() {
	local before after
	router internet
	memory VmRSS >>"$lab/idle"
	before=$(now)
	ctl load "$lab/table" --vrf internet --next-hop-group transit >"$lab/load.out" 2>&1 ||
		fail "load: $(cat "$lab/load.out")"
	after=$(now)
	seconds "$before" "$after" >>"$lab/sluice"
	sed -n 's/.* changes staged in \([0-9.]*\) s.*/\1/p' "$lab/load.out" >>"$lab/staged"
	sed -n 's/^committed in \([0-9.]*\) s.*/\1/p' "$lab/load.out" >>"$lab/committed"
	grep -q " $routes created" "$lab/load.out" || fail "not all of $routes routes: $(cat "$lab/load.out")"
	memory VmHWM >>"$lab/peak"
	# The other bank has it too once the next commit is through.
	apply <<<'vrf: [{name: after}]'
	memory VmRSS >>"$lab/resident"
	stop_sluiced
	ip netns delete "$(ns router)"
}

load_kernel() {
	local before
	add_ns kernel
	at kernel sysctl -qw net.ipv6.route.max_size=4194304
	ip -n "$(ns kernel)" link add k0 type veth peer name k1
	ip -n "$(ns kernel)" link set k0 up
	ip -n "$(ns kernel)" link set k1 up
	address kernel k0 10.0.0.1/24
	address kernel k0 fd00::1/64 nodad
	before=$(now)
	at kernel timeout 120 ip -batch "$lab/batch" 2>"$lab/ip.out" || fail "ip -batch: $(tail -n 3 "$lab/ip.out")"
	seconds "$before" "$(now)" >>"$lab/kernel"
	ip netns delete "$(ns kernel)"
}

measure_small
for ((round = 1; round <= rounds; round++)); do
	load_sluice
	load_kernel
	say "round $round of $rounds: sluice $(tail -n 1 "$lab/sluice") s, ip -batch $(tail -n 1 "$lab/kernel") s"
done

row load "$routes routes until programmed" sluice "$(median <"$lab/sluice")" s
row load "$routes routes until programmed" 'ip -batch' "$(median <"$lab/kernel")" s
row load 'of it staged' sluice "$(median <"$lab/staged")" s
row load 'of it committed' sluice "$(median <"$lab/committed")" s
row load 'times as fast as ip -batch' sluice \
	"$(awk -v a="$(median <"$lab/sluice")" -v b="$(median <"$lab/kernel")" 'BEGIN { printf "%.2f", b / a }')" x
row load 'resident, 10 routes, limits small' sluice "$(median <"$lab/small")" MiB
row load 'resident, empty, limits internet' sluice "$(median <"$lab/idle")" MiB
row load 'resident, loaded' sluice "$(median <"$lab/resident")" MiB
row load 'resident, at most' sluice "$(largest <"$lab/peak")" MiB
