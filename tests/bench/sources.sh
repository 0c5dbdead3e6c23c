#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The Internet's IPv4 table by BGP from BIRD through FRR into the kernel, and from there into Sluice: when the last route
# is there, how long a resync takes beside a bare dump, memory beside zebra's; and a burst of changes with a receive
# buffer that has no room for it. JSON rows on stdout.
#
#   feed (BIRD, AS 65002) 10.8.1.2 --- up1 10.8.1.1 router (FRR, sluiced)
. "$(dirname "$0")/lib.sh"
. "$root/tests/lab/routing.sh"
export router_ns=router # routing.sh's
netlink=$root/tests/bench/sources_netlink.py

table "$lab/table"
tr -d '\r' <"$lab/table" | grep -v : >"$lab/prefixes"
routes=$(wc -l <"$lab/prefixes")
{
	cat <<-BIRD
		router id 10.8.1.2;
		protocol device {}
		protocol bgp to_router {
			local 10.8.1.2 as 65002;
			neighbor 10.8.1.1 as 65001;
			ipv4 { import none; export all; next hop self; };
		}
		protocol static {
			ipv4;
	BIRD
	sed 's/.*/\troute & unreachable;/' "$lab/prefixes"
	echo "}"
} >"$lab/bird.conf"
cat >"$lab/frr.conf" <<-FRR
	router bgp 65001
	 bgp router-id 10.8.1.1
	 no bgp ebgp-requires-policy
	 neighbor 10.8.1.2 remote-as 65002
	 neighbor 10.8.1.2 timers connect 1
FRR

now() { date +%s.%N; }
since() { awk -v from="$1" -v to="${2:-$(now)}" 'BEGIN { printf "%.3f\n", to - from }'; }
over() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f\n", a / b }'; }
rss() { awk '/^VmRSS/ { printf "%.1f\n", $2 / 1024 }' "/proc/$(cat "$lab/$1.pid")/status"; }
# field NAME: of the source's status.
field() { show_json route_sources ".states[0].route_source_status.$1"; }
# has ROUTES [RESYNCS]: Sluice has so many, and follows.
has() { source_is bgp following ".routes == $1 and .resyncs >= ${2:-0}"; }
# until_has SECONDS ROUTES [RESYNCS]
until_has() {
	local deadline=$((SECONDS + $1))
	until has "${@:2}" >/dev/null; do
		((SECONDS < deadline)) || fail "waited in vain for $2 routes: $(show_json route_sources .states[0].route_source_status)"
		sleep 0.05
	done
}

begin_sluice() {
	start_sluiced router --limits=internet
	apply <<-YAML
		vrf: {name: internet, kernel: true}
		interface: {name: up1, vrf: internet}
	YAML
}
follow() { apply <<<"route_source: {name: bgp, vrf: internet, table: 254, protocols: [{protocol: 186}], allow_bogons: true}"; }

# network: new namespaces; FRR waits for its neighbour.
network() {
	add_ns feed router
	add_link feed up0 router up1
	address feed up0 10.8.1.2/24
	address router up1 10.8.1.1/24
	add_link feed spare0 router spare1
	address feed spare0 10.8.9.2/24
	address router spare1 10.8.9.1/24
}
no_network() {
	local name
	for name in feed router; do ip netns delete "$(ns $name)"; done
}
begin_frr() { start_frr router "$lab/frr.conf" zebra bgpd; }
end_daemons() {
	local name
	# zebra first: it would delete what the others take back.
	for name in zebra-router bgpd-router bird-feed; do stop "$name" KILL || :; done
}
end_all() {
	end_daemons
	stop_sluiced
	no_network
}
begin_watch() {
	rm -f "$lab/watch.log"
	spawn watch router "$netlink" watch
	wait_for 10 "the watch" grep -q watching "$lab/watch.log"
}
# end_watch: when the last change was, in $last.
end_watch() {
	stop watch || fail "the watch: $(cat "$lab/watch.log")"
	read -r _ last overruns < <(tail -n 1 "$lab/watch.log" | jq -r '"\(.count) \(.last) \(.overruns)"')
	equal "$overruns" 0 "overruns of the watch"
}
# in_kernel: routes of BGP; trie statistics are cheap, and count ten others.
# shellcheck disable=SC2016 # awk's
in_kernel() { [ "$(at router awk '/Prefixes:/ { n += $2 } END { print n + 0 }' /proc/net/fib_triestat)" -ge "$routes" ]; }

# feed_kernel: the whole table by BGP into the kernel, with nobody who listens but the watch.
feed_kernel() {
	local begin
	network
	begin_watch
	begin_frr
	begin=$(now)
	start_bird feed "$lab/bird.conf"
	wait_for 900 "the kernel's table" in_kernel
	sleep 0.5
	end_watch
	since "$begin" "$last" >>"$lab/alone"
	end_daemons
	no_network
}

# feed_sluice: with Sluice; all of it stays.
feed_sluice() {
	local begin small
	network
	begin_sluice
	follow
	until_has 20 0
	small=$(memory VmRSS)
	begin_watch
	begin_frr
	begin=$(now)
	start_bird feed "$lab/bird.conf"
	until_has 900 "$routes"
	since "$begin" >>"$lab/visible"
	sleep 0.5
	end_watch
	since "$begin" "$last" >>"$lab/beside"
	over "$(tail -n 1 "$lab/visible")" "$(tail -n 1 "$lab/beside")" >>"$lab/ratio"
	rss zebra-router >>"$lab/zebra"
	memory VmRSS >>"$lab/sluiced"
	awk -v a="$(memory VmRSS)" -v b="$small" 'BEGIN { print a - b }' >>"$lab/growth"
	over "$(tail -n 1 "$lab/growth")" "$(tail -n 1 "$lab/zebra")" >>"$lab/share"
	field lag_most_us >>"$lab/lag"
}

# A link that goes down has its tables read again; in turns with a bare dump.
resync() {
	local begin count
	ip -n "$(ns router)" route add 10.255.255.0/24 via 10.8.9.2 proto 186
	until_has 20 $((routes + 1))
	count=$(field resyncs)
	begin=$(now)
	ip -n "$(ns router)" link set spare1 down
	until_has 60 "$routes" $((count + 1))
	since "$begin" >>"$lab/resync"
	ip -n "$(ns router)" link set spare1 up
	at router "$netlink" dump | jq .seconds >>"$lab/dump"
	over "$(tail -n 1 "$lab/resync")" "$(tail -n 1 "$lab/dump")" >>"$lab/resync-ratio"
}

# burst COUNT: changes in random order, as lines for ip -batch; about a quarter of them makes no difference in the end.
burst() {
	shuf -n $(($1 * 3 / 4)) --random-source="$lab/prefixes" "$lab/prefixes" | awk -v count="$1" '
		BEGIN { srand(15) }
		{ prefix[NR - 1] = $1 }
		END {
			for (i = 0; i < count; i++) {
				at = int(NR * rand())
				if (gone[at] || rand() < 0.6) {
					gone[at] = 0
					print "route replace " prefix[at] " via 10.8.1." 3 + int(5 * rand()) " dev up1 proto 186 metric 20"
				} else {
					gone[at] = 1
					print "route delete " prefix[at] " proto 186 metric 20"
				}
			}
		}'
}

# With a receive buffer of 4 KiB in the place of what the daemon asks for.
small_buffer() {
	local count begin
	gcc -shared -fPIC -O2 -o "$lab/small_buffer.so" "$root/tests/bench/sources_small_buffer.c"
	end_daemons
	stop_sluiced
	LD_PRELOAD=$lab/small_buffer.so begin_sluice
	follow
	until_has 60 "$routes"
	count=$(field resyncs)
	burst 10000 >"$lab/batch"
	begin=$(now)
	at router ip -batch "$lab/batch" 2>"$lab/ip.out" || fail "ip -batch: $(tail -n 3 "$lab/ip.out")"
	say "10000 changes took ip -batch $(since "$begin") s"
	become_equal 254 bgp >&2
	say "$(field resyncs) resyncs, $count before: $(field last_resync)"
	[ "$(field resyncs)" -gt "$count" ] || fail "the buffer did not overrun"
	row sources "burst of 10000, 4 KiB buffer, resyncs" sluice $(($(field resyncs) - count)) resyncs
	row sources "burst of 10000, 4 KiB buffer, routes that differ" sluice 0 routes
}

[ -n "$quick" ] || rounds=${SLUICE_ROUNDS:-3} # a round takes two minutes
for ((round = 1; round <= rounds; round++)); do
	[ $round = 1 ] || end_all
	feed_kernel
	feed_sluice
	say "round $round of $rounds: kernel alone $(tail -n 1 "$lab/alone") s, beside Sluice $(tail -n 1 "$lab/beside") s," \
		"Sluice $(tail -n 1 "$lab/visible") s; zebra $(tail -n 1 "$lab/zebra") MiB, sluiced +$(tail -n 1 "$lab/growth") MiB"
done
for ((round = 1; round <= rounds; round++)); do
	resync
	say "resync $(tail -n 1 "$lab/resync") s, dump $(tail -n 1 "$lab/dump") s"
done
small_buffer

row sources "$routes routes by BGP, last one there" kernel "$(median <"$lab/beside")" s
row sources "$routes routes by BGP, last one there" sluice "$(median <"$lab/visible")" s
row sources "$routes routes by BGP, last one there" 'kernel alone' "$(median <"$lab/alone")" s
row sources "last one there, sluice over kernel" sluice "$(median <"$lab/ratio")" x
row sources "longest lag of a batch" sluice "$(awk '{ print $1 / 1000 }' "$lab/lag" | median)" ms
row sources "whole table read again" sluice "$(median <"$lab/resync")" s
row sources "whole table read again" 'bare dump' "$(median <"$lab/dump")" s
row sources "whole table read again, over a bare dump" sluice "$(median <"$lab/resync-ratio")" x
row sources "memory, growth" sluice "$(median <"$lab/growth")" MiB
row sources "memory, resident" sluice "$(median <"$lab/sluiced")" MiB
row sources "memory, resident" zebra "$(median <"$lab/zebra")" MiB
row sources "memory, growth over zebra's" sluice "$(median <"$lab/share")" x
