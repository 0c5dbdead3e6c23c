#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The benches' quick form, so that they do not rot: each prints its rows, all of them numbers, and the plots are drawn.
# Their figures mean nothing here, with sanitizers.
. "$(dirname "$0")/lib.sh"

benches=(load commit durable)
[ ! -x "$build/tests/bench/bench_fib" ] || benches+=(fib)
[ ! -x "$root/tests/bench/forward.sh" ] || benches+=(forward)
SLUICE_BUILD=$build "$root/tests/bench/run.sh" "${benches[@]}" --quick --json "$lab/rows.json" >"$lab/bench.out" 2>&1 ||
	fail "tests/bench/run.sh: $(tail -n 40 "$lab/bench.out")"
for bench in "${benches[@]}"; do
	jq -e --arg bench "$bench" '[.[] | select(.bench == $bench)] | length > 0 and
		all((keys == ["bench", "case", "subject", "unit", "value"]) and (.value | type == "number"))' \
		"$lab/rows.json" >/dev/null || fail "rows of $bench: $(cat "$lab/rows.json")"
	echo "$bench: $(jq --arg bench "$bench" '[.[] | select(.bench == $bench)] | length' "$lab/rows.json") rows"
done
if command -v gnuplot >/dev/null; then
	mkdir "$lab/plots"
	"$root/tests/bench/plot.sh" "$lab/rows.json" "$lab/plots" >"$lab/plot.out" 2>&1 || fail "plot.sh: $(cat "$lab/plot.out")"
	for plot in "$lab"/plots/*.svg; do
		grep -q '</svg>' "$plot" || fail "$plot is no picture"
	done
	echo "$(find "$lab/plots" -name '*.svg' | wc -l) plots"
else
	echo "gnuplot is missing: nothing was drawn"
fi
