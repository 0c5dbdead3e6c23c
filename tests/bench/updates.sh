#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A feed of 23,446 route updates on top of the whole table, each a commit of its own with a revision and an answer: by
# WriteStream, by a call each, and into the kernel by ip -batch. In turns; the second half of each turn takes all of it
# back, so that all start from the same table. The feed is ../shared/data/bgp-updates.txt.gz, lines "A PREFIX" and
# "W PREFIX" in their order; where it is absent it is GENERATED from the table: few prefixes flap often, most seldom.
. "$(dirname "$0")/lib.sh"

count=23446
[ -z "$quick" ] || count=1000
table "$lab/table"
real=$root/../shared/data/bgp-updates.txt.gz
if [ -r "$real" ]; then
	gzip -dc "$real" | head -n "$count" >"$lab/feed"
	say "feed: the real one, $(wc -l <"$lab/feed") updates"
else
	awk -v count="$count" '
		BEGIN { srand(14) }
		{ prefix[NR - 1] = $1 }
		END {
			for (i = 0; i < count; i++) {
				at = prefix[int(NR * rand() ^ 4)]
				print (rand() < 0.2 ? "W " : "A ") at
			}
		}' "$lab/table" >"$lab/feed"
	say "feed: GENERATED from the table ($real is absent), $count updates"
fi

# Each update changes something: a prefix that is there moves between two next hops or goes, and one that is gone comes.
awk '
	NR == FNR { via[$1] = 1; next }
	{
		now = $2 in via ? via[$2] : 0
		next_one = $1 == "W" && now ? 0 : now == 1 ? 2 : 1
		via[$2] = next_one
		print next_one ? "A " $2 " via-" next_one : "W " $2
	}' "$lab/table" "$lab/feed" >"$lab/updates"
# Back: each touched prefix as it was, in as many steps.
awk '
	NR == FNR { via[$1] = 1; old[++n] = $1; next }
	{ touched[$2] = 1; last[$2] = $1 == "W" ? 0 : $3 == "via-1" ? 1 : 2 }
	END { for (i = 1; i <= n; i++) if (old[i] in touched && last[old[i]] != 1) print "A " old[i] " via-1" }' \
	"$lab/table" "$lab/updates" >"$lab/back"
awk '
	function via(p, n) { return " via " (p ~ /:/ ? "fd00::" n + 1 : "10.0.0." n + 1) " dev k0" }
	$1 == "W" { print "route del " $2; next }
	{ print "route replace " $2 via($2, substr($3, 5)) }' "$lab/updates" >"$lab/updates.ip"
awk '{ print "route replace " $2 " via " ($2 ~ /:/ ? "fd00::2" : "10.0.0.2") " dev k0" }' "$lab/back" >"$lab/back.ip"
awk '{ print "route add " $1 " via " ($1 ~ /:/ ? "fd00::2" : "10.0.0.2") " dev k0" }' "$lab/table" >"$lab/table.ip"

router internet
apply <<-END
	next_hop: [{name: via-1, discard: {}}, {name: via-2, discard: {}}]
	next_hop_group:
	  - {name: via-1, members: [{next_hop: via-1}]}
	  - {name: via-2, members: [{next_hop: via-2}]}
END
ctl load "$lab/table" --owner bench --vrf internet --next-hop-group via-1 >"$lab/load.out" 2>&1 || fail "load: $(cat "$lab/load.out")"
say "$(tail -n 1 "$lab/load.out")"
add_ns kernel
at kernel sysctl -qw net.ipv6.route.max_size=4194304
ip -n "$(ns kernel)" link add k0 type veth peer name k1
ip -n "$(ns kernel)" link set k0 up
ip -n "$(ns kernel)" link set k1 up
address kernel k0 10.0.0.1/24
address kernel k0 fd00::1/64 nodad
at kernel timeout 900 ip -batch "$lab/table.ip" 2>"$lab/ip.out" || fail "ip -batch: $(tail -n 3 "$lab/ip.out")"

now() { date +%s.%N; }
rate() { awk -v n="$1" -v from="$2" -v to="$3" 'BEGIN { printf "{\"rate\": %.0f, \"seconds\": %.4f}\n", n / (to - from), to - from }'; }

# feed NAME FILE stream|call [MESSAGE [WINDOW]]: one measurement into $lab/NAME; the name - is not one.
feed() {
	local name=$1 file=$2
	shift 2
	"$build/tests/bench/bench_updates" "unix:$lab/sluice.sock" "$lab/$file" "$@" >"$lab/out" || fail "bench_updates $*"
	[ "$name" != - ] || return 0
	cat "$lab/out" >>"$lab/$name"
	say "$name: $(cat "$lab/out")"
}

kernel() {
	local before
	before=$(now)
	at kernel timeout 300 ip -batch "$lab/updates.ip" 2>"$lab/ip.out" || fail "ip -batch: $(tail -n 3 "$lab/ip.out")"
	rate "$count" "$before" "$(now)" >>"$lab/kernel"
	say "ip -batch: $(tail -n 1 "$lab/kernel")"
	at kernel timeout 300 ip -batch "$lab/back.ip" 2>"$lab/ip.out" || fail "ip -batch: $(tail -n 3 "$lab/ip.out")"
}

back() { [ ! -s "$lab/back" ] || feed - back stream; }

for ((round = 1; round <= rounds; round++)); do
	kernel
	feed stream updates stream
	back
	feed single updates stream 1
	back
	feed call updates call
	back
done

ratio() { paste <(jq .rate "$lab/$1") <(jq .rate "$lab/kernel") | awk '{ printf "%.2f\n", $1 / $2 }' | median; }
row updates "$count updates" 'ip -batch' "$(jq .rate "$lab/kernel" | median)" updates/s
row updates 'WriteStream, 64 commits in a message' sluice "$(jq .rate "$lab/stream" | median)" commits/s
row updates 'of the rate of ip -batch' sluice "$(ratio stream)" x
row updates 'WriteStream, one commit in a message' sluice "$(jq .rate "$lab/single" | median)" commits/s
row updates 'one in a message, of the rate of ip -batch' sluice "$(ratio single)" x
row updates 'ApplyChanges, one after the other' sluice "$(jq .rate "$lab/call" | median)" commits/s
row updates 'one after the other, of the rate of ip -batch' sluice "$(ratio call)" x
