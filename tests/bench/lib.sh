# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the benches share: the release build, the table of prefixes, and rows of results. Rows are JSON lines on stdout;
# whatever is for people goes to stderr.
export SLUICE_BUILD=${SLUICE_BUILD:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/release}
. "$(dirname "${BASH_SOURCE[0]}")/../lab/lib.sh"

rounds=5 quick=
for argument in "$@"; do
	# shellcheck disable=SC2034 # rounds is used by the scripts that source this file
	case $argument in
	--quick) quick=1 rounds=1 ;;
	*) echo "usage: $0 [--quick]" >&2 && exit 2 ;;
	esac
done

say() { echo "$*" >&2; }

# row BENCH CASE SUBJECT VALUE UNIT
row() { printf '{"bench":"%s","case":"%s","subject":"%s","value":%s,"unit":"%s"}\n' "$@"; }

# median, smallest, largest: of the numbers on standard input.
median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
smallest() { sort -g | head -n 1; }
largest() { sort -g | tail -n 1; }

# table FILE: the Internet's prefixes, one a line; with --quick every hundredth.
table() {
	local real=$root/../shared/data/internet-prefixes.txt.gz every=1
	[ -z "$quick" ] || every=100
	if [ -r "$real" ]; then
		gzip -dc "$real" | awk -v n="$every" 'NR % n == 0' >"$1"
		say "table: the real one, $(wc -l <"$1") prefixes"
	else
		"$build/tests/bench/bench_table" | grep -v "^#" | awk -v n="$every" "NR % n == 0" >"$1"
		say "table: GENERATED with the real one's lengths ($real is absent), $(wc -l <"$1") prefixes"
	fi
}

# router PROFILE: a namespace with sluiced in it, its limits the profile's, and what the table's routes lead to.
router() {
	add_ns router
	start_sluiced router "--limits=$1"
	apply <<-END
		vrf: [{name: internet}]
		next_hop: [{name: transit, discard: {}}]
		next_hop_group: [{name: transit, members: [{next_hop: transit}]}]
	END
}

# between NAME: a namespace between two, gen-NAME and sink-NAME, with a host in each; only their devices take part:
#   g0 --- in0 10.0.0.1 : NAME : out0 10.255.0.1 --- s0
between() {
	local name=$1
	add_ns "$name" "gen-$name" "sink-$name"
	add_link "gen-$name" g0 "$name" in0
	add_link "$name" out0 "sink-$name" s0
	at "$name" ethtool -K in0 gro on >/dev/null
	at "$name" ethtool -K out0 gro on >/dev/null
	address "$name" in0 10.0.0.1/24
	address "$name" out0 10.255.0.1/24
	ip -n "$(ns "$name")" neighbour add 10.0.0.2 lladdr "$(mac "gen-$name" g0)" dev in0
	ip -n "$(ns "$name")" neighbour add 10.255.0.2 lladdr "$(mac "sink-$name" s0)" dev out0
}

# memory FIELD: of sluiced, in MiB: VmRSS, VmHWM, RssAnon, RssFile.
memory() { awk -v field="$1:" '$1 == field { printf "%.1f\n", $2 / 1024 }' "/proc/$(cat "$lab/sluiced.pid")/status"; }
