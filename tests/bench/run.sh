#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures the release build next to its peers, all in the same run.
#   tests/bench/run.sh [cost|fib|forward|commit|durable|rollback|updates|hosts|load|underlay_lost|policy|policy_lookup|connection|limiter|service|service_table|sources|see|flood]... [--json FILE] [--quick] [--against BUILD_DIR]
# Every bench prints a table: a line a case, a column a subject, medians of five or more. --json appends nothing: it
# writes the rows {bench, case, subject, value, unit} of this run as one array. --quick takes seconds and tells only that
# the benches work. --against: "cost" and "forward" take turns with the release build of another commit.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

benches=() json='' quick=() against=()
while [ $# -gt 0 ]; do
	case $1 in
	cost | fib | forward | commit | durable | rollback | updates | hosts | load | underlay_lost | policy | policy_lookup | connection | limiter | service | service_table | sources | see | flood) benches+=("$1") ;;
	--quick) quick=(--quick) ;;
	--json)
		shift
		json=${1:?--json needs a file}
		;;
	--against)
		shift
		against=(--against "$(realpath "${1:?--against needs a build directory}")")
		;;
	*) echo "usage: tests/bench/run.sh [cost|fib|forward|commit|durable|rollback|updates|hosts|load|underlay_lost|policy|policy_lookup|connection|limiter|service|service_table|sources|see|flood]... [--json FILE] [--quick] [--against BUILD_DIR]" >&2 && exit 2 ;;
	esac
	shift
done
[ ${#benches[@]} -gt 0 ] || benches=(cost fib forward commit durable rollback updates hosts load underlay_lost policy policy_lookup connection limiter service service_table sources see flood)
if [ "$(id -u)" != 0 ]; then
	echo "tests/bench/run.sh makes network namespaces and loads XDP programs: run it as root" >&2
	exit 1
fi
export SLUICE_BUILD=${SLUICE_BUILD:-$PWD/build/release} LC_ALL=C

rows=$(mktemp)
failed=0
trap 'rm -f "$rows"' EXIT
trap 'exit 130' INT TERM

# The program or script of a bench; empty: it is not there.
entry() {
	local candidate
	for candidate in "tests/bench/$1.sh" "$SLUICE_BUILD/tests/bench/bench_$1"; do
		[ ! -x "$candidate" ] || { echo "$candidate" && return; }
	done
}

# print BENCH: its rows as a table.
print() {
	jq -r --arg bench "$1" 'select(.bench == $bench) | [.case, .unit, .subject, .value] | @tsv' "$rows" | awk -F '\t' '
		{
			line = $1 ", " $2
			if (!(line in seen)) { seen[line] = 1; lines[++count] = line }
			if (!($3 in at)) { at[$3] = ++subjects; subject[subjects] = $3 }
			cell[line, $3] = $4
			if (length(line) > wide) wide = length(line)
		}
		END {
			printf "%-*s", wide, ""
			for (i = 1; i <= subjects; i++) printf "  %14s", subject[i]
			print ""
			for (l = 1; l <= count; l++) {
				printf "%-*s", wide, lines[l]
				for (i = 1; i <= subjects; i++)
					printf "  %14s", (lines[l], subject[i]) in cell ? cell[lines[l], subject[i]] : "-"
				print ""
			}
		}'
}

[ ${#quick[@]} -gt 0 ] || tests/setup.sh --bench || exit 1
if [ "$SLUICE_BUILD" = "$PWD/build/release" ]; then
	echo "== building build/release"
	{ cmake --preset release && cmake --build --preset release; } >"$rows" 2>&1 || { tail -n 40 "$rows" && exit 1; }
	: >"$rows"
fi
echo "machine: $(nproc) x $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), Linux $(uname -r)," \
	"$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), commit $(git -c safe.directory="$PWD" rev-parse --short HEAD 2>/dev/null || echo unknown)"
for bench in "${benches[@]}"; do
	echo "== $bench"
	program=$(entry "$bench")
	if [ -z "$program" ]; then
		echo "not run: there is no tests/bench/$bench.sh and no bench_$bench in $SLUICE_BUILD"
		failed=1
		continue
	fi
	options=("${quick[@]}")
	case $bench in cost | forward) options+=("${against[@]}") ;; esac
	"$program" "${options[@]}" >>"$rows"
	status=$?
	print "$bench"
	[ $status -eq 0 ] || { echo "FAILED: $program ended with status $status" && failed=1; }
done
if [ -n "$json" ]; then
	jq -s . "$rows" >"$json"
	echo "rows: $json"
fi
exit $failed
